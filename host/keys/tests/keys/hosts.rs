//! Several hosts on one database, and what becomes of them when it goes away.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};

use wasi_crypto_engine::Engine;
use wasi_crypto_keys::{
    Error, KeyEncryptionKey, KeyId, Manager, Namespace, PostgresStore, Quota, Selector,
};

use crate::fixture::{ALGORITHM, Fixture};
use crate::server::Server;

const HOUR: Duration = Duration::from_secs(3600);

fn manager(url: &str, kek: &KeyEncryptionKey) -> Manager {
    let store = PostgresStore::open(url).unwrap();
    Manager::builder(store, kek.clone()).open().unwrap()
}

#[test]
fn ten_thousand_replacements_by_two_hosts_get_every_version_once() {
    const THREADS: usize = 8;
    const EACH: usize = 1250;
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    let hosts = [fixture.manager(), fixture.manager()];
    let id = hosts[0]
        .namespace("a")
        .create(&fixture.key(), None)
        .unwrap()
        .id;
    let made = Mutex::new(vec![1]);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (keys, fixture, made) = (hosts[thread % 2].namespace("a"), &fixture, &made);
            scope.spawn(move || {
                let key = fixture.key();
                let versions: Vec<_> = (0..EACH)
                    .map(|_| keys.replace(&id, &key, None).unwrap().version)
                    .collect();
                assert!(versions.is_sorted());
                made.lock().unwrap().extend(versions);
            });
        }
    });
    let mut made = made.into_inner().unwrap();
    made.sort_unstable();
    let all: Vec<u64> = (1..=10_001).collect();
    assert_eq!(made, all);
    let shown: Vec<_> = hosts[1].show("a", &id).unwrap();
    assert!(shown.iter().map(|info| info.version).eq(all));
}

#[test]
fn threads_of_one_process_get_every_version_once_from_a_file() {
    let fixture = Fixture::redb().unwrap();
    let manager = fixture.manager();
    let id = manager
        .namespace("a")
        .create(&fixture.key(), None)
        .unwrap()
        .id;
    let mut made: Vec<_> = std::thread::scope(|scope| {
        let replacing = (0..4).map(|_| {
            let (keys, fixture) = (manager.namespace("a"), &fixture);
            scope.spawn(move || {
                let key = fixture.key();
                let replace = |_| keys.replace(&id, &key, None).unwrap().version;
                (0..100).map(replace).collect::<Vec<_>>()
            })
        });
        let replacing: Vec<_> = replacing.collect();
        let joined = replacing.into_iter().map(|thread| thread.join().unwrap());
        joined.flatten().collect()
    });
    made.sort_unstable();
    assert!(made.into_iter().eq(2..=401));
}

#[test]
fn a_quota_holds_for_all_hosts_together() {
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    let mut quota = Quota::default();
    quota.keys = 25;
    let hosts: Vec<_> = (0..4)
        .map(|_| fixture.builder().quota(quota).open().unwrap())
        .collect();
    let made = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for host in &hosts {
            scope.spawn(|| {
                let keys = host.namespace("a");
                loop {
                    match keys.create(&fixture.key(), None) {
                        Ok(_) => made.fetch_add(1, Ordering::Relaxed),
                        Err(Error::Full("keys")) => break,
                        Err(error) => panic!("{error}"),
                    };
                }
            });
        }
    });
    assert_eq!(made.into_inner(), 25);
}

#[test]
fn hosts_that_start_at_once_make_the_tables_and_the_check_record_once() {
    let Some(server) = Server::shared() else {
        return;
    };
    for _ in 0..5 {
        let url = server.url(&server.database());
        let kek = KeyEncryptionKey::generate().unwrap();
        let barrier = Barrier::new(8);
        let engine = Engine::default();
        let ids: Vec<KeyId> = std::thread::scope(|scope| {
            let starting = (0..8).map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let manager = manager(&url, &kek);
                    let key = engine.generate_key(ALGORITHM, None).unwrap();
                    manager.namespace("a").create(&key, None).unwrap().id
                })
            });
            let starting: Vec<_> = starting.collect();
            let joined = starting.into_iter().map(|thread| thread.join().unwrap());
            joined.collect()
        });
        let manager = manager(&url, &kek);
        for id in ids {
            let keys = manager.namespace("a");
            keys.fetch(&engine, &id, Selector::Latest).unwrap();
        }
    }
}

