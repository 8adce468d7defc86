//! The manager: a store, the key-encryption keys, and what was fetched lately.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasi_crypto_engine::{Engine, Key, SecretBytes};

use crate::audit::AuditSink;
use crate::cache::{Cache, Fetched};
use crate::header::Header;
use crate::id::StoreId;
use crate::namespace::Namespace;
use crate::record::Record;
use crate::seal::{Sealer, unlimited_engine};
use crate::store::{Change, KeyStore, Quota};
use crate::{Error, KeyEncryptionKey, KeyId, Result, Selector};

/// Says what time it is, in seconds of UNIX time.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The keys of all namespaces in one store. A clone is the same manager.
///
/// Where it is made, the key-encryption key is checked: [`ManagerBuilder::open`].
#[derive(Clone)]
pub struct Manager(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Box<dyn KeyStore>,
    pub(crate) engine: Engine,
    pub(crate) quota: Quota,
    pub(crate) clock: Clock,
    pub(crate) audit: Option<Arc<dyn AuditSink>>,
    sealers: RwLock<Vec<Sealer>>,
    header: RwLock<Known>,
    cache: Arc<Cache>,
    staleness: Option<Duration>,
}

/// The header, and when the store was asked for it.
struct Known {
    header: Header,
    at: Instant,
}

impl Known {
    fn now(header: Header) -> Self {
        Self {
            header,
            at: Instant::now(),
        }
    }
}

/// Makes a [`Manager`].
pub struct ManagerBuilder {
    store: Box<dyn KeyStore>,
    keks: Vec<KeyEncryptionKey>,
    cache_entries: usize,
    staleness: Duration,
    quota: Quota,
    clock: Clock,
    audit: Option<Arc<dyn AuditSink>>,
    must_exist: bool,
}

impl ManagerBuilder {
    /// Adds a key-encryption key: while `rekey` works, and until everybody has the new one, a store may ask for both.
    #[must_use]
    pub fn also(mut self, kek: KeyEncryptionKey) -> Self {
        self.keks.push(kek);
        self
    }

    /// Sets how many versions of keys are kept open in memory. Default: 1024.
    #[must_use]
    pub fn cache_entries(mut self, entries: usize) -> Self {
        self.cache_entries = entries;
        self
    }

    /// Sets for how long a key that others may have revoked is given out without asking the store again. Default: 1 s.
    ///
    /// A store that only this process can write to is never asked again in vain.
    #[must_use]
    pub fn staleness(mut self, limit: Duration) -> Self {
        self.staleness = limit;
        self
    }

    /// Sets how much each namespace may store.
    #[must_use]
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quota = quota;
        self
    }

    /// Sets the clock that decides what has expired. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets what keeps the audit trail. Default: nothing does, and events go to `tracing` alone.
    ///
    /// An operation whose event it does not keep is [`Error::Audit`].
    #[must_use]
    pub fn audit(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.audit = Some(sink);
        self
    }

    /// Refuses a store that no manager has written to yet, with [`Error::NoStore`], instead of beginning one.
    #[must_use]
    pub fn must_exist(mut self) -> Self {
        self.must_exist = true;
        self
    }

    /// Makes the manager. A store that is new is from now on sealed under the key-encryption key given first.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKek`] when the store is sealed under a key-encryption key that is not among those given: nothing has
    /// been written then; [`Error::Store`], [`Error::Corrupt`]; [`Error::Rng`].
    pub fn open(self) -> Result<Manager> {
        let sealers: Result<Vec<_>> = self.keks.iter().map(Sealer::new).collect();
        let sealers = sealers?;
        let engine = unlimited_engine();
        let header = match self.store.header()? {
            Some(header) => Header::decode(&header)?,
            None if self.must_exist => return Err(Error::NoStore),
            None => first_header(&*self.store, &engine, &sealers)?,
        };
        header.check(&sealers)?;
        let cache = Arc::new(Cache::new(self.cache_entries));
        let staleness = self.store.is_shared().then_some(self.staleness);
        let told = Arc::clone(&cache);
        self.store.listen(Arc::new(move |change| match change {
            Change::Key(id) => told.forget(&id),
            Change::Unknown => told.clear(),
        }));
        Ok(Manager(Arc::new(Inner {
            store: self.store,
            engine,
            quota: self.quota,
            clock: self.clock,
            audit: self.audit,
            sealers: RwLock::new(sealers),
            header: RwLock::new(Known::now(header)),
            cache,
            staleness,
        })))
    }
}

