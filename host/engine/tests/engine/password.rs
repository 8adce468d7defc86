//! Password hashing.

use std::time::{Duration, Instant};

use wasi_crypto_engine::registry::Kind;
use wasi_crypto_engine::{Algorithm, Backend, Category, Engine, Error, Limits, Options, Policy};

use crate::fixture::{engine, open, open_with, options, rows};

fn password_rows() -> impl Iterator<Item = (Engine, &'static Algorithm)> {
    rows().filter(|(_, row)| row.kind == Kind::PasswordHash)
}

fn symmetric(engine: &Engine) -> Options {
    engine.options(Category::Symmetric)
}

fn stored(engine: &Engine, phc: &str) -> Options {
    let mut options = symmetric(engine);
    options.set("phc", phc.as_bytes()).unwrap();
    options
}

/// Opens under `options` without a key and says why not; at once, in either case.
fn refused(engine: &Engine, algorithm: &str, options: &Options) -> Option<Error> {
    let start = Instant::now();
    let opened = engine.open(algorithm, None, Some(options));
    assert!(start.elapsed() < Duration::from_secs(1), "{algorithm}");
    opened.err()
}

#[test]
fn absurd_costs_are_refused_at_once() {
    let engine = engine(Backend::Native);
    for (algorithm, costs) in [
        ("ARGON2-ID-13", &[("memory_limit", 4 << 30)][..]),
        ("ARGON2-ID-13", &[("memory_limit", u64::MAX)]),
        ("ARGON2-I-13", &[("ops_limit", (1 << 32) - 1)]),
        ("ARGON2-D-13", &[("ops_limit", u64::MAX)]),
        (
            "ARGON2-ID-13",
            &[("memory_limit", 8 << 10), ("ops_limit", (1 << 32) - 1)],
        ),
        ("SCRYPT", &[("ops_limit", 1 << 40)]),
        ("SCRYPT", &[("ops_limit", 1 << 63)]),
        ("SCRYPT", &[("block_size", u64::MAX)]),
        ("SCRYPT", &[("parallelism", u64::MAX)]),
        (
            "SCRYPT",
            &[
                ("block_size", (1 << 32) - 1),
                ("parallelism", (1 << 32) - 1),
            ],
        ),
        ("PBKDF2/SHA-256", &[("ops_limit", (1 << 32) - 1)]),
        ("PBKDF2/SHA-512", &[("ops_limit", u64::MAX)]),
    ] {
        let mut options = symmetric(&engine);
        for &(name, value) in costs {
            options.set_u64(name, value).unwrap();
        }
        let error = refused(&engine, algorithm, &options);
        assert_eq!(error, Some(Error::Overflow), "{algorithm} {costs:?}");
    }
}

#[test]
fn costs_that_make_no_sense_are_refused() {
    let engine = engine(Backend::Native);
    for (algorithm, name, value) in [
        ("ARGON2-ID-13", "ops_limit", 0),
        ("ARGON2-ID-13", "parallelism", 0),
        ("ARGON2-ID-13", "parallelism", 1 << 24),
        ("ARGON2-ID-13", "parallelism", u64::MAX),
        ("ARGON2-ID-13", "memory_limit", 0),
        ("ARGON2-ID-13", "memory_limit", 8191),
        ("SCRYPT", "ops_limit", 0),
        ("SCRYPT", "ops_limit", 1),
        ("SCRYPT", "ops_limit", 1000),
        ("SCRYPT", "block_size", 0),
        ("SCRYPT", "parallelism", 0),
        ("PBKDF2/SHA-256", "ops_limit", 0),
    ] {
        let mut options = symmetric(&engine);
        options.set_u64(name, value).unwrap();
        let error = refused(&engine, algorithm, &options);
        assert_eq!(
            error,
            Some(Error::UnsupportedOption),
            "{algorithm} {name} {value}"
        );
    }
}

