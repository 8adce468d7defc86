//! Clients from the field: a crate that wraps the witx functions, and an AssemblyScript program.

use wasi_crypto_legacy_tests::Legacy;

/// Source: sha256sum.
const SHA_256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// Source: openssl dgst -hmac.
const HMAC: &str = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
/// Source: RFC 5869, appendix A.1.
const HKDF: &str =
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
/// Source: test case 2 of the GCM specification.
const GCM: &str = "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf";

#[test]
fn the_crate_wasi_crypto_guest_works_as_it_is() {
    let printed = Legacy::guest("examples/witx-client")
        .run()
        .finish()
        .success();
    let expected = format!(
        "hash: {SHA_256}\nhash in parts: {SHA_256}\nmac: {HMAC}\nhkdf: {HKDF}\naead: {GCM}\nsession: 01\n"
    );
    assert_eq!(printed, expected);
}

/// Holds that a program of AssemblyScript, with one of its runtimes, does what it should and keeps every byte.
fn assemblyscript(runtime: &str) {
    let program = Legacy::built(&format!("assemblyscript/client-{runtime}.wasm"));
    let printed = program.run().finish().success();
    let expected = format!("hash: {SHA_256}\naead: {GCM}\nchurn: whole\n");
    assert_eq!(printed, expected, "{runtime}");
}

#[test]
fn an_assemblyscript_program_works_as_it_is() {
    assemblyscript("incremental");
}

#[test]
fn an_assemblyscript_program_without_a_collector_works_as_it_is() {
    assemblyscript("minimal");
}

#[test]
fn an_assemblyscript_program_that_never_frees_works_as_it_is() {
    assemblyscript("stub");
}
