//! The embedded store's file: who may open it, and what becomes of it when things go wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};

use wasi_crypto_engine::Engine;
use wasi_crypto_keys::{Error, KeyId, Manager, RedbStore, Selector};

use crate::worker::{self, Log};

/// In memory where that is possible: thousands of files are made and opened.
pub fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

pub fn open(path: &Path) -> wasi_crypto_keys::Result<Manager> {
    Manager::builder(RedbStore::open(path)?, worker::kek()).open()
}

#[test]
fn the_files_are_their_owners_alone() {
    let directory = directory();
    let path = worker::store(directory.path());
    let manager = open(&path).unwrap();
    let key = Engine::default().generate_key("AES-256-GCM", None).unwrap();
    manager.namespace("a").create(&key, None).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["keys.db", "keys.db.lock"]);
}

#[test]
fn a_second_process_is_told_who_has_the_file() {
    let directory = directory();
    let path = worker::store(directory.path());
    let mut holder = worker::spawn("hold", directory.path());
    wait_for(&directory.path().join("held"));
    let error = open(&path).err().unwrap();
    assert!(matches!(error, Error::Held { .. }), "{error}");
    let line = error.to_string();
    let pid = format!("process {} ", holder.id());
    assert!(line.contains(&pid) && line.contains("keys.db"), "{line}");
    // However the holder ends, the file is free then.
    holder.kill().unwrap();
    holder.wait().unwrap();
    let manager = open(&path).unwrap();
    let error = open(&path).err().unwrap().to_string();
    let own = format!("process {} ", std::process::id());
    assert!(error.contains(&own), "{error}");
    drop(manager);
    open(&path).unwrap();
}

#[test]
fn a_file_that_was_being_made_when_its_maker_died_is_made_again() {
    let directory = directory();
    let path = worker::store(directory.path());
    fs::write(directory.path().join("keys.db.new"), [1; 5000]).unwrap();
    open(&path).unwrap();
}