#[test]
fn the_products_of_scrypts_costs_do_not_wrap() {
    let mut limits = Limits::default();
    limits.password_memory = u64::MAX;
    limits.scrypt_work = u64::MAX;
    let engine = Engine::new(Backend::Native, limits, Policy::default());
    for (r, p) in [
        (1 << 16, 1 << 16),
        (1 << 31, 2),
        ((1 << 32) - 1, (1 << 32) - 1),
    ] {
        let mut options = symmetric(&engine);
        options.set_u64("ops_limit", 2).unwrap();
        options.set_u64("block_size", r).unwrap();
        options.set_u64("parallelism", p).unwrap();
        let error = refused(&engine, "SCRYPT", &options);
        assert_eq!(error, Some(Error::UnsupportedOption), "{r} {p}");
    }
}

#[test]
fn absurd_stored_hashes_are_refused_at_once() {
    const TAIL: &str = "$c2l4dGVlbiBieXRlcyBvaw$+ULTw7cPC4NCHiACzPxruQ";
    let engine = engine(Backend::Native);
    for (algorithm, head) in [
        ("ARGON2-ID-13", "$argon2id$v=19$m=4294967295,t=1,p=1"),
        ("ARGON2-ID-13", "$argon2id$v=19$m=1024,t=4294967295,p=1"),
        ("ARGON2-D-13", "$argon2d$v=19$m=4294967295,t=4294967295,p=1"),
        ("SCRYPT", "$scrypt$ln=63,r=8,p=1"),
        ("SCRYPT", "$scrypt$ln=64,r=8,p=1"),
        ("SCRYPT", "$scrypt$ln=4294967295,r=8,p=1"),
        ("SCRYPT", "$scrypt$ln=10,r=4294967295,p=4294967295"),
        ("PBKDF2/SHA-256", "$pbkdf2-sha256$i=4294967295,l=16"),
    ] {
        let options = stored(&engine, &format!("{head}{TAIL}"));
        let error = refused(&engine, algorithm, &options);
        assert_eq!(error, Some(Error::Overflow), "{head}");
    }
}

#[test]
fn malformed_stored_hashes_are_an_unsupported_encoding() {
    let engine = engine(Backend::Native);
    for phc in [
        "x",
        "$",
        "$$",
        "argon2id",
        "$argon2id",
        "$argon2id$v=19",
        "$argon2id$v=19$m=64,t=1,p=1",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$%%%%",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$cpx6",
        "$argon2id$v=19$m=64,t=1$c29tZXNhbHQ$cpx6VEQbwTVZvcpxNIxOVUWZ5xnAipUmAe1cg2GMG70",
        "$argon2id$v=19$m=x,t=1,p=1$c29tZXNhbHQ$cpx6VEQbwTVZvcpxNIxOVUWZ5xnAipUmAe1cg2GMG70",
        "$argon2id$v=19$m=-1,t=1,p=1$c29tZXNhbHQ$cpx6VEQbwTVZvcpxNIxOVUWZ5xnAipUmAe1cg2GMG70",
        "$argon2id$v=18$m=64,t=1,p=1$c29tZXNhbHQ$cpx6VEQbwTVZvcpxNIxOVUWZ5xnAipUmAe1cg2GMG70",
        "$argon2id$v=19$m=99999999999,t=1,p=1$c29tZXNhbHQ$cpx6VEQbwTVZvcpxNIxOVUWZ5xnAipUmAe1c",
        "$argon2id$v=19$m=64,t=1,p=1,data=%%$c29tZXNhbHQ$cpx6VEQbwTVZvcpxNIxOVUWZ5xnAipUmAe1cg2",
    ] {
        let error = refused(&engine, "ARGON2-ID-13", &stored(&engine, phc));
        assert_eq!(error, Some(Error::UnsupportedEncoding), "{phc}");
    }
    let mut options = symmetric(&engine);
    options.set("phc", b"\xff\xfe").unwrap();
    let error = refused(&engine, "ARGON2-ID-13", &options);
    assert_eq!(error, Some(Error::UnsupportedEncoding));
    let endless = "$argon2id$v=19$m=64,t=1,p=1$".to_owned() + &"A".repeat(1 << 20);
    let error = refused(&engine, "ARGON2-ID-13", &stored(&engine, &endless));
    assert_eq!(error, Some(Error::UnsupportedEncoding));
    for (algorithm, phc) in [
        (
            "SCRYPT",
            "$scrypt$v=1$ln=4,r=8,p=1$c2l4dGVlbiBieXRlcyBvaw$+ULTw7cPC4NCHiACzPxruQ",
        ),
        (
            "SCRYPT",
            "$scrypt$ln=4,r=8$c2l4dGVlbiBieXRlcyBvaw$+ULTw7cPC4NCHiACzPxruQ",
        ),
        (
            "PBKDF2/SHA-256",
            "$pbkdf2-sha256$l=16$c2l4dGVlbiBieXRlcyBvaw$+ULTw7cPC4NCHiACzPxruQ",
        ),
        (
            "PBKDF2/SHA-256",
            "$pbkdf2-sha256$i=1,l=32$c2l4dGVlbiBieXRlcyBvaw$+ULTw7cPC4NCHiACzPxruQ",
        ),
    ] {
        let error = refused(&engine, algorithm, &stored(&engine, phc));
        assert_eq!(error, Some(Error::UnsupportedEncoding), "{phc}");
    }
}

