//! The usage patterns of the witx modules' documentation, through the WIT, give what other implementations give.
//!
//! `gen/patterns.py` prints the constants.

use wasi_crypto_test_harness::{Linking, Outcome, Run};

/// Source: hashlib of Python.
const SHAKE_128: &str = "ddbd5e4fc9f3d346f7f7beefd2b6e5c5a62d62fa9182a41bfdd97ea1d007eff12926e9a5d3048d6a9d25811182a08611c903ad06e185aa54e1e6cf84993b09f0";
/// Source: hmac of Python.
const HMAC_SHA_512: &str = "bd963b1aeb0c906e0244d916ab4a023b38750be4d4be9396d2399593087628daa2d574d6f7b7fd6e88251f55dc4f78dfb0cc42a3c1ffd295f90a8f5a94d23a1f";
/// Source: the cSHAKE256 of pycryptodome, with the encodings of SP 800-185.
const TUPLE_HASH_XOF_256: &str = "3bcaa8706c897649e9d159ec32745d57a551b6fa293c46b7b3da0ba7bb7baeaf3e3f0a099a1e3ada1e9a8f8ed6699d18f76777dbb8df162f5664ec1db42a04b4";
/// Source: hmac of Python: RFC 5869, section 2.2, is one HMAC.
const PRK: &str = "9c5248370e0e4cc7221612d1458e26490f75d763b24d105c061039943e802369b56a4454bfde99691bd5125f8bb29de8b685e1fe76b2b3be781a22bad3887cd9";
/// Source: HKDFExpand of Python's cryptography.
const SUBKEY: &str = "24156e2c35525baaf3d0fbb92b734c8032a110a3f12e2596e441e1924870d84c";
/// Source: blake3 of PyPI.
const BLAKE3_SUBKEY_1: &str = "15fa16db049bcbac966e0ff3894a662e05a31ce0e1e374ce2e7bac5017a4bf90";
/// Source: blake3 of PyPI.
const BLAKE3_SUBKEY_2: &str = "6418fb93d5bc9707d6daec7284e275855b9e761246363237c63aa7e726f0646d";
/// Source: hashlib of Python.
const BLAKE2B_512: &str = "6d44e2d7935985fe70b1d84d64226762fdb08c445423f4ff3977a18f4d92ef1f5918311079e1dbd8599b9ddb09ae5072a1f7a26f4372157f46a7b2cb239dc8a1";
/// Source: argon2-cffi, which is the reference implementation in C.
const ARGON2_STRING: &str = "$argon2id$v=19$m=976562,t=5,p=8$c2l4dGVlbiBieXRlIHNsdA$8PE39gRFyd4zb6fT33XX4CS04R+Ql5uL2Mqro5N9wkA";
/// Source: AESGCM of Python's cryptography, which is OpenSSL.
const AES_256_GCM: &str = "dee0908a37cf8a5e06db2ff59ceb78552a165f70";
/// Source: AESGCMSIV of Python's cryptography, which is OpenSSL.
const AES_256_GCM_SIV: &str = "3e8bf998f58bd74930534f49cab0aba1838a259c";
/// Source: gen/cyclist.py of the vectors, which NIST's known answers check; XKCP's reference code gives the same.
const SESSION_CIPHERTEXT: &str = "85ed3e64ad706c73be1f0cc6341fc5125a39c9c4";
/// Source: gen/cyclist.py of the vectors, which NIST's known answers check; XKCP's reference code gives the same.
const SESSION_OUT: &str = "1a9390929573cef7c199b2f946e91e03";
/// Source: gen/cyclist.py of the vectors, which NIST's known answers check; XKCP's reference code gives the same.
const SESSION_OUT2: &str = "63f9030efdd870fd7b2b27b5e9c20eb5";
/// Source: gen/cyclist.py of the vectors, which NIST's known answers check; XKCP's reference code gives the same.
const SESSION_NEXT_KEY: &str = "ca850be68a9e385f50c2495a1ee38e18";
/// Source: AESGCM of Python's cryptography.
const BATCH_1: &str = "fdf31cd6fa46a43680361d88aef9591d970bb972aab531";
/// Source: AESGCM of Python's cryptography.
const BATCH_2: &str = "e7484136438e013d97794059f6beecee0006b81f1732f7a58e24bc557af09ee6";

/// "test" in hexadecimal.
const TEST: &str = "74657374";