#[test]
fn tables_of_a_newer_version_are_left_alone() {
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    drop(fixture.manager());
    fixture.sql("UPDATE wasi_crypto.schema_version SET version = 99");
    let error = PostgresStore::open(&fixture.url())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("version 99"), "{error}");
}

#[test]
fn a_user_who_may_not_make_tables_is_told_what_to_do_and_can_use_them() {
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    let name = format!("guest_{}", std::process::id());
    fixture.sql(&format!("CREATE ROLE {name} LOGIN"));
    let url = fixture.url().replace("user=tests", &format!("user={name}"));
    let error = PostgresStore::open(&url).err().unwrap().to_string();
    assert!(error.contains("grant"), "{error}");
    drop(fixture.manager());
    fixture.sql(&format!(
        "GRANT USAGE ON SCHEMA wasi_crypto TO {name};
         GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA wasi_crypto TO {name}"
    ));
    let manager = manager(&url, &fixture.kek);
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    keys.replace(&id, &fixture.key(), None).unwrap();
    keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    keys.revoke(&id, Selector::All).unwrap();
}

#[test]
fn what_one_host_changes_every_other_is_told_at_once() {
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    // So that nothing but being told can make a difference.
    let other = fixture
        .builder()
        .staleness(HOUR)
        .open()
        .unwrap()
        .namespace("a");
    let keys = fixture.manager().namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    keep_asking(&fixture, &other, &id, |fetched| fetched == Some(1));
    keys.replace(&id, &fixture.key(), None).unwrap();
    keep_asking(&fixture, &other, &id, |fetched| fetched == Some(2));
    keys.revoke(&id, Selector::Latest).unwrap();
    keep_asking(&fixture, &other, &id, |fetched| fetched.is_none());
}

#[test]
fn a_host_that_is_not_told_asks_again() {
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    let other = fixture.builder().staleness(Duration::ZERO).open().unwrap();
    let other = other.namespace("a");
    let keys = fixture.manager().namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    other.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    keys.revoke(&id, Selector::Latest).unwrap();
    let gone = other.fetch(&fixture.engine, &id, Selector::Latest);
    assert!(matches!(gone, Err(Error::NotFound)));
}

#[test]
fn an_exclusive_store_is_asked_once() {
    let fixture = Fixture::redb().unwrap();
    let manager = fixture.builder().staleness(Duration::ZERO).open().unwrap();
    let keys = manager.namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    let first = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    // If it were asked again, it could not say.
    std::fs::remove_file(fixture.file()).unwrap();
    let again = keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
    assert_eq!(fixture.bytes(&again.key), fixture.bytes(&first.key));
}

