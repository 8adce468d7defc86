//! A directory that a guest is lent must not hold what the guest may not reach: each try is an error that names both.
#![cfg(unix)]

mod common;

use std::os::unix::fs::symlink;
use std::process::Command;

use common::{Folder, Outcome, WASI_CRYPTO};

/// Runs a guest that uses no managed keys, with flags.
fn run(folder: &Folder, flags: &[&str]) -> Outcome {
    folder.wasi_crypto([&["run"], flags, &["wcrypt.wasm", "--version"]].concat())
}

#[track_caller]
fn refused(outcome: Outcome, secret: &str, lent: &str) {
    let line = outcome.failure(2);
    assert!(line.contains(secret), "{line}");
    assert!(line.contains(&format!("--dir {lent}")), "{line}");
    assert!(line.contains("move one of them"), "{line}");
}

/// The flags for a store, with one of its files elsewhere.
fn flags<'a>(lent: &'a str, changed: &'a str, place: &'a str) -> Vec<&'a str> {
    let files = [
        ("--keys", "host/keys.redb"),
        ("--key-encryption-key", "host/kek.hex"),
        ("--audit-file", "host/audit.log"),
    ];
    let mut flags = vec!["--dir", lent];
    for (flag, file) in files {
        flags.extend([flag, if flag == changed { place } else { file }]);
    }
    flags
}

#[test]
fn what_a_flag_names_is_refused_in_a_lent_directory() {
    let folder = Folder::with_store();
    run(&folder, &flags("data", "", "")).success();
    std::fs::create_dir(folder.path("data/deep")).expect("a folder");
    for flag in ["--keys", "--key-encryption-key", "--audit-file"] {
        for place in [
            "data/file",
            "data/deep/file",
            "data/not/yet/there",
            "./data/../data/file",
        ] {
            let outcome = run(&folder, &flags("data", flag, place));
            refused(outcome, &format!("{place} ({flag})"), "data");
        }
    }
    // Under another name in the guest, and as one of several.
    let lent = ["--dir", "data", "--dir", "host::/elsewhere"];
    let outcome = run(&folder, &[&lent, &flags("data", "", "")[2..]].concat());
    refused(outcome, "host/keys.redb (--keys)", "host::/elsewhere");
    assert!(!folder.files().contains(&"audit.log".to_owned()));
}

#[test]
fn the_way_out_of_a_lent_directory_is_no_way_in() {
    let folder = Folder::with_store();
    std::fs::create_dir(folder.path("data/deep")).expect("a folder");
    run(&folder, &flags("data", "--keys", "data/../host/keys.redb")).success();
    // The guest can put a link in the place of `deep`.
    let around = "data/deep/../../host/keys.redb";
    refused(
        run(&folder, &flags("data", "--keys", around)),
        around,
        "data",
    );
    // The directory that the guest sees is another one than the process is in.
    let mut command = folder.command();
    command
        .current_dir(folder.path("data"))
        .args(["run", "--dir", ".", "--keys", "../host/keys.redb"])
        .args(["../wcrypt.wasm", "--version"]);
    Outcome::of(&mut command).success();
}

#[test]
fn links_are_followed_on_both_sides() {
    let folder = Folder::with_store();
    std::fs::create_dir(folder.path("links")).expect("a folder");
    let link = |target: &str, name: &str| symlink(target, folder.path(name)).expect("a link");
    link("data", "alias");
    link("../data", "links/folder");
    link("../data/new.redb", "links/dangling.redb");
    link("hop.redb", "links/hops.redb");
    link("../alias/new.redb", "links/hop.redb");
    for place in [
        "data/new.redb",
        "alias/new.redb",
        "links/folder/new.redb",
        "links/dangling.redb",
        "links/hops.redb",
    ] {
        for lent in ["data", "alias", "links/folder"] {
            refused(run(&folder, &flags(lent, "--keys", place)), place, lent);
        }
    }
    // What the link leads to is elsewhere, but the guest can make the link lead to somewhere else.
    link("../host/keys.redb", "data/keys.redb");
    link("../host", "data/host");
    for place in ["data/keys.redb", "data/host/keys.redb"] {
        refused(run(&folder, &flags("data", "--keys", place)), place, "data");
    }
    // Round and round.
    link("circle", "circle");
    run(&folder, &flags("data", "--keys", "circle")).success();
    link("loop", "data/loop");
    refused(
        run(&folder, &flags("data", "--keys", "data/loop")),
        "data/loop",
        "data",
    );
}

