//! What states must refuse, or keep apart.

use wasi_crypto_test_guests::common::{AlgorithmType, Options};
use wasi_crypto_test_guests::secrets::{SecretsManager, symmetric_key_id};
use wasi_crypto_test_guests::symmetric::{SymmetricKey, SymmetricState, SymmetricTag};
use wasi_crypto_test_guests::{Result, Routine, options, say, say_result, with_nonce};

pub const ROUTINES: &[Routine] = &[
    ("clone-and-absorb", clone_and_absorb),
    ("clone-and-encrypt", clone_and_encrypt),
    ("short-tags", short_tags),
    ("empty-expected-tags", empty_expected_tags),
    ("empty-options-twice", empty_options_twice),
    ("encrypt-after-decrypt", encrypt_after_decrypt),
    ("options-changed-after-open", options_changed_after_open),
    ("another-categorys-options", another_categorys_options),
    ("no-secrets-manager", no_secrets_manager),
];

/// Algorithms that use a nonce up, with the length of key and nonce.
const NONCE_USERS: [(&str, usize, usize); 6] = [
    ("AES-256-GCM", 32, 12),
    ("CHACHA20-POLY1305", 32, 12),
    ("XCHACHA20-POLY1305", 32, 24),
    ("AES-128-GCM-SIV", 16, 12),
    ("AEGIS-128L", 16, 16),
    ("AES-128-CBC", 16, 16),
];

fn open(algorithm: &str, key_len: usize, nonce_len: usize) -> Result<SymmetricState> {
    let key = SymmetricKey::import(algorithm, &vec![1; key_len])?;
    let nonce = with_nonce(&vec![2; nonce_len])?;
    SymmetricState::open(algorithm, Some(&key), Some(&nonce))
}

fn clone_and_absorb() -> Result<()> {
    for algorithm in ["SHA-256", "SHA3-512", "SHAKE-256", "BLAKE3", "XOODYAK-128"] {
        let open = || SymmetricState::open(algorithm, None, None);
        let (original, untouched) = (open()?, open()?);
        original.absorb(b"beginning")?;
        untouched.absorb(b"beginning")?;
        let clone = SymmetricState::clone(&original)?;
        clone.absorb(b" and end")?;
        let kept = original.squeeze(32)? == untouched.squeeze(32)?;
        let differs = clone.squeeze(32)? != open()?.squeeze(32)?;
        say(
            algorithm,
            if kept && differs {
                "independent"
            } else {
                "shared"
            },
        );
    }
    Ok(())
}

fn clone_and_encrypt() -> Result<()> {
    for (algorithm, key_len, nonce_len) in NONCE_USERS {
        let original = open(algorithm, key_len, nonce_len)?;
        let clone = SymmetricState::clone(&original)?;
        say_result(algorithm, &clone.encrypt(b"message"));
        let ciphertext = original.encrypt(b"message")?;
        assert_eq!(clone.decrypt(&ciphertext)?, b"message");
    }
    for algorithm in ["XOODYAK-128", "STROBE-128"] {
        let options = options()?;
        if algorithm == "STROBE-128" {
            options.set("context", b"label")?;
        }
        let key = SymmetricKey::generate(algorithm, None)?;
        let original = SymmetricState::open(algorithm, Some(&key), Some(&options))?;
        let clone = SymmetricState::clone(&original)?;
        say_result(algorithm, &clone.encrypt(b"message"));
        let ciphertext = original.encrypt(b"message")?;
        assert_eq!(clone.decrypt(&ciphertext)?, b"message");
    }
    let stream = open("AES-128-CTR", 16, 16)?;
    say_result("AES-128-CTR", &SymmetricState::clone(&stream));
    let key = SymmetricKey::generate("HMAC-DRBG/SHA-256", None)?;
    let generator = SymmetricState::open("HMAC-DRBG/SHA-256", Some(&key), None)?;
    say_result("HMAC-DRBG/SHA-256", &SymmetricState::clone(&generator));
    Ok(())
}

