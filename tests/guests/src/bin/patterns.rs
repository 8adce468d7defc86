//! `patterns NAME`: one usage pattern of the witx modules' documentation, with the WIT's functions in the place of the
//! witx ones, and what came of it in hexadecimal.
//!
//! Where the pattern generates a key, it is played again with a key that the tests know, so that there is something to
//! compare.

use std::process::ExitCode;

use wasi_crypto_test_guests::symmetric::{SymmetricKey, SymmetricState, SymmetricTag};
use wasi_crypto_test_guests::symmetric_batch::{self, EncryptParamsParam};
use wasi_crypto_test_guests::{
    Result, Routine, main as run, name, options, say, say_hex, say_result, with_nonce,
};

const PATTERNS: &[Routine] = &[
    ("hashing", hashing),
    ("mac", mac),
    ("mac-verification", mac_verification),
    ("tuple-hashing", tuple_hashing),
    ("extract-and-expand", extract_and_expand),
    ("xof-derivation", xof_derivation),
    ("options", additional_parameters),
    ("password-hashing", password_hashing),
    ("password-hashing-with-salt", password_hashing_with_salt),
    ("aead-explicit-nonce", aead_explicit_nonce),
    ("aead-generated-nonce", aead_generated_nonce),
    ("session", session),
    ("batch-encryption", batch_encryption),
    ("tag-pull", tag_pull),
];

fn main() -> ExitCode {
    run(PATTERNS)
}

/// 0, 1, 2, …
fn counting(len: u8) -> Vec<u8> {
    (0..len).collect()
}

fn hashing() -> Result<()> {
    let state = SymmetricState::open("SHAKE-128", None, None)?;
    state.absorb(b"data")?;
    state.absorb(b"more_data")?;
    say_hex("out", &state.squeeze(64)?);
    Ok(())
}

fn mac() -> Result<()> {
    let key = SymmetricKey::import("HMAC/SHA-512", b"key")?;
    let state = SymmetricState::open("HMAC/SHA-512", Some(&key), None)?;
    state.absorb(b"data")?;
    state.absorb(b"more_data")?;
    let computed_tag = state.squeeze_tag()?;
    say_hex("raw-tag", &SymmetricTag::pull(computed_tag));
    Ok(())
}

/// Both examples of verification: the one beside the MAC, and the one of `symmetric_tag_verify`.
fn mac_verification() -> Result<()> {
    let key = SymmetricKey::import("HMAC/SHA-512", b"key")?;
    let state = SymmetricState::open("HMAC/SHA-512", Some(&key), None)?;
    state.absorb(b"data")?;
    state.absorb(b"more_data")?;
    let expected_raw_tag = SymmetricTag::pull(state.squeeze_tag()?);

    let state = SymmetricState::open("HMAC/SHA-512", Some(&key), None)?;
    state.absorb(b"data")?;
    state.absorb(b"more_data")?;
    let computed_tag = state.squeeze_tag()?;
    say_result("same", &computed_tag.verify(&expected_raw_tag));

    let key = SymmetricKey::import("HMAC/SHA-256", b"key")?;
    let state = SymmetricState::open("HMAC/SHA-256", Some(&key), None)?;
    state.absorb(b"data")?;
    let computed_tag = state.squeeze_tag()?;
    say_result("another", &computed_tag.verify(&expected_raw_tag[..32]));
    let mut expected_raw_tag = SymmetricTag::pull(state.squeeze_tag()?);
    say_result("same-again", &computed_tag.verify(&expected_raw_tag));
    expected_raw_tag[31] ^= 1;
    say_result("one-bit-off", &computed_tag.verify(&expected_raw_tag));
    Ok(())
}

fn tuple_hashing() -> Result<()> {
    let state = SymmetricState::open("TupleHashXOF256", None, None)?;
    state.absorb(b"value 1")?;
    state.absorb(b"value 2")?;
    state.absorb(b"value 3")?;
    say_hex("out", &state.squeeze(64)?);
    Ok(())
}

fn extract_and_expand() -> Result<()> {
    let key = SymmetricKey::import("HKDF-EXTRACT/SHA-512", b"key")?;
    let state = SymmetricState::open("HKDF-EXTRACT/SHA-512", Some(&key), None)?;
    state.absorb(b"salt")?;
    let prk = state.squeeze_key("HKDF-EXPAND/SHA-512")?;
    say_hex("prk", &prk.export()?);

    let state = SymmetricState::open("HKDF-EXPAND/SHA-512", Some(&prk), None)?;
    state.absorb(b"info")?;
    say_hex("subkey", &state.squeeze(32)?);
    Ok(())
}

