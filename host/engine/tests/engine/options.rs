//! Options.

use wasi_crypto_engine::registry::Operation;
use wasi_crypto_engine::{Backend, Category, Engine, Error, OptionName, OptionType, Options};

use crate::fixture::{engine, key, open, open_with, options, outcome, rows};

const ALL: [OptionName; 13] = [
    OptionName::Context,
    OptionName::Salt,
    OptionName::Nonce,
    OptionName::Phc,
    OptionName::MemoryLimit,
    OptionName::OpsLimit,
    OptionName::Parallelism,
    OptionName::BlockSize,
    OptionName::Fanout,
    OptionName::TagLen,
    OptionName::Domain,
    OptionName::Expiration,
    OptionName::Buffer,
];

fn set(options: &mut Options, name: OptionName) {
    let set = match name.option_type() {
        OptionType::Bytes => options.set(name.as_str(), b"x"),
        OptionType::Integer => options.set_u64(name.as_str(), 1),
        OptionType::Buffer => options.set_guest_buffer(name.as_str(), 1),
    };
    set.unwrap_or_else(|error| panic!("{}: {error}", name.as_str()));
}

fn alone(engine: &Engine, name: OptionName) -> Options {
    let mut options = engine.options(Category::Symmetric);
    set(&mut options, name);
    options
}

#[test]
fn an_option_that_the_algorithm_does_not_know_is_refused_at_open() {
    for (engine, row) in rows() {
        let key = key(&engine, row);
        for name in ALL {
            if row.options.contains(&name) {
                continue;
            }
            let mut options = options(&engine, row);
            set(&mut options, name);
            let opened = engine.open(row.name, key.as_ref(), Some(&options));
            assert_eq!(
                opened.err(),
                Some(Error::UnsupportedOption),
                "{} {name:?}",
                row.name
            );
        }
    }
}

#[test]
fn only_a_key_that_is_stored_takes_an_expiration() {
    for (engine, row) in rows() {
        let mut expiring = options(&engine, row);
        expiring.set_u64("expiration", 1_924_992_000).unwrap();
        let generated = engine.generate_managed_key(row.name, Some(&expiring));
        if row.key.generated().is_none() {
            let unsupported = Some(Error::UnsupportedAlgorithm);
            assert_eq!(generated.err(), unsupported, "{}", row.name);
            continue;
        }
        let (key, expiration) = generated.expect(row.name);
        assert_eq!(key.algorithm().name, row.name);
        assert_eq!(expiration, Some(1_924_992_000), "{}", row.name);
        let (_, unlimited) = engine.generate_managed_key(row.name, None).unwrap();
        assert_eq!(unlimited, None, "{}", row.name);

        for name in ALL {
            if name == OptionName::Expiration || row.options.contains(&name) {
                continue;
            }
            let mut options = expiring.clone();
            set(&mut options, name);
            let generated = engine.generate_managed_key(row.name, Some(&options));
            let unsupported = Some(Error::UnsupportedOption);
            assert_eq!(generated.err(), unsupported, "{} {name:?}", row.name);
        }
    }
}

#[test]
fn a_set_of_another_category_makes_no_stored_key() {
    let engine = engine(Backend::Native);
    let mut options = engine.options(Category::KeyExchange);
    options.set_u64("expiration", 1).unwrap();
    let generated = engine.generate_managed_key("AES-256-GCM", Some(&options));
    assert_eq!(generated.err(), Some(Error::UnsupportedOption));
}

#[test]
fn options_that_the_algorithm_does_not_know_generate_no_key() {
    for (engine, row) in rows() {
        if row.key.generated().is_none() {
            continue;
        }
        let unknown = alone(&engine, OptionName::Expiration);
        let generated = engine.generate_key(row.name, Some(&unknown));
        assert_eq!(
            generated.err(),
            Some(Error::UnsupportedOption),
            "{}",
            row.name
        );
        let known = options(&engine, row);
        assert!(
            engine.generate_key(row.name, Some(&known)).is_ok(),
            "{}",
            row.name
        );
    }
}

