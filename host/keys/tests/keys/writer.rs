//! What somebody can do who can write to a store, and what they cannot: the lists in SECURITY.md, line by line.

use std::time::Duration;

use wasi_crypto_engine::{Engine, Key};
use wasi_crypto_keys::store::{Listener, MAX_SEALED, MakeRecord, Place, Record, Tail};
use wasi_crypto_keys::{
    Error, KeyEncryptionKey, KeyId, KeyState, KeyStore, LAST_VERSION, Manager, Quota, Result,
    Selector, Version,
};

use crate::bed::Bed;
use crate::liar::{ALGORITHMS, Head, Liar};

/// An honest manager on a store that is written to behind its back.
struct Host {
    store: Liar,
    kek: KeyEncryptionKey,
    engine: Engine,
    manager: Manager,
}

impl Host {
    fn new() -> Self {
        Self::on(Liar::new(0, false), KeyEncryptionKey::generate().unwrap())
    }

    fn on(store: Liar, kek: KeyEncryptionKey) -> Self {
        let manager = open(store.clone(), &[&kek]).unwrap();
        Self {
            store,
            kek,
            engine: Engine::default(),
            manager,
        }
    }

    fn key(&self) -> Key {
        self.key_for(ALGORITHMS[0])
    }

    fn key_for(&self, algorithm: &str) -> Key {
        self.engine.generate_key(algorithm, None).unwrap()
    }

    /// A key with so many versions.
    fn make(&self, versions: u64) -> KeyId {
        let keys = self.manager.namespace("a");
        let id = keys.create(&self.key(), None).unwrap().id;
        for _ in 1..versions {
            keys.replace(&id, &self.key(), None).unwrap();
        }
        id
    }

    fn fetch(&self, id: &KeyId, version: Selector) -> Result<Version> {
        let fetched = self
            .manager
            .namespace("a")
            .fetch(&self.engine, id, version)?;
        Ok(fetched.version)
    }

    fn record(&self, id: &KeyId, version: Version) -> Record {
        self.store.lies().records[&place(id, version)].clone()
    }

    fn change(&self, id: &KeyId, version: Version, change: impl FnOnce(&mut Record)) {
        change(
            self.store
                .lies()
                .records
                .get_mut(&place(id, version))
                .unwrap(),
        );
    }

    fn set_head(&self, id: &KeyId, change: impl FnOnce(&mut Head)) {
        let mut lies = self.store.lies();
        change(lies.heads.get_mut(&("a".to_owned(), *id)).unwrap());
    }

    fn states(&self, id: &KeyId) -> Vec<KeyState> {
        let shown = self.manager.show("a", id).unwrap();
        shown.iter().map(|info| info.state).collect()
    }
}

fn place(id: &KeyId, version: Version) -> Place {
    Place {
        namespace: "a".into(),
        id: *id,
        version,
    }
}

/// Nothing is cached: each call sees what the store has now.
fn open(store: impl KeyStore + 'static, keks: &[&KeyEncryptionKey]) -> Result<Manager> {
    let mut builder = Manager::builder(store, keks[0].clone()).cache_entries(0);
    for kek in &keks[1..] {
        builder = builder.also((*kek).clone());
    }
    builder.open()
}

mod can {
    use super::*;

    #[test]
    fn delete_versions_and_keys() {
        let host = Host::new();
        let id = host.make(2);
        host.store.lies().records.remove(&place(&id, 1));
        let gone = host.fetch(&id, Selector::Exact(1));
        assert!(matches!(gone, Err(Error::NotFound)));
        host.store.lies().records.clear();
        host.store.lies().heads.clear();
        assert!(matches!(host.manager.show("a", &id), Err(Error::NotFound)));
    }

    #[test]
    fn make_a_version_look_revoked() {
        let host = Host::new();
        let id = host.make(2);
        host.change(&id, 1, |record| record.sealed = None);
        host.change(&id, 2, |record| record.revoked = Some(u64::MAX));
        for version in [Selector::Exact(1), Selector::Exact(2), Selector::Latest] {
            let gone = host.fetch(&id, version);
            assert!(matches!(gone, Err(Error::NotFound)));
        }
        assert_eq!(host.states(&id), [KeyState::Revoked; 2]);
    }

