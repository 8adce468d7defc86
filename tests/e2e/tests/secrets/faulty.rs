//! A store that fails, lies, or takes its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use wasi_crypto_keys::store::{Listener, MakeRecord, Place, Record};
use wasi_crypto_keys::{Error, KeyId, KeyStore, Quota, RedbStore, Result, Selector, Version};

/// What is wrong with a store.
#[derive(Clone, Copy)]
pub enum Fault {
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

/// A store in memory, what is wrong with it, and what it waits for.
pub struct Faulty {
    store: RedbStore,
    fault: Arc<AtomicU8>,
    wait: fn(),
}

impl Faulty {
    pub fn new(fault: Arc<AtomicU8>) -> Self {
        Self {
            store: RedbStore::in_memory().expect("a store"),
            fault,
            wait: || (),
        }
    }

    /// A store with nothing wrong that calls `wait` whenever it is asked.
    pub fn waiting(wait: fn()) -> Self {
        let fault = Arc::new(AtomicU8::new(Fault::None as u8));
        Self {
            wait,
            ..Self::new(fault)
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault.load(Ordering::Relaxed) == fault as u8
    }

    fn reach(&self) -> Result<&RedbStore> {
        (self.wait)();
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
