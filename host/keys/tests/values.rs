//! What becomes of keys of every length, and what `Debug` shows of them.

use std::fmt::Debug;

use wasi_crypto_engine::Engine;
use wasi_crypto_engine::registry::ALGORITHMS;
use wasi_crypto_keys::{KeyEncryptionKey, KeyId, Manager, RedbStore, Selector};

const MARKER: &[u8; 32] = b"marker marker marker marker mark";

fn manager() -> Manager {
    let kek = KeyEncryptionKey::from_bytes(*MARKER).unwrap();
    let store = RedbStore::in_memory().unwrap();
    Manager::builder(store, kek).open().unwrap()
}

#[test]
fn an_empty_key_is_managed_where_the_algorithm_has_one() {
    let engine = Engine::default();
    let manager = manager();
    let namespace = manager.namespace("a");
    let mut managed = 0;
    for row in ALGORITHMS {
        let Ok(key) = engine.import_key(row.name, &[]) else {
            continue;
        };
        let id = namespace.create(&key, None).unwrap().id;
        let fetched = namespace.fetch(&engine, &id, Selector::Latest).unwrap();
        let raw = engine.key_to_store(&fetched.key).unwrap();
        assert!(raw.is_empty(), "{}", row.name);
        managed += 1;
    }
    assert!(managed >= 7, "HMAC, HKDF-Extract and BLAKE2b: {managed}");
}

#[track_caller]
fn assert_hidden(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        let bytes: String = shown.split_whitespace().collect();
        let bytes = bytes.to_lowercase();
        for trace in ["marker", "109,97,114", "6d61726b6572"] {
            assert!(!bytes.contains(trace), "{trace}: {shown}");
        }
    }
}

#[test]
fn no_public_type_shows_what_is_in_it() {
    let kek = KeyEncryptionKey::from_bytes(*MARKER).unwrap();
    assert_hidden(&kek);
    assert_hidden(&kek.id());
    let engine = Engine::default();
    let manager = manager();
    let namespace = manager.namespace("a");
    let key = engine.import_key("HMAC/SHA-256", MARKER).unwrap();
    let managed = namespace.create(&key, None).unwrap();
    assert_hidden(&managed);
    assert_hidden(&managed.id);
    for info in manager.list(None) {
        assert_hidden(&info);
    }
    // What refuses it does not show it either.
    assert_hidden(&KeyEncryptionKey::parse("marker marker marker"));
    assert_hidden(&KeyEncryptionKey::from_slice(b"marker"));
    assert_hidden(&KeyId::from_slice(b"marker"));
    assert_hidden(&namespace.fetch(&engine, &managed.id, Selector::Exact(7)));
}
