//! What one call costs, known before it is done.

use super::State;
use crate::call_limits::CallLimits;
use crate::{Error, Limits, Result};

/// What one call costs over all of its entries, added up before anything is done.
#[derive(Debug, Default)]
pub struct CallCost {
    entries: usize,
    input: usize,
    output: u64,
    repeated: u64,
    password_work: f64,
}

impl CallCost {
    /// Counts an entry.
    pub fn add_entry(&mut self) {
        self.entries += 1;
    }

    /// Adds an input of so many bytes.
    pub fn add_input(&mut self, bytes: usize) {
        self.input = self.input.saturating_add(bytes);
    }

    /// Adds a message of `len` bytes to encrypt or decrypt.
    pub fn add_message(&mut self, state: &State, len: usize) {
        self.add_input(len);
        self.add_repeated(state.repeated_bytes(len as u64));
    }

    /// Adds the squeeze of `len` bytes.
    pub fn add_squeeze(&mut self, state: &State, len: u64) {
        self.output = self.output.saturating_add(len);
        self.password_work += state.squeeze_work(len);
        self.add_repeated(state.repeated_bytes(len));
    }

    /// Adds the squeeze of a tag.
    pub fn add_tag(&mut self, state: &State) {
        self.password_work += state.squeeze_tag_work();
        self.add_repeated(state.tag_repeated_bytes());
    }

    /// Adds what a state has buffered: however small an entry is, it processes that again.
    fn add_repeated(&mut self, bytes: u64) {
        self.repeated = self.repeated.saturating_add(bytes);
    }

    /// Refuses a call whose entries ask for more than a single one could.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn check(&self, calls: &CallLimits, limits: &Limits) -> Result<()> {
        calls.check_entries(self.entries)?;
        calls.check_input(self.input)?;
        // The work of password hashing is measured in what one hash may cost.
        if self.output > limits.squeeze_bytes
            || self.repeated > limits.repeated_bytes
            || self.password_work > 1.0
        {
            return Err(Error::Overflow);
        }
        Ok(())
    }
}
