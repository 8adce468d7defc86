//! The main job: wcrypt, a component, hashes and encrypts files through the host. Its memory is limited to 64 MiB in
//! every test here.

mod common;

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};

use common::{Folder, Outcome};

/// The least work that Argon2id does for a password: most tests here are about something else.
const CHEAP: [&str; 6] = ["--memory-kib", "64", "--passes", "1", "--parallelism", "1"];

/// Chunks of encrypted files, as FORMAT.md has them.
const HEADER: usize = 96;
const CHUNK: usize = 65_536;
const TAG: usize = 16;

fn sha256sum(folder: &Folder, args: &[&str]) -> String {
    let mut command = Command::new("sha256sum");
    Outcome::of(command.current_dir(folder.path(".")).args(args)).success()
}

/// Bytes that do not repeat soon, so that swapped chunks differ.
fn content(len: usize) -> Vec<u8> {
    (0..len as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

fn encrypt(folder: &Folder, name: &str, plaintext: &[u8]) -> Vec<u8> {
    folder.write("plain", plaintext);
    let mut args = vec!["encrypt"];
    args.extend(CHEAP);
    args.extend(["plain", name]);
    folder.wcrypt(&args).success();
    folder.read(name)
}

/// Decrypts what must not be decrypted; says why it was refused.
#[track_caller]
fn refused(folder: &Folder, ciphertext: &[u8]) -> String {
    folder.write("bad", ciphertext);
    let before = folder.files();
    let line = folder.wcrypt(&["decrypt", "bad", "out"]).failure(1);
    assert_eq!(folder.files(), before, "nothing is left behind: {line}");
    line
}

#[test]
fn hashing_prints_what_sha256sum_prints() {
    let folder = Folder::new();
    folder.write("empty", "");
    folder.write("two words", content(100_000));
    folder.write("back\\slash", "b");
    folder.write("new\nline", "n");
    let names = ["empty", "two words", "back\\slash", "new\nline"];
    let mut args = vec!["hash", "-a", "SHA-256"];
    args.extend(names);
    assert_eq!(folder.wcrypt(&args).success(), sha256sum(&folder, &names));
}

#[test]
fn standard_input_is_hashed_like_a_file() {
    let folder = Folder::new();
    folder.write("file", "content");
    let input = File::open(folder.path("file")).expect("the file");
    let mut command = folder.wcrypt_command();
    let ours = Outcome::of(command.args(["hash", "-a", "SHA-256"]).stdin(input)).success();
    let input = File::open(folder.path("file")).expect("the file");
    let theirs = Outcome::of(Command::new("sha256sum").stdin(input)).success();
    assert_eq!(ours, theirs);
}

#[test]
fn a_file_of_1_gib_is_hashed_in_64_mib_of_memory() {
    let folder = Folder::new();
    let file = File::create(folder.path("large")).expect("a file");
    file.set_len(1 << 30).expect("a sparse file");
    let ours = folder.wcrypt(&["hash", "-a", "SHA-256", "large"]).success();
    assert_eq!(ours, sha256sum(&folder, &["large"]));
}

#[test]
fn a_file_larger_than_the_memory_comes_back_from_encryption() {
    let folder = Folder::new();
    let mut file = File::create(folder.path("large")).expect("a file");
    let block = content(1 << 20);
    for _ in 0..80 {
        file.write_all(&block).expect("space on the disk");
    }
    let mut args = vec!["encrypt"];
    args.extend(CHEAP);
    args.extend(["large", "large.enc"]);
    folder.wcrypt(&args).success();
    folder
        .wcrypt(&["decrypt", "large.enc", "large.dec"])
        .success();
    let compared = Command::new("cmp")
        .args([folder.path("large"), folder.path("large.dec")])
        .status();
    assert!(compared.expect("cmp").success());
}

#[test]
fn files_around_the_edges_of_chunks_come_back_from_encryption() {
    let folder = Folder::new();
    for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
        let plaintext = content(len);
        let ciphertext = encrypt(&folder, "file", &plaintext);
        let chunks = len.div_ceil(CHUNK).max(1);
        assert_eq!(ciphertext.len(), HEADER + len + chunks * TAG);
        folder.wcrypt(&["decrypt", "file", "decrypted"]).success();
        assert_eq!(folder.read("decrypted"), plaintext, "{len} bytes");
    }
}

#[test]
fn the_default_costs_encrypt_and_decrypt_in_64_mib_of_guest_memory() {
    // Argon2's 64 MiB are the host's, not the guest's.
    let folder = Folder::new();
    folder.write("plain", "content");
    folder.wcrypt(&["encrypt", "plain", "file"]).success();
    folder.wcrypt(&["decrypt", "file", "out"]).success();
    assert_eq!(folder.read("out"), b"content");
}

#[test]
fn two_encryptions_of_one_file_have_nothing_in_common() {
    let folder = Folder::new();
    let first = encrypt(&folder, "first", b"the same content");
    let second = encrypt(&folder, "second", b"the same content");
    assert_ne!(first[20..], second[20..]);
    assert_ne!(first[HEADER..], second[HEADER..]);
}

#[test]
fn one_flipped_byte_anywhere_is_refused() {
    let folder = Folder::new();
    let ciphertext = encrypt(&folder, "file", &content(CHUNK + 100));
    let second = HEADER + CHUNK + TAG;
    let positions = [
        0,
        5,
        6,
        7,
        8,
        11,
        12,
        15,
        16,
        19,
        20,
        51,
        52,
        83,
        84,
        95, // every field of the header
        HEADER,
        HEADER + 1000,
        second - TAG,
        second - 1, // the first chunk and its tag
        second,
        second + 99,
        second + 100,
        ciphertext.len() - 1, // the last chunk and its tag
    ];
    for position in positions {
        let mut changed = ciphertext.clone();
        changed[position] ^= 0x01;
        refused(&folder, &changed);
    }
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    let folder = Folder::new();
    let ciphertext = encrypt(&folder, "file", &content(2 * CHUNK + 100));
    let chunk = CHUNK + TAG;
    for len in [
        0,
        5,
        HEADER - 1,
        HEADER,
        HEADER + TAG - 1,
        HEADER + chunk - 1,
        HEADER + chunk,
        HEADER + 2 * chunk,
        ciphertext.len() - TAG,
        ciphertext.len() - 1,
    ] {
        refused(&folder, &ciphertext[..len]);
    }
}

#[test]
fn a_file_with_something_appended_is_refused() {
    let folder = Folder::new();
    let ciphertext = encrypt(&folder, "file", &content(CHUNK));
    for tail in [&b"x"[..], &[0; TAG], &ciphertext[HEADER..]] {
        refused(&folder, &[&ciphertext, tail].concat());
    }
}

#[test]
fn chunks_that_were_swapped_repeated_or_left_out_are_refused() {
    let folder = Folder::new();
    let ciphertext = encrypt(&folder, "file", &content(3 * CHUNK));
    let header = &ciphertext[..HEADER];
    let chunks: Vec<&[u8]> = ciphertext[HEADER..].chunks(CHUNK + TAG).collect();
    for order in [&[1, 0, 2][..], &[0, 0, 1, 2], &[0, 2], &[2, 1, 0]] {
        let reordered = order.iter().map(|&index| chunks[index]);
        let parts: Vec<&[u8]> = std::iter::once(header).chain(reordered).collect();
        refused(&folder, &parts.concat());
    }
}

#[test]
fn a_chunk_of_another_file_under_the_same_password_is_refused() {
    let folder = Folder::new();
    let first = encrypt(&folder, "first", &content(100));
    let second = encrypt(&folder, "second", &content(100));
    refused(&folder, &[&first[..HEADER], &second[HEADER..]].concat());
}

#[test]
fn another_password_is_told_from_damage() {
    let folder = Folder::new();
    encrypt(&folder, "file", b"content");
    let before = folder.files();
    let mut command = folder.wcrypt_command();
    command.env("WCRYPT_PASSWORD", "battery staple");
    let line = Outcome::of(command.args(["decrypt", "file", "out"])).failure(1);
    assert!(line.contains("password"), "{line}");
    assert_eq!(folder.files(), before);
}

#[test]
fn a_header_that_asks_for_absurd_costs_is_refused_at_once() {
    use sha2::Digest;

    let folder = Folder::new();
    let ciphertext = encrypt(&folder, "file", b"content");
    for (field, value) in [
        (8, u32::MAX),
        (12, u32::MAX),
        (16, u32::MAX),
        (8, 0),
        (12, 0),
        (16, 0),
    ] {
        let mut absurd = ciphertext.clone();
        absurd[field..field + 4].copy_from_slice(&value.to_be_bytes());
        // Whoever forges a header can compute its checksum.
        let checksum = sha2::Sha256::digest(&absurd[..84]);
        absurd[84..HEADER].copy_from_slice(&checksum[..12]);
        let started = std::time::Instant::now();
        refused(&folder, &absurd);
        // Not a measurement: the work asked for would take days, or all memory.
        assert!(started.elapsed().as_secs() < 60);
    }
}

#[test]
fn a_failed_encryption_leaves_the_old_file_alone() {
    let folder = Folder::new();
    folder.write("out", "what was there");
    let outcome = folder.wcrypt(&["encrypt", "no such file", "out"]);
    let line = outcome.failure(1);
    assert!(line.contains("no such file"), "{line}");
    assert_eq!(folder.read("out"), b"what was there");
}

#[test]
fn seal_and_open_are_inverse_and_agree_with_another_implementation() {
    let folder = Folder::new();
    folder.write("message", "attack at dawn");
    let key = "00112233445566778899aabbccddeeff";
    let keyed = [
        "-a",
        "AES-128-GCM",
        "--key-hex",
        key,
        "--nonce-hex",
        "000102030405060708090a0b",
        "--ad-hex",
        "cafe",
    ];
    let run = |command: &str, names: [&str; 2]| {
        let mut args = vec![command];
        args.extend(keyed);
        args.extend(names);
        folder.wcrypt(&args)
    };
    run("seal", ["message", "sealed"]).success();
    run("open", ["sealed", "opened"]).success();
    assert_eq!(folder.read("opened"), b"attack at dawn");
    // From Python's `cryptography`: AESGCM(key).encrypt(nonce, b"attack at dawn", b"\xca\xfe").
    let expected = include_str!("data/sealed.hex").trim();
    assert_eq!(hex(&folder.read("sealed")), expected);
    let mut changed = folder.read("sealed");
    changed[0] ^= 1;
    folder.write("sealed", changed);
    run("open", ["sealed", "none"]).failure(1);
    assert!(!folder.path("none").exists());
}

#[test]
fn a_nonce_that_the_host_made_up_is_printed_and_opens_the_message() {
    let folder = Folder::new();
    folder.write("message", "attack at dawn");
    folder.write("key", [7; 32]);
    let keyed = ["-a", "XCHACHA20-POLY1305", "--key-file", "key"];
    let mut args = vec!["seal"];
    args.extend(keyed);
    args.extend(["message", "sealed"]);
    let printed = folder.wcrypt(&args).success();
    let nonce = printed
        .split_whitespace()
        .last()
        .expect("a nonce in hexadecimal");
    assert_eq!(nonce.len(), 48, "{printed}");
    let mut args = vec!["open"];
    args.extend(keyed);
    args.extend(["--nonce-hex", nonce, "sealed", "opened"]);
    folder.wcrypt(&args).success();
    assert_eq!(folder.read("opened"), b"attack at dawn");
}

#[test]
fn a_mac_is_that_of_rfc_4231() {
    // RFC 4231, test case 2.
    let folder = Folder::new();
    folder.write("message", "what do ya want for nothing?");
    let line = folder
        .wcrypt(&[
            "mac",
            "-a",
            "HMAC/SHA-256",
            "--key-hex",
            "4a656665",
            "message",
        ])
        .success();
    let tag = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert!(line.starts_with(tag), "{line}");
}

#[test]
fn derive_extracts_and_expands_as_in_rfc_5869() {
    // RFC 5869, appendix A.1.
    let folder = Folder::new();
    let line = folder
        .wcrypt(&[
            "derive",
            "-a",
            "HKDF/SHA-256",
            "--key-hex",
            &"0b".repeat(22),
            "--salt-hex",
            "000102030405060708090a0b0c",
            "--info-hex",
            "f0f1f2f3f4f5f6f7f8f9",
            "-l",
            "42",
        ])
        .success();
    let okm =
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(line.trim(), okm);
}

#[test]
fn derive_does_not_drop_options_that_hkdf_does_not_have() {
    let folder = Folder::new();
    let hkdf = [
        "derive",
        "-a",
        "HKDF/SHA-256",
        "--key-hex",
        "0b0b",
        "-l",
        "32",
    ];
    for more in [
        &["--opt", "salt=00ff"][..],
        &["--opt-u64", "tag_len=8"],
        &["--absorb-key"],
    ] {
        let args: Vec<&str> = hkdf.iter().chain(more).copied().collect();
        let line = folder.wcrypt(&args).failure(1);
        assert!(line.contains("--salt-hex"), "{line}");
    }
}

#[test]
fn seal_leaves_the_old_file_alone_when_the_nonce_cannot_be_shown() {
    let folder = Folder::new();
    folder.write("message", "attack at dawn");
    folder.write("out", "what was there");
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("/dev/full");
    let mut command = folder.wcrypt_command();
    command
        .args(["seal", "-a", "XCHACHA20-POLY1305", "--key-hex"])
        .arg("07".repeat(32))
        .args(["message", "out"])
        .stdout(full);
    let outcome = Outcome::of(&mut command);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert_eq!(folder.read("out"), b"what was there");
}

#[test]
fn a_password_hash_verifies_with_its_password_only() {
    let folder = Folder::new();
    let mut args = vec!["password", "hash"];
    args.extend(CHEAP);
    let stored = folder.wcrypt(&args).success();
    let stored = stored.trim();
    assert!(
        stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
        "{stored}"
    );
    folder.wcrypt(&["password", "verify", stored]).success();
    let mut command = folder.wcrypt_command();
    command.env("WCRYPT_PASSWORD", "battery staple");
    Outcome::of(command.args(["password", "verify", stored])).failure(1);
}

#[test]
fn a_stored_password_of_another_form_is_named() {
    let folder = Folder::new();
    for (name, algorithm, stored) in [
        (
            "Django",
            "PBKDF2/SHA-256",
            "pbkdf2_sha256$1000000$somesaltsomesaltsomesalt$Zm9FGLZKW+bAkJmlL+ESDELI717T2GZPZ1PG+OqNexQ=",
        ),
        (
            "passlib",
            "PBKDF2/SHA-256",
            "$pbkdf2-sha256$10$c29tZXNhbHQxNmJ5dGVzIQ$ozte.whUH4vBqBZYiUXFpjFwR8IN2z90aCLqO1MD8HQ",
        ),
        (
            "werkzeug",
            "SCRYPT",
            "scrypt:32768:8:1$FlzCJ4IghS7GfKPu$6994b4420c4251926bfe7d9aea86d9aba4ea0d85c96e83e78d8b4c510c20e9e5",
        ),
        (
            "salt of 4 bytes",
            "ARGON2-ID-13",
            "$argon2id$v=19$m=64,t=1,p=1$Zm91cg$OLK6NbjQr6NDq1CydJ+2CTpy6FF2G9xLBhkZbutNPA8",
        ),
    ] {
        let verify = folder.wcrypt(&["password", "verify", "-a", algorithm, stored]);
        let line = verify.failure(1);
        assert!(line.contains(name), "{line}");
    }
}

#[test]
fn a_limit_of_the_host_is_named_by_its_flag() {
    let folder = Folder::new();
    for (algorithm, costs, flag) in [
        (
            "ARGON2-ID-13",
            ["--memory-kib", "2097152"],
            "--max-password-memory",
        ),
        ("SCRYPT", ["--passes", "16777216"], "--max-scrypt-work"),
        (
            "PBKDF2/SHA-256",
            ["--passes", "20000000"],
            "--max-pbkdf2-iterations",
        ),
    ] {
        let mut args = vec!["password", "hash", "-a", algorithm];
        args.extend(costs);
        let line = folder.wcrypt(&args).failure(1);
        assert!(line.contains(flag), "{line}");
    }
}

#[test]
fn the_host_decides_whether_there_is_an_empty_key() {
    let folder = Folder::new();
    folder.write("nothing", "");
    for key in [["--key-hex", ""], ["--key-file", "nothing"]] {
        let mut args = vec!["mac", "-a", "HMAC/SHA-256"];
        args.extend(key);
        args.push("nothing");
        let line = folder.wcrypt(&args).success();
        assert!(
            line.starts_with("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
            "{line}"
        );
        args[2] = "KMAC-128";
        folder.wcrypt(&args).failure(1);
    }
}

#[test]
fn a_password_comes_from_standard_input_too() {
    let folder = Folder::new();
    // Made by argon2-cffi, the reference implementation, of the password "correct horse".
    let stored = include_str!("data/argon2-cffi.phc").trim();
    // A variable that is empty is as good as none.
    for flags in [&["run"][..], &["run", "--env", "WCRYPT_PASSWORD="]] {
        let mut command = folder.command();
        command
            .args(flags)
            .arg(common::guest("wcrypt.wasm"))
            .args(["password", "verify", stored])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(b"correct horse\n").expect("a reader");
        drop(input);
        Outcome::from(child.wait_with_output().expect("an end")).success();
    }
}

#[test]
fn algorithms_whose_absorbs_delimit_take_a_file_as_one_element() {
    let folder = Folder::new();
    // Longer than any buffer that would be read piece by piece.
    folder.write("long", vec![0x61; 3_000_000]);
    let line = folder
        .wcrypt(&["hash", "-a", "TupleHashXOF256", "-l", "32", "long"])
        .success();
    // From pycryptodome's cSHAKE256, composed as SP 800-185, section 5 says.
    assert!(
        line.starts_with(include_str!("data/tuple.hex").trim()),
        "{line}"
    );
}

#[test]
fn what_is_wrong_is_said_on_one_line() {
    let folder = Folder::new();
    folder.write("file", "content");
    let seal = |key: &str| {
        folder
            .wcrypt(&[
                "seal",
                "-a",
                "AES-256-GCM",
                "--key-hex",
                key,
                "--nonce-hex",
                &"00".repeat(12),
                "file",
                "out",
            ])
            .failure(1)
    };
    for (line, names) in [
        (
            folder.wcrypt(&["hash", "-a", "SHA-257", "file"]).failure(1),
            "SHA-257",
        ),
        (
            folder
                .wcrypt(&["hash", "-a", "SHA-256", "nowhere"])
                .failure(1),
            "nowhere",
        ),
        (seal("0102"), "key"),
        (seal("xyz"), "hex"),
        (
            folder
                .wcrypt(&["hash", "-a", "SHA-256", "-l", "33", "file"])
                .failure(1),
            "length",
        ),
        (
            folder.wcrypt(&["decrypt", "file", "out"]).failure(1),
            "file",
        ),
    ] {
        assert!(line.starts_with("wcrypt: "), "{line}");
        assert!(line.contains(names), "{names}: {line}");
    }
    assert_eq!(folder.files(), ["file"]);
}

#[test]
fn an_unreadable_file_is_named_and_the_others_are_hashed() {
    let folder = Folder::new();
    folder.write("first", "1");
    folder.write("last", "2");
    let outcome = folder.wcrypt(&["hash", "-a", "SHA-256", "first", "missing", "last"]);
    assert_eq!(outcome.code, 1);
    assert_eq!(outcome.stdout, sha256sum(&folder, &["first", "last"]));
    assert!(outcome.stderr.contains("missing"), "{outcome:?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
