//! What somebody cannot do who may write to the store, and what is noticed when a wrong key opens it.

use wasi_crypto_keys::store::Record;
use wasi_crypto_keys::{
    Error, KekId, KeyEncryptionKey, KeyId, KeyState, Manager, PostgresStore, Selector,
};

use crate::fixture::{ALGORITHM, Fixture, NOW, on_each_store};

on_each_store! {
    a_row_that_was_changed_does_not_open
    a_row_that_was_moved_does_not_open
    a_row_of_another_store_under_the_same_key_does_not_open
    a_wrong_key_encryption_key_is_noticed_before_anything_is_written
    a_check_record_that_was_changed_is_noticed
    a_store_that_has_to_exist_is_not_begun
    a_retired_key_encryption_key_opens_nothing
    what_a_changed_row_permits_is_not_passed_on
    the_algorithm_of_a_changed_row_is_not_passed_on
    a_key_whose_versions_are_all_revoked_is_rotated_for_an_algorithm_that_is_named
    nothing_of_a_key_is_in_the_store_in_the_clear
}

fn a_row_that_was_changed_does_not_open(fixture: &Fixture) {
    let changes: [fn(&mut Record); 9] = [
        |record| record.expires = None,
        |record| record.expires = record.expires.map(|expires| expires + 1),
        |record| record.exportable = true,
        |record| record.created -= 1,
        |record| record.algorithm = "AES-256-GCM".into(),
        |record| flip(record, 0),
        |record| flip(record, 1),
        |record| flip(record, 13),
        |record| record.sealed.as_mut().unwrap().truncate(5),
    ];
    for change in changes {
        let id = {
            let manager = fixture.manager();
            let keys = manager.namespace("a");
            keys.create(&fixture.key(), Some(NOW + 1)).unwrap().id
        };
        fixture.tamper(&id, 1, change);
        let manager = fixture.manager();
        expect_sealing_error(fixture, &manager, "a", &id, 1);
        let shown = manager.show("a", &id).unwrap();
        assert_eq!(shown[0].state, KeyState::Damaged);
        // It can still be got rid of.
        manager.revoke("a", &id, Selector::Exact(1)).unwrap();
    }
}

fn what_a_changed_row_permits_is_not_passed_on(fixture: &Fixture) {
    let id = {
        let manager = fixture.manager();
        let exporting = manager.namespace("a").exportable(true);
        let id = exporting.create(&fixture.key(), None).unwrap().id;
        manager
            .namespace("a")
            .replace(&id, &fixture.key(), None)
            .unwrap();
        id
    };
    fixture.tamper(&id, 2, |record| record.exportable = true);
    let manager = fixture.manager();
    // Versions that open do not speak for one that does not.
    assert!(!manager.rotate("a", &id, None).unwrap().exportable);
    manager.revoke("a", &id, Selector::Exact(2)).unwrap();
    manager.revoke("a", &id, Selector::Exact(3)).unwrap();
    assert!(manager.rotate("a", &id, None).unwrap().exportable);
}

fn the_algorithm_of_a_changed_row_is_not_passed_on(fixture: &Fixture) {
    let changed = |record: &mut Record| record.algorithm = "AES-256-GCM".into();
    let id = {
        let manager = fixture.manager();
        let keys = manager.namespace("a");
        let id = keys.create(&fixture.key(), None).unwrap().id;
        keys.replace(&id, &fixture.key(), None).unwrap();
        id
    };
    fixture.tamper(&id, 2, changed);
    {
        let manager = fixture.manager();
        let rotated = manager.rotate("a", &id, None).unwrap();
        assert_eq!(rotated.key.algorithm().name, ALGORITHM);
        manager.revoke("a", &id, Selector::Exact(3)).unwrap();
    }
    fixture.tamper(&id, 1, changed);
    let manager = fixture.manager();
    let refused = manager.rotate("a", &id, None).unwrap_err();
    let (revoked, damaged) = (1, 2);
    assert!(
        matches!(refused, Error::Unproven { revoked: r, damaged: d } if (r, d) == (revoked, damaged)),
        "{refused:?}"
    );
    let shown = manager.show("a", &id).unwrap();
    assert_eq!(shown.len(), 3, "nothing was made");
    let named = manager.rotate_for("a", &id, Some("aes-256-gcm-siv"), None);
    let named = named.unwrap();
    assert_eq!(named.version, 4);
    assert_eq!(named.key.algorithm().name, ALGORITHM);
    // Now there is a version that opens, and nobody can name another algorithm.
    let other = manager.rotate_for("a", &id, Some("AES-256-GCM"), None);
    assert!(matches!(other, Err(Error::IncompatibleKeys)));
    for version in 1..=2 {
        manager.revoke("a", &id, Selector::Exact(version)).unwrap();
    }
}

