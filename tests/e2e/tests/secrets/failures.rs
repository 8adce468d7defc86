//! A store that fails or lies: an errno for the guest, and nothing that is there is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use wasi_crypto_host::{Secrets, WasiCryptoCtx, WasiCryptoCtxBuilder};
use wasi_crypto_keys::{KeyEncryptionKey, Manager};
use wasi_crypto_test_harness::Linking;

use super::faulty::{Fault, Faulty};

use super::run_with;
use super::store::manager;

/// A host whose store can be made to fail.
struct Host {
    manager: Manager,
    fault: Arc<AtomicU8>,
}

impl Host {
    fn new() -> Self {
        let fault = Arc::new(AtomicU8::new(Fault::None as u8));
        let key = KeyEncryptionKey::generate().expect("a key");
        let manager = manager(Faulty::new(fault.clone()), key);
        Self { manager, fault }
    }

    fn crypto(&self) -> WasiCryptoCtxBuilder {
        WasiCryptoCtx::builder().secrets(Secrets::new(self.manager.namespace("tests")))
    }

    fn with(&self, fault: Fault) -> WasiCryptoCtxBuilder {
        self.fault.store(fault as u8, Ordering::Relaxed);
        self.crypto()
    }
}

/// Stores two keys, and gives the identifier of the second.
fn store_two(linking: Linking, host: &Host) -> String {
    let store = || run_with(linking, host.crypto(), &["store", &"07".repeat(32)]);
    store().assert_success();
    store().value("id").to_owned()
}

#[test]
fn a_store_that_cannot_be_reached_is_an_errno_and_loses_nothing() {
    for linking in Linking::ALL {
        let host = Host::new();
        let id = store_two(linking, &host);
        let args = ["each", id.as_str()];
        run_with(linking, host.with(Fault::Unreachable), &args).assert_lines(&[
            ("generate", "internal-error"),
            ("store", "internal-error"),
            ("fetch", "internal-error"),
            ("invalidate", "internal-error"),
        ]);
        run_with(linking, host.with(Fault::None), &args).assert_lines(&[
            ("generate", "ok"),
            ("store", "ok"),
            ("fetch", "ok"),
            ("replace", "ok"),
            ("invalidate", "ok"),
        ]);
    }
}

#[test]
fn a_record_that_was_changed_or_moved_is_an_errno() {
    for linking in Linking::ALL {
        for fault in [Fault::Flipped, Fault::Swapped] {
            let host = Host::new();
            let id = store_two(linking, &host);
            let fetch = ["use", &id, "1"];
            let outcome = run_with(linking, host.with(fault), &fetch);
            assert_eq!(outcome.stderr.trim(), "use: internal-error");
            run_with(linking, host.with(Fault::None), &fetch).assert_success();
        }
    }
}

#[test]
fn an_expiration_that_was_taken_out_of_the_store_makes_no_key_live_longer() {
    for linking in Linking::ALL {
        let host = Host::new();
        let crypto = host.with(Fault::Prolonged);
        run_with(linking, crypto, &["expired-at-once", "1"]).assert_lines(&[
            ("encrypt", "expired"),
            ("version", "1"),
            ("fetch", "internal-error"),
        ]);
    }
}
