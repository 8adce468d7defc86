//! What the commands make of a key store that somebody has written to.

mod common;

use common::{Folder, Outcome};
use serde_json::Value;
use wasi_crypto_keys::store::Record;
use wasi_crypto_keys::{KeyId, KeyStore, RedbStore, Selector};

/// A folder with a key store, and one key in it.
struct Host {
    folder: Folder,
    id: String,
}

impl Host {
    fn new() -> Self {
        let folder = Folder::new();
        let init = ["keys", "init", "--key-encryption-key", "kek.hex"];
        folder.wasi_crypto(init).success();
        folder.write("raw.key", [7; 32]);
        let mut host = Self {
            folder,
            id: String::new(),
        };
        let import = ["import", "-a", "AES-256-GCM-SIV", "--namespace", "tests"];
        let printed = host.keys(&[&import[..], &["--exportable", "raw.key"]].concat());
        host.id = printed.success().trim().to_owned();
        host
    }

    fn keys(&self, args: &[&str]) -> Outcome {
        let mut command = self.folder.command();
        command.arg("keys").args(args).args(["--keys", "keys.redb"]);
        Outcome::of(command.args(["--key-encryption-key", "kek.hex"]))
    }

    fn json(&self, args: &[&str]) -> Value {
        let printed = self.keys(&[args, &["--json"]].concat()).success();
        assert!(!printed.contains(is_unprintable), "{printed:?}");
        serde_json::from_str(&printed).expect("JSON")
    }

    /// Changes one row.
    fn change(&self, version: u64, change: impl FnOnce(&mut Record)) {
        let store = RedbStore::open(self.folder.path("keys.redb")).expect("a store");
        let id = KeyId::parse(&self.id).expect("an identifier");
        let old = store.fetch("tests", &id, Selector::Exact(version));
        let old = old.expect("a row");
        let mut new = old.clone();
        change(&mut new);
        assert_eq!(store.reseal(&[(old, new)]).expect("a change"), 1);
    }
}

fn is_unprintable(char: char) -> bool {
    char != '\n' && (char.is_control() || char == '\u{202e}')
}

#[test]
fn a_rotation_takes_nothing_from_a_version_that_does_not_open() {
    let host = Host::new();
    host.keys(&["rotate", &host.id]).success();
    host.change(2, |record| record.algorithm = "AES-256-GCM".into());
    assert_eq!(host.json(&["rotate", &host.id])["version"], 3);
    let shown = host.json(&["show", &host.id]);
    assert_eq!(shown["algorithm"], "AES-256-GCM-SIV");
    assert_eq!(shown["algorithm_is_proven"], true);
    let versions = shown["versions"].as_array().expect("versions");
    let column = |name: &str| versions.iter().map(|v| v[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("state"), ["valid", "damaged", "valid"]);
    assert_eq!(column("is_proven"), [true, false, true]);
    // One that does not open may not have been exportable.
    assert_eq!(column("exportable"), [true, true, false]);
    assert!(column("expires").iter().all(Value::is_null));
    host.keys(&["revoke", &host.id, "2"]).success();
}

#[test]
fn a_rotation_that_nothing_justifies_asks_for_the_algorithm() {
    let host = Host::new();
    host.change(1, |record| record.algorithm = "AES-256-CTR".into());
    let line = host.keys(&["rotate", &host.id]).failure(1);
    assert!(line.contains("none of its versions opens"), "{line}");
    assert!(line.contains("--algorithm NAME"), "{line}");
    host.keys(&["revoke", &host.id, "1"]).success();
    let line = host.keys(&["rotate", &host.id]).failure(1);
    assert!(line.contains("all its versions are revoked"), "{line}");
    assert!(line.contains("--algorithm NAME"), "{line}");
    host.keys(&["rotate", &host.id, "--algorithm", "ROT-13"])
        .failure(1);
    let named = ["rotate", &host.id, "--algorithm", "aes-256-gcm-siv"];
    assert_eq!(host.json(&named)["version"], 2);
    assert_eq!(host.json(&["rotate", &host.id])["version"], 3);
    let other = ["rotate", &host.id, "--algorithm", "AES-256-GCM"];
    let line = host.keys(&other).failure(1);
    assert!(line.contains("another algorithm"), "{line}");
}

#[test]
fn what_only_the_store_says_is_marked_and_steers_no_terminal() {
    let host = Host::new();
    let table = host.keys(&["list"]).success();
    assert!(table.contains(" AES-256-GCM-SIV "), "{table}");
    assert!(!table.contains('?'), "{table}");
    host.change(1, |record| {
        record.algorithm = "AES\u{1b}[2J\u{9b}31m\u{202e}\n".into();
        record.created = u64::MAX;
    });
    let escaped = "AES\\u{1b}[2J\\u{9b}31m\\u{202e}\\n?";
    let table = host.keys(&["list"]).success();
    assert!(table.contains(escaped), "{table}");
    let shown = host.keys(&["show", &host.id]).success();
    for part in [escaped, "after 1970?", "yes?", "? only the store says so"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for printed in [table, shown] {
        assert!(!printed.contains(is_unprintable), "{printed:?}");
    }
    let shown = host.json(&["show", &host.id]);
    assert_eq!(shown["algorithm"], "AES\u{1b}[2J\u{9b}31m\u{202e}\n");
    assert_eq!(shown["algorithm_is_proven"], false);
    host.keys(&["revoke", &host.id, "1"]).success();
}
