//! Hosts on one database behind a pooler, which gives each transaction another connection.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use wasi_crypto_engine::{Engine, Key};
use wasi_crypto_keys::{Error, KeyEncryptionKey, Manager, PostgresStore, Selector};

use crate::fixture::ALGORITHM;
use crate::pooler::Pooler;
use crate::server::Server;

/// Replacements on all pools together.
fn replacements() -> usize {
    match std::env::var_os("WASI_CRYPTO_TEST_ALL") {
        Some(all) if !all.is_empty() => 10_000,
        _ => 1000,
    }
}

fn manager(url: &str, kek: &KeyEncryptionKey) -> Manager {
    let store = PostgresStore::open(url).unwrap();
    Manager::builder(store, kek.clone()).open().unwrap()
}

fn key() -> Key {
    Engine::default().generate_key(ALGORITHM, None).unwrap()
}

#[test]
fn replacements_by_two_hosts_behind_a_pooler_get_every_version_once() {
    const POOLS: [usize; 3] = [1, 2, 5];
    const THREADS: usize = 4;
    let Some(server) = Server::shared() else {
        return;
    };
    let each = replacements().div_ceil(POOLS.len() * THREADS);
    for connections in POOLS {
        let Some(pooler) = Pooler::start(server, connections) else {
            return;
        };
        let database = server.database();
        let url = pooler.url(&database);
        let kek = KeyEncryptionKey::generate().unwrap();
        let hosts = [manager(&url, &kek), manager(&url, &kek)];
        let id = hosts[0].namespace("a").create(&key(), None).unwrap().id;
        let made = Mutex::new(vec![1]);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (keys, made) = (hosts[thread % 2].namespace("a"), &made);
                scope.spawn(move || {
                    let key = key();
                    let versions: Vec<_> = (0..each)
                        .map(|_| keys.replace(&id, &key, None).unwrap().version)
                        .collect();
                    assert!(versions.is_sorted());
                    made.lock().unwrap().extend(versions);
                });
            }
        });
        let mut made = made.into_inner().unwrap();
        made.sort_unstable();
        let all = 1..=(THREADS * each + 1) as u64;
        assert!(made.iter().copied().eq(all.clone()), "{connections}");
        let shown = hosts[1].show("a", &id).unwrap();
        assert!(shown.iter().map(|info| info.version).eq(all));
    }
}

#[test]
fn everything_that_an_operator_does_works_behind_a_pooler() {
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = Pooler::start(server, 2) else {
        return;
    };
    let url = pooler.url(&server.database());
    assert!(matches!(
        PostgresStore::open_existing(&url),
        Err(Error::NoStore)
    ));
    let (kek, new) = (
        KeyEncryptionKey::generate().unwrap(),
        KeyEncryptionKey::generate().unwrap(),
    );
    let hosts = [manager(&url, &kek), manager(&url, &kek)];
    let id = hosts[0].import("a", ALGORITHM, &[7; 32], None, false);
    let id = id.unwrap().id;
    for (round, host) in hosts.iter().cycle().take(20).enumerate() {
        let rotated = host.rotate("a", &id, None).unwrap();
        assert_eq!(rotated.version, round as u64 + 2);
    }
    hosts[1].revoke("a", &id, Selector::Exact(5)).unwrap();
    assert_eq!(hosts[0].show("a", &id).unwrap().len(), 21);
    assert_eq!(hosts[0].rekey(&new).unwrap(), 20);
    let other = manager(&url, &new);
    let keys = other.namespace("a");
    keys.fetch(&Engine::default(), &id, Selector::Latest)
        .unwrap();
    keys.revoke(&id, Selector::All).unwrap();
}

#[test]
fn what_one_host_revokes_others_behind_a_pooler_notice_within_the_limit() {
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = Pooler::start(server, 1) else {
        return;
    };
    let url = pooler.url(&server.database());
    let kek = KeyEncryptionKey::generate().unwrap();
    let hosts = [manager(&url, &kek), manager(&url, &kek)];
    let engine = Engine::default();
    let id = hosts[0].namespace("a").create(&key(), None).unwrap().id;
    let other = hosts[1].namespace("a");
    other.fetch(&engine, &id, Selector::Latest).unwrap();
    hosts[0].revoke("a", &id, Selector::Latest).unwrap();
    // A second, which is the limit unless another is set; on a machine that has other things to do, a while longer.
    let revoked = Instant::now();
    while other.fetch(&engine, &id, Selector::Latest).is_ok() {
        assert!(revoked.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn other_applications_find_their_connections_as_they_were() {
    const SETTINGS: &str = "SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', \
        'idle_in_transaction_session_timeout', 'bytea_output', 'search_path', 'synchronous_commit', \
        'default_transaction_isolation') ORDER BY name";
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = Pooler::start(server, 1) else {
        return;
    };
    let database = server.database();
    // So that the store has something to set.
    let off = format!("ALTER DATABASE {database} SET synchronous_commit = off");
    server.sql("postgres", &off);
    let before = pooler.sql(&database, SETTINGS);
    assert_eq!(before.lines().count(), 7, "{before}");
    let kek = KeyEncryptionKey::generate().unwrap();
    let manager = manager(&pooler.url(&database), &kek);
    let keys = manager.namespace("a");
    let id = keys.create(&key(), None).unwrap().id;
    keys.replace(&id, &key(), None).unwrap();
    keys.fetch(&Engine::default(), &id, Selector::Latest)
        .unwrap();
    keys.revoke(&id, Selector::Exact(1)).unwrap();
    assert!(keys.revoke(&id, Selector::Exact(1)).is_err());
    // One connection is all there is: this is the one that the store has used.
    assert_eq!(pooler.sql(&database, SETTINGS), before);
    let prepared = "SELECT count(*) FROM pg_prepared_statements";
    assert_eq!(pooler.sql(&database, prepared), "0");
}

#[test]
fn a_server_that_is_killed_behind_a_pooler_has_lost_no_version() {
    let Some(server) = Server::start(true) else {
        return;
    };
    let Some(pooler) = Pooler::start(&server, 2) else {
        return;
    };
    let url = pooler.url(&server.database());
    let kek = KeyEncryptionKey::generate().unwrap();
    let hosts = [manager(&url, &kek), manager(&url, &kek)];
    let id = hosts[0].namespace("a").create(&key(), None).unwrap().id;
    let made = Mutex::new(vec![1]);
    std::thread::scope(|scope| {
        for host in &hosts {
            let (keys, made) = (host.namespace("a"), &made);
            scope.spawn(move || {
                let key = key();
                let begun = Instant::now();
                let mut left = 100;
                while left > 0 {
                    match keys.replace(&id, &key, None) {
                        Ok(replaced) => {
                            made.lock().unwrap().push(replaced.version);
                            left -= 1;
                        }
                        // Whether it was made is not known then.
                        Err(Error::Store(_)) => assert!(begun.elapsed() < Duration::from_secs(120)),
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        for so_many in [20, 100] {
            while made.lock().unwrap().len() < so_many {
                std::thread::sleep(Duration::from_millis(5));
            }
            server.kill();
            server.bring_up();
        }
    });
    let mut made = made.into_inner().unwrap();
    made.sort_unstable();
    let shown = hosts[1].show("a", &id).unwrap();
    let shown: Vec<_> = shown.iter().map(|info| info.version).collect();
    assert!(shown.iter().copied().eq(1..=shown.len() as u64));
    assert!(made.is_sorted_by(|earlier, later| earlier < later));
    assert!(made.iter().all(|version| shown.contains(version)));
}