/// Runs a pattern each way.
fn patterns(name: &str, check: impl Fn(&Outcome)) {
    for linking in Linking::EVERYWHERE {
        check(&Run::new("patterns", linking).args([name]).finish());
    }
}

#[test]
fn hashing() {
    patterns("hashing", |outcome| {
        outcome.assert_lines(&[("out", SHAKE_128)]);
    });
}

#[test]
fn authenticating() {
    patterns("mac", |outcome| {
        outcome.assert_lines(&[("raw-tag", HMAC_SHA_512)]);
    });
}

#[test]
fn verifying() {
    patterns("mac-verification", |outcome| {
        outcome.assert_lines(&[
            ("same", "ok"),
            ("another", "invalid-tag"),
            ("same-again", "ok"),
            ("one-bit-off", "invalid-tag"),
        ]);
    });
}

#[test]
fn hashing_a_tuple() {
    patterns("tuple-hashing", |outcome| {
        outcome.assert_lines(&[("out", TUPLE_HASH_XOF_256)]);
    });
}

#[test]
fn deriving_by_extract_and_expand() {
    patterns("extract-and-expand", |outcome| {
        outcome.assert_lines(&[("prk", PRK), ("subkey", SUBKEY)]);
    });
}

#[test]
fn deriving_with_an_xof() {
    patterns("xof-derivation", |outcome| {
        outcome.assert_lines(&[("subkey1", BLAKE3_SUBKEY_1), ("subkey2", BLAKE3_SUBKEY_2)]);
    });
}

#[test]
fn giving_additional_parameters() {
    patterns("options", |outcome| {
        outcome.assert_lines(&[("out", BLAKE2B_512)]);
    });
}

#[test]
fn hashing_a_password_and_verifying_it() {
    patterns("password-hashing", |outcome| {
        outcome.assert_success();
        assert_eq!(outcome.value("same"), "ok");
        assert_eq!(outcome.value("another"), "invalid-tag");
        // All but the salt, which is drawn anew, and the hash.
        let fixed = |string: &str| -> Vec<String> {
            string.split('$').take(4).map(str::to_owned).collect()
        };
        let string = outcome.value("string");
        assert_eq!(fixed(string), fixed(ARGON2_STRING));
        assert_eq!(string.len(), ARGON2_STRING.len());
        assert_ne!(string, ARGON2_STRING);
    });
}

#[test]
fn hashing_a_password_with_a_given_salt() {
    patterns("password-hashing-with-salt", |outcome| {
        outcome.assert_lines(&[("string", ARGON2_STRING)]);
    });
}

#[test]
fn encrypting_with_an_explicit_nonce() {
    patterns("aead-explicit-nonce", |outcome| {
        outcome.assert_lines(&[
            ("generated-len", "20"),
            ("opened", TEST),
            ("ciphertext", AES_256_GCM),
        ]);
    });
}

#[test]
fn encrypting_with_a_generated_nonce() {
    patterns("aead-generated-nonce", |outcome| {
        outcome.assert_success();
        assert_eq!(outcome.values("opened").collect::<Vec<_>>(), [TEST; 2]);
        assert_eq!(outcome.value("ciphertext"), AES_256_GCM_SIV);
        let nonces: Vec<_> = outcome.values("nonce").collect();
        assert_eq!(nonces.len(), 2);
        assert_ne!(nonces[0], nonces[1]);
        assert!(nonces.iter().all(|nonce| nonce.len() == 24), "{nonces:?}");
    });
}

#[test]
fn running_a_session() {
    patterns("session", |outcome| {
        outcome.assert_lines(&[
            ("opened", "61626364"),
            ("in-step", "true"),
            ("ciphertext", SESSION_CIPHERTEXT),
            ("out", SESSION_OUT),
            ("out2", SESSION_OUT2),
            ("next-key", SESSION_NEXT_KEY),
        ]);
    });
}

#[test]
fn encrypting_a_batch() {
    patterns("batch-encryption", |outcome| {
        outcome.assert_lines(&[("ciphertext", BATCH_1), ("ciphertext", BATCH_2)]);
    });
}

#[test]
fn pulling_a_tag() {
    patterns("tag-pull", |outcome| {
        let (ciphertext, tag) = AES_256_GCM.split_at(TEST.len());
        outcome.assert_lines(&[("ciphertext", ciphertext), ("len", "16"), ("raw-tag", tag)]);
    });
}
