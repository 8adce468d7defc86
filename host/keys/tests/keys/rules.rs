//! The rules for managed keys, on every store.

use std::time::Duration;

use wasi_crypto_engine::{Engine, Limits};
use wasi_crypto_keys::{Error, KeyId, Quota, Selector};

use crate::fixture::{ALGORITHM, Fixture, NOW, on_each_store};

on_each_store! {
    a_key_survives_reopening_with_all_that_belongs_to_it
    versions_count_from_one_and_the_latest_is_the_last
    another_namespace_an_unknown_id_and_an_unknown_version_are_not_found
    a_revoked_version_is_gone_and_its_number_is_not_assigned_again
    revoking_the_latest_version_brings_no_older_one_back
    revoking_all_revokes_every_version_and_a_new_one_can_follow
    what_is_revoked_already_cannot_be_revoked
    revoking_erases_what_was_sealed_and_keeps_the_rest
    a_new_version_for_another_algorithm_is_refused
    a_key_expires_at_its_second_also_when_it_is_cached
    permission_to_export_is_stored_with_the_key
    a_namespace_holds_no_more_keys_than_its_quota
    revoked_versions_count_against_the_quota_of_versions
    a_key_that_is_too_long_is_refused
    any_length_of_key_up_to_the_longest_survives
    names_of_namespaces_are_bytes_and_have_bounds
    a_fetched_key_counts_against_its_engine
    a_cached_key_is_fetched_for_another_engine_and_back_end
    an_algorithm_that_the_policy_leaves_out_is_not_given_out
    numbers_at_their_ends_survive
}

fn a_key_survives_reopening_with_all_that_belongs_to_it(fixture: &Fixture) {
    let key = fixture.key();
    let created = {
        let manager = fixture.manager();
        let keys = manager.namespace("a").exportable(true);
        keys.create(&key, Some(NOW + 1)).unwrap()
    };
    assert_eq!(created.version, 1);
    let manager = fixture.manager();
    let fetched = manager
        .namespace("a")
        .fetch(&fixture.engine, &created.id, Selector::Latest)
        .unwrap();
    assert_eq!(fetched.id, created.id);
    assert_eq!(fetched.version, 1);
    assert_eq!(fetched.expires, Some(NOW + 1));
    assert!(fetched.exportable);
    assert_eq!(fetched.key.algorithm().name, ALGORITHM);
    assert_eq!(fixture.bytes(&fetched.key), fixture.bytes(&key));
}

fn versions_count_from_one_and_the_latest_is_the_last(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let all: Vec<_> = (0..5).map(|_| fixture.key()).collect();
    let id = keys.create(&all[0], None).unwrap().id;
    for (index, key) in all.iter().enumerate().skip(1) {
        let replaced = keys.replace(&id, key, None).unwrap();
        assert_eq!((replaced.id, replaced.version), (id, index as u64 + 1));
        let latest = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
        assert_eq!(latest.version, replaced.version);
        assert_eq!(fixture.bytes(&latest.key), fixture.bytes(key));
    }
    for (index, key) in all.iter().enumerate() {
        let version = Selector::Exact(index as u64 + 1);
        let fetched = keys.fetch(&fixture.engine, &id, version).unwrap();
        assert_eq!(fixture.bytes(&fetched.key), fixture.bytes(key));
    }
}

fn another_namespace_an_unknown_id_and_an_unknown_version_are_not_found(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    // It is in the cache, and no more to be found for that.
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    let other = manager.namespace("b");
    let unknown = KeyId::from_bytes([0; 16]);
    for (keys, id, version) in [
        (&other, &id, Selector::Latest),
        (&other, &id, Selector::Exact(1)),
        (&keys, &unknown, Selector::Latest),
        (&keys, &unknown, Selector::Exact(1)),
        (&keys, &id, Selector::Exact(0)),
        (&keys, &id, Selector::Exact(2)),
        (&keys, &id, Selector::Exact(u64::MAX)),
    ] {
        let fetched = keys.fetch(&fixture.engine, id, version);
        assert!(matches!(fetched, Err(Error::NotFound)), "{version:?}");
        let revoked = keys.revoke(id, version);
        assert!(matches!(revoked, Err(Error::NotFound)), "{version:?}");
    }
    let all = keys.fetch(&fixture.engine, &id, Selector::All);
    assert!(matches!(all, Err(Error::NotFound)));
    let replaced = other.replace(&id, &fixture.key(), None);
    assert!(matches!(replaced, Err(Error::NotFound)));
    for bytes in [&[0; 15][..], &[0; 17], b""] {
        assert!(matches!(KeyId::from_slice(bytes), Err(Error::NotFound)));
    }
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
}

