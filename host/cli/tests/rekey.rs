//! `wasi-crypto keys rekey` that was interrupted, or finds what does not open.

mod common;

use common::{Folder, Outcome};
use wasi_crypto_keys::{KeyEncryptionKey, KeyStore, RedbStore, Selector};

/// A folder with a key store, one key in it, and key-encryption keys: `old.hex`, `new.hex` and `stray.hex`.
struct Host {
    folder: Folder,
    id: String,
}

impl Host {
    fn new() -> Self {
        let folder = Folder::new();
        for (file, store) in [
            ("old.hex", Some("keys.redb")),
            ("new.hex", None),
            ("stray.hex", None),
        ] {
            let keys = store.map(|store| ["--keys", store]);
            let mut args = vec!["keys", "init", "--key-encryption-key", file];
            args.extend(keys.iter().flatten());
            folder.wasi_crypto(args).success();
        }
        folder.write("raw.key", [7; 32]);
        let mut host = Self {
            folder,
            id: String::new(),
        };
        let import = [
            "import",
            "-a",
            "AES-256-GCM",
            "--namespace",
            "it's",
            "raw.key",
        ];
        let printed = host.keys(&["old.hex"], &import).success();
        host.id = printed.trim().to_owned();
        host
    }

    fn keys(&self, files: &[&str], args: &[&str]) -> Outcome {
        let mut command = self.folder.command();
        command.arg("keys").args(args).args(["--keys", "keys.redb"]);
        for file in files {
            command.args(["--key-encryption-key", file]);
        }
        Outcome::of(&mut command)
    }

    fn rekey(&self, old: &[&str], new: &str) -> Outcome {
        self.keys(old, &["rekey", "--new-key-encryption-key", new])
    }

    /// What the command says that fails; the audit trail may have said something before.
    fn refused(&self, old: &[&str], new: &str) -> String {
        let outcome = self.rekey(old, new);
        assert_eq!(outcome.code, 125, "{outcome:?}");
        let line = outcome.stderr.lines().next_back();
        line.expect("a line").to_owned()
    }

    fn store(&self) -> RedbStore {
        RedbStore::open(self.folder.path("keys.redb")).expect("a store")
    }

    /// The identifier of a key-encryption key.
    fn kek(&self, file: &str) -> String {
        let key = KeyEncryptionKey::read(&self.folder.path(file));
        key.expect("a key").id().to_string()
    }

    /// Leaves the store as `rekey` does that is interrupted after it has begun.
    fn interrupt(&self) {
        let before = self.store().header().expect("a header").expect("one");
        let path = |name: &str| self.folder.path(name);
        std::fs::copy(path("keys.redb"), path("aside.redb")).expect("a copy");
        self.rekey(&["old.hex"], "new.hex").success();
        let after = self.store().header().expect("a header").expect("one");
        std::fs::rename(path("aside.redb"), path("keys.redb")).expect("the copy back");
        // The new key's entry comes first, then the old one's, after 17 bytes that say which store it is.
        let moving = [&after[..], &before[17..]].concat();
        let store = self.store();
        assert!(store.set_header(Some(&before), &moving).expect("a header"));
    }
}

#[test]
fn an_interrupted_rekey_is_told_with_both_keys_and_the_command_that_finishes_it() {
    let host = Host::new();
    host.interrupt();
    let (old, new) = (host.kek("old.hex"), host.kek("new.hex"));
    let finish = format!(
        "wasi-crypto keys rekey --key-encryption-key FILE-OF-{old} --new-key-encryption-key FILE-OF-{new}"
    );
    for (given, stray) in [
        (&["old.hex"][..], false),
        (&["new.hex"], false),
        (&["stray.hex"], true),
        (&["old.hex", "stray.hex"], true),
        (&["stray.hex", "new.hex"], true),
    ] {
        let line = host.keys(given, &["list"]).failure(125);
        assert!(
            line.contains(&format!("from the key-encryption key {old} to {new}")),
            "{line}"
        );
        assert!(line.contains(&finish), "{line}");
        let neither = format!("{} (neither)", host.kek("stray.hex"));
        assert_eq!(line.contains(&neither), stray, "{line}");
    }
    // Both together are good, in whatever order, and what is told finishes it.
    for given in [["old.hex", "new.hex"], ["new.hex", "old.hex"]] {
        let listed = host.keys(&given, &["list"]).success();
        assert!(listed.contains(&host.id), "{listed}");
    }
    let done = host.rekey(&["old.hex"], "new.hex").success();
    assert!(done.contains("1 versions sealed again"), "{done}");
    assert!(
        host.keys(&["new.hex"], &["list"])
            .success()
            .contains(&host.id)
    );
    let line = host.keys(&["old.hex"], &["list"]).failure(125);
    assert!(line.contains(&new) && !line.contains("moving"), "{line}");
}

#[test]
fn an_interrupted_rekey_is_finished_before_another_one_begins() {
    let host = Host::new();
    host.interrupt();
    let (old, new) = (host.kek("old.hex"), host.kek("new.hex"));
    for (given, to) in [
        (["old.hex", "new.hex"], "stray.hex"),
        (["old.hex", "new.hex"], "old.hex"),
    ] {
        let line = host.refused(&given, to);
        let moving = format!("cannot move to the key-encryption key {}", host.kek(to));
        assert!(line.contains(&moving), "{line}");
        let finish = format!("FILE-OF-{old} --new-key-encryption-key FILE-OF-{new}");
        assert!(line.contains(&finish), "{line}");
    }
    // Also where the new one is mistyped: the keys that are needed are named.
    let line = host.refused(&["old.hex"], "stray.hex");
    assert!(line.contains(&new) && line.contains("(neither)"), "{line}");
    host.rekey(&["old.hex"], "new.hex").success();
    host.rekey(&["new.hex"], "stray.hex").success();
}

#[test]
fn a_mistyped_key_is_told_from_one_of_an_interrupted_rekey() {
    let host = Host::new();
    let line = host.refused(&["stray.hex"], "new.hex");
    assert!(line.contains(&host.kek("old.hex")), "{line}");
    assert!(!line.contains("moving"), "{line}");
}

#[test]
fn a_version_that_does_not_open_is_given_up_only_after_other_causes_are_named() {
    let host = Host::new();
    {
        let store = host.store();
        let id = wasi_crypto_keys::KeyId::parse(&host.id).expect("an identifier");
        let old = store.fetch("it's", &id, Selector::Exact(1)).expect("a row");
        let mut new = old.clone();
        new.created += 1;
        assert_eq!(store.reseal(&[(old, new)]).expect("a change"), 1);
    }
    let line = host.refused(&["old.hex"], "new.hex");
    let at = |part: &str| {
        let found = line.find(part);
        found.unwrap_or_else(|| panic!("{part} is not in {line}"))
    };
    assert!(
        line.contains(&host.id) && line.contains(&host.kek("old.hex")),
        "{line}"
    );
    let revoke = at(&format!(
        "wasi-crypto keys revoke {} 1 --namespace NAME",
        host.id
    ));
    for cause in [
        "another rekey",
        "the disk may be damaged",
        "bring back a copy",
    ] {
        assert!(at(cause) < revoke, "{line}");
    }
    // Nothing was begun, and the old key alone still opens the store.
    host.keys(&["old.hex"], &["list"]).success();
    host.keys(
        &["old.hex"],
        &["revoke", &host.id, "1", "--namespace", "it's"],
    )
    .success();
    host.rekey(&["old.hex"], "new.hex").success();
}
