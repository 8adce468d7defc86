//! `--audit-file`: what was done to managed keys is in a file that no guest can write to, or it fails.
#![cfg(unix)]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use common::{Folder, Outcome, go_on};
use serde_json::Value;
use sha2::{Digest, Sha256};

const LOG: &str = "host/audit.log";

/// The events in a file: each a line, each line an event.
fn events(folder: &Folder, file: &str) -> Vec<Value> {
    let text = String::from_utf8(folder.read(file)).expect("text");
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    text.lines().map(event).collect()
}

fn operations(folder: &Folder, file: &str) -> Vec<String> {
    let operation = |event: Value| event["operation"].as_str().expect("text").to_owned();
    events(folder, file).into_iter().map(operation).collect()
}

fn keys(folder: &Folder, args: &[&str]) -> Outcome {
    folder.with_exported(&[&["keys", "--audit-file", LOG], args].concat())
}

fn use_key(folder: &Folder, flags: &[&str], id: &str) -> Outcome {
    let run = ["run", "--namespace", "tests"];
    folder.with_exported(&[&run, flags, &["secrets.wasm", "use", id, "0"]].concat())
}

/// What the system calls whoever runs the tests.
fn user() -> (String, u64) {
    let id = |flag: &str| {
        let output = Command::new("id").arg(flag).output().expect("id");
        String::from_utf8(output.stdout)
            .expect("text")
            .trim()
            .to_owned()
    };
    (id("-un"), id("-u").parse().expect("a number"))
}

#[test]
fn operators_are_known_by_the_systems_name() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    let mut command = folder.exported();
    command
        .env("USER", "mallory")
        .env("LOGNAME", "mallory")
        .args(["keys", "rotate", &id, "--audit-file", LOG]);
    Outcome::of(&mut command).success();
    keys(&folder, &["revoke", &id, "1"]).success();
    keys(&folder, &["revoke", &id, "9"]).failure(1);
    keys(&folder, &["list"]).success();

    let (name, uid) = user();
    let events = events(&folder, LOG);
    let expected = [("rotate", 2), ("revoke", 1), ("revoke", 9)];
    assert_eq!(events.len(), expected.len(), "{events:?}");
    for (event, (operation, version)) in events.iter().zip(expected) {
        assert_eq!(event["operation"], operation);
        assert_eq!(event["namespace"], "tests");
        assert_eq!(event["id"], *id);
        assert_eq!(event["version"], version);
        assert_eq!(event["who"], serde_json::json!({"user": name, "uid": uid}));
        let time = event["time"].as_str().expect("a time");
        assert!(time.len() > 20 && time.ends_with('Z'), "{time}");
    }
    assert_eq!(events[0]["outcome"], "ok");
    let failure = events[2]["outcome"].as_str().expect("text");
    assert!(failure.contains("no such key or version"), "{failure}");
    let mode = std::fs::metadata(folder.path(LOG)).expect("a file");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[test]
fn guests_are_known_by_namespace_and_digest() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    use_key(&folder, &["--audit-file", LOG], &id).success();
    let run = ["run", "--audit-file", LOG, "--namespace", "tests"];
    folder.with_exported(&[&run[..], &["secrets.wasm", "use", &id, "7"]].concat());
    let digest = Sha256::digest(folder.read("secrets.wasm"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let who = serde_json::json!({"namespace": "tests", "component": digest});
    let events = events(&folder, LOG);
    assert_eq!(events.len(), 2, "{events:?}");
    for event in &events {
        assert_eq!(event["operation"], "fetch");
        assert_eq!(event["who"], who);
    }
    assert_eq!(
        (&events[0]["version"], &events[0]["outcome"]),
        (&1.into(), &"ok".into())
    );
    assert_ne!(events[1]["outcome"], "ok");
}

#[test]
fn every_event_is_one_line_whatever_names_are() {
    let folder = Folder::with_store();
    folder.write("host/raw.key", [7; 32]);
    let name = "a\n{\"operation\":\"forged\"}\r\u{1b}[2J\u{85}\u{2028}\"";
    let import = ["import", "-a", "HMAC/SHA-256", "--namespace", name];
    for audit in ["plain", "json"] {
        let audit = ["--audit", audit, "host/raw.key"];
        let outcome = keys(&folder, &[&import[..], &audit].concat());
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
        let obeyed = |c: char| c.is_control() && c != '\n';
        assert!(!outcome.stderr.contains(obeyed), "{outcome:?}");
        assert!(!outcome.stderr.contains('\u{2028}'), "{outcome:?}");
    }
    let text = String::from_utf8(folder.read(LOG)).expect("text");
    let obeyed = |c: char| c.is_control() && c != '\n' || c == '\u{2028}';
    assert!(!text.contains(obeyed), "{text}");
    let events = events(&folder, LOG);
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event["namespace"] == name));
    // What was refused is told of as well.
    let rotate = ["rotate", &"00".repeat(16), "--namespace", name];
    let line = keys(&folder, &rotate).failure(1);
    assert!(!line.trim_end().contains(char::is_control), "{line}");
}