fn short_tags() -> Result<()> {
    for (algorithm, key_len, nonce_len) in &NONCE_USERS[..5] {
        let (ciphertext, tag) = open(algorithm, *key_len, *nonce_len)?.encrypt_detached(b"data")?;
        let tag = SymmetricTag::pull(tag);
        let opening = open(algorithm, *key_len, *nonce_len)?;
        let longer = [&tag[..], &[0]].concat();
        for (label, tag) in [
            ("none", &[][..]),
            ("8 bytes", &tag[..8]),
            ("15 bytes", &tag[..15]),
            ("17 bytes", &longer),
            ("16 bytes", &tag),
        ] {
            say_result(label, &opening.decrypt_detached(&ciphertext, tag));
        }
        for len in 0..16 {
            let short = opening.decrypt(&vec![0; len]);
            assert!(short.is_err(), "{algorithm}: {len} bytes hold no tag");
        }
    }
    Ok(())
}

fn empty_expected_tags() -> Result<()> {
    for algorithm in ["HMAC/SHA-256", "HMAC/SHA-512", "AES-128-CMAC", "KMAC-128"] {
        let key = SymmetricKey::generate(algorithm, None)?;
        let state = SymmetricState::open(algorithm, Some(&key), None)?;
        state.absorb(b"data")?;
        let tag = state.squeeze_tag()?;
        say_result(algorithm, &tag.verify(b""));
    }
    let tuple = SymmetricState::open("TupleHash128", None, None)?;
    say_result("TupleHash128", &tuple.squeeze_tag()?.verify(b""));
    let (_, tag) = open("AES-256-GCM", 32, 12)?.encrypt_detached(b"")?;
    say_result("AES-256-GCM", &tag.verify(b""));
    Ok(())
}

fn empty_options_twice() -> Result<()> {
    let key = SymmetricKey::generate("XCHACHA20-POLY1305", None)?;
    let options = options()?;
    let open = || SymmetricState::open("XCHACHA20-POLY1305", Some(&key), Some(&options));
    let nonces = [open()?.options_get("nonce")?, open()?.options_get("nonce")?];
    say("nonce-len", nonces[0].len());
    say(
        "nonces",
        if nonces[0] == nonces[1] {
            "the same"
        } else {
            "different"
        },
    );
    Ok(())
}

fn encrypt_after_decrypt() -> Result<()> {
    for (algorithm, key_len, nonce_len) in NONCE_USERS {
        let state = open(algorithm, key_len, nonce_len)?;
        let ciphertext = state.encrypt(b"message")?;
        let mut outcomes = vec![state.encrypt(b"message")];

        let opening = open(algorithm, key_len, nonce_len)?;
        assert_eq!(opening.decrypt(&ciphertext)?, b"message");
        outcomes.push(opening.encrypt(b"message"));
        assert_eq!(opening.decrypt(&ciphertext)?, b"message");

        let failing = open(algorithm, key_len, nonce_len)?;
        let mut changed = ciphertext.clone();
        changed[0] ^= 1;
        assert!(failing.decrypt(&changed).is_err());
        outcomes.push(failing.encrypt(b"message"));
        for outcome in &outcomes {
            say_result(algorithm, outcome);
        }
    }
    Ok(())
}

fn options_changed_after_open() -> Result<()> {
    let key = SymmetricKey::import("AES-256-GCM", &[1; 32])?;
    let options = with_nonce(&[1; 12])?;
    let state = SymmetricState::open("AES-256-GCM", Some(&key), Some(&options))?;
    options.set("nonce", &[2; 12])?;
    say("before", state.options_get("nonce")? == [1; 12]);
    let later = SymmetricState::open("AES-256-GCM", Some(&key), Some(&options))?;
    drop(options);
    say("after", state.options_get("nonce")? == [1; 12]);
    say("later", later.options_get("nonce")? == [2; 12]);
    Ok(())
}

fn another_categorys_options() -> Result<()> {
    for (label, category) in [
        ("signatures", AlgorithmType::Signatures),
        ("key-exchange", AlgorithmType::KeyExchange),
    ] {
        let options = Options::open(category)?;
        say_result(
            label,
            &SymmetricState::open("SHA-256", None, Some(&options)),
        );
        options.set("context", b"context")?;
        say_result(
            label,
            &SymmetricState::open("CSHAKE-128", None, Some(&options)),
        );
        say_result(label, &SymmetricKey::generate("KMAC-128", Some(&options)));
    }
    Ok(())
}

fn no_secrets_manager() -> Result<()> {
    say_result("open", &SecretsManager::open(None));
    say_result(
        "open with options",
        &SecretsManager::open(Some(&options()?)),
    );
    let key = SymmetricKey::generate("AES-256-GCM", None)?;
    say_result("id", &symmetric_key_id(&key));
    Ok(())
}
