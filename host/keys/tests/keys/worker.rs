//! Work that tests have done by another process, which they limit or kill.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use wasi_crypto_engine::Engine;
use wasi_crypto_keys::{
    Error, KeyEncryptionKey, KeyId, Manager, ManagerBuilder, PostgresStore, RedbStore, Selector,
};

const ROLE: &str = "WASI_CRYPTO_TEST_WORKER";
const PATH: &str = "WASI_CRYPTO_TEST_PATH";
/// Before what a worker says that was told to open a store.
const OUTCOME: &str = "outcome: ";

/// A line that a worker writes before and after each call: what it is, and what becomes of it.
pub struct Log(File);

/// What a log says.
#[derive(Default)]
pub struct Told {
    /// Calls that have returned.
    pub returned: usize,
    /// Identifier and version with the key, of what was made and not certainly or perhaps revoked since.
    pub made: BTreeMap<(KeyId, u64), String>,
    pub revoked: Vec<(KeyId, u64)>,
    /// The last line, if the call did not return.
    pub begun: Option<String>,
}

/// The command that runs this program as a worker with this role on the store in `directory`.
pub fn command(role: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "worker::works_if_it_is_told_to", "--nocapture"])
        .env(ROLE, role)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    command
}

pub fn spawn(role: &str, directory: &Path) -> Child {
    command(role, directory).spawn().unwrap()
}

/// Where workers keep keys, in their directory.
pub fn store(directory: &Path) -> PathBuf {
    directory.join("keys.db")
}

pub fn kek() -> KeyEncryptionKey {
    KeyEncryptionKey::from_bytes([7; 32]).unwrap()
}

/// A test, since that is what this program can be told to run; what it does is up to those that start it.
#[test]
fn works_if_it_is_told_to() {
    let directory = PathBuf::from(".");
    match std::env::var(ROLE).as_deref() {
        Ok("hold") => hold(&directory),
        Ok("change") => change(&directory),
        Ok("fill") => fill(&directory),
        Ok("open") => try_to_open(),
        _ => {}
    }
}

fn open(directory: &Path) -> Manager {
    let store = RedbStore::open(store(directory)).unwrap();
    Manager::builder(store, kek()).open().unwrap()
}

