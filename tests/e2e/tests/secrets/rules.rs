//! What is refused.

use wasi_crypto_host::{Policy, WasiCryptoCtx};
use wasi_crypto_test_harness::{Linking, guest};

use super::store::Store;
use super::{run, run_with};

const PROHIBITED: &str = "prohibited-operation";

#[test]
fn a_host_without_a_place_for_keys_says_so() {
    for linking in Linking::ALL {
        run_with(linking, WasiCryptoCtx::builder(), &["none"]).assert_lines(&[
            ("open", "unsupported-feature"),
            ("id", "unsupported-feature"),
        ]);
    }
}

#[test]
fn every_misuse_has_its_errno() {
    for linking in Linking::ALL {
        run(linking, &Store::new(), &["refused"]).assert_lines(&[
            ("open-with", "unsupported-option"),
            ("open-of", "unsupported-option"),
            ("unknown", "unsupported-algorithm"),
            ("unkeyed", "unsupported-algorithm"),
            ("any-case", "ok"),
            ("option", "ok"),
            ("others-option", "unsupported-option"),
            ("category", "unsupported-option"),
            ("unmanaged-expiration", "unsupported-option"),
            ("all", "not-found"),
            ("version-0", "not-found"),
            ("version-2", "not-found"),
            ("version-ff00000000000000", "not-found"),
            ("version-ffffffffffffffff", "not-found"),
            ("other-id", "not-found"),
            ("revoke-other-id", "not-found"),
            ("shorter-id", "not-found"),
            ("revoke-shorter-id", "not-found"),
            ("longer-id", "not-found"),
            ("revoke-longer-id", "not-found"),
            ("empty-id", "not-found"),
            ("revoke-empty-id", "not-found"),
            ("revoke-0", "not-found"),
            ("revoke-2", "not-found"),
            ("old-unmanaged", "unsupported-feature"),
            ("unmanaged-id", "unsupported-feature"),
            ("incompatible", "incompatible-keys"),
            ("after-all-that", "ok"),
            ("derived-id", "unsupported-feature"),
            ("derived-export", "ok"),
        ]);
    }
}

#[test]
fn a_host_can_refuse_keys_that_its_manager_did_not_make() {
    for linking in Linking::ALL {
        for (allowed, others) in [(true, "ok"), (false, PROHIBITED)] {
            let secrets = Store::new().secrets().store_other_keys(allowed);
            let crypto = WasiCryptoCtx::builder().secrets(secrets);
            run_with(linking, crypto, &["others"]).assert_lines(&[
                ("replace-by-imported", others),
                // It is managed by now where it was allowed.
                ("store-imported", others),
                ("replace-by-generated", others),
                ("store-generated", others),
                ("replace-by-managed", "ok"),
                ("store-managed", "ok"),
            ]);
        }
    }
}

#[test]
fn managed_keys_are_exported_only_where_the_host_allows_it() {
    for linking in Linking::ALL {
        let managed = |crypto, managed, unmanaged| {
            run_with(linking, crypto, &["export"]).assert_lines(&[
                ("generated", managed),
                ("fetched", managed),
                ("unmanaged", unmanaged),
                ("stored", managed),
            ]);
        };
        managed(Store::new().crypto(), PROHIBITED, "ok");
        let exporting =
            || WasiCryptoCtx::builder().secrets(Store::new().secrets().export_keys(true));
        managed(exporting(), "ok", "ok");
        let no_keys = Policy::default().export_keys(false);
        managed(exporting().policy(no_keys), PROHIBITED, PROHIBITED);
    }
}

#[test]
fn a_key_that_was_stored_to_stay_is_not_exported_later() {
    let store = Store::new();
    let stored = run(Linking::Direct, &store, &["store", &"07".repeat(32)]);
    let id = stored.value("id");
    let crypto = || WasiCryptoCtx::builder().secrets(store.secrets().export_keys(true));
    let exported = run_with(Linking::Direct, crypto(), &["export-of", id]);
    exported.assert_lines(&[("exported", PROHIBITED)]);
    // Nor when it is stored again, where the guest may export what it stores.
    run_with(Linking::Direct, crypto(), &["export-again", id]).assert_lines(&[
        ("stored again", PROHIBITED),
        ("fetched again", PROHIBITED),
        ("replaced by", PROHIBITED),
        ("another", "ok"),
    ]);
}

#[test]
fn a_guest_without_room_for_a_handle_makes_no_key() {
    for linking in Linking::ALL {
        let store = Store::new();
        let crypto = store.crypto().max_handles(20);
        run_with(linking, crypto, &["full"]).assert_lines(&[
            ("handles", "19"),
            ("one more", "too-many-handles"),
            ("generate", "too-many-handles"),
            ("open", "too-many-handles"),
            ("room again", "ok"),
        ]);
        assert_eq!(store.live_keys().len(), 2);
    }
}

#[test]
fn arguments_of_many_megabytes_are_errnos() {
    for linking in Linking::ALL {
        run(linking, &Store::new(), &["long-arguments"]).assert_lines(&[
            ("fetch", "not-found"),
            ("invalidate", "not-found"),
            ("generate", "unsupported-algorithm"),
            ("nonce", "ok"),
        ]);
    }
}

#[test]
fn a_policy_holds_for_keys_that_are_stored_already() {
    for linking in Linking::ALL {
        let store = Store::new();
        let stored = run(linking, &store, &["store", &"07".repeat(32)]);
        let id = stored.value("id");
        let gcm = Policy::default().allow_only(["AES-256-GCM"]);
        let crypto = store.crypto().policy(gcm.expect("a known name"));
        let outcome = run_with(linking, crypto.clone(), &["use", id, "0"]);
        assert_eq!(outcome.stderr.trim(), "use: unsupported-algorithm");
        let outcome = run_with(linking, crypto, &["generate", "HMAC/SHA-256"]);
        assert_eq!(outcome.stderr.trim(), "generate: unsupported-algorithm");
    }
}

#[test]
fn only_components_that_use_managed_keys_ask_the_host_for_them() {
    const INTERFACE: &[u8] = b"wasi-ephemeral:crypto/secrets@0.1.0";
    let imports = |name: &str| {
        let component = std::fs::read(guest(&format!("{name}.wasm"))).expect("a component");
        let mut windows = component.windows(INTERFACE.len());
        windows.any(|window| window == INTERFACE)
    };
    assert!(imports("secrets") && imports("examples/vault"));
    assert!(!imports("wcrypt") && !imports("examples/hello") && !imports("patterns"));
}
