//! `wasi-crypto keys`, and `run` with managed keys.

mod common;

use std::io::{Read, Write};
use std::process::{Child, Stdio};

use common::{Folder, Outcome, guest};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A key of a MAC, and its tag of `data`.
/// Source: printf data | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07.
const KEY: [u8; 32] = [7; 32];
const TAG: &str = "21bbc9a314d4aaecde6711d51bdda95e5f04eb117f43e59777d3c11e539f5203";

/// A folder with a key-encryption key, and the guests.
struct Host(Folder);

impl Host {
    fn new() -> Self {
        let host = Self::without_store();
        host.keys(&["init", "--keys", "keys.redb"]).success();
        host
    }

    fn without_store() -> Self {
        let folder = Folder::new();
        for (name, path) in [
            ("secrets.wasm", "secrets.wasm"),
            ("vault.wasm", "examples/vault.wasm"),
        ] {
            std::fs::copy(guest(path), folder.path(name)).expect("a copy");
        }
        let host = Self(folder);
        host.keys(&["init"]).success();
        host
    }

    /// `wasi-crypto keys COMMAND` with the key-encryption key.
    fn keys(&self, args: &[&str]) -> Outcome {
        self.keys_with("kek.hex", args)
    }

    fn keys_with(&self, key: &str, args: &[&str]) -> Outcome {
        let mut command = self.0.command();
        if args[0] != "init" {
            command.env("WASI_CRYPTO_KEYS", "keys.redb");
        }
        command.arg("keys").args(args);
        Outcome::of(command.args(["--key-encryption-key", key]))
    }

    fn json(&self, args: &[&str]) -> Value {
        let printed = self.keys(&[args, &["--json"]].concat()).success();
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
    }

    /// `wasi-crypto run` with the store, flags, and then the guest with its arguments.
    fn run(&self, args: &[&str]) -> Outcome {
        Outcome::of(&mut self.run_command(args))
    }

    fn run_command(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.0.command();
        command
            .args(["run", "--keys", "keys.redb"])
            .args(["--key-encryption-key", "kek.hex"])
            .args(args);
        command
    }

    /// Imports the key, and gives its identifier.
    fn import(&self, args: &[&str]) -> String {
        self.0.write("raw.key", KEY);
        let import = ["import", "-a", "HMAC/SHA-256", "--namespace", "tests"];
        let printed = self.keys(&[&import, args, &["raw.key"]].concat()).success();
        printed.trim().to_owned()
    }

    /// What the guest says that uses the key.
    fn use_key(&self, id: &str, version: &str) -> Outcome {
        self.run(&["--namespace", "tests", "secrets.wasm", "use", id, version])
    }

