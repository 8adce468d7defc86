//! Squeezing: how long, how often, and which keys.

use wasi_crypto_engine::Error;
use wasi_crypto_engine::registry::{ALGORITHMS, KeyRule, Kind, Operation};

use crate::fixture::{counterpart, open, rows, rows_with, squeeze};

/// Rows that give the same bytes again for the same length.
fn repeats(kind: Kind, streams: bool) -> bool {
    match kind {
        Kind::Hash | Kind::Expand | Kind::PasswordHash => true,
        Kind::TupleHash => !streams,
        _ => false,
    }
}

/// Whether the row's output goes on: of the tuple hashes, these are the XOFs, which also make keys.
fn streams(row: &wasi_crypto_engine::Algorithm) -> bool {
    row.has(Operation::SqueezeKey)
}

#[test]
fn two_squeezes_are_the_same_bytes_again_or_the_next_ones() {
    for (engine, row) in rows_with(Operation::Squeeze) {
        let mut state = open(&engine, row);
        let [first, second] = [(); 2].map(|()| squeeze(&mut state));
        if repeats(row.kind, streams(row)) {
            assert_eq!(first, second, "{}", row.name);
        } else {
            assert_ne!(first, second, "{}", row.name);
        }
    }
}

#[test]
fn squeezes_of_an_xof_or_a_stream_add_up_to_one_long_squeeze() {
    for (engine, row) in rows_with(Operation::Squeeze) {
        let is_stream = matches!(row.kind, Kind::Xof | Kind::StreamCipher | Kind::Mac)
            || row.kind == Kind::TupleHash && streams(row);
        if !is_stream {
            continue;
        }
        let whole = open(&engine, row).squeeze(1000).unwrap();
        let mut state = open(&engine, row);
        let mut pieces = Vec::new();
        for len in [0, 1, 7, 64, 0, 136, 168, 200, 424] {
            pieces.extend_from_slice(&state.squeeze(len).unwrap());
        }
        assert_eq!(pieces, whole.as_slice(), "{}", row.name);
    }
}

#[test]
fn absorbing_and_squeezing_alternate_in_hashes() {
    for (engine, row) in rows_with(Operation::Squeeze) {
        if !repeats(row.kind, streams(row)) || row.kind == Kind::PasswordHash {
            continue;
        }
        let mut alternating = open(&engine, row);
        for round in 0..5 {
            alternating.absorb(b"data").unwrap();
            let mut fresh = open(&engine, row);
            for _ in 0..=round {
                fresh.absorb(b"data").unwrap();
            }
            assert_eq!(alternating.squeeze(32), fresh.squeeze(32), "{}", row.name);
        }
    }
}

#[test]
fn absorbing_and_tags_alternate_in_macs() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Mac) {
        let mut alternating = open(&engine, row);
        for round in 0..5 {
            alternating.absorb(b"data").unwrap();
            let mut fresh = open(&engine, row);
            for _ in 0..=round {
                fresh.absorb(b"data").unwrap();
            }
            let tag = alternating.squeeze_tag().unwrap();
            assert_eq!(
                fresh.squeeze_tag().unwrap().as_bytes(),
                tag.as_bytes(),
                "{}",
                row.name
            );
            assert_eq!(
                alternating.squeeze_tag().unwrap().as_bytes(),
                tag.as_bytes()
            );
        }
    }
}

#[test]
fn an_xof_that_has_squeezed_neither_absorbs_nor_has_tags() {
    for (engine, row) in rows_with(Operation::Squeeze) {
        let is_xof = matches!(row.kind, Kind::Xof | Kind::Mac)
            || row.kind == Kind::TupleHash && streams(row);
        if !is_xof {
            continue;
        }
        for len in [0, 1] {
            let mut state = open(&engine, row);
            state.squeeze(len).unwrap();
            let invalid = Some(Error::InvalidOperation);
            assert_eq!(state.absorb(b"data").err(), invalid, "{}", row.name);
            assert_eq!(state.absorb(b"").err(), invalid, "{}", row.name);
            assert_eq!(state.squeeze_tag().err(), invalid, "{}", row.name);
            assert!(state.squeeze(10).is_ok(), "{}", row.name);
        }
    }
}

#[test]
fn a_hash_is_truncated_but_not_extended() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Hash) {
        let mut state = open(&engine, row);
        let size = (0..=65)
            .rev()
            .find(|&len| state.squeeze(len).is_ok())
            .expect(row.name);
        assert!([28, 32, 48, 64].contains(&size), "{} {size}", row.name);
        let whole = state.squeeze(size).unwrap();
        for len in 0..=size {
            let part = state.squeeze(len).unwrap();
            assert_eq!(
                part.as_slice(),
                &whole[..len as usize],
                "{} {len}",
                row.name
            );
        }
        for len in [size + 1, 1 << 20, u64::MAX] {
            let squeezed = state.squeeze(len);
            assert_eq!(
                squeezed.err(),
                Some(Error::InvalidLength),
                "{} {len}",
                row.name
            );
        }
    }
}

