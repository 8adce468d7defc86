//! Message authentication codes.

use std::io;

use crate::{Key, Options, Result, State};

/// A MAC at work. For a message that is in memory, [`Key::authenticate`] and [`Key::verify`] are one call.
///
/// As an [`io::Write`] it can be the target of [`io::copy`].
#[derive(Debug)]
pub struct Mac(State);

impl Mac {
    /// Starts the MAC that `key` is for.
    pub fn new(key: &Key) -> Result<Self> {
        Self::with_options(key, &Options::new())
    }

    /// Starts the MAC that `key` is for, with options, such as `tag_len` for a truncated tag.
    pub fn with_options(key: &Key, options: &Options) -> Result<Self> {
        State::open(key.algorithm(), Some(key), options).map(Self)
    }

    /// Takes in more of the message.
    pub fn update(&mut self, data: impl AsRef<[u8]>) -> Result<()> {
        self.0.absorb(data)
    }

    /// The tag of the message so far. More can follow.
    pub fn sign(&self) -> Result<Vec<u8>> {
        Ok(self.0.squeeze_tag()?.into_bytes())
    }

    /// Checks in constant time that `tag` is that of the message so far. An error for which
    /// [`is_mismatch`](crate::Error::is_mismatch) holds says that it is not.
    pub fn verify(&self, tag: impl AsRef<[u8]>) -> Result<()> {
        self.0.squeeze_tag()?.verify(tag)
    }

    /// An independent copy, to authenticate several continuations of one beginning.
    pub fn try_clone(&self) -> Result<Self> {
        self.0.try_clone().map(Self)
    }
}

impl AsRef<State> for Mac {
    fn as_ref(&self) -> &State {
        &self.0
    }
}

impl io::Write for Mac {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.update(data)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
