//! What operators see and do, and what is written down of it.

use std::collections::BTreeSet;

use wasi_crypto_keys::{AUDIT_TARGET, Error, KeyId, KeyState, Selector};

use crate::fixture::{ALGORITHM, Fixture, NOW, on_each_store};
use crate::trail;

on_each_store! {
    keys_are_listed_with_what_is_known_of_them
    a_listing_of_many_pages_is_complete_and_in_order
    rotating_makes_a_new_random_version_like_the_newest
    an_imported_key_is_the_one_given
    the_audit_trail_tells_of_every_operation_and_of_no_key
}

fn keys_are_listed_with_what_is_known_of_them(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    keys.replace(&id, &fixture.key(), Some(NOW)).unwrap();
    let keys = keys.exportable(true);
    keys.replace(&id, &fixture.key(), Some(NOW + 1)).unwrap();
    keys.revoke(&id, Selector::Exact(1)).unwrap();
    manager.namespace("b").create(&fixture.key(), None).unwrap();
    let shown = manager.show("a", &id).unwrap();
    let states: Vec<_> = shown
        .iter()
        .map(|info| (info.version, info.state))
        .collect();
    let expected = [
        (1, KeyState::Revoked),
        (2, KeyState::Expired),
        (3, KeyState::Valid),
    ];
    assert_eq!(states, expected);
    assert_eq!(shown[0].revoked, Some(NOW));
    assert_eq!(shown[2].expires, Some(NOW + 1));
    assert!(shown[2].exportable && !shown[1].exportable);
    for info in &shown {
        assert_eq!((info.namespace.as_str(), info.id), ("a", id));
        assert_eq!(info.algorithm, ALGORITHM);
        assert_eq!((info.created, info.kek), (NOW, fixture.kek.id()));
    }
    let listed: Vec<_> = manager.list(Some("a")).map(Result::unwrap).collect();
    assert_eq!(listed, shown);
    assert_eq!(manager.list(None).count(), 4);
    assert_eq!(manager.list(Some("c")).count(), 0);
    let unknown = KeyId::from_bytes([0xff; 16]);
    assert!(matches!(manager.show("a", &unknown), Err(Error::NotFound)));
    assert!(matches!(manager.show("b", &id), Err(Error::NotFound)));
}

fn a_listing_of_many_pages_is_complete_and_in_order(fixture: &Fixture) {
    let manager = fixture.manager();
    let mut made = BTreeSet::new();
    for name in ["a", "b", "ab"] {
        let keys = manager.namespace(name);
        for _ in 0..100 {
            let id = keys.create(&fixture.key(), None).unwrap().id;
            keys.replace(&id, &fixture.key(), None).unwrap();
            made.extend([(name.to_owned(), id, 1), (name.to_owned(), id, 2)]);
        }
    }
    let listed: Vec<_> = manager
        .list(None)
        .map(Result::unwrap)
        .map(|info| (info.namespace, info.id, info.version))
        .collect();
    assert!(listed.is_sorted());
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), made);
    assert_eq!(manager.list(Some("ab")).count(), 200);
}

fn rotating_makes_a_new_random_version_like_the_newest(fixture: &Fixture) {
    let manager = fixture.manager();
    let key = fixture.key();
    let keys = manager.namespace("a").exportable(true);
    let id = keys.create(&key, None).unwrap().id;
    let rotated = manager.rotate("a", &id, Some(NOW + 5)).unwrap();
    assert_eq!((rotated.version, rotated.expires), (2, Some(NOW + 5)));
    assert!(rotated.exportable);
    assert_ne!(fixture.bytes(&rotated.key), fixture.bytes(&key));
    let fetched = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    assert_eq!(fixture.bytes(&fetched.key), fixture.bytes(&rotated.key));
    let elsewhere = manager.rotate("b", &id, None);
    assert!(matches!(elsewhere, Err(Error::NotFound)));
}

fn an_imported_key_is_the_one_given(fixture: &Fixture) {
    let manager = fixture.manager();
    let imported = manager
        .import("a", "aes-256-gcm-siv", &[7; 32], Some(NOW + 1), true)
        .unwrap();
    let keys = manager.namespace("a");
    let fetched = keys
        .fetch(&fixture.engine, &imported.id, Selector::Exact(1))
        .unwrap();
    assert_eq!(fixture.bytes(&fetched.key), [7; 32]);
    assert!(fetched.exportable);
    assert_eq!(fetched.key.algorithm().name, ALGORITHM);
    let short = manager.import("a", ALGORITHM, &[7; 31], None, false);
    let invalid = wasi_crypto_engine::Error::InvalidKey;
    assert_eq!(short.unwrap_err().errno(), invalid);
}

fn the_audit_trail_tells_of_every_operation_and_of_no_key(fixture: &Fixture) {
    trail::begin();
    let key = fixture.key();
    trail::take();
    let id = {
        let manager = fixture.manager();
        let keys = manager.namespace("a");
        let id = keys.create(&key, Some(NOW + 1)).unwrap().id;
        keys.replace(&id, &key, None).unwrap();
        keys.fetch(&fixture.engine, &id, Selector::Exact(1))
            .unwrap();
        keys.fetch(&fixture.engine, &id, Selector::Exact(1))
            .unwrap();
        keys.fetch(&fixture.engine, &id, Selector::Exact(9))
            .unwrap_err();
        fixture.set_clock(NOW + 1);
        keys.fetch(&fixture.engine, &id, Selector::Exact(1))
            .unwrap_err();
        manager.rotate("a", &id, None).unwrap();
        keys.revoke(&id, Selector::All).unwrap();
        keys.revoke(&id, Selector::All).unwrap_err();
        let raw = fixture.bytes(&key);
        manager.import("b", ALGORITHM, &raw, None, false).unwrap();
        let new = wasi_crypto_keys::KeyEncryptionKey::generate().unwrap();
        manager.rekey(&new).unwrap();
        id
    };
    let all = trail::take();
    let told: Vec<_> = all
        .iter()
        .filter_map(|line| line.strip_prefix(AUDIT_TARGET))
        .collect();
    let line = |operation: &str, version: &str, outcome: &str| {
        format!(" namespace=a operation={operation} id={id}{version} outcome={outcome}")
    };
    let gone = Error::NotFound.to_string();
    let expected = [
        line("create", " version=1", "ok"),
        line("replace", " version=2", "ok"),
        line("fetch", " version=1", "ok"),
        line("fetch", " version=1", "ok"),
        line("fetch", " version=9", &gone),
        line("fetch", " version=1", &Error::Expired.to_string()),
        line("rotate", " version=3", "ok"),
        line("revoke", " version=1", "ok"),
        line("revoke", " version=2", "ok"),
        line("revoke", " version=3", "ok"),
        line("revoke", "", &gone),
    ];
    assert_eq!(told[..expected.len()], expected);
    assert!(told[11].starts_with(" namespace=b operation=import id="));
    assert_eq!(told[12], " namespace= operation=rekey outcome=ok");
    assert_eq!(told.len(), 13);
    let raw = fixture.bytes(&key);
    let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    let kek = fixture.kek.to_hex();
    for line in &all {
        for secret in [&hex, kek.as_str()] {
            for start in (0..secret.len() - 8).step_by(2) {
                assert!(!line.contains(&secret[start..start + 8]), "{line}");
            }
        }
        assert!(!line.contains(&format!("{:?}", &raw[..4]).replace(['[', ']'], "")));
    }
}
