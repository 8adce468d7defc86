#![no_main]

use libfuzzer_sys::fuzz_target;
use wasi_crypto_engine::registry::Kind;

fuzz_target!(|data: &[u8]| wasi_crypto_fuzz::drive(&[Kind::Aead], data));
