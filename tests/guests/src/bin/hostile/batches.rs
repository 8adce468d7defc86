//! Batches that are too much, and batches whose entries must not disturb each other.

use wasi_crypto_test_guests::symmetric::{SymmetricKey, SymmetricState};
use wasi_crypto_test_guests::symmetric_batch::{
    self, DecryptDetachedParamsParam, DecryptParamsParam, EncryptParamsParam, SqueezeParams,
};
use wasi_crypto_test_guests::symmetric_oneshot::{self, MessageParam};
use wasi_crypto_test_guests::{
    Result, Routine, hex, name, options, outcome, say, say_hex, say_result, with_nonce,
};

pub const ROUTINES: &[Routine] = &[
    ("aliased-batch", aliased_batch),
    ("too-many-entries", too_many_entries),
    ("too-much-output", too_much_output),
    ("tags-without-room", tags_without_room),
    ("password-batch", password_batch),
    ("one-bad-entry", one_bad_entry),
    ("state-twice", state_twice),
    ("empty-batches", empty_batches),
];

fn gcm(nonce: u8) -> Result<SymmetricState> {
    let key = SymmetricKey::import("AES-128-GCM", &[0; 16])?;
    SymmetricState::open("AES-128-GCM", Some(&key), Some(&with_nonce(&[nonce; 12])?))
}

fn many<T>(count: usize, entry: impl Fn() -> T) -> Vec<T> {
    (0..count).map(|_| entry()).collect()
}

fn shake() -> Result<SymmetricState> {
    SymmetricState::open("SHAKE-128", None, None)
}

/// As many entries as the command line says, all of them the same 32 MiB.
fn aliased_batch() -> Result<()> {
    let entries = std::env::args().nth(2).and_then(|count| count.parse().ok());
    let entries: usize = entries.unwrap_or(1);
    let data = vec![0; 32 << 20];
    let state = gcm(0)?;
    let encrypting = many(entries, || EncryptParamsParam {
        state: &state,
        data: &data,
    });
    say_result("encrypt", &symmetric_batch::encrypt(&encrypting));
    say_result(
        "encrypt detached",
        &symmetric_batch::encrypt_detached(&encrypting),
    );
    let decrypting = many(entries, || DecryptParamsParam {
        state: &state,
        data: &data,
    });
    say_result("decrypt", &symmetric_batch::decrypt(&decrypting));
    let detached = many(entries, || DecryptDetachedParamsParam {
        state: &state,
        data: &data,
        raw_tag: &data,
    });
    say_result(
        "decrypt detached",
        &symmetric_batch::decrypt_detached(&detached),
    );
    let key = SymmetricKey::import("AES-128-SIV", &[0; 32])?;
    for (label, nonce, associated_data, data) in [
        ("many nonces", &data[..], &[][..], &[][..]),
        ("much associated data", &[], &data, &[]),
        ("many messages", &[], &[], &data),
    ] {
        let messages = many(entries, || MessageParam {
            nonce: Some(nonce),
            associated_data,
            data,
        });
        say_result(label, &symmetric_oneshot::encrypt_many(&key, &messages));
        say_result(label, &symmetric_oneshot::decrypt_many(&key, &messages));
    }
    // Nothing was done: the nonce is still there to be used.
    say_result("afterwards", &state.encrypt(b"test"));
    Ok(())
}

fn too_many_entries() -> Result<()> {
    let state = shake()?;
    for entries in [65_536, 65_537] {
        let batch = many(entries, || SqueezeParams {
            state: &state,
            len: 0,
        });
        say_result(entries, &symmetric_batch::squeeze(&batch));
    }
    let mac_key = SymmetricKey::generate("HMAC/SHA-256", None)?;
    let mac = SymmetricState::open("HMAC/SHA-256", Some(&mac_key), None)?;
    say_result("tags", &symmetric_batch::squeeze_tag(&vec![&mac; 65_537]));
    let key = SymmetricKey::import("AES-128-GCM", &[0; 16])?;
    let messages = many(65_537, || MessageParam {
        nonce: Some(&[0; 12]),
        associated_data: &[],
        data: &[],
    });
    say_result(
        "messages",
        &symmetric_oneshot::encrypt_many(&key, &messages),
    );
    say_result(
        "ciphertexts",
        &symmetric_oneshot::decrypt_many(&key, &messages),
    );
    Ok(())
}

/// Seventeen times a megabyte is more than one squeeze may give.
fn too_much_output() -> Result<()> {
    let (state, untouched) = (shake()?, shake()?);
    let batch = |count, len| many(count, || SqueezeParams { state: &state, len });
    say_result("17 MiB", &symmetric_batch::squeeze(&batch(17, 1 << 20)));
    say_result("2^65 - 2", &symmetric_batch::squeeze(&batch(2, u64::MAX)));
    // Nothing was done: the output still begins at its beginning.
    say("afterwards", state.squeeze(32)? == untouched.squeeze(32)?);
    say_result("16 MiB", &symmetric_batch::squeeze(&batch(16, 1 << 20)));
    Ok(())
}

