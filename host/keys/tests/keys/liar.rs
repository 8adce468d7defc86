//! A store that lies: it has what it was given, and gives back whatever it likes of it, altered or not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use wasi_crypto_keys::store::{Listener, MAX_SEALED, MakeRecord, Place, Record, Tail, check_kek};
use wasi_crypto_keys::{
    Error, KekId, KeyId, KeyStore, LAST_VERSION, Quota, Result, Selector, Version,
};

/// Algorithms with keys of the same length, so that a key for one is a key for each.
pub const ALGORITHMS: [&str; 3] = ["AES-256-GCM-SIV", "AES-256-GCM", "CHACHA20-POLY1305"];
pub const NAMESPACES: [&str; 2] = ["a", "b"];

/// The store. A clone is the same one.
#[derive(Clone)]
pub struct Liar(Arc<Mutex<Lies>>);

/// What the store has, and what it was asked and has answered in one operation.
pub struct Lies {
    pub rng: fastrand::Rng,
    /// Percent of answers that are lies.
    pub boldness: u32,
    is_shared: bool,
    pub header: Option<Vec<u8>>,
    /// The one that a manager has stored last.
    stored_header: Option<Vec<u8>>,
    pub records: BTreeMap<Place, Record>,
    pub heads: BTreeMap<(String, KeyId), Head>,
    /// Everything that was ever stored, also in another store under the same key-encryption key.
    pub past: Vec<Record>,
    pub past_headers: Vec<Vec<u8>>,
    pub heard: Heard,
}

/// What the store believes of a key.
#[derive(Clone)]
pub struct Head {
    pub latest: Version,
    pub algorithm: String,
}

/// One operation, as the store sees it.
#[derive(Debug, Default)]
pub struct Heard {
    pub calls: usize,
    /// What the store has answered.
    pub fetched: Vec<(Selector, Record)>,
    pub pages: Vec<Vec<Record>>,
    pub given_headers: Vec<Vec<u8>>,
    pub tails: Vec<Tail>,
    /// What was sealed for it to store.
    pub made: Vec<Record>,
    pub resealed: Vec<(Record, Record)>,
    pub revoked: Vec<(String, KeyId, Selector, u64)>,
    /// Each header that was to be stored, and all records that were scanned since the last change.
    pub headers: Vec<(Vec<u8>, Vec<Record>)>,
    since_changing: Vec<Record>,
}

impl Liar {
    pub fn new(seed: u64, is_shared: bool) -> Self {
        Self(Arc::new(Mutex::new(Lies {
            rng: fastrand::Rng::with_seed(seed),
            boldness: 0,
            is_shared,
            header: None,
            stored_header: None,
            records: BTreeMap::new(),
            heads: BTreeMap::new(),
            past: Vec::new(),
            past_headers: Vec::new(),
            heard: Heard::default(),
        })))
    }

    pub fn lies(&self) -> MutexGuard<'_, Lies> {
        self.0.lock().unwrap()
    }

    /// Counts a call, and has somebody change the store before it, perhaps.
    fn called(&self) -> MutexGuard<'_, Lies> {
        let mut lies = self.lies();
        lies.heard.calls += 1;
        assert!(lies.heard.calls < 5000, "the work has no end");
        if lies.lie() {
            lies.tamper();
        }
        lies
    }
}

impl Lies {
    /// Whether the next answer is a lie.
    fn lie(&mut self) -> bool {
        self.rng.u32(..100) < self.boldness
    }

    /// Brings back the header, and lets the newest versions be the latest ones.
    pub fn heal(&mut self) {
        self.header = self.stored_header.clone();
        for ((namespace, id), head) in &mut self.heads {
            let of_key = |place: &&Place| place.namespace == *namespace && place.id == *id;
            let versions = self.records.keys().filter(of_key);
            let most = |version: &Version| *version < 1000;
            head.latest = versions
                .map(|place| place.version)
                .filter(most)
                .max()
                .unwrap_or(1);
        }
    }

