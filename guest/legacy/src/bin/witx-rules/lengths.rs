//! Outputs of all lengths.

use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{Guarded, address, result, size};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{
    self, absorb, aead, close, decrypt_into, encrypt_into, key, open, options,
};

use super::*;

pub fn encrypt_lengths() {
    let state = gcm();
    for (len, errno) in [
        (0, OVERFLOW),
        (MESSAGE.len(), OVERFLOW),
        (MESSAGE.len() + 15, OVERFLOW),
        (MESSAGE.len() + 17, INVALID_LENGTH),
        (MESSAGE.len() + 4096, INVALID_LENGTH),
    ] {
        let mut out = Guarded::new(len, 7);
        assert_eq!(encrypt_into(state, &mut out, MESSAGE), Err(errno), "{len}");
        out.assert_untouched(7);
    }
    // The nonce was not used up by any of these.
    let mut out = Guarded::new(MESSAGE.len() + 16, 7);
    assert_eq!(
        encrypt_into(state, &mut out, MESSAGE),
        Ok(MESSAGE.len() as u32 + 16)
    );
    assert_eq!(out.bytes(), sealed());
    assert_eq!(encrypt_into(state, &mut out, MESSAGE), Err(NONCE_REQUIRED));
    close(state);
}

pub fn decrypt_lengths() {
    let sealed = sealed();
    let state = gcm();
    for (len, errno) in [
        (0, OVERFLOW),
        (MESSAGE.len() - 1, OVERFLOW),
        (MESSAGE.len() + 1, INVALID_LENGTH),
        (sealed.len(), INVALID_LENGTH),
    ] {
        let mut out = Guarded::new(len, 7);
        assert_eq!(decrypt_into(state, &mut out, &sealed), Err(errno), "{len}");
        out.assert_untouched(7);
    }
    let mut out = Guarded::new(MESSAGE.len(), 7);
    // None of these decrypted anything, so that the state can still encrypt.
    let mut again = Guarded::new(sealed.len(), 7);
    assert_eq!(
        encrypt_into(state, &mut again, MESSAGE),
        Ok(sealed.len() as u32)
    );
    assert_eq!(
        decrypt_into(state, &mut out, &sealed),
        Ok(MESSAGE.len() as u32)
    );
    assert_eq!(out.bytes(), MESSAGE);
    let mut forged = sealed;
    forged[0] ^= 1;
    let mut out = Guarded::new(MESSAGE.len(), 7);
    assert_eq!(decrypt_into(state, &mut out, &forged), Err(INVALID_TAG));
    out.assert_untouched(7);
    assert_eq!(decrypt_into(state, &mut out, b"short"), Err(INVALID_TAG));
    close(state);
}

pub fn padded_lengths() {
    for len in [0, 1, 15, 16, 17] {
        let message = vec![3; len];
        let needed = (len / 16 + 1) * 16;
        let most = len + 16;
        for (out_len, expected) in [
            (needed - 1, Err(OVERFLOW)),
            (needed, Ok(needed as u32)),
            (most, Ok(needed as u32)),
            (most + 1, Err(INVALID_LENGTH)),
        ] {
            let state = aead("AES-128-CBC", 16, 16);
            let mut out = Guarded::new(out_len, 7);
            assert_eq!(
                encrypt_into(state, &mut out, &message),
                expected,
                "{len} to {out_len}"
            );
            out.bytes();
            if expected.is_err() {
                out.assert_untouched(7);
                let mut out = Guarded::new(needed, 7);
                assert_eq!(encrypt_into(state, &mut out, &message), Ok(needed as u32));
            }
            close(state);
        }
        let state = aead("AES-128-CBC", 16, 16);
        let mut sealed = Guarded::new(needed, 7);
        encrypt_into(state, &mut sealed, &message).expect("a ciphertext");
        close(state);
        let sealed = sealed.bytes().to_vec();
        let mut lengths = vec![
            (len, Ok(len as u32)),
            (sealed.len(), Ok(len as u32)),
            (sealed.len() + 16, Ok(len as u32)),
            (sealed.len() + 17, Err(INVALID_LENGTH)),
        ];
        if len > 0 {
            lengths.push((len - 1, Err(OVERFLOW)));
        }
        for (out_len, expected) in lengths {
            let state = aead("AES-128-CBC", 16, 16);
            let mut out = Guarded::new(out_len, 7);
            assert_eq!(
                decrypt_into(state, &mut out, &sealed),
                expected,
                "{len} from {out_len}"
            );
            match expected {
                Ok(_) => assert_eq!(out.bytes()[..len], message),
                Err(_) => {
                    out.assert_untouched(7);
                    // The state is as it was: it can encrypt.
                    let mut again = Guarded::new(needed, 7);
                    assert_eq!(encrypt_into(state, &mut again, &message), Ok(needed as u32));
                }
            }
            close(state);
        }
    }
}

