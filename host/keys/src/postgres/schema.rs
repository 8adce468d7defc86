//! The tables, and how they come to be.
//!
//! Numbers of 64 bits without sign are kept as those with sign that have the same bits.

use tokio_postgres::error::SqlState;

use super::parameters::number;
use super::pool::{Connection, Failure, Work};
use crate::Error;

/// What brings the schema from each version to the next one. Published ones are never changed, only followed by others.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE wasi_crypto.header (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        value bytea NOT NULL
    );
    CREATE TABLE wasi_crypto.namespaces (
        name text COLLATE \"C\" PRIMARY KEY,
        keys bigint NOT NULL CHECK (keys >= 0),
        versions bigint NOT NULL CHECK (versions >= 0)
    );
    CREATE TABLE wasi_crypto.keys (
        namespace text COLLATE \"C\" NOT NULL,
        id bytea NOT NULL CHECK (length(id) = 16),
        latest bigint NOT NULL,
        live bigint NOT NULL CHECK (live >= 0),
        algorithm text NOT NULL,
        PRIMARY KEY (namespace, id)
    ) WITH (fillfactor = 70);
    CREATE TABLE wasi_crypto.versions (
        namespace text COLLATE \"C\" NOT NULL,
        id bytea NOT NULL,
        version bigint NOT NULL,
        algorithm text NOT NULL,
        created bigint NOT NULL,
        expires bigint,
        exportable boolean NOT NULL,
        kek bytea NOT NULL CHECK (length(kek) = 8),
        sealed bytea,
        revoked bigint,
        PRIMARY KEY (namespace, id, version),
        FOREIGN KEY (namespace, id) REFERENCES wasi_crypto.keys
    );
"];

/// Keeps two hosts from changing the schema at once: any number that nobody else uses.
const LOCK: i64 = 0x7761_7369_6b65_7973;

/// Whether there is a schema, of whatever version.
pub(super) fn is_there(connection: &mut Connection) -> Work<'_, bool> {
    Box::pin(async move { Ok(version(connection).await?.is_some()) })
}

/// Makes the schema, or brings it up to date.
pub(super) fn migrate(connection: &mut Connection) -> Work<'_, ()> {
    Box::pin(async move {
        if version(connection).await? == Some(MIGRATIONS.len()) {
            return Ok(());
        }
        connection.begin().await?;
        let lock = "SELECT pg_advisory_xact_lock($1)";
        connection.query(lock, &[number(&LOCK)]).await?;
        let found = version(connection).await?;
        if found.is_none() {
            let made = connection
                .batch(
                    "CREATE SCHEMA IF NOT EXISTS wasi_crypto;
                     CREATE TABLE wasi_crypto.schema_version (version bigint NOT NULL);
                     INSERT INTO wasi_crypto.schema_version VALUES (0)",
                )
                .await;
            made.map_err(explain)?;
        }
        let found = found.unwrap_or(0);
        for migration in MIGRATIONS.iter().skip(found) {
            connection.batch(migration).await.map_err(explain)?;
        }
        let reached = MIGRATIONS.len() as i64;
        let update = "UPDATE wasi_crypto.schema_version SET version = $1";
        let updated = connection.query(update, &[number(&reached)]).await;
        updated.map_err(explain)?;
        // Whether it was committed is seen when it is tried again.
        connection.commit().await?;
        Ok(())
    })
}

/// The version of the schema; none where there is none.
async fn version(connection: &mut Connection) -> Result<Option<usize>, Failure> {
    // to_regclass would not do: in a transaction it goes on believing what it has found before.
    let there = "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables
        WHERE schemaname = 'wasi_crypto' AND tablename = 'schema_version')";
    let found = connection.query_opt(there, &[]).await?;
    let is_there = found.map(|row| row.try_get::<_, bool>(0)).transpose()?;
    if is_there != Some(true) {
        return Ok(None);
    }
    let version = "SELECT version FROM wasi_crypto.schema_version";
    let found = connection.query_opt(version, &[]).await?;
    let found =
        found.ok_or_else(|| Error::Corrupt("wasi_crypto.schema_version is empty".into()))?;
    let version: i64 = found.try_get(0)?;
    match usize::try_from(version) {
        Ok(version) if version <= MIGRATIONS.len() => Ok(Some(version)),
        _ => Err(Error::Store(format!(
            "PostgreSQL: the schema wasi_crypto has version {version}, which this program is too old for"
        ))
        .into()),
    }
}

fn explain(error: tokio_postgres::Error) -> Failure {
    if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
        let line = "PostgreSQL: the schema wasi_crypto is to be made or brought up to date, which this user may not do: \
                    run a command once as a user who may, then grant this one USAGE on the schema and SELECT, INSERT \
                    and UPDATE on its tables";
        return Error::Store(line.into()).into();
    }
    error.into()
}
