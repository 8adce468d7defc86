//! Whatever a store says, nobody gets, makes or revokes anything that no record justifies which opens.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasi_crypto_engine::{Engine, Key};
use wasi_crypto_keys::store::Record;
use wasi_crypto_keys::{
    KeyEncryptionKey, KeyId, KeyState, LAST_VERSION, ManagedKey, Manager, Result, Selector,
};

use crate::bed::NOW;
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

    fn create(&mut self, namespace: &'static str) -> Result<()> {
        let (key, expires, exportable) = (self.key(), self.expires(), self.rng.bool());
        let keys = self.manager.namespace(namespace).exportable(exportable);
        let created = keys.create(&key, expires);
        let raw = self.raw(&key);
        let ids = self.ids.clone();
        self.take_up(Some(&raw), |record| {
            record.namespace == namespace
                && ids.iter().all(|(_, id)| *id != record.id)
                && (record.version, record.expires) == (1, expires)
                && record.exportable == exportable
                && record.algorithm == key.algorithm().name
        });
        let created = created?;
        self.check_made(&created);
        self.ids.push((namespace, created.id));
        Ok(())
    }

    fn fetch(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
        let version = match self.rng.u64(..6) {
            0..3 => Selector::Latest,
            version => Selector::Exact(version - 2),
        };
        let keys = self.manager.namespace(namespace);
        let fetched = keys.fetch(&self.engine, id, version)?;
        let raw = self.raw(&fetched.key);
        assert!(fetched.id == *id && fetched.expires.is_none_or(|end| end > self.now()));
        if let Selector::Exact(asked) = version {
            assert_eq!(fetched.version, asked);
        }
        let now = self.now();
        let store = self.store;
        let justifies = |sealed: &&mut Sealed| {
            let record = &sealed.record;
            sealed.store == store
                && record.namespace == namespace
                && (record.id, record.version) == (*id, fetched.version)
                && (record.expires, record.exportable) == (fetched.expires, fetched.exportable)
                && record.algorithm == fetched.key.algorithm().name
                && record.created <= now
                && sealed.raw.as_ref().is_none_or(|known| *known == raw)
        };
        let found = self.sealed.values_mut().find(justifies);
        let found = found.unwrap_or_else(|| panic!("nobody has sealed {fetched:?}"));
        found.raw = Some(raw);
        self.done.fetched += 1;
        Ok(())
    }

    fn replace(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
        let (key, expires, exportable) = (self.key(), self.expires(), self.rng.bool());
        let algorithm = key.algorithm().name;
        let keys = self.manager.namespace(namespace).exportable(exportable);
        let replaced = keys.replace(id, &key, expires);
        let raw = self.raw(&key);
        let tails = self.tails();
        self.take_up(Some(&raw), |record| {
            (record.namespace.as_str(), record.id) == (namespace, *id)
                && (2..=LAST_VERSION).contains(&record.version)
                && tails.contains(&record.version)
                && (record.expires, record.exportable) == (expires, exportable)
                && record.algorithm == algorithm
        });
        let replaced = replaced?;
        self.check_made(&replaced);
        if !self.has_moved {
            self.check_algorithm(namespace, id, replaced.version, algorithm);
        }
        self.done.replaced += 1;
        Ok(())
    }

    fn tails(&self) -> BTreeSet<u64> {
        let lies = self.liar.lies();
        lies.heard.tails.iter().map(|tail| tail.next).collect()
    }

    /// What the store has shown of a key's versions in this operation: not revoked, as it says. For each version, what the
    /// listing had, then what it gave when it was asked for that version. What comes in a page after another key is not
    /// looked at.
    fn shown(&self, namespace: &str, id: &KeyId) -> Vec<Vec<Record>> {
        let lies = self.liar.lies();
        let is_of_key =
            |record: &&Record| (record.namespace.as_str(), record.id) == (namespace, *id);
        let is_live = |record: &&Record| record.sealed.is_some() && record.revoked.is_none();
        let listed = lies.heard.pages.iter();
        let listed = listed.flat_map(|page| page.iter().take_while(is_of_key));
        let each = listed.filter(is_live).map(|record| {
            let asked = Selector::Exact(record.version);
            let fetched = lies.heard.fetched.iter();
            let again = fetched.filter(|(selector, found)| {
                *selector == asked && found.place() == record.place() && is_live(&found)
            });
            let again = again.map(|(_, found)| found.clone());
            std::iter::once(record.clone()).chain(again).collect()
        });
        each.collect()
    }

    /// Of each version that was shown, the one that opens, if one does.
    fn opened<'a>(&self, shown: &'a [Vec<Record>]) -> Vec<&'a Record> {
        let one = |versions: &'a Vec<Record>| versions.iter().find(|record| self.opens(record));
        shown.iter().filter_map(one).collect()
    }

    /// Checks that a new version was made for the algorithm of a version that opens. Only where none was shown, the store's
    /// word was enough.
    fn check_algorithm(&self, namespace: &str, id: &KeyId, version: u64, algorithm: &str) {
        let shown = self.shown(namespace, id);
        let opened = self.opened(&shown);
        let is_for_it = |record: &&Record| record.algorithm == algorithm;
        assert!(opened.is_empty() || opened.iter().any(is_for_it));
        let latest = |(selector, record): &(Selector, Record)| {
            let is_latest =
                *selector == Selector::Latest && record.revoked.is_none() && self.opens(record);
            (is_latest && record.place().namespace == namespace && record.id == *id)
                .then(|| record.clone())
        };
        let fetched = self.liar.lies().heard.fetched.clone();
        let latest = fetched.iter().find_map(latest);
        if let Some(latest) = latest {
            assert_eq!(latest.algorithm, algorithm);
            assert!(version > latest.version, "{version} {latest:?}");
        }
    }

    fn rotate(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
        let expires = self.expires();
        let named = (self.rng.u8(..3) == 0).then(|| *self.rng.choice(&ALGORITHMS).unwrap());
        let rotated = self.manager.rotate_for(namespace, id, named, expires);
        let shown = self.shown(namespace, id);
        let opened = self.opened(&shown);
        let algorithms: BTreeSet<_> = opened.iter().map(|record| &*record.algorithm).collect();
        let all_exportable = shown.len() == opened.len()
            && !opened.is_empty()
            && shown.iter().all(|versions| {
                let mut opened = versions.iter().filter(|record| self.opens(record));
                // With several key-encryption keys, this does not know which one the store was taken to ask for.
                match self.has_moved {
                    false => opened.next().is_some_and(|record| record.exportable),
                    true => opened.any(|record| record.exportable),
                }
            });
        let last = shown.iter().flatten().map(|record| record.version).max();
        let tails = self.tails();
        let has_moved = self.has_moved;
        self.take_up(None, |record| {
            let algorithm = record.algorithm.as_str();
            let is_proven = algorithms.contains(algorithm) && (has_moved || algorithms.len() == 1);
            let is_named = Some(algorithm) == named
                && (has_moved || algorithms.is_empty() || algorithms.contains(algorithm));
            (record.namespace.as_str(), record.id) == (namespace, *id)
                && (is_proven || is_named)
                && (!record.exportable || all_exportable)
                && record.expires == expires
                && tails.contains(&record.version)
                && (2..=LAST_VERSION).contains(&record.version)
                && last.is_none_or(|last| record.version > last)
        });
        let rotated = rotated?;
        self.check_made(&rotated);
        let raw = self.raw(&rotated.key);
        let made = self.liar.lies().heard.made.clone();
        for record in made {
            let sealed = self.sealed.get_mut(&record.sealed.unwrap()).unwrap();
            sealed.raw = Some(raw.clone());
        }
        self.done.rotated += 1;
        Ok(())
    }

    fn revoke(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
        let version = match self.rng.u64(..8) {
            0 => Selector::All,
            1 => Selector::Latest,
            version => Selector::Exact(version - 1),
        };
        let revoked = self.manager.revoke(namespace, id, version);
        let asked = std::mem::take(&mut self.liar.lies().heard.revoked);
        assert_eq!(asked, [(namespace.to_owned(), *id, version, self.now())]);
        let trail = trail::take();
        let told: Vec<_> = trail
            .iter()
            .filter(|line| line.contains("operation=revoke") && line.ends_with("outcome=ok"))
            .collect();
        assert_eq!(revoked.is_ok(), !told.is_empty(), "{trail:?}");
        if let (Ok(()), Selector::Exact(version)) = (&revoked, version) {
            assert!(told.len() == 1 && told[0].contains(&format!("version={version} ")));
        }
        revoked?;
        self.done.revoked += 1;
        Ok(())
    }

    fn show(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
        let shown = match self.rng.u8(..3) {
            0 => self.manager.list(None).collect::<Result<Vec<_>>>()?,
            1 => self
                .manager
                .list(Some(namespace))
                .collect::<Result<Vec<_>>>()?,
            _ => {
                let shown = self.manager.show(namespace, id)?;
                assert!(shown.iter().all(|info| info.id == *id));
                shown
            }
        };
        let place = |info: &wasi_crypto_keys::KeyInfo| (info.id, info.version);
        // Names that are too long were cut, and may be the same now.
        let whole: Vec<_> = shown
            .iter()
            .filter(|info| !info.namespace.ends_with('…'))
            .collect();
        for pair in whole.windows(2) {
            assert!(pair[0].namespace != pair[1].namespace || place(pair[0]) < place(pair[1]));
        }
        for info in &shown {
            let is_expired = info.expires.is_some_and(|end| end <= self.now());
            let proven = match info.state {
                KeyState::Valid => !is_expired,
                KeyState::Expired => is_expired,
                _ => {
                    assert!(!info.is_proven());
                    self.done.damaged += 1;
                    continue;
                }
            };
            let justifies = |sealed: &Sealed| {
                let record = &sealed.record;
                sealed.store == self.store
                    && (&record.namespace, record.id, record.version)
                        == (&info.namespace, info.id, info.version)
                    && (&record.algorithm, record.created) == (&info.algorithm, info.created)
                    && (record.expires, record.exportable) == (info.expires, info.exportable)
                    && record.kek == info.kek
            };
            assert!(proven && info.is_proven());
            assert!(self.sealed.values().any(justifies), "{info:?}");
        }
        Ok(())
    }

    fn rekey(&mut self) -> Result<()> {
        self.has_moved = true;
        if self.keks.len() < 4 && self.rng.bool() {
            self.keks.push(KeyEncryptionKey::generate().unwrap());
        }
        let new = self.rng.choice(&self.keks).unwrap().clone();
        let rekeyed = self.manager.rekey(&new);
        let changes = std::mem::take(&mut self.liar.lies().heard.resealed);
        for (old, again) in changes {
            assert!(self.opens(&old) && old.revoked.is_none(), "{old:?}");
            let (kek, sealed) = (new.id(), again.sealed.clone());
            assert_eq!(
                again,
                Record {
                    kek,
                    sealed,
                    ..old.clone()
                }
            );
            let raw = self.sealed[&old.sealed.unwrap()].raw.clone();
            let bytes = again.sealed.clone().unwrap();
            let sealed = Sealed {
                store: self.store,
                record: again,
                raw,
            };
            self.sealed.insert(bytes, sealed);
        }
        let headers = std::mem::take(&mut self.liar.lies().heard.headers);
        for (header, scanned) in headers {
            assert_eq!(header[17..25], new.id().as_bytes()[..]);
            let is_last = header.len() == 17 + 37;
            let live = scanned
                .iter()
                .filter(|record| record.sealed.is_some() && record.revoked.is_none());
            for record in live.filter(|_| is_last) {
                assert!(self.opens(record) && record.kek == new.id(), "{record:?}");
            }
        }
        rekeyed?;
        self.done.rekeyed += 1;
        Ok(())
    }

    fn reopen(&mut self) -> Result<()> {
        let entries = self.rng.usize(..2) * 100;
        self.manager = open(&self.liar, &self.keks, &self.clock, entries)?;
        let given = self.liar.lies().heard.given_headers.pop();
        self.store = store_in(&given);
        Ok(())
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
