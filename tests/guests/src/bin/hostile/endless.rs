//! Too much: to give, to take, to keep.

use wasi_crypto_test_guests::symmetric::{SymmetricKey, SymmetricState};
use wasi_crypto_test_guests::symmetric_batch::{self, DecryptParamsParam, SqueezeParams};
use wasi_crypto_test_guests::symmetric_oneshot::{self, MessageParam};
use wasi_crypto_test_guests::{Result, Routine, options, outcome, say, say_result, with_nonce};

pub const ROUTINES: &[Routine] = &[
    ("huge-squeezes", huge_squeezes),
    ("endless-associated-data", endless_associated_data),
    ("endless-buffers", endless_buffers),
    ("repeated-input", repeated_input),
    ("over-call-bytes", over_call_bytes),
    ("over-hostcall-fuel", over_hostcall_fuel),
];

const MIB: usize = 1 << 20;

fn huge_squeezes() -> Result<()> {
    for (algorithm, nonce_len) in [
        ("SHAKE-128", 0),
        ("KT128", 0),
        ("BLAKE3", 0),
        ("TupleHash128", 0),
        ("TupleHashXOF256", 0),
        ("XOODYAK-128", 0),
        ("SHA-256", 0),
        ("KMAC-256", 0),
        ("AES-256-CTR", 16),
        ("HKDF-EXPAND/SHA-256", 0),
        ("HMAC-DRBG/SHA-256", 0),
    ] {
        let key = SymmetricKey::generate(algorithm, None).ok();
        let key = key.filter(|_| SymmetricState::open(algorithm, None, None).is_err());
        let nonce = with_nonce(&vec![0; nonce_len])?;
        let nonce = (nonce_len > 0).then_some(&nonce);
        let state = SymmetricState::open(algorithm, key.as_ref(), nonce)?;
        let outcomes = [4 << 30, u64::MAX, 16].map(|len| state.squeeze(len));
        let outcomes = outcomes.each_ref().map(outcome);
        say(algorithm, outcomes.join(", "));
    }
    Ok(())
}

/// What 64 absorbs of a piece come to: `ok 3, overflow 61`.
fn absorb_64(state: &SymmetricState, piece: &[u8]) -> String {
    let mut counts: Vec<(&str, u32)> = Vec::new();
    for _ in 0..64 {
        let absorbed = outcome(&state.absorb(piece));
        match counts.iter_mut().find(|(name, _)| *name == absorbed) {
            Some((_, count)) => *count += 1,
            None => counts.push((absorbed, 1)),
        }
    }
    let shown = counts.iter().map(|(name, count)| format!("{name} {count}"));
    shown.collect::<Vec<_>>().join(", ")
}

fn endless_associated_data() -> Result<()> {
    let piece = vec![0; 64 * MIB];
    let key = SymmetricKey::generate("AES-256-GCM", None)?;
    let nonce = with_nonce(&[0; 12])?;
    let open = || SymmetricState::open("AES-256-GCM", Some(&key), Some(&nonce));
    let state = open()?;
    say("64 MiB", absorb_64(&state, &piece));
    say("16 MiB", absorb_64(&state, &piece[..16 * MIB]));
    say("still", outcome(&state.encrypt(b"test")));
    say_result("another's", &open()?.absorb(&piece[..48 * MIB]));
    drop(state);
    say_result("afterwards", &open()?.absorb(&piece[..48 * MIB]));
    Ok(())
}

/// Other algorithms that keep what they absorb.
fn endless_buffers() -> Result<()> {
    let piece = vec![0; 16 * MIB];
    for algorithm in ["AES-128-SIV", "HKDF-EXPAND/SHA-256", "HKDF-EXTRACT/SHA-256"] {
        let key = SymmetricKey::generate(algorithm, None)?;
        let state = SymmetricState::open(algorithm, Some(&key), None)?;
        say(algorithm, absorb_64(&state, &piece));
    }
    for algorithm in ["ARGON2-ID-13", "SCRYPT", "PBKDF2/SHA-256"] {
        let state = SymmetricState::open(algorithm, None, None)?;
        say(algorithm, absorb_64(&state, &piece));
    }
    let sets: Vec<_> = (0..64).map(|_| options()).collect::<Result<_>>()?;
    let set = sets.iter().filter(|set| set.set("salt", &piece).is_ok());
    say("options", set.count());
    drop(sets);
    let keys = (0..64).filter_map(|_| SymmetricKey::import("HMAC/SHA-256", &piece).ok());
    say("keys", keys.collect::<Vec<_>>().len());
    Ok(())
}