#[test]
fn what_cannot_be_written_down_fails() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let full = ["--audit-file", "/dev/full"];
    let outcome = use_key(&folder, &full, &id);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (1, ""),
        "{outcome:?}"
    );
    assert!(
        outcome.stderr.contains("use: internal-error"),
        "{outcome:?}"
    );
    let told = |line: &str| {
        line.starts_with("wasi-crypto: managed keys:")
            && line.contains("the audit trail cannot be written: /dev/full")
    };
    assert!(outcome.stderr.lines().any(told), "{outcome:?}");

    let rotate = ["keys", "rotate", &id, full[0], full[1]];
    let line = folder.with_exported(&rotate).failure(125);
    assert!(line.contains("the audit trail cannot be written"), "{line}");
    // It is made, as SECURITY.md says; nobody was told its number.
    let shown = folder
        .with_exported(&["keys", "show", &id, "--json"])
        .success();
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["versions"].as_array().map(Vec::len), Some(2));

    for file in ["nowhere/audit.log", "host"] {
        let outcome = use_key(&folder, &["--audit-file", file], &id);
        assert_eq!(outcome.stdout, "", "{outcome:?}");
        let line = outcome.failure(125);
        assert!(line.contains(&format!("audit file {file}")), "{line}");
    }
}

#[test]
fn a_guest_that_prints_an_event_forges_none() {
    let folder = Folder::with_store();
    folder.write(
        "forger.wasm",
        wat::parse_str(
            r#"(module
                (import "wasi_snapshot_preview1" "fd_write"
                    (func $write (param i32 i32 i32 i32) (result i32)))
                (import "wasi_ephemeral_crypto_common" "secrets_manager_open"
                    (func $open (param i32 i32) (result i32)))
                (memory (export "memory") 1)
                (data (i32.const 0) "\10\00\00\00\26\00\00\00")
                (data (i32.const 16) "{\"operation\":\"forged\",\"outcome\":\"ok\"}\n")
                (func (export "_start")
                    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 100)))))"#,
        )
        .expect("valid text"),
    );
    let args = ["run", "--audit", "json", "--audit-file", LOG, "forger.wasm"];
    let outcome = folder.with_exported(&args);
    assert!(outcome.stderr.contains("forged"), "{outcome:?}");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(events(&folder, LOG), Vec::<Value>::new());
}

#[test]
fn the_file_is_opened_anew_after_a_hangup() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    let guest = folder.waiting(&["--audit-file", LOG], &id);
    std::fs::rename(folder.path(LOG), folder.path("host/audit.1")).expect("a new name");
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&guest),
        rustix::process::Signal::HUP,
    )
    .expect("a process to send a signal to");
    Outcome::from(go_on(guest)).success();
    assert_eq!(operations(&folder, LOG), ["fetch"]);
    assert_eq!(operations(&folder, "host/audit.1"), Vec::<String>::new());
}

#[test]
fn a_line_that_was_torn_is_not_continued() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    folder.write(LOG, "{\"time\":\"2026-");
    keys(&folder, &["rotate", &id]).success();
    keys(&folder, &["rotate", &id]).success();
    let text = String::from_utf8(folder.read(LOG)).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0], "{\"time\":\"2026-");
    for line in &lines[1..] {
        let event: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(event["operation"], "rotate");
    }
}

#[test]
fn the_file_is_no_store_and_no_key() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    std::os::unix::fs::symlink("keys.redb", folder.path("host/link")).expect("a link");
    let (store, key) = (folder.read("host/keys.redb"), folder.read("host/kek.hex"));
    let named = ["--key-encryption-key", "host/kek.hex"];
    for file in ["host/keys.redb", "host/link", "host/kek.hex"] {
        let audit = ["--audit-file", file, named[0], named[1]];
        for args in [
            [&["keys", "rotate", &id], &audit[..]].concat(),
            [&["run"], &audit[..], &["vault.wasm", "new"]].concat(),
        ] {
            let line = folder.with_exported(&args).failure(2);
            assert!(line.contains("--audit-file names the key"), "{line}");
        }
    }
    // The lock, which is emptied, and a new key, which the store would be sealed under.
    std::fs::copy(folder.path("host/kek.hex"), folder.path("host/new.hex")).expect("a copy");
    let rekey = ["keys", "rekey", "--new-key-encryption-key", "host/new.hex"];
    for (args, file) in [
        (&["keys", "rotate", &id][..], "host/keys.redb.lock"),
        (&rekey, "host/new.hex"),
    ] {
        let args = [args, &["--audit-file", file]].concat();
        let line = folder.with_exported(&args).failure(2);
        assert!(line.contains("--audit-file names the"), "{line}");
    }
    assert_eq!(folder.read("host/new.hex"), key);
    assert_eq!(folder.read("host/keys.redb"), store);
    assert_eq!(folder.read("host/kek.hex"), key);
    // What was made for nothing is gone again: it would be taken for a damaged store, or for a key that is there.
    for args in [
        ["keys", "list", "--keys", "host/fresh"],
        ["keys", "init", "--key-encryption-key", "host/fresh"],
    ] {
        let args = [&args[..], &["--audit-file", "host/fresh"]].concat();
        folder.with_exported(&args).failure(2);
        assert!(!folder.path("host/fresh").exists(), "{args:?}");
    }
}

#[test]
fn the_file_needs_a_store() {
    let folder = Folder::with_store();
    let line = folder
        .wasi_crypto(["run", "--audit-file", LOG, "wcrypt.wasm", "--version"])
        .failure(2);
    assert!(line.contains("--audit-file"), "{line}");
    assert!(line.contains("--keys"), "{line}");
}
