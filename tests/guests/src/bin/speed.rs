//! `speed`: how long one-shot calls take, for messages of 64 bytes and of 64 KiB, wherever the package comes from.
//!
//! It prints a row of a table for each algorithm; the tests do not run it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use wasi_crypto_test_guests::Result;
use wasi_crypto_test_guests::say;
use wasi_crypto_test_guests::symmetric::SymmetricKey;
use wasi_crypto_test_guests::symmetric_oneshot::{self, MessageParam};

const HASHES: [(&str, u64); 5] = [
    ("SHA-256", 32),
    ("SHA-512", 64),
    ("SHA3-256", 32),
    ("BLAKE2B-512", 64),
    ("BLAKE3", 32),
];
const MACS: [&str; 2] = ["HMAC/SHA-256", "AES-128-CMAC"];
/// With the lengths of their nonces.
const AEADS: [(&str, usize); 8] = [
    ("AES-128-GCM", 12),
    ("AES-256-GCM", 12),
    ("AES-256-GCM-SIV", 12),
    ("CHACHA20-POLY1305", 12),
    ("XCHACHA20-POLY1305", 24),
    ("AEGIS-128L", 16),
    ("ASCON-AEAD", 16),
    ("XOODYAK-128", 16),
];

fn main() -> Result<()> {
    for (algorithm, len) in HASHES {
        row(algorithm, |data| {
            symmetric_oneshot::hash(algorithm, data, len)
        })?;
    }
    for algorithm in MACS {
        let key = SymmetricKey::generate(algorithm, None)?;
        row(algorithm, |data| {
            symmetric_oneshot::authenticate(&key, data)
        })?;
    }
    for (algorithm, nonce) in AEADS {
        let key = SymmetricKey::generate(algorithm, None)?;
        let nonce = vec![7; nonce];
        row(algorithm, |data| {
            let message = MessageParam {
                nonce: Some(&nonce),
                associated_data: b"header",
                data,
            };
            symmetric_oneshot::encrypt(&key, message).map(|sealed| sealed.ciphertext)
        })?;
    }
    Ok(())
}

/// Prints the best of some samples, for each size.
fn row(algorithm: &str, call: impl Fn(&[u8]) -> Result<Vec<u8>>) -> Result<()> {
    let small = best(&[1; 64], &call)?;
    let large = best(&vec![1; 1 << 16], &call)?;
    let rate = f64::from(1 << 16) / large.as_secs_f64() / 1e6;
    say(
        algorithm,
        format_args!("{} ns, {rate:.0} MB/s", small.as_nanos()),
    );
    Ok(())
}

fn best(data: &[u8], call: impl Fn(&[u8]) -> Result<Vec<u8>>) -> Result<Duration> {
    // Samples so short that other programs leave some of them alone.
    let (samples, times) = if data.len() > 1024 {
        (600, 1)
    } else {
        (600, 50)
    };
    let mut best = Duration::MAX;
    for _ in 0..samples {
        let start = Instant::now();
        for _ in 0..times {
            black_box(call(black_box(data))?);
        }
        best = best.min(start.elapsed() / times);
    }
    Ok(best)
}
