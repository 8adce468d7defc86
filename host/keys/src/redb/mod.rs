//! The embedded store: one file, in the format of redb.
//!
//! The file is made on first use, readable by its owner alone, and is open to one process at a time; `FILE.lock` beside
//! it, where symbolic links lead, holds that process's name. Every change is a transaction of its own that is committed in two phases, because guests
//! can steer what is written. Whenever the file is opened, all of it is checked.
//!
//! redb panics on some damage, which is caught: a program that is compiled with `panic = "abort"` ends then.

mod file;
mod lock;
mod rows;
mod trouble;

use std::path::Path;

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, WriteTransaction};

use self::file::{Failure, Storage};
use self::rows::{Head, KEYS, META, NAMESPACES, VERSIONS, unreadable};
use crate::record::{Place, Record};
use crate::store::{KeyStore, Listener, MakeRecord, Quota, Tail, check_kek};
use crate::{Error, KeyId, LAST_VERSION, Result, Selector, Version};

const HEADER: &str = "header";

/// Keys in a file.
pub struct RedbStore(Storage);

impl RedbStore {
    /// Opens the store in the file at `path`, and makes it if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Held`] while another process has it open; [`Error::Corrupt`] for a file that is damaged, empty or
    /// something else; [`Error::Store`] when it cannot be read, written or made.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Storage::open(path.as_ref()).map(Self)
    }

    /// A store that is gone when it is dropped, for tests.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub fn in_memory() -> Result<Self> {
        Self::on(InMemoryBackend::new())
    }

    /// A store on storage of the caller's, to measure what it does with it.
    #[doc(hidden)]
    pub fn on(backend: impl StorageBackend) -> Result<Self> {
        Storage::on(backend).map(Self)
    }

    fn write<T>(&self, work: impl FnOnce(&WriteTransaction) -> Result<T, Failure>) -> Result<T> {
        self.0.with(|database| {
            let mut transaction = database.begin_write()?;
            transaction.set_two_phase_commit(true);
            match work(&transaction) {
                Ok(done) => {
                    transaction.commit()?;
                    Ok(done)
                }
                // That it cannot be given up says less than why it has to be.
                Err(failure) => match transaction.abort() {
                    Ok(()) => Err(failure),
                    Err(_) => Err(failure.broken()),
                },
            }
        })
    }
}

impl KeyStore for RedbStore {
    fn is_shared(&self) -> bool {
        false
    }

    fn listen(&self, _: Listener) {}

    fn header(&self) -> Result<Option<Vec<u8>>> {
        self.0.with(|database| {
            let meta = database.begin_read()?.open_table(META)?;
            Ok(meta.get(HEADER)?.map(|header| header.value().to_vec()))
        })
    }

    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool> {
        self.write(|transaction| {
            let mut meta = transaction.open_table(META)?;
            let as_expected = meta.get(HEADER)?.as_ref().map(|found| found.value()) == expected;
            if as_expected {
                meta.insert(HEADER, header)?;
            }
            Ok(as_expected)
        })
    }

    fn create(&self, record: &Record, quota: &Quota) -> Result<()> {
        self.write(|transaction| {
            check_header(transaction, record)?;
            count(transaction, &record.namespace, Some(quota), 1, 1)?;
            let head = Head {
                latest: record.version,
                live: 1,
                algorithm: record.algorithm.clone(),
            };
            let mut keys = transaction.open_table(KEYS)?;
            let key = (record.namespace.as_str(), record.id.as_bytes());
            if keys.insert(key, head.encode().as_slice())?.is_some() {
                // Two random identifiers are not the same, unless the randomness is none.
                return Err(Error::Rng.into());
            }
            put(transaction, record)
        })
    }

