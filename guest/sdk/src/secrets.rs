//! Keys that the host manages.

use crate::bindings::wasi_ephemeral::crypto::secrets;
use crate::{Error, Key, Options, Result, Version, VersionSelector};

/// The keys that the host keeps for the component, where it keeps any.
///
/// A managed key has an identifier of 16 bytes, and versions from 1 on. What to store with a ciphertext is its identifier
/// and version, so that the key is found again when there are newer versions:
///
/// ```no_run
/// use wasi_crypto_sdk::{Aead, Options, SecretsManager, VersionSelector};
///
/// # fn main() -> wasi_crypto_sdk::Result<()> {
/// const ALGORITHM: &str = "AES-256-GCM-SIV";
/// let manager = SecretsManager::open(&Options::new())?;
/// let key = manager.generate(ALGORITHM, &Options::new().expiration(1_924_992_000))?;
/// let (id, version) = SecretsManager::id_of(&key)?;
/// let sealed = Aead::new(key).seal("attack at dawn", "header")?;
///
/// // Later, perhaps after the operator has rotated the key, and in another component:
/// let key = manager.key(ALGORITHM, &id, VersionSelector::Exact(version))?;
/// let message = Aead::new(key).open(&sealed.nonce, &sealed.ciphertext, "header")?;
/// # Ok(()) }
/// ```
///
/// A host need not have managed keys: [`open`](Self::open) is
/// [`UnsupportedFeature`](crate::CryptoErrno::UnsupportedFeature) then, or the host does not have the interface `secrets` at
/// all, and does not instantiate a component that imports it. A component imports it if it uses this type, and only then.
#[derive(Debug)]
pub struct SecretsManager {
    raw: secrets::SecretsManager,
}

impl SecretsManager {
    /// Opens the host's manager. This version of the WIT package has no options for it.
    pub fn open(options: &Options) -> Result<Self> {
        let options = options.to_raw()?;
        let raw = secrets::SecretsManager::open(options.as_ref())?;
        Ok(Self { raw })
    }

    /// Has the host make up and store a key. The option `expiration` limits its life.
    pub fn generate(&self, algorithm: &str, options: &Options) -> Result<Key> {
        let options = options.to_raw()?;
        self.raw
            .generate_symmetric_key(algorithm, options.as_ref())
            .map(|raw| Key::from_raw(algorithm, raw))
            .map_err(Error::about(algorithm))
    }

    /// Stores a key as version 1 under a new identifier, and returns that. The key is a managed one from then on.
    ///
    /// [`ProhibitedOperation`](crate::CryptoErrno::ProhibitedOperation) where the host stores none that come from
    /// elsewhere.
    pub fn store(&self, key: &Key) -> Result<Vec<u8>> {
        self.raw
            .store_symmetric_key(key.as_raw())
            .map_err(Error::about(key.algorithm()))
    }

    /// Stores `new` as the newest version of `old`, and returns the version. What older versions encrypted they still
    /// decrypt, until they are revoked.
    ///
    /// Another algorithm is [`IncompatibleKeys`](crate::CryptoErrno::IncompatibleKeys).
    pub fn replace(&self, old: &Key, new: &Key) -> Result<Version> {
        self.raw
            .replace_symmetric_key(old.as_raw(), new.as_raw())
            .map_err(Error::about(new.algorithm()))
    }

    /// Fetches a key, which must have been made for `algorithm`: a state does not open with another.
    ///
    /// [`NotFound`](crate::CryptoErrno::NotFound) for one that there is not or that was revoked,
    /// [`Expired`](crate::CryptoErrno::Expired) for one past its expiration.
    pub fn key(&self, algorithm: &str, id: &[u8], version: VersionSelector) -> Result<Key> {
        let raw = self.raw.symmetric_key_from_id(id, version)?;
        Ok(Key::from_raw(algorithm, raw))
    }

    /// Revokes a key: one version of it, or all. Keys that are open stay usable.
    pub fn invalidate(&self, id: &[u8], version: VersionSelector) -> Result<()> {
        Ok(self.raw.invalidate(id, version)?)
    }

    /// The identifier and the version of a managed key; of another,
    /// [`UnsupportedFeature`](crate::CryptoErrno::UnsupportedFeature).
    pub fn id_of(key: &Key) -> Result<(Vec<u8>, Version)> {
        secrets::symmetric_key_id(key.as_raw()).map_err(Error::about(key.algorithm()))
    }
}
