//! What the engine leaves in memory that it gives back, and how much of it it takes.
//!
//! An allocator looks at every block that is freed. The blocks of the test itself never hold a secret:
//! those are in statics, or leaked.

use wasi_crypto_engine::registry::{ALGORITHMS, Kind, NonceRule, Operation};
use wasi_crypto_engine::{
    Algorithm, Backend, Category, Engine, Error, Limits, Options, Policy, State,
};
use wasi_crypto_test_allocators::{Watching, left_behind, repeated, taken};

/// What secrets are made of here: keys, messages and passwords.
const SECRET: [u8; 8] = [0xc3, 0x5a, 0x96, 0xf1, 0x0d, 0xb7, 0x68, 0x2e];
static SECRETS: [u8; 256] = repeated(SECRET);

#[global_allocator]
static ALLOCATOR: Watching = Watching::new(&[&SECRET]);

fn engine(backend: Backend) -> Engine {
    Engine::new(backend, Limits::default(), Policy::default())
}

fn options(engine: &Engine, row: &Algorithm) -> Options {
    let mut options = engine.options(Category::Symmetric);
    if let NonceRule::Required(len) = row.nonce {
        options.set("nonce", &[7; 32][..len]).unwrap();
    }
    if row.name.starts_with("STROBE") {
        options.set("context", b"test protocol").unwrap();
    }
    if row.name.starts_with("ARGON2") {
        options.set_u64("memory_limit", 64 << 10).unwrap();
    } else if row.kind == Kind::PasswordHash {
        options.set_u64("ops_limit", 16).unwrap();
    }
    options
}

/// The state of a key, of an absorbed string, and of all that the row does with them.
fn live(engine: &Engine, row: &Algorithm) -> Option<State> {
    let key = row.key.generated().map(|len| {
        engine
            .import_key(row.name, &SECRETS[..len])
            .expect(row.name)
    });
    let options = options(engine, row);
    let mut state = engine
        .open(row.name, key.as_ref(), Some(&options))
        .expect(row.name);
    if row.has(Operation::Absorb) {
        state.absorb(&SECRETS[..100]).unwrap();
        state.absorb(&SECRETS).unwrap();
    }
    let clone = state.try_clone().ok();
    let _ = state.squeeze(16);
    let _ = state.squeeze_tag();
    let _ = state.squeeze_key("AES-128-GCM");
    if let Ok(ciphertext) = state.encrypt(&SECRETS[..90]) {
        assert!(!ALLOCATOR.holds_secret(&ciphertext), "{}", row.name);
        if let Some(mut clone) = clone {
            let decrypted = clone.decrypt(&ciphertext);
            assert_eq!(decrypted.is_ok(), row.kind != Kind::Session, "{}", row.name);
        }
    }
    Some(state)
}

#[test]
fn the_allocator_sees_what_is_left_behind() {
    let left = left_behind(|| drop(std::hint::black_box(SECRETS.to_vec())));
    assert_eq!(left, 1);
    let left = left_behind(|| drop(std::hint::black_box(SECRETS[3..].to_vec())));
    assert_eq!(left, 1);
}

#[test]
fn no_secret_is_left_in_memory_that_is_given_back() {
    for backend in [Backend::Native, Backend::Portable] {
        for row in ALGORITHMS {
            let engine = engine(backend);
            let left = left_behind(|| drop(live(&engine, row)));
            assert_eq!(left, 0, "{} on {backend:?}", row.name);
        }
    }
}

#[test]
fn keys_options_and_tags_are_wiped() {
    let engine = engine(Backend::Native);
    let left = left_behind(|| {
        let key = engine.import_key("HMAC/SHA-256", &SECRETS).unwrap();
        drop(engine.export_key(&key).unwrap());
        let mut options = engine.options(Category::Symmetric);
        options.set("context", &SECRETS).unwrap();
        options.set("context", b"overwritten").unwrap();
        options.set("salt", &SECRETS[..16]).unwrap();
        drop(options.clone());
    });
    assert_eq!(left, 0);

    // A key stream under which a squeezed tag or key is the secret would be hard to come by; a decrypted message is not.
    let key = engine.generate_key("AES-256-GCM", None).unwrap();
    let nonce = [1; 12];
    let sealed = engine.encrypt(&key, Some(&nonce), b"", &SECRETS).unwrap();
    let left = left_behind(|| {
        drop(
            engine
                .decrypt(&key, Some(&nonce), b"", &sealed.ciphertext)
                .unwrap(),
        );
    });
    assert_eq!(left, 0);
}

#[test]
fn a_failed_decryption_leaves_nothing_either() {
    for backend in [Backend::Native, Backend::Portable] {
        let engine = engine(backend);
        for row in ALGORITHMS
            .iter()
            .filter(|row| row.has(Operation::DecryptDetached))
        {
            let key = engine.generate_key(row.name, None).unwrap();
            let mut options = options(&engine, row);
            if let NonceRule::Generated(len) = row.nonce {
                options.set("nonce", &[7; 32][..len]).unwrap();
            }
            let open = || engine.open(row.name, Some(&key), Some(&options)).unwrap();
            let mut forged = open().encrypt(&SECRETS).unwrap();
            if let Some(last) = forged.last_mut() {
                *last ^= 1;
            }
            let left = left_behind(|| {
                assert_eq!(open().decrypt(&forged).err(), Some(Error::InvalidTag));
            });
            assert_eq!(left, 0, "{} on {backend:?}", row.name);
        }
    }
}

#[test]
fn a_refused_request_takes_no_memory() {
    let engine = engine(Backend::Native);
    for row in ALGORITHMS.iter().filter(|row| row.has(Operation::Squeeze)) {
        let mut state = match live(&engine, row) {
            Some(state) => state,
            None => continue,
        };
        let before = taken();
        for len in [1 << 32, 1 << 40, u64::MAX] {
            assert!(state.squeeze(len).is_err(), "{}", row.name);
        }
        assert!(taken() - before < 4096, "{}", row.name);
    }
    let mut options = engine.options(Category::Symmetric);
    options.set_u64("memory_limit", 4 << 30).unwrap();
    let before = taken();
    let opened = engine.open("ARGON2-ID-13", None, Some(&options));
    assert_eq!(opened.err(), Some(Error::Overflow));
    assert!(taken() - before < 4096);
}

#[test]
fn opening_a_password_hash_takes_none_of_its_memory_yet() {
    let engine = engine(Backend::Native);
    for algorithm in ["ARGON2-ID-13", "SCRYPT"] {
        let before = taken();
        drop(engine.open(algorithm, None, None).unwrap());
        assert!(taken() - before < 64 << 10, "{algorithm}");
    }
}
