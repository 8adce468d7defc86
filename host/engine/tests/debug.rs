//! `Debug` shows neither what is secret nor what a guest has passed.

use std::fmt::Debug;

use wasi_crypto_engine::{
    CallCost, CallLimits, Category, Engine, Limits, OptionName, Policy, registry,
};

/// A key of 32 bytes, of which no part may be seen.
const MARKER: &[u8; 32] = b"marker marker marker marker mark";

#[track_caller]
fn assert_hidden(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        let bytes: String = shown.split_whitespace().collect();
        let bytes = bytes.to_lowercase();
        for trace in ["marker", "109,97,114", "6d61", "0x6d,0x61", "bwfya"] {
            assert!(!bytes.contains(trace), "{trace}: {shown}");
        }
    }
}

#[test]
fn no_public_type_shows_what_is_in_it() {
    let engine = Engine::default();
    assert_hidden(&engine);
    assert_hidden(&Limits::default());
    assert_hidden(&CallLimits::default());
    assert_hidden(&Policy::default());
    for row in registry::ALGORITHMS {
        assert_hidden(row);
    }

    let mut options = engine.options(Category::Symmetric);
    for name in ["context", "salt", "nonce", "phc"] {
        options.set(name, MARKER).unwrap();
        assert_hidden(&OptionName::find(name));
    }
    assert_hidden(&options);

    let key = engine.import_key("HMAC/SHA-256", MARKER).unwrap();
    assert_hidden(&key);
    let mut state = engine.open("HMAC/SHA-256", Some(&key), None).unwrap();
    state.absorb(MARKER).unwrap();
    assert_hidden(&state);
    let mut cost = CallCost::default();
    cost.add_message(&state, MARKER.len());
    assert_hidden(&cost);

    // What has the marker in its output: a decrypted message, and the string of a password hash.
    let key = engine.import_key("XCHACHA20-POLY1305", MARKER).unwrap();
    let nonce = &MARKER[..24];
    let encryption = engine
        .prepare_encryption(&key, Some(nonce), MARKER, MARKER.len())
        .unwrap();
    assert_hidden(&encryption);
    let mut sealed = engine.encrypt(&key, None, MARKER, MARKER).unwrap();
    sealed.nonce = nonce.to_vec();
    sealed.ciphertext = MARKER.to_vec();
    assert_hidden(&sealed);
    let hash = registry::find("SHA-256").unwrap();
    assert_hidden(&engine.prepare_hash(hash, MARKER, 32).unwrap());

    let key = engine.import_key("ARGON2-ID-13", MARKER).unwrap();
    let mut options = engine.options(Category::Symmetric);
    options.set("context", MARKER).unwrap();
    options.set("salt", MARKER).unwrap();
    options.set_u64("memory_limit", 64 << 10).unwrap();
    let mut state = engine
        .open("ARGON2-ID-13", Some(&key), Some(&options))
        .unwrap();
    state.absorb(MARKER).unwrap();
    assert_hidden(&state);
    assert_hidden(&engine.export_key(&key).unwrap());
    let tag = state.squeeze_tag().unwrap();
    assert!(str::from_utf8(tag.as_bytes()).unwrap().contains("bWFya"));
    assert_hidden(&tag);
    assert_hidden(&tag.verify(MARKER));
    // What refuses it does not show it either.
    assert_hidden(&engine.import_key("AES-128-GCM", MARKER));
    assert_hidden(&engine.hash("marker", MARKER, 32));
}
