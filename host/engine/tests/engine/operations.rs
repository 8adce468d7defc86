//! Which operations there are, and what absorbing means.

use wasi_crypto_engine::registry::{Absorb, Kind, Operation};
use wasi_crypto_engine::{Error, State};

use crate::fixture::{
    counterpart, engine, noise, open, open_unkeyed, outcome, outcome_of, rows, rows_with,
};

const ALL: [Operation; 10] = [
    Operation::Absorb,
    Operation::Squeeze,
    Operation::SqueezeTag,
    Operation::SqueezeKey,
    Operation::MaxTagLen,
    Operation::Encrypt,
    Operation::EncryptDetached,
    Operation::Decrypt,
    Operation::DecryptDetached,
    Operation::Ratchet,
];

fn attempt(state: &mut State, operation: Operation) -> Result<(), Error> {
    let target = match state.algorithm().kind {
        Kind::Extract => counterpart(state.algorithm()),
        _ => "AES-128-GCM".to_owned(),
    };
    match operation {
        Operation::Absorb => state.absorb(b"data"),
        Operation::Squeeze => state.squeeze(16).map(drop),
        Operation::SqueezeTag => state.squeeze_tag().map(drop),
        Operation::SqueezeKey => state.squeeze_key(&target).map(drop),
        Operation::MaxTagLen => state.max_tag_len().map(drop),
        Operation::Encrypt => state.encrypt(b"data").map(drop),
        Operation::EncryptDetached => state.encrypt_detached(b"data").map(drop),
        Operation::Decrypt => state.decrypt(&[0; 32]).map(drop),
        Operation::DecryptDetached => state.decrypt_detached(b"data", &[0; 16]).map(drop),
        Operation::Ratchet => state.ratchet(),
        other => panic!("no attempt at {other:?}"),
    }
}

#[test]
fn an_operation_that_the_row_does_not_list_is_invalid_and_one_that_it_lists_is_not() {
    for (engine, row) in rows() {
        for operation in ALL {
            let attempted = attempt(&mut open(&engine, row), operation);
            let invalid = attempted == Err(Error::InvalidOperation);
            assert_eq!(invalid, !row.has(operation), "{} {operation:?}", row.name);
        }
    }
}

#[test]
fn what_an_invalid_operation_leaves_behind_is_the_state_as_it_was() {
    for (engine, row) in rows() {
        let mut state = open(&engine, row);
        for operation in ALL {
            if !row.has(operation) {
                attempt(&mut state, operation).unwrap_err();
            }
        }
        let expected = outcome(&engine, &mut open(&engine, row));
        assert_eq!(outcome(&engine, &mut state), expected, "{}", row.name);
    }
}

#[test]
fn an_unkeyed_state_of_an_algorithm_that_takes_keys_has_no_tags_of_its_own_secrecy() {
    for (engine, row) in rows() {
        let Some(mut state) = open_unkeyed(&engine, row) else {
            continue;
        };
        let takes_keys = row.key.generated().is_some();
        if takes_keys && matches!(row.kind, Kind::Hash | Kind::Xof) {
            let tag = state.squeeze_tag();
            assert_eq!(tag.err(), Some(Error::InvalidOperation), "{}", row.name);
        }
        if row.kind == Kind::Session {
            for operation in [
                Operation::Encrypt,
                Operation::EncryptDetached,
                Operation::Decrypt,
                Operation::DecryptDetached,
            ] {
                let attempted = attempt(&mut state, operation);
                assert_eq!(attempted, Err(Error::InvalidOperation), "{}", row.name);
            }
            state.absorb(b"data").unwrap();
            state.squeeze(32).unwrap();
        }
    }
}

#[test]
fn absorbs_concatenate_or_delimit_as_the_row_says() {
    let data = noise(1, 700);
    for (engine, row) in rows_with(Operation::Absorb) {
        let whole = outcome_of(&engine, row, &[&data]);
        for cut in [1, 7, 16, 64, 136, 168, 699] {
            let (head, tail) = data.split_at(cut);
            let split = outcome_of(&engine, row, &[head, tail]);
            match row.absorb {
                Absorb::Concatenates => assert_eq!(split, whole, "{} {cut}", row.name),
                Absorb::Delimits => assert_ne!(split, whole, "{} {cut}", row.name),
            }
        }
        let bytes: Vec<&[u8]> = data[..50].chunks(1).collect();
        let one_by_one = outcome_of(&engine, row, &bytes);
        let at_once = outcome_of(&engine, row, &[&data[..50]]);
        assert_eq!(
            one_by_one == at_once,
            row.absorb == Absorb::Concatenates,
            "{}",
            row.name
        );
    }
}

#[test]
fn an_empty_absorb_changes_nothing_where_absorbs_concatenate_and_is_a_string_where_they_delimit() {
    for (engine, row) in rows_with(Operation::Absorb) {
        let without = outcome_of(&engine, row, &[b"data"]);
        for parts in [&[&b""[..], b"data"], &[b"data", b""]] {
            let with = outcome_of(&engine, row, parts);
            match row.absorb {
                Absorb::Concatenates => assert_eq!(with, without, "{}", row.name),
                Absorb::Delimits => assert_ne!(with, without, "{}", row.name),
            }
        }
    }
}

