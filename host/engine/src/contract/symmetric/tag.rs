//! Authentication tags.

use std::fmt;

use subtle::ConstantTimeEq;

use crate::secret::SecretBytes;
use crate::{Error, Result};

/// A computed authentication tag, or the string of a password hash. Wiped on drop.
#[derive(Clone)]
pub struct Tag(SecretBytes);

impl Tag {
    pub(crate) fn new(bytes: SecretBytes) -> Self {
        Self(bytes)
    }

    /// The tag's length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the tag has no bytes; no algorithm computes such a tag.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Compares with the tag that is expected, in time that depends on the lengths alone.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidTag`] when they differ, in length too; an empty tag never verifies.
    pub fn verify(&self, expected: &[u8]) -> Result<()> {
        verify(&self.0, expected)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({} bytes)", self.len())
    }
}

/// Compares two tags in time that depends on their lengths alone.
pub(crate) fn verify(computed: &[u8], expected: &[u8]) -> Result<()> {
    if !expected.is_empty() && bool::from(computed.ct_eq(expected)) {
        Ok(())
    } else {
        Err(Error::InvalidTag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_tag_verifies() {
        let tag = Tag::new(SecretBytes::from(vec![1, 2, 3]));
        assert_eq!(tag.verify(&[1, 2, 3]), Ok(()));
        for wrong in [&[][..], &[1, 2], &[1, 2, 4], &[1, 2, 3, 0]] {
            assert_eq!(tag.verify(wrong), Err(Error::InvalidTag));
        }
    }

    #[test]
    fn an_empty_tag_never_verifies() {
        let tag = Tag::new(SecretBytes::default());
        assert_eq!(tag.verify(&[]), Err(Error::InvalidTag));
    }
}
