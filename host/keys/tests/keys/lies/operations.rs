//! What is done with a store that lies, and what has to justify that it was done.

use super::*;

impl Case {
    pub(super) fn create(&mut self, namespace: &'static str) -> Result<()> {
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

    pub(super) fn fetch(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
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

    pub(super) fn replace(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
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

    pub(super) fn rotate(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
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

    pub(super) fn revoke(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
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

    pub(super) fn show(&mut self, namespace: &str, id: &KeyId) -> Result<()> {
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

    pub(super) fn rekey(&mut self) -> Result<()> {
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

    pub(super) fn reopen(&mut self) -> Result<()> {
        let entries = self.rng.usize(..2) * 100;
        self.manager = open(&self.liar, &self.keks, &self.clock, entries)?;
        let given = self.liar.lies().heard.given_headers.pop();
        self.store = store_in(&given);
        Ok(())
    }
}