fn a_revoked_version_is_gone_and_its_number_is_not_assigned_again(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    for version in 2..=4 {
        keys.replace(&id, &fixture.key(), None).unwrap();
        keys.fetch(&fixture.engine, &id, Selector::Exact(version))
            .unwrap();
        keys.revoke(&id, Selector::Exact(version)).unwrap();
        let gone = keys.fetch(&fixture.engine, &id, Selector::Exact(version));
        assert!(matches!(gone, Err(Error::NotFound)));
    }
    let next = keys.replace(&id, &fixture.key(), None).unwrap();
    assert_eq!(next.version, 5);
    keys.fetch(&fixture.engine, &id, Selector::Exact(1))
        .unwrap();
}

fn revoking_the_latest_version_brings_no_older_one_back(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    keys.replace(&id, &fixture.key(), None).unwrap();
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    keys.revoke(&id, Selector::Latest).unwrap();
    let latest = keys.fetch(&fixture.engine, &id, Selector::Latest);
    assert!(matches!(latest, Err(Error::NotFound)));
    assert!(matches!(
        keys.revoke(&id, Selector::Latest),
        Err(Error::NotFound)
    ));
    let first = keys
        .fetch(&fixture.engine, &id, Selector::Exact(1))
        .unwrap();
    assert_eq!(first.version, 1);
    keys.replace(&id, &fixture.key(), None).unwrap();
    let latest = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    assert_eq!(latest.version, 3);
}

fn revoking_all_revokes_every_version_and_a_new_one_can_follow(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    for _ in 0..3 {
        keys.replace(&id, &fixture.key(), None).unwrap();
    }
    keys.revoke(&id, Selector::Exact(2)).unwrap();
    keys.revoke(&id, Selector::All).unwrap();
    for version in [Selector::Latest, Selector::Exact(1), Selector::Exact(4)] {
        let gone = keys.fetch(&fixture.engine, &id, version);
        assert!(matches!(gone, Err(Error::NotFound)));
    }
    assert_eq!(keys.replace(&id, &fixture.key(), None).unwrap().version, 5);
    let latest = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    assert_eq!(latest.version, 5);
}

fn what_is_revoked_already_cannot_be_revoked(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    keys.revoke(&id, Selector::Exact(1)).unwrap();
    for version in [Selector::Exact(1), Selector::Latest, Selector::All] {
        let again = keys.revoke(&id, version);
        assert!(matches!(again, Err(Error::NotFound)), "{version:?}");
    }
}

fn revoking_erases_what_was_sealed_and_keeps_the_rest(fixture: &Fixture) {
    let id = {
        let manager = fixture.manager();
        let keys = manager.namespace("a");
        let id = keys.create(&fixture.key(), Some(NOW + 7)).unwrap().id;
        fixture.set_clock(NOW + 3);
        keys.revoke(&id, Selector::Latest).unwrap();
        id
    };
    let records = fixture.store().scan(Some("a"), None, 10).unwrap();
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record.id, record.version), (id, 1));
    assert_eq!((record.created, record.revoked), (NOW, Some(NOW + 3)));
    assert_eq!(record.expires, Some(NOW + 7));
    assert_eq!(record.sealed, None);
}

fn a_new_version_for_another_algorithm_is_refused(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    let other = fixture.engine.generate_key("AES-256-GCM", None).unwrap();
    let refused = keys.replace(&id, &other, None);
    assert!(matches!(refused, Err(Error::IncompatibleKeys)));
    assert_eq!(keys.replace(&id, &fixture.key(), None).unwrap().version, 2);
}

