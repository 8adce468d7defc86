//! What the tests need: a store of each kind, which can be opened many times and tampered with.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use wasi_crypto_engine::{Engine, Key};
use wasi_crypto_keys::store::Record;
use wasi_crypto_keys::{
    KeyEncryptionKey, KeyId, KeyStore, Manager, ManagerBuilder, PostgresStore, RedbStore, Selector,
};

use crate::server::Server;

pub const ALGORITHM: &str = "AES-256-GCM-SIV";
/// When the tests' clock begins.
pub const NOW: u64 = 1_000_000;

pub struct Fixture {
    place: Place,
    pub kek: KeyEncryptionKey,
    pub engine: Engine,
    clock: Arc<AtomicU64>,
}

enum Place {
    File(TempDir),
    Database(&'static Server, String),
}

impl Fixture {
    pub fn redb() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        Some(Self::new(Place::File(directory)))
    }

    pub fn postgres() -> Option<Self> {
        let server = Server::shared()?;
        let database = server.database();
        Some(Self::new(Place::Database(server, database)))
    }

    fn new(place: Place) -> Self {
        Self {
            place,
            kek: KeyEncryptionKey::generate().unwrap(),
            engine: Engine::default(),
            clock: Arc::new(AtomicU64::new(NOW)),
        }
    }

    pub fn store(&self) -> Box<dyn KeyStore> {
        match &self.place {
            Place::File(_) => Box::new(RedbStore::open(self.file()).unwrap()),
            Place::Database(..) => Box::new(PostgresStore::open(&self.url()).unwrap()),
        }
    }

    pub fn file(&self) -> PathBuf {
        match &self.place {
            Place::File(directory) => directory.path().join("keys.db"),
            Place::Database(..) => unreachable!("a database has no file"),
        }
    }

    pub fn url(&self) -> String {
        match &self.place {
            Place::File(_) => unreachable!("a file has no URL"),
            Place::Database(server, database) => server.url(database),
        }
    }

    pub fn sql(&self, sql: &str) -> String {
        match &self.place {
            Place::File(_) => unreachable!("a file has no SQL"),
            Place::Database(server, database) => server.sql(database, sql),
        }
    }

    pub fn is_shared(&self) -> bool {
        matches!(self.place, Place::Database(..))
    }

    pub fn builder(&self) -> ManagerBuilder {
        let clock = Arc::clone(&self.clock);
        Manager::builder_of(self.store(), self.kek.clone())
            .clock(move || clock.load(Ordering::Relaxed))
    }

    pub fn manager(&self) -> Manager {
        self.builder().open().unwrap()
    }

    pub fn set_clock(&self, now: u64) {
        self.clock.store(now, Ordering::Relaxed);
    }

    pub fn key(&self) -> Key {
        self.engine.generate_key(ALGORITHM, None).unwrap()
    }

    pub fn bytes(&self, key: &Key) -> Vec<u8> {
        self.engine.key_to_store(key).unwrap().to_vec()
    }

    /// Changes what is stored as one version, and where, as somebody can who may write to the store.
    pub fn tamper(&self, id: &KeyId, version: u64, change: impl Fn(&mut Record)) {
        let store = self.store();
        let old = store.fetch("a", id, Selector::Exact(version)).unwrap();
        let mut new = old.clone();
        change(&mut new);
        match &self.place {
            Place::File(_) => assert_eq!(store.reseal(&[(old, new)]).unwrap(), 1),
            Place::Database(..) => self.tamper_in_database(&old, &new),
        }
    }

    fn tamper_in_database(&self, old: &Record, new: &Record) {
        let number = |number: Option<u64>| {
            number.map_or("NULL".into(), |number| number.cast_signed().to_string())
        };
        let hex = |bytes: &[u8]| {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{digits}'")
        };
        self.sql(&format!(
            "BEGIN;
             DELETE FROM wasi_crypto.versions WHERE namespace = '{}' AND id = {} AND version = {};
             INSERT INTO wasi_crypto.namespaces VALUES ('{}', 1, 1) ON CONFLICT DO NOTHING;
             INSERT INTO wasi_crypto.keys VALUES ('{}', {}, {}, 1, '{}') ON CONFLICT DO NOTHING;
             DELETE FROM wasi_crypto.versions WHERE namespace = '{}' AND id = {} AND version = {};
             INSERT INTO wasi_crypto.versions VALUES ('{}', {}, {}, '{}', {}, {}, {}, {}, {}, {});
             COMMIT",
            new.namespace,
            hex(new.id.as_bytes()),
            new.version,
            new.namespace,
            new.namespace,
            hex(new.id.as_bytes()),
            new.version,
            new.algorithm,
            old.namespace,
            hex(old.id.as_bytes()),
            old.version,
            new.namespace,
            hex(new.id.as_bytes()),
            new.version,
            new.algorithm,
            new.created,
            number(new.expires),
            new.exportable,
            hex(new.kek.as_bytes()),
            hex(new.sealed.as_deref().unwrap()),
            number(new.revoked),
        ));
    }
}

/// Runs each of the functions named on a store of each kind.
macro_rules! on_each_store {
    ($($name:ident)*) => {
        mod redb {
            $(#[test]
            fn $name() {
                super::$name(&crate::fixture::Fixture::redb().unwrap());
            })*
        }

        mod postgres {
            $(#[test]
            fn $name() {
                if let Some(fixture) = crate::fixture::Fixture::postgres() {
                    super::$name(&fixture);
                }
            })*
        }
    };
}

pub(crate) use on_each_store;