#[test]
fn what_stands_in_the_way_of_opening_is_said() {
    let directory = directory();
    let missing = directory.path().join("no/such/keys.db");
    let line = open(&missing).err().unwrap().to_string();
    assert!(line.contains("no/such"), "{line}");
    let path = worker::store(directory.path());
    for content in [&b""[..], b"x", &[0; 100_000], &[0xff; 100_000]] {
        fs::write(&path, content).unwrap();
        let error = open(&path).err().unwrap();
        assert!(
            matches!(error, Error::Corrupt(_) | Error::Store(_)),
            "{error}"
        );
        assert!(error.to_string().contains("keys.db"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

struct Filled {
    bytes: Vec<u8>,
    live: Vec<(KeyId, u64, Vec<u8>)>,
    revoked: Vec<(KeyId, u64)>,
}

fn filled() -> Filled {
    let directory = directory();
    let path = worker::store(directory.path());
    let engine = Engine::default();
    let mut filled = Filled {
        bytes: Vec::new(),
        live: Vec::new(),
        revoked: Vec::new(),
    };
    {
        let manager = open(&path).unwrap();
        let keys = manager.namespace("a");
        for _ in 0..30 {
            let key = engine.generate_key("AES-256-GCM", None).unwrap();
            let raw = engine.key_to_store(&key).unwrap().to_vec();
            let id = keys.create(&key, None).unwrap().id;
            filled.live.push((id, 1, raw.clone()));
            keys.replace(&id, &key, None).unwrap();
            keys.revoke(&id, Selector::Exact(2)).unwrap();
            filled.revoked.push((id, 2));
            keys.replace(&id, &key, None).unwrap();
            filled.live.push((id, 3, raw));
        }
    }
    filled.bytes = fs::read(&path).unwrap();
    filled
}

/// Opens a store that was changed, and checks that it says so or has everything. Says whether it could be opened.
fn survives(path: &Path, filled: &Filled) -> bool {
    let manager = match open(path) {
        Ok(manager) => manager,
        Err(error) => {
            let expected = matches!(error, Error::Corrupt(_) | Error::Store(_));
            assert!(
                expected || matches!(error, Error::WrongKek { .. }),
                "{error}"
            );
            assert_eq!(error.errno(), wasi_crypto_engine::Error::InternalError);
            return false;
        }
    };
    let engine = Engine::default();
    let keys = manager.namespace("a");
    for (id, version, raw) in &filled.live {
        let fetched = keys.fetch(&engine, id, Selector::Exact(*version));
        let fetched = fetched.unwrap_or_else(|error| panic!("{id} {version}: {error}"));
        assert_eq!(engine.key_to_store(&fetched.key).unwrap()[..], raw[..]);
    }
    for (id, version) in &filled.revoked {
        let fetched = keys.fetch(&engine, id, Selector::Exact(*version));
        assert!(matches!(fetched, Err(Error::NotFound)));
    }
    true
}

#[test]
fn a_file_with_a_changed_byte_says_so_or_has_lost_nothing() {
    quietly(|| {
        let filled = filled();
        let directory = directory();
        let path = worker::store(directory.path());
        let mut opened = 0;
        let mut refused = 0;
        // The beginning, which says where everything else is, byte by byte; of the rest, a part of what is in use.
        let used = filled.bytes.len()
            - filled
                .bytes
                .iter()
                .rev()
                .take_while(|byte| **byte == 0)
                .count();
        let offsets = (0..512).chain((512..used).step_by(used / 400 + 1));
        for offset in offsets {
            for change in [1, 0x80, 0xff] {
                let mut bytes = filled.bytes.clone();
                bytes[offset] ^= change;
                fs::write(&path, &bytes).unwrap();
                match survives(&path, &filled) {
                    true => opened += 1,
                    false => refused += 1,
                }
            }
        }
        assert!(opened > 10 && refused > 10, "{opened} {refused}");
    });
}

#[test]
fn a_file_that_was_cut_short_says_so() {
    quietly(|| {
        let filled = filled();
        let directory = directory();
        let path = worker::store(directory.path());
        let len = filled.bytes.len();
        let lens = (0..600)
            .step_by(7)
            .chain((600..len).step_by(len / 200 + 1))
            .chain(len - 10..len);
        for len in lens {
            fs::write(&path, &filled.bytes[..len]).unwrap();
            assert!(!survives(&path, &filled), "cut to {len} bytes");
            // What is left is still there for whoever wants to rescue something.
            assert_eq!(fs::read(&path).unwrap(), filled.bytes[..len]);
        }
    });
}

#[test]
fn a_full_disk_is_an_error_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = worker::store(directory.path());
    drop(open(&path).unwrap());
    let room = path.metadata().unwrap().len() / 512 + 2000;
    let mut worker = worker::command("fill", directory.path());
    // Files cannot become larger than this, and the signal that says so is ignored.
    let mut limited = std::process::Command::new("sh");
    limited
        .arg("-c")
        .arg(format!("trap '' XFSZ; ulimit -f {room}; exec \"$@\""))
        .arg("sh")
        .arg(worker.get_program())
        .args(worker.get_args())
        .envs(
            worker
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(directory.path());
    let ended = limited.output().unwrap();
    let _ = &mut worker;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned()
        + &String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.signal().is_none(), "{said}");
    assert!(directory.path().join("filled").exists(), "{said}");
    let told = Log::read(directory.path());
    assert!(told.returned > 50);
    let manager = open(&path).unwrap();
    told.check(&manager);
    let key = Engine::default().generate_key("AES-256-GCM", None).unwrap();
    manager.namespace("a").create(&key, None).unwrap();
}

#[test]
fn whatever_has_returned_survives_killing_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = worker::store(directory.path());
    let mut calls = 0;
    let mut kills = 0;
    let mut seed = 1u64;
    while calls < 3000 || kills < 25 {
        let mut worker = worker::spawn("change", directory.path());
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_millis(20 + (seed >> 33) % 400));
        worker.kill().unwrap();
        let ended = worker.wait().unwrap();
        assert_eq!(ended.signal(), Some(9), "it ended by itself");
        kills += 1;
        let told = Log::read(directory.path());
        calls = told.returned;
        told.check(&open(&path).unwrap());
        assert!(kills < 500, "{calls} calls");
    }
}

pub fn wait_for(path: &Path) {
    let begun = Instant::now();
    while !path.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Without what the database says when it panics.
fn quietly(work: impl FnOnce()) {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let in_database = info
            .location()
            .is_some_and(|location| location.file().contains("redb-"));
        if !in_database {
            default(info);
        }
    }));
    work();
}