fn a_key_expires_at_its_second_also_when_it_is_cached(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), Some(NOW + 10)).unwrap().id;
    fixture.set_clock(NOW + 9);
    let fetched = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    assert!(!keys.is_expired(&fetched));
    fixture.set_clock(NOW + 10);
    assert!(keys.is_expired(&fetched));
    for version in [Selector::Latest, Selector::Exact(1)] {
        let expired = keys.fetch(&fixture.engine, &id, version);
        assert!(matches!(expired, Err(Error::Expired)));
    }
    let past = keys.create(&fixture.key(), Some(NOW)).unwrap();
    let expired = keys.fetch(&fixture.engine, &past.id, Selector::Latest);
    assert!(matches!(expired, Err(Error::Expired)));
    // A new version is what there is to do about it.
    keys.replace(&id, &fixture.key(), None).unwrap();
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    keys.revoke(&id, Selector::Exact(1)).unwrap();
    let gone = keys.fetch(&fixture.engine, &id, Selector::Exact(1));
    assert!(matches!(gone, Err(Error::NotFound)));
}

fn permission_to_export_is_stored_with_the_key(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    let open = keys.clone().exportable(true);
    open.replace(&id, &fixture.key(), None).unwrap();
    for (version, exportable) in [(1, false), (2, true)] {
        let version = Selector::Exact(version);
        let fetched = keys.fetch(&fixture.engine, &id, version).unwrap();
        assert_eq!(fetched.exportable, exportable);
    }
}

fn a_namespace_holds_no_more_keys_than_its_quota(fixture: &Fixture) {
    let mut quota = Quota::default();
    quota.keys = 2;
    let manager = fixture.builder().quota(quota).open().unwrap();
    let keys = manager.namespace("a");
    let first = keys.create(&fixture.key(), None).unwrap().id;
    let second = keys.create(&fixture.key(), None).unwrap().id;
    let full = keys.create(&fixture.key(), None);
    assert!(matches!(full, Err(Error::Full("keys"))));
    // Another namespace has its own, and new versions are no new keys.
    manager.namespace("b").create(&fixture.key(), None).unwrap();
    keys.replace(&first, &fixture.key(), None).unwrap();
    keys.revoke(&first, Selector::Exact(1)).unwrap();
    assert!(keys.create(&fixture.key(), None).is_err());
    // A key that is revoked makes room, and takes it again with its next version.
    keys.revoke(&first, Selector::All).unwrap();
    keys.create(&fixture.key(), None).unwrap();
    let full = keys.replace(&first, &fixture.key(), None);
    assert!(matches!(full, Err(Error::Full("keys"))));
    keys.revoke(&second, Selector::Latest).unwrap();
    assert_eq!(
        keys.replace(&first, &fixture.key(), None).unwrap().version,
        3
    );
}

fn revoked_versions_count_against_the_quota_of_versions(fixture: &Fixture) {
    let mut quota = Quota::default();
    quota.versions = 3;
    let manager = fixture.builder().quota(quota).open().unwrap();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    keys.revoke(&id, Selector::All).unwrap();
    keys.replace(&id, &fixture.key(), None).unwrap();
    keys.create(&fixture.key(), None).unwrap();
    for full in [
        keys.create(&fixture.key(), None),
        keys.replace(&id, &fixture.key(), None),
    ] {
        assert!(matches!(full, Err(Error::Full("versions"))));
    }
    keys.fetch(&fixture.engine, &id, Selector::Exact(2))
        .unwrap();
}

fn a_key_that_is_too_long_is_refused(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let long = vec![1; wasi_crypto_keys::MAX_KEY_LEN + 1];
    let long = fixture.engine.import_key("HMAC/SHA-256", &long).unwrap();
    assert!(matches!(keys.create(&long, None), Err(Error::TooLong)));
    let short = fixture.engine.import_key("HMAC/SHA-256", &[1]).unwrap();
    let id = keys.create(&short, None).unwrap().id;
    assert!(matches!(
        keys.replace(&id, &long, None),
        Err(Error::TooLong)
    ));
}

fn any_length_of_key_up_to_the_longest_survives(fixture: &Fixture) {
    let manager = fixture.builder().cache_entries(0).open().unwrap();
    let keys = manager.namespace("a");
    for len in [1, 15, 16, 32, 100, 4096, wasi_crypto_keys::MAX_KEY_LEN] {
        let raw: Vec<u8> = (0..len).map(|i| i as u8).collect();
        let key = fixture.engine.import_key("HMAC/SHA-256", &raw).unwrap();
        let id = keys.create(&key, None).unwrap().id;
        let fetched = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
        assert_eq!(fixture.bytes(&fetched.key), raw);
    }
}

