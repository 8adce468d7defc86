//! Names and keys.

use wasi_crypto_engine::registry::{ALGORITHMS, KeyRule};
use wasi_crypto_engine::{Backend, Engine};
use wasi_crypto_engine::{Error, Limits, Policy};

use crate::fixture::{engine, key, open, options, outcome, rows};

#[test]
fn names_are_matched_without_regard_to_case() {
    for (engine, row) in rows() {
        for name in [row.name.to_ascii_lowercase(), row.name.to_ascii_uppercase()] {
            let key = key(&engine, row);
            let options = options(&engine, row);
            let state = engine.open(&name, key.as_ref(), Some(&options));
            assert_eq!(state.expect(&name).algorithm().name, row.name);
        }
    }
}

#[test]
fn an_unknown_name_is_an_unsupported_algorithm_everywhere() {
    let engine = engine(Backend::Native);
    let mut squeezing = engine.open("SHAKE-128", None, None).unwrap();
    let endless = "A".repeat(1 << 20);
    for name in [
        "",
        " ",
        "SHA-257",
        "SHA-256 ",
        "SHA-256\0",
        "SHA–256",
        "HMAC",
        &endless,
    ] {
        let unsupported = Some(Error::UnsupportedAlgorithm);
        assert_eq!(engine.open(name, None, None).err(), unsupported, "{name}");
        assert_eq!(engine.import_key(name, b"key").err(), unsupported, "{name}");
        assert_eq!(engine.generate_key(name, None).err(), unsupported, "{name}");
        assert_eq!(squeezing.squeeze_key(name).err(), unsupported, "{name}");
        assert_eq!(engine.hash(name, b"", 1).err(), unsupported, "{name}");
    }
}

#[test]
fn names_are_unique() {
    for (index, row) in ALGORITHMS.iter().enumerate() {
        for other in &ALGORITHMS[index + 1..] {
            assert!(!row.name.eq_ignore_ascii_case(other.name), "{}", row.name);
        }
    }
}

#[test]
fn a_key_of_any_length_is_imported_and_opens_or_is_refused_at_import() {
    for (engine, row) in rows() {
        for len in 0..=130 {
            let expected = match row.key {
                KeyRule::Required { min, max, .. } | KeyRule::Optional { min, max, .. } => {
                    if (min..=max).contains(&len) {
                        None
                    } else {
                        Some(Error::InvalidKey)
                    }
                }
                _ => Some(Error::KeyNotSupported),
            };
            let key = engine.import_key(row.name, &vec![0xa5; len]);
            assert_eq!(key.as_ref().err().copied(), expected, "{} {len}", row.name);
            if let Ok(key) = key {
                let options = options(&engine, row);
                let mut state = engine
                    .open(row.name, Some(&key), Some(&options))
                    .unwrap_or_else(|error| panic!("{} with {len}: {error}", row.name));
                outcome(&engine, &mut state);
            }
        }
    }
}

#[test]
fn a_key_is_exported_as_it_was_imported() {
    for (engine, row) in rows() {
        let Some(len) = row.key.generated() else {
            continue;
        };
        let raw = vec![0x5a; len];
        let key = engine.import_key(row.name, &raw).expect(row.name);
        assert_eq!(engine.export_key(&key).expect(row.name).as_slice(), raw);
        assert_eq!(key.algorithm().name, row.name);
    }
}

#[test]
fn generated_keys_have_the_length_of_the_row_and_differ() {
    for (engine, row) in rows() {
        let Some(len) = row.key.generated() else {
            continue;
        };
        let [first, second] = [(); 2].map(|()| {
            let key = engine.generate_key(row.name, None).expect(row.name);
            engine.export_key(&key).expect(row.name)
        });
        assert_eq!(first.len(), len, "{}", row.name);
        assert_ne!(first, second, "{}", row.name);
    }
}

