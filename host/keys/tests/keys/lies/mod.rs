//! Whatever a store says, nobody gets, makes or revokes anything that no record justifies which opens.

mod operations;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasi_crypto_engine::{Engine, Key};
use wasi_crypto_keys::store::Record;
use wasi_crypto_keys::{
    KeyEncryptionKey, KeyId, KeyState, LAST_VERSION, ManagedKey, Manager, Result, Selector,
};

use crate::fixture::NOW;
use crate::liar::{ALGORITHMS, Heard, Liar, NAMESPACES};
use crate::trail;

const CASES: u64 = 400;
const CASES_OF_ALL: u64 = 20_000;
const OPERATIONS: usize = 60;

#[test]
fn no_lie_of_a_store_gives_out_makes_or_revokes_what_no_record_that_opens_justifies() {
    trail::begin();
    let cases = match std::env::var_os("WASI_CRYPTO_TEST_ALL") {
        Some(_) => CASES_OF_ALL,
        None => CASES,
    };
    let mut done = Done::default();
    for seed in 0..cases {
        let case = Case::new(seed);
        done.add(&case.run());
    }
    // Lies do not keep everything from happening, and are seen through.
    let each = cases as usize;
    for (what, count) in [
        ("fetched", done.fetched),
        ("replaced", done.replaced),
        ("rotated", done.rotated),
        ("revoked", done.revoked),
        ("refused", done.refused),
        ("damaged", done.damaged),
    ] {
        assert!(count > each / 2, "{what}: {done:?}");
    }
    assert!(done.rekeyed > each / 10, "{done:?}");
}

/// How often what has happened.
#[derive(Debug, Default)]
struct Done {
    fetched: usize,
    replaced: usize,
    rotated: usize,
    revoked: usize,
    rekeyed: usize,
    refused: usize,
    damaged: usize,
}

impl Done {
    fn add(&mut self, other: &Self) {
        self.fetched += other.fetched;
        self.replaced += other.replaced;
        self.rotated += other.rotated;
        self.revoked += other.revoked;
        self.rekeyed += other.rekeyed;
        self.refused += other.refused;
        self.damaged += other.damaged;
    }
}

/// What was sealed: for which store, the record, and the bytes of its key, if they are known.
struct Sealed {
    store: [u8; 16],
    record: Record,
    raw: Option<Vec<u8>>,
}

/// One store and its liar.
struct Case {
    seed: u64,
    rng: fastrand::Rng,
    engine: Engine,
    clock: Arc<AtomicU64>,
    liar: Liar,
    keks: Vec<KeyEncryptionKey>,
    manager: Manager,
    /// The store that the manager takes it for.
    store: [u8; 16],
    ids: Vec<(&'static str, KeyId)>,
    /// By what is stored of them.
    sealed: HashMap<Vec<u8>, Sealed>,
    has_moved: bool,
    done: Done,
}

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed of this case is {}", self.seed);
        }
    }
}