pub fn detached_lengths() {
    let state = gcm();
    for (len, errno) in [
        (0, OVERFLOW),
        (MESSAGE.len() - 1, OVERFLOW),
        (MESSAGE.len() + 1, INVALID_LENGTH),
    ] {
        let mut out = Guarded::new(len, 7);
        let (at, out_len) = (out.at(), out.len());
        let tag = result::<i32>(|tag| {
            symmetric_state_encrypt_detached(
                state,
                at,
                out_len,
                address(MESSAGE),
                size(MESSAGE),
                tag,
            )
        });
        assert_eq!(tag, Err(errno), "{len}");
        out.assert_untouched(7);
    }
    let mut out = Guarded::new(MESSAGE.len(), 7);
    let (at, out_len) = (out.at(), out.len());
    let tag = result::<i32>(|tag| {
        symmetric_state_encrypt_detached(state, at, out_len, address(MESSAGE), size(MESSAGE), tag)
    })
    .expect("a tag");
    let ciphertext = out.bytes().to_vec();
    let mut raw_tag = Guarded::new(16, 0);
    let (tag_at, tag_len) = (raw_tag.at(), raw_tag.len());
    assert_eq!(
        result(|out| symmetric_tag_pull(tag, tag_at, tag_len, out)),
        Ok(16u32)
    );
    let raw_tag = raw_tag.bytes().to_vec();
    assert_eq!(
        [ciphertext.as_slice(), raw_tag.as_slice()].concat(),
        sealed()
    );

    let decrypt = |out: &mut Guarded, tag: &[u8]| {
        let (at, out_len) = (out.at(), out.len());
        result::<u32>(|written| {
            let (data, len) = (address(&ciphertext[..]), size(&ciphertext));
            symmetric_state_decrypt_detached(
                state,
                at,
                out_len,
                data,
                len,
                address(tag),
                size(tag),
                written,
            )
        })
    };
    for (len, tag, expected) in [
        (MESSAGE.len() - 1, &raw_tag[..], Err(OVERFLOW)),
        (MESSAGE.len() + 1, &raw_tag, Err(INVALID_LENGTH)),
        (MESSAGE.len(), &raw_tag[..15], Err(INVALID_TAG)),
        (MESSAGE.len(), &[], Err(INVALID_TAG)),
        (MESSAGE.len(), &raw_tag, Ok(MESSAGE.len() as u32)),
    ] {
        let mut out = Guarded::new(len, 7);
        assert_eq!(decrypt(&mut out, tag), expected, "{len}, {}", tag.len());
        match expected {
            Ok(_) => assert_eq!(out.bytes(), MESSAGE),
            Err(_) => out.assert_untouched(7),
        }
    }
    close(state);
    // What has no tags has no detached ones.
    let state = aead("AES-128-CTR", 16, 16);
    let mut out = Guarded::new(4, 7);
    let at = out.at();
    let tag = result::<i32>(|tag| {
        symmetric_state_encrypt_detached(state, at, 4, address(MESSAGE), 4, tag)
    });
    assert_eq!(tag, Err(INVALID_OPERATION));
    out.assert_untouched(7);
    close(state);
}

pub fn lengths_that_may_be_larger() {
    let state = gcm();
    let name = "nonce";
    for (len, expected) in [(11, Err(OVERFLOW)), (12, Ok(12u32)), (100, Ok(12))] {
        let mut out = Guarded::new(len, 7);
        let (at, out_len) = (out.at(), out.len());
        let got = result(|written| {
            symmetric_state_options_get(state, address(name), 5, at, out_len, written)
        });
        assert_eq!(got, expected, "{len}");
        assert!(
            out.bytes().iter().skip(12).all(|byte| *byte == 7),
            "more was written"
        );
    }
    close(state);

    let key = key("HMAC/SHA-256", b"key").expect("a key");
    let state = open("HMAC/SHA-256", Some(key), None).expect("a state");
    for len in [32, 33, 64] {
        let tag = result::<i32>(|out| symmetric_state_squeeze_tag(state, out)).expect("a tag");
        let mut small = Guarded::new(31, 7);
        let at = small.at();
        assert_eq!(
            result::<u32>(|out| symmetric_tag_pull(tag, at, 31, out)),
            Err(OVERFLOW)
        );
        small.assert_untouched(7);
        assert_eq!(result(|out| symmetric_tag_len(tag, out)), Ok(32u32));
        let mut out = Guarded::new(len, 7);
        let (at, out_len) = (out.at(), out.len());
        assert_eq!(
            result(|written| symmetric_tag_pull(tag, at, out_len, written)),
            Ok(32u32)
        );
        assert!(
            out.bytes().iter().skip(32).all(|byte| *byte == 7),
            "more was written"
        );
        // Pulling has closed it.
        assert_eq!(
            result::<u32>(|out| symmetric_tag_len(tag, out)),
            Err(INVALID_HANDLE)
        );
        assert_eq!(symmetric_tag_close(tag), CLOSED);
    }
    close(state);
    assert_eq!(symmetric_key_close(key), SUCCESS);

    let state = open("SHA-256", None, None).expect("a state");
    for (len, errno) in [
        (0, SUCCESS),
        (1, SUCCESS),
        (32, SUCCESS),
        (33, INVALID_LENGTH),
    ] {
        let mut out = Guarded::new(len, 7);
        let (at, out_len) = (out.at(), out.len());
        assert_eq!(symmetric_state_squeeze(state, at, out_len), errno, "{len}");
        out.bytes();
    }
    close(state);
}