    /// Runs a guest that has the store open, and waits for a line before it uses the key.
    fn waiting(&self, id: &str) -> Child {
        let args = ["--namespace", "tests", "secrets.wasm", "wait", id, "0"];
        let mut command = self.run_command(&args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("a process");
        let mut ready = [0; 11];
        let stdout = child.stdout.as_mut().expect("a pipe");
        stdout.read_exact(&mut ready).expect("a line");
        assert_eq!(&ready, b"ready: yes\n");
        child
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_key_is_imported_used_rotated_revoked_and_rekeyed() {
    let host = Host::new();
    let id = host.import(&[]);
    let used = format!("version: 1\ntag: {TAG}\n");
    assert_eq!(host.use_key(&id, "0").success(), used);

    let rotated = host.keys(&["rotate", &id]).success();
    assert_eq!(rotated, format!("{id}: version 2\n"));
    assert!(host.use_key(&id, "0").success().starts_with("version: 2\n"));
    assert_eq!(host.use_key(&id, "1").success(), used);

    host.keys_with("new.hex", &["init"]).success();
    let rekey = ["rekey", "--new-key-encryption-key", "new.hex"];
    let rekeyed = host.keys(&rekey).success();
    assert!(rekeyed.contains("2 versions sealed again"), "{rekeyed}");
    let line = host.keys(&["list"]).failure(125);
    assert!(
        line.contains("sealed under the key-encryption key"),
        "{line}"
    );
    std::fs::rename(host.0.path("new.hex"), host.0.path("kek.hex")).expect("a new name");
    assert_eq!(host.use_key(&id, "1").success(), used);

    host.keys(&["revoke", &id, "1"]).success();
    assert_eq!(host.use_key(&id, "1").stderr, "use: not-found\n");
    host.use_key(&id, "0").success();
    host.keys(&["revoke", &id, "all"]).success();
    assert_eq!(host.use_key(&id, "0").stderr, "use: not-found\n");
}

#[test]
fn every_command_prints_json() {
    let host = Host::new();
    host.0.write("raw.key", KEY);
    let import = ["import", "-a", "hmac/sha-256", "--namespace", "tests"];
    let end = ["--expires", "2040-01-01T00:00:00Z", "raw.key"];
    let imported = host.json(&[&import[..], &end].concat());
    let id = imported["id"].as_str().expect("an identifier");
    assert_eq!(imported["version"], 1);
    assert_eq!(imported["expires"], 2_208_988_800_u64);
    let rotated = host.json(&["rotate", id, "--expires", "2240524800"]);
    assert_eq!(rotated["version"], 2);
    assert_eq!(rotated["namespace"], "tests");

    let shown = host.json(&["show", id]);
    assert_eq!(shown["algorithm"], "HMAC/SHA-256");
    let versions = shown["versions"].as_array().expect("versions");
    let ends: Vec<_> = versions.iter().map(|version| &version["expires"]).collect();
    assert_eq!(ends, [2_208_988_800_u64, 2_240_524_800]);
    assert_eq!(versions[0]["state"], "valid");
    assert_eq!(versions[0]["revoked"], Value::Null);

    assert_eq!(host.json(&["revoke", id, "1"])["revoked"], "1");
    let listed = host.json(&["list", "--namespace", "tests"]);
    assert_eq!(listed[0]["id"], id);
    assert_eq!(listed[0]["versions"][0]["state"], "revoked");
    assert_eq!(
        host.json(&["list", "--namespace", "other"]),
        serde_json::json!([])
    );
    host.json(&["revoke", id, "latest"]);
    assert_eq!(host.json(&["list"]), serde_json::json!([]));
    assert_eq!(host.json(&["list", "--revoked"])[0]["id"], id);

    let printed = host.keys_with("new.hex", &["init", "--json"]).success();
    let made: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(made["key_encryption_key_made"], true);
    let rekeyed = host.json(&["rekey", "--new-key-encryption-key", "new.hex"]);
    assert_eq!(rekeyed["key_encryption_key"], made["key_encryption_key"]);
    assert_eq!(rekeyed["versions"], 0, "no revoked version is sealed");
}

#[test]
fn no_command_prints_or_stores_a_key_in_the_clear() {
    let host = Host::new();
    let id = host.import(&["--exportable", "--audit", "plain"]);
    let kek = host.0.read("kek.hex");
    let kek = String::from_utf8(kek).expect("text");
    let secrets = ["07".repeat(32), "\u{7}".repeat(32), kek.trim().to_owned()];
    let outcomes = [
        host.keys(&["list"]),
        host.keys(&["show", &id, "--audit", "json"]),
        host.keys(&["rotate", &id, "--audit", "json"]),
        host.run(&[
            "--audit",
            "json",
            "--namespace",
            "tests",
            "secrets.wasm",
            "use",
            &id,
            "1",
        ]),
        host.keys(&["rekey", "--new-key-encryption-key", "kek.hex"]),
        host.keys(&["revoke", &id, "all", "--json"]),
    ];
    for outcome in outcomes {
        assert_eq!(outcome.code, 0, "{outcome:?}");
        for secret in &secrets {
            assert!(!outcome.printed().contains(secret), "{outcome:?}");
        }
    }
    let stored = host.0.read("keys.redb");
    assert!(!contains(&stored, &KEY));
    assert!(!contains(&stored, kek.trim().as_bytes()));
}

#[test]
fn the_default_namespace_is_the_digest_of_the_file() {
    let host = Host::new();
    let new = host.run(&["vault.wasm", "new"]).success();
    let id = new.trim();
    let digest = Sha256::digest(host.0.read("vault.wasm"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(host.json(&["list"])[0]["namespace"], digest);
    let seal = |args: &[&str]| {
        let mut command = host.run_command(args);
        let mut child = command
            .args(["seal", id])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        // A guest that finds no key does not wait for a message.
        let _ = child.stdin.take().expect("a pipe").write_all(b"message\n");
        Outcome::from(child.wait_with_output().expect("its end"))
    };
    seal(&["vault.wasm"]).success();
    seal(&["--namespace", &digest, "vault.wasm"]).success();

    // Another program has another namespace, and so has the same one with a custom section more.
    let mut longer = host.0.read("vault.wasm");
    longer.extend([0, 2, 1, b'x']);
    host.0.write("other.wasm", longer);
    for args in [&["other.wasm"][..], &["--namespace", "other", "vault.wasm"]] {
        let outcome = seal(args);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.stderr.contains("not-found"), "{outcome:?}");
    }
}

#[test]
fn a_second_process_is_told_who_has_the_store() {
    let host = Host::new();
    let id = host.import(&[]);
    let mut first = host.waiting(&id);
    let holder = format!("process {}", first.id());
    for outcome in [
        host.keys(&["list"]),
        host.keys(&["revoke", &id, "all"]),
        host.use_key(&id, "0"),
    ] {
        let line = outcome.failure(125);
        assert!(line.contains("keys.redb is in use by"), "{line}");
        assert!(line.contains(&holder), "{line}");
    }
    drop(first.stdin.take());
    first.wait().expect("its end");
    host.use_key(&id, "0").success();
}

#[test]
fn a_wrong_or_missing_key_encryption_key_is_one_clear_line() {
    let host = Host::new();
    let id = host.import(&[]);
    host.keys_with("other.hex", &["init"]).success();
    let line = host.keys_with("other.hex", &["show", &id]).failure(125);
    assert!(line.contains("--key-encryption-key"), "{line}");

    host.0.write("short.hex", "00");
    make_private(&host, "short.hex");
    let line = host.keys_with("short.hex", &["list"]).failure(125);
    assert!(line.contains("64 hexadecimal digits"), "{line}");
    let line = host.keys_with("nowhere.hex", &["list"]).failure(125);
    assert!(line.contains("nowhere.hex"), "{line}");
    let mut command = host.0.command();
    let without = Outcome::of(command.args(["keys", "list", "--keys", "keys.redb"]));
    let line = without.failure(125);
    assert!(line.contains("WASI_CRYPTO_KEY_ENCRYPTION_KEY"), "{line}");

    let key = String::from_utf8(host.0.read("kek.hex")).expect("text");
    let list = |key: &str| {
        let mut command = host.0.command();
        command.args(["keys", "list", "--keys", "keys.redb"]);
        Outcome::of(command.env("WASI_CRYPTO_KEY_ENCRYPTION_KEY", key))
    };
    assert!(list(&key).success().contains(&id));
    let line = list("not hexadecimal").failure(125);
    assert!(line.contains("WASI_CRYPTO_KEY_ENCRYPTION_KEY"), "{line}");
    assert!(!line.contains("not hexadecimal"), "{line}");
    host.use_key(&id, "0").success();
}

#[cfg(unix)]
fn make_private(host: &Host, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(host.0.path(name), mode).expect("its owner's alone");
}

#[cfg(unix)]
#[test]
fn what_is_secret_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let host = Host::new();
    let mode = |name: &str| {
        let file = std::fs::metadata(host.0.path(name)).expect("a file");
        file.permissions().mode() & 0o777
    };
    assert_eq!((mode("kek.hex"), mode("keys.redb")), (0o600, 0o600));
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(host.0.path("kek.hex"), open).expect("a mode");
    let line = host.keys(&["list"]).failure(125);
    assert!(line.contains("chmod 600"), "{line}");
}

#[test]
fn a_damaged_store_is_one_clear_line_and_is_left_alone() {
    let host = Host::new();
    host.import(&[]);
    let whole = host.0.read("keys.redb");
    let mut flipped = whole.clone();
    for byte in flipped.iter_mut().skip(4096).step_by(64) {
        *byte ^= 0x55;
    }
    let half = whole[..whole.len() / 2].to_vec();
    for damaged in [flipped, half, b"GIF89a".to_vec(), Vec::new()] {
        host.0.write("keys.redb", &damaged);
        let line = host.keys(&["list"]).failure(125);
        assert!(
            line.contains("keys.redb") || line.contains("damaged"),
            "{line}"
        );
        let outcome = host.run(&["vault.wasm", "new"]);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (125, ""),
            "{outcome:?}"
        );
        assert_eq!(host.0.read("keys.redb"), damaged);
    }
}

#[test]
fn damage_that_comes_while_a_guest_runs_is_an_errno_and_a_line_for_the_operator() {
    let host = Host::new();
    let id = host.import(&[]);
    let mut guest = host.waiting(&id);
    let len = host.0.read("keys.redb").len();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(host.0.path("keys.redb"));
    file.expect("the store")
        .write_all(&vec![0xff; len])
        .expect("damage");
    let mut input = guest.stdin.take().expect("a pipe");
    writeln!(input).expect("its input");
    drop(input);
    let outcome = Outcome::from(guest.wait_with_output().expect("its end"));
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.stderr.contains("internal-error"), "{outcome:?}");
    let told = |line: &str| line.starts_with("wasi-crypto: managed keys:") && line.contains(&id);
    assert!(outcome.stderr.lines().any(told), "{outcome:?}");
}

#[test]
fn what_there_is_not_is_told() {
    let host = Host::new();
    let id = host.import(&[]);
    let unknown = "00".repeat(16);
    for args in [
        &["show", &unknown][..],
        &["rotate", &unknown],
        &["revoke", &unknown, "all"],
        &["show", &id, "--namespace", "other"],
        &["rotate", &id, "--namespace", "other"],
        &["revoke", &id, "all", "--namespace", "other"],
        &["revoke", &id, "2"],
    ] {
        let line = host.keys(args).failure(1);
        assert!(line.contains("wasi-crypto keys list"), "{line}");
    }
    for args in [
        &["show", "123"][..],
        &["revoke", &id, "newest"],
        &["rotate", &id, "--expires", "soon"],
        &["init", "--key-encryption-key", "twice.hex"],
    ] {
        assert_eq!(host.keys(args).code, 2, "{args:?}");
    }
    let import =
        |args: &[&str]| host.keys(&[&["import", "--namespace", "tests", "-a"], args].concat());
    import(&["AES-256-GCM", "nowhere.key"]).failure(127);
    import(&["ROT-13", "raw.key"]).failure(1);
    import(&["AES-128-GCM", "raw.key"]).failure(1);
    let line = host.keys(&["init"]).failure(125);
    assert!(line.contains("exists already"), "{line}");
    host.use_key(&id, "1").success();
}

#[test]
fn only_run_init_and_import_make_a_store() {
    let host = Host::without_store();
    for args in [&["list"][..], &["show", &"00".repeat(16)]] {
        let line = host.keys(args).failure(127);
        assert!(line.contains("there is no key store keys.redb"), "{line}");
    }
    assert!(!host.0.files().contains(&"keys.redb".to_owned()));
    host.run(&["vault.wasm", "new"]).success();
    host.keys(&["list"]).success();
}

#[test]
fn flags_about_managed_keys_need_a_store() {
    let host = Host::new();
    for flags in [
        &["--namespace", "tests"][..],
        &["--allow-managed-export"],
        &["--no-imported-keys"],
        &["--audit", "json"],
        &["--key-encryption-key", "kek.hex"],
    ] {
        let args = [&["run"], flags, &["vault.wasm", "new"]].concat();
        let line = host.0.wasi_crypto(args).failure(2);
        assert!(line.contains("--keys"), "{line}");
    }
    let without = host
        .0
        .wasi_crypto(["run", "secrets.wasm", "none"])
        .success();
    assert_eq!(
        without,
        "open: unsupported-feature\nid: unsupported-feature\n"
    );
}

#[test]
fn flags_set_what_a_guest_may_do() {
    let host = Host::new();
    let run = |flags: &[&str], routine: &str| {
        host.run(&[flags, &["secrets.wasm", routine]].concat())
            .success()
    };
    assert!(run(&[], "export").contains("generated: prohibited-operation"));
    let exporting = run(&["--allow-managed-export"], "export");
    assert!(exporting.contains("generated: ok"), "{exporting}");
    let no_export = ["--allow-managed-export", "--no-key-export"];
    assert!(run(&no_export, "export").contains("generated: prohibited-operation"));
    assert!(run(&[], "others").contains("store-imported: ok"));
    let strict = run(&["--no-imported-keys"], "others");
    assert!(
        strict.contains("store-imported: prohibited-operation"),
        "{strict}"
    );
}

#[test]
fn a_key_that_has_expired_is_told_from_one_that_there_is_not() {
    let host = Host::new();
    // So soon that it may have expired before the first use, or not.
    let id = host.import(&["--expires", "1s"]);
    let mut uses = std::iter::repeat_with(|| host.use_key(&id, "0"));
    let refused = uses.find(|outcome| outcome.code != 0).expect("an end");
    assert_eq!(refused.stderr, "use: expired\n");
    assert_eq!(host.json(&["show", &id])["versions"][0]["state"], "expired");
    host.keys(&["rotate", &id]).success();
    host.use_key(&id, "0").success();
}

#[test]
fn the_time_that_a_key_expires_is_shown_as_it_was_taken() {
    let host = Host::new();
    let imported = {
        host.0.write("raw.key", KEY);
        let import = ["import", "-a", "HMAC/SHA-256", "--namespace", "tests"];
        host.keys(&[&import[..], &["--expires", "2090-12-31", "raw.key"]].concat())
    };
    let id = imported.stdout.trim().to_owned();
    assert_eq!(
        imported.stderr,
        format!("wasi-crypto: {id} expires 2090-12-31T23:59:59Z\n")
    );
    let rotate = |time: &str| host.keys(&["rotate", &id, "--expires", time]);
    assert_eq!(
        rotate("2090-12-31").success(),
        format!("{id}: version 2, expires 2090-12-31T23:59:59Z\n")
    );
    assert_eq!(
        rotate("4102444799").success(),
        format!("{id}: version 3, expires 2099-12-31T23:59:59Z\n")
    );
    for time in ["2031", "20311231", "1924991999000", "1", "2001-01-01", "0s"] {
        let outcome = rotate(time);
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(
            outcome.stderr.contains("2031-12-31 (its end"),
            "{outcome:?}"
        );
    }
    assert_eq!(
        host.keys(&["rotate", &id]).success(),
        format!("{id}: version 4\n")
    );
}

#[test]
fn the_audit_trail_says_who_did_what() {
    let host = Host::new();
    let id = host.import(&[]);
    let args = ["--audit", "json", "--namespace", "tests", "secrets.wasm"];
    let events = |outcome: &Outcome| -> Vec<Value> {
        let lines = outcome.stderr.lines().filter(|line| line.starts_with('{'));
        lines
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    let used = host.run(&[&args[..], &["use", &id, "0"]].concat());
    let fetched = events(&used);
    assert_eq!(fetched.len(), 1, "{used:?}");
    assert_eq!(fetched[0]["operation"], "fetch");
    assert_eq!(fetched[0]["namespace"], "tests");
    assert_eq!(fetched[0]["id"], *id);
    assert_eq!(fetched[0]["version"], 1);
    assert_eq!(fetched[0]["outcome"], "ok");
    assert_eq!(fetched[0]["level"], "INFO");

    let missing = host.run(&[&args[..], &["use", &id, "7"]].concat());
    let refused = events(&missing);
    assert_eq!(
        (&refused[0]["level"], &refused[0]["version"]),
        (&"WARN".into(), &7.into())
    );
    let life = events(&host.run(&[&args[..], &["life"]].concat()));
    for operation in ["create", "fetch", "replace", "revoke"] {
        assert!(
            life.iter().any(|event| event["operation"] == operation),
            "{operation}"
        );
    }
    let plain = host.keys(&["rotate", &id, "--audit", "plain"]);
    assert!(plain.stderr.contains("operation=\"rotate\""), "{plain:?}");
    // Nothing is written that was not asked for.
    assert_eq!(host.use_key(&id, "0").stderr, "");
}