#[test]
fn what_was_absorbed_in_another_order_comes_out_differently() {
    for (engine, row) in rows_with(Operation::Absorb) {
        assert_ne!(
            outcome_of(&engine, row, &[b"one", b"two"]),
            outcome_of(&engine, row, &[b"two", b"one"]),
            "{}",
            row.name
        );
    }
}

#[test]
fn a_state_that_has_absorbed_nothing_works() {
    for (engine, row) in rows_with(Operation::Absorb) {
        let nothing = outcome_of(&engine, row, &[]);
        assert_ne!(
            nothing,
            outcome_of(&engine, row, &[b"something"]),
            "{}",
            row.name
        );
    }
}

#[test]
fn an_empty_message_is_encrypted_and_decrypted() {
    for (engine, row) in rows_with(Operation::Encrypt) {
        let ciphertext = open(&engine, row).encrypt(b"").expect(row.name);
        let decrypted = open(&engine, row).decrypt(&ciphertext).expect(row.name);
        assert!(decrypted.is_empty(), "{}", row.name);
    }
}

#[test]
fn messages_of_any_length_come_back_and_have_the_length_foretold() {
    for (engine, row) in rows_with(Operation::Encrypt) {
        let lens = (0..70).chain([127, 128, 129, 255, 256, 257, 1000, 4095, 4096, 4097, 70_000]);
        for len in lens {
            let message = noise(len as u64, len);
            let mut sealing = open(&engine, row);
            let foretold = sealing.ciphertext_len(len).expect(row.name);
            assert!(foretold <= len + sealing.max_tag_len().expect(row.name));
            let ciphertext = sealing.encrypt(&message).expect(row.name);
            assert_eq!(ciphertext.len(), foretold, "{} {len}", row.name);

            let mut opening = open(&engine, row);
            let longest = opening.message_len(ciphertext.len()).expect(row.name);
            let mut out = vec![0xee; longest];
            let written = opening.decrypt_into(&ciphertext, &mut out).expect(row.name);
            assert_eq!(&out[..written], &message, "{} {len}", row.name);
            assert!(
                out[written..].iter().all(|&byte| byte == 0),
                "{} {len}",
                row.name
            );

            if row.has(Operation::EncryptDetached) {
                let (detached, tag) = open(&engine, row)
                    .encrypt_detached(&message)
                    .expect(row.name);
                assert_eq!(
                    [&detached[..], tag.as_bytes()].concat(),
                    ciphertext,
                    "{}",
                    row.name
                );
                let decrypted = open(&engine, row)
                    .decrypt_detached(&detached, tag.as_bytes())
                    .expect(row.name);
                assert_eq!(decrypted.as_slice(), message, "{} {len}", row.name);
            }
        }
    }
}

#[test]
fn an_output_of_another_length_is_refused_and_left_alone() {
    for (engine, row) in rows_with(Operation::Encrypt) {
        let ciphertext = open(&engine, row).encrypt(b"a message").expect(row.name);
        for len in [0, ciphertext.len() - 1, ciphertext.len() + 1, 1000] {
            let mut out = vec![0xee; len];
            let encrypted = open(&engine, row).encrypt_into(b"a message", &mut out);
            assert_eq!(encrypted, Err(Error::InvalidLength), "{} {len}", row.name);
            assert_eq!(out, vec![0xee; len], "{} {len}", row.name);
        }
        let mut out = vec![0xee; 1000];
        let decrypted = open(&engine, row).decrypt_into(&ciphertext, &mut out);
        assert_eq!(decrypted, Err(Error::InvalidLength), "{}", row.name);
    }
    for (engine, row) in rows_with(Operation::EncryptDetached) {
        let mut out = [0xee; 8];
        let encrypted = open(&engine, row).encrypt_detached_into(b"a message", &mut out);
        assert_eq!(encrypted.err(), Some(Error::InvalidLength), "{}", row.name);
        let tag = [0; 16];
        let decrypted = open(&engine, row).decrypt_detached_into(b"a message", &tag, &mut out);
        assert_eq!(decrypted.err(), Some(Error::InvalidLength), "{}", row.name);
    }
}