/// The documentation's `b"key"` stands for a key of the length that BLAKE3 takes.
fn xof_derivation() -> Result<()> {
    let key = SymmetricKey::import("BLAKE3", &counting(32))?;
    let state = SymmetricState::open("BLAKE3", Some(&key), None)?;
    state.absorb(b"context")?;
    say_hex("subkey1", &state.squeeze(32)?);
    say_hex("subkey2", &state.squeeze(32)?);
    Ok(())
}

fn additional_parameters() -> Result<()> {
    let options = options()?;
    options.set("context", b"My application")?;
    options.set_u64("fanout", 16)?;
    let state = SymmetricState::open("BLAKE2b-512", None, Some(&options))?;
    state.absorb(b"data")?;
    say_hex("out", &state.squeeze(64)?);
    Ok(())
}

fn password_hashing() -> Result<()> {
    let stored = hash_password(None)?;
    say("string", String::from_utf8_lossy(&stored));
    say_result("same", &verify_password(b"password", &stored));

    // Refusing one takes as long; a cheaper string will do.
    let cheap = "$argon2id$v=19$m=64,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$AAAAAAAAAAAAAAAAAAAAAA";
    say_result("another", &verify_password(b"passwort", cheap.as_bytes()));
    Ok(())
}

fn verify_password(password: &[u8], stored: &[u8]) -> Result<()> {
    let options = options()?;
    options.set("phc", stored)?;
    let state = SymmetricState::open("ARGON2-ID-13", None, Some(&options))?;
    state.absorb(password)?;
    state.squeeze_tag()?.verify(stored)
}

fn password_hashing_with_salt() -> Result<()> {
    let stored = hash_password(Some(b"sixteen byte slt"))?;
    say("string", String::from_utf8_lossy(&stored));
    Ok(())
}

fn hash_password(salt: Option<&[u8]>) -> Result<Vec<u8>> {
    let options = options()?;
    options.set_guest_buffer("memory", 1_000_000_000)?;
    options.set_u64("opslimit", 5)?;
    options.set_u64("parallelism", 8)?;
    if let Some(salt) = salt {
        options.set("salt", salt)?;
    }

    let state = SymmetricState::open("ARGON2-ID-13", None, Some(&options))?;
    state.absorb(b"password")?;

    let pw_str = state.squeeze_tag()?;
    let len = pw_str.len();
    let raw = SymmetricTag::pull(pw_str);
    assert_eq!(raw.len() as u64, len);
    Ok(raw)
}

fn aead_explicit_nonce() -> Result<()> {
    let key = SymmetricKey::generate("AES-256-GCM", None)?;
    let ciphertext = encrypt_under(&key, b"twelve bytes")?;
    say("generated-len", ciphertext.len());
    say_hex(
        "opened",
        &decrypt_under(&key, b"twelve bytes", &ciphertext)?,
    );

    let key = SymmetricKey::import("AES-256-GCM", &counting(32))?;
    say_hex("ciphertext", &encrypt_under(&key, b"twelve bytes")?);
    Ok(())
}

fn encrypt_under(key: &SymmetricKey, nonce: &[u8]) -> Result<Vec<u8>> {
    let message = b"test";
    let options = with_nonce(nonce)?;

    let state = SymmetricState::open("AES-256-GCM", Some(key), Some(&options))?;
    let expected_len = message.len() as u64 + state.max_tag_len()?;
    state.absorb(b"additional data")?;
    let ciphertext = state.encrypt(message)?;
    assert_eq!(ciphertext.len() as u64, expected_len);
    Ok(ciphertext)
}

fn decrypt_under(key: &SymmetricKey, nonce: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
    let options = with_nonce(nonce)?;
    let state = SymmetricState::open("AES-256-GCM", Some(key), Some(&options))?;
    state.absorb(b"additional data")?;
    state.decrypt(ciphertext)
}