#[test]
fn a_set_made_for_another_category_is_refused_at_open() {
    for (engine, row) in rows() {
        let key = key(&engine, row);
        for category in [Category::Signatures, Category::KeyExchange] {
            let options = engine.options(category);
            let opened = engine.open(row.name, key.as_ref(), Some(&options));
            assert_eq!(opened.err(), Some(Error::UnsupportedOption), "{}", row.name);
        }
    }
}

#[test]
fn a_state_keeps_the_options_that_it_was_opened_with() {
    for (engine, row) in rows() {
        let expected = outcome(&engine, &mut open(&engine, row));
        let mut changed = options(&engine, row);
        let mut state = open_with(&engine, row, &changed);
        for &name in row.options {
            if name.option_type() == OptionType::Bytes {
                changed.set(name.as_str(), b"another value").unwrap();
            } else if name.option_type() == OptionType::Integer {
                changed.set_u64(name.as_str(), 99).unwrap();
            }
        }
        drop(changed);
        if let Some(nonce) = crate::fixture::nonce(row) {
            assert_eq!(state.option("nonce"), Ok(&nonce[..]), "{}", row.name);
        }
        assert_eq!(outcome(&engine, &mut state), expected, "{}", row.name);
    }
}

#[test]
fn reading_back_an_option_says_what_is_in_force_or_that_nothing_is() {
    for (engine, row) in rows() {
        let state = open(&engine, row);
        for name in ALL {
            let known = row.options.contains(&name);
            let [as_bytes, as_integer] = [
                state.option(name.as_str()).err(),
                state.option_u64(name.as_str()).err(),
            ];
            let (right, wrong) = match name.option_type() {
                OptionType::Bytes => (as_bytes, as_integer),
                _ => (as_integer, as_bytes),
            };
            let context = format!("{} {name:?}", row.name);
            assert_eq!(wrong, Some(Error::UnsupportedOption), "{context}");
            if known {
                assert!(
                    matches!(right, None | Some(Error::OptionNotSet)),
                    "{context}"
                );
            } else {
                assert_eq!(right, Some(Error::UnsupportedOption), "{context}");
            }
        }
        for unknown in ["", "colour", "NONCE", "nonce "] {
            assert_eq!(state.option(unknown), Err(Error::UnsupportedOption));
            assert_eq!(state.option_u64(unknown), Err(Error::UnsupportedOption));
        }
    }
}

#[test]
fn defaults_are_in_force_and_can_be_read_back() {
    let engine = engine(Backend::Native);
    for (algorithm, name, value) in [
        ("ARGON2-ID-13", "memory_limit", 19 << 20),
        ("ARGON2-ID-13", "ops_limit", 2),
        ("ARGON2-ID-13", "opslimit", 2),
        ("ARGON2-ID-13", "parallelism", 1),
        ("ARGON2-ID-13", "threads", 1),
        ("SCRYPT", "ops_limit", 1 << 17),
        ("SCRYPT", "block_size", 8),
        ("SCRYPT", "parallelism", 1),
        ("PBKDF2/SHA-256", "ops_limit", 600_000),
        ("PBKDF2/SHA-512", "ops_limit", 210_000),
        ("BLAKE2B-512", "fanout", 1),
        ("TURBOSHAKE-128", "domain", 0x1f),
    ] {
        let state = engine.open(algorithm, None, None).unwrap();
        assert_eq!(state.option_u64(name), Ok(value), "{algorithm} {name}");
    }
    for (algorithm, tag_len) in [("HMAC/SHA-384", 48), ("KMAC-128", 32), ("AEGIS-128L", 16)] {
        let key = engine.generate_key(algorithm, None).unwrap();
        let state = engine.open(algorithm, Some(&key), None).unwrap();
        assert_eq!(state.option_u64("tag_len"), Ok(tag_len), "{algorithm}");
    }
    let state = engine.open("ARGON2-ID-13", None, None).unwrap();
    assert_eq!(state.option("salt").map(<[u8]>::len), Ok(16));
    assert_eq!(state.option("context"), Err(Error::OptionNotSet));
}