fn first_header(store: &dyn KeyStore, engine: &Engine, sealers: &[Sealer]) -> Result<Header> {
    let sealer = sealers.first().ok_or(Error::NotFound)?;
    // What is there is bound to the header that it was stored under: one that somebody else has made meanwhile, or none.
    if store.scan(None, None, 1)?.is_empty() {
        let header = Header::new(random(engine)?, sealer)?;
        if store.set_header(None, &header.encode())? {
            return Ok(header);
        }
    }
    Header::decode(&store.header()?.ok_or_else(gone)?)
}

fn gone() -> Error {
    Error::Corrupt("its check record is gone; restore it from a backup".into())
}

/// Sixteen random bytes.
pub(crate) fn random(engine: &Engine) -> Result<[u8; 16]> {
    let key = engine.generate_key("AES-128-GCM", None)?;
    let raw = engine.key_to_store(&key)?;
    raw.as_slice().try_into().map_err(|_| Error::Rng)
}

fn system_clock() -> u64 {
    // Before 1970 everything lies in the future.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

impl Manager {
    /// Begins to make a manager of the keys in `store`, sealed under `kek`.
    pub fn builder(store: impl KeyStore + 'static, kek: KeyEncryptionKey) -> ManagerBuilder {
        Self::builder_of(Box::new(store), kek)
    }

    /// As [`Manager::builder`], of a store whose type is found out when the program runs.
    pub fn builder_of(store: Box<dyn KeyStore>, kek: KeyEncryptionKey) -> ManagerBuilder {
        ManagerBuilder {
            store,
            keks: vec![kek],
            cache_entries: 1024,
            staleness: Duration::from_secs(1),
            quota: Quota::default(),
            clock: Arc::new(system_clock),
            audit: None,
            must_exist: false,
        }
    }

    /// The keys that a guest sees whose namespace has this name. Names have 1 to
    /// [`MAX_NAMESPACE_LEN`](crate::MAX_NAMESPACE_LEN) bytes and no NUL; with another name, every operation is
    /// [`Error::BadNamespace`].
    pub fn namespace(&self, name: &str) -> Namespace {
        Namespace::new(self.clone(), name)
    }
}

impl Inner {
    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    pub(crate) fn forget(&self, id: &KeyId) {
        self.cache.forget(id);
    }

    pub(crate) fn cached(
        &self,
        namespace: &Arc<str>,
        id: &KeyId,
        version: Selector,
    ) -> Result<Fetched> {
        if let Some(fetched) = self.cache.get(namespace, id, version, self.staleness) {
            return Ok(fetched);
        }
        let begun = self.cache.begin(id);
        let mut record = self.store.fetch(namespace, id, version)?;
        let as_asked = record.namespace == **namespace
            && record.id == *id
            && !matches!(version, Selector::Exact(version) if version != record.version);
        if !as_asked {
            return Err(Error::Corrupt("it gave another key than asked for".into()));
        }
        let key = self.open(&mut record)?;
        let fetched = Fetched {
            namespace: Arc::clone(namespace),
            version: record.version,
            key,
            expires: record.expires,
            exportable: record.exportable,
        };
        self.cache.put(id, version, &begun, fetched.clone());
        Ok(fetched)
    }

    /// Opens what is sealed in a record, as it is stored now. What the record says is proven then.
    pub(crate) fn open(&self, record: &mut Record) -> Result<Key> {
        if record.is_revoked() {
            return Err(Error::NotFound);
        }
        match self.open_as_read(record) {
            // Since it was read, it may have been moved to the key-encryption key that is the current one now.
            Err(Error::Sealing { .. }) if record.kek != self.header().current() => {
                let version = Selector::Exact(record.version);
                let now = self.store.fetch(&record.namespace, &record.id, version)?;
                if now.place() != record.place() || now.is_revoked() || now == *record {
                    return Err(record.damaged());
                }
                *record = now;
                self.open_as_read(record)
            }
            opened => opened,
        }
    }

    fn open_as_read(&self, record: &Record) -> Result<Key> {
        let raw = self.open_raw(record)?;
        Ok(self.engine.import_key(&record.algorithm, &raw)?)
    }

    pub(crate) fn open_raw(&self, record: &Record) -> Result<SecretBytes> {
        self.sealer(record)?.open(&self.store_id(), record)
    }

    /// What opens a record: one of the key-encryption keys that the store is sealed under now. Another one may be known
    /// here still, but whoever has it could seal records of their own.
    fn sealer(&self, record: &Record) -> Result<Sealer> {
        // Somebody else may have begun to move the store to another key, or have finished.
        let known = self.known_header()?;
        if !known.names(record.kek) && !self.read_header()?.names(record.kek) {
            return Err(record.damaged());
        }
        let sealers = self.sealers.read().unwrap_or_else(PoisonError::into_inner);
        let sealer = sealers.iter().find(|sealer| sealer.id() == record.kek);
        sealer.cloned().ok_or_else(|| Error::WrongKek {
            needed: record.kek,
            given: sealers.iter().map(Sealer::id).collect(),
        })
    }

    /// The one that new versions are sealed with.
    pub(crate) fn current_sealer(&self) -> Result<Sealer> {
        let current = self.header().current();
        let sealers = self.sealers.read().unwrap_or_else(PoisonError::into_inner);
        sealers
            .iter()
            .find(|sealer| sealer.id() == current)
            .cloned()
            .ok_or(Error::NotFound)
    }

    pub(crate) fn add_sealer(&self, sealer: Sealer) {
        let mut sealers = self.sealers.write().unwrap_or_else(PoisonError::into_inner);
        if !sealers.iter().any(|known| known.id() == sealer.id()) {
            sealers.push(sealer);
        }
    }

    pub(crate) fn header(&self) -> Header {
        let known = self.header.read().unwrap_or_else(PoisonError::into_inner);
        known.header.clone()
    }

    pub(crate) fn store_id(&self) -> StoreId {
        let known = self.header.read().unwrap_or_else(PoisonError::into_inner);
        known.header.store
    }

    /// The header, no older than what is fetched may be: a key-encryption key that was retired opens nothing for longer.
    fn known_header(&self) -> Result<Header> {
        let known = self.header.read().unwrap_or_else(PoisonError::into_inner);
        let is_stale = |limit| known.at.elapsed() >= limit;
        if !self.staleness.is_some_and(is_stale) {
            return Ok(known.header.clone());
        }
        drop(known);
        self.read_header()
    }

    /// Looks again under which key the store is sealed.
    pub(crate) fn read_header(&self) -> Result<Header> {
        let at = Instant::now();
        let header = self.store.header().map_err(|error| match error {
            // Nobody shall take this for something that is wrong with one record.
            error if error.is_of_one_record() => gone(),
            error => error,
        })?;
        let header = Header::decode(&header.ok_or_else(gone)?)?;
        let sealers = self.sealers.read().unwrap_or_else(PoisonError::into_inner);
        header.check(&sealers)?;
        drop(sealers);
        let mut known = self.header.write().unwrap_or_else(PoisonError::into_inner);
        // What is cached, and what is being sealed, belongs to the store that was opened.
        if known.header.store != header.store {
            return Err(Error::Corrupt(
                "its check record is that of another store".into(),
            ));
        }
        if known.at <= at {
            *known = Known {
                header: header.clone(),
                at,
            };
        }
        Ok(header)
    }

    /// Does what seals something, once more if the store has changed its key-encryption key meanwhile.
    pub(crate) fn sealing<T>(&self, work: impl Fn(Sealer) -> Result<T>) -> Result<T> {
        match work(self.current_sealer()?) {
            Err(Error::WrongKek { .. }) => {
                self.read_header()?;
                work(self.current_sealer()?)
            }
            outcome => outcome,
        }
    }
}
