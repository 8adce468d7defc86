//! Hashes, extendable-output functions and tuple hashes.

use std::io;

use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot;
use crate::{Error, Key, Options, Result, State};

/// A hash function at work, with a key if it takes one.
///
/// As an [`io::Write`] it can be the target of [`io::copy`].
#[derive(Debug)]
pub struct Hash(State);

impl Hash {
    /// The first `len` bytes of the hash of `data`, in one call.
    ///
    /// More than the algorithm's output is [`InvalidLength`](crate::CryptoErrno::InvalidLength).
    pub fn digest(algorithm: &str, data: impl AsRef<[u8]>, len: usize) -> Result<Vec<u8>> {
        symmetric_oneshot::hash(algorithm, data.as_ref(), len as u64)
            .map_err(Error::about(algorithm))
    }

    /// Starts an unkeyed hash.
    pub fn new(algorithm: &str) -> Result<Self> {
        Self::with_options(algorithm, None, &Options::new())
    }

    /// Starts a keyed hash.
    pub fn keyed(key: &Key) -> Result<Self> {
        State::keyed(key).map(Self)
    }

    /// Starts a hash with options.
    pub fn with_options(algorithm: &str, key: Option<&Key>, options: &Options) -> Result<Self> {
        State::open(algorithm, key, options).map(Self)
    }

    /// Takes in more data.
    pub fn update(&mut self, data: impl AsRef<[u8]>) -> Result<()> {
        self.0.absorb(data)
    }

    /// The first `len` bytes of the hash of all data so far. More can follow.
    pub fn finalize(&self, len: usize) -> Result<Vec<u8>> {
        self.0.squeeze(len)
    }

    /// An independent copy, to hash several continuations of one beginning.
    pub fn try_clone(&self) -> Result<Self> {
        self.0.try_clone().map(Self)
    }
}

/// An extendable-output function at work: a hash with as much output as you like.
#[derive(Debug)]
pub struct Xof(State);

impl Xof {
    /// The first `len` bytes of the output for `data`, in one call.
    pub fn digest(algorithm: &str, data: impl AsRef<[u8]>, len: usize) -> Result<Vec<u8>> {
        Hash::digest(algorithm, data, len)
    }

    /// Starts an unkeyed XOF.
    pub fn new(algorithm: &str) -> Result<Self> {
        Self::with_options(algorithm, None, &Options::new())
    }

    /// Starts a keyed XOF.
    pub fn keyed(key: &Key) -> Result<Self> {
        State::keyed(key).map(Self)
    }

    /// Starts a XOF with options, such as the `context` of the customizable ones.
    pub fn with_options(algorithm: &str, key: Option<&Key>, options: &Options) -> Result<Self> {
        State::open(algorithm, key, options).map(Self)
    }

    /// Takes in more data; only before the first [`squeeze`](Self::squeeze).
    pub fn update(&mut self, data: impl AsRef<[u8]>) -> Result<()> {
        self.0.absorb(data)
    }

    /// The next `len` bytes of output. Each call continues where the one before has ended.
    pub fn squeeze(&mut self, len: usize) -> Result<Vec<u8>> {
        self.0.squeeze(len)
    }

    /// An independent copy, at the same position in the output.
    pub fn try_clone(&self) -> Result<Self> {
        self.0.try_clone().map(Self)
    }
}

/// A hash of a list of strings, which knows where each ends (SP 800-185, section 5).
#[derive(Debug)]
pub struct TupleHash(State);

impl TupleHash {
    /// `len` bytes for a list of strings.
    pub fn digest<T: AsRef<[u8]>>(
        algorithm: &str,
        elements: impl IntoIterator<Item = T>,
        len: usize,
    ) -> Result<Vec<u8>> {
        let mut hash = Self::new(algorithm)?;
        for element in elements {
            hash.element(element)?;
        }
        hash.squeeze(len)
    }

    /// Starts with the empty list.
    pub fn new(algorithm: &str) -> Result<Self> {
        Self::with_options(algorithm, &Options::new())
    }

    /// Starts with the empty list and options, such as a `context`.
    pub fn with_options(algorithm: &str, options: &Options) -> Result<Self> {
        State::open(algorithm, None, options).map(Self)
    }

    /// Adds one whole string to the list.
    pub fn element(&mut self, data: impl AsRef<[u8]>) -> Result<()> {
        self.0.absorb(data)
    }

    /// `len` bytes of output. For the fixed-length functions the length is part of the input, and asking again gives the
    /// same bytes; for the XOFs, asking again gives the bytes that follow.
    pub fn squeeze(&mut self, len: usize) -> Result<Vec<u8>> {
        self.0.squeeze(len)
    }

    /// An independent copy.
    pub fn try_clone(&self) -> Result<Self> {
        self.0.try_clone().map(Self)
    }
}

macro_rules! views_of_state {
    ($($name:ident),*) => {$(
        impl AsRef<State> for $name {
            fn as_ref(&self) -> &State {
                &self.0
            }
        }
    )*};
}
views_of_state!(Hash, Xof, TupleHash);

macro_rules! writes {
    ($($name:ident),*) => {$(
        impl io::Write for $name {
            fn write(&mut self, data: &[u8]) -> io::Result<usize> {
                self.update(data)?;
                Ok(data.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
    )*};
}
writes!(Hash, Xof);
