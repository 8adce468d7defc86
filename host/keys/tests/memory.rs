//! What is left of keys in memory that is given back.
//!
//! An allocator looks at every block that is freed. The test itself keeps secrets in statics.

use wasi_crypto_engine::Engine;
use wasi_crypto_keys::{KeyEncryptionKey, Manager, RedbStore, Selector};
use wasi_crypto_test_allocators::{Watching, left_behind, repeated};

/// What keys are made of here.
const SECRET: [u8; 8] = [0xc3, 0x5a, 0x96, 0xf1, 0x0d, 0xb7, 0x68, 0x2e];
static KEY: [u8; 32] = repeated(SECRET);
/// What the key-encryption key is made of, and its digits.
const SEALING: [u8; 8] = [0x17, 0xe4, 0x3b, 0xd2, 0x8c, 0x59, 0xaf, 0x60];
static DIGITS: &str = "17e43bd28c59af6017e43bd28c59af6017e43bd28c59af6017e43bd28c59af60";

#[global_allocator]
static ALLOCATOR: Watching = Watching::new(&[&SECRET, &SEALING, DIGITS.as_bytes().split_at(16).0]);

#[test]
fn the_allocator_sees_what_is_left_behind() {
    for secret in [&KEY[..], &SEALING[..], DIGITS.as_bytes()] {
        let left = left_behind(|| drop(std::hint::black_box(secret.to_vec())));
        assert_eq!(left, 1);
    }
}

#[test]
fn nothing_of_a_key_is_left_when_it_is_stored_fetched_replaced_and_sealed_anew() {
    let directory = tempfile::tempdir().unwrap();
    let left = left_behind(|| {
        let kek = KeyEncryptionKey::parse(DIGITS).unwrap();
        let store = RedbStore::open(directory.path().join("keys.db")).unwrap();
        // A cache of one line, so that lines are dropped as well.
        let builder = Manager::builder(store, kek).cache_entries(1);
        let manager = builder.open().unwrap();
        let keys = manager.namespace("a");
        let engine = Engine::default();
        let key = engine.import_key("AES-256-GCM-SIV", &KEY).unwrap();
        let id = keys.create(&key, None).unwrap().id;
        keys.replace(&id, &key, None).unwrap();
        manager
            .import("b", "HMAC/SHA-256", &KEY, None, false)
            .unwrap();
        for version in [Selector::Latest, Selector::Exact(1), Selector::Latest] {
            keys.fetch(&engine, &id, version).unwrap();
        }
        assert_eq!(manager.list(None).count(), 3);
        let new = KeyEncryptionKey::generate().unwrap();
        assert_eq!(manager.rekey(&new).unwrap(), 3);
        keys.fetch(&engine, &id, Selector::Exact(1)).unwrap();
        keys.revoke(&id, Selector::All).unwrap();
    });
    assert_eq!(left, 0);
}

#[test]
fn nothing_of_a_key_encryption_key_is_left_when_it_is_written_and_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kek");
    let left = left_behind(|| {
        let kek = KeyEncryptionKey::parse(DIGITS).unwrap();
        kek.write_new(&path).unwrap();
        assert_eq!(KeyEncryptionKey::read(&path).unwrap().id(), kek.id());
        drop(kek.clone().to_hex());
    });
    assert_eq!(left, 0);
}