    #[test]
    fn bring_a_revoked_version_back() {
        let host = Host::new();
        let id = host.make(2);
        let old = host.record(&id, 1);
        host.manager.revoke("a", &id, Selector::Exact(1)).unwrap();
        host.store.lies().records.insert(place(&id, 1), old);
        assert_eq!(host.fetch(&id, Selector::Exact(1)).unwrap(), 1);
    }

    #[test]
    fn roll_a_key_back_so_that_a_number_is_assigned_again() {
        let host = Host::new();
        let id = host.make(1);
        let key = host.store.lies().heads.clone();
        let keys = host.manager.namespace("a");
        keys.replace(&id, &host.key(), None).unwrap();
        host.store.lies().heads = key;
        host.store.lies().records.remove(&place(&id, 2));
        assert_eq!(host.fetch(&id, Selector::Latest).unwrap(), 1);
        assert_eq!(keys.replace(&id, &host.key(), None).unwrap().version, 2);
    }

    #[test]
    fn roll_the_header_back_for_hosts_that_still_have_the_retired_key() {
        let host = Host::new();
        let id = host.make(1);
        let (header, record) = (host.store.header().unwrap(), host.record(&id, 1));
        let new = KeyEncryptionKey::generate().unwrap();
        host.manager.rekey(&new).unwrap();
        host.store.lies().header = header;
        host.store.lies().records.insert(place(&id, 1), record);
        let refused = open(host.store.clone(), &[&new]).err().unwrap();
        assert!(matches!(refused, Error::WrongKek { .. }), "{refused}");
        let manager = open(host.store.clone(), &[&new, &host.kek]).unwrap();
        let keys = manager.namespace("a");
        keys.fetch(&host.engine, &id, Selector::Latest).unwrap();
        let made = keys.replace(&id, &host.key(), None).unwrap().version;
        assert_eq!(host.record(&id, made).kek, host.kek.id());
    }

    #[test]
    fn put_another_store_in_its_place_that_is_under_the_same_key() {
        let host = Host::new();
        let other = Host::on(Liar::new(0, false), host.kek.clone());
        let id = other.make(1);
        {
            let (mut lies, other) = (host.store.lies(), other.store.lies());
            lies.header = other.header.clone();
            lies.records = other.records.clone();
            lies.heads = other.heads.clone();
        }
        let manager = open(host.store.clone(), &[&host.kek]).unwrap();
        let keys = manager.namespace("a");
        keys.fetch(&host.engine, &id, Selector::Latest).unwrap();
    }

    #[test]
    fn hide_versions_and_choose_the_latest() {
        let host = Host::new();
        let id = host.make(3);
        host.set_head(&id, |head| head.latest = 1);
        assert_eq!(host.fetch(&id, Selector::Latest).unwrap(), 1);
        // So this revokes another one than was the latest.
        host.manager.revoke("a", &id, Selector::Latest).unwrap();
        assert_eq!(host.states(&id)[0], KeyState::Revoked);
        host.store.lies().records.remove(&place(&id, 3));
        assert_eq!(host.states(&id).len(), 2);
    }

    #[test]
    fn choose_which_versions_a_rotation_is_like_by_taking_others_away() {
        let host = Host::new();
        let exporting = host.manager.namespace("a").exportable(true);
        let id = exporting.create(&host.key(), None).unwrap().id;
        let keys = host.manager.namespace("a");
        keys.replace(&id, &host.key(), None).unwrap();
        host.change(&id, 2, |record| record.sealed = None);
        assert!(host.manager.rotate("a", &id, None).unwrap().exportable);
    }

    #[test]
    fn let_a_guest_replace_a_key_with_one_for_another_algorithm_by_hiding_all_versions_that_open() {
        let host = Host::new();
        let id = host.make(1);
        let other = host.key_for(ALGORITHMS[1]);
        let keys = host.manager.namespace("a");
        host.change(&id, 1, |record| record.sealed = None);
        let refused = keys.replace(&id, &other, None);
        assert!(matches!(refused, Err(Error::IncompatibleKeys)));
        host.set_head(&id, |head| head.algorithm = ALGORITHMS[1].into());
        keys.replace(&id, &other, None).unwrap();
        let latest = keys.fetch(&host.engine, &id, Selector::Latest).unwrap();
        assert_eq!(latest.key.algorithm().name, ALGORITHMS[1]);
    }
}