    fn error(&mut self) -> Result<()> {
        if !self.lie() || !self.lie() {
            return Ok(());
        }
        Err(match self.rng.u8(..4) {
            0 => Error::NotFound,
            1 => Error::Store("\u{1b}[2J".into()),
            2 => Error::Corrupt("a row".into()),
            _ => Error::Full("versions"),
        })
    }

    fn put(&mut self, record: &Record) {
        self.past.push(record.clone());
        self.records.insert(record.place(), record.clone());
    }

    /// Something that was stored once, as it was or not.
    fn any_record(&mut self) -> Option<Record> {
        let mut record = self.rng.choice(&self.past)?.clone();
        if self.rng.bool() {
            self.alter(&mut record);
        }
        Some(record)
    }

    fn any_header(&mut self) -> Option<Vec<u8>> {
        let mut header = self.rng.choice(&self.past_headers)?.clone();
        match self.rng.u8(..6) {
            0 => {
                let at = self.rng.usize(..header.len());
                header[at] ^= 1 << self.rng.u8(..8);
            }
            1 => header.truncate(self.rng.usize(..header.len())),
            2 => {
                // With what another one says of a key-encryption key.
                let other = self.rng.choice(&self.past_headers)?.clone();
                header.truncate(54);
                header.extend_from_slice(other.get(17..54)?);
            }
            _ => {}
        }
        Some(header)
    }

    /// Changes one field, or some.
    fn alter(&mut self, record: &mut Record) {
        let rng = &mut self.rng;
        let other = rng.choice(&self.past).cloned();
        match rng.u8(..14) {
            0 => record.namespace = (*rng.choice(&NAMESPACES).unwrap()).into(),
            1 => record.namespace = "\u{1b}]0;\u{7}'\"".repeat(rng.usize(..200)),
            2 => record.id = other.map_or(record.id, |other| other.id),
            3 => record.version = number(rng, record.version),
            4 => record.algorithm = (*rng.choice(&ALGORITHMS).unwrap()).into(),
            5 => record.algorithm = "\u{9b}2J".repeat(rng.usize(..200)),
            6 => record.created = number(rng, record.created),
            7 => {
                let expires = number(rng, record.expires.unwrap_or(0));
                record.expires = rng.bool().then_some(expires);
            }
            8 => record.exportable = !record.exportable,
            9 => record.kek = other.map_or(record.kek, |other| other.kek),
            10 => record.kek = KekId::from_bytes(rng.u64(..).to_be_bytes()),
            11 => record.sealed = other.and_then(|other| other.sealed),
            12 => record.revoked = rng.bool().then(|| rng.u64(..)),
            _ => match record.sealed.as_mut() {
                None => record.sealed = Some(vec![1; rng.usize(..100)]),
                Some(sealed) if !sealed.is_empty() => match rng.u8(..4) {
                    0 => {
                        let at = rng.usize(..sealed.len());
                        sealed[at] ^= 1 << rng.u8(..8);
                    }
                    1 => sealed.truncate(rng.usize(..sealed.len())),
                    2 => sealed.resize(MAX_SEALED + 1, 0),
                    _ => record.sealed = None,
                },
                Some(_) => {}
            },
        }
        if rng.u8(..4) == 0 {
            self.alter(record);
        }
    }

