//! What a caller may use up, and the account of what it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Error, Result};

/// How much one [`Engine`](crate::Engine) lends to its callers.
///
/// A request over a limit is [`Error::Overflow`], before anything is allocated or computed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes held at any one time for keys, option values, buffered associated data, salts and passwords together.
    /// Default: 64 MiB.
    ///
    /// A buffer that grows is there twice for a moment.
    pub buffered_bytes: u64,
    /// Bytes of buffered input that one operation may process again, counted as often as it does: HKDF-Expand hashes the
    /// info for every block of its output, PBKDF2 the salt. Default: 256 MiB, a fraction of a second.
    pub repeated_bytes: u64,
    /// Bytes that one `squeeze` may ask for. Default: 16 MiB.
    pub squeeze_bytes: u64,
    /// Bytes of memory that one password hash may fill. Default: 1025 MiB, so that scrypt may fill 1 GiB and has room for its
    /// blocks beside that.
    pub password_memory: u64,
    /// Bytes of memory, and 128 KiB more where there are several lanes, times passes, of one Argon2: what it costs to bring
    /// the lanes together is counted too. Default: 8200 MiB, a few seconds of work.
    ///
    /// This bounds time: nothing can interrupt a password hash.
    pub password_work: u64,
    /// N · r · p of one scrypt. Default: 2^23, eight times the default costs, a few seconds of work.
    pub scrypt_work: u64,
    /// Iterations of one PBKDF2, over all blocks of its output. Default: 10 000 000, a few seconds of work.
    pub pbkdf2_iterations: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            buffered_bytes: 64 << 20,
            repeated_bytes: 256 << 20,
            squeeze_bytes: 16 << 20,
            password_memory: 1025 << 20,
            password_work: 8200 << 20,
            scrypt_work: 1 << 23,
            pbkdf2_iterations: 10_000_000,
        }
    }
}

/// Counts the bytes lent out, up to a limit.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Account>);

#[derive(Debug)]
struct Account {
    limit: u64,
    used: AtomicU64,
}

impl Budget {
    pub(crate) fn new(limit: u64) -> Self {
        Self(Arc::new(Account {
            limit,
            used: AtomicU64::new(0),
        }))
    }

    pub(crate) fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    pub(crate) fn reserve(&self) -> Reservation {
        Reservation {
            budget: self.clone(),
            amount: 0,
        }
    }
}

/// A share of a budget; given back on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Budget,
    amount: u64,
}

impl Reservation {
    /// Changes the share to `amount` bytes.
    pub(crate) fn resize(&mut self, amount: u64) -> Result<()> {
        let account = &self.budget.0;
        if amount > self.amount {
            let more = amount - self.amount;
            account
                .used
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                    used.checked_add(more).filter(|&sum| sum <= account.limit)
                })
                .map_err(|_| Error::Overflow)?;
        } else {
            account
                .used
                .fetch_sub(self.amount - amount, Ordering::Relaxed);
        }
        self.amount = amount;
        Ok(())
    }

    /// Another, empty share of the same budget.
    pub(crate) fn sibling(&self) -> Reservation {
        self.budget.reserve()
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.0.used.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_add_up_to_the_limit_and_are_given_back() {
        let budget = Budget::new(100);
        let mut first = budget.reserve();
        let mut second = budget.reserve();
        first.resize(60).unwrap();
        assert_eq!(second.resize(41), Err(Error::Overflow));
        second.resize(40).unwrap();
        assert_eq!(first.resize(u64::MAX), Err(Error::Overflow));
        first.resize(10).unwrap();
        assert_eq!(budget.used(), 50);
        drop(first);
        drop(second);
        assert_eq!(budget.used(), 0);
    }
}
