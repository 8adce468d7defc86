//! The store for hosts that outgrow one machine: tables in PostgreSQL, which any number of hosts share.
//!
//! The store makes its tables, in the schema `wasi_crypto` of the database. The server allocates versions: it locks a key
//! until the version is committed. It tells every host of changes at once (`NOTIFY`).
//!
//! A pooler that gives each transaction another connection, such as PgBouncer in transaction mode, may be between: every
//! setting ends with its transaction, and no statement has a name. Hosts do not hear of changes then; they notice that, say
//! so once, and what has changed is found by asking again, within
//! [`ManagerBuilder::staleness`](crate::ManagerBuilder::staleness). Only a `LISTEN` may stay behind on a pooled connection:
//! who gets that next may be sent notifications that it did not ask for.
//!
//! Every operation ends within seconds, whatever becomes of the server and the network: while the server cannot be reached,
//! it is asked again and again until then. Operations have a thread of their own; the caller's waits for it.

mod config;
mod listen;
mod parameters;
mod pool;
mod schema;
mod sql;
mod url;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use self::config::Settings;
use self::parameters::{bytes, many_bytes, number, numbers, text, texts, truth};
use self::pool::{Connection, Failure, Pool};
use crate::record::{Place, Record};
use crate::store::{KeyStore, Listener, MakeRecord, Quota, Tail, check_kek};
use crate::{Error, KekId, KeyId, Result, Selector, Version};

/// The last version that is in order where numbers have a sign.
const LAST: Version = i64::MAX.cast_unsigned();

/// Keys in a database.
pub struct PostgresStore(Pool);

impl PostgresStore {
    /// Opens the store in the database that `url` names, and makes its tables if there are none.
    ///
    /// `url` is `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETER=VALUE`, all of which can be left out, down to
    /// `postgres:`. What it does not say is taken from the environment, unless it is empty there: `PGHOST`, `PGPORT`,
    /// `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGOPTIONS`, `PGAPPNAME`, `PGSSLMODE`, `PGSSLROOTCERT`. A host that begins with
    /// `/` is a directory of sockets. Passwords are checked by SCRAM-SHA-256 or MD5; there are no client certificates, and
    /// no password files. A parameter that libpq knows and this does not is an error that says what to do instead.
    ///
    /// **TLS**, by rustls, is used with every server that is not on this machine, and the server's certificate has to
    /// be good for its name: by the system's authorities, or those in the file that `sslrootcert` names. `sslmode` is
    /// `disable`, or one of `require`, `verify-ca` and `verify-full`, which all mean the last. With `sslrootcert=system`, TLS
    /// is used with a server on this machine, too.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] for a URL that cannot be read, a server that cannot be reached or refuses the user, and tables
    /// that a newer version of this crate has made.
    pub fn open(url: &str) -> Result<Self> {
        Self::up_to_date(Pool::new(Settings::read(url)?)?)
    }

    /// As [`PostgresStore::open`], but leaves a database alone that has no tables of the store.
    ///
    /// # Errors
    ///
    /// As for [`PostgresStore::open`]; [`Error::NoStore`] where there are no tables.
    pub fn open_existing(url: &str) -> Result<Self> {
        let pool = Pool::new(Settings::read(url)?)?;
        if !pool.run(|connection| schema::is_there(connection))? {
            return Err(Error::NoStore);
        }
        Self::up_to_date(pool)
    }

    /// The file with certificates that `url`, or else the environment, names: whoever can write to it decides which servers
    /// are trusted.
    pub fn certificates(url: &str) -> Option<PathBuf> {
        config::certificates(url)
    }

    fn up_to_date(pool: Pool) -> Result<Self> {
        pool.run(|connection| schema::migrate(connection))?;
        Ok(Self(pool))
    }
}

impl KeyStore for PostgresStore {
    fn is_shared(&self) -> bool {
        true
    }

    fn listen(&self, listener: Listener) {
        self.0.spawn(listen::listen(self.0.shared(), listener));
    }

