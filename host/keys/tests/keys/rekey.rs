//! Changing the key-encryption key.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use wasi_crypto_keys::store::{Listener, MakeRecord, Place, Record};
use wasi_crypto_keys::{
    Error, KeyEncryptionKey, KeyId, KeyStore, Manager, Quota, Result, Selector, Version,
};

use crate::fixture::{Fixture, on_each_store};

on_each_store! {
    rekeying_loses_no_key_and_retires_the_old_one
    rekeying_that_was_interrupted_anywhere_is_finished_by_doing_it_again
    while_rekeying_both_keys_are_needed_and_serve_everybody
    a_host_with_the_old_key_alone_writes_nothing_after_rekeying
    rekeying_begins_only_if_everything_opens
}

struct Fill {
    id: KeyId,
    keys: Vec<Vec<u8>>,
}

const KEYS: usize = 5;
const VERSIONS: usize = 120;

/// More versions than one page, one of which is revoked.
fn fill(fixture: &Fixture) -> Vec<Fill> {
    let manager = fixture.manager();
    let keys = manager.namespace("a");
    let filled = (0..KEYS).map(|_| {
        let all: Vec<_> = (0..VERSIONS).map(|_| fixture.key()).collect();
        let id = keys.create(&all[0], None).unwrap().id;
        for key in &all[1..] {
            keys.replace(&id, key, None).unwrap();
        }
        keys.revoke(&id, Selector::Exact(2)).unwrap();
        let keys = all.iter().map(|key| fixture.bytes(key)).collect();
        Fill { id, keys }
    });
    filled.collect()
}

fn check(fixture: &Fixture, manager: &Manager, filled: &[Fill]) {
    let keys = manager.namespace("a");
    for fill in filled {
        for (index, raw) in fill.keys.iter().enumerate() {
            let version = Selector::Exact(index as u64 + 1);
            match keys.fetch(&fixture.engine, &fill.id, version) {
                Ok(fetched) => assert_eq!(&fixture.bytes(&fetched.key), raw),
                Err(error) => assert!(index == 1 && matches!(error, Error::NotFound)),
            }
        }
    }
}

const SEALED: u64 = (KEYS * (VERSIONS - 1)) as u64;

fn rekeying_loses_no_key_and_retires_the_old_one(fixture: &Fixture) {
    let filled = fill(fixture);
    let new = KeyEncryptionKey::generate().unwrap();
    let manager = fixture.manager();
    assert_eq!(manager.rekey(&new).unwrap(), SEALED);
    check(fixture, &manager, &filled);
    assert_eq!(manager.rekey(&new).unwrap(), 0);
    drop(manager);
    let old = Manager::builder_of(fixture.store(), fixture.kek.clone()).open();
    assert!(matches!(old.err(), Some(Error::WrongKek { .. })));
    let manager = Manager::builder_of(fixture.store(), new).open().unwrap();
    check(fixture, &manager, &filled);
    let keys = manager.namespace("a");
    let next = keys.replace(&filled[0].id, &fixture.key(), None).unwrap();
    assert_eq!(next.version, VERSIONS as u64 + 1);
}

fn rekeying_that_was_interrupted_anywhere_is_finished_by_doing_it_again(fixture: &Fixture) {
    let filled = fill(fixture);
    let mut old = fixture.kek.clone();
    for calls in 0.. {
        let new = KeyEncryptionKey::generate().unwrap();
        let store = Failing::after(fixture.store(), calls);
        let manager = Manager::builder(store, old.clone()).open().unwrap();
        let interrupted = manager.rekey(&new);
        check_with_both(fixture, &old, &new, &filled);
        drop(manager);
        let manager = Manager::builder_of(fixture.store(), new.clone())
            .also(old.clone())
            .open()
            .unwrap();
        manager.rekey(&new).unwrap();
        drop(manager);
        let manager = Manager::builder_of(fixture.store(), new.clone())
            .open()
            .unwrap();
        check(fixture, &manager, &filled);
        old = new;
        if interrupted.is_ok() {
            assert!(calls > 4, "nothing was interrupted");
            return;
        }
    }
}

/// Reads without the store, which is open already, being opened again.
fn check_with_both(
    fixture: &Fixture,
    old: &KeyEncryptionKey,
    new: &KeyEncryptionKey,
    filled: &[Fill],
) {
    if !fixture.is_shared() {
        return;
    }
    let manager = Manager::builder_of(fixture.store(), old.clone())
        .also(new.clone())
        .open()
        .unwrap();
    check(fixture, &manager, filled);
}

