//! Managed keys by the witx functions. The modules judge for themselves, and panic.

use std::sync::LazyLock;

use wasi_crypto_componentize::componentize;
use wasi_crypto_host::{Secrets, WasiCryptoCtx, WasiCryptoCtxBuilder};
use wasi_crypto_keys::{KeyEncryptionKey, Manager, RedbStore};
use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_test_harness::built;

const SECRETS: &str = "wasm32-wasip1/release/witx-secrets.wasm";

static MODULE: LazyLock<Legacy> = LazyLock::new(|| Legacy::guest("witx-secrets"));

/// A namespace of a store that is gone after the test.
fn secrets() -> Secrets {
    let store = RedbStore::in_memory().expect("a store");
    let key = KeyEncryptionKey::generate().expect("a key");
    let manager = Manager::builder(store, key).open().expect("a manager");
    Secrets::new(manager.namespace("tests"))
}

fn run(routine: &str, crypto: WasiCryptoCtxBuilder) {
    // Nothing is left open, either.
    MODULE.run().arg(routine).crypto(crypto).finish().success();
}

macro_rules! routines {
    ($($test:ident = $routine:literal;)*) => {$(
        #[test]
        fn $test() {
            run($routine, WasiCryptoCtx::builder().secrets(secrets()));
        }
    )*};
}

routines! {
    a_key_is_made_found_replaced_and_revoked = "life";
    an_identifier_fits_or_is_an_overflow = "identifiers";
    storing_writes_16_bytes_or_nothing = "storing";
    a_key_that_has_expired_opens_nothing = "expiration";
    handles_stay_open_when_a_key_cannot_be_replaced = "replacing";
    numbers_that_are_no_version_are_not_found = "versions";
    pointers_and_tags_that_mean_nothing_are_errnos = "pointers";
    a_manager_that_was_closed_is_an_invalid_handle = "closed-manager";
}

#[test]
fn the_hosts_policy_holds_for_modules_too() {
    let crypto = WasiCryptoCtx::builder().secrets(secrets().store_other_keys(false));
    run("policy", crypto);
}

#[test]
fn only_modules_that_use_managed_keys_ask_the_host_for_them() {
    const INTERFACE: &str = "wasi-ephemeral:crypto/secrets@0.1.0";
    let imports = |path: &str| {
        let component =
            componentize(&std::fs::read(built(path)).expect("a module")).expect("a component");
        String::from_utf8_lossy(&component).contains(INTERFACE)
    };
    assert!(imports(SECRETS));
    for other in [
        "wasm32-wasip1/release/witx-batches.wasm",
        "wasm32-wasip1/release/witx-vectors.wasm",
        "wasm32-wasip1/release/examples/witx-client.wasm",
        "assemblyscript/client-incremental.wasm",
    ] {
        assert!(!imports(other), "{other}");
    }
}
