//! What the source documents describe, from beginning to end, and what lasts.

use wasi_crypto_test_harness::Linking;

use super::run;
use super::store::Store;

/// HMAC/SHA-256 of `data` under a key of 32 bytes 0x07.
/// Source: printf data | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07.
const TAG: &str = "21bbc9a314d4aaecde6711d51bdda95e5f04eb117f43e59777d3c11e539f5203";

#[test]
fn a_key_is_made_found_replaced_and_revoked() {
    for linking in Linking::ALL {
        run(linking, &Store::new(), &["life"]).assert_lines(&[
            ("id-len", "16"),
            ("first", "1"),
            ("fetched", "true"),
            ("decrypted", "ok"),
            ("replaced", "2"),
            ("stands-for", "true"),
            ("old", "true"),
            ("latest", "2"),
            ("by-the-new", "ok"),
            ("not-by-the-old", "invalid-tag"),
            ("by-the-old", "ok"),
            ("revoked", "not-found"),
            ("others", "ok"),
            ("open-handle", "ok"),
            ("revoked-latest", "not-found"),
            ("revoked-twice", "not-found"),
            ("again", "3"),
            ("latest-again", "ok"),
            ("all", "not-found"),
            ("all-twice", "not-found"),
            ("still-open", "ok"),
        ]);
    }
}

#[test]
fn a_handle_stands_for_what_was_stored_last() {
    for linking in Linking::ALL {
        run(linking, &Store::new(), &["identity"]).assert_lines(&[
            ("unmanaged", "unsupported-feature"),
            ("unmanaged-export", "ok"),
            ("stored", "true"),
            ("stored-export", "prohibited-operation"),
            ("same-key", "ok"),
            ("stored-again", "true"),
            ("moved", "true"),
            ("first-id", "ok"),
            ("second-id", "ok"),
            ("version", "2"),
            ("new", "true"),
            ("itself", "3"),
            ("is", "true"),
        ]);
    }
}

#[test]
fn an_identifier_that_nobody_asked_for_is_revoked_when_its_key_gets_another() {
    for linking in Linking::ALL {
        let store = Store::new();
        let outcome = run(linking, &store, &["forgotten"]);
        outcome.assert_success();
        assert_eq!(outcome.value("known"), "ok");
        assert_eq!(outcome.value("version"), "3");
        let mut live: Vec<_> = store.live_keys();
        live.sort();
        // Three versions of the key that was replaced, the identifier that the guest knows, and a key whose handle was
        // dropped before anybody asked for its identifier: dropping does nothing to a key.
        assert_eq!(live.len(), 5, "{live:?}");
        let of = |label| {
            let id = outcome.value(label);
            live.iter().filter(|(live, _)| live == id).count()
        };
        assert_eq!((of("id"), of("known-id")), (3, 1));
    }
}

#[test]
fn a_key_outlives_the_host_and_gives_the_same() {
    for linking in Linking::ALL {
        let store = Store::new();
        let key = "07".repeat(32);
        let stored = run(linking, &store, &["store", &key]);
        stored.assert_success();
        let id = stored.value("id");
        run(linking, &store, &["use", id, "0"]).assert_lines(&[("version", "1"), ("tag", TAG)]);

        let store = store.reopen();
        run(linking, &store, &["use", id, "1"]).assert_lines(&[("version", "1"), ("tag", TAG)]);
        run(linking, &store, &["rotate", id]).assert_lines(&[("version", "2")]);
        let store = store.reopen();
        let latest = run(linking, &store, &["use", id, "0"]);
        assert_eq!(latest.value("version"), "2");
        assert_ne!(latest.value("tag"), TAG);
        run(linking, &store, &["use", id, "1"]).assert_lines(&[("version", "1"), ("tag", TAG)]);

        run(linking, &store, &["revoke", id]).assert_lines(&[("revoked", "ok")]);
        let store = store.reopen();
        let gone = run(linking, &store, &["use", id, "0"]);
        assert_eq!(gone.stderr.trim(), "use: not-found");
    }
}

#[test]
fn an_identifier_of_another_namespace_is_not_found() {
    for linking in Linking::ALL {
        let store = Store::new();
        let stored = run(linking, &store, &["store", &"07".repeat(32)]);
        let id = stored.value("id");
        let other = store.of("other");
        for args in [&["use", id, "0"][..], &["use", id, "1"], &["rotate", id]] {
            let outcome = run(linking, &other, args);
            assert_eq!(outcome.stderr.trim(), format!("{}: not-found", args[0]));
        }
        run(linking, &other, &["revoke", id]).assert_lines(&[("revoked", "not-found")]);
        run(linking, &store, &["use", id, "0"]).assert_lines(&[("version", "1"), ("tag", TAG)]);
    }
}

#[test]
fn keys_that_come_and_go_take_no_memory() {
    run(Linking::Direct, &Store::new(), &["churn", "200"]).assert_lines(&[("keys", "200")]);
    let outcome = run(Linking::Direct, &Store::new(), &["fetch-often", "20000"]);
    outcome.assert_lines(&[("fetched", "20000")]);
}