#[test]
fn the_length_is_part_of_the_input_of_tuple_hash_and_of_kmacs_tag() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::TupleHash) {
        let mut state = open(&engine, row);
        state.absorb(b"element").unwrap();
        let tag = state.squeeze_tag().unwrap();
        let [long, short] = [64, 16].map(|len| {
            let mut state = open(&engine, row);
            state.absorb(b"element").unwrap();
            state.squeeze(len).unwrap()
        });
        let is_prefix = long[..16] == short[..];
        assert_eq!(is_prefix, streams(row), "{}", row.name);
        if row.tag_len == 64 {
            assert_eq!(tag.as_bytes(), long.as_slice(), "{}", row.name);
        }
    }
    for (engine, row) in rows_with(Operation::Squeeze).filter(|(_, row)| row.kind == Kind::Mac) {
        let tag = open(&engine, row).squeeze_tag().unwrap();
        let xof = open(&engine, row).squeeze(tag.len() as u64).unwrap();
        assert_ne!(tag.as_bytes(), xof.as_slice(), "{}", row.name);
    }
}

#[test]
fn hkdf_expands_to_255_blocks_and_no_further() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Expand) {
        let most = 255 * row.key.generated().unwrap() as u64;
        let mut state = open(&engine, row);
        assert_eq!(state.squeeze(most).unwrap().len() as u64, most);
        for len in [most + 1, u64::MAX] {
            assert_eq!(
                state.squeeze(len).err(),
                Some(Error::InvalidLength),
                "{}",
                row.name
            );
        }
    }
}

#[test]
fn a_generator_gives_65536_bytes_a_call_and_no_more() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Generator) {
        let mut state = open(&engine, row);
        assert_eq!(state.squeeze(1 << 16).unwrap().len(), 1 << 16);
        let more = state.squeeze((1 << 16) + 1);
        assert_eq!(more.err(), Some(Error::InvalidLength), "{}", row.name);
        let before = state.squeeze(32).unwrap();
        state.absorb(b"entropy for a reseed").unwrap();
        assert_ne!(state.squeeze(32).unwrap(), before);
    }
}

#[test]
fn an_extract_makes_keys_of_its_own_expand_only() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Extract) {
        let mut state = open(&engine, row);
        state.absorb(b"salt").unwrap();
        for target in ALGORITHMS {
            let made = state.squeeze_key(target.name);
            if target.name == counterpart(row) {
                let key = made.expect(target.name);
                assert!(engine.open(target.name, Some(&key), None).is_ok());
            } else {
                let incompatible = Some(Error::IncompatibleKeys);
                assert_eq!(made.err(), incompatible, "{} {}", row.name, target.name);
            }
        }
    }
}

#[test]
fn all_others_make_keys_of_any_algorithm_that_takes_keys() {
    for (engine, row) in rows_with(Operation::SqueezeKey) {
        if row.kind == Kind::Extract {
            continue;
        }
        for target in ALGORITHMS {
            let made = open(&engine, row).squeeze_key(target.name);
            let Some(len) = target.key.generated() else {
                assert_eq!(made.err(), Some(Error::KeyNotSupported), "{}", target.name);
                continue;
            };
            let key = made.unwrap_or_else(|error| panic!("{} {}: {error}", row.name, target.name));
            assert_eq!(key.algorithm().name, target.name);
            assert_eq!(
                engine.export_key(&key).unwrap().len(),
                len,
                "{}",
                target.name
            );
        }
    }
}

#[test]
fn a_squeezed_key_is_what_would_have_been_squeezed() {
    for (engine, row) in rows_with(Operation::SqueezeKey) {
        if !row.has(Operation::Squeeze) {
            continue;
        }
        let key = open(&engine, row).squeeze_key("AES-256-GCM").unwrap();
        let key = engine.export_key(&key).unwrap();
        let squeezed = open(&engine, row).squeeze(32).unwrap();
        // Xoodyak tells keys from other output.
        let apart = row.name.starts_with("XOODYAK");
        assert_eq!(key != squeezed, apart, "{}", row.name);
    }
}

#[test]
fn fixed_size_keys_are_squeezed_at_their_size_however_long_the_source_is() {
    for (engine, row) in rows_with(Operation::SqueezeKey) {
        if row.name != "HKDF-EXPAND/SHA-512" {
            continue;
        }
        let fixed = ALGORITHMS.iter().filter(
            |target| matches!(target.key, KeyRule::Required { min, max, .. } if min == max),
        );
        for target in fixed {
            let key = open(&engine, row).squeeze_key(target.name).unwrap();
            let options = crate::fixture::options(&engine, target);
            assert!(engine.open(target.name, Some(&key), Some(&options)).is_ok());
        }
    }
}

#[test]
fn squeezing_into_a_buffer_fills_it() {
    for (engine, row) in rows_with(Operation::Squeeze) {
        let squeezed = squeeze(&mut open(&engine, row));
        let mut out = vec![0; squeezed.len()];
        open(&engine, row).squeeze_into(&mut out).unwrap();
        assert_eq!(out, squeezed, "{}", row.name);
    }
}