fn aead_generated_nonce() -> Result<()> {
    for key in [
        SymmetricKey::generate("AES-256-GCM-SIV", None)?,
        SymmetricKey::import("AES-256-GCM-SIV", &counting(32))?,
    ] {
        let message = b"test";

        let state = SymmetricState::open("AES-256-GCM-SIV", Some(&key), None)?;
        let nonce = state.options_get("nonce")?;
        let expected_len = message.len() as u64 + state.max_tag_len()?;
        state.absorb(b"additional data")?;
        let ciphertext = state.encrypt(message)?;
        assert_eq!(ciphertext.len() as u64, expected_len);

        let opening =
            SymmetricState::open("AES-256-GCM-SIV", Some(&key), Some(&with_nonce(&nonce)?))?;
        opening.absorb(b"additional data")?;
        say_hex("nonce", &nonce);
        say_hex("opened", &opening.decrypt(&ciphertext)?);
    }

    let key = SymmetricKey::import("AES-256-GCM-SIV", &counting(32))?;
    let options = with_nonce(b"twelve bytes")?;
    let state = SymmetricState::open("AES-256-GCM-SIV", Some(&key), Some(&options))?;
    state.absorb(b"additional data")?;
    say_hex("ciphertext", &state.encrypt(b"test")?);
    Ok(())
}

fn session() -> Result<()> {
    let key = SymmetricKey::generate("Xoodyak-128", None)?;
    let (steps, next_key) = sender(&key)?;
    let (opened, their_next_key) = receiver(&key, &steps)?;
    say_hex("opened", &opened);
    say("in-step", next_key.export()? == their_next_key.export()?);

    let key = SymmetricKey::import("Xoodyak-128", &counting(16))?;
    let (steps, next_key) = sender(&key)?;
    say_hex("ciphertext", &steps.ciphertext);
    say_hex("out", &steps.out);
    say_hex("out2", &steps.out2);
    say_hex("next-key", &next_key.export()?);
    Ok(())
}

struct Steps {
    ciphertext: Vec<u8>,
    out: Vec<u8>,
    out2: Vec<u8>,
}

fn sender(key: &SymmetricKey) -> Result<(Steps, SymmetricKey)> {
    let state = SymmetricState::open("Xoodyak-128", Some(key), None)?;
    state.absorb(b"data")?;
    let ciphertext = state.encrypt(b"abcd")?;
    state.absorb(b"more data")?;
    let out = state.squeeze(16)?;
    let out2 = state.squeeze(16)?;
    state.ratchet()?;
    state.absorb(b"more data")?;
    let next_key = state.squeeze_key("Xoodyak-128")?;
    Ok((
        Steps {
            ciphertext,
            out,
            out2,
        },
        next_key,
    ))
}

/// The other end of the session, which the documentation leaves to the reader.
fn receiver(key: &SymmetricKey, steps: &Steps) -> Result<(Vec<u8>, SymmetricKey)> {
    let state = SymmetricState::open("Xoodyak-128", Some(key), None)?;
    state.absorb(b"data")?;
    let opened = state.decrypt(&steps.ciphertext)?;
    state.absorb(b"more data")?;
    assert_eq!(state.squeeze(16)?, steps.out);
    assert_eq!(state.squeeze(16)?, steps.out2);
    state.ratchet()?;
    state.absorb(b"more data")?;
    Ok((opened, state.squeeze_key("Xoodyak-128")?))
}

fn batch_encryption() -> Result<()> {
    let key1 = SymmetricKey::import("AES-256-GCM", &counting(32))?;
    let key2 = SymmetricKey::import("AES-256-GCM", &[0x42; 32])?;
    let options1 = with_nonce(b"nonce number")?;
    let options2 = with_nonce(b"number nonce")?;
    let (message, message2) = (b"message".as_slice(), b"a longer message".as_slice());
    let mut batch = Vec::new();

    let state1 = SymmetricState::open("AES-256-GCM", Some(&key1), Some(&options1))?;
    batch.push(EncryptParamsParam {
        state: &state1,
        data: message,
    });

    let state2 = SymmetricState::open("AES-256-GCM", Some(&key2), Some(&options2))?;
    batch.push(EncryptParamsParam {
        state: &state2,
        data: message2,
    });

    for result in symmetric_batch::encrypt(&batch)? {
        match result {
            Ok(ciphertext) => say_hex("ciphertext", &ciphertext),
            Err(errno) => say("ciphertext", name(errno)),
        }
    }
    Ok(())
}

/// The documentation pulls a tag of 16 bytes, which an AEAD has.
fn tag_pull() -> Result<()> {
    let key = SymmetricKey::import("AES-256-GCM", &counting(32))?;
    let options = with_nonce(b"twelve bytes")?;
    let state = SymmetricState::open("AES-256-GCM", Some(&key), Some(&options))?;
    state.absorb(b"additional data")?;
    let (ciphertext, raw_tag) = state.encrypt_detached(b"test")?;
    say_hex("ciphertext", &ciphertext);
    say("len", raw_tag.len());
    say_hex("raw-tag", &SymmetricTag::pull(raw_tag));
    Ok(())
}