fn a_key_whose_versions_are_all_revoked_is_rotated_for_an_algorithm_that_is_named(
    fixture: &Fixture,
) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    keys.revoke(&id, Selector::All).unwrap();
    let refused = manager.rotate("a", &id, None).unwrap_err();
    assert!(
        matches!(refused, Error::Unproven { damaged: 0, .. }),
        "{refused:?}"
    );
    let unknown = manager.rotate_for("a", &id, Some("ROT-13"), None);
    assert!(matches!(unknown, Err(Error::Engine(_))));
    let named = manager.rotate_for("a", &id, Some(ALGORITHM), Some(NOW + 1));
    let named = named.unwrap();
    assert_eq!((named.version, named.expires), (2, Some(NOW + 1)));
    assert!(!named.exportable);
}

fn a_store_that_has_to_exist_is_not_begun(fixture: &Fixture) {
    if fixture.is_shared() {
        let missing = PostgresStore::open_existing(&fixture.url()).err();
        assert!(matches!(missing, Some(Error::NoStore)), "{missing:?}");
        let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'wasi_crypto'";
        assert_eq!(fixture.sql(schemas).trim(), "0");
    }
    let missing = fixture.builder().must_exist().open().err();
    assert!(matches!(missing, Some(Error::NoStore)), "{missing:?}");
    drop(fixture.manager());
    fixture.builder().must_exist().open().unwrap();
    if fixture.is_shared() {
        fixture.sql("INSERT INTO wasi_crypto.namespaces VALUES ('a', 1, 1)");
        fixture
            .manager()
            .namespace("a")
            .create(&fixture.key(), None)
            .unwrap();
        fixture.sql("DELETE FROM wasi_crypto.header");
        let gone = fixture.builder().open().err();
        assert!(matches!(gone, Some(Error::Corrupt(_))), "{gone:?}");
    }
}

fn a_retired_key_encryption_key_opens_nothing(fixture: &Fixture) {
    let new = KeyEncryptionKey::generate().unwrap();
    let id = {
        let manager = fixture.manager();
        manager
            .namespace("a")
            .create(&fixture.key(), None)
            .unwrap()
            .id
    };
    let old = fixture.store().fetch("a", &id, Selector::Exact(1)).unwrap();
    assert_eq!(
        fixture
            .builder()
            .also(new.clone())
            .open()
            .unwrap()
            .rekey(&new)
            .unwrap(),
        1
    );
    let put_back = |record: &mut Record| {
        record.kek = old.kek;
        record.sealed = old.sealed.clone();
    };
    if fixture.is_shared() {
        fixture.tamper(&id, 1, put_back);
        let manager = fixture.builder().also(new).open().unwrap();
        expect_sealing_error(fixture, &manager, "a", &id, 1);
        return;
    }
    let store = fixture.store();
    let resealed = store.fetch("a", &id, Selector::Exact(1)).unwrap();
    let refused = store.reseal(&[(resealed, old)]).unwrap_err();
    assert!(matches!(refused, Error::WrongKek { .. }), "{refused}");
}

fn flip(record: &mut Record, at: usize) {
    record.sealed.as_mut().unwrap()[at] ^= 1;
}

fn a_row_that_was_moved_does_not_open(fixture: &Fixture) {
    let (first, second) = {
        let manager = fixture.manager();
        let keys = manager.namespace("a");
        let first = keys.create(&fixture.key(), None).unwrap().id;
        let second = keys.create(&fixture.key(), None).unwrap().id;
        for _ in 0..3 {
            keys.replace(&first, &fixture.key(), None).unwrap();
        }
        (first, second)
    };
    // To another version of the same key, to another key, and to another namespace.
    fixture.tamper(&first, 1, |record| record.version = 2);
    fixture.tamper(&first, 3, |record| {
        record.id = second;
        record.version = 1;
    });
    fixture.tamper(&first, 4, |record| record.namespace = "b".into());
    let manager = fixture.manager();
    expect_sealing_error(fixture, &manager, "a", &first, 2);
    expect_sealing_error(fixture, &manager, "a", &second, 1);
    expect_sealing_error(fixture, &manager, "b", &first, 4);
}

fn a_row_of_another_store_under_the_same_key_does_not_open(fixture: &Fixture) {
    let id = {
        let manager = fixture.manager();
        manager
            .namespace("a")
            .create(&fixture.key(), None)
            .unwrap()
            .id
    };
    let mut other = Fixture::redb().unwrap();
    other.kek = fixture.kek.clone();
    let foreign = {
        let manager = other.manager();
        let keys = manager.namespace("a");
        let id = keys.create(&fixture.key(), None).unwrap().id;
        drop(manager);
        drop(keys);
        other.store().fetch("a", &id, Selector::Exact(1)).unwrap()
    };
    fixture.tamper(&id, 1, |record| {
        record.created = foreign.created;
        record.sealed = foreign.sealed.clone();
    });
    expect_sealing_error(fixture, &fixture.manager(), "a", &id, 1);
}