#[test]
fn an_empty_stored_hash_is_nothing_to_verify() {
    for (engine, row) in password_rows() {
        let error = refused(&engine, row.name, &stored(&engine, ""));
        assert_eq!(error, Some(Error::ParametersMissing), "{}", row.name);
    }
}

#[test]
fn a_stored_hash_verifies_with_its_password_and_no_other() {
    for (engine, row) in password_rows() {
        let key = crate::fixture::key(&engine, row);
        let mut state = open(&engine, row);
        state.absorb(b"pass").unwrap();
        state.absorb(b"word").unwrap();
        let string = state.squeeze_tag().expect(row.name);
        let text = str::from_utf8(string.as_bytes()).unwrap();
        let options = stored(&engine, text);
        for (password, expected) in [
            (&b"password"[..], Ok(())),
            (b"passwort", Err(Error::InvalidTag)),
            (b"", Err(Error::InvalidTag)),
            (b"password ", Err(Error::InvalidTag)),
        ] {
            let mut state = open_with(&engine, row, &options);
            state.absorb(password).unwrap();
            let computed = state.squeeze_tag().expect(row.name);
            assert_eq!(computed.verify(text.as_bytes()), expected, "{}", row.name);
            assert_eq!(computed.len(), text.len(), "{}", row.name);
        }
        for other in password_rows().map(|(_, other)| other) {
            if other.name != row.name {
                let opened = engine.open(other.name, None, Some(&options));
                let incompatible = Some(Error::IncompatibleKeys);
                assert_eq!(opened.err(), incompatible, "{} {}", row.name, other.name);
            }
        }
        if key.is_some() {
            // Argon2's secret is part of the input.
            let mut without = engine.open(row.name, None, Some(&options)).unwrap();
            without.absorb(b"password").unwrap();
            let computed = without.squeeze_tag().unwrap();
            assert_eq!(computed.verify(text.as_bytes()), Err(Error::InvalidTag));
        }
    }
}

#[test]
fn a_stored_hash_says_its_parameters_over_the_options_beside_it() {
    for (engine, row) in password_rows() {
        let mut state = open(&engine, row);
        state.absorb(b"password").unwrap();
        let string = state.squeeze_tag().expect(row.name);
        let mut options = symmetric(&engine);
        options.set("phc", string.as_bytes()).unwrap();
        options.set("salt", b"another salt").unwrap();
        options.set_u64("ops_limit", 4).unwrap();
        let mut verifying = open_with(&engine, row, &options);
        assert_eq!(
            verifying.option("salt"),
            Ok(&b"sixteen bytes ok"[..]),
            "{}",
            row.name
        );
        assert_eq!(
            verifying.option_u64("ops_limit"),
            state.option_u64("ops_limit")
        );
        verifying.absorb(b"password").unwrap();
        let computed = verifying.squeeze_tag().unwrap();
        assert_eq!(computed.verify(string.as_bytes()), Ok(()), "{}", row.name);
    }
}