/// Has the store open until its input ends.
fn hold(directory: &Path) {
    let _manager = open(directory);
    File::create(directory.join("held")).unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Opens the store that [`PATH`] names, and says what comes of it.
fn try_to_open() {
    let place = std::env::var(PATH).unwrap();
    let opened = if place.starts_with("postgres:") {
        PostgresStore::open(&place).map(|store| Manager::builder(store, kek()))
    } else {
        RedbStore::open(&place).map(|store| Manager::builder(store, kek()))
    };
    let opened = opened.and_then(ManagerBuilder::open);
    let outcome = opened.map(drop).map_err(|error| error.to_string());
    let line = format!("\n{OUTCOME}{}\n", outcome.err().unwrap_or_default());
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// What a process says of the store at a path or URL that cannot open it, and nothing if it can. `prepare` makes it
/// another user's, or runs it somewhere else.
pub fn told(place: impl AsRef<OsStr>, prepare: impl FnOnce(Command) -> Command) -> String {
    let program = File::open(std::env::current_exe().unwrap()).unwrap();
    // By a name that everybody may use, whoever may look into the folders above.
    let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
    command
        .args(["--exact", "worker::works_if_it_is_told_to", "--nocapture"])
        .env(ROLE, "open")
        .env(PATH, place)
        .current_dir("/");
    let output = prepare(command).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let outcome = text.lines().find_map(|line| line.strip_prefix(OUTCOME));
    outcome.unwrap_or_else(|| panic!("{output:?}")).to_owned()
}

/// Makes, replaces and revokes keys for ever.
fn change(directory: &Path) {
    let mut log = Log::open(directory);
    let engine = Engine::default();
    let manager = open(directory);
    let keys = manager.namespace("a");
    let mut ids = Vec::new();
    for info in manager.list(Some("a")) {
        let info = info.unwrap();
        if ids.last() != Some(&info.id) {
            ids.push(info.id);
        }
    }
    for round in 0.. {
        let key = engine.generate_key("AES-128-GCM", None).unwrap();
        let raw = hex(&engine.key_to_store(&key).unwrap());
        let id = (!ids.is_empty()).then(|| ids[raw.as_bytes()[0] as usize % ids.len()]);
        match (round % 4, id) {
            (1 | 2, Some(id)) => {
                log.begin(&format!("replace {id} {raw}"));
                match keys.replace(&id, &key, None) {
                    Ok(made) => log.end(&format!("{} {}", made.id, made.version)),
                    Err(error) => panic!("{error}"),
                }
            }
            (3, Some(id)) => {
                log.begin(&format!("revoke {id}"));
                let latest = keys.fetch(&engine, &id, Selector::Latest);
                match latest.and_then(|key| {
                    keys.revoke(&id, Selector::Latest)?;
                    Ok(key.version)
                }) {
                    Ok(version) => log.end(&format!("{id} {version}")),
                    Err(Error::NotFound) => log.end("-"),
                    Err(error) => panic!("{error}"),
                }
            }
            _ => {
                log.begin(&format!("create {raw}"));
                let made = keys.create(&key, None).unwrap();
                log.end(&format!("{} {}", made.id, made.version));
                ids.push(made.id);
            }
        }
    }
}

/// Makes keys until there is no room, and looks whether what was made can still be had.
fn fill(directory: &Path) {
    let mut log = Log::open(directory);
    let engine = Engine::default();
    let manager = open(directory);
    let keys = manager.namespace("a");
    let mut made = Vec::new();
    for _ in 0..3 {
        let full = loop {
            let raw = [made.len() as u8; 4096];
            let key = engine.import_key("HMAC/SHA-256", &raw).unwrap();
            log.begin(&format!("create {}", hex(&raw)));
            match keys.create(&key, None) {
                Ok(key) => {
                    log.end(&format!("{} 1", key.id));
                    made.push(key.id);
                }
                Err(error) => break error,
            }
            assert!(made.len() < 10_000, "there is room for everything");
        };
        assert!(matches!(full, Error::Store(_)), "{full}");
        assert!(
            full.to_string()
                .contains("keys.db: it may not become larger"),
            "{full}"
        );
        assert_eq!(full.errno(), wasi_crypto_engine::Error::InternalError);
        log.end("-");
        for (index, id) in made.iter().enumerate() {
            let fetched = keys.fetch(&engine, id, Selector::Latest).unwrap();
            let raw = engine.key_to_store(&fetched.key).unwrap();
            assert_eq!(raw[..], [index as u8; 4096]);
        }
    }
    File::create(directory.join("filled")).unwrap();
}

impl Log {
    fn open(directory: &Path) -> Self {
        let path = directory.join("log");
        let file = OpenOptions::new().create(true).append(true).open(path);
        Self(file.unwrap())
    }

    fn begin(&mut self, call: &str) {
        self.0.write_all(format!("{call} => ").as_bytes()).unwrap();
    }

    fn end(&mut self, result: &str) {
        self.0.write_all(format!("{result}\n").as_bytes()).unwrap();
    }

    /// Reads the log of a worker that is no more, and ends its last line.
    pub fn read(directory: &Path) -> Told {
        let path = directory.join("log");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let mut told = Told::default();
        for line in text.split_inclusive('\n') {
            let (call, result) = line.split_once(" => ").unwrap_or((line, ""));
            let Some(result) = result.strip_suffix('\n') else {
                told.begun = Some(call.to_owned());
                OpenOptions::new()
                    .append(true)
                    .open(&path)
                    .unwrap()
                    .write_all(b"?\n")
                    .unwrap();
                break;
            };
            if result == "?" || result.ends_with(" => ?") || result.ends_with('?') {
                // A revocation that did not return may have taken place: nothing is known of that version any more.
                if let Some(id) = call.strip_prefix("revoke ") {
                    told.forget_latest(&KeyId::parse(id).unwrap());
                }
                continue;
            }
            told.returned += 1;
            let mut words = call.split(' ');
            let mut result = result.split(' ');
            let verb = words.next().unwrap();
            let Some(id) = result.next().filter(|id| *id != "-") else {
                continue;
            };
            let id = KeyId::parse(id).unwrap();
            let version: u64 = result.next().unwrap().parse().unwrap();
            if verb == "revoke" {
                told.made.remove(&(id, version));
                told.revoked.push((id, version));
            } else {
                let raw = words.next_back().unwrap().to_owned();
                let twice = told.made.insert((id, version), raw);
                assert!(twice.is_none(), "version {version} of {id} was made twice");
                assert!(!told.revoked.contains(&(id, version)));
            }
        }
        if let Some(id) = told
            .begun
            .as_deref()
            .and_then(|call| call.strip_prefix("revoke "))
        {
            let id = KeyId::parse(id).unwrap();
            told.forget_latest(&id);
        }
        told
    }
}

impl Told {
    fn forget_latest(&mut self, id: &KeyId) {
        let versions = (*id, 0)..=(*id, u64::MAX);
        let latest = self.made.range(versions).next_back();
        if let Some(place) = latest.map(|(place, _)| *place) {
            self.made.remove(&place);
        }
    }

    /// Checks that everything that has returned is in the store, and that no number was left out.
    pub fn check(&self, manager: &Manager) {
        let engine = Engine::default();
        let keys = manager.namespace("a");
        for ((id, version), raw) in &self.made {
            let fetched = keys.fetch(&engine, id, Selector::Exact(*version));
            let fetched = fetched.unwrap_or_else(|error| panic!("{id} {version}: {error}"));
            assert_eq!(hex(&engine.key_to_store(&fetched.key).unwrap()), *raw);
        }
        for (id, version) in &self.revoked {
            let fetched = keys.fetch(&engine, id, Selector::Exact(*version));
            assert!(matches!(fetched, Err(Error::NotFound)), "{id} {version}");
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
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
