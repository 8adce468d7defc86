//! What an operator can do: look at keys of all namespaces, without seeing any, and change them.

use crate::audit::Operation;
use crate::manager::{Inner, Manager};
use crate::record::{MAX_ALGORITHM, Record};
use crate::scan::{Of, Records};
use crate::{Error, KekId, KeyId, MAX_NAMESPACE_LEN, ManagedKey, Result, Selector, Version};

/// More versions than any key has. Who asks for all versions of one key asks for no more, whatever the store has.
pub(crate) const MAX_VERSIONS: usize = 1 << 20;

/// What there is to be said of one version of a key. The key itself is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyInfo {
    /// The namespace.
    pub namespace: String,
    /// The identifier.
    pub id: KeyId,
    /// The version.
    pub version: Version,
    /// The algorithm.
    pub algorithm: String,
    /// When the version was made, in seconds of UNIX time.
    pub created: u64,
    /// When it expires, in seconds of UNIX time.
    pub expires: Option<u64>,
    /// Whether a guest may export it.
    pub exportable: bool,
    /// When it was revoked, in seconds of UNIX time.
    pub revoked: Option<u64>,
    /// The key-encryption key that it is sealed under.
    pub kek: KekId,
    /// What becomes of it when it is asked for.
    pub state: KeyState,
}

/// What becomes of a version when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyState {
    /// It is given out.
    Valid,
    /// It has expired.
    Expired,
    /// It was revoked, as the store says. Nothing proves that, nor what is said of it then.
    Revoked,
    /// It does not open: it was changed, moved or damaged in the store. Nothing proves what is said of it.
    Damaged,
}

impl KeyState {
    /// The state's name, to show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Damaged => "damaged",
        }
    }
}

impl KeyInfo {
    /// Whether the version opens, which proves everything that is said of it. Otherwise it is the store's word alone.
    pub fn is_proven(&self) -> bool {
        matches!(self.state, KeyState::Valid | KeyState::Expired)
    }
}

/// The versions of all keys, one after the other: what [`Manager::list`] returns. After an error it ends.
pub struct Listing<'a> {
    inner: &'a Inner,
    records: Records<'a>,
}

impl Iterator for Listing<'_> {
    type Item = Result<KeyInfo>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        Some(record.and_then(|record| self.inner.info(record)))
    }
}

impl Manager {
    /// Lists the versions of all keys, revoked ones as well, of one namespace or of all.
    ///
    /// [`Error::Corrupt`] ends the listing when the store gives records twice, out of order, or of another namespace.
    pub fn list(&self, namespace: Option<&str>) -> Listing<'_> {
        let of = namespace.map_or(Of::Everything, Of::Namespace);
        Listing {
            inner: &self.0,
            records: Records::new(&*self.0.store, &of),
        }
    }

    /// Lists the versions of one key, revoked ones as well.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Corrupt`], also for more than 1 048 576 versions; and what else may be wrong with a
    /// store.
    pub fn show(&self, namespace: &str, id: &KeyId) -> Result<Vec<KeyInfo>> {
        let infos = self.0.versions(namespace, id);
        let found: Vec<_> = infos
            .map(|record| record.and_then(|record| self.0.info(record)))
            .collect::<Result<_>>()?;
        if found.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(found)
    }

    /// Stores raw bytes as version 1 of a new key.
    ///
    /// # Errors
    ///
    /// In [`Error::Engine`], what [`import_key`](wasi_crypto_engine::Engine::import_key) says of the algorithm and the
    /// bytes; and as [`Namespace::create`](crate::Namespace::create).
    pub fn import(
        &self,
        namespace: &str,
        algorithm: &str,
        raw: &[u8],
        expires: Option<u64>,
        exportable: bool,
    ) -> Result<ManagedKey> {
        let key = self.0.engine.import_key(algorithm, raw)?;
        let namespace = self.namespace(namespace).exportable(exportable);
        namespace.create_as(Operation::Import, &key, expires)
    }

    /// Revokes one version, the latest, or all.
    ///
    /// # Errors
    ///
    /// As [`Namespace::revoke`](crate::Namespace::revoke).
    pub fn revoke(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<()> {
        self.namespace(namespace).revoke(id, version)
    }
}

impl Inner {
    /// The records of one key.
    pub(crate) fn versions(
        &self,
        namespace: &str,
        id: &KeyId,
    ) -> impl Iterator<Item = Result<Record>> {
        let records = Records::new(&*self.store, &Of::Key(namespace, *id));
        records.enumerate().map(|(index, record)| {
            if index < MAX_VERSIONS {
                record
            } else {
                let most = format!("it has more than {MAX_VERSIONS} versions of one key");
                Err(Error::Corrupt(most))
            }
        })
    }

    fn info(&self, mut record: Record) -> Result<KeyInfo> {
        let state = if record.is_revoked() {
            KeyState::Revoked
        } else if self.opened(&mut record)?.is_none() {
            KeyState::Damaged
        } else if record.expires.is_some_and(|expires| expires <= self.now()) {
            KeyState::Expired
        } else {
            KeyState::Valid
        };
        Ok(KeyInfo {
            namespace: cut(record.namespace, MAX_NAMESPACE_LEN),
            id: record.id,
            version: record.version,
            algorithm: cut(record.algorithm, MAX_ALGORITHM),
            created: record.created,
            expires: record.expires,
            exportable: record.exportable,
            revoked: record.revoked,
            kek: record.kek,
            state,
        })
    }
}

/// The text, or the beginning of one that is longer than any that was stored.
fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.shrink_to_fit();
        text.push('…');
    }
    text
}
