//! Each program with its transcript.

use std::path::Path;

use tempfile::TempDir;
use wasi_crypto_host::{Secrets, WasiCryptoCtx, WasiCryptoCtxBuilder};
use wasi_crypto_keys::{KeyEncryptionKey, KeyId, KeyState, Manager, RedbStore};

use crate::fixture;
use crate::transcript::Command;
use crate::way::Way;

/// Programs that keep keys. What they do without a host that keeps them is not in their transcripts.
const KEEPERS: [&str; 3] = [
    "components/secrets",
    "modules/witx-secrets",
    "adapted/witx-secrets",
];

/// The key in the store that was revoked then.
const REVOKED: &str = "dabe27f86a17a020d0fe98954c32b2e4";

/// Plays the transcripts of all components.
pub fn components(way: Way) {
    for program in programs("components") {
        // One needs another store than each of these has, and the other a component that it can be put before.
        if !program.ends_with("/vault") && !program.ends_with("/interposer") {
            play(way, &program, &program);
        }
    }
}

/// Plays the transcripts of all core modules, which are adapted first.
pub fn modules(way: Way) {
    for program in programs("modules") {
        play(way, &program, &program);
    }
}

/// Plays the transcripts of those modules that were adapted then.
pub fn adapted(way: Way) {
    for program in programs("adapted") {
        play(way, &program, &program.replace("adapted/", "modules/"));
    }
}

/// Plays transcripts in which nothing happens that the interposer refuses. Nobody keeps keys behind it, which is what the
/// program `secrets` is told in place of its transcript.
pub fn interposed() {
    for name in ["patterns", "secrets", "tour", "wcrypt"] {
        let program = format!("components/{name}");
        play(Way::Interposed, &program, &program);
    }
}

/// Plays the transcript of the programs that use keys which were stored then.
pub fn store(way: Way) {
    let folder = copy_of(&fixture("store"));
    let key = folder.path().join("key-encryption-key.hex");
    for_its_owner(&key);
    let key = KeyEncryptionKey::read(&key).expect("a key");
    let store = RedbStore::open(folder.path().join("keys.redb")).expect("a store");
    let manager = Manager::builder(store, key).open().expect("a manager");
    // To guests it is a key that never existed.
    let revoked = KeyId::parse(REVOKED).expect("an identifier");
    let revoked = manager.show("tests", &revoked).expect("a key");
    assert!(!revoked.is_empty());
    for version in revoked {
        assert_eq!(version.state, KeyState::Revoked);
    }
    for command in Command::all(&fixture("store/store.txt")) {
        let secrets = Secrets::new(manager.namespace("tests"));
        let program = format!("components/{}", command.program);
        let crypto = WasiCryptoCtx::builder().secrets(secrets);
        run(way, &program, &command, folder.path(), crypto);
    }
}

/// Takes a file from all but its owner, since git does not keep that a key is nobody else's.
fn for_its_owner(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(file, mode).expect("permissions");
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// The programs in a folder of the fixtures.
fn programs(folder: &str) -> Vec<String> {
    let mut programs = Vec::new();
    for entry in std::fs::read_dir(fixture(folder)).expect("a folder") {
        let name = entry.expect("an entry").file_name();
        if let Some(program) = name.to_str().and_then(|name| name.strip_suffix(".wasm")) {
            programs.push(format!("{folder}/{program}"));
        }
    }
    assert!(programs.len() >= 4, "{folder}: {programs:?}");
    programs
}

fn play(way: Way, program: &str, transcript: &str) {
    if KEEPERS.contains(&program) && !way.keeps_keys() {
        return refused(way, program);
    }
    let folder = copy_of(&fixture("files"));
    for command in Command::all(&fixture(&format!("{transcript}.txt"))) {
        let mut crypto = WasiCryptoCtx::builder();
        if KEEPERS.contains(&program) {
            crypto = crypto.secrets(secrets());
        }
        run(way, program, &command, folder.path(), crypto);
    }
}

fn run(way: Way, program: &str, command: &Command, folder: &Path, crypto: WasiCryptoCtxBuilder) {
    let mut run = way
        .run(program, &command.program)
        .args(command.args.iter().map(String::as_str))
        .env("WCRYPT_PASSWORD", "correct horse")
        .dir(folder)
        .crypto(crypto);
    if let Some(file) = &command.stdin {
        run = run.stdin(std::fs::read(folder.join(file)).expect("a file"));
    }
    let outcome = way.finish(run);
    command.assert_same(&outcome, &format!("{way:?}, {program}"));
}

/// Checks, in place of its transcript, that a program which keeps keys is told that nobody does.
fn refused(way: Way, program: &str) {
    if program == "components/secrets" {
        let outcome = way.finish(way.run(program, "secrets").arg("none"));
        outcome.assert_lines(&[
            ("open", "unsupported-feature"),
            ("id", "unsupported-feature"),
        ]);
    } else {
        let program = program.replace("witx-secrets", "witx-rules");
        way.finish(way.run(&program, "witx-rules").arg("secrets"))
            .assert_success();
    }
}

/// An empty namespace of a store that is gone after the run.
fn secrets() -> Secrets {
    let key = KeyEncryptionKey::generate().expect("a key");
    let store = RedbStore::in_memory().expect("a store");
    let manager = Manager::builder(store, key).open().expect("a manager");
    Secrets::new(manager.namespace("tests"))
}

/// A copy of a folder's files, which is gone afterwards.
fn copy_of(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        // Not the modes: a checkout can be read-only.
        let content = std::fs::read(entry.path()).expect("a file");
        std::fs::write(copy.path().join(entry.file_name()), content).expect("a copy");
    }
    copy
}