impl Case {
    fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let keks = vec![KeyEncryptionKey::generate().unwrap()];
        let clock = Arc::new(AtomicU64::new(NOW));
        let liar = Liar::new(rng.u64(..), rng.bool());
        let manager = open(&liar, &keks, &clock, rng.usize(..2) * 100).unwrap();
        let store = store_in(&liar.lies().header);
        let mut case = Self {
            seed,
            rng,
            engine: Engine::default(),
            clock,
            liar,
            keks,
            manager,
            store,
            ids: Vec::new(),
            sealed: HashMap::new(),
            has_moved: false,
            done: Done::default(),
        };
        case.add_another_store();
        case
    }

    /// Another store under the same key-encryption key, out of which rows and the header are copied.
    fn add_another_store(&mut self) {
        let other = Liar::new(0, false);
        let manager = open(&other, &self.keks, &self.clock, 0).unwrap();
        for namespace in NAMESPACES {
            let imported = manager.import(namespace, ALGORITHMS[0], &[9; 32], None, true);
            let id = imported.unwrap().id;
            manager.rotate(namespace, &id, None).unwrap();
            self.ids.push((namespace, id));
        }
        let other = other.lies();
        let store = store_in(&other.header);
        for record in &other.past {
            let sealed = Sealed {
                store,
                record: record.clone(),
                raw: None,
            };
            self.sealed.insert(record.sealed.clone().unwrap(), sealed);
        }
        let mut lies = self.liar.lies();
        lies.past.extend(other.past.iter().cloned());
        lies.past_headers.extend(other.past_headers.iter().cloned());
    }

    fn run(mut self) -> Done {
        for _ in 0..OPERATIONS {
            // Now and then it tells the truth for a while.
            let boldness = *self.rng.choice(&[0, 0, 5, 10, 30, 60]).unwrap();
            {
                let mut lies = self.liar.lies();
                lies.boldness = boldness;
                lies.heard = Heard::default();
                if boldness == 0 {
                    lies.heal();
                }
            }
            trail::take();
            let (mut namespace, id) = *self.rng.choice(&self.ids).unwrap();
            if self.rng.u8(..8) == 0 {
                namespace = *self.rng.choice(&NAMESPACES).unwrap();
            }
            let done = match self.rng.u8(..20) {
                0..3 => self.create(namespace),
                3..7 => self.fetch(namespace, &id),
                7..10 => self.replace(namespace, &id),
                10..13 => self.rotate(namespace, &id),
                13..15 => self.revoke(namespace, &id),
                15..17 => self.show(namespace, &id),
                17 => self.rekey(),
                18 => self.reopen(),
                _ => {
                    self.clock.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                }
            };
            if let Err(error) = done {
                self.done.refused += 1;
                let line = error.to_string();
                assert!(!line.contains(char::is_control), "{line:?}");
            }
            // Nothing is sealed, moved or revoked that was not checked and taken up here.
            let heard = std::mem::take(&mut self.liar.lies().heard);
            assert!(heard.revoked.is_empty() && heard.resealed.is_empty());
            for record in heard.made {
                assert!(self.opens(&record), "{record:?}");
            }
        }
        std::mem::take(&mut self.done)
    }

    fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    fn key(&mut self) -> Key {
        let algorithm = match self.rng.u8(..4) {
            0 => *self.rng.choice(&ALGORITHMS).unwrap(),
            _ => ALGORITHMS[0],
        };
        self.engine.generate_key(algorithm, None).unwrap()
    }

    fn expires(&mut self) -> Option<u64> {
        let expires = self.now() + self.rng.u64(1..20);
        self.rng.bool().then_some(expires)
    }

    fn raw(&self, key: &Key) -> Vec<u8> {
        self.engine.key_to_store(key).unwrap().to_vec()
    }

    /// Whether a record is what a manager has sealed, in every field that a record proves when it opens.
    fn opens(&self, record: &Record) -> bool {
        let sealed = record.sealed.as_ref();
        let sealed = sealed.and_then(|bytes| self.sealed.get(bytes));
        sealed.is_some_and(|sealed| {
            let revoked = record.revoked;
            sealed.store == self.store
                && Record {
                    revoked,
                    ..sealed.record.clone()
                } == *record
        })
    }

    /// Takes up what was sealed in an operation, after checking that it was to be sealed.
    fn take_up(&mut self, raw: Option<&[u8]>, is_justified: impl Fn(&Record) -> bool) {
        let made = self.liar.lies().heard.made.clone();
        for record in made {
            let heard = || format!("{:?}", self.liar.lies().heard);
            assert!(is_justified(&record), "{record:?} by {}", heard());
            let known = self.keks.iter().any(|kek| kek.id() == record.kek);
            assert!(known && record.created == self.now() && record.revoked.is_none());
            let bytes = record.sealed.clone().unwrap();
            let sealed = Sealed {
                store: self.store,
                record,
                raw: raw.map(<[u8]>::to_vec),
            };
            self.sealed.insert(bytes, sealed);
        }
    }

    fn check_made(&self, made: &ManagedKey) {
        let heard = &self.liar.lies().heard;
        let is_it = |record: &&Record| {
            (record.id, record.version) == (made.id, made.version)
                && (record.expires, record.exportable) == (made.expires, made.exportable)
                && record.algorithm == made.key.algorithm().name
        };
        assert_eq!(
            heard.made.iter().filter(is_it).count().min(1),
            1,
            "{made:?}"
        );
    }
}

/// The identifier of the store that a header is of.
fn store_in(header: &Option<Vec<u8>>) -> [u8; 16] {
    header.as_ref().unwrap()[1..17].try_into().unwrap()
}

fn open(
    liar: &Liar,
    keks: &[KeyEncryptionKey],
    clock: &Arc<AtomicU64>,
    entries: usize,
) -> Result<Manager> {
    let clock = Arc::clone(clock);
    let mut builder = Manager::builder(liar.clone(), keks[0].clone())
        .cache_entries(entries)
        .staleness(Duration::ZERO)
        .clock(move || clock.load(Ordering::Relaxed));
    for kek in &keks[1..] {
        builder = builder.also(kek.clone());
    }
    builder.open()
}
