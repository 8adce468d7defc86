#![no_main]

use libfuzzer_sys::fuzz_target;
use wasi_crypto_fuzz::modules;

fuzz_target!(init: modules::tolerate_libraries(), |data: &[u8]| {
    // The end of the data is the end of the input, not a failure.
    let _ = modules::adapt_generated(data);
});
