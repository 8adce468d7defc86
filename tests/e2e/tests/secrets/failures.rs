//! A store that fails or lies: an errno for the guest, and nothing that is there is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use wasi_crypto_host::{Secrets, WasiCryptoCtx, WasiCryptoCtxBuilder};
use wasi_crypto_keys::store::{Listener, MakeRecord, Place, Record};
use wasi_crypto_keys::{
    Error, KeyEncryptionKey, KeyId, KeyStore, Manager, Quota, RedbStore, Result, Selector, Version,
};
use wasi_crypto_tests::Linking;

use super::run_with;
use super::store::manager;

/// What is wrong with a store.
#[derive(Clone, Copy)]
enum Fault {
    None,
    /// It cannot be reached.
    Unreachable,
    /// One bit of what was sealed is another.
    Flipped,
    /// It gives a key for another.
    Swapped,
    /// It gives a longer life to keys.
    Prolonged,
}

/// A store in memory, and what is wrong with it.
struct Faulty {
    store: RedbStore,
    fault: Arc<AtomicU8>,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault.load(Ordering::Relaxed) == fault as u8
    }

    fn reach(&self) -> Result<&RedbStore> {
        if self.has(Fault::Unreachable) {
            return Err(Error::Store("the disk is on fire".into()));
        }
        Ok(&self.store)
    }
}

impl KeyStore for Faulty {
    /// So that nothing is given out without asking it.
    fn is_shared(&self) -> bool {
        true
    }

    fn listen(&self, listener: Listener) {
        self.store.listen(listener);
    }

    fn header(&self) -> Result<Option<Vec<u8>>> {
        self.reach()?.header()
    }

    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool> {
        self.reach()?.set_header(expected, header)
    }

    fn create(&self, record: &Record, quota: &Quota) -> Result<()> {
        self.reach()?.create(record, quota)
    }

    fn append(
        &self,
        namespace: &str,
        id: &KeyId,
        quota: &Quota,
        make: &MakeRecord,
    ) -> Result<Record> {
        self.reach()?.append(namespace, id, quota, make)
    }

    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record> {
        let mut record = self.reach()?.fetch(namespace, id, version)?;
        if self.has(Fault::Flipped) {
            let sealed = record.sealed.as_mut().expect("a sealed key");
            sealed[20] ^= 1;
        }
        if self.has(Fault::Swapped) {
            let all = self.store.scan(Some(namespace), None, 100)?;
            let other = all.into_iter().find(|other| other.id != *id);
            record.sealed = other.expect("another key").sealed;
        }
        if self.has(Fault::Prolonged) {
            record.expires = None;
        }
        Ok(record)
    }

    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>> {
        self.reach()?.revoke(namespace, id, version, now)
    }

    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        self.reach()?.scan(namespace, after, limit)
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        self.reach()?.reseal(changes)
    }
}

/// A host whose store can be made to fail.
struct Host {
    manager: Manager,
    fault: Arc<AtomicU8>,
}

impl Host {
    fn new() -> Self {
        let fault = Arc::new(AtomicU8::new(Fault::None as u8));
        let store = Faulty {
            store: RedbStore::in_memory().expect("a store"),
            fault: fault.clone(),
        };
        let key = KeyEncryptionKey::generate().expect("a key");
        // Nothing is kept that a fault might hide behind.
        Self {
            manager: manager(store, key),
            fault,
        }
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