#[test]
fn a_stored_hash_verifies_in_its_own_spelling() {
    // Valid strings that this engine would spell otherwise: no version (which is 16), and the parameters in another order.
    let engine = engine(Backend::Native);
    for (version, params) in [("", "m=64,t=1,p=1"), ("$v=16", "t=1,p=1,m=64")] {
        let head = format!("$argon2id{version}${params}$c2l4dGVlbiBieXRlcyBvaw");
        let placeholder = format!("{head}$AAAAAAAAAAAAAAAAAAAAAA");
        let options = stored(&engine, &placeholder);
        let mut state = engine.open("ARGON2-ID-13", None, Some(&options)).unwrap();
        state.absorb(b"password").unwrap();
        let computed = state.squeeze_tag().unwrap();
        let text = str::from_utf8(computed.as_bytes()).unwrap();
        assert!(text.starts_with(&head), "{text}");
        assert_eq!(
            computed.verify(placeholder.as_bytes()),
            Err(Error::InvalidTag)
        );

        let options = stored(&engine, text);
        let mut state = engine.open("ARGON2-ID-13", None, Some(&options)).unwrap();
        state.absorb(b"password").unwrap();
        let again = state.squeeze_tag().unwrap();
        assert_eq!(again.verify(text.as_bytes()), Ok(()), "{text}");
    }
}

#[test]
fn a_missing_salt_is_generated_fresh_for_each_state() {
    for (engine, row) in password_rows() {
        let cheap = options(&engine, row);
        let mut without_salt = symmetric(&engine);
        for name in row.options {
            let known = open_with(&engine, row, &cheap);
            if let Ok(value) = known.option_u64(name.as_str())
                && name.as_str() != "buffer"
            {
                without_salt.set_u64(name.as_str(), value).unwrap();
            }
        }
        let salts = [(); 2].map(|()| {
            let state = open_with(&engine, row, &without_salt);
            state.option("salt").unwrap().to_vec()
        });
        assert_eq!(salts[0].len(), 16, "{}", row.name);
        assert_ne!(salts[0], salts[1], "{}", row.name);
    }
}

#[test]
fn a_buffer_permits_memory_and_sets_it_where_nothing_else_does() {
    let engine = engine(Backend::Native);
    let mut options = symmetric(&engine);
    options.set_guest_buffer("memory", 1_000_000).unwrap();
    let state = engine.open("ARGON2-ID-13", None, Some(&options)).unwrap();
    assert_eq!(state.option_u64("memory_limit"), Ok(1_000_000));
    assert_eq!(state.option_u64("buffer"), Ok(1_000_000));

    options.set_u64("memory_limit", 1_000_000).unwrap();
    assert_eq!(refused(&engine, "ARGON2-ID-13", &options), None);
    options.set_u64("memory_limit", 1_000_001).unwrap();
    let error = refused(&engine, "ARGON2-ID-13", &options);
    assert_eq!(error, Some(Error::Overflow));

    let mut options = stored(
        &engine,
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$cpx6VEQbwTVZvcpxNIxOVUWZ5xnAipUmAe1cg2GMG70",
    );
    options.set_guest_buffer("buffer", 64 << 10).unwrap();
    assert_eq!(refused(&engine, "ARGON2-ID-13", &options), None);
    options.set_guest_buffer("buffer", (64 << 10) - 1).unwrap();
    let error = refused(&engine, "ARGON2-ID-13", &options);
    assert_eq!(error, Some(Error::Overflow));
}

#[test]
fn the_example_of_the_documentation_works_within_larger_limits() {
    let mut limits = Limits::default();
    limits.password_memory = 1 << 30;
    limits.password_work = u64::MAX;
    let engine = Engine::new(Backend::Native, limits, Policy::default());
    let mut options = symmetric(&engine);
    options.set_guest_buffer("memory", 10_000_000).unwrap();
    options.set_u64("opslimit", 5).unwrap();
    options.set_u64("parallelism", 8).unwrap();
    let mut state = engine.open("ARGON2-ID-13", None, Some(&options)).unwrap();
    state.absorb(b"password").unwrap();
    let string = state.squeeze_tag().unwrap();
    let text = str::from_utf8(string.as_bytes()).unwrap();
    assert!(text.starts_with("$argon2id$v=19$m=9765,t=5,p=8$"), "{text}");
}

