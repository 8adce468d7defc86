//! Clones share nothing with their originals.

use wasi_crypto_engine::registry::{Kind, Operation};

use crate::fixture::{open, outcome, outcome_of, rows, rows_with};

/// Rows whose clones do all that their originals do.
fn clones_fully(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Aead | Kind::BlockMode | Kind::StreamCipher | Kind::Generator
    )
}

#[test]
fn absorbing_into_a_clone_does_not_change_the_original() {
    for (engine, row) in rows_with(Operation::Absorb) {
        if row.kind == Kind::Generator {
            continue;
        }
        let mut original = open(&engine, row);
        original.absorb(b"both").unwrap();
        let mut clone = original.try_clone().expect(row.name);
        clone.absorb(b"clone only").unwrap();
        let expected = outcome_of(&engine, row, &[b"both"]);
        assert_eq!(outcome(&engine, &mut original), expected, "{}", row.name);
        if clones_fully(row.kind) {
            let expected = outcome_of(&engine, row, &[b"both", b"clone only"]);
            assert_eq!(outcome(&engine, &mut clone), expected, "{}", row.name);
        }
    }
}

#[test]
fn absorbing_into_the_original_does_not_change_a_clone() {
    for (engine, row) in rows_with(Operation::Absorb) {
        if !clones_fully(row.kind) {
            continue;
        }
        let mut original = open(&engine, row);
        original.absorb(b"both").unwrap();
        let mut clone = original.try_clone().expect(row.name);
        original.absorb(b"original only").unwrap();
        drop(original);
        let expected = outcome_of(&engine, row, &[b"both"]);
        assert_eq!(outcome(&engine, &mut clone), expected, "{}", row.name);
    }
}

#[test]
fn the_clone_of_an_aead_absorbs_apart() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Aead) {
        let ciphertext = {
            let mut sealing = open(&engine, row);
            sealing.absorb(b"both").unwrap();
            sealing.absorb(b"clone only").unwrap();
            sealing.encrypt(b"message").unwrap()
        };
        let mut original = open(&engine, row);
        original.absorb(b"both").unwrap();
        let mut clone = original.try_clone().unwrap();
        clone.absorb(b"clone only").unwrap();
        assert_eq!(clone.decrypt(&ciphertext).unwrap().as_slice(), b"message");
        assert!(original.decrypt(&ciphertext).is_err(), "{}", row.name);
    }
}

#[test]
fn a_clone_in_the_middle_of_a_stream_goes_on_where_the_original_was() {
    for (engine, row) in rows_with(Operation::Squeeze) {
        if !matches!(
            row.kind,
            Kind::Xof | Kind::TupleHash | Kind::Mac | Kind::Session
        ) {
            continue;
        }
        for first in [0, 1, 15, 16, 17, 135, 136, 137, 168, 400] {
            let mut original = open(&engine, row);
            original.absorb(b"data").unwrap();
            original.squeeze(first).unwrap();
            let mut clone = original.try_clone().expect(row.name);
            let next = original.squeeze(50).unwrap();
            original.squeeze(50).unwrap();
            assert_eq!(clone.squeeze(50), Ok(next), "{} {first}", row.name);
        }
    }
}

#[test]
fn a_clone_has_the_options_of_its_original() {
    for (engine, row) in rows() {
        let original = open(&engine, row);
        let Ok(clone) = original.try_clone() else {
            continue;
        };
        drop(engine);
        for name in row.options {
            assert_eq!(clone.option(name.as_str()), original.option(name.as_str()));
            assert_eq!(
                clone.option_u64(name.as_str()),
                original.option_u64(name.as_str())
            );
        }
    }
}

#[test]
fn a_clone_outlives_its_original() {
    for (engine, row) in rows() {
        let original = open(&engine, row);
        let Ok(mut clone) = original.try_clone() else {
            continue;
        };
        drop(original);
        if clones_fully(row.kind) && row.kind != Kind::Session {
            let expected = outcome(&engine, &mut open(&engine, row));
            assert_eq!(outcome(&engine, &mut clone), expected, "{}", row.name);
        }
    }
}

#[test]
fn everything_moves_between_threads() {
    fn moves<T: Send + Sync + 'static>() {}
    moves::<wasi_crypto_engine::Engine>();
    moves::<wasi_crypto_engine::Key>();
    moves::<wasi_crypto_engine::Options>();
    moves::<wasi_crypto_engine::State>();
    moves::<wasi_crypto_engine::Tag>();
}
