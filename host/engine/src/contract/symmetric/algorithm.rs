//! What a row of the registry says of an algorithm.

use std::fmt;

use super::{Opening, PreparedKey, StateImpl};
use crate::contract::{Backend, Crates, KeyRule};
use crate::options::OptionName;
use crate::{Error, Result};

/// A row of the registry.
#[non_exhaustive]
pub struct Algorithm {
    /// The name, in the spelling to show; names are matched without regard to case.
    pub name: &'static str,
    /// What kind of algorithm it is.
    pub kind: Kind,
    /// Which keys it takes.
    pub key: KeyRule,
    /// Which nonces it takes.
    pub nonce: NonceRule,
    /// Bytes of its tag, unless the option `tag_len` says otherwise; 0 where it has none.
    pub tag_len: usize,
    /// What two absorbs mean, where the algorithm absorbs.
    pub absorb: Absorb,
    /// The options that it knows.
    pub options: &'static [OptionName],
    /// Whether NIST has approved the algorithm for use in FIPS 140 modules. This says nothing of the implementation.
    pub fips_approved: bool,
    /// The document that specifies it.
    pub standard: &'static str,
    /// The crates that compute it.
    pub crates: Crates,
    /// Nanoseconds for 1 KiB, on the native back end and a current processor. An order of magnitude will do.
    pub(crate) ns_per_kib: u64,
    pub(crate) operations: &'static [Operation],
    pub(crate) prepare: fn(&[u8], Backend) -> Result<PreparedKey>,
    pub(crate) open: fn(&mut Opening<'_>) -> Result<Box<dyn StateImpl>>,
    /// How to hash a whole message without opening a state, where that is quicker.
    pub(crate) digest: Option<Digest>,
}

/// Hashes a whole message, without a key.
#[derive(Clone, Copy)]
pub(crate) struct Digest {
    /// The longest output, where it has an end.
    pub(crate) longest: Option<usize>,
    /// Fills the output with the beginning of the hash; it is not longer than that.
    pub(crate) compute: fn(&[u8], &mut [u8]) -> Result<()>,
}

/// A kind of algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A hash function with an output of fixed size.
    Hash,
    /// An extendable-output function.
    Xof,
    /// A hash of a tuple of strings.
    TupleHash,
    /// A message authentication code.
    Mac,
    /// The first half of extract-and-expand key derivation.
    Extract,
    /// The second half of extract-and-expand key derivation.
    Expand,
    /// Password hashing.
    PasswordHash,
    /// Authenticated encryption with associated data.
    Aead,
    /// A stream cipher: encrypts without authentication.
    StreamCipher,
    /// A mode of a block cipher that encrypts without authentication.
    BlockMode,
    /// A stateful object that absorbs, squeezes, encrypts and decrypts.
    Session,
    /// A deterministic generator of random bits.
    Generator,
}

impl Kind {
    /// The kind's name, to show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::Xof => "XOF",
            Self::TupleHash => "tuple hash",
            Self::Mac => "MAC",
            Self::Extract => "KDF (extract)",
            Self::Expand => "KDF (expand)",
            Self::PasswordHash => "password hash",
            Self::Aead => "AEAD",
            Self::StreamCipher => "stream cipher",
            Self::BlockMode => "block mode",
            Self::Session => "session",
            Self::Generator => "generator",
        }
    }
}

/// Which nonces an algorithm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonceRule {
    /// None.
    None,
    /// One of exactly this many bytes, from the caller: one drawn at random would not be safe.
    Required(usize),
    /// One of exactly this many bytes, drawn at random for each state where the caller gives none.
    Generated(usize),
    /// One of at most this many bytes, or none.
    Optional {
        /// Longest nonce.
        max: usize,
    },
    /// One of any length, or none.
    Any,
}

/// What two absorbs mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absorb {
    /// The same as one absorb of both strings after each other.
    Concatenates,
    /// Two separate strings, never the same as one.
    Delimits,
}

/// An operation of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `absorb`
    Absorb,
    /// `squeeze`
    Squeeze,
    /// `squeeze-tag`
    SqueezeTag,
    /// `squeeze-key`
    SqueezeKey,
    /// `max-tag-len`
    MaxTagLen,
    /// `encrypt`
    Encrypt,
    /// `encrypt-detached`
    EncryptDetached,
    /// `decrypt`
    Decrypt,
    /// `decrypt-detached`
    DecryptDetached,
    /// `ratchet`
    Ratchet,
}

impl Operation {
    /// The operation's name in the WIT.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absorb => "absorb",
            Self::Squeeze => "squeeze",
            Self::SqueezeTag => "squeeze-tag",
            Self::SqueezeKey => "squeeze-key",
            Self::MaxTagLen => "max-tag-len",
            Self::Encrypt => "encrypt",
            Self::EncryptDetached => "encrypt-detached",
            Self::Decrypt => "decrypt",
            Self::DecryptDetached => "decrypt-detached",
            Self::Ratchet => "ratchet",
        }
    }
}

impl Algorithm {
    /// What a row leaves out: an unkeyed hash without nonce, tag and options.
    pub(crate) const UNKEYED: Self = Self {
        name: "",
        kind: Kind::Hash,
        key: KeyRule::None,
        nonce: NonceRule::None,
        tag_len: 0,
        absorb: Absorb::Concatenates,
        options: &[],
        fips_approved: false,
        standard: "",
        crates: Crates::everywhere(""),
        ns_per_kib: 1000,
        operations: &[Operation::Absorb, Operation::Squeeze],
        prepare: |_, _| Ok(PreparedKey::Raw),
        open: |_| Err(Error::InternalError),
        digest: None,
    };

    /// The operations of its states.
    pub fn operations(&self) -> &'static [Operation] {
        self.operations
    }

    /// Whether its states have `operation`.
    pub fn has(&self, operation: Operation) -> bool {
        self.operations.contains(&operation)
    }

    pub(crate) fn check_options(&self, names: impl Iterator<Item = OptionName>) -> Result<()> {
        for name in names {
            if !self.options.contains(&name) {
                return Err(Error::UnsupportedOption);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Algorithm({})", self.name)
    }
}
