//! What the manager asks of a store.

use std::sync::Arc;

use crate::header::Header;
use crate::{Error, KeyId, Result, Selector, Version};

pub use crate::record::{MAX_SEALED, Place, Record};

/// What the store says of a key before it gets a new version. Nothing proves it.
#[derive(Clone, Debug)]
pub struct Tail {
    /// The number that the new version has to have.
    pub next: Version,
    /// The algorithm of the key. It decides where no version opens, and there it can only refuse.
    pub algorithm: String,
}

/// Makes the record of a new version. It may be called more than once, when a store has to begin again.
pub type MakeRecord = Arc<dyn Fn(&Tail) -> Result<Record> + Send + Sync>;

/// How much one namespace may store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// Keys that have a version that is not revoked. Default: 10 000.
    pub keys: u64,
    /// Versions of all keys, also those that were revoked: their numbers are kept so that none is assigned again.
    /// Default: 100 000.
    pub versions: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            keys: 10_000,
            versions: 100_000,
        }
    }
}

impl Quota {
    /// Checks that a namespace may have so many.
    ///
    /// # Errors
    ///
    /// [`Error::Full`].
    pub fn check(&self, keys: u64, versions: u64) -> Result<()> {
        if keys > self.keys {
            return Err(Error::Full("keys"));
        }
        if versions > self.versions {
            return Err(Error::Full("versions"));
        }
        Ok(())
    }
}

/// What happened to a store that others write to as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A key has a new version, or one less.
    Key(KeyId),
    /// Nobody knows what happened for a while.
    Unknown,
}

/// Is told of changes.
pub type Listener = Arc<dyn Fn(Change) + Send + Sync>;

/// Keeps sealed keys. It learns nothing of key-encryption keys and of what is sealed, and decides nothing but what needs
/// to be decided together with storing.
///
/// What a function that changes something has returned is durable. A function that has failed has changed nothing, with
/// one exception: after [`Error::Store`] the change may have been made. No function blocks without limit.
///
/// Every function that writes a record refuses, together with writing, one that is not sealed under the key-encryption
/// key which the header calls current: see [`check_kek`].
pub trait KeyStore: Send + Sync {
    /// Whether others may write to the store while it is open here. If so, it is asked again for what was fetched from it
    /// a while ago, and should tell of changes.
    fn is_shared(&self) -> bool;

    /// Tells `listener` of every change that others make. Called once, before anything is fetched.
    fn listen(&self, listener: Listener);

    /// What [`KeyStore::set_header`] has stored.
    ///
    /// # Errors
    ///
    /// [`Error::Store`], [`Error::Corrupt`], as for all functions.
    fn header(&self) -> Result<Option<Vec<u8>>>;

    /// Stores `header` if the one that is there is `expected`, and says whether it was. Waits for changes that were begun
    /// under the old one.
    ///
    /// # Errors
    ///
    /// As [`KeyStore::header`].
    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool>;

    /// Stores version 1 of a new key.
    ///
    /// # Errors
    ///
    /// [`Error::Full`]; [`Error::WrongKek`]; those of [`KeyStore::header`].
    fn create(&self, record: &Record, quota: &Quota) -> Result<()>;

    /// Stores a new version of a key: the record that `make` gives, after nobody else can add one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; what `make` returns; [`Error::Full`]; [`Error::WrongKek`]; those of [`KeyStore::header`].
    fn append(
        &self,
        namespace: &str,
        id: &KeyId,
        quota: &Quota,
        make: &MakeRecord,
    ) -> Result<Record>;

    /// The record of one version that is not revoked.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], also for [`Selector::All`]; those of [`KeyStore::header`].
    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record>;

    /// Revokes versions at the time `now`: what is sealed is overwritten, the rest of the record stays. Returns the
    /// versions that this call has revoked, at least one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none that is not revoked; those of [`KeyStore::header`].
    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>>;

    /// Up to `limit` records, revoked ones as well, in the order of their places, from the first one after `after`: of
    /// one namespace, or of all.
    ///
    /// # Errors
    ///
    /// As [`KeyStore::header`].
    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>>;

    /// Puts each second record in the place of the first, where that one is still stored as it is given here. Returns how
    /// many were.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKek`]; those of [`KeyStore::header`].
    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64>;
}

/// Checks that `record` is sealed under the current key-encryption key of the store that has this header.
///
/// # Errors
///
/// [`Error::WrongKek`]; [`Error::Corrupt`] when there is no header to be read.
pub fn check_kek(header: Option<&[u8]>, record: &Record) -> Result<()> {
    let header = header.ok_or_else(|| Error::Corrupt("its check record is missing".into()))?;
    let needed = Header::decode(header)?.current();
    if record.kek == needed {
        Ok(())
    } else {
        Err(Error::WrongKek {
            needed,
            given: vec![record.kek],
        })
    }
}
