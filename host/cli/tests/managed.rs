//! `wasi-crypto run` opens a store of managed keys for guests that use them, and for no others.

mod common;

use std::process::Stdio;

use common::{Folder, Outcome, built, go_on};

/// A guest without managed keys.
const HASH: [&str; 7] = [
    "run",
    "--dir",
    "data",
    "wcrypt.wasm",
    "hash",
    "-a",
    "SHA-256",
];

fn with_data() -> Folder {
    let folder = Folder::with_store();
    folder.write("data/file", "attack at dawn");
    folder
}

#[test]
fn guests_without_managed_keys_run_while_another_has_the_store() {
    let folder = with_data();
    let id = folder.imported_key();
    let holder = folder.waiting(&[], &id);
    let hash = [&HASH[..], &["data/file"]].concat();
    folder.with_exported(&hash).success();
    let named = ["run", "--keys", "host/keys.redb", "--dir", "data"];
    folder
        .with_exported(&[&named, &HASH[3..], &["data/file"]].concat())
        .success();
    let line = folder
        .with_exported(&["run", "vault.wasm", "new"])
        .failure(125);
    assert!(line.contains("is in use by"), "{line}");
    Outcome::from(go_on(holder)).success();
}

#[test]
fn encrypt_and_decrypt_stand_in_one_pipeline() {
    let folder = with_data();
    let wcrypt = |args: &[&str]| {
        let mut command = folder.exported();
        command
            .env("WCRYPT_PASSWORD", "correct horse")
            .args(["run", "--dir", "data", "--env", "WCRYPT_PASSWORD"])
            .arg("wcrypt.wasm")
            .args(args);
        command
    };
    let mut encrypt = wcrypt(&["encrypt", "--memory-kib", "1024", "data/file", "-"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let ciphertext = encrypt.stdout.take().expect("a pipe");
    let decrypted = Outcome::of(wcrypt(&["decrypt", "-", "-"]).stdin(ciphertext));
    assert_eq!(decrypted.success(), "attack at dawn");
    assert!(encrypt.wait().expect("its end").success());
}

#[test]
fn what_is_wrong_with_a_store_stops_guests_with_managed_keys_alone() {
    let folder = with_data();
    let hash = [&HASH[..], &["data/file"]].concat();
    let legacy = built("wasm32-wasip1/release/examples/witx-client.wasm");
    let legacy = legacy.to_str().expect("a path in UTF-8");
    folder.write(
        "managed.wasm",
        wat::parse_str(
            r#"(module
                (import "wasi_ephemeral_crypto_common" "secrets_manager_open"
                    (func (param i32 i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "_start")))"#,
        )
        .expect("valid text"),
    );
    let damaged = b"GIF89a".to_vec();
    // With the permissions of one that is not damaged.
    let damaged_file = folder.path("host/damaged.redb");
    std::fs::copy(folder.path("host/keys.redb"), damaged_file).expect("a copy");
    folder.write("host/damaged.redb", &damaged);
    let without_key = |args: &[&str]| {
        let mut command = folder.exported();
        command.env_remove("WASI_CRYPTO_KEY_ENCRYPTION_KEY");
        Outcome::of(command.args(args))
    };
    let with_damage = |args: &[&str]| {
        let mut command = folder.exported();
        command.env("WASI_CRYPTO_KEYS", "host/damaged.redb");
        Outcome::of(command.args(args))
    };
    let in_no_folder = |args: &[&str]| {
        let mut command = folder.exported();
        command.env("WASI_CRYPTO_KEYS", "nowhere/keys.redb");
        Outcome::of(command.args(args))
    };
    type Run<'a> = &'a dyn Fn(&[&str]) -> Outcome;
    for run in [&without_key as Run<'_>, &with_damage, &in_no_folder] {
        run(&hash).success();
        run(&["run", legacy]).success();
        for guest in [&["run", "vault.wasm", "new"][..], &["run", "managed.wasm"]] {
            let outcome = run(guest);
            assert_eq!(outcome.stdout, "", "{outcome:?}");
            outcome.failure(125);
        }
    }
    assert_eq!(folder.read("host/damaged.redb"), damaged);
    folder.with_exported(&["run", "managed.wasm"]).success();
}

/// Standard input with the key-encryption key in it is not the guest's, whether or not the key is used.
#[test]
fn a_key_encryption_key_on_standard_input_reaches_no_guest() {
    let folder = with_data();
    let id = folder.imported_key();
    let run = |args: &[&str]| {
        let key = std::fs::File::open(folder.path("host/kek.hex")).expect("the key");
        let mut command = folder.command();
        command.args(["run", "--keys", "host/keys.redb", "--namespace", "tests"]);
        command.args(["--key-encryption-key", "-"]).args(args);
        Outcome::of(command.stdin(key)).success()
    };
    run(&["secrets.wasm", "use", &id, "1"]);
    // Source: printf '' | sha256sum
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let hashed = run(&["wcrypt.wasm", "hash", "-a", "SHA-256", "-"]);
    assert!(hashed.starts_with(nothing), "{hashed}");
}

#[test]
fn no_store_is_made_for_a_guest_without_managed_keys() {
    let folder = with_data();
    let before = folder.files();
    let mut command = folder.exported();
    command.env("WASI_CRYPTO_KEYS", "new.redb").args(HASH);
    Outcome::of(command.arg("data/file")).success();
    assert_eq!(folder.files(), before);
}