#[test]
fn a_value_that_the_algorithm_cannot_take_is_refused_at_open() {
    let engine = engine(Backend::Native);
    for (algorithm, name, value) in [
        ("BLAKE2B-512", "fanout", 256),
        ("BLAKE2B-512", "fanout", u64::MAX),
        ("TURBOSHAKE-128", "domain", 0),
        ("TURBOSHAKE-256", "domain", 0x80),
        ("TURBOSHAKE-256", "domain", u64::MAX),
    ] {
        let mut options = engine.options(Category::Symmetric);
        options.set_u64(name, value).unwrap();
        let opened = engine.open(algorithm, None, Some(&options));
        assert_eq!(
            opened.err(),
            Some(Error::UnsupportedOption),
            "{algorithm} {value}"
        );
    }
    for (algorithm, name) in [("BLAKE2B-512", "context"), ("BLAKE2B-256", "salt")] {
        let mut options = engine.options(Category::Symmetric);
        options.set(name, &[0; 16]).unwrap();
        assert!(engine.open(algorithm, None, Some(&options)).is_ok());
        options.set(name, &[0; 17]).unwrap();
        let opened = engine.open(algorithm, None, Some(&options));
        assert_eq!(
            opened.err(),
            Some(Error::InvalidLength),
            "{algorithm} {name}"
        );
    }
}

#[test]
fn blake3_takes_a_key_or_a_context_in_utf_8_but_not_both() {
    let engine = engine(Backend::Native);
    let mut options = engine.options(Category::Symmetric);
    options.set("context", b"\xff").unwrap();
    let opened = engine.open("BLAKE3", None, Some(&options));
    assert_eq!(opened.err(), Some(Error::UnsupportedEncoding));
    options
        .set("context", "an ünïcode context".as_bytes())
        .unwrap();
    assert!(engine.open("BLAKE3", None, Some(&options)).is_ok());
    let key = engine.generate_key("BLAKE3", None).unwrap();
    let opened = engine.open("BLAKE3", Some(&key), Some(&options));
    assert_eq!(opened.err(), Some(Error::UnsupportedOption));
}

#[test]
fn strobe_cannot_do_without_its_label() {
    for (engine, row) in rows().filter(|(_, row)| row.name.starts_with("STROBE")) {
        let opened = engine.open(row.name, None, None);
        assert_eq!(opened.err(), Some(Error::ParametersMissing));
        let mut other = engine.options(Category::Symmetric);
        other.set("context", b"another protocol").unwrap();
        let mut other = open_with(&engine, row, &other);
        let mut state = open(&engine, row);
        assert_ne!(outcome(&engine, &mut state), outcome(&engine, &mut other));
    }
}

#[test]
fn a_context_changes_what_comes_out() {
    let mut tried = 0;
    for (engine, row) in rows() {
        let takes_context = row.options.contains(&OptionName::Context);
        // BLAKE3 takes no context with a key, and the fixture has one.
        if !takes_context || row.name == "BLAKE3" || !row.has(Operation::Squeeze) {
            continue;
        }
        tried += 1;
        let outcomes = [&b"one"[..], b"another", b""].map(|context| {
            let mut options = options(&engine, row);
            options.set("context", context).unwrap();
            let mut state = open_with(&engine, row, &options);
            assert_eq!(state.option("context"), Ok(context));
            outcome(&engine, &mut state)
        });
        assert_ne!(outcomes[0], outcomes[1], "{}", row.name);
        assert_ne!(outcomes[0], outcomes[2], "{}", row.name);
    }
    assert!(tried > 0);
}
