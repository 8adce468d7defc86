//! Modules as text.

use wasi_crypto_test_harness::Outcome;

use crate::Legacy;

/// Assembles a module.
///
/// # Panics
///
/// If the text is none.
pub fn module(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Runs a module.
///
/// # Panics
///
/// If it cannot be run.
pub fn run(text: &str) -> Outcome {
    Legacy::new(&module(text)).run().finish()
}

/// Hashes nothing with SHA-256, and traps if the digest does not begin as it should. The module has its data at 0 to 63,
/// handles and results at 64, and the digest at 96.
const HASH: &str = r#"
    (func $hash
        (i32.store8 (i32.const 32) (i32.const 1))
        (if (call $open (i32.const 0) (i32.const 7) (i32.const 32) (i32.const 32) (i32.const 64))
            (then unreachable))
        (if (call $squeeze (i32.load (i32.const 64)) (i32.const 96) (i32.const 32))
            (then unreachable))
        (if (call $close (i32.load (i32.const 64)))
            (then unreachable))
        (if (i32.ne (i32.load (i32.const 96)) (i32.const 0x42c4b0e3))
            (then unreachable)))
    (data (i32.const 0) "SHA-256")
"#;

const IMPORTS: &str = r#"
    (import "wasi_ephemeral_crypto_symmetric" "symmetric_state_open"
        (func $open (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_ephemeral_crypto_symmetric" "symmetric_state_squeeze"
        (func $squeeze (param i32 i32 i32) (result i32)))
    (import "wasi_ephemeral_crypto_symmetric" "symmetric_state_close"
        (func $close (param i32) (result i32)))
"#;

/// A module that defines `$hash`, which does and holds the above, and what else is given.
pub fn hashing(rest: &str) -> String {
    format!("(module {IMPORTS} {rest} {HASH})")
}
