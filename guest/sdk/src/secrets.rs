//! Keys that the host manages.

use crate::bindings::wasi_ephemeral::crypto::secrets;
use crate::{Error, Key, Options, Result, Version, VersionSelector};

/// The host's store of keys, where it has one.
///
/// A managed key has an identifier and a version. Using this type makes the component import the interface `secrets`, which
/// a host need not provide.
#[derive(Debug)]
pub struct SecretsManager {
    raw: secrets::SecretsManager,
}

impl SecretsManager {
    /// Opens the host's store.
    pub fn open(options: &Options) -> Result<Self> {
        let options = options.to_raw()?;
        let raw = secrets::SecretsManager::open(options.as_ref())?;
        Ok(Self { raw })
    }

    /// Has the host make up a managed key. The option `expiration` limits its life.
    pub fn generate(&self, algorithm: &str, options: &Options) -> Result<Key> {
        let options = options.to_raw()?;
        self.raw
            .generate_symmetric_key(algorithm, options.as_ref())
            .map(|raw| Key::from_raw(algorithm, raw))
            .map_err(Error::about(algorithm))
    }

    /// Stores a key and returns its identifier.
    pub fn store(&self, key: &Key) -> Result<Vec<u8>> {
        Ok(self.raw.store_symmetric_key(key.as_raw())?)
    }

    /// Stores `new` as the next version of `old`, and returns the version.
    pub fn replace(&self, old: &Key, new: &Key) -> Result<Version> {
        Ok(self.raw.replace_symmetric_key(old.as_raw(), new.as_raw())?)
    }

    /// Fetches a key, which must have been stored for `algorithm`.
    pub fn key(&self, algorithm: &str, id: &[u8], version: VersionSelector) -> Result<Key> {
        let raw = self.raw.symmetric_key_from_id(id, version)?;
        Ok(Key::from_raw(algorithm, raw))
    }

    /// Revokes a key: one version of it, or all.
    pub fn invalidate(&self, id: &[u8], version: VersionSelector) -> Result<()> {
        Ok(self.raw.invalidate(id, version)?)
    }

    /// The identifier and the version of a managed key.
    pub fn id_of(key: &Key) -> Result<(Vec<u8>, Version)> {
        Ok(secrets::symmetric_key_id(key.as_raw())?)
    }
}
