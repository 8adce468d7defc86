//! Which keys an algorithm takes.

use crate::{Error, Result};

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
    pub(crate) const fn exactly(len: usize) -> Self {
        Self::Required {
            min: len,
            max: len,
            generated: len,
        }
    }

    pub(crate) const fn at_least(min: usize, generated: usize) -> Self {
        Self::Required {
            min,
            max: usize::MAX,
            generated,
        }
    }

    pub(crate) const fn optional(min: usize, max: usize, generated: usize) -> Self {
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