    /// Changes what is stored, as whoever can write to the store does.
    fn tamper(&mut self) {
        let places: Vec<_> = self.records.keys().cloned().collect();
        let keys: Vec<_> = self.heads.keys().cloned().collect();
        match self.rng.u8(..9) {
            0..3 => {
                // An older copy of a row, or one that is made up.
                if let Some(record) = self.any_record() {
                    let head = Head {
                        latest: record.version,
                        algorithm: record.algorithm.clone(),
                    };
                    let key = (record.namespace.clone(), record.id);
                    self.heads.entry(key).or_insert(head);
                    self.records.insert(record.place(), record);
                }
            }
            3 => {
                if let Some(place) = self.rng.choice(&places) {
                    self.records.remove(place);
                }
            }
            4 => {
                if let Some((namespace, id)) = self.rng.choice(&keys) {
                    self.records
                        .retain(|place, _| place.namespace != *namespace || place.id != *id);
                    self.heads.remove(&(namespace.clone(), *id));
                }
            }
            5 => {
                if let Some(place) = self.rng.choice(&places) {
                    let record = self.records.get_mut(place).unwrap();
                    (record.sealed, record.revoked) = (None, Some(1));
                }
            }
            6 => {
                if let Some(key) = self.rng.choice(&keys) {
                    let head = self.heads.get_mut(key).unwrap();
                    head.latest = number(&mut self.rng, head.latest);
                }
            }
            7 => {
                if let Some(key) = self.rng.choice(&keys) {
                    let head = self.heads.get_mut(key).unwrap();
                    head.algorithm = (*self.rng.choice(&ALGORITHMS).unwrap()).into();
                }
            }
            _ => {
                if let Some(header) = self.any_header() {
                    self.header = Some(header);
                }
            }
        }
    }

    fn page(&self, namespace: Option<&str>, after: Option<&Place>, limit: usize) -> Vec<Record> {
        let records = self.records.values();
        let asked = records.filter(|record| namespace.is_none_or(|name| name == record.namespace));
        let rest = asked.filter(|record| after.is_none_or(|after| record.place() > *after));
        rest.take(limit).cloned().collect()
    }
}

fn number(rng: &mut fastrand::Rng, number: u64) -> u64 {
    match rng.u8(..8) {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => LAST_VERSION,
        4 => rng.u64(..),
        5 => number.wrapping_sub(1),
        _ => number.wrapping_add(1),
    }
}

impl KeyStore for Liar {
    fn is_shared(&self) -> bool {
        self.lies().is_shared
    }

    fn listen(&self, _: Listener) {}

    fn header(&self) -> Result<Option<Vec<u8>>> {
        let mut lies = self.called();
        lies.error()?;
        let header = if lies.lie() && lies.lie() {
            lies.any_header()
        } else {
            lies.header.clone()
        };
        lies.heard.given_headers.extend(header.clone());
        Ok(header)
    }

    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool> {
        let mut lies = self.called();
        let scanned = std::mem::take(&mut lies.heard.since_changing);
        lies.heard.headers.push((header.to_vec(), scanned));
        lies.error()?;
        let as_expected = lies.header.as_deref() == expected;
        lies.past_headers.push(header.to_vec());
        if as_expected != lies.lie() {
            lies.header = Some(header.to_vec());
            lies.stored_header = lies.header.clone();
        }
        Ok(as_expected != lies.lie())
    }

    fn create(&self, record: &Record, _: &Quota) -> Result<()> {
        let mut lies = self.called();
        lies.heard.made.push(record.clone());
        check_kek(lies.header.as_deref(), record)?;
        if lies.lie() {
            lies.past.push(record.clone());
        } else {
            lies.put(record);
            let head = Head {
                latest: record.version,
                algorithm: record.algorithm.clone(),
            };
            let key = (record.namespace.clone(), record.id);
            lies.heads.insert(key, head);
        }
        lies.error()
    }

