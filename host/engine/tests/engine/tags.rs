//! Tags and failed decryptions.

use wasi_crypto_engine::registry::{Kind, Operation};
use wasi_crypto_engine::{Error, State};

use crate::fixture::{key, noise, open, options, rows, rows_with};

#[test]
fn a_tag_verifies_against_itself_and_nothing_else() {
    for (engine, row) in rows_with(Operation::SqueezeTag) {
        let mut state = open(&engine, row);
        state.absorb(b"data").unwrap();
        let tag = state.squeeze_tag().expect(row.name);
        let raw = tag.as_bytes().to_vec();
        assert_eq!(tag.len(), raw.len());
        assert_eq!(tag.verify(&raw), Ok(()), "{}", row.name);
        let invalid = Err(Error::InvalidTag);
        for len in 0..raw.len() {
            assert_eq!(tag.verify(&raw[..len]), invalid, "{} {len}", row.name);
            let mut flipped = raw.clone();
            flipped[len] ^= 0x10;
            assert_eq!(tag.verify(&flipped), invalid, "{} {len}", row.name);
        }
        assert_eq!(
            tag.verify(&[&raw[..], &[0]].concat()),
            invalid,
            "{}",
            row.name
        );
        assert_eq!(
            tag.verify(&[&raw[..], &raw].concat()),
            invalid,
            "{}",
            row.name
        );
    }
}

#[test]
fn tags_have_the_length_of_the_row_and_so_says_max_tag_len() {
    for (engine, row) in rows_with(Operation::MaxTagLen) {
        let expected = match row.kind {
            Kind::BlockMode => 16,
            _ => row.tag_len,
        };
        assert_eq!(
            open(&engine, row).max_tag_len(),
            Ok(expected),
            "{}",
            row.name
        );
        if row.has(Operation::SqueezeTag) {
            let tag = open(&engine, row).squeeze_tag().expect(row.name);
            assert_eq!(tag.len(), row.tag_len, "{}", row.name);
        }
    }
}

#[test]
fn a_mac_is_truncated_to_8_bytes_or_more() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Mac) {
        let key = key(&engine, row);
        let whole = open(&engine, row).squeeze_tag().unwrap();
        for len in 0..=row.tag_len + 2 {
            let mut options = options(&engine, row);
            options.set_u64("tag_len", len as u64).unwrap();
            let opened = engine.open(row.name, key.as_ref(), Some(&options));
            if !(8..=row.tag_len).contains(&len) {
                assert_eq!(
                    opened.err(),
                    Some(Error::InvalidLength),
                    "{} {len}",
                    row.name
                );
                continue;
            }
            let mut state = opened.unwrap();
            assert_eq!(state.max_tag_len(), Ok(len), "{}", row.name);
            assert_eq!(state.option_u64("tag_len"), Ok(len as u64), "{}", row.name);
            let tag = state.squeeze_tag().unwrap();
            assert_eq!(tag.len(), len, "{}", row.name);
            // KMAC's tags of different lengths have nothing in common.
            let is_kmac = row.name.starts_with("KMAC");
            if !is_kmac || len == row.tag_len {
                assert_eq!(tag.as_bytes(), &whole.as_bytes()[..len], "{}", row.name);
            } else {
                assert_ne!(tag.as_bytes(), &whole.as_bytes()[..len], "{}", row.name);
            }
        }
        let mut options = options(&engine, row);
        options.set_u64("tag_len", u64::MAX).unwrap();
        let opened = engine.open(row.name, key.as_ref(), Some(&options));
        assert_eq!(opened.err(), Some(Error::InvalidLength), "{}", row.name);
    }
}

#[test]
fn aegis_has_tags_of_16_or_32_bytes() {
    for (engine, row) in rows().filter(|(_, row)| row.name.starts_with("AEGIS")) {
        let key = key(&engine, row);
        for len in 0..=40u64 {
            let mut options = options(&engine, row);
            options.set_u64("tag_len", len).unwrap();
            let opened = engine.open(row.name, key.as_ref(), Some(&options));
            if len != 16 && len != 32 {
                assert_eq!(
                    opened.err(),
                    Some(Error::InvalidLength),
                    "{} {len}",
                    row.name
                );
                continue;
            }
            let mut state = opened.unwrap();
            assert_eq!(state.max_tag_len(), Ok(len as usize));
            let ciphertext = state.encrypt(b"message").unwrap();
            assert_eq!(ciphertext.len(), 7 + len as usize);
            assert_eq!(state.decrypt(&ciphertext).unwrap().as_slice(), b"message");
            let (data, tag) = ciphertext.split_at(7);
            let half = state.decrypt_detached(data, &tag[..8]);
            assert_eq!(half.err(), Some(Error::InvalidTag));
        }
    }
}

