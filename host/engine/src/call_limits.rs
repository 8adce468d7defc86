//! What one call of a guest may bring, and how much it may hold: rules that every host of the engine shares.

use crate::{Error, Result};

/// What a host counts itself, beside the engine's [`Limits`](crate::Limits): things that it hands out, and the size of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallLimits {
    /// Options, keys, states, tags and secrets managers held at any one time, all together. Default: 16 384.
    pub handles: usize,
    /// Bytes of data that one call may bring, over all entries of a batch. Default: 64 MiB.
    pub call_bytes: usize,
    /// Entries of one batch. Default: 65 536.
    pub batch_entries: usize,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            handles: 16_384,
            call_bytes: 64 << 20,
            batch_entries: 65_536,
        }
    }
}

impl CallLimits {
    /// Refuses an operation whose results, `more` things, would have no place beside the `open` ones: before it changes
    /// anything.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyHandles`].
    pub fn check_room(&self, open: usize, more: usize) -> Result<()> {
        if more > self.handles.saturating_sub(open) {
            return Err(Error::TooManyHandles);
        }
        Ok(())
    }

    /// Refuses an input that is larger than one call may bring.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn check_input(&self, bytes: usize) -> Result<()> {
        if bytes > self.call_bytes {
            return Err(Error::Overflow);
        }
        Ok(())
    }

    /// Refuses a batch that has too many entries.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn check_entries(&self, entries: usize) -> Result<()> {
        if entries > self.batch_entries {
            return Err(Error::Overflow);
        }
        Ok(())
    }
}
