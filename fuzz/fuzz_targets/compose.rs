#![no_main]

use libfuzzer_sys::fuzz_target;
use wasi_crypto_fuzz::modules;

fuzz_target!(init: modules::tolerate_libraries(), |data: &[u8]| modules::compose(data));