#[test]
fn unkeyed_algorithms_neither_import_nor_generate_nor_take_keys() {
    let mut unkeyed = 0;
    for (engine, row) in rows() {
        if row.key != KeyRule::None {
            continue;
        }
        unkeyed += 1;
        let not_supported = Some(Error::KeyNotSupported);
        assert_eq!(
            engine.import_key(row.name, b"key").err(),
            not_supported,
            "{}",
            row.name
        );
        let generated = engine.generate_key(row.name, None);
        assert_eq!(
            generated.err(),
            Some(Error::UnsupportedFeature),
            "{}",
            row.name
        );
        let foreign = engine.generate_key("HMAC/SHA-256", None).unwrap();
        let opened = engine.open(row.name, Some(&foreign), None);
        assert_eq!(opened.err(), not_supported, "{}", row.name);
    }
    assert!(unkeyed > 0);
}

#[test]
fn a_missing_key_is_required() {
    for (engine, row) in rows() {
        let options = options(&engine, row);
        let mut without = engine.open(row.name, None, Some(&options));
        // A nonce without a key means nothing to a session.
        if !row.key.is_required() && crate::fixture::nonce(row).is_some() {
            assert_eq!(without.err(), Some(Error::KeyRequired), "{}", row.name);
            without = engine.open(row.name, None, None);
        }
        let expected = row.key.is_required().then_some(Error::KeyRequired);
        assert_eq!(without.err(), expected, "{}", row.name);
    }
}

#[test]
fn the_key_of_another_algorithm_is_an_invalid_key() {
    for (engine, row) in rows() {
        if row.key == KeyRule::None {
            continue;
        }
        for other in ALGORITHMS.iter().filter(|other| other.name != row.name) {
            if let Some(foreign) = key(&engine, other) {
                let opened = engine.open(row.name, Some(&foreign), Some(&options(&engine, row)));
                assert_eq!(
                    opened.err(),
                    Some(Error::InvalidKey),
                    "{} {}",
                    row.name,
                    other.name
                );
            }
        }
    }
}

#[test]
fn a_policy_can_forbid_the_export_of_keys() {
    let policy = Policy::default().export_keys(false);
    let engine = Engine::new(Backend::Native, Limits::default(), policy);
    let key = engine.import_key("AES-128-GCM", &[0; 16]).unwrap();
    assert_eq!(
        engine.export_key(&key).err(),
        Some(Error::ProhibitedOperation)
    );
}

#[test]
fn an_algorithm_that_the_policy_leaves_out_is_unsupported() {
    let policy = Policy::default()
        .allow_only(["sha-256", "SHAKE-128"])
        .unwrap();
    let engine = Engine::new(Backend::Native, Limits::default(), policy);
    let names: Vec<&str> = engine.algorithms().map(|row| row.name).collect();
    assert_eq!(names, ["SHA-256", "SHAKE-128"]);
    assert!(engine.open("SHA-256", None, None).is_ok());
    let unsupported = Some(Error::UnsupportedAlgorithm);
    assert_eq!(engine.open("SHA-512", None, None).err(), unsupported);
    assert_eq!(
        engine.import_key("AES-128-GCM", &[0; 16]).err(),
        unsupported
    );
    let mut xof = engine.open("SHAKE-128", None, None).unwrap();
    assert_eq!(xof.squeeze_key("AES-128-GCM").err(), unsupported);
    let misspelt = Policy::default().allow_only(["SHA256"]);
    assert_eq!(misspelt.err(), unsupported);
}

#[test]
fn the_fips_policy_allows_approved_algorithms_only() {
    let policy = Policy::default().allow_only_fips_approved();
    let engine = Engine::new(Backend::Native, Limits::default(), policy);
    for row in ALGORITHMS {
        let found = engine.algorithms().any(|allowed| allowed.name == row.name);
        assert_eq!(found, row.fips_approved, "{}", row.name);
    }
    let blake = engine.open("BLAKE3", None, None);
    assert_eq!(blake.err(), Some(Error::UnsupportedAlgorithm));
    open(
        &engine,
        wasi_crypto_engine::registry::find("AES-256-GCM").unwrap(),
    );
}

