//! What managed keys cost: a fetch from the cache, and a durable generation beside the syncs of the disk that it waits for.
//!
//! The disk is the one that temporary files are on.

#![allow(clippy::print_stdout)]

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Bound;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};
use wasi_crypto_engine::Engine;
use wasi_crypto_keys::{
    KeyEncryptionKey, KeyStore, ManagedKey, Manager, Namespace, PostgresStore, RedbStore, Selector,
};

#[allow(dead_code)]
#[path = "../tests/keys/server.rs"]
mod server;

const ALGORITHM: &str = "AES-256-GCM-SIV";
/// Generations that are measured, one by one.
const GENERATIONS: usize = 300;
/// Fetches in one measurement.
const FETCHES: u32 = 10_000;

fn main() {
    println!(
        "{:<44} {:>12} {:>12} {:>7}",
        "median", "call", "its syncs", "ratio"
    );
    let directory = tempfile::tempdir().unwrap();
    embedded(directory.path());
    match server::Server::start(true) {
        Some(server) => postgres(&server, directory.path()),
        None => println!("PostgreSQL: no server is installed"),
    }
}

fn embedded(directory: &Path) {
    let path = directory.join("keys.db");
    let syncs = Arc::new(Syncs::default());
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path)
        .unwrap();
    let backend = Measured {
        file: FileBackend::new(file).unwrap(),
        syncs: Arc::clone(&syncs),
    };
    let keys = namespace(RedbStore::on(backend).unwrap());
    fetches("redb", &keys);
    let mut each = Vec::new();
    let mut count = 0;
    for _ in 0..GENERATIONS {
        syncs.take();
        let took = time(|| generate(&keys));
        let (syncs, synced) = syncs.take();
        each.push((took, synced));
        count += syncs;
    }
    let per_call = count as f64 / GENERATIONS as f64;
    report(
        &format!("redb: durable generate ({per_call:.1} syncs)"),
        each,
    );
}

fn postgres(server: &server::Server, directory: &Path) {
    let store = PostgresStore::open(&server.url(&server.database())).unwrap();
    let keys = namespace(store);
    fetches("PostgreSQL", &keys);
    // The server syncs its log once for each commit; what that costs is found out beside it, on a file of the same disk.
    let log = File::create(directory.join("log")).unwrap();
    log.write_all_at(&vec![1; 4 << 20], 0).unwrap();
    log.sync_all().unwrap();
    let mut each = Vec::new();
    for round in 0..GENERATIONS {
        let took = time(|| generate(&keys));
        let synced = time(|| {
            log.write_all_at(&[2; 8192], 8192 * (round as u64 % 512))
                .unwrap();
            log.sync_data().unwrap();
        });
        each.push((took, synced));
    }
    report("PostgreSQL: durable generate (1 sync)", each);
}

fn namespace(store: impl KeyStore + 'static) -> Namespace {
    let kek = KeyEncryptionKey::generate().unwrap();
    let manager = Manager::builder(store, kek).open().unwrap();
    manager.namespace("bench")
}

fn generate(keys: &Namespace) -> ManagedKey {
    let key = Engine::default().generate_key(ALGORITHM, None).unwrap();
    keys.create(&key, None).unwrap()
}

fn fetches(store: &str, keys: &Namespace) {
    let engine = Engine::default();
    let ids: Vec<_> = (0..16).map(|_| generate(keys).id).collect();
    let mut rounds: Vec<_> = (0..31)
        .map(|_| {
            let took = time(|| {
                for call in 0..FETCHES {
                    let id = &ids[call as usize % ids.len()];
                    let fetched = keys.fetch(&engine, id, Selector::Latest).unwrap();
                    assert_eq!(fetched.version, 1);
                }
            });
            took / FETCHES
        })
        .collect();
    rounds.sort();
    let median = rounds[rounds.len() / 2];
    println!(
        "{:<44} {median:>12.0?}",
        format!("{store}: fetch of a cached key")
    );
}

fn report(what: &str, mut each: Vec<(Duration, Duration)>) {
    each.sort();
    let call = each[each.len() / 2].0;
    each.sort_by_key(|(_, synced)| *synced);
    let synced = each[each.len() / 2].1;
    let ratio = call.as_secs_f64() / synced.as_secs_f64();
    println!("{what:<44} {call:>12.1?} {synced:>12.1?} {ratio:>7.2}");
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    std::hint::black_box(work());
    begun.elapsed()
}

/// How many syncs there were, and what they took, since the last time somebody asked.
#[derive(Debug, Default)]
struct Syncs {
    count: AtomicU64,
    nanos: AtomicU64,
}

impl Syncs {
    fn take(&self) -> (u64, Duration) {
        let count = self.count.swap(0, Ordering::Relaxed);
        let nanos = self.nanos.swap(0, Ordering::Relaxed);
        (count, Duration::from_nanos(nanos))
    }
}

/// A file whose syncs are measured.
#[derive(Debug)]
struct Measured {
    file: FileBackend,
    syncs: Arc<Syncs>,
}

impl StorageBackend for Measured {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        let begun = Instant::now();
        let synced = self.file.sync_data();
        let nanos = begun.elapsed().as_nanos() as u64;
        self.syncs.nanos.fetch_add(nanos, Ordering::Relaxed);
        self.syncs.count.fetch_add(1, Ordering::Relaxed);
        synced
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }
}