fn expect_sealing_error(
    fixture: &Fixture,
    manager: &Manager,
    namespace: &str,
    id: &KeyId,
    version: u64,
) {
    let fetched = manager
        .namespace(namespace)
        .fetch(&fixture.engine, id, Selector::Exact(version));
    let error = fetched.unwrap_err();
    assert!(matches!(error, Error::Sealing { .. }), "{error}");
    let internal = wasi_crypto_engine::Error::InternalError;
    assert_eq!(error.errno(), internal);
    let line = error.to_string();
    assert!(line.contains(&id.to_string()) && line.contains(&format!("version {version} ")));
}

fn a_wrong_key_encryption_key_is_noticed_before_anything_is_written(fixture: &Fixture) {
    let id = {
        let manager = fixture.manager();
        manager
            .namespace("a")
            .create(&fixture.key(), None)
            .unwrap()
            .id
    };
    let header = fixture.store().header().unwrap();
    let wrong = KeyEncryptionKey::generate().unwrap();
    let Err(error) = Manager::builder_of(fixture.store(), wrong.clone()).open() else {
        panic!("a wrong key has opened the store");
    };
    let Error::WrongKek { needed, given } = &error else {
        panic!("{error}");
    };
    assert_eq!(
        (*needed, given.as_slice()),
        (fixture.kek.id(), &[wrong.id()][..])
    );
    let line = error.to_string();
    assert!(line.contains(&needed.to_string()) && line.contains(&wrong.id().to_string()));
    assert_eq!(fixture.store().header().unwrap(), header);
    assert_eq!(fixture.store().scan(None, None, 10).unwrap().len(), 1);
    let manager = fixture.manager();
    manager
        .namespace("a")
        .fetch(&fixture.engine, &id, Selector::Latest)
        .unwrap();
}

fn a_check_record_that_was_changed_is_noticed(fixture: &Fixture) {
    drop(fixture.manager());
    let header = fixture.store().header().unwrap().unwrap();
    for at in 0..header.len() {
        let mut changed = header.clone();
        changed[at] ^= 1;
        let store = fixture.store();
        assert!(store.set_header(Some(&header), &changed).unwrap());
        assert!(
            Manager::builder_of(store, fixture.kek.clone())
                .open()
                .is_err()
        );
        let store = fixture.store();
        assert!(store.set_header(Some(&changed), &header).unwrap());
    }
    for len in [0, 1, 20, header.len() - 1] {
        let store = fixture.store();
        assert!(store.set_header(Some(&header), &header[..len]).unwrap());
        assert!(
            Manager::builder_of(store, fixture.kek.clone())
                .open()
                .is_err()
        );
        let store = fixture.store();
        assert!(store.set_header(Some(&header[..len]), &header).unwrap());
    }
    fixture.manager();
}

fn nothing_of_a_key_is_in_the_store_in_the_clear(fixture: &Fixture) {
    let key = fixture.key();
    let manager = fixture.manager();
    manager.namespace("a").create(&key, None).unwrap();
    drop(manager);
    let raw = fixture.bytes(&key);
    let kek = fixture.kek.to_hex();
    if fixture.is_shared() {
        let dump = fixture.sql(
            "SELECT t::text FROM wasi_crypto.versions t UNION SELECT t::text FROM wasi_crypto.header t",
        );
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!dump.contains(&hex[..16]) && !dump.contains(&kek[..16]));
    } else {
        let file = std::fs::read(fixture.file()).unwrap();
        assert!(!file.windows(8).any(|window| window == &raw[..8]));
    }
}

#[test]
fn a_key_encryption_key_is_read_from_text_and_file() {
    let key = KeyEncryptionKey::generate().unwrap();
    let text = format!(" \t{}\r\n", key.to_hex().to_uppercase());
    assert_eq!(KeyEncryptionKey::parse(&text).unwrap().id(), key.id());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kek");
    key.write_new(&path).unwrap();
    assert_eq!(KeyEncryptionKey::read(&path).unwrap().id(), key.id());
    assert!(key.write_new(&path).is_err());
    for text in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64)] {
        let refused = KeyEncryptionKey::parse(text);
        assert!(matches!(refused, Err(Error::BadKek(_))), "{text}");
    }
    assert!(KeyEncryptionKey::from_slice(&[0; 31]).is_err());
}

#[cfg(unix)]
#[test]
fn a_file_with_a_key_encryption_key_is_private_or_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kek");
    let key = KeyEncryptionKey::generate().unwrap();
    key.write_new(&path).unwrap();
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let refused = KeyEncryptionKey::read(&path).unwrap_err().to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
    assert!(!refused.contains(&key.to_hex()[..8]));
}

#[test]
fn the_identifier_of_a_key_encryption_key_is_fixed() {
    // BLAKE3's key derivation mode, of the bytes 0 to 31; computed with the blake3 package for Python.
    let key = KeyEncryptionKey::from_bytes(std::array::from_fn(|i| i as u8)).unwrap();
    assert_eq!(key.id(), KekId::from_bytes(FIXED_ID));
}

const FIXED_ID: [u8; 8] = [0xf6, 0x2f, 0x3a, 0xd1, 0x53, 0x3d, 0xfd, 0x25];