#[test]
fn an_admitted_key_works_like_its_original_and_is_counted_for_as_long_as_it_lives() {
    let store = engine(Backend::Native);
    let key = store.import_key("HMAC/SHA-256", &[7; 100]).unwrap();
    for backend in [Backend::Native, Backend::Portable] {
        let guest = engine(backend);
        let admitted = guest.admit_key(&key).unwrap();
        assert_eq!(guest.buffered_bytes(), 100);
        let tag = guest.authenticate(&admitted, b"data").unwrap();
        assert_eq!(guest.verify(&key, b"data", tag.as_bytes()), Ok(()));
        let copy = admitted.clone();
        drop(admitted);
        assert_eq!(guest.buffered_bytes(), 100);
        drop(copy);
        assert_eq!(guest.buffered_bytes(), 0);
        assert_eq!(store.buffered_bytes(), 100);
    }
}

#[test]
fn a_key_is_admitted_within_limits_and_policy() {
    let key = engine(Backend::Native)
        .import_key("HMAC/SHA-256", &[7; 100])
        .unwrap();
    let mut limits = Limits::default();
    limits.buffered_bytes = 99;
    let small = Engine::new(Backend::Native, limits, Policy::default());
    assert_eq!(small.admit_key(&key).err(), Some(Error::Overflow));
    assert_eq!(small.buffered_bytes(), 0);
    let policy = Policy::default().allow_only(["SHA-256"]).unwrap();
    let strict = Engine::new(Backend::Native, Limits::default(), policy);
    let unsupported = Some(Error::UnsupportedAlgorithm);
    assert_eq!(strict.admit_key(&key).err(), unsupported);
}

#[test]
fn a_key_store_gets_the_bytes_of_a_key_that_may_not_be_exported() {
    let policy = Policy::default().export_keys(false);
    let engine = Engine::new(Backend::Native, Limits::default(), policy);
    let key = engine.import_key("HMAC/SHA-256", b"bytes").unwrap();
    assert!(engine.export_key(&key).is_err());
    assert_eq!(engine.key_to_store(&key).unwrap().as_slice(), b"bytes");
}

#[test]
fn a_row_says_whether_its_algorithm_has_an_empty_key() {
    for (engine, row) in rows() {
        let takes_empty = ["HMAC/", "HKDF-EXTRACT/", "BLAKE2B-"]
            .iter()
            .any(|family| row.name.starts_with(family));
        let imported = engine.import_key(row.name, &[]);
        assert_eq!(imported.is_ok(), takes_empty, "{}", row.name);
        if let Ok(key) = imported {
            let mut state = engine.open(row.name, Some(&key), None).unwrap();
            state.absorb(b"data").unwrap();
            assert!(engine.export_key(&key).unwrap().is_empty());
        }
    }
}

#[test]
fn an_empty_key_gives_what_the_standards_say() {
    // HMAC pads a key with zeros (RFC 2104, section 2), so that no key and one zero are the same.
    for (engine, row) in rows().filter(|(_, row)| row.name.starts_with("HMAC/")) {
        let tag = |key: &[u8]| {
            let key = engine.import_key(row.name, key).unwrap();
            engine.authenticate(&key, b"data").unwrap()
        };
        assert_eq!(tag(&[]).as_bytes(), tag(&[0]).as_bytes(), "{}", row.name);
    }
    for (engine, row) in rows().filter(|(_, row)| row.name == "HMAC/SHA-256") {
        let key = engine.import_key(row.name, &[]).unwrap();
        let tag = engine.authenticate(&key, b"").unwrap();
        let hex: String = tag.as_bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        );
    }
    // HKDF-Extract of nothing under salt is an HMAC of nothing (RFC 5869, section 2.2).
    for (engine, row) in rows().filter(|(_, row)| row.name == "HKDF-EXTRACT/SHA-256") {
        let nothing = engine.import_key(row.name, &[]).unwrap();
        let mut state = engine.open(row.name, Some(&nothing), None).unwrap();
        state.absorb(b"salt").unwrap();
        let prk = state.squeeze_key("HKDF-EXPAND/SHA-256").unwrap();
        let hmac = engine.import_key("HMAC/SHA-256", b"salt").unwrap();
        assert_eq!(
            *engine.export_key(&prk).unwrap(),
            engine.authenticate(&hmac, b"").unwrap().as_bytes()
        );
    }
}
