//! One version of a key, as it is stored.

use std::fmt;

use crate::{Error, KekId, KeyId, Version};

/// One version of a key, as it is stored: everything but the key in the clear.
///
/// What a record says is a claim until it opens. Then its key-encryption key proves every field but `revoked`. Whoever can
/// write to the store can make any record look revoked.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The namespace of the key.
    pub namespace: String,
    /// The identifier of the key.
    pub id: KeyId,
    /// The version.
    pub version: Version,
    /// The algorithm, in the registry's spelling.
    pub algorithm: String,
    /// When the version was made, in seconds of UNIX time.
    pub created: u64,
    /// When it expires, in seconds of UNIX time.
    pub expires: Option<u64>,
    /// Whether a guest may export it.
    pub exportable: bool,
    /// The key-encryption key under which it is sealed.
    pub kek: KekId,
    /// The sealed key; none once the version was revoked.
    pub sealed: Option<Vec<u8>>,
    /// When it was revoked, in seconds of UNIX time.
    pub revoked: Option<u64>,
}

/// More bytes than the name of any algorithm has.
pub(crate) const MAX_ALGORITHM: usize = 255;

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sealed = self
            .sealed
            .as_ref()
            .map(|sealed| format!("{} bytes", sealed.len()));
        f.debug_struct("Record")
            .field("namespace", &self.namespace)
            .field("id", &self.id)
            .field("version", &self.version)
            .field("algorithm", &self.algorithm)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .field("exportable", &self.exportable)
            .field("kek", &self.kek)
            .field("sealed", &sealed)
            .field("revoked", &self.revoked)
            .finish()
    }
}

impl Record {
    /// Whether the store says that the version was revoked. Nothing proves it.
    pub(crate) fn is_revoked(&self) -> bool {
        self.sealed.is_none() || self.revoked.is_some()
    }

    /// Where the record belongs.
    pub fn place(&self) -> Place {
        Place {
            namespace: self.namespace.clone(),
            id: self.id,
            version: self.version,
        }
    }

    /// What there is to say of a record that does not open.
    pub(crate) fn damaged(&self) -> Error {
        Error::Sealing {
            namespace: self.namespace.clone(),
            id: self.id,
            version: self.version,
            kek: self.kek,
        }
    }
}

/// More bytes than anything sealed has. A store gives nothing longer, whatever was put into it.
pub const MAX_SEALED: usize = 8 << 10;

/// Where a record is. Stores list in this order, namespaces compared by their bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The namespace of the key.
    pub namespace: String,
    /// The identifier of the key.
    pub id: KeyId,
    /// The version.
    pub version: Version,
}
