//! What a guest can do with its keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasi_crypto_engine::{Engine, Key, SecretBytes};

use crate::audit::{self, Operation, Subject};
use crate::manager::{Inner, Manager, random};
use crate::record::Record;
use crate::rotate::Basis;
use crate::store::{MakeRecord, Tail};
use crate::{Error, KekId, KeyId, MAX_KEY_LEN, MAX_NAMESPACE_LEN, Result, Selector, Version};

/// The keys of one guest, or of several that share them. A clone is the same namespace.
#[derive(Clone)]
pub struct Namespace {
    manager: Manager,
    name: Arc<str>,
    exportable: bool,
}

/// One version of a managed key, ready to be used.
#[derive(Clone, Debug)]
pub struct ManagedKey {
    /// The identifier.
    pub id: KeyId,
    /// The version.
    pub version: Version,
    /// The key, counted against the limits of the engine that it was fetched for.
    pub key: Key,
    /// When it expires, in seconds of UNIX time.
    pub expires: Option<u64>,
    /// Whether a guest may export it.
    pub exportable: bool,
}

impl Namespace {
    pub(crate) fn new(manager: Manager, name: &str) -> Self {
        Self {
            manager,
            name: name.into(),
            exportable: false,
        }
    }

    /// Sets whether guests may export the keys that are stored through this namespace from now on. They may not, by
    /// default. What a key was stored with goes with it.
    #[must_use]
    pub fn exportable(mut self, exportable: bool) -> Self {
        self.exportable = exportable;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Stores a key under a new identifier, as version 1.
    ///
    /// # Errors
    ///
    /// [`Error::Full`], [`Error::TooLong`], [`Error::Rng`], and what may be wrong with a store.
    pub fn create(&self, key: &Key, expires: Option<u64>) -> Result<ManagedKey> {
        self.create_as(Operation::Create, key, expires)
    }

    /// Stores a key as the next version of one that is there. That its versions were revoked, have expired or do not open
    /// is no obstacle.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::IncompatibleKeys`] when the new key is for another algorithm than the latest version,
    /// or, where that does not open, than others that do; where none does, than the store says. [`Error::Full`],
    /// [`Error::TooLong`], [`Error::Rng`], and what may be wrong with a store.
    pub fn replace(&self, id: &KeyId, new: &Key, expires: Option<u64>) -> Result<ManagedKey> {
        let algorithm = new.algorithm().name;
        self.append_as(Operation::Replace, id, new, expires, |inner| {
            inner.basis(&self.name, id, algorithm)
        })
    }

    /// Fetches one version that is neither revoked nor expired, for use with `engine`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], also for [`Selector::All`]; [`Error::Expired`]; [`Error::Sealing`]; in [`Error::Engine`],
    /// what [`Engine::admit_key`] says; and what may be wrong with a store.
    pub fn fetch(&self, engine: &Engine, id: &KeyId, version: Selector) -> Result<ManagedKey> {
        let fetched = self.try_fetch(engine, id, version);
        let asked = match version {
            Selector::Exact(version) => Some(version),
            Selector::Latest | Selector::All => None,
        };
        let found = fetched.as_ref().ok().map(|key| key.version);
        self.audit(
            Operation::Fetch,
            Some(*id),
            found.or(asked),
            fetched.as_ref().err(),
        )?;
        fetched
    }

    fn try_fetch(&self, engine: &Engine, id: &KeyId, version: Selector) -> Result<ManagedKey> {
        self.check_name()?;
        if version == Selector::All {
            return Err(Error::NotFound);
        }
        let fetched = self.manager.0.cached(&self.name, id, version)?;
        let key = ManagedKey {
            id: *id,
            version: fetched.version,
            key: fetched.key,
            expires: fetched.expires,
            exportable: fetched.exportable,
        };
        if self.is_expired(&key) {
            return Err(Error::Expired);
        }
        Ok(ManagedKey {
            key: engine.admit_key(&key.key)?,
            ..key
        })
    }

    /// Says whether a key has expired by now: it may have been fetched a while ago.
    pub fn is_expired(&self, key: &ManagedKey) -> bool {
        key.expires
            .is_some_and(|expires| expires <= self.manager.0.now())
    }

    /// Revokes one version, the latest, or all: they are not given out any more, and what was sealed is overwritten.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is nothing that is not revoked, and what may be wrong with a store.
    pub fn revoke(&self, id: &KeyId, version: Selector) -> Result<()> {
        let inner = &self.manager.0;
        let revoked = self
            .check_name()
            .and_then(|()| inner.store.revoke(&self.name, id, version, inner.now()))
            .and_then(|versions| as_asked(version, versions));
        inner.forget(id);
        match revoked {
            Ok(versions) => {
                let told = versions
                    .into_iter()
                    .map(|version| self.audit(Operation::Revoke, Some(*id), Some(version), None));
                // One that cannot be written down keeps none of the others from it.
                told.fold(Ok(()), Result::and)
            }
            Err(error) => {
                let asked = match version {
                    Selector::Exact(version) => Some(version),
                    Selector::Latest | Selector::All => None,
                };
                self.audit(Operation::Revoke, Some(*id), asked, Some(&error))?;
                Err(error)
            }
        }
    }

    pub(crate) fn create_as(
        &self,
        operation: Operation,
        key: &Key,
        expires: Option<u64>,
    ) -> Result<ManagedKey> {
        let created = self.try_create(key, expires);
        let new = created.as_ref().ok();
        self.audit(
            operation,
            new.map(|key| key.id),
            new.map(|key| key.version),
            created.as_ref().err(),
        )?;
        created
    }

    fn try_create(&self, key: &Key, expires: Option<u64>) -> Result<ManagedKey> {
        let inner = &self.manager.0;
        let id = KeyId::from_bytes(random(&inner.engine)?);
        let raw = self.raw(key)?;
        let record = self.record(id, key, expires);
        inner.sealing(|sealer| {
            let mut record = record.clone();
            sealer.seal(&inner.store_id(), &mut record, &raw)?;
            inner.store.create(&record, &inner.quota)
        })?;
        Ok(managed(&record, key))
    }

    pub(crate) fn append_as(
        &self,
        operation: Operation,
        id: &KeyId,
        new: &Key,
        expires: Option<u64>,
        basis: impl FnOnce(&Inner) -> Result<Basis>,
    ) -> Result<ManagedKey> {
        let appended = self.try_append(id, new, expires, basis);
        let version = appended.as_ref().ok().map(|key| key.version);
        self.audit(operation, Some(*id), version, appended.as_ref().err())?;
        appended
    }

    fn try_append(
        &self,
        id: &KeyId,
        new: &Key,
        expires: Option<u64>,
        basis: impl FnOnce(&Inner) -> Result<Basis>,
    ) -> Result<ManagedKey> {
        let inner = &self.manager.0;
        let raw = Arc::new(self.raw(new)?);
        let template = self.record(*id, new, expires);
        let store = inner.store_id();
        let basis = basis(inner)?;
        let appended = inner.sealing(|sealer| {
            let (raw, template) = (Arc::clone(&raw), template.clone());
            let made = Arc::new(Mutex::new(Vec::new()));
            let maker = Arc::clone(&made);
            let make: MakeRecord = Arc::new(move |tail: &Tail| {
                basis.check(tail, &template.algorithm)?;
                let mut record = template.clone();
                record.version = tail.next;
                sealer.seal(&store, &mut record, &raw)?;
                lock(&maker).push(record.clone());
                Ok(record)
            });
            let appended = inner.store.append(&self.name, id, &inner.quota, &make)?;
            if !lock(&made).contains(&appended) {
                let other = "it took another record for the new version than it was given";
                return Err(Error::Corrupt(other.into()));
            }
            Ok(appended)
        });
        inner.forget(id);
        Ok(managed(&appended?, new))
    }

    /// What there is to store of a key.
    fn raw(&self, key: &Key) -> Result<SecretBytes> {
        self.check_name()?;
        let raw = self.manager.0.engine.key_to_store(key)?;
        if raw.len() > MAX_KEY_LEN {
            return Err(Error::TooLong);
        }
        Ok(raw)
    }

    /// Version 1, not sealed yet.
    fn record(&self, id: KeyId, key: &Key, expires: Option<u64>) -> Record {
        Record {
            namespace: self.name.to_string(),
            id,
            version: 1,
            algorithm: key.algorithm().name.to_owned(),
            created: self.manager.0.now(),
            expires,
            exportable: self.exportable,
            kek: KekId::from_bytes([0; KekId::LEN]),
            sealed: None,
            revoked: None,
        }
    }

    fn check_name(&self) -> Result<()> {
        if (1..=MAX_NAMESPACE_LEN).contains(&self.name.len()) && !self.name.contains('\0') {
            Ok(())
        } else {
            Err(Error::BadNamespace)
        }
    }

    pub(crate) fn audit(
        &self,
        operation: Operation,
        id: Option<KeyId>,
        version: Option<Version>,
        failure: Option<&Error>,
    ) -> Result<()> {
        let subject = Subject {
            namespace: &self.name,
            id,
            version,
        };
        audit::record(&self.manager.0, operation, subject, failure)
    }
}

/// Whether a store has revoked what it was asked to, as it says. If not, what it has done is not known.
fn as_asked(asked: Selector, revoked: Vec<Version>) -> Result<Vec<Version>> {
    let is_as_asked = match asked {
        Selector::Exact(version) => revoked == [version],
        Selector::Latest => revoked.len() == 1,
        Selector::All => !revoked.is_empty() && revoked.is_sorted_by(|one, next| one < next),
    };
    if is_as_asked {
        Ok(revoked)
    } else {
        let other = "it revoked other versions than it was asked to";
        Err(Error::Corrupt(other.into()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn managed(record: &Record, key: &Key) -> ManagedKey {
    ManagedKey {
        id: record.id,
        version: record.version,
        key: key.clone(),
        expires: record.expires,
        exportable: record.exportable,
    }
}