mod cannot {
    use super::*;

    #[test]
    fn steer_the_algorithm_of_a_rotation() {
        let host = Host::new();
        let id = host.make(3);
        host.set_head(&id, |head| head.algorithm = ALGORITHMS[1].into());
        host.change(&id, 2, |record| record.algorithm = ALGORITHMS[1].into());
        host.change(&id, 3, |record| {
            record.algorithm = ALGORITHMS[2].into();
            (record.sealed, record.revoked) = (None, Some(1));
        });
        let rotated = host.manager.rotate("a", &id, None).unwrap();
        assert_eq!((rotated.version, rotated.expires), (4, None));
        assert_eq!(rotated.key.algorithm().name, ALGORITHMS[0]);
        assert_eq!(host.record(&id, 4).algorithm, ALGORITHMS[0]);
        host.change(&id, 1, |record| record.sealed = None);
        host.change(&id, 4, |record| record.created += 1);
        let refused = host.manager.rotate("a", &id, None).unwrap_err();
        assert!(matches!(refused, Error::Unproven { .. }), "{refused:?}");
        assert_eq!(host.states(&id).len(), 4, "nothing was made");
        // What does not open can be given up.
        host.manager.revoke("a", &id, Selector::All).unwrap();
        assert_eq!(host.states(&id), [KeyState::Revoked; 4]);
    }

    #[test]
    fn choose_between_versions_for_different_algorithms() {
        let host = Host::new();
        let id = host.make(1);
        let hidden = host.record(&id, 1);
        host.change(&id, 1, |record| record.sealed = None);
        let named = host.manager.rotate_for("a", &id, Some(ALGORITHMS[1]), None);
        assert_eq!(named.unwrap().version, 2);
        host.store.lies().records.insert(place(&id, 1), hidden);
        let Err(Error::Ambiguous(algorithms)) = host.manager.rotate("a", &id, None) else {
            panic!("one was chosen");
        };
        assert_eq!(algorithms, [ALGORITHMS[1], ALGORITHMS[0]]);
        let third = host.manager.rotate_for("a", &id, Some(ALGORITHMS[2]), None);
        assert!(matches!(third, Err(Error::IncompatibleKeys)));
        let one = host.manager.rotate_for("a", &id, Some(ALGORITHMS[0]), None);
        assert_eq!(one.unwrap().key.algorithm().name, ALGORITHMS[0]);
    }

    #[test]
    fn make_a_rotated_version_exportable() {
        let host = Host::new();
        let exporting = host.manager.namespace("a").exportable(true);
        let id = exporting.create(&host.key(), None).unwrap().id;
        exporting.replace(&id, &host.key(), None).unwrap();
        assert!(host.manager.rotate("a", &id, None).unwrap().exportable);
        let keys = host.manager.namespace("a");
        keys.replace(&id, &host.key(), None).unwrap();
        // One that may not be exported counts when it is damaged, too.
        host.change(&id, 4, |record| record.exportable = true);
        let rotated = host.manager.rotate("a", &id, None).unwrap();
        assert!(!rotated.exportable);
    }

    #[test]
    fn keep_a_guest_from_replacing_or_have_it_replace_with_another_algorithm() {
        let host = Host::new();
        let id = host.make(2);
        host.set_head(&id, |head| head.algorithm = ALGORITHMS[1].into());
        let keys = host.manager.namespace("a");
        let other = host.key_for(ALGORITHMS[1]);
        for hidden in [None, Some(2)] {
            if let Some(version) = hidden {
                // Where the latest one does not open, another one that does is as good.
                host.change(&id, version, |record| record.expires = Some(1));
                host.set_head(&id, |head| head.latest = version);
            }
            let refused = keys.replace(&id, &other, None);
            assert!(matches!(refused, Err(Error::IncompatibleKeys)));
        }
        assert_eq!(keys.replace(&id, &host.key(), None).unwrap().version, 3);
    }