    fn append(
        &self,
        namespace: &str,
        id: &KeyId,
        quota: &Quota,
        make: &MakeRecord,
    ) -> Result<Record> {
        self.write(|transaction| {
            let mut head = head(transaction, namespace, id)?;
            if head.latest >= LAST_VERSION {
                return Err(Error::Full("versions").into());
            }
            head.latest += 1;
            let record = make(&Tail {
                next: head.latest,
                algorithm: head.algorithm.clone(),
            })?;
            check_header(transaction, &record)?;
            let revived = i64::from(head.live == 0);
            count(transaction, namespace, Some(quota), revived, 1)?;
            head.live += 1;
            put_head(transaction, namespace, id, &head)?;
            put(transaction, &record)?;
            Ok(record)
        })
    }

    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record> {
        self.0.with(|database| {
            let transaction = database.begin_read()?;
            let version = match version {
                Selector::Exact(version) => version,
                Selector::Latest => {
                    let keys = transaction.open_table(KEYS)?;
                    let head = keys.get((namespace, id.as_bytes()))?;
                    Head::decode(head.ok_or(Error::NotFound)?.value())?.latest
                }
                Selector::All => return Err(Error::NotFound.into()),
            };
            let versions = transaction.open_table(VERSIONS)?;
            let row = versions.get((namespace, id.as_bytes(), version))?;
            let row = row.ok_or(Error::NotFound)?;
            let record = rows::decode(namespace, id.as_bytes(), version, row.value())?;
            if record.sealed.is_none() {
                return Err(Error::NotFound.into());
            }
            Ok(record)
        })
    }

    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>> {
        self.write(|transaction| {
            let mut head = head(transaction, namespace, id)?;
            let (first, last) = match version {
                Selector::Exact(version) => (version, version),
                Selector::Latest => (head.latest, head.latest),
                Selector::All => (0, Version::MAX),
            };
            let mut revoked = Vec::new();
            let mut records = Vec::new();
            for row in transaction
                .open_table(VERSIONS)?
                .range((namespace, id.as_bytes(), first)..=(namespace, id.as_bytes(), last))?
            {
                let (place, row) = row?;
                let record = rows::decode(namespace, id.as_bytes(), place.value().2, row.value())?;
                if record.sealed.is_some() {
                    revoked.push(record.version);
                    records.push(Record {
                        sealed: None,
                        revoked: Some(now),
                        ..record
                    });
                }
            }
            if revoked.is_empty() {
                return Err(Error::NotFound.into());
            }
            for record in &records {
                put(transaction, record)?;
            }
            head.live = head.live.saturating_sub(revoked.len() as u64);
            put_head(transaction, namespace, id, &head)?;
            count(transaction, namespace, None, -i64::from(head.live == 0), 0)?;
            Ok(revoked)
        })
    }

    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        self.0
            .with(|database| scan(database, namespace, after, limit))
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        self.write(|transaction| {
            let mut changed = 0;
            for (old, new) in changes {
                check_header(transaction, new)?;
                let still = {
                    let versions = transaction.open_table(VERSIONS)?;
                    let place = (old.namespace.as_str(), old.id.as_bytes(), old.version);
                    let row = versions.get(place)?;
                    let encoded = rows::encode(old)?;
                    row.is_some_and(|row| row.value() == encoded)
                };
                if still {
                    put(transaction, new)?;
                    changed += 1;
                }
            }
            Ok(changed)
        })
    }
}

fn scan(
    database: &Database,
    namespace: Option<&str>,
    after: Option<&Place>,
    limit: usize,
) -> Result<Vec<Record>, Failure> {
    use std::ops::Bound;
    const FIRST: KeyId = KeyId::from_bytes([0; KeyId::LEN]);
    let first = (namespace.unwrap_or_default(), FIRST.as_bytes(), 0);
    let start = match after {
        Some(after) => {
            let after = (after.namespace.as_str(), after.id.as_bytes(), after.version);
            if after >= first {
                Bound::Excluded(after)
            } else {
                Bound::Included(first)
            }
        }
        None => Bound::Included(first),
    };
    let versions = database.begin_read()?.open_table(VERSIONS)?;
    let mut records = Vec::new();
    for row in versions.range::<(&str, &[u8; 16], u64)>((start, Bound::Unbounded))? {
        let (place, row) = row?;
        let (found, id, version) = place.value();
        if records.len() == limit || namespace.is_some_and(|namespace| namespace != found) {
            break;
        }
        records.push(rows::decode(found, id, version, row.value())?);
    }
    Ok(records)
}

fn check_header(transaction: &WriteTransaction, record: &Record) -> Result<(), Failure> {
    let meta = transaction.open_table(META)?;
    let header = meta.get(HEADER)?;
    check_kek(header.as_ref().map(|header| header.value()), record)?;
    Ok(())
}

fn head(transaction: &WriteTransaction, namespace: &str, id: &KeyId) -> Result<Head, Failure> {
    let keys = transaction.open_table(KEYS)?;
    let head = keys.get((namespace, id.as_bytes()))?;
    Ok(Head::decode(head.ok_or(Error::NotFound)?.value())?)
}

fn put_head(
    transaction: &WriteTransaction,
    namespace: &str,
    id: &KeyId,
    head: &Head,
) -> Result<(), Failure> {
    let mut keys = transaction.open_table(KEYS)?;
    keys.insert((namespace, id.as_bytes()), head.encode().as_slice())?;
    Ok(())
}

fn put(transaction: &WriteTransaction, record: &Record) -> Result<(), Failure> {
    let mut versions = transaction.open_table(VERSIONS)?;
    let place = (
        record.namespace.as_str(),
        record.id.as_bytes(),
        record.version,
    );
    versions.insert(place, rows::encode(record)?.as_slice())?;
    Ok(())
}

/// Counts keys and versions of a namespace, which are checked against `quota` when they become more.
fn count(
    transaction: &WriteTransaction,
    namespace: &str,
    quota: Option<&Quota>,
    more_keys: i64,
    more_versions: u64,
) -> Result<(), Failure> {
    let mut namespaces = transaction.open_table(NAMESPACES)?;
    let (keys, versions) = match namespaces.get(namespace)? {
        Some(counted) => counted.value(),
        None => (0, 0),
    };
    let keys = keys.checked_add_signed(more_keys).ok_or_else(unreadable)?;
    let versions = versions.checked_add(more_versions).ok_or_else(unreadable)?;
    if let Some(quota) = quota {
        quota.check(if more_keys > 0 { keys } else { 0 }, versions)?;
    }
    namespaces.insert(namespace, (keys, versions))?;
    Ok(())
}
