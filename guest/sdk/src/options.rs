//! Options of algorithms.

use std::borrow::Cow;
use std::fmt;

use crate::bindings::wasi_ephemeral::crypto::common;
use crate::hidden::Hidden;
use crate::{Error, Result};

/// Non-default parameters of an algorithm.
///
/// An ordinary value: it can be cloned and used again, and reaches the host only when something is opened with it. That
/// is also when an option is refused, with an error that names it. Setting an option twice keeps the later value.
///
/// ```no_run
/// use wasi_crypto_sdk::{Key, Options, State};
///
/// # fn main() -> wasi_crypto_sdk::Result<()> {
/// let options = Options::new().salt("0123456789abcdef").memory_limit(64 << 20).ops_limit(3);
/// let state = State::open("ARGON2-ID-13", None, &options)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    entries: Vec<(Cow<'static, str>, Value)>,
}

#[derive(Clone, PartialEq, Eq)]
enum Value {
    Bytes(Vec<u8>),
    U64(u64),
    Buffer(u64),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => Hidden(bytes).fmt(f),
            Self::U64(number) | Self::Buffer(number) => number.fmt(f),
        }
    }
}

impl Options {
    /// No options: every parameter has its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option that is a byte string.
    #[must_use]
    pub fn bytes(self, name: impl Into<Cow<'static, str>>, value: impl Into<Vec<u8>>) -> Self {
        self.with(name.into(), Value::Bytes(value.into()))
    }

    /// Sets an option that is an integer.
    #[must_use]
    pub fn u64(self, name: impl Into<Cow<'static, str>>, value: u64) -> Self {
        self.with(name.into(), Value::U64(value))
    }

    /// `nonce`: the nonce, or initialization vector.
    #[must_use]
    pub fn nonce(self, nonce: impl Into<Vec<u8>>) -> Self {
        self.bytes("nonce", nonce)
    }

    /// `context`: a customization string, personalization, key derivation context or protocol label.
    #[must_use]
    pub fn context(self, context: impl Into<Vec<u8>>) -> Self {
        self.bytes("context", context)
    }

    /// `salt`: the salt of a password hash or of a hash that takes one. (HKDF absorbs its salt instead.)
    #[must_use]
    pub fn salt(self, salt: impl Into<Vec<u8>>) -> Self {
        self.bytes("salt", salt)
    }

    /// `phc`: the stored string to verify a password against.
    #[must_use]
    pub fn phc(self, phc: &str) -> Self {
        self.bytes("phc", phc)
    }

    /// `memory_limit`: the memory that a password hash fills, in bytes.
    #[must_use]
    pub fn memory_limit(self, bytes: u64) -> Self {
        self.u64("memory_limit", bytes)
    }

    /// `ops_limit`: the passes, iterations or N of a password hash.
    #[must_use]
    pub fn ops_limit(self, count: u64) -> Self {
        self.u64("ops_limit", count)
    }

    /// `parallelism`: the lanes of a password hash.
    #[must_use]
    pub fn parallelism(self, lanes: u64) -> Self {
        self.u64("parallelism", lanes)
    }

    /// `block_size`: scrypt's r.
    #[must_use]
    pub fn block_size(self, r: u64) -> Self {
        self.u64("block_size", r)
    }

    /// `fanout`: BLAKE2's fanout.
    #[must_use]
    pub fn fanout(self, fanout: u64) -> Self {
        self.u64("fanout", fanout)
    }

    /// `tag_len`: the length of the tag, in bytes, where there is a choice.
    #[must_use]
    pub fn tag_len(self, bytes: u64) -> Self {
        self.u64("tag_len", bytes)
    }

    /// `domain`: TurboSHAKE's domain separation byte.
    #[must_use]
    pub fn domain(self, domain: u8) -> Self {
        self.u64("domain", domain.into())
    }

    /// `expiration`: when a managed key expires, in seconds since 1970-01-01 (UTC).
    #[must_use]
    pub fn expiration(self, unix_seconds: u64) -> Self {
        self.u64("expiration", unix_seconds)
    }

    /// `buffer`: permission to use that many bytes of memory, counted against this component's share.
    #[must_use]
    pub fn buffer(self, bytes: u64) -> Self {
        self.with("buffer".into(), Value::Buffer(bytes))
    }

    /// Only the options called `name`.
    pub(crate) fn only(&self, name: &str) -> Self {
        let entries = self.entries.iter().filter(|(n, _)| n == name);
        Self {
            entries: entries.cloned().collect(),
        }
    }

    /// The host's counterpart; none if there is nothing to say.
    pub(crate) fn to_raw(&self) -> Result<Option<common::Options>> {
        if self.entries.is_empty() {
            return Ok(None);
        }
        let raw = common::Options::open(common::AlgorithmType::Symmetric)?;
        for (name, value) in &self.entries {
            match value {
                Value::Bytes(bytes) => raw.set(name, bytes),
                Value::U64(number) => raw.set_u64(name, *number),
                Value::Buffer(size) => raw.set_guest_buffer(name, *size),
            }
            .map_err(Error::about(&format!("option {name}")))?;
        }
        Ok(Some(raw))
    }

    fn with(mut self, name: Cow<'static, str>, value: Value) -> Self {
        self.entries.retain(|(n, _)| *n != name);
        self.entries.push((name, value));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_value_of_an_option_replaces_the_earlier() {
        let options = Options::new().nonce("first").ops_limit(3).nonce("second");
        assert_eq!(options, Options::new().ops_limit(3).nonce("second"));
        assert_eq!(options.only("nonce"), Options::new().nonce("second"));
    }
}