#[test]
fn squeezed_keys_repeat_and_depend_on_password_and_salt() {
    for (engine, row) in password_rows() {
        let squeeze = |salt: &[u8], password: &[u8]| {
            let mut options = options(&engine, row);
            options.set("salt", salt).unwrap();
            let mut state = open_with(&engine, row, &options);
            state.absorb(password).unwrap();
            state.squeeze(40).expect(row.name)
        };
        let key = squeeze(b"salt salt", b"password");
        assert_eq!(key, squeeze(b"salt salt", b"password"), "{}", row.name);
        assert_ne!(key, squeeze(b"salt salt", b"passwort"), "{}", row.name);
        assert_ne!(key, squeeze(b"salt malt", b"password"), "{}", row.name);
    }
}

#[test]
fn argon2_has_shortest_salts_and_outputs() {
    for (engine, row) in password_rows().filter(|(_, row)| row.name.starts_with("ARGON2")) {
        let mut options = options(&engine, row);
        options.set("salt", b"7 bytes").unwrap();
        assert_eq!(
            refused(&engine, row.name, &options),
            Some(Error::InvalidLength)
        );
        let mut state = open(&engine, row);
        assert!(state.squeeze(0).unwrap().is_empty());
        for len in 1..4 {
            assert_eq!(
                state.squeeze(len).err(),
                Some(Error::InvalidLength),
                "{len}"
            );
        }
        assert_eq!(state.squeeze(4).unwrap().len(), 4);
    }
}

#[test]
fn a_salt_that_no_string_holds_still_derives_keys() {
    for (engine, row) in password_rows() {
        let mut options = options(&engine, row);
        options.set("salt", &[1; 49]).unwrap();
        let mut state = open_with(&engine, row, &options);
        assert_eq!(
            state.squeeze_tag().err(),
            Some(Error::InvalidLength),
            "{}",
            row.name
        );
        assert!(state.squeeze(32).is_ok(), "{}", row.name);
    }
}

#[test]
fn the_iterations_of_pbkdf2_are_counted_over_all_blocks_of_the_output() {
    let mut limits = Limits::default();
    limits.pbkdf2_iterations = 100;
    let engine = Engine::new(Backend::Native, limits, Policy::default());
    let mut options = symmetric(&engine);
    options.set_u64("ops_limit", 10).unwrap();
    let mut state = engine.open("PBKDF2/SHA-256", None, Some(&options)).unwrap();
    assert!(state.squeeze(320).is_ok());
    assert_eq!(state.squeeze(321).err(), Some(Error::Overflow));
}

#[test]
fn costs_that_others_recommend_are_within_the_limits() {
    let engine = engine(Backend::Native);
    for (algorithm, costs) in [
        // RFC 7914, section 2, and libsodium's SENSITIVE.
        (
            "SCRYPT",
            &[
                ("ops_limit", 1 << 20),
                ("block_size", 8),
                ("parallelism", 1),
            ][..],
        ),
        // libsodium's SENSITIVE.
        (
            "ARGON2-ID-13",
            &[("memory_limit", 1 << 30), ("ops_limit", 4)],
        ),
        (
            "ARGON2-ID-13",
            &[
                ("memory_limit", 1 << 30),
                ("ops_limit", 8),
                ("parallelism", 4),
            ],
        ),
    ] {
        let mut options = symmetric(&engine);
        for &(name, value) in costs {
            options.set_u64(name, value).unwrap();
        }
        assert_eq!(refused(&engine, algorithm, &options), None, "{algorithm}");
    }
}

#[test]
fn the_work_of_a_password_hash_is_its_share_of_the_limits() {
    for (engine, row) in rows() {
        let work = open(&engine, row).squeeze_work(0);
        if row.kind == Kind::PasswordHash {
            assert!(work > 0.0 && work < 0.01, "{} {work}", row.name);
        } else {
            assert_eq!(work, 0.0, "{}", row.name);
        }
    }
    let engine = engine(Backend::Native);
    for (algorithm, share) in [
        ("ARGON2-ID-13", 38.0 / 8200.0),
        ("SCRYPT", 1.0 / 8.0),
        ("PBKDF2/SHA-256", 0.06),
    ] {
        let state = engine.open(algorithm, None, None).unwrap();
        assert!((state.squeeze_work(0) - share).abs() < 1e-9, "{algorithm}");
        let long = if algorithm.starts_with("PBKDF2") {
            10.0 * share
        } else {
            share
        };
        assert!((state.squeeze_work(320) - long).abs() < 1e-9, "{algorithm}");
    }
}