/// There can be 16 384 objects, and two of them are the key and the state.
fn tags_without_room() -> Result<()> {
    let key = SymmetricKey::generate("HMAC/SHA-256", None)?;
    let mac = SymmetricState::open("HMAC/SHA-256", Some(&key), None)?;
    say_result(
        "16 383 tags",
        &symmetric_batch::squeeze_tag(&vec![&mac; 16_383]),
    );
    say_result(
        "16 382 tags",
        &symmetric_batch::squeeze_tag(&vec![&mac; 16_382]),
    );
    let state = gcm(0)?;
    let batch = many(16_384, || EncryptParamsParam {
        state: &state,
        data: b"test",
    });
    let encrypted = symmetric_batch::encrypt_detached(&batch);
    say_result("ciphertexts", &encrypted);
    // Nothing was done: the nonce is still there to be used.
    say_result("afterwards", &state.encrypt(b"test"));
    Ok(())
}

/// Two hashes, each of which takes a little more than half of the work that a call may cause.
fn password_batch() -> Result<()> {
    let options = options()?;
    options.set_u64("memory_limit", 64 << 20)?;
    options.set_u64("ops_limit", 65)?;
    let open = || SymmetricState::open("ARGON2-ID-13", None, Some(&options));
    let states = [open()?, open()?];
    let tags = symmetric_batch::squeeze_tag(&states.each_ref());
    say_result("tags", &tags);
    let squeezing = states
        .each_ref()
        .map(|state| SqueezeParams { state, len: 32 });
    say_result("squeezes", &symmetric_batch::squeeze(&squeezing));
    let twice = [&states[0]; 2];
    say_result("the same twice", &symmetric_batch::squeeze_tag(&twice));

    options.set_u64("memory_limit", 1 << 20)?;
    options.set_u64("ops_limit", 1)?;
    let states = [open()?, open()?];
    let tags = symmetric_batch::squeeze_tag(&states.each_ref())?;
    say("cheap ones", tags.iter().filter(|tag| tag.is_ok()).count());
    Ok(())
}

fn one_bad_entry() -> Result<()> {
    let seal = |nonce: u8| gcm(nonce)?.encrypt(&[nonce; 4]);
    let mut sealed = [seal(1)?, seal(2)?, seal(3)?];
    sealed[1][0] ^= 1;
    let states = [gcm(1)?, gcm(2)?, gcm(3)?];
    let batch: Vec<_> = states
        .iter()
        .zip(&sealed)
        .map(|(state, data)| DecryptParamsParam { state, data })
        .collect();
    for result in symmetric_batch::decrypt(&batch)? {
        say(
            "decrypt",
            result.map_or_else(|errno| name(errno).to_owned(), |data| hex(&data)),
        );
    }

    let hash = SymmetricState::open("SHA-256", None, None)?;
    let states = [&shake()?, &hash, &gcm(1)?, &shake()?];
    let batch = states.map(|state| SqueezeParams { state, len: 33 });
    let squeezed = symmetric_batch::squeeze(&batch)?;
    let outcomes: Vec<_> = squeezed.iter().map(outcome).collect();
    say("squeeze", outcomes.join(", "));
    say("the same", squeezed[0] == squeezed[3]);

    let key = SymmetricKey::import("AES-128-GCM", &[0; 16])?;
    let message = |nonce| MessageParam {
        nonce,
        associated_data: &[],
        data: b"test",
    };
    let messages = [Some(&[0; 12][..]), None, Some(&[0; 11]), Some(&[1; 12])].map(message);
    let sealed = symmetric_oneshot::encrypt_many(&key, &messages)?;
    let outcomes: Vec<_> = sealed.lengths.iter().map(outcome).collect();
    say("encrypt many", outcomes.join(", "));
    Ok(())
}

fn state_twice() -> Result<()> {
    let state = gcm(0)?;
    let entry = |state, data| EncryptParamsParam { state, data };
    let sealed = symmetric_batch::encrypt(&[entry(&state, b"test"), entry(&state, b"test")])?;
    let outcomes: Vec<_> = sealed.iter().map(outcome).collect();
    say("AEAD", outcomes.join(", "));

    let key = SymmetricKey::import("AES-128-CTR", &[0; 16])?;
    let nonce = with_nonce(&[0; 16])?;
    let open = || SymmetricState::open("AES-128-CTR", Some(&key), Some(&nonce));
    let (state, whole) = (open()?, open()?);
    let sealed = symmetric_batch::encrypt(&[entry(&state, b"two "), entry(&state, b"halves")])?;
    let halves = sealed.into_iter().collect::<Result<Vec<_>>>()?;
    say("in order", halves.concat() == whole.encrypt(b"two halves")?);
    say_hex("second half", &halves[1]);
    Ok(())
}

fn empty_batches() -> Result<()> {
    fn entries<T>(results: Result<Vec<T>>) -> String {
        results.map_or_else(|errno| name(errno).to_owned(), |all| all.len().to_string())
    }
    say("squeeze", entries(symmetric_batch::squeeze(&[])));
    say("squeeze-tag", entries(symmetric_batch::squeeze_tag(&[])));
    say("encrypt", entries(symmetric_batch::encrypt(&[])));
    say(
        "encrypt-detached",
        entries(symmetric_batch::encrypt_detached(&[])),
    );
    say("decrypt", entries(symmetric_batch::decrypt(&[])));
    say(
        "decrypt-detached",
        entries(symmetric_batch::decrypt_detached(&[])),
    );
    let key = SymmetricKey::import("AES-128-GCM", &[0; 16])?;
    say(
        "encrypt-many",
        entries(symmetric_oneshot::encrypt_many(&key, &[]).map(|sealed| sealed.lengths)),
    );
    say(
        "decrypt-many",
        entries(symmetric_oneshot::decrypt_many(&key, &[]).map(|opened| opened.lengths)),
    );
    Ok(())
}
