//! Bytes that are counted, never left behind when they move, and wiped on drop.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::limits::Reservation;
use crate::{Error, Result};

/// A growing buffer of secret bytes, charged to a budget by its capacity.
pub(crate) struct SecretBuffer {
    bytes: SecretBytes,
    reservation: Reservation,
}

/// Bytes that are wiped on drop: what is squeezed, decrypted or exported.
///
/// They are wiped in bulk, where [`Zeroizing`](zeroize::Zeroizing) stores them one by one. Bytes that outgrow their room are
/// not wiped where they were.
#[derive(Clone, Default)]
pub struct SecretBytes(Vec<u8>);

impl Drop for SecretBytes {
    fn drop(&mut self) {
        // What was never filled lies nowhere.
        if self.0.capacity() > 0 {
            self.0.resize(self.0.capacity(), 0);
            self.0.fill(0);
            zeroize::optimization_barrier(self.0.as_slice());
        }
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl std::ops::Deref for SecretBytes {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl std::ops::DerefMut for SecretBytes {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl AsRef<[u8]> for SecretBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Compares in time that depends on the lengths alone.
impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.0.as_slice().ct_eq(other.0.as_slice()))
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes)", self.0.len())
    }
}

impl SecretBuffer {
    pub(crate) fn empty(reservation: Reservation) -> Self {
        Self {
            bytes: SecretBytes::default(),
            reservation,
        }
    }

    pub(crate) fn copy_of(bytes: &[u8], reservation: Reservation) -> Result<Self> {
        let mut buffer = Self::empty(reservation);
        buffer.append(bytes)?;
        Ok(buffer)
    }

    /// A buffer of `len` bytes that `fill` has filled, which is not called unless there is room.
    pub(crate) fn filled(
        len: usize,
        mut reservation: Reservation,
        fill: impl FnOnce(&mut [u8]) -> Result<()>,
    ) -> Result<Self> {
        reservation.resize(len as u64)?;
        let mut bytes = zeroed(len)?;
        fill(&mut bytes.0)?;
        Ok(Self { bytes, reservation })
    }

    /// Appends `more`; on an error the buffer is as it was.
    pub(crate) fn append(&mut self, more: &[u8]) -> Result<()> {
        let needed = self
            .bytes
            .0
            .len()
            .checked_add(more.len())
            .ok_or(Error::Overflow)?;
        if needed > self.bytes.0.capacity() {
            self.move_to_capacity(needed)?;
        }
        self.bytes.0.extend_from_slice(more);
        Ok(())
    }

    // Vec would grow by itself, but leave the old allocation unwiped.
    fn move_to_capacity(&mut self, needed: usize) -> Result<()> {
        // The first allocation is exact; later ones double, so that appending stays linear. When the budget is too small
        // for the doubled size, the exact one will do.
        let held = self.bytes.0.capacity();
        let generous = if held == 0 {
            needed
        } else {
            needed.max(held.saturating_mul(2))
        };
        let capacity = match self.reservation.resize(generous as u64) {
            Ok(()) => generous,
            Err(_) => {
                self.reservation.resize(needed as u64)?;
                needed
            }
        };
        let mut moved = SecretBytes::default();
        if moved.0.try_reserve_exact(capacity).is_err() {
            // Shrinking a reservation cannot fail.
            let _ = self.reservation.resize(held as u64);
            return Err(Error::Overflow);
        }
        moved.0.extend_from_slice(&self.bytes.0);
        // The old allocation is wiped as it drops.
        self.bytes = moved;
        Ok(())
    }

    pub(crate) fn try_clone(&self) -> Result<Self> {
        Self::copy_of(self, self.reservation.sibling())
    }
}

impl std::ops::Deref for SecretBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes.0
    }
}

impl fmt::Debug for SecretBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBuffer({} bytes)", self.len())
    }
}

/// Allocates `len` zero bytes that are wiped on drop, or says [`Error::Overflow`] when there is no memory.
pub(crate) fn zeroed(len: usize) -> Result<SecretBytes> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| Error::Overflow)?;
    bytes.resize(len, 0);
    Ok(SecretBytes(bytes))
}

/// A copy of `bytes` that is wiped on drop, or [`Error::Overflow`] when there is no memory.
pub(crate) fn copy_of(bytes: &[u8]) -> Result<SecretBytes> {
    let mut copy = zeroed(bytes.len())?;
    copy.copy_from_slice(bytes);
    Ok(copy)
}

/// Wipes `value`, a state of a crate that does not wipe its own, by putting `blank` in its place.
pub(crate) fn overwrite<T>(value: &mut T, blank: T) {
    *value = blank;
    // Without this the compiler may see that nobody reads the value again, and leave the old one where it is.
    std::hint::black_box(value);
}

/// Overwrites what functions that have returned left on the stack, as far as their frames reached: 16 KiB from here on.
#[inline(never)]
pub(crate) fn overwrite_stack() {
    std::hint::black_box(&mut [0_u8; 16 << 10]);
}

/// Fills `out` from the operating system's source of randomness.
pub(crate) fn random(out: &mut [u8]) -> Result<()> {
    getrandom::fill(out).map_err(|_| {
        out.zeroize();
        Error::RngError
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Budget;

    #[test]
    fn growing_is_charged_and_refused_over_the_limit_without_loss() {
        let budget = Budget::new(100);
        let mut buffer = SecretBuffer::copy_of(&[1; 40], budget.reserve()).unwrap();
        buffer.append(&[2; 40]).unwrap();
        buffer.append(&[3; 20]).unwrap();
        assert_eq!(buffer.append(&[4; 1]), Err(Error::Overflow));
        assert_eq!(buffer.len(), 100);
        assert_eq!(&buffer[80..], &[3; 20]);
        drop(buffer);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn debug_output_has_no_bytes_in_it() {
        let budget = Budget::new(100);
        let buffer = SecretBuffer::copy_of(b"hunter2", budget.reserve()).unwrap();
        assert_eq!(format!("{buffer:?}"), "SecretBuffer(7 bytes)");
        let bytes = SecretBytes::from(b"hunter2".to_vec());
        assert_eq!(format!("{bytes:?}"), "SecretBytes(7 bytes)");
    }
}
