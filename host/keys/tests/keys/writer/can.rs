//! What somebody can do who can write to a store.

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
fn lift_quotas_or_use_them_up() {
    let host = Host::new();
    let mut quota = Quota::default();
    quota.versions = 1;
    // This store counts nothing.
    let builder = Manager::builder(host.store.clone(), host.kek.clone());
    let manager = builder.quota(quota).open().unwrap();
    let keys = manager.namespace("a");
    for _ in 0..3 {
        keys.create(&host.key(), None).unwrap();
    }
    let full = Twisted(host.store.clone(), Twist::Refuse(|| Error::Full("keys")));
    let manager = open(full, &[&host.kek]).unwrap();
    let refused = manager.namespace("a").create(&host.key(), None);
    assert!(matches!(refused, Err(Error::Full("keys"))));
}

#[test]
fn keep_the_store_from_answering() {
    let host = Host::new();
    let id = host.make(1);
    let silent = Twisted(
        host.store.clone(),
        Twist::Refuse(|| Error::Store("no".into())),
    );
    let manager = open(silent, &[&host.kek]).unwrap();
    let keys = manager.namespace("a");
    for refused in [
        keys.create(&host.key(), None).map(drop),
        keys.replace(&id, &host.key(), None).map(drop),
        keys.fetch(&host.engine, &id, Selector::Latest).map(drop),
        keys.revoke(&id, Selector::All),
        manager.rotate("a", &id, None).map(drop),
        manager.show("a", &id).map(drop),
        manager.rekey(&host.kek).map(drop),
    ] {
        assert!(
            matches!(refused, Ok(()) | Err(Error::Store(_))),
            "{refused:?}"
        );
    }
    assert!(matches!(
        keys.fetch(&host.engine, &id, Selector::Latest),
        Err(Error::Store(_))
    ));
    assert_eq!(host.states(&id), [KeyState::Valid]);
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
