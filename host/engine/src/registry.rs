//! The registry: one row for each algorithm, and everything else is derived from it.

mod table;

use std::sync::LazyLock;

use crate::key::PreparedKey;
use crate::opening::Opening;
use crate::options::OptionName;
use crate::state::StateImpl;
use crate::{Backend, Error, Result};

pub use table::ALGORITHMS;

/// A row of the registry.
#[non_exhaustive]
pub struct Algorithm {
    /// The name, in the spelling to show; names are matched without regard to case.
    pub name: &'static str,
    /// The family that the algorithm belongs to.
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

/// A family of algorithms.
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
    /// The family's name, to show.
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

/// Which keys an algorithm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyRule {
    /// None.
    None,
    /// One of `min` to `max` bytes, or none; a generated one has `generated` bytes.
    Optional {
        /// Shortest key.
        min: usize,
        /// Longest key.
        max: usize,
        /// Length of a generated key.
        generated: usize,
    },
    /// One of `min` to `max` bytes; a generated one has `generated` bytes.
    Required {
        /// Shortest key.
        min: usize,
        /// Longest key.
        max: usize,
        /// Length of a generated key.
        generated: usize,
    },
}

impl KeyRule {
    const fn exactly(len: usize) -> Self {
        Self::Required {
            min: len,
            max: len,
            generated: len,
        }
    }

    const fn at_least(min: usize, generated: usize) -> Self {
        Self::Required {
            min,
            max: usize::MAX,
            generated,
        }
    }

    const fn optional(min: usize, max: usize, generated: usize) -> Self {
        Self::Optional {
            min,
            max,
            generated,
        }
    }

    /// The length of a generated key; none where the algorithm takes no key.
    pub fn generated(self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Optional { generated, .. } | Self::Required { generated, .. } => Some(generated),
        }
    }

    /// Whether the algorithm can be opened without a key.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Required { .. })
    }

    pub(crate) fn check_len(self, len: usize) -> Result<()> {
        match self {
            Self::None => Err(Error::KeyNotSupported),
            Self::Optional { min, max, .. } | Self::Required { min, max, .. } => {
                if (min..=max).contains(&len) {
                    Ok(())
                } else {
                    Err(Error::InvalidKey)
                }
            }
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

/// The crates that compute an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crates {
    /// On the native back end.
    pub native: &'static str,
    /// On the portable back end.
    pub portable: &'static str,
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

impl std::fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Algorithm({})", self.name)
    }
}

/// Finds an algorithm by its name, without regard to case.
///
/// # Errors
///
/// [`Error::UnsupportedAlgorithm`] for a name that is not in the registry.
pub fn find(name: &str) -> Result<&'static Algorithm> {
    static INDEX: LazyLock<[Vec<&'static Algorithm>; BUCKETS]> = LazyLock::new(|| {
        let mut index = [const { Vec::new() }; BUCKETS];
        for row in ALGORITHMS {
            if let Some(bucket) = index.get_mut(bucket(row.name)) {
                bucket.push(row);
            }
        }
        index
    });
    INDEX
        .get(bucket(name))
        .into_iter()
        .flatten()
        .find(|row| row.name.eq_ignore_ascii_case(name))
        .copied()
        .ok_or(Error::UnsupportedAlgorithm)
}

/// More than there are algorithms, so that few share one.
const BUCKETS: usize = 256;

/// Where in the index a name is. Names differ at their ends: in sizes, and in what is combined.
fn bucket(name: &str) -> usize {
    let end = name.as_bytes().iter().rev().take(12);
    let hash = end.fold(name.len() as u32, |hash, byte| {
        hash.wrapping_mul(31)
            .wrapping_add(u32::from(byte.to_ascii_lowercase()))
    });
    hash as usize % BUCKETS
}