fn while_rekeying_both_keys_are_needed_and_serve_everybody(fixture: &Fixture) {
    let filled = fill(fixture);
    let new = KeyEncryptionKey::generate().unwrap();
    {
        let store = Failing::after(fixture.store(), 2);
        let manager = Manager::builder(store, fixture.kek.clone()).open().unwrap();
        assert!(manager.rekey(&new).is_err());
    }
    let stray = KeyEncryptionKey::generate().unwrap();
    for given in [
        &[&fixture.kek][..],
        &[&new],
        &[&stray],
        &[&fixture.kek, &stray],
        &[&stray, &new],
    ] {
        let mut builder = Manager::builder_of(fixture.store(), given[0].clone());
        for more in &given[1..] {
            builder = builder.also((*more).clone());
        }
        let refused = builder.open().err().unwrap();
        let Error::Moving {
            from,
            to,
            given: told,
        } = &refused
        else {
            panic!("{refused}");
        };
        assert_eq!((*from, *to), (fixture.kek.id(), new.id()));
        assert!(told.iter().copied().eq(given.iter().map(|key| key.id())));
        let line = refused.to_string();
        for id in [fixture.kek.id(), new.id()] {
            assert!(line.contains(&id.to_string()), "{line}");
        }
        let neither = format!("{} (neither)", stray.id());
        let is_stray = given.iter().any(|key| key.id() == stray.id());
        assert_eq!(line.contains(&neither), is_stray, "{line}");
        assert_eq!(line.matches("neither").count(), usize::from(is_stray));
    }
    let manager = Manager::builder_of(fixture.store(), fixture.kek.clone())
        .also(new.clone())
        .open()
        .unwrap();
    check(fixture, &manager, &filled);
    // New versions are sealed under the new key at once.
    let made = manager.namespace("b").create(&fixture.key(), None).unwrap();
    assert_eq!(manager.show("b", &made.id).unwrap()[0].kek, new.id());
    let third = KeyEncryptionKey::generate().unwrap();
    for other in [&third, &fixture.kek] {
        let refused = manager.rekey(other).unwrap_err();
        assert!(
            matches!(refused, Error::StillMoving { from, to, asked }
                if (from, to, asked) == (fixture.kek.id(), new.id(), other.id())),
            "{refused:?}"
        );
    }
    manager.rekey(&new).unwrap();
    check(fixture, &manager, &filled);
}

fn a_host_with_the_old_key_alone_writes_nothing_after_rekeying(fixture: &Fixture) {
    if !fixture.is_shared() {
        // Two managers of one file are two processes, which there cannot be.
        return;
    }
    let host = fixture.manager();
    let both = fixture.builder();
    let new = KeyEncryptionKey::generate().unwrap();
    let both = both.also(new.clone()).open().unwrap();
    let id = host.namespace("a").create(&fixture.key(), None).unwrap().id;
    fixture.manager().rekey(&new).unwrap();
    let keys = host.namespace("a");
    for refused in [
        keys.create(&fixture.key(), None),
        keys.replace(&id, &fixture.key(), None),
        keys.fetch(&fixture.engine, &id, Selector::Latest),
    ] {
        assert!(matches!(refused, Err(Error::WrongKek { .. })));
    }
    let keys = both.namespace("a");
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    assert_eq!(keys.replace(&id, &fixture.key(), None).unwrap().version, 2);
    assert_eq!(both.show("a", &id).unwrap()[1].kek, new.id());
}

fn rekeying_begins_only_if_everything_opens(fixture: &Fixture) {
    let (whole, damaged) = {
        let manager = fixture.manager();
        let keys = manager.namespace("a");
        let whole = keys.create(&fixture.key(), None).unwrap().id;
        (whole, keys.create(&fixture.key(), None).unwrap().id)
    };
    fixture.tamper(&damaged, 1, |record| record.created += 1);
    let header = fixture.store().header().unwrap();
    let new = KeyEncryptionKey::generate().unwrap();
    let refused = fixture.manager().rekey(&new).unwrap_err();
    assert!(
        matches!(&refused, Error::Sealing { id, version: 1, kek, .. }
            if *id == damaged && *kek == fixture.kek.id()),
        "{refused:?}"
    );
    assert_eq!(fixture.store().header().unwrap(), header);
    let manager = fixture.manager();
    manager
        .namespace("a")
        .fetch(&fixture.engine, &whole, Selector::Latest)
        .unwrap();
    manager.revoke("a", &damaged, Selector::Exact(1)).unwrap();
    assert_eq!(manager.rekey(&new).unwrap(), 1);
}

/// A store that fails for ever after so many changes by rekeying, before or after the change is made.
struct Failing {
    store: Box<dyn KeyStore>,
    calls: AtomicU64,
    failed: AtomicBool,
}

impl Failing {
    fn after(store: Box<dyn KeyStore>, calls: u64) -> Self {
        Self {
            store,
            calls: AtomicU64::new(calls),
            failed: AtomicBool::new(false),
        }
    }

    /// Every second interruption loses the answer, not the change.
    fn interrupt<T>(&self, change: impl FnOnce() -> Result<T>) -> Result<T> {
        let left = self.calls.load(Ordering::Relaxed);
        let error = || Error::Store("interrupted".into());
        if self.failed.load(Ordering::Relaxed) {
            return Err(error());
        }
        if left < 2 {
            self.failed.store(true, Ordering::Relaxed);
            if left == 1 {
                change()?;
            }
            return Err(error());
        }
        self.calls.store(left - 2, Ordering::Relaxed);
        change()
    }
}

impl KeyStore for Failing {
    fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    fn listen(&self, listener: Listener) {
        self.store.listen(Arc::clone(&listener));
    }

    fn header(&self) -> Result<Option<Vec<u8>>> {
        self.store.header()
    }

    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool> {
        self.interrupt(|| self.store.set_header(expected, header))
    }

    fn create(&self, record: &Record, quota: &Quota) -> Result<()> {
        self.store.create(record, quota)
    }

    fn append(
        &self,
        namespace: &str,
        id: &KeyId,
        quota: &Quota,
        make: &MakeRecord,
    ) -> Result<Record> {
        self.store.append(namespace, id, quota, make)
    }

    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record> {
        self.store.fetch(namespace, id, version)
    }

    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>> {
        self.store.revoke(namespace, id, version, now)
    }

    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        self.store.scan(namespace, after, limit)
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        self.interrupt(|| self.store.reseal(changes))
    }
}
