//! What names a managed key.

use std::fmt;

use crate::{Error, Result};

/// Tells stores apart: random, made with the store, part of what every record is bound to.
pub(crate) type StoreId = [u8; 16];

/// The identifier of a managed key: 16 random bytes.
///
/// It is no secret, and no permission either: a key is found in its own namespace alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; KeyId::LEN]);

impl KeyId {
    /// Bytes of an identifier.
    pub const LEN: usize = 16;

    /// The identifier with these bytes.
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The identifier that a guest passes.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for any other length than [`KeyId::LEN`]: no key has such an identifier.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        bytes.try_into().map(Self).map_err(|_| Error::NotFound)
    }

    /// The identifier in hexadecimal digits, as [`fmt::Display`] writes it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for anything else than 32 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self> {
        let mut bytes = [0; Self::LEN];
        crate::hex::decode(text.as_bytes(), &mut bytes).ok_or(Error::NotFound)?;
        Ok(Self(bytes))
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::hex::write(f, &self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// The version of a managed key. The first is 1, and each new one is the successor of the one made before it, whether or
/// not that was revoked.
pub type Version = u64;

/// The last version there can be: the witx modules reserve the numbers above.
pub const LAST_VERSION: Version = 0xfeff_ffff_ffff_ffff;

/// Which versions of a key are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// The version made last, whether or not it was revoked since: revoking it brings no older one back.
    Latest,
    /// All versions. Only for revoking.
    All,
    /// This version.
    Exact(Version),
}