/// Fetches the latest version until `done`, and fails if that takes too long.
fn keep_asking(
    fixture: &Fixture,
    keys: &Namespace,
    id: &KeyId,
    done: impl Fn(Option<u64>) -> bool,
) {
    let begun = Instant::now();
    loop {
        let fetched = match keys.fetch(&fixture.engine, id, Selector::Latest) {
            Ok(fetched) => Some(fetched.version),
            Err(Error::NotFound) => None,
            Err(error) => panic!("{error}"),
        };
        if done(fetched) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{fetched:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_server_that_is_gone_is_an_error_in_time_and_used_again_when_it_is_back() {
    let Some(server) = Server::start(false) else {
        return;
    };
    let url = server.url(&server.database());
    let kek = KeyEncryptionKey::generate().unwrap();
    let engine = Engine::default();
    let keys = manager(&url, &kek).namespace("a");
    let key = engine.generate_key(ALGORITHM, None).unwrap();
    let id = keys.create(&key, None).unwrap().id;
    keys.fetch(&engine, &id, Selector::Latest).unwrap();
    server.bring_down();
    let begun = Instant::now();
    // The process that serves this connection notices a moment later that it is alone.
    while keys.create(&key, None).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
    for failed in [
        keys.create(&key, None).err(),
        keys.replace(&id, &key, None).err(),
        keys.revoke(&id, Selector::Latest).err(),
        // That it was fetched before is too long ago by now.
        keys.fetch(&engine, &id, Selector::Latest).err(),
    ] {
        let error = failed.unwrap();
        assert!(matches!(error, Error::Store(_)), "{error}");
        assert!(error.to_string().contains("PostgreSQL"), "{error}");
        assert_eq!(error.errno(), wasi_crypto_engine::Error::InternalError);
    }
    // Not a measurement: without a limit they would wait for ever.
    assert!(begun.elapsed() < Duration::from_secs(120));
    let Err(error) = PostgresStore::open(&url) else {
        panic!("there is a server");
    };
    assert!(matches!(error, Error::Store(_)), "{error}");
    let line = error.to_string();
    assert!(
        line.contains("no connection in 5 s") && !line.contains("a change"),
        "{line}"
    );
    server.bring_up();
    let fetched = keys.fetch(&engine, &id, Selector::Latest).unwrap();
    assert_eq!(fetched.version, 1);
    assert_eq!(keys.replace(&id, &key, None).unwrap().version, 2);
}

#[test]
fn a_database_can_be_used_from_within_a_runtime() {
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let keys = fixture.manager().namespace("a");
        let id = keys.create(&fixture.key(), None).unwrap().id;
        keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
        drop(keys);
    });
}

#[test]
fn a_server_that_does_not_answer_is_an_error_in_time() {
    // Takes connections, and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://user@127.0.0.1:{port}/db");
    let error = PostgresStore::open(&url).err().unwrap();
    assert!(matches!(error, Error::Store(_)), "{error}");
}

#[test]
fn a_key_that_somebody_keeps_locked_is_an_error_in_time() {
    let Some(fixture) = Fixture::postgres() else {
        return;
    };
    let keys = fixture.manager().namespace("a");
    let id = keys.create(&fixture.key(), None).unwrap().id;
    std::thread::scope(|scope| {
        let locking = scope.spawn(|| {
            fixture.sql("BEGIN; SELECT FROM wasi_crypto.keys FOR UPDATE; SELECT pg_sleep(12)")
        });
        let waited = Instant::now();
        while fixture.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(12)%' AND pid <> pg_backend_pid()") == "0" {
            assert!(waited.elapsed() < Duration::from_secs(10));
        }
        let failed = keys.replace(&id, &fixture.key(), None);
        assert!(matches!(failed, Err(Error::Store(_))));
        keys.fetch(&fixture.engine, &id, Selector::Latest).unwrap();
        locking.join().unwrap();
    });
    assert_eq!(keys.replace(&id, &fixture.key(), None).unwrap().version, 2);
}

