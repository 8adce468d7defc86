//! `wcrypt seal` and nonces, for every algorithm that encrypts: no two messages meet under one key and one nonce unless
//! the caller says so.

mod common;

use common::{Folder, Outcome};
use serde_json::Value;

const FIRST: &[u8] = b"attack at dawn, and not a moment later than that: 0123456789";
const SECOND: &[u8] = b"retreat at dusk, behind the river that is before you: abcdef";

/// An algorithm that encrypts.
struct Cipher {
    name: String,
    nonce: String,
    kind: String,
    /// A key, and the options that the algorithm cannot do without.
    args: Vec<String>,
}

fn ciphers(folder: &Folder) -> Vec<Cipher> {
    let rows = folder.wasi_crypto(["algorithms", "--json"]).success();
    let rows: Vec<Value> = serde_json::from_str(&rows).expect("rows");
    let encrypts = |row: &&Value| {
        let operations = row["operations"].as_array().expect("operations");
        operations.iter().any(|operation| operation == "encrypt")
    };
    let cipher = |row: &Value| {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let name = text(&row["name"]);
        let key = row["key"]["generated_bytes"].as_u64().expect("a length") as usize;
        // The halves of a key may have to differ.
        let key: String = (0..key).map(|byte| format!("{byte:02x}")).collect();
        let mut args = vec!["-a".to_owned(), name.clone(), "--key-hex".to_owned(), key];
        let options = row["options"].as_array().expect("options");
        if options.iter().any(|option| option == "context") {
            args.extend(["--opt".to_owned(), "context=00".to_owned()]);
        }
        Cipher {
            nonce: text(&row["nonce"]["rule"]),
            kind: text(&row["kind"]),
            name,
            args,
        }
    };
    let ciphers: Vec<_> = rows.iter().filter(encrypts).map(cipher).collect();
    assert!(ciphers.len() > 20);
    ciphers
}

impl Cipher {
    fn run(&self, folder: &Folder, command: &str, more: &[&str], files: [&str; 2]) -> Outcome {
        let mut args = vec![command];
        args.extend(self.args.iter().map(String::as_str));
        args.extend(more);
        args.extend(files);
        folder.wcrypt(&args)
    }
}

fn xor(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(a, b)| a ^ b).collect()
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("first", FIRST);
    folder.write("second", SECOND);
    folder
}

#[test]
fn without_a_nonce_two_messages_never_show_their_difference() {
    let folder = folder();
    for cipher in ciphers(&folder) {
        let name = &cipher.name;
        let seal = |message, out| cipher.run(&folder, "seal", &[], [message, out]);
        if matches!(cipher.nonce.as_str(), "required" | "none") {
            let line = seal("first", "sealed").failure(1);
            let way_out = match cipher.nonce.as_str() {
                "required" => "--nonce-hex",
                _ => "--no-nonce",
            };
            assert!(line.contains(name) && line.contains(way_out), "{line}");
            assert!(!folder.path("sealed").exists());
            continue;
        }
        let nonces = [seal("first", "one"), seal("second", "other")].map(Outcome::success);
        assert_ne!(nonces[0], nonces[1], "{name}");
        let sealed = ["one", "other"].map(|file| folder.read(file));
        let difference = xor(&sealed[0], &sealed[1]);
        // Not of all, and of no block.
        for (at, part) in xor(FIRST, SECOND).chunks_exact(12).enumerate() {
            assert_ne!(difference[12 * at..][..12], *part, "{name}");
        }
        for ((nonce, file), message) in nonces.iter().zip(["one", "other"]).zip([FIRST, SECOND]) {
            let nonce = nonce.trim();
            assert!(nonce.len() >= 24, "{name}: {nonce}");
            let given = ["--nonce-hex", nonce];
            cipher
                .run(&folder, "open", &given, [file, "opened"])
                .success();
            assert_eq!(folder.read("opened"), message, "{name}");
        }
        // The nonce is in it: nothing opens without.
        let without = cipher.run(&folder, "open", &[], ["one", "none"]);
        assert_eq!(without.code, 1, "{name}: {without:?}");
    }
}

#[test]
fn who_knows_seals_without_a_nonce_where_the_algorithm_can() {
    let folder = folder();
    let mut sealed = 0;
    for cipher in ciphers(&folder) {
        let name = &cipher.name;
        let seal = |out| cipher.run(&folder, "seal", &["--no-nonce"], ["first", out]);
        if cipher.kind == "session" || cipher.nonce == "any, optional" {
            // Nothing to print: there is no nonce.
            assert_eq!(seal("one").success(), "", "{name}");
            assert_eq!(seal("other").success(), "", "{name}");
            assert_eq!(folder.read("one"), folder.read("other"), "{name}");
            cipher
                .run(&folder, "open", &[], ["one", "opened"])
                .success();
            assert_eq!(folder.read("opened"), FIRST, "{name}");
            sealed += 1;
        } else {
            let line = seal("none").failure(1);
            assert!(line.contains(name) && line.contains("--no-nonce"), "{line}");
            assert!(!folder.path("none").exists());
        }
    }
    assert!(sealed >= 6);
}

#[test]
fn a_nonce_can_be_given_as_an_option_and_an_empty_one_is_none() {
    let folder = folder();
    for cipher in ciphers(&folder) {
        let name = &cipher.name;
        for empty in [&["--nonce-hex", ""][..], &["--opt", "nonce="]] {
            let outcome = cipher.run(&folder, "seal", empty, ["first", "none"]);
            assert_eq!(outcome.code, 1, "{name}: {outcome:?}");
            assert!(!folder.path("none").exists());
        }
        if cipher.name.starts_with("XOODYAK") || cipher.nonce == "any, optional" {
            let nonce = "07".repeat(16);
            let option = format!("nonce={nonce}");
            let ways = [["--opt", &option], ["--nonce-hex", &nonce]];
            for (way, out) in ways.iter().zip(["one", "other"]) {
                // It was not made up here, so there is no need to print it.
                assert_eq!(
                    cipher.run(&folder, "seal", way, ["first", out]).success(),
                    "",
                    "{name}"
                );
            }
            assert_eq!(folder.read("one"), folder.read("other"), "{name}");
            for way in &ways {
                cipher
                    .run(&folder, "open", way, ["one", "opened"])
                    .success();
            }
            let mut both = ways[0].to_vec();
            both.push("--no-nonce");
            assert_eq!(
                cipher.run(&folder, "seal", &both, ["first", "none"]).code,
                1
            );
        }
    }
    assert!(!folder.path("none").exists());
}
