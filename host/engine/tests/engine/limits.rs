//! Nothing that a caller asks for costs more than it may.

use wasi_crypto_engine::registry::{Kind, Operation};
use wasi_crypto_engine::{Backend, Category, Engine, Error, Limits, Policy};

use crate::fixture::{engine, open, options, rows, rows_with};

fn limited(change: impl FnOnce(&mut Limits)) -> Engine {
    let mut limits = Limits::default();
    change(&mut limits);
    Engine::new(Backend::Native, limits, Policy::default())
}

#[test]
fn a_squeeze_over_the_limit_is_refused() {
    for (engine, row) in rows_with(Operation::Squeeze) {
        let limit = engine.limits().squeeze_bytes;
        let mut state = open(&engine, row);
        for len in [limit + 1, 1 << 32, u64::MAX] {
            let refused = state.squeeze(len).err();
            assert!(
                matches!(refused, Some(Error::Overflow | Error::InvalidLength)),
                "{} {len}: {refused:?}",
                row.name
            );
        }
        let mut fresh = open(&engine, row);
        assert_eq!(state.squeeze(32), fresh.squeeze(32), "{}", row.name);
    }
}

#[test]
fn a_squeeze_up_to_the_limit_is_granted() {
    let engine = limited(|limits| limits.squeeze_bytes = 100);
    let mut state = engine.open("SHAKE-128", None, None).unwrap();
    assert_eq!(state.squeeze(100).unwrap().len(), 100);
    assert_eq!(state.squeeze(101).err(), Some(Error::Overflow));
    assert_eq!(state.squeeze_into(&mut [0; 101]), Err(Error::Overflow));
}

#[test]
fn associated_data_is_buffered_up_to_the_limit() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Aead) {
        let limit = engine.limits().buffered_bytes;
        let mut state = open(&engine, row);
        let data = vec![1; 60 << 20];
        state.absorb(&data).expect(row.name);
        for _ in 0..64 {
            assert_eq!(
                state.absorb(&data).err(),
                Some(Error::Overflow),
                "{}",
                row.name
            );
        }
        assert!(engine.buffered_bytes() <= limit, "{}", row.name);
        let clone = state.try_clone();
        assert_eq!(clone.err(), Some(Error::Overflow), "{}", row.name);
        // What did not fit has changed nothing.
        let mut other = open(&self::engine(engine.backend()), row);
        other.absorb(&data).unwrap();
        assert_eq!(
            state.encrypt(b"message"),
            other.encrypt(b"message"),
            "{}",
            row.name
        );
    }
}

#[test]
fn whatever_is_buffered_is_counted_and_given_back() {
    const LEN: usize = 1 << 20;
    let data = vec![1; LEN];
    for (engine, row) in rows() {
        assert_eq!(engine.buffered_bytes(), 0, "{}", row.name);
        let mut state = open(&engine, row);
        if row.has(Operation::Absorb) {
            let before = engine.buffered_bytes();
            state.absorb(&data).expect(row.name);
            let added = engine.buffered_bytes() - before;
            let buffers = matches!(
                row.kind,
                Kind::Aead | Kind::PasswordHash | Kind::Extract | Kind::Expand
            );
            assert_eq!(added >= LEN as u64, buffers, "{} {added}", row.name);
        }
        let clone = state.try_clone();
        drop(state);
        drop(clone);
        assert_eq!(engine.buffered_bytes(), 0, "{}", row.name);
    }
}

#[test]
fn keys_and_options_are_counted_too() {
    let engine = limited(|limits| limits.buffered_bytes = 1000);
    let key = engine.import_key("HMAC/SHA-256", &[0; 900]).unwrap();
    let refused = engine.import_key("HMAC/SHA-256", &[0; 101]);
    assert_eq!(refused.err(), Some(Error::Overflow));
    let mut options = engine.options(Category::Symmetric);
    assert_eq!(options.set("context", &[0; 101]), Err(Error::Overflow));
    drop(key);
    assert_eq!(options.set("context", &[0; 101]), Ok(()));
    assert_eq!(engine.buffered_bytes(), 101);
}

#[test]
fn a_long_context_is_counted_in_each_state_that_keeps_it() {
    for (engine, row) in rows() {
        if !matches!(row.name, "KT128" | "KT256") {
            continue;
        }
        const LEN: usize = 1 << 20;
        let mut options = options(&engine, row);
        options.set("context", &vec![1; LEN]).unwrap();
        let mut states = Vec::new();
        let refused = loop {
            match engine.open(row.name, None, Some(&options)) {
                Ok(state) => states.push(state),
                Err(error) => break error,
            }
            assert!(states.len() < 100, "{} opens without end", row.name);
        };
        assert_eq!(refused, Error::Overflow, "{}", row.name);
        let clone = states[0].try_clone();
        assert_eq!(clone.err(), Some(Error::Overflow), "{}", row.name);
    }
}

#[test]
fn aes_siv_takes_as_many_strings_as_its_standard_allows() {
    for (engine, row) in rows() {
        if !matches!(row.name, "AES-128-SIV" | "AES-256-SIV") {
            continue;
        }
        // The fixture's nonce is one of 126.
        let mut state = open(&engine, row);
        for _ in 0..125 {
            state.absorb(b"x").unwrap();
        }
        assert_eq!(
            state.absorb(b"x").err(),
            Some(Error::Overflow),
            "{}",
            row.name
        );
        let ciphertext = state.encrypt(b"message").unwrap();
        assert_eq!(state.decrypt(&ciphertext).unwrap().as_slice(), b"message");
    }
}
