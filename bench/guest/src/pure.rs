//! The same work in pure wasm: the crates that a component would use without a host.

use std::hint::black_box;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use chacha20poly1305::ChaCha20Poly1305;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use xoodyak::{XoodyakCommon, XoodyakKeyed};

use crate::{Case, Subject};

const NONCE: [u8; 12] = [3; 12];
const KEY: [u8; 32] = [1; 32];

pub(crate) fn case(subject: Subject) -> Option<Case> {
    let data = subject.data;
    Some(match subject.algorithm.as_str() {
        "SHA-256" => Box::new(move || {
            black_box(Sha256::digest(black_box(&data)).to_vec());
        }),
        "HMAC/SHA-256" => {
            let key = <Hmac<Sha256> as KeyInit>::new_from_slice(&KEY).ok()?;
            Box::new(move || {
                let mut mac = key.clone();
                mac.update(black_box(&data));
                black_box(mac.finalize().into_bytes().to_vec());
            })
        }
        "BLAKE3" => Box::new(move || {
            black_box(blake3::hash(black_box(&data)).as_bytes().to_vec());
        }),
        "AES-256-GCM" => sealing(Aes256Gcm::new_from_slice(&KEY).ok()?, data),
        "CHACHA20-POLY1305" => sealing(ChaCha20Poly1305::new_from_slice(&KEY).ok()?, data),
        "XOODYAK-128" => Box::new(move || {
            let key: &[u8; 16] = KEY.first_chunk().unwrap_or(&[0; 16]);
            let Ok(mut session) = XoodyakKeyed::new(key, Some(&NONCE), None, None) else {
                return;
            };
            session.absorb(b"header");
            let mut out = vec![0; data.len() + 16];
            let sealed = session.aead_encrypt(&mut out, Some(black_box(&data)));
            black_box((sealed.is_ok(), out));
        }),
        _ => return None,
    })
}

fn sealing<A: Aead + 'static>(aead: A, data: Vec<u8>) -> Case {
    Box::new(move || {
        let nonce = NONCE.as_slice().try_into();
        let Ok(nonce) = nonce else { return };
        let message = Payload {
            msg: black_box(&data),
            aad: b"header",
        };
        let sealed = aead.encrypt(nonce, message);
        black_box(sealed.is_ok());
    })
}
