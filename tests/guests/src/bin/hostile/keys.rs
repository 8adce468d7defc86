//! Keys of the wrong length or algorithm.

use wasi_crypto_test_guests::symmetric::{SymmetricKey, SymmetricState};
use wasi_crypto_test_guests::{Result, Routine, outcome, say, say_result, with_nonce};

pub const ROUTINES: &[Routine] = &[
    ("short-aes-key", short_aes_key),
    ("long-prk", long_prk),
    ("extracting-for-others", extracting_for_others),
    ("another-algorithms-key", another_algorithms_key),
    ("key-lengths", key_lengths),
];

/// The longest key of `key-lengths`.
const LONGEST: usize = 130;

fn short_aes_key() -> Result<()> {
    for algorithm in ["AES-128-GCM", "AES-256-GCM"] {
        say_result(algorithm, &SymmetricKey::import(algorithm, b"short"));
    }
    Ok(())
}

/// HKDF gives 64 bytes, and AES-256 takes 32.
fn long_prk() -> Result<()> {
    let key = SymmetricKey::import("HKDF-EXTRACT/SHA-512", b"key")?;
    let extract = SymmetricState::open("HKDF-EXTRACT/SHA-512", Some(&key), None)?;
    say_result("extract", &extract.squeeze_key("AES-256-GCM"));

    let prk = extract.squeeze_key("HKDF-EXPAND/SHA-512")?;
    let expand = SymmetricState::open("HKDF-EXPAND/SHA-512", Some(&prk), None)?;
    let derived = expand.squeeze_key("AES-256-GCM")?;
    say("expanded-len", derived.export()?.len());
    let nonce = with_nonce(&[0; 12])?;
    let state = SymmetricState::open("AES-256-GCM", Some(&derived), Some(&nonce));
    say_result("opened", &state);
    say_result("encrypted", &state?.encrypt(b"test"));
    say_result(
        "opened-as-another",
        &SymmetricState::open("AES-256-GCM", Some(&prk), Some(&nonce)),
    );
    Ok(())
}

fn extracting_for_others() -> Result<()> {
    let key = SymmetricKey::import("HKDF-EXTRACT/SHA-256", b"key")?;
    let extract = SymmetricState::open("HKDF-EXTRACT/SHA-256", Some(&key), None)?;
    for algorithm in [
        "HMAC/SHA-256",
        "HMAC/SHA-512",
        "AES-128-GCM",
        "AES-256-GCM",
        "HKDF-EXPAND/SHA-512",
        "HKDF-EXTRACT/SHA-256",
        "HKDF-EXPAND/SHA-256",
    ] {
        say_result(algorithm, &extract.squeeze_key(algorithm));
    }
    Ok(())
}

fn another_algorithms_key() -> Result<()> {
    let key = SymmetricKey::import("AES-128-GCM", &[0; 16])?;
    let nonce = with_nonce(&[0; 16])?;
    let open = |algorithm| SymmetricState::open(algorithm, Some(&key), Some(&nonce));
    say_result("of the same length", &open("AES-128-CTR"));
    say_result("of no algorithm", &open("ROT-13"));
    let unkeyed = SymmetricState::open("SHA-256", Some(&key), None);
    say_result("of an unkeyed algorithm", &unkeyed);
    Ok(())
}

/// For each algorithm that the command line names, which lengths give what: `ok 16, invalid-key 0-15 17-130`.
fn key_lengths() -> Result<()> {
    for algorithm in std::env::args().skip(2) {
        let mut outcomes: Vec<(&str, Vec<(usize, usize)>)> = Vec::new();
        for len in 0..=LONGEST {
            let key = SymmetricKey::import(&algorithm, &vec![0x5a; len]);
            let named = outcome(&key);
            if let Ok(key) = key {
                use_key(&algorithm, &key);
            }
            let index = outcomes.iter().position(|(known, _)| *known == named);
            let index = index.unwrap_or_else(|| {
                outcomes.push((named, Vec::new()));
                outcomes.len() - 1
            });
            let ranges = &mut outcomes[index].1;
            match ranges.last_mut() {
                Some((_, to)) if *to + 1 == len => *to = len,
                _ => ranges.push((len, len)),
            }
        }
        outcomes.sort_by_key(|(named, _)| *named != "ok");
        let shown = outcomes.iter().map(|(named, ranges)| {
            let ranges: String = ranges.iter().map(|range| shown_range(*range)).collect();
            format!("{named}{ranges}")
        });
        say(&algorithm, shown.collect::<Vec<_>>().join(", "));
    }
    Ok(())
}

fn shown_range((from, to): (usize, usize)) -> String {
    if from == to {
        format!(" {from}")
    } else {
        format!(" {from}-{to}")
    }
}

/// A key that was accepted must not bring the host down later: does all that one can do.
fn use_key(algorithm: &str, key: &SymmetricKey) {
    for nonce_len in [None, Some(12), Some(16), Some(24), Some(32)] {
        let nonce = nonce_len.and_then(|len| with_nonce(&vec![7; len]).ok());
        let Ok(state) = SymmetricState::open(algorithm, Some(key), nonce.as_ref()) else {
            continue;
        };
        // What comes of each is for other tests to say.
        let _ = state.absorb(b"data");
        let _ = state.encrypt(b"message");
        let _ = state.decrypt(&[0; 32]);
        let _ = state.ratchet();
        if !algorithm.starts_with("ARGON2") {
            let _ = state.squeeze(32);
            let _ = state.squeeze_tag();
        }
    }
}
