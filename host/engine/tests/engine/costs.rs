//! Nothing takes long because much was buffered before: what an operation processes again is counted, and bound.

use wasi_crypto_engine::{Backend, Category, Engine, Error, Limits, Policy};

use crate::fixture::BACKENDS;

fn engine(backend: Backend) -> Engine {
    let mut limits = Limits::default();
    limits.repeated_bytes = 1 << 20;
    Engine::new(backend, limits, Policy::default())
}

#[test]
fn a_long_info_is_not_hashed_for_many_blocks() {
    for backend in BACKENDS {
        let engine = engine(backend);
        let key = engine.generate_key("HKDF-EXPAND/SHA-256", None).unwrap();
        let mut state = engine
            .open("HKDF-EXPAND/SHA-256", Some(&key), None)
            .unwrap();
        state.absorb(&[7; 300_000]).unwrap();
        assert_eq!(state.repeated_bytes(64), 600_000);
        state.squeeze(96).unwrap();
        assert_eq!(state.squeeze(8160).err(), Some(Error::Overflow));
        assert_eq!(
            state.squeeze_key("HKDF-EXPAND/SHA-512").err(),
            None,
            "two blocks are not too many"
        );
    }
}

#[test]
fn a_long_salt_is_not_hashed_for_many_blocks() {
    for (algorithm, ops) in [("PBKDF2/SHA-256", 1), ("PBKDF2/SHA-512", 1), ("SCRYPT", 2)] {
        let engine = engine(Backend::Native);
        let mut options = engine.options(Category::Symmetric);
        options.set("salt", &[7; 20_000]).unwrap();
        options.set_u64("ops_limit", ops).unwrap();
        let mut state = engine.open(algorithm, None, Some(&options)).unwrap();
        state.absorb(b"password").unwrap();
        let refused = state.squeeze(1 << 20).err();
        assert_eq!(refused, Some(Error::Overflow), "{algorithm}");
        state.squeeze(32).unwrap();
    }
}

#[test]
fn a_long_output_of_a_wide_scrypt_is_refused() {
    let engine = engine(Backend::Native);
    let mut options = engine.options(Category::Symmetric);
    options.set_u64("ops_limit", 2).unwrap();
    options.set_u64("block_size", 1).unwrap();
    options.set_u64("parallelism", 1 << 10).unwrap();
    let mut state = engine.open("SCRYPT", None, Some(&options)).unwrap();
    state.absorb(b"password").unwrap();
    state.squeeze(64).unwrap();
    assert_eq!(state.squeeze(1 << 16).err(), Some(Error::Overflow));
}

#[test]
fn many_short_passes_of_argon2_count_what_it_takes_to_bring_the_lanes_together() {
    let engine = Engine::default();
    let mut options = engine.options(Category::Symmetric);
    options.set_u64("memory_limit", 16 << 10).unwrap();
    options.set_u64("ops_limit", 1 << 19).unwrap();
    options.set_u64("parallelism", 2).unwrap();
    let opened = engine.open("ARGON2-ID-13", None, Some(&options));
    assert_eq!(opened.err(), Some(Error::Overflow));
}

#[test]
fn a_stored_hash_of_two_blocks_counts_as_two() {
    let engine = Engine::default();
    let stored = |len: usize| {
        let mut options = engine.options(Category::Symmetric);
        let hash = "A".repeat(len.div_ceil(3) * 4 - (3 - len % 3) % 3);
        let phc = format!("$pbkdf2-sha256$i=1000,l={len}$AAECAwQFBgcICQoLDA0ODw${hash}");
        options.set("phc", phc.as_bytes()).unwrap();
        engine.open("PBKDF2/SHA-256", None, Some(&options)).unwrap()
    };
    let one = stored(32).squeeze_tag_work();
    assert!((stored(64).squeeze_tag_work() - 2.0 * one).abs() < 1e-12);
}

#[test]
fn a_key_that_has_no_place_leaves_the_state_as_it_was() {
    let mut limits = Limits::default();
    limits.buffered_bytes = 40;
    let engine = Engine::new(Backend::Native, limits, Policy::default());
    let held = engine.import_key("HMAC/SHA-256", &[1; 20]).unwrap();
    let mut state = engine.open("SHAKE-128", None, None).unwrap();
    state.absorb(b"data").unwrap();
    assert_eq!(
        state.squeeze_key("AES-256-GCM").err(),
        Some(Error::Overflow)
    );
    // It still absorbs: nothing was squeezed.
    state.absorb(b"more data").unwrap();
    drop(held);
    state.squeeze_key("AES-256-GCM").unwrap();
}
