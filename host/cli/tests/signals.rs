//! Signals and closed pipes end the command as they end other programs, with the store of managed keys closed.
#![cfg(unix)]

mod common;

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use common::{Folder, Outcome, go_on, ready};

const HUP: i32 = 1;
const INT: i32 = 2;
const PIPE: i32 = 13;
const TERM: i32 = 15;

/// Sends a signal to a process that a test has started.
fn send(signal: i32, child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};

    let signal = match signal {
        HUP => Signal::HUP,
        INT => Signal::INT,
        TERM => Signal::TERM,
        other => panic!("no test sends {other}"),
    };
    kill_process(Pid::from_child(child), signal).expect("a process to send a signal to");
}

/// Ends a waiting guest by a signal, and by nothing else: its input stays open.
#[track_caller]
fn end_by(signal: i32, mut guest: Child) {
    let input = guest.stdin.take();
    send(signal, &guest);
    let output = guest.wait_with_output().expect("its end");
    drop(input);
    assert_ended_by(signal, &output);
}

/// Whether the tests were started with the signal ignored, as in the background of a script: their children ignore it, too.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.map_or(0, |mask| {
        u64::from_str_radix(mask.trim(), 16).expect("a mask")
    });
    mask >> (signal - 1) & 1 == 1
}

/// A process that has closed the store has taken its name out of the lock; one that was killed has not.
#[track_caller]
fn assert_closed(folder: &Folder) {
    let lock = String::from_utf8(folder.read("host/keys.redb.lock")).expect("text");
    assert_eq!(lock, "");
}

#[track_caller]
fn assert_ended_by(signal: i32, output: &Output) {
    assert_eq!(output.status.signal(), Some(signal), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_signal_ends_a_guest_and_closes_its_store() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    for signal in [INT, TERM, HUP] {
        if is_ignored(signal) {
            continue;
        }
        let guest = folder.waiting(&[], &id);
        let lock = folder.read("host/keys.redb.lock");
        assert!(!lock.is_empty(), "the store is open");
        end_by(signal, guest);
        assert_closed(&folder);
    }
    folder.with_exported(&["keys", "show", &id]).success();
}

#[test]
fn a_signal_ends_a_guest_without_a_store() {
    let folder = Folder::with_store();
    for signal in [INT, TERM, HUP] {
        if is_ignored(signal) {
            continue;
        }
        let mut command = folder.command();
        command.args(["run", "secrets.wasm", "wait", &"00".repeat(16), "0"]);
        let guest = ready(command);
        end_by(signal, guest);
    }
}

#[test]
fn a_hangup_that_opens_an_audit_file_anew_is_the_only_one_that_ends_nothing() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    let guest = folder.waiting(&["--audit-file", "host/audit.log"], &id);
    send(HUP, &guest);
    end_by(TERM, guest);
    assert_closed(&folder);
}

#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    let key = String::from_utf8(folder.read("host/kek.hex")).expect("text");
    let mut command = Command::new("sh");
    command
        .current_dir(folder.path("."))
        .env("WASI_CRYPTO_KEYS", "host/keys.redb")
        .env("WASI_CRYPTO_KEY_ENCRYPTION_KEY", key.trim())
        .args([
            "-c",
            "trap '' INT HUP; exec \"$@\"",
            "sh",
            common::WASI_CRYPTO,
        ])
        .args([
            "run",
            "--namespace",
            "tests",
            "secrets.wasm",
            "wait",
            &id,
            "0",
        ]);
    let guest = ready(command);
    send(INT, &guest);
    send(HUP, &guest);
    Outcome::from(go_on(guest)).success();
}

/// At whatever moment a signal comes, what was returned is there, no number is missing, and the store opens.
#[test]
fn a_signal_at_any_moment_loses_nothing() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    let tries = match std::env::var_os("WASI_CRYPTO_TEST_ALL") {
        Some(_) => 200,
        None => 20,
    };
    let mut returned = 1;
    for attempt in 0..tries {
        let child = folder
            .exported()
            .args(["keys", "rotate", &id, "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        // Nothing depends on when exactly: from before the store is opened to after the end.
        std::thread::sleep(Duration::from_millis(attempt * 7 % 120));
        // Until it is waited for, the number is its own, also when it has ended.
        send(TERM, &child);
        let output = child.wait_with_output().expect("its end");
        match output.status.code() {
            Some(0) => {
                let changed: serde_json::Value =
                    serde_json::from_slice(&output.stdout).expect("JSON");
                returned = changed["version"].as_u64().expect("a version");
            }
            _ => assert_ended_by(TERM, &output),
        }
        let shown = folder
            .with_exported(&["keys", "show", &id, "--json"])
            .success();
        let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        let versions = shown["versions"].as_array().expect("versions");
        let numbers: Vec<u64> = versions
            .iter()
            .map(|version| version["version"].as_u64().expect("a number"))
            .collect();
        let gapless: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, gapless);
        assert!(numbers.len() as u64 >= returned, "{numbers:?}");
    }
}

/// How a command ends whose standard output nobody reads.
fn unread(mut command: Command) -> Output {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    command.stdout(writer).stderr(Stdio::piped());
    let child = command.spawn().expect("a process");
    // The end of the pipe that the command has is the only one.
    drop(command);
    child.wait_with_output().expect("its end")
}

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let folder = Folder::with_store();
    let id = folder.imported_key();
    folder.write("data/file", "attack at dawn");
    for args in [
        &["--help"][..],
        &["run", "--help"],
        &["algorithms"],
        &["algorithms", "--json"],
        &["wit", "-o", "-"],
        &["compose", "wcrypt.wasm", "-o", "-"],
        &["keys", "list"],
        &["keys", "show", &id],
        &["run", "wcrypt.wasm", "--help"],
        &[
            "run",
            "--dir",
            "data",
            "wcrypt.wasm",
            "hash",
            "-a",
            "SHA-256",
            "data/file",
        ],
        &["run", "vault.wasm", "new"],
    ] {
        let mut command = folder.exported();
        command.args(args);
        assert_ended_by(PIPE, &unread(command));
        assert_closed(&folder);
    }
}

#[test]
fn a_closed_pipe_for_errors_ends_the_command_as_well() {
    let folder = Folder::with_store();
    for args in [
        &["keys", "show", "0123456789abcdef0123456789abcdef"][..],
        &["run", "nowhere.wasm"],
        &["run", "vault.wasm", "wrong"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = folder.exported();
        let status = command
            .args(args)
            .stderr(writer)
            .stdout(Stdio::null())
            .status();
        assert_eq!(status.expect("its end").signal(), Some(PIPE), "{args:?}");
        assert_closed(&folder);
    }
}

#[test]
fn an_output_that_is_full_is_told_with_the_systems_words() {
    let folder = Folder::with_store();
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    for args in [&["algorithms"][..], &["keys", "list"]] {
        let mut command = folder.exported();
        let output = full.try_clone().expect("the same file");
        command.args(args).stdout(output).stderr(Stdio::piped());
        let child = command.spawn().expect("a process");
        let line = Outcome::from(child.wait_with_output().expect("its end")).failure(125);
        assert!(
            line.contains("No space left on device (os error 28)"),
            "{line}"
        );
    }
}