    #[test]
    fn have_a_version_numbered_that_was_shown_or_cannot_be() {
        let host = Host::new();
        let id = host.make(3);
        let keys = host.manager.namespace("a");
        for next in [0, 1, 2, 3, LAST_VERSION + 1, u64::MAX] {
            let twisted = Twisted(host.store.clone(), Twist::Next(next));
            let manager = open(twisted, &[&host.kek]).unwrap();
            let replaced = manager.namespace("a").replace(&id, &host.key(), None);
            assert!(matches!(replaced, Err(Error::Corrupt(_))), "{next}");
            let rotated = manager.rotate("a", &id, None);
            assert!(matches!(rotated, Err(Error::Corrupt(_))), "{next}");
        }
        assert_eq!(keys.replace(&id, &host.key(), None).unwrap().version, 4);
    }

    #[test]
    fn answer_with_another_record_than_was_made() {
        let host = Host::new();
        let id = host.make(2);
        let changes: [fn(&mut Record); 5] = [
            |record| record.version = 9,
            |record| record.expires = Some(9),
            |record| record.exportable = true,
            |record| record.id = KeyId::from_bytes([0; 16]),
            |record| record.sealed.as_mut().unwrap()[20] ^= 1,
        ];
        for change in changes {
            let twisted = Twisted(host.store.clone(), Twist::Made(change));
            let manager = open(twisted, &[&host.kek]).unwrap();
            let replaced = manager.namespace("a").replace(&id, &host.key(), None);
            assert!(matches!(replaced, Err(Error::Corrupt(_))));
        }
    }

    #[test]
    fn have_a_revocation_believed_that_was_not_asked_for_or_not_made() {
        let host = Host::new();
        let id = host.make(2);
        for (asked, told) in [
            (Selector::Exact(1), &[][..]),
            (Selector::Exact(1), &[2]),
            (Selector::Exact(1), &[1, 2]),
            (Selector::Latest, &[]),
            (Selector::Latest, &[1, 2]),
            (Selector::All, &[]),
            (Selector::All, &[2, 1]),
            (Selector::All, &[1, 1]),
        ] {
            let twisted = Twisted(host.store.clone(), Twist::Revoked(told));
            let manager = open(twisted, &[&host.kek]).unwrap();
            let revoked = manager.revoke("a", &id, asked);
            assert!(
                matches!(revoked, Err(Error::Corrupt(_))),
                "{asked:?} {told:?}"
            );
        }
    }

    #[test]
    fn have_a_listing_repeat_itself_or_show_what_was_not_asked_for() {
        let host = Host::new();
        let id = host.make(4);
        let elsewhere = host.manager.namespace("b");
        elsewhere.create(&host.key(), None).unwrap();
        let pages: [fn(Vec<Record>) -> Vec<Record>; 4] = [
            |page| [page.clone(), page].concat(),
            |page| page.into_iter().rev().collect(),
            |page| page.iter().cycle().take(256).cloned().collect(),
            |page| {
                let record = page.first().into_iter().cloned();
                record.cycle().take(1000).collect()
            },
        ];
        for page in pages {
            let twisted = Twisted(host.store.clone(), Twist::Page(page));
            let manager = open(twisted, &[&host.kek]).unwrap();
            assert!(matches!(manager.show("a", &id), Err(Error::Corrupt(_))));
            let listed: Vec<_> = manager.list(None).take(1000).collect();
            assert!(matches!(listed.last(), Some(Err(Error::Corrupt(_)))));
            assert!(listed.len() <= 6);
            let new = KeyEncryptionKey::generate().unwrap();
            assert!(matches!(manager.rekey(&new), Err(Error::Corrupt(_))));
            assert!(matches!(
                manager.rotate("a", &id, None),
                Err(Error::Corrupt(_))
            ));
        }
        let renamed = |page: Vec<Record>| {
            let each = page.into_iter().map(|record| Record {
                namespace: "c".into(),
                ..record
            });
            each.collect()
        };
        let twisted = Twisted(host.store.clone(), Twist::Page(renamed));
        let manager = open(twisted, &[&host.kek]).unwrap();
        assert!(matches!(manager.show("a", &id), Err(Error::Corrupt(_))));
        let listed = manager.list(Some("a")).next();
        assert!(matches!(listed, Some(Err(Error::Corrupt(_)))));
    }

