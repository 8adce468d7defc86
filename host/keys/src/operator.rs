//! What an operator can do: look at keys of all namespaces, without seeing any, and change them.

use std::collections::VecDeque;

use wasi_crypto_engine::Key;

use crate::audit::Operation;
use crate::manager::{Inner, Manager};
use crate::store::{Place, Record};
use crate::{Error, KekId, KeyId, ManagedKey, Result, Selector, Version};

/// How many records a store is asked for at a time.
pub(crate) const PAGE: usize = 256;

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
    /// It was revoked. Nothing proves what is said of it then.
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

/// The versions of all keys, one after the other: what [`Manager::list`] returns. After an error it ends.
pub struct Listing<'a> {
    inner: &'a Inner,
    namespace: Option<String>,
    page: VecDeque<Record>,
    last: Option<Place>,
    ended: bool,
}

impl Iterator for Listing<'_> {
    type Item = Result<KeyInfo>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.ended {
            let after = self.last.as_ref();
            match self
                .inner
                .store
                .scan(self.namespace.as_deref(), after, PAGE)
            {
                Ok(page) => {
                    self.ended = page.len() < PAGE;
                    self.last = page.last().map(Record::place);
                    self.page = page.into();
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        self.page
            .pop_front()
            .map(|record| Ok(self.inner.info(record)))
    }
}

impl Manager {
    /// Lists the versions of all keys, revoked ones as well, of one namespace or of all.
    pub fn list(&self, namespace: Option<&str>) -> Listing<'_> {
        Listing {
            inner: &self.0,
            namespace: namespace.map(str::to_owned),
            page: VecDeque::new(),
            last: None,
            ended: false,
        }
    }

    /// Lists the versions of one key, revoked ones as well.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], and what may be wrong with a store.
    pub fn show(&self, namespace: &str, id: &KeyId) -> Result<Vec<KeyInfo>> {
        let mut after = Place {
            namespace: namespace.to_owned(),
            id: *id,
            version: 0,
        };
        let mut found = Vec::new();
        loop {
            let page = self.0.store.scan(Some(namespace), Some(&after), PAGE)?;
            let of_key: Vec<_> = page.into_iter().filter(|record| record.id == *id).collect();
            let ended = of_key.len() < PAGE;
            if let Some(record) = of_key.last() {
                after = record.place();
            }
            found.extend(of_key.into_iter().map(|record| self.0.info(record)));
            if ended {
                break;
            }
        }
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

    /// Gives a key a new version: random, for the same algorithm, and to be exported or not like its newest version that
    /// still opens. Where none does, nothing proves what the store says of them, and the new one is not to be exported.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], and as [`Namespace::replace`](crate::Namespace::replace).
    pub fn rotate(&self, namespace: &str, id: &KeyId, expires: Option<u64>) -> Result<ManagedKey> {
        let shown = self.show(namespace, id)?;
        let newest = shown.last().ok_or(Error::NotFound)?;
        let key: Key = self.0.engine.generate_key(&newest.algorithm, None)?;
        let proven = shown
            .iter()
            .rfind(|info| matches!(info.state, KeyState::Valid | KeyState::Expired));
        let exportable = proven.is_some_and(|info| info.exportable);
        let namespace = self.namespace(namespace).exportable(exportable);
        namespace.append_as(Operation::Rotate, id, &key, expires)
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
    fn info(&self, record: Record) -> KeyInfo {
        let state = if record.sealed.is_none() {
            KeyState::Revoked
        } else if self.open(&record).is_err() {
            KeyState::Damaged
        } else if record.expires.is_some_and(|expires| expires <= self.now()) {
            KeyState::Expired
        } else {
            KeyState::Valid
        };
        KeyInfo {
            namespace: record.namespace,
            id: record.id,
            version: record.version,
            algorithm: record.algorithm,
            created: record.created,
            expires: record.expires,
            exportable: record.exportable,
            revoked: record.revoked,
            kek: record.kek,
            state,
        }
    }
}
