//! An audit trail that is kept, or the operation fails.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use wasi_crypto_keys::{AuditEvent, AuditSink, Error, KeyEncryptionKey, Selector};

use crate::fixture::{ALGORITHM, Fixture, NOW, on_each_store};

on_each_store! {
    every_operation_is_kept_with_its_outcome
    what_is_not_kept_fails_and_gives_nothing_out
}

/// Keeps events as lines, while it is not full.
#[derive(Default)]
struct Sink {
    lines: Mutex<Vec<String>>,
    is_full: AtomicBool,
}

impl AuditSink for Sink {
    fn record(&self, event: &AuditEvent<'_>) -> io::Result<()> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(io::Error::other("no paper"));
        }
        let version = event
            .version
            .map_or("-".to_owned(), |version| version.to_string());
        let outcome = event.failure.map_or("ok".to_owned(), ToString::to_string);
        let namespace = event.namespace.unwrap_or("-");
        let operation = event.operation;
        let line = format!("{operation} {namespace} {version} {outcome}");
        self.lines.lock().unwrap().push(line);
        Ok(())
    }
}

impl Sink {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }

    fn fill(&self, full: bool) {
        self.is_full.store(full, Ordering::Relaxed);
    }
}

fn every_operation_is_kept_with_its_outcome(fixture: &Fixture) {
    let sink = Arc::new(Sink::default());
    let manager = fixture.builder().audit(sink.clone()).open().unwrap();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), Some(NOW + 1)).unwrap().id;
    keys.replace(&id, &fixture.key(), None).unwrap();
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    keys.fetch(&fixture.engine, &id, Selector::Exact(9))
        .unwrap_err();
    fixture.set_clock(NOW + 1);
    keys.fetch(&fixture.engine, &id, Selector::Exact(1))
        .unwrap_err();
    manager.rotate("a", &id, None).unwrap();
    keys.revoke(&id, Selector::All).unwrap();
    keys.revoke(&id, Selector::Exact(1)).unwrap_err();
    let raw = fixture.bytes(&fixture.key());
    manager.import("b", ALGORITHM, &raw, None, false).unwrap();
    manager
        .rekey(&KeyEncryptionKey::generate().unwrap())
        .unwrap();
    let gone = Error::NotFound;
    assert_eq!(
        sink.take(),
        [
            "create a 1 ok".to_owned(),
            "replace a 2 ok".into(),
            "fetch a 2 ok".into(),
            "fetch a 2 ok".into(),
            format!("fetch a 9 {gone}"),
            format!("fetch a 1 {}", Error::Expired),
            "rotate a 3 ok".into(),
            "revoke a 1 ok".into(),
            "revoke a 2 ok".into(),
            "revoke a 3 ok".into(),
            format!("revoke a 1 {gone}"),
            "import b 1 ok".into(),
            "rekey - - ok".into(),
        ]
    );
}

fn what_is_not_kept_fails_and_gives_nothing_out(fixture: &Fixture) {
    let sink = Arc::new(Sink::default());
    let manager = fixture.builder().audit(sink.clone()).open().unwrap();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    sink.fill(true);
    let raw = fixture.bytes(&fixture.key());
    let new = KeyEncryptionKey::generate().unwrap();
    let failures = [
        keys.fetch(&fixture.engine, &id, Selector::Latest).err(),
        keys.fetch(&fixture.engine, &id, Selector::Exact(9)).err(),
        keys.create(&fixture.key(), None).err(),
        keys.replace(&id, &fixture.key(), None).err(),
        manager.rotate("a", &id, None).err(),
        manager.import("a", ALGORITHM, &raw, None, false).err(),
        keys.revoke(&id, Selector::Exact(1)).err(),
        keys.revoke(&id, Selector::Exact(1)).err(),
        manager.rekey(&new).err(),
    ];
    for failure in failures {
        let error = failure.expect("nobody was told");
        assert!(matches!(error, Error::Audit(_)), "{error}");
        assert!(error.to_string().contains("no paper"), "{error}");
        assert_eq!(error.errno(), wasi_crypto_engine::Error::InternalError);
    }
    sink.fill(false);
    // What was changed stays changed.
    assert_eq!(manager.show("a", &id).unwrap().len(), 3);
    keys.fetch(&fixture.engine, &id, Selector::Exact(1))
        .unwrap_err();
    let latest = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    assert_eq!(latest.version, 3);
}
