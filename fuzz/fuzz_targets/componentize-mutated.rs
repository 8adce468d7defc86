#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use wasi_crypto_fuzz::modules;

fuzz_target!(init: modules::tolerate_libraries(), |data: &[u8]| {
    let _ = modules::adapt(data);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    modules::mutate(data, size, max_size, seed, fuzzer_mutate)
});
