//! No nonce encrypts twice.

use wasi_crypto_engine::registry::{Kind, NonceRule, Operation};
use wasi_crypto_engine::{Category, Error};

use crate::fixture::{key, nonce, open, open_with, options, rows, rows_that_encrypt_once};

#[test]
fn a_nonce_is_required_generated_or_optional_as_the_row_says() {
    for (engine, row) in rows() {
        let key = key(&engine, row);
        let mut options = options(&engine, row);
        if nonce(row).is_some() {
            options = engine.options(Category::Symmetric);
        }
        let opened = engine.open(row.name, key.as_ref(), Some(&options));
        match row.nonce {
            NonceRule::Required(_) => {
                assert_eq!(opened.err(), Some(Error::NonceRequired), "{}", row.name);
            }
            NonceRule::Generated(len) => {
                let state = opened.expect(row.name);
                assert_eq!(
                    state.option("nonce").map(<[u8]>::len),
                    Ok(len),
                    "{}",
                    row.name
                );
            }
            NonceRule::Optional { .. } | NonceRule::Any => {
                let state = opened.expect(row.name);
                assert_eq!(
                    state.option("nonce"),
                    Err(Error::OptionNotSet),
                    "{}",
                    row.name
                );
            }
            _ => {
                let state = opened.expect(row.name);
                assert_eq!(
                    state.option("nonce"),
                    Err(Error::UnsupportedOption),
                    "{}",
                    row.name
                );
            }
        }
    }
}

#[test]
fn each_state_generates_a_nonce_of_its_own_from_one_set_of_options() {
    let mut tried = 0;
    for (engine, row) in rows() {
        let NonceRule::Generated(_) = row.nonce else {
            continue;
        };
        tried += 1;
        let empty = engine.options(Category::Symmetric);
        let [first, second] = [(); 2].map(|()| open_with(&engine, row, &empty));
        assert_ne!(
            first.option("nonce"),
            second.option("nonce"),
            "{}",
            row.name
        );
    }
    assert!(tried > 0);
}

#[test]
fn a_nonce_of_the_wrong_size_is_invalid() {
    for (engine, row) in rows() {
        let key = key(&engine, row);
        for len in 0..=40 {
            let fits = match row.nonce {
                NonceRule::Required(exact) | NonceRule::Generated(exact) => len == exact,
                NonceRule::Optional { max } => len <= max,
                NonceRule::Any => true,
                _ => continue,
            };
            let mut options = engine.options(Category::Symmetric);
            options.set("nonce", &vec![1; len]).unwrap();
            let opened = engine.open(row.name, key.as_ref(), Some(&options));
            let expected = (!fits).then_some(Error::InvalidNonce);
            assert_eq!(opened.err(), expected, "{} {len}", row.name);
        }
    }
}

#[test]
fn a_second_encryption_needs_another_nonce() {
    for (engine, row) in rows_that_encrypt_once() {
        let mut state = open(&engine, row);
        let ciphertext = state.encrypt(b"first").expect(row.name);
        assert_cannot_encrypt(&mut state);
        // It still decrypts, as often as one likes.
        for _ in 0..2 {
            assert_eq!(
                state.decrypt(&ciphertext).expect(row.name).as_slice(),
                b"first"
            );
        }
        assert_cannot_encrypt(&mut state);
    }
}

#[test]
fn a_detached_encryption_uses_the_nonce_up_too() {
    for (engine, row) in rows_that_encrypt_once() {
        if row.has(Operation::EncryptDetached) {
            let mut state = open(&engine, row);
            state.encrypt_detached(b"first").expect(row.name);
            assert_cannot_encrypt(&mut state);
        }
    }
}

#[test]
fn a_state_that_has_decrypted_never_encrypts() {
    for (engine, row) in rows_that_encrypt_once() {
        let ciphertext = open(&engine, row).encrypt(b"message").expect(row.name);
        let mut state = open(&engine, row);
        state.decrypt(&ciphertext).expect(row.name);
        assert_cannot_encrypt(&mut state);
    }
}

#[test]
fn a_state_that_has_failed_to_decrypt_never_encrypts() {
    for (engine, row) in rows_that_encrypt_once() {
        let mut state = open(&engine, row);
        assert_eq!(
            state.decrypt(&[0; 32]).err(),
            Some(Error::InvalidTag),
            "{}",
            row.name
        );
        assert_cannot_encrypt(&mut state);
        if row.has(Operation::DecryptDetached) {
            let mut state = open(&engine, row);
            let tag = vec![0; state.max_tag_len().unwrap()];
            let failed = state.decrypt_detached(b"x", &tag);
            assert_eq!(failed.err(), Some(Error::InvalidTag), "{}", row.name);
            assert_cannot_encrypt(&mut state);
        }
    }
}

#[test]
fn a_refused_call_does_not_use_the_nonce_up() {
    for (engine, row) in rows_that_encrypt_once() {
        let mut state = open(&engine, row);
        let refused = state.encrypt_into(b"message", &mut [0; 3]);
        assert_eq!(refused, Err(Error::InvalidLength), "{}", row.name);
        assert!(state.encrypt(b"message").is_ok(), "{}", row.name);
    }
}

#[test]
fn a_clone_decrypts_but_never_encrypts_and_leaves_the_original_its_nonce() {
    for (engine, row) in rows_that_encrypt_once() {
        let ciphertext = open(&engine, row).encrypt(b"message").expect(row.name);
        let mut state = open(&engine, row);
        let mut clone = state.try_clone().expect(row.name);
        let mut clone_of_clone = clone.try_clone().expect(row.name);
        for clone in [&mut clone, &mut clone_of_clone] {
            assert_cannot_encrypt(clone);
            let decrypted = clone.decrypt(&ciphertext).expect(row.name);
            assert_eq!(decrypted.as_slice(), b"message", "{}", row.name);
        }
        assert_eq!(state.encrypt(b"message"), Ok(ciphertext), "{}", row.name);
    }
}