    fn append(&self, namespace: &str, id: &KeyId, _: &Quota, make: &MakeRecord) -> Result<Record> {
        let mut lies = self.called();
        lies.error()?;
        let head = lies.heads.get(&(namespace.to_owned(), *id));
        let head = head.ok_or(Error::NotFound)?.clone();
        let mut tail = Tail {
            next: head.latest.wrapping_add(1),
            algorithm: head.algorithm.clone(),
        };
        let mut made = None;
        for _ in 0..=u8::from(lies.lie()) {
            if lies.lie() {
                tail.next = number(&mut lies.rng, tail.next);
            }
            lies.heard.tails.push(tail.clone());
            let record = make(&tail)?;
            lies.heard.made.push(record.clone());
            lies.past.push(record.clone());
            made = Some(record);
        }
        let record = made.unwrap();
        check_kek(lies.header.as_deref(), &record)?;
        if !lies.lie() {
            lies.put(&record);
            let head = Head {
                latest: record.version,
                ..head
            };
            lies.heads.insert((namespace.to_owned(), *id), head);
        }
        lies.error()?;
        if lies.lie() {
            return Ok(lies.any_record().unwrap());
        }
        Ok(record)
    }

    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record> {
        let mut lies = self.called();
        lies.error()?;
        let head = lies.heads.get(&(namespace.to_owned(), *id));
        let latest = head.map(|head| head.latest);
        let found = match version {
            Selector::Exact(version) => Some(version),
            Selector::Latest => latest,
            Selector::All => None,
        };
        let place = found.map(|version| Place {
            namespace: namespace.to_owned(),
            id: *id,
            version,
        });
        let mut record = place.and_then(|place| lies.records.get(&place).cloned());
        if lies.lie() {
            record = lies.any_record();
        }
        let record = record.ok_or(Error::NotFound)?;
        lies.heard.fetched.push((version, record.clone()));
        Ok(record)
    }

    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>> {
        let mut lies = self.called();
        let asked = (namespace.to_owned(), *id, version, now);
        lies.heard.revoked.push(asked);
        lies.error()?;
        let latest = lies.heads.get(&(namespace.to_owned(), *id));
        let latest = latest.ok_or(Error::NotFound)?.latest;
        let mut revoked = Vec::new();
        for record in lies.records.values_mut() {
            let is_meant = match version {
                Selector::Exact(version) => record.version == version,
                Selector::Latest => record.version == latest,
                Selector::All => true,
            };
            let is_of_key = record.namespace == namespace && record.id == *id;
            if is_of_key && is_meant && record.sealed.is_some() {
                (record.sealed, record.revoked) = (None, Some(now));
                revoked.push(record.version);
            }
        }
        if lies.lie() {
            let more = lies.rng.u64(..9);
            match lies.rng.u8(..3) {
                0 => revoked.clear(),
                1 => revoked.push(more),
                _ => revoked = vec![more],
            }
            return Ok(revoked);
        }
        if revoked.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(revoked)
    }

    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        let mut lies = self.called();
        lies.error()?;
        let mut page = lies.page(namespace, after, limit);
        if lies.lie() {
            match lies.rng.u8(..6) {
                0 => lies.rng.shuffle(&mut page),
                // Once more, from the beginning.
                1 => page = lies.page(namespace, None, limit),
                2 => page = lies.page(None, None, limit),
                3 => page.extend(page.first().cloned()),
                4 => {
                    // A page that is full, and too long.
                    let all = std::iter::repeat_with(|| lies.any_record());
                    page = all.take(limit + 1).flatten().collect();
                }
                _ => page.extend(lies.any_record()),
            }
        }
        lies.heard.pages.push(page.clone());
        lies.heard.since_changing.extend(page.iter().cloned());
        Ok(page)
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        let mut lies = self.called();
        lies.heard.since_changing.clear();
        let mut changed = 0;
        for (old, new) in changes {
            lies.heard.resealed.push((old.clone(), new.clone()));
            lies.past.push(new.clone());
            check_kek(lies.header.as_deref(), new)?;
            let is_there = lies.records.get(&old.place()) == Some(old);
            if is_there && !lies.lie() {
                lies.put(new);
                changed += 1;
            }
        }
        lies.error()?;
        if lies.lie() {
            return Ok(number(&mut lies.rng, changed));
        }
        Ok(changed)
    }
}
