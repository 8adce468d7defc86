//! What nobody can do who can write to a store.

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
fn have_an_older_version_decide_where_the_latest_one_opens() {
    let host = Host::new();
    let id = host.make(1);
    let hidden = host.record(&id, 1);
    host.change(&id, 1, |record| record.sealed = None);
    let named = host.manager.rotate_for("a", &id, Some(ALGORITHMS[1]), None);
    assert_eq!(named.unwrap().version, 2);
    host.store.lies().records.insert(place(&id, 1), hidden);
    let keys = host.manager.namespace("a");
    let refused = keys.replace(&id, &host.key_for(ALGORITHMS[0]), None);
    assert!(matches!(refused, Err(Error::IncompatibleKeys)));
    let latest = keys.replace(&id, &host.key_for(ALGORITHMS[1]), None);
    assert_eq!(latest.unwrap().version, 3);
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
    let twisted = Twisted(host.store.clone(), Twist::Long);
    let manager = open(twisted, &[&host.kek]).unwrap();
    let Err(Error::Corrupt(detail)) = manager.show("a", &id) else {
        panic!("it was shown");
    };
    assert!(detail.contains("257 records"), "{detail}");
    let twisted = Twisted(host.store.clone(), Twist::Endless);
    let manager = open(twisted, &[&host.kek]).unwrap();
    // As for `show`, and without keeping them.
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