#[test]
fn the_clone_of_a_session_does_all_but_encrypt() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Session) {
        let mut state = open(&engine, row);
        state.absorb(b"header").unwrap();
        let mut sender = open(&engine, row);
        sender.absorb(b"header").unwrap();
        let ciphertext = sender.encrypt(b"message").unwrap();

        let mut clone = state.try_clone().unwrap();
        assert_cannot_encrypt(&mut clone);
        assert_eq!(clone.decrypt(&ciphertext).unwrap().as_slice(), b"message");
        clone.absorb(b"more").unwrap();
        clone.squeeze(40).unwrap();
        clone.squeeze_tag().unwrap();
        clone.squeeze_key("AES-128-GCM").unwrap();
        clone.ratchet().unwrap();
        assert_cannot_encrypt(&mut clone);
        assert_cannot_encrypt(&mut clone.try_clone().unwrap());
        assert_eq!(state.encrypt(b"message"), Ok(ciphertext));
    }
}

#[test]
fn a_session_goes_on_encrypting_until_a_decryption_fails() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::Session) {
        let mut alice = open(&engine, row);
        let mut bob = open(&engine, row);
        for round in 0..4u8 {
            let message = [round; 30];
            let to_bob = alice.encrypt(&message).unwrap();
            assert_eq!(bob.decrypt(&to_bob).unwrap().as_slice(), message);
            let to_alice = bob.encrypt(&message).unwrap();
            assert_ne!(to_alice, to_bob);
            assert_eq!(alice.decrypt(&to_alice).unwrap().as_slice(), message);
            if round == 1 {
                alice.ratchet().unwrap();
                bob.ratchet().unwrap();
            }
        }
        let mut forged = alice.encrypt(b"message").unwrap();
        forged[0] ^= 1;
        assert_eq!(bob.decrypt(&forged).err(), Some(Error::InvalidTag));
        assert_cannot_encrypt(&mut bob);
        // The failed decryption has left the state where it was.
        forged[0] ^= 1;
        assert_eq!(bob.decrypt(&forged).unwrap().as_slice(), b"message");
    }
}

#[test]
fn stream_ciphers_and_generators_cannot_be_cloned() {
    let mut tried = 0;
    for (engine, row) in rows() {
        if matches!(row.kind, Kind::StreamCipher | Kind::Generator) {
            tried += 1;
            let clone = open(&engine, row).try_clone();
            assert_eq!(clone.err(), Some(Error::UnsupportedFeature), "{}", row.name);
        }
    }
    assert!(tried > 0);
}

#[test]
fn a_stream_cipher_goes_on_in_its_stream_whatever_the_operation() {
    for (engine, row) in rows().filter(|(_, row)| row.kind == Kind::StreamCipher) {
        let stream = open(&engine, row).squeeze(100).unwrap();
        for cut in [0, 1, 15, 16, 17, 33, 64, 99] {
            let mut state = open(&engine, row);
            let mut pieces = state.encrypt(&vec![0; cut / 2]).unwrap();
            pieces.extend_from_slice(&state.squeeze((cut - cut / 2) as u64).unwrap());
            pieces.extend_from_slice(&state.decrypt(&vec![0; 100 - cut]).unwrap());
            assert_eq!(pieces, stream.as_slice(), "{} {cut}", row.name);
        }
    }
}

fn assert_cannot_encrypt(state: &mut wasi_crypto_engine::State) {
    let name = state.algorithm().name;
    let needs = Some(Error::NonceRequired);
    assert_eq!(state.encrypt(b"again").err(), needs, "{name}");
    let mut out = vec![0; state.ciphertext_len(5).unwrap()];
    assert_eq!(
        state.encrypt_into(b"again", &mut out).err(),
        needs,
        "{name}"
    );
    assert_eq!(out, vec![0; out.len()], "{name}");
    if state.algorithm().has(Operation::EncryptDetached) {
        assert_eq!(state.encrypt_detached(b"again").err(), needs, "{name}");
    }
}

#[test]
fn a_ciphertext_of_impossible_length_uses_the_nonce_up_like_any_other_failure() {
    for (engine, row) in rows().filter(|(_, row)| row.has(Operation::Decrypt)) {
        let needs = matches!(row.kind, Kind::Aead | Kind::BlockMode | Kind::Session);
        if !needs {
            continue;
        }
        let tries: [fn(&mut wasi_crypto_engine::State) -> Option<Error>; 4] = [
            |state| state.decrypt(&[0; 15]).err(),
            |state| state.decrypt(&[]).err(),
            |state| state.decrypt_into(&[0; 7], &mut []).err(),
            |state| state.message_len(3).err(),
        ];
        for fail in tries {
            let mut state = open(&engine, row);
            assert_eq!(fail(&mut state), Some(Error::InvalidTag), "{}", row.name);
            assert_cannot_encrypt(&mut state);
        }
        if row.has(Operation::DecryptDetached) {
            for tag in [&[][..], &[0], &[0; 8], &[0; 17]] {
                let mut state = open(&engine, row);
                let failed = state.decrypt_detached(b"data", tag).err();
                assert_eq!(failed, Some(Error::InvalidTag), "{}", row.name);
                assert_cannot_encrypt(&mut state);
            }
        }
    }
}
