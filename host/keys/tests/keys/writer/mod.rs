//! What somebody can do who can write to a store, and what they cannot: the lists in SECURITY.md, line by line.

mod can;
mod cannot;

use std::time::Duration;

use wasi_crypto_engine::{Engine, Key};
use wasi_crypto_keys::store::{MAX_SEALED, Place, Record};
use wasi_crypto_keys::{
    Error, KeyEncryptionKey, KeyId, KeyState, KeyStore, LAST_VERSION, Manager, Quota, Result,
    Selector, Version,
};

use crate::fixture::Fixture;
use crate::liar::{ALGORITHMS, Head, Liar};
use crate::twisted::{Twist, Twisted};

/// An honest manager on a store that is written to behind its back.
struct Host {
    store: Liar,
    kek: KeyEncryptionKey,
    engine: Engine,
    manager: Manager,
}

impl Host {
    fn new() -> Self {
        Self::on(Liar::new(0, false), KeyEncryptionKey::generate().unwrap())
    }

    fn on(store: Liar, kek: KeyEncryptionKey) -> Self {
        let manager = open(store.clone(), &[&kek]).unwrap();
        Self {
            store,
            kek,
            engine: Engine::default(),
            manager,
        }
    }

    fn key(&self) -> Key {
        self.key_for(ALGORITHMS[0])
    }

    fn key_for(&self, algorithm: &str) -> Key {
        self.engine.generate_key(algorithm, None).unwrap()
    }

    /// A key with so many versions.
    fn make(&self, versions: u64) -> KeyId {
        let keys = self.manager.namespace("a");
        let id = keys.create(&self.key(), None).unwrap().id;
        for _ in 1..versions {
            keys.replace(&id, &self.key(), None).unwrap();
        }
        id
    }

    fn fetch(&self, id: &KeyId, version: Selector) -> Result<Version> {
        let fetched = self
            .manager
            .namespace("a")
            .fetch(&self.engine, id, version)?;
        Ok(fetched.version)
    }

    fn record(&self, id: &KeyId, version: Version) -> Record {
        self.store.lies().records[&place(id, version)].clone()
    }

    fn change(&self, id: &KeyId, version: Version, change: impl FnOnce(&mut Record)) {
        change(
            self.store
                .lies()
                .records
                .get_mut(&place(id, version))
                .unwrap(),
        );
    }

    fn set_head(&self, id: &KeyId, change: impl FnOnce(&mut Head)) {
        let mut lies = self.store.lies();
        change(lies.heads.get_mut(&("a".to_owned(), *id)).unwrap());
    }

    fn states(&self, id: &KeyId) -> Vec<KeyState> {
        let shown = self.manager.show("a", id).unwrap();
        shown.iter().map(|info| info.state).collect()
    }
}

fn place(id: &KeyId, version: Version) -> Place {
    Place {
        namespace: "a".into(),
        id: *id,
        version,
    }
}

/// Nothing is cached: each call sees what the store has now.
fn open(store: impl KeyStore + 'static, keks: &[&KeyEncryptionKey]) -> Result<Manager> {
    let mut builder = Manager::builder(store, keks[0].clone()).cache_entries(0);
    for kek in &keks[1..] {
        builder = builder.also((*kek).clone());
    }
    builder.open()
}

#[test]
fn rows_that_no_manager_makes_keep_a_database_from_nothing() {
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    let id = {
        let manager = fixture.manager();
        manager
            .namespace("a")
            .create(&fixture.key(), None)
            .unwrap()
            .id
    };
    for version in [i64::MIN, -1, 0] {
        fixture.sql(&format!(
            "INSERT INTO wasi_crypto.versions SELECT namespace, id, {version}, repeat('A', 100000000), created, expires,
             exportable, kek, sealed, revoked FROM wasi_crypto.versions WHERE version = 1"
        ));
    }
    fixture.sql("UPDATE wasi_crypto.keys SET algorithm = repeat('A', 100000000)");
    let manager = fixture.manager();
    assert_eq!(manager.list(None).map(Result::unwrap).count(), 1);
    let fetched = manager
        .namespace("a")
        .fetch(&fixture.engine, &id, Selector::Exact(u64::MAX));
    assert!(matches!(fetched, Err(Error::Sealing { .. })));
    assert_eq!(manager.rotate("a", &id, None).unwrap().version, 2);
    let new = KeyEncryptionKey::generate().unwrap();
    assert_eq!(manager.rekey(&new).unwrap(), 2);
    fixture.sql("UPDATE wasi_crypto.keys SET latest = 9223372036854775807");
    let full = manager.rotate("a", &id, None);
    assert!(matches!(full, Err(Error::Full("versions"))), "{full:?}");
}