fn names_of_namespaces_are_bytes_and_have_bounds(fixture: &Fixture) {
    let manager = fixture.manager();
    let long = "n".repeat(wasi_crypto_keys::MAX_NAMESPACE_LEN);
    let names = [
        "a",
        "A",
        "a ",
        "é",
        "e\u{301}",
        "'; --",
        "\u{10ffff}",
        &long,
    ];
    let mut ids = Vec::new();
    for name in names {
        let keys = manager.namespace(name);
        ids.push(keys.create(&fixture.key(), None).unwrap().id);
    }
    for (name, id) in names.iter().zip(&ids) {
        for other in names {
            let fetched = manager
                .namespace(other)
                .fetch(&fixture.engine, id, Selector::Latest);
            assert_eq!(fetched.is_ok(), *name == other, "{name} {other}");
        }
        assert_eq!(manager.list(Some(name)).count(), 1);
    }
    for name in [
        "",
        "a\0",
        &"n".repeat(wasi_crypto_keys::MAX_NAMESPACE_LEN + 1),
    ] {
        let keys = manager.namespace(name);
        let id = &ids[0];
        let version = Selector::Latest;
        assert!(matches!(
            keys.create(&fixture.key(), None),
            Err(Error::BadNamespace)
        ));
        assert!(matches!(
            keys.replace(id, &fixture.key(), None),
            Err(Error::BadNamespace)
        ));
        assert!(matches!(keys.revoke(id, version), Err(Error::BadNamespace)));
        let fetched = keys.fetch(&fixture.engine, id, version);
        assert!(matches!(fetched, Err(Error::BadNamespace)));
    }
}

fn a_fetched_key_counts_against_its_engine(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    let mut limits = Limits::default();
    limits.buffered_bytes = 70;
    let guest = Engine::new(fixture.engine.backend(), limits, Default::default());
    let held: Vec<_> = (0..2)
        .map(|_| keys.fetch(&guest, &id, Selector::Latest).unwrap())
        .collect();
    assert_eq!(guest.buffered_bytes(), 64);
    let full = keys.fetch(&guest, &id, Selector::Latest).unwrap_err();
    assert_eq!(full.errno(), wasi_crypto_engine::Error::Overflow);
    drop(held);
    assert_eq!(guest.buffered_bytes(), 0);
    keys.fetch(&guest, &id, Selector::Latest).unwrap();
}

fn a_cached_key_is_fetched_for_another_engine_and_back_end(fixture: &Fixture) {
    use wasi_crypto_engine::{Backend, Policy};
    let hour = Duration::from_secs(3600);
    let manager = fixture.builder().staleness(hour).open().unwrap();
    let keys = manager.namespace("a");
    let key = fixture.key();
    let id = keys.create(&key, None).unwrap().id;
    for backend in [Backend::Native, Backend::Portable] {
        let engine = Engine::new(backend, Limits::default(), Policy::default());
        let fetched = keys.fetch(&engine, &id, Selector::Latest).unwrap();
        let sealed = engine
            .encrypt(&fetched.key, Some(&[0; 12]), b"", b"m")
            .unwrap();
        let expected = fixture
            .engine
            .encrypt(&key, Some(&[0; 12]), b"", b"m")
            .unwrap();
        assert_eq!(sealed.ciphertext, expected.ciphertext);
    }
}

fn an_algorithm_that_the_policy_leaves_out_is_not_given_out(fixture: &Fixture) {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    let policy = wasi_crypto_engine::Policy::default()
        .allow_only(["SHA-256"])
        .unwrap();
    let strict = Engine::new(fixture.engine.backend(), Limits::default(), policy);
    let refused = keys.fetch(&strict, &id, Selector::Latest).unwrap_err();
    let unsupported = wasi_crypto_engine::Error::UnsupportedAlgorithm;
    assert_eq!(refused.errno(), unsupported);
}

fn numbers_at_their_ends_survive(fixture: &Fixture) {
    let manager = fixture.builder().cache_entries(0).open().unwrap();
    let keys = manager.namespace("a");
    fixture.set_clock(0);
    for expires in [1, u64::from(u32::MAX), 1 << 63, u64::MAX] {
        let id = keys.create(&fixture.key(), Some(expires)).unwrap().id;
        let fetched = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
        assert_eq!(fetched.expires, Some(expires));
    }
    let id = keys.create(&fixture.key(), Some(0)).unwrap().id;
    let expired = keys.fetch(&fixture.engine, &id, Selector::Latest);
    assert!(matches!(expired, Err(Error::Expired)));
}