/// Little to ask for, and much to compute: input that is kept and gone through again for every block, or every entry.
fn repeated_input() -> Result<()> {
    let piece = vec![0; 32 * MIB];
    let key = SymmetricKey::generate("HKDF-EXPAND/SHA-256", None)?;
    let expand = SymmetricState::open("HKDF-EXPAND/SHA-256", Some(&key), None)?;
    expand.absorb(&piece)?;
    say_result("info for 255 blocks", &expand.squeeze(255 * 32));
    let batch = [0; 1000].map(|_| SqueezeParams {
        state: &expand,
        len: 1,
    });
    say_result("info for 1000 entries", &symmetric_batch::squeeze(&batch));
    say_result("info for a block", &expand.squeeze(32));
    drop(expand);

    for (algorithm, costs, len) in [
        ("PBKDF2/SHA-256", &[("ops_limit", 1)][..], 16 * MIB as u64),
        (
            "SCRYPT",
            &[
                ("ops_limit", 2),
                ("block_size", 8),
                ("parallelism", 1 << 19),
            ],
            32,
        ),
    ] {
        let options = options()?;
        for (name, value) in costs {
            options.set_u64(name, *value)?;
        }
        options.set("salt", &piece[..16 * MIB])?;
        let state = SymmetricState::open(algorithm, None, Some(&options));
        say_result(algorithm, &state.and_then(|state| state.squeeze(len)));
    }

    let nonce = with_nonce(&[0; 16])?;
    for (algorithm, key_len) in [("ASCON-AEAD", 16), ("AES-256-SIV", 64)] {
        let key = SymmetricKey::import(algorithm, &vec![0; key_len])?;
        let state = SymmetricState::open(algorithm, Some(&key), Some(&nonce))?;
        state.absorb(&piece)?;
        let batch = [0; 1000].map(|_| DecryptParamsParam {
            state: &state,
            data: &[0; 16],
        });
        say_result(algorithm, &symmetric_batch::decrypt(&batch));
        // Nothing was done: the nonce is still there to be used.
        say_result("afterwards", &state.encrypt(b"test"));
    }
    Ok(())
}

/// One byte and more than a call may bring.
fn over_call_bytes() -> Result<()> {
    let data = vec![0; 65 * MIB];
    let (allowed, over) = (&data[..64 * MIB], &data[..64 * MIB + 1]);
    let hash = SymmetricState::open("SHA-256", None, None)?;
    say_result("absorb 64 MiB", &hash.absorb(allowed));
    say_result("absorb a byte more", &hash.absorb(over));
    say_result("absorb 65 MiB", &hash.absorb(&data));

    let key = SymmetricKey::import("AES-128-GCM", &[0; 16])?;
    let nonce = with_nonce(&[0; 12])?;
    let state = SymmetricState::open("AES-128-GCM", Some(&key), Some(&nonce))?;
    say_result("encrypt", &state.encrypt(over));
    say_result("encrypt detached", &state.encrypt_detached(over));
    say_result("decrypt", &state.decrypt(over));
    say_result("decrypt detached", &state.decrypt_detached(over, &[0; 16]));
    say_result("import", &SymmetricKey::import("HMAC/SHA-256", &data));
    say_result("set", &options()?.set("salt", &data));
    say_result("hash", &symmetric_oneshot::hash("SHA-256", over, 32));
    let message = || MessageParam {
        nonce: Some(&[0; 12]),
        associated_data: &data[..MIB],
        data: allowed,
    };
    say_result("one shot", &symmetric_oneshot::encrypt(&key, message()));
    say_result(
        "many",
        &symmetric_oneshot::encrypt_many(&key, &[message(), message()]),
    );
    let mac = SymmetricKey::import("HMAC/SHA-256", &[0; 32])?;
    say_result("authenticate", &symmetric_oneshot::authenticate(&mac, over));
    say_result("verify", &symmetric_oneshot::verify(&mac, over, &[0; 32]));
    say_result("derive", &symmetric_oneshot::derive(&mac, over, 32));
    Ok(())
}

fn over_hostcall_fuel() -> Result<()> {
    let data = vec![0; 128 * MIB + 1];
    let hash = SymmetricState::open("SHA-256", None, None)?;
    say_result("absorbed", &hash.absorb(&data));
    Ok(())
}