#[test]
fn one_call_does_what_a_state_does() {
    for (engine, row) in rows() {
        if row.kind == Kind::PasswordHash {
            let hashed = engine.hash(row.name, b"data", 32);
            let expected = if row.key.is_required() {
                Error::KeyRequired
            } else {
                Error::InvalidOperation
            };
            assert_eq!(hashed.err(), Some(expected), "{}", row.name);
            continue;
        }
        if let Some(mut state) = open_unkeyed(&engine, row)
            && row.has(Operation::Squeeze)
            && row.kind != Kind::Session
        {
            state.absorb(b"data").unwrap();
            let hashed = engine.hash(row.name, b"data", 24);
            assert_eq!(hashed, state.squeeze(24), "{}", row.name);
        }
        let Some(key) = crate::fixture::key(&engine, row) else {
            continue;
        };
        if matches!(row.kind, Kind::Mac | Kind::Hash | Kind::Xof) {
            let mut state = open(&engine, row);
            state.absorb(b"data").unwrap();
            let tag = state.squeeze_tag().expect(row.name);
            let computed = engine.authenticate(&key, b"data").expect(row.name);
            assert_eq!(computed.as_bytes(), tag.as_bytes(), "{}", row.name);
            assert_eq!(engine.verify(&key, b"data", tag.as_bytes()), Ok(()));
            let forged = engine.verify(&key, b"dat0", tag.as_bytes());
            assert_eq!(forged, Err(Error::InvalidTag), "{}", row.name);
        }
        if row.kind == Kind::Expand {
            let mut state = open(&engine, row);
            state.absorb(b"info").unwrap();
            assert_eq!(
                engine.derive(&key, b"info", 99),
                state.squeeze(99),
                "{}",
                row.name
            );
        }
    }
}

#[test]
fn one_call_encrypts_and_decrypts_like_a_state() {
    for (engine, row) in rows_with(Operation::Encrypt) {
        let key = crate::fixture::key(&engine, row).expect(row.name);
        if row.name.starts_with("STROBE") {
            // The calls have no room for its label.
            let encrypted = engine.encrypt(&key, None, b"", b"message");
            assert!(encrypted.is_err(), "{}", row.name);
            continue;
        }
        let authenticates = row.has(Operation::Absorb);
        let ad: &[u8] = if authenticates { b"header" } else { b"" };
        let nonce = crate::fixture::nonce(row).expect(row.name);

        let sealed = engine
            .encrypt(&key, Some(&nonce), ad, b"message")
            .expect(row.name);
        assert!(sealed.nonce.is_empty(), "{}", row.name);
        let mut state = open(&engine, row);
        if authenticates {
            state.absorb(ad).unwrap();
        }
        assert_eq!(
            state.encrypt(b"message"),
            Ok(sealed.ciphertext.clone()),
            "{}",
            row.name
        );
        let opened = engine.decrypt(&key, Some(&nonce), ad, &sealed.ciphertext);
        assert_eq!(opened.expect(row.name).as_slice(), b"message");

        let without = engine.decrypt(&key, None, ad, &sealed.ciphertext);
        assert_eq!(without.err(), Some(Error::NonceRequired), "{}", row.name);
        if authenticates {
            let forged = engine.decrypt(&key, Some(&nonce), b"headex", &sealed.ciphertext);
            assert_eq!(forged.err(), Some(Error::InvalidTag), "{}", row.name);
        }
    }
}

#[test]
fn one_call_generates_a_nonce_where_that_is_safe_and_says_which() {
    use wasi_crypto_engine::registry::NonceRule;
    for (engine, row) in rows_with(Operation::Encrypt) {
        if row.name.starts_with("STROBE") {
            continue;
        }
        let key = crate::fixture::key(&engine, row).expect(row.name);
        let sealed = engine.encrypt(&key, None, b"", b"message");
        let len = match row.nonce {
            NonceRule::Required(_) => {
                assert_eq!(sealed.err(), Some(Error::NonceRequired), "{}", row.name);
                continue;
            }
            NonceRule::Generated(len) | NonceRule::Optional { max: len } => len,
            _ => 16,
        };
        let sealed = sealed.expect(row.name);
        assert_eq!(sealed.nonce.len(), len, "{}", row.name);
        let again = engine.encrypt(&key, None, b"", b"message").expect(row.name);
        assert_ne!(sealed, again, "{}", row.name);
        let opened = engine.decrypt(&key, Some(&sealed.nonce), b"", &sealed.ciphertext);
        assert_eq!(opened.expect(row.name).as_slice(), b"message");
    }
}

#[test]
fn a_name_of_the_wrong_kind_of_key_in_one_call_is_refused() {
    let engine = engine(wasi_crypto_engine::Backend::Native);
    let mac = engine.generate_key("HMAC/SHA-256", None).unwrap();
    let aead = engine.generate_key("AES-256-GCM", None).unwrap();
    let invalid = Some(Error::InvalidOperation);
    assert_eq!(engine.encrypt(&mac, None, b"", b"").err(), invalid);
    assert_eq!(engine.decrypt(&mac, Some(b""), b"", b"").err(), invalid);
    assert_eq!(engine.derive(&mac, b"", 1).err(), invalid);
    let required = Some(Error::NonceRequired);
    assert_eq!(engine.authenticate(&aead, b"").err(), required);
    for len in [0, 11, 13, 24] {
        let sealed = engine.encrypt(&aead, Some(&vec![0; len]), b"", b"");
        assert_eq!(sealed.err(), Some(Error::InvalidNonce), "{len}");
        let opened = engine.decrypt(&aead, Some(&vec![0; len]), b"", &[0; 16]);
        assert_eq!(opened.err(), Some(Error::InvalidNonce), "{len}");
    }
}