#[test]
fn a_detached_tag_of_any_other_length_is_an_invalid_tag() {
    for (engine, row) in rows_with(Operation::DecryptDetached) {
        let (ciphertext, tag) = open(&engine, row).encrypt_detached(b"a message").unwrap();
        let padded = [tag.as_bytes(), &[0; 48]].concat();
        for len in (0..=40).filter(|&len| len != tag.len()) {
            let mut out = [0xee; 9];
            let failed =
                open(&engine, row).decrypt_detached_into(&ciphertext, &padded[..len], &mut out);
            assert_eq!(failed, Err(Error::InvalidTag), "{} {len}", row.name);
            assert_eq!(out, [0; 9], "{} {len}", row.name);
        }
    }
}

#[test]
fn a_ciphertext_without_room_for_its_tag_is_an_invalid_tag() {
    for (engine, row) in rows_with(Operation::Decrypt) {
        if row.kind == Kind::StreamCipher {
            continue;
        }
        for len in 0..16 {
            let failed = open(&engine, row).decrypt(&vec![0; len]);
            assert_eq!(failed.err(), Some(Error::InvalidTag), "{} {len}", row.name);
        }
    }
}

#[test]
fn whatever_is_changed_nothing_of_the_plaintext_is_left_after_a_failure() {
    const LEN: usize = 40;
    let message = noise(2, LEN);
    for (engine, row) in rows_with(Operation::DecryptDetached) {
        let sealed = || {
            let mut state = open(&engine, row);
            state.absorb(b"header").unwrap();
            state
        };
        let ciphertext = sealed().encrypt(&message).unwrap();
        let fails = |state: &mut State, data: &[u8], what: &str| {
            let mut out = [0xee; LEN];
            let failed = state.decrypt_into(data, &mut out);
            assert_eq!(failed, Err(Error::InvalidTag), "{} {what}", row.name);
            assert_eq!(out, [0; LEN], "{} {what}", row.name);

            let (data, tag) = data.split_at(LEN);
            out.fill(0xee);
            let failed = state.decrypt_detached_into(data, tag, &mut out);
            assert_eq!(failed, Err(Error::InvalidTag), "{} {what}", row.name);
            assert_eq!(out, [0; LEN], "{} {what}", row.name);
        };
        for index in 0..ciphertext.len() {
            let mut forged = ciphertext.clone();
            forged[index] ^= 0x80;
            fails(&mut sealed(), &forged, "byte");
        }
        fails(&mut open(&engine, row), &ciphertext, "associated data");
        if row.options.contains(&wasi_crypto_engine::OptionName::Nonce) {
            let mut nonce = crate::fixture::nonce(row).unwrap();
            nonce[0] ^= 1;
            let mut other = options(&engine, row);
            other.set("nonce", &nonce).unwrap();
            let mut other = crate::fixture::open_with(&engine, row, &other);
            other.absorb(b"header").unwrap();
            fails(&mut other, &ciphertext, "nonce");
        }
        let foreign = engine.generate_key(row.name, None).unwrap();
        let mut foreign = engine
            .open(row.name, Some(&foreign), Some(&options(&engine, row)))
            .unwrap();
        foreign.absorb(b"header").unwrap();
        fails(&mut foreign, &ciphertext, "key");
    }
}

#[test]
fn a_state_decrypts_what_verifies_after_what_does_not() {
    for (engine, row) in rows_with(Operation::DecryptDetached) {
        let ciphertext = open(&engine, row).encrypt(b"a message").unwrap();
        let mut state = open(&engine, row);
        for _ in 0..3 {
            let mut forged = ciphertext.clone();
            forged[3] ^= 1;
            assert_eq!(
                state.decrypt(&forged).err(),
                Some(Error::InvalidTag),
                "{}",
                row.name
            );
        }
        let decrypted = state.decrypt(&ciphertext).expect(row.name);
        assert_eq!(decrypted.as_slice(), b"a message", "{}", row.name);
    }
}

#[test]
fn bad_padding_of_a_block_mode_is_an_invalid_tag_and_leaves_nothing() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::BlockMode) {
        let mut valid = 0;
        for len in [0, 5, 15, 16, 17, 31, 32] {
            let message = vec![0x61; len];
            let ciphertext = open(&engine, row).encrypt(&message).unwrap();
            // Changing the block before the last one changes the padding, and nothing else of the last block.
            for index in ciphertext.len().saturating_sub(32)..ciphertext.len() {
                let mut forged = ciphertext.clone();
                forged[index] ^= 0x80;
                let mut state = open(&engine, row);
                let mut out = vec![0xee; state.message_len(forged.len()).unwrap()];
                match state.decrypt_into(&forged, &mut out) {
                    Ok(_) => valid += 1,
                    Err(error) => {
                        assert_eq!(error, Error::InvalidTag, "{} {len}", row.name);
                        assert_eq!(out, vec![0; out.len()], "{} {len}", row.name);
                    }
                }
            }
        }
        // Without authentication, changes outside of the padding go unnoticed.
        assert!(valid > 0, "{}", row.name);
        for len in [0, 1, 15, 17, 33] {
            let failed = open(&engine, row).decrypt(&vec![0; len]);
            assert_eq!(failed.err(), Some(Error::InvalidTag), "{} {len}", row.name);
        }
    }
}