/// What is found out about the lengths of one state says nothing of another that differs in its key or its options.
pub fn lengths_of_others() {
    let keyless = open("XOODYAK-128", None, None).expect("a state");
    let mut exact = Guarded::new(MESSAGE.len() + 16, 7);
    assert_eq!(
        encrypt_into(keyless, &mut exact, MESSAGE),
        Err(INVALID_OPERATION)
    );
    exact.assert_untouched(7);
    close(keyless);
    let mut out = Guarded::new(MESSAGE.len() + 15, 7);
    let session = || aead("XOODYAK-128", 16, 12);
    let (one, other) = (session(), session());
    assert_eq!(encrypt_into(one, &mut out, MESSAGE), Err(OVERFLOW));
    let mut sealed = Guarded::new(MESSAGE.len() + 16, 7);
    encrypt_into(one, &mut sealed, MESSAGE).expect("a key");
    let mut back = Guarded::new(MESSAGE.len(), 7);
    decrypt_into(other, &mut back, sealed.bytes()).expect("the same key");
    assert_eq!(back.bytes(), MESSAGE);
    close(one);
    close(other);

    // A tag of the default length, truncated ones, and again one of the default length.
    let key = key("HMAC/SHA-256", b"key").expect("a key");
    for tag_len in [None, Some(16), Some(8), None] {
        let set = options().expect("options");
        let len = tag_len.unwrap_or(32);
        if tag_len.is_some() {
            let name = address("tag_len");
            assert_eq!(options_set_u64(set, name, 7, len.into()), SUCCESS);
        }
        let state = open("HMAC/SHA-256", Some(key), Some(set)).expect("a state");
        assert_eq!(
            result(|out| symmetric_state_max_tag_len(state, out)),
            Ok(len as u32)
        );
        let tag = result::<i32>(|out| symmetric_state_squeeze_tag(state, out)).expect("a tag");
        let mut raw = Guarded::new(len as usize, 7);
        let at = raw.at();
        let pull = |len| result::<u32>(|out| symmetric_tag_pull(tag, at, len, out));
        assert_eq!(pull(len - 1), Err(OVERFLOW));
        assert_eq!(pull(len), Ok(len as u32));
        raw.bytes();
        close(state);
        assert_eq!(options_close(set), SUCCESS);
    }
    assert_eq!(symmetric_key_close(key), SUCCESS);
}

pub fn array_output() {
    let raw: Vec<u8> = (0..100).collect();
    let key = key("HMAC/SHA-256", &raw).expect("a key");
    let array = result::<i32>(|out| symmetric_key_export(key, out)).expect("an array");
    assert_eq!(result(|out| array_output_len(array, out)), Ok(100u32));
    let mut pulled = Vec::new();
    for (ask, get) in [(0, 0u32), (1, 1), (33, 33), (65, 65), (500, 1)] {
        let mut out = Guarded::new(ask, 7);
        let (at, len) = (out.at(), out.len());
        assert_eq!(
            result(|written| array_output_pull(array, at, len, written)),
            Ok(get)
        );
        assert!(out.bytes()[get as usize..].iter().all(|byte| *byte == 7));
        pulled.extend_from_slice(&out.bytes()[..get as usize]);
    }
    assert_eq!(pulled, raw);
    // All is consumed, so it is closed.
    let mut out = Guarded::new(4, 7);
    let at = out.at();
    assert_eq!(
        result::<u32>(|out| array_output_pull(array, at, 4, out)),
        Err(INVALID_HANDLE)
    );
    assert_eq!(
        result::<u32>(|out| array_output_len(array, out)),
        Err(INVALID_HANDLE)
    );
    out.assert_untouched(7);
    assert_eq!(symmetric_key_close(key), SUCCESS);
}

pub fn guest_buffer() {
    let set = options().expect("options");
    let mut buffer = Guarded::new(100_000, 7);
    let (at, len) = (buffer.at(), buffer.len());
    assert_eq!(
        options_set_guest_buffer(set, address("memory"), 6, at, len),
        SUCCESS
    );
    buffer.assert_untouched(0);
    assert_eq!(options_set_u64(set, address("opslimit"), 8, 1), SUCCESS);
    state::set(set, "salt", &[1; 16]).expect("a salt");
    let state = open("ARGON2-ID-13", None, Some(set)).expect("a state");
    absorb(state, b"password").expect("absorbed");
    let tag = result::<i32>(|out| symmetric_state_squeeze_tag(state, out)).expect("a string");
    let len: u32 = result(|out| symmetric_tag_len(tag, out)).expect("a length");
    let mut text = Guarded::new(len as usize, 0);
    let at = text.at();
    assert_eq!(
        result(|out| symmetric_tag_pull(tag, at, len as i32, out)),
        Ok(len)
    );
    let text = String::from_utf8(text.bytes().to_vec()).expect("text");
    assert!(text.starts_with("$argon2id$v=19$m=97,t=1,p=1$"), "{text}");
    close(state);
    assert_eq!(options_close(set), SUCCESS);
}
