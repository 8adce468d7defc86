//! The same work by the fastest crates, called directly.

use std::hint::black_box;

use aws_lc_rs::aead::{AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasi_crypto_engine::Engine;

use crate::Work;

const NONCE: [u8; 12] = [3; 12];
const HEADER: &[u8] = b"header";

pub fn work(algorithm: &str, size: u32) -> Option<Work> {
    let data = vec![7; size as usize];
    Some(match algorithm {
        "SHA-256" => Box::new(move || {
            black_box(Sha256::digest(black_box(&data)));
        }),
        "HMAC/SHA-256" => {
            let key = <Hmac<Sha256> as KeyInit>::new_from_slice(&[1; 32]).ok()?;
            Box::new(move || {
                let mut mac = key.clone();
                mac.update(black_box(&data));
                black_box(mac.finalize().into_bytes());
            })
        }
        "BLAKE3" => Box::new(move || {
            black_box(blake3::hash(black_box(&data)));
        }),
        "AES-256-GCM" => sealing(&AES_256_GCM, data)?,
        "CHACHA20-POLY1305" => sealing(&CHACHA20_POLY1305, data)?,
        // The crate has only the permutation right; the mode of operation is the engine's.
        "XOODYAK-128" => {
            let engine = Engine::default();
            let key = engine.import_key(algorithm, &[1; 16]).ok()?;
            Box::new(move || {
                black_box(engine.encrypt(&key, Some(&NONCE), HEADER, black_box(&data))).ok();
            })
        }
        _ => return None,
    })
}

fn sealing(algorithm: &'static aws_lc_rs::aead::Algorithm, data: Vec<u8>) -> Option<Work> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, &[1; 32]).ok()?);
    let mut out = vec![0; data.len()];
    let mut tag = [0; 16];
    Some(Box::new(move || {
        let sealed = key.seal_out_of_place_scatter(
            Nonce::assume_unique_for_key(NONCE),
            Aad::from(HEADER),
            black_box(&data),
            black_box(&mut out),
            &[],
            &mut tag,
        );
        black_box(sealed).ok();
    }))
}