    fn header(&self) -> Result<Option<Vec<u8>>> {
        self.0.run(|connection| Box::pin(header(connection)))
    }

    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool> {
        let expected = expected.map(<[u8]>::to_vec);
        let header = header.to_vec();
        self.0.run(move |connection| {
            let (expected, header) = (expected.clone(), header.clone());
            Box::pin(async move {
                let changed = match expected {
                    Some(expected) => {
                        let parameters = [bytes(&expected), bytes(&header)];
                        connection.query_opt(sql::NEXT_HEADER, &parameters).await?
                    }
                    None => {
                        let parameters = [bytes(&header)];
                        connection.query_opt(sql::FIRST_HEADER, &parameters).await?
                    }
                };
                // If an earlier attempt has changed it, the caller sees that when it looks.
                Ok(changed.is_some())
            })
        })
    }

    fn create(&self, record: &Record, quota: &Quota) -> Result<()> {
        let (record, quota) = (record.clone(), *quota);
        self.0.run(move |connection| {
            let (record, quota) = (record.clone(), quota);
            Box::pin(async move { create(connection, &record, &quota).await })
        })
    }

    fn append(
        &self,
        namespace: &str,
        id: &KeyId,
        quota: &Quota,
        make: &MakeRecord,
    ) -> Result<Record> {
        let (namespace, id, quota) = (namespace.to_owned(), *id, *quota);
        let make = MakeRecord::clone(make);
        let tried = Arc::new(Mutex::new(None));
        self.0.run(move |connection| {
            let (namespace, make) = (namespace.clone(), MakeRecord::clone(&make));
            let tried = Arc::clone(&tried);
            Box::pin(
                async move { append(connection, &namespace, &id, &quota, &make, &tried).await },
            )
        })
    }

    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record> {
        let (namespace, id) = (namespace.to_owned(), *id);
        self.0.run(move |connection| {
            let namespace = namespace.clone();
            Box::pin(async move {
                let id = id.as_bytes().as_slice();
                let found = match version {
                    Selector::Exact(version) => {
                        let version = signed(version);
                        let parameters = [text(&namespace), bytes(&id), number(&version)];
                        connection.query_opt(sql::FETCH_EXACT, &parameters).await?
                    }
                    Selector::Latest => {
                        let parameters = [text(&namespace), bytes(&id)];
                        connection.query_opt(sql::FETCH_LATEST, &parameters).await?
                    }
                    Selector::All => None,
                };
                record(&found.ok_or(Error::NotFound)?)
            })
        })
    }

    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>> {
        let (namespace, id) = (namespace.to_owned(), *id);
        let tried = Arc::new(Mutex::new(None));
        self.0.run(move |connection| {
            let (namespace, tried) = (namespace.clone(), Arc::clone(&tried));
            Box::pin(async move { revoke(connection, &namespace, &id, version, now, &tried).await })
        })
    }

    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        let namespace = namespace.map(str::to_owned);
        let after = after.cloned().unwrap_or(Place {
            namespace: String::new(),
            id: KeyId::from_bytes([0; KeyId::LEN]),
            version: 0,
        });
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.0.run(move |connection| {
            let (namespace, after) = (namespace.clone(), after.clone());
            Box::pin(async move {
                let id = after.id.as_bytes().as_slice();
                let version = signed(after.version);
                let parameters = [
                    text(&namespace),
                    text(&after.namespace),
                    bytes(&id),
                    number(&version),
                    number(&limit),
                ];
                let rows = connection.query(sql::SCAN, &parameters).await?;
                rows.iter().map(record).collect()
            })
        })
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        let changes = changes.to_vec();
        self.0.run(move |connection| {
            let changes = changes.clone();
            Box::pin(async move { reseal(connection, &changes).await })
        })
    }
}