    #[test]
    fn have_a_key_shown_without_end() {
        let host = Host::new();
        let id = host.make(1);
        let twisted = Twisted(host.store.clone(), Twist::Endless);
        let manager = open(twisted, &[&host.kek]).unwrap();
        assert!(matches!(manager.show("a", &id), Err(Error::Corrupt(_))));
        let rotated = manager.rotate("a", &id, None);
        assert!(matches!(rotated, Err(Error::Corrupt(_))));
    }

    #[test]
    fn have_more_opened_than_was_ever_sealed_or_shown_as_it_is() {
        let host = Host::new();
        let id = host.make(1);
        host.change(&id, 1, |record| {
            record.sealed.as_mut().unwrap().resize(MAX_SEALED + 1, 0);
            record.algorithm = "A".repeat(1 << 20);
        });
        let refused = host.fetch(&id, Selector::Latest).unwrap_err();
        assert!(matches!(refused, Error::Sealing { .. }), "{refused}");
        let shown = host.manager.show("a", &id).unwrap();
        assert_eq!(shown[0].state, KeyState::Damaged);
        assert!(shown[0].algorithm.len() < 300);
    }

    #[test]
    fn have_a_running_host_take_another_stores_header() {
        let host = Host::new();
        let id = host.make(1);
        let other = Host::on(Liar::new(0, true), host.kek.clone());
        let other_id = other.make(1);
        // A shared store, whose header is looked at again.
        let shared = Host::on(Liar::new(0, true), host.kek.clone());
        let manager = Manager::builder(shared.store.clone(), host.kek.clone());
        let manager = manager
            .cache_entries(0)
            .staleness(Duration::ZERO)
            .open()
            .unwrap();
        {
            let (mut lies, other) = (shared.store.lies(), other.store.lies());
            lies.header = other.header.clone();
            lies.records = other.records.clone();
            lies.heads = other.heads.clone();
        }
        let keys = manager.namespace("a");
        let refused = keys.fetch(&host.engine, &other_id, Selector::Latest);
        assert!(matches!(refused, Err(Error::Corrupt(_))));
        host.fetch(&id, Selector::Latest).unwrap();
    }

    #[test]
    fn have_a_retired_key_open_anything_for_longer_than_the_staleness() {
        let host = Host::on(Liar::new(0, true), KeyEncryptionKey::generate().unwrap());
        let id = host.make(1);
        let new = KeyEncryptionKey::generate().unwrap();
        let running = Manager::builder(host.store.clone(), host.kek.clone()).also(new.clone());
        let running = running
            .cache_entries(0)
            .staleness(Duration::ZERO)
            .open()
            .unwrap();
        let old = host.record(&id, 1);
        host.manager.rekey(&new).unwrap();
        let keys = running.namespace("a");
        keys.fetch(&host.engine, &id, Selector::Latest).unwrap();
        host.store.lies().records.insert(place(&id, 1), old);
        let refused = keys.fetch(&host.engine, &id, Selector::Latest);
        assert!(matches!(refused, Err(Error::Sealing { .. })), "{refused:?}");
    }

    #[test]
    fn have_a_key_retired_that_something_still_needs() {
        let host = Host::new();
        let id = host.make(3);
        let new = KeyEncryptionKey::generate().unwrap();
        for twist in [Twist::SameHeader, Twist::ResealNothing, Twist::ResealMore] {
            let twisted = Twisted(host.store.clone(), twist);
            let manager = open(twisted, &[&host.kek, &new]).unwrap();
            assert!(manager.rekey(&new).is_err());
            let manager = open(host.store.clone(), &[&host.kek, &new]).unwrap();
            let keys = manager.namespace("a");
            for version in 1..=3 {
                keys.fetch(&host.engine, &id, Selector::Exact(version))
                    .unwrap();
            }
        }
        // A row that names the new key without being sealed under it is no row that was moved.
        host.change(&id, 2, |record| record.kek = new.id());
        let manager = open(host.store.clone(), &[&host.kek, &new]).unwrap();
        let refused = manager.rekey(&new).unwrap_err();
        assert!(matches!(refused, Error::Sealing { version: 2, .. }));
        host.change(&id, 2, |record| record.kek = host.kek.id());
        manager.rekey(&new).unwrap();
        let manager = open(host.store.clone(), &[&new]).unwrap();
        assert!(
            manager
                .show("a", &id)
                .unwrap()
                .iter()
                .all(|info| info.is_proven())
        );
    }
}