/// As root, where namespaces of mounts can be made; elsewhere there is nothing to see.
#[test]
fn mounts_are_seen_through() {
    let folder = Folder::with_store();
    for name in ["data/mounted", "other", "around"] {
        std::fs::create_dir(folder.path(name)).expect("a folder");
    }
    let run = |mounts: &str, lent: &str| {
        let script = format!("{mounts} || exit 99; exec \"$@\"");
        let mut command = Command::new("unshare");
        command.current_dir(folder.path("."));
        command.args(["--mount", "sh", "-c", &script, "sh", WASI_CRYPTO, "run"]);
        command.args(flags(lent, "", ""));
        command.args(["--no-cache", "wcrypt.wasm", "--version"]);
        command.output().ok().map(Outcome::from)
    };
    for (mounts, lent) in [
        ("mount --bind host other", "other"),
        ("mount --bind host data/mounted", "data"),
        ("mount --bind host data/mounted", "data/mounted"),
        ("mount --bind . around", "around/host"),
        ("mount --bind . data/mounted", "data"),
    ] {
        match run(mounts, lent) {
            Some(outcome) if outcome.code == 2 => {
                refused(outcome, "host/keys.redb (--keys)", lent);
            }
            Some(outcome) => assert!(
                outcome.code == 99 || outcome.stderr.contains("unshare"),
                "{outcome:?}"
            ),
            None => return,
        }
    }
    if let Some(outcome) = run("mount --bind data other", "other") {
        assert_ne!(outcome.code, 2, "{outcome:?}");
    }
}

#[test]
fn what_the_environment_names_is_refused_where_the_guest_gets_managed_keys() {
    let folder = Folder::with_store();
    let vault = |dir: &str| folder.with_exported(&["run", "--dir", dir, "vault.wasm", "new"]);
    vault("data").success();
    refused(vault("host"), "host/keys.redb (WASI_CRYPTO_KEYS)", "host");
    refused(vault("."), "host/keys.redb (WASI_CRYPTO_KEYS)", ".");
    folder
        .with_exported(&["run", "--dir", "host", "wcrypt.wasm", "--version"])
        .success();
}

#[test]
fn certificates_for_a_database_are_refused_in_a_lent_directory() {
    let folder = Folder::with_store();
    let url = "postgres://nobody@127.0.0.1:1/none";
    let named = format!("{url}?sslrootcert=data%2Fca.pem");
    let lent = ["--dir", "data"];
    let outcome = run(&folder, &[&lent[..], &["--keys", &named]].concat());
    refused(outcome, "data/ca.pem (--keys)", "data");
    let vault = |variables: &[(&str, &str)]| {
        let mut command = folder.exported();
        command.envs(variables.iter().copied());
        Outcome::of(command.args(["run", "--dir", "data", "vault.wasm", "new"]))
    };
    let by_url = vault(&[("WASI_CRYPTO_KEYS", &named)]);
    refused(by_url, "data/ca.pem (WASI_CRYPTO_KEYS)", "data");
    let by_variable = [("WASI_CRYPTO_KEYS", url), ("PGSSLROOTCERT", "data/ca.pem")];
    refused(vault(&by_variable), "data/ca.pem (PGSSLROOTCERT)", "data");
    let system = format!("{url}?sslrootcert=system&sslmode=disable");
    let outcome = vault(&[("WASI_CRYPTO_KEYS", &system)]);
    assert_eq!(outcome.code, 125, "{outcome:?}");
}

#[test]
fn a_guest_with_managed_keys_sees_no_processes() {
    let folder = Folder::with_store();
    if !std::path::Path::new("/proc/self/mountinfo").exists() {
        return;
    }
    for lent in ["/proc", "/proc/self", "/"] {
        let mut command = folder.exported();
        command.env("WASI_CRYPTO_KEYS", "postgres://nobody@127.0.0.1:1/none");
        let outcome = Outcome::of(command.args(["run", "--dir", lent, "vault.wasm", "new"]));
        let line = outcome.failure(2);
        assert!(line.contains("/proc"), "{line}");
    }
}