#[test]
fn whatever_has_returned_survives_killing_the_server() {
    const KILLS: usize = 6;
    const CALLS: usize = 3000;
    let Some(server) = Server::start(true) else {
        return;
    };
    let url = server.url(&server.database());
    let kek = KeyEncryptionKey::generate().unwrap();
    let engine = Engine::default();
    let hosts = [manager(&url, &kek), manager(&url, &kek)];
    let shared = {
        let key = engine.generate_key(ALGORITHM, None).unwrap();
        hosts[0].namespace("a").create(&key, None).unwrap().id
    };
    let over = AtomicBool::new(false);
    let calls = AtomicUsize::new(0);
    let histories: Vec<History> = std::thread::scope(|scope| {
        let working = (0..4).map(|thread| {
            let keys = hosts[thread % 2].namespace("a");
            let (engine, over, calls) = (&engine, &over, &calls);
            scope.spawn(move || {
                let mut history = History::default();
                while !over.load(Ordering::Relaxed) {
                    if history.go_on(&keys, engine, &shared) {
                        calls.fetch_add(1, Ordering::Relaxed);
                    }
                }
                history
            })
        });
        let working: Vec<_> = working.collect();
        let begun = Instant::now();
        let mut kills = 0;
        while kills < KILLS || calls.load(Ordering::Relaxed) < CALLS {
            std::thread::sleep(Duration::from_millis(700 + 130 * (kills as u64 % 7)));
            if kills < KILLS {
                server.kill();
                server.bring_up();
                kills += 1;
            }
            assert!(begun.elapsed() < Duration::from_secs(300));
        }
        over.store(true, Ordering::Relaxed);
        let joined = working.into_iter().map(|thread| thread.join().unwrap());
        joined.collect()
    });
    let manager = manager(&url, &kek);
    let keys = manager.namespace("a");
    let mut made = BTreeMap::new();
    for history in &histories {
        for (place, raw) in &history.made {
            let twice = made.insert(*place, raw);
            assert!(twice.is_none(), "{place:?} was made twice");
        }
        for place in &history.perhaps_revoked {
            made.remove(place);
        }
        for (id, version) in &history.revoked {
            let gone = keys.fetch(&engine, id, Selector::Exact(*version));
            assert!(matches!(gone, Err(Error::NotFound)), "{id} {version}");
        }
    }
    for ((id, version), raw) in &made {
        let fetched = keys.fetch(&engine, id, Selector::Exact(*version));
        let fetched = fetched.unwrap_or_else(|error| panic!("{id} {version}: {error}"));
        assert_eq!(engine.key_to_store(&fetched.key).unwrap()[..], raw[..]);
    }
    let mut last: Option<(KeyId, u64)> = None;
    for info in manager.list(Some("a")) {
        let info = info.unwrap();
        let expected = match last {
            Some((id, version)) if id == info.id => version + 1,
            _ => 1,
        };
        assert_eq!(info.version, expected, "of {}", info.id);
        last = Some((info.id, info.version));
    }
}

/// What calls one thread has seen return.
#[derive(Default)]
struct History {
    calls: usize,
    made: Vec<((KeyId, u64), Vec<u8>)>,
    revoked: Vec<(KeyId, u64)>,
    /// Those as well whose call has failed.
    perhaps_revoked: Vec<(KeyId, u64)>,
}

impl History {
    /// Makes a call, and says whether it has done what was asked.
    fn go_on(&mut self, keys: &Namespace, engine: &Engine, shared: &KeyId) -> bool {
        self.calls += 1;
        let key = engine.generate_key(ALGORITHM, None).unwrap();
        let own = self.made.last().map(|((id, _), _)| *id);
        let made = match (self.calls % 4, own) {
            (1, Some(id)) => keys.replace(&id, &key, None),
            (2, _) => keys.replace(shared, &key, None),
            (3, Some(_)) => return self.revoke(keys),
            _ => keys.create(&key, None),
        };
        match made {
            Ok(made) => {
                let raw = engine.key_to_store(&key).unwrap().to_vec();
                self.made.push(((made.id, made.version), raw));
                true
            }
            Err(Error::Store(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Revokes what nobody else does.
    fn revoke(&mut self, keys: &Namespace) -> bool {
        let (place, _) = self.made[self.made.len() / 2];
        if self.perhaps_revoked.contains(&place) {
            return false;
        }
        self.perhaps_revoked.push(place);
        match keys.revoke(&place.0, Selector::Exact(place.1)) {
            Ok(()) => {
                self.revoked.push(place);
                true
            }
            Err(Error::Store(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }
}