#[test]
fn rows_that_no_manager_makes_keep_a_database_from_nothing() {
    let Some(bed) = Bed::postgres() else { return };
    let id = {
        let manager = bed.manager();
        manager.namespace("a").create(&bed.key(), None).unwrap().id
    };
    for version in [i64::MIN, -1, 0] {
        bed.sql(&format!(
            "INSERT INTO wasi_crypto.versions SELECT namespace, id, {version}, repeat('A', 100000000), created, expires,
             exportable, kek, sealed, revoked FROM wasi_crypto.versions WHERE version = 1"
        ));
    }
    bed.sql("UPDATE wasi_crypto.keys SET algorithm = repeat('A', 100000000)");
    let manager = bed.manager();
    assert_eq!(manager.list(None).map(Result::unwrap).count(), 1);
    let fetched = manager
        .namespace("a")
        .fetch(&bed.engine, &id, Selector::Exact(u64::MAX));
    assert!(matches!(fetched, Err(Error::Sealing { .. })));
    assert_eq!(manager.rotate("a", &id, None).unwrap().version, 2);
    let new = KeyEncryptionKey::generate().unwrap();
    assert_eq!(manager.rekey(&new).unwrap(), 2);
    bed.sql("UPDATE wasi_crypto.keys SET latest = 9223372036854775807");
    let full = manager.rotate("a", &id, None);
    assert!(matches!(full, Err(Error::Full("versions"))), "{full:?}");
}

/// A store that gives one kind of answer other than it should.
struct Twisted(Liar, Twist);

enum Twist {
    Next(Version),
    Made(fn(&mut Record)),
    Revoked(&'static [Version]),
    Page(fn(Vec<Record>) -> Vec<Record>),
    Endless,
    ResealNothing,
    ResealMore,
    SameHeader,
}

impl KeyStore for Twisted {
    fn is_shared(&self) -> bool {
        false
    }

    fn listen(&self, _: Listener) {}

    fn header(&self) -> Result<Option<Vec<u8>>> {
        self.0.header()
    }

    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool> {
        match self.1 {
            Twist::SameHeader => Ok(true),
            _ => self.0.set_header(expected, header),
        }
    }

    fn create(&self, record: &Record, quota: &Quota) -> Result<()> {
        self.0.create(record, quota)
    }

    fn append(
        &self,
        namespace: &str,
        id: &KeyId,
        quota: &Quota,
        make: &MakeRecord,
    ) -> Result<Record> {
        match self.1 {
            Twist::Next(next) => make(&Tail {
                next,
                algorithm: ALGORITHMS[0].into(),
            }),
            Twist::Made(change) => {
                let mut record = self.0.append(namespace, id, quota, make)?;
                change(&mut record);
                Ok(record)
            }
            _ => self.0.append(namespace, id, quota, make),
        }
    }

    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record> {
        self.0.fetch(namespace, id, version)
    }

    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>> {
        match self.1 {
            Twist::Revoked(told) => Ok(told.to_vec()),
            _ => self.0.revoke(namespace, id, version, now),
        }
    }

    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        match (&self.1, after) {
            (Twist::Page(twist), _) => self.0.scan(namespace, after, limit).map(twist),
            (Twist::Endless, Some(after)) => {
                let next = (after.version + 1)..;
                let record = self.0.lies().records.values().next().unwrap().clone();
                let each = next.take(limit).map(|version| Record {
                    version,
                    sealed: None,
                    ..record.clone()
                });
                Ok(each.collect())
            }
            _ => self.0.scan(namespace, after, limit),
        }
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        match self.1 {
            Twist::ResealNothing => Ok(changes.len() as u64),
            Twist::ResealMore => Ok(u64::MAX),
            _ => self.0.reseal(changes),
        }
    }
}