async fn header(connection: &mut Connection) -> Result<Option<Vec<u8>>, Failure> {
    let row = connection.query_opt(sql::HEADER, &[]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

async fn create(
    connection: &mut Connection,
    record: &Record,
    quota: &Quota,
) -> Result<(), Failure> {
    let id = record.id.as_bytes().as_slice();
    let kek = record.kek.as_bytes().as_slice();
    let (created, expires) = (signed(record.created), record.expires.map(signed));
    let (keys, versions) = (clamped(quota.keys), clamped(quota.versions));
    let parameters = [
        text(&record.namespace),
        bytes(&id),
        text(&record.algorithm),
        number(&created),
        number(&expires),
        truth(&record.exportable),
        bytes(&kek),
        bytes(&record.sealed),
        number(&keys),
        number(&versions),
    ];
    match connection.query_opt(sql::CREATE, &parameters).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(why_not(connection, record, quota, 1).await),
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            // An earlier attempt has made it; otherwise two random identifiers are the same.
            if is_stored(connection, record).await? {
                Ok(())
            } else {
                Err(Error::Rng.into())
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Says whether this very record is stored: no two have the same nonce.
async fn is_stored(connection: &mut Connection, record: &Record) -> Result<bool, Failure> {
    let (id, version) = (record.id.as_bytes().as_slice(), signed(record.version));
    let parameters = [text(&record.namespace), bytes(&id), number(&version)];
    let found = connection.query_opt(sql::FETCH_EXACT, &parameters).await?;
    let sealed: Option<Vec<u8>> = match found {
        Some(row) => row.try_get("sealed")?,
        None => None,
    };
    Ok(sealed == record.sealed)
}

async fn append(
    connection: &mut Connection,
    namespace: &str,
    id: &KeyId,
    quota: &Quota,
    make: &MakeRecord,
    tried: &Mutex<Option<Record>>,
) -> Result<Record, Failure> {
    let (latest, live, algorithm) = lock_key(connection, namespace, id).await?;
    // Now that the key is locked, an earlier attempt has either been committed or never will be.
    let earlier = lock(tried).clone();
    if let Some(earlier) = earlier
        && is_stored(connection, &earlier).await?
    {
        return Ok(earlier);
    }
    if latest >= LAST {
        return Err(Error::Full("versions").into());
    }
    let record = make(&Tail {
        next: latest + 1,
        algorithm,
    })?;
    *lock(tried) = Some(record.clone());
    let revived = i64::from(live == 0);
    let id = id.as_bytes().as_slice();
    let kek = record.kek.as_bytes().as_slice();
    let (created, expires) = (signed(record.created), record.expires.map(signed));
    let (keys, versions) = (clamped(quota.keys), clamped(quota.versions));
    let version = signed(record.version);
    let parameters = [
        text(&namespace),
        bytes(&id),
        text(&record.algorithm),
        number(&created),
        number(&expires),
        truth(&record.exportable),
        bytes(&kek),
        bytes(&record.sealed),
        number(&keys),
        number(&versions),
        number(&version),
        number(&revived),
        text(&listen::CHANNEL),
    ];
    // Either all of the statement has an effect or nothing, so that there is no need to wait before committing.
    let made = connection.commit_with(sql::APPEND, &parameters).await?;
    if made.len() == 1 {
        return Ok(record);
    }
    Err(why_not(connection, &record, quota, revived).await)
}

/// Begins a transaction in which nobody else can change the key, and returns its latest version, how many are not revoked,
/// and its algorithm.
async fn lock_key(
    connection: &mut Connection,
    namespace: &str,
    id: &KeyId,
) -> Result<(Version, i64, String), Failure> {
    let id = id.as_bytes().as_slice();
    let parameters = [text(&namespace), bytes(&id)];
    let mut rows = connection.begin_with(sql::LOCK_KEY, &parameters).await?;
    let row = rows.pop().ok_or(Error::NotFound)?;
    Ok((unsigned(row.try_get(0)?), row.try_get(1)?, row.try_get(2)?))
}

/// What an attempt to revoke has found.
#[derive(Clone)]
struct Revocation {
    first: i64,
    last: i64,
    versions: Vec<Version>,
}

async fn revoke(
    connection: &mut Connection,
    namespace: &str,
    id: &KeyId,
    version: Selector,
    now: u64,
    tried: &Mutex<Option<Revocation>>,
) -> Result<Vec<Version>, Failure> {
    let (latest, live, _) = lock_key(connection, namespace, id).await?;
    let earlier = lock(tried).clone();
    let (first, last) = match (version, &earlier) {
        // What was the latest at the first attempt.
        (_, Some(earlier)) => (earlier.first, earlier.last),
        (Selector::Exact(version), None) => (signed(version), signed(version)),
        (Selector::Latest, None) => (signed(latest), signed(latest)),
        (Selector::All, None) => (i64::MIN, i64::MAX),
    };
    let id = id.as_bytes().as_slice();
    let now = signed(now);
    let parameters = [
        text(&namespace),
        bytes(&id),
        number(&first),
        number(&last),
        number(&now),
    ];
    let rows = connection.query(sql::REVOKE, &parameters).await?;
    let mut revoked = Vec::with_capacity(rows.len());
    for row in &rows {
        revoked.push(unsigned(row.try_get(0)?));
    }
    if revoked.is_empty() {
        // Nothing else could have revoked what the earlier attempt has found but that attempt.
        let done = earlier.map(|earlier| earlier.versions);
        return done.ok_or(Error::NotFound.into());
    }
    revoked.sort_unstable();
    *lock(tried) = Some(Revocation {
        first,
        last,
        versions: revoked.clone(),
    });
    let fewer = i64::try_from(revoked.len()).unwrap_or(i64::MAX);
    let keys_fewer = i64::from(fewer >= live);
    let parameters = [
        text(&namespace),
        bytes(&id),
        number(&fewer),
        number(&keys_fewer),
        text(&listen::CHANNEL),
    ];
    connection.commit_with(sql::REVOKED, &parameters).await?;
    Ok(revoked)
}

async fn reseal(connection: &mut Connection, changes: &[(Record, Record)]) -> Result<u64, Failure> {
    let Some((_, first)) = changes.first() else {
        return Ok(0);
    };
    check_kek(header(connection).await?.as_deref(), first)?;
    let namespaces: Vec<_> = changes.iter().map(|(old, _)| &old.namespace).collect();
    let ids: Vec<_> = changes
        .iter()
        .map(|(old, _)| old.id.as_bytes().as_slice())
        .collect();
    let versions: Vec<_> = changes.iter().map(|(old, _)| signed(old.version)).collect();
    let old: Vec<_> = changes.iter().map(|(old, _)| &old.sealed).collect();
    let new: Vec<_> = changes.iter().map(|(_, new)| &new.sealed).collect();
    let kek = first.kek.as_bytes().as_slice();
    let parameters = [
        texts(&namespaces),
        many_bytes(&ids),
        numbers(&versions),
        many_bytes(&old),
        many_bytes(&new),
        bytes(&kek),
    ];
    // Doing this twice does no harm.
    let resealed = connection.query(sql::RESEAL, &parameters).await?;
    Ok(resealed.len() as u64)
}

/// Finds out why a record was not written.
async fn why_not(
    connection: &mut Connection,
    record: &Record,
    quota: &Quota,
    more_keys: i64,
) -> Failure {
    match try_why_not(connection, record, quota, more_keys).await {
        Ok(()) => Failure::Again("the namespace was full".into()),
        Err(failure) => failure,
    }
}

async fn try_why_not(
    connection: &mut Connection,
    record: &Record,
    quota: &Quota,
    more_keys: i64,
) -> Result<(), Failure> {
    check_kek(header(connection).await?.as_deref(), record)?;
    let parameters = [text(&record.namespace)];
    let row = connection.query_opt(sql::COUNTS, &parameters).await?;
    let (keys, versions): (i64, i64) = match row {
        Some(row) => (row.try_get(0)?, row.try_get(1)?),
        None => (0, 0),
    };
    let keys = if more_keys > 0 { unsigned(keys) + 1 } else { 0 };
    quota.check(keys, unsigned(versions) + 1)?;
    Ok(())
}

fn record(row: &Row) -> Result<Record, Failure> {
    let damaged = || Error::Corrupt("a row of wasi_crypto.versions cannot be read".into());
    let id: Vec<u8> = row.try_get("id")?;
    let kek: Vec<u8> = row.try_get("kek")?;
    Ok(Record {
        namespace: row.try_get("namespace")?,
        id: KeyId::from_slice(&id).map_err(|_| damaged())?,
        version: unsigned(row.try_get("version")?),
        algorithm: row.try_get("algorithm")?,
        created: unsigned(row.try_get("created")?),
        expires: row.try_get::<_, Option<i64>>("expires")?.map(unsigned),
        exportable: row.try_get("exportable")?,
        kek: KekId::from_bytes(kek.try_into().map_err(|_| damaged())?),
        sealed: row.try_get("sealed")?,
        revoked: row.try_get::<_, Option<i64>>("revoked")?.map(unsigned),
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number with the same bits.
fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// The number with the same bits.
fn unsigned(number: i64) -> u64 {
    number.cast_unsigned()
}

/// The number, or the largest there is.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
