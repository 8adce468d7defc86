//! Pointers, names and unions of all sorts.

use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{Guarded, address, address_mut, result, size};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{Optional, close, encrypt_into, key, open, options};

use super::*;

pub fn overlapping() {
    let expected = sealed();
    // Where the output begins, seen from the input; bytes before and behind so that both fit.
    for shift in [-20i32, -16, -1, 0, 1, 5, 16, 30] {
        let mut memory = vec![9u8; 200];
        let data = 64usize;
        memory[data..data + MESSAGE.len()].copy_from_slice(MESSAGE);
        let out = (data as i32 + shift) as usize;
        let base = address_mut(&mut memory[..]);
        let state = gcm();
        let written: u32 = result(|written| {
            let (data, len) = (base + data as i32, size(MESSAGE));
            symmetric_state_encrypt(state, base + out as i32, len + 16, data, len, written)
        })
        .expect("overlapping is allowed");
        let mut memory = std::hint::black_box(memory);
        assert_eq!(
            memory[out..out + written as usize],
            expected,
            "encrypting, {shift}"
        );
        close(state);

        let mut back = vec![9u8; 200];
        back[data..data + expected.len()].copy_from_slice(&expected);
        let base = address_mut(&mut back[..]);
        let state = gcm();
        let written: u32 = result(|written| {
            let (data, len) = (base + data as i32, size(&expected));
            symmetric_state_decrypt(state, base + out as i32, len - 16, data, len, written)
        })
        .expect("overlapping is allowed");
        memory = std::hint::black_box(back);
        assert_eq!(
            memory[out..out + written as usize],
            *MESSAGE,
            "decrypting, {shift}"
        );
        close(state);
    }
}

pub fn unaligned() {
    let mut memory = vec![0u8; 64];
    let base = address_mut(&mut memory[..]);
    let name = "SHA-256";
    for offset in 0..4 {
        // The optional handles are unaligned, too.
        let mut none = [0u8; 16];
        none[offset as usize] = 1;
        let none = address(&none[..]) + offset;
        let out = base + offset;
        assert_eq!(
            symmetric_state_open(address(name), 7, none, none, out),
            SUCCESS
        );
        let memory = std::hint::black_box(&memory);
        let at = offset as usize;
        let handle = i32::from_le_bytes(memory[at..at + 4].try_into().expect("4 bytes"));
        close(handle);
    }
    let state = open("TURBOSHAKE-128", None, None).expect("a state");
    for offset in 0..8 {
        let name = "domain";
        let out = base + offset;
        assert_eq!(
            symmetric_state_options_get_u64(state, address(name), 6, out),
            SUCCESS
        );
        let memory = std::hint::black_box(&memory);
        let at = offset as usize;
        let value = u64::from_le_bytes(memory[at..at + 8].try_into().expect("8 bytes"));
        assert_eq!(value, 0x1f);
    }
    close(state);
}

/// Address 0 is one as any other: memory begins there.
pub fn null() {
    let name = "SHA-256";
    let none = Optional::new(None);
    let none = address(&none);
    let before = state_at_zero();
    assert_eq!(
        symmetric_state_open(address(name), 7, none, none, 0),
        SUCCESS
    );
    close(state_at_zero());
    restore_zero(before);

    let state = open(name, None, None).expect("a state");
    assert_eq!(symmetric_state_absorb(state, 0, 0), SUCCESS);
    assert_eq!(symmetric_state_squeeze(state, 0, 0), SUCCESS);
    close(state);
}

/// Reads the four bytes at address 0, which Rust itself cannot: it imports them as a key, and exports it.
fn state_at_zero() -> i32 {
    let name = "HMAC/SHA-256";
    let key: i32 = result(|out| symmetric_key_import(address(name), 12, 0, 4, out)).expect("a key");
    let array = result(|out| symmetric_key_export(key, out)).expect("an array");
    let mut bytes = Guarded::new(4, 0);
    let at = bytes.at();
    assert_eq!(result(|out| array_output_pull(array, at, 4, out)), Ok(4u32));
    assert_eq!(symmetric_key_close(key), SUCCESS);
    i32::from_le_bytes(bytes.bytes().try_into().expect("4 bytes"))
}

fn restore_zero(value: i32) {
    let name = "HMAC/SHA-256";
    let bytes = value.to_le_bytes();
    let raw = address(&bytes[..]);
    let key: i32 =
        result(|out| symmetric_key_import(address(name), 12, raw, 4, out)).expect("a key");
    let array = result(|out| symmetric_key_export(key, out)).expect("an array");
    assert_eq!(result(|out| array_output_pull(array, 0, 4, out)), Ok(4u32));
    assert_eq!(symmetric_key_close(key), SUCCESS);
}

pub fn out_of_bounds() {
    let name = address("SHA-256");
    let none = Optional::new(None);
    let none = address(&none);
    let mut word = 0i32;
    let out = address_mut(&mut word);
    let state = open("SHA-256", None, None).expect("a state");
    let cipher = gcm();
    let set = options().expect("options");
    let data = address(MESSAGE);
    let tag_key = key("HMAC/SHA-256", b"key").expect("a key");
    let mac = open("HMAC/SHA-256", Some(tag_key), None).expect("a state");
    let tag = result::<i32>(|out| symmetric_state_squeeze_tag(mac, out)).expect("a tag");
    let array = result::<i32>(|out| symmetric_key_export(tag_key, out)).expect("an array");
    // The end of memory, and lengths that wrap around.
    for bad in [NOWHERE, -1, -3] {
        let errnos = [
            options_open(1, bad),
            options_set(set, bad, 5, data, 4),
            options_set(set, address("nonce"), 5, bad, 12),
            options_set_u64(set, bad, 5, 1),
            options_set_guest_buffer(set, address("buffer"), 6, bad, 8),
            array_output_len(array, bad),
            array_output_pull(array, bad, 4, out),
            array_output_pull(array, data, 0, bad),
            secrets_manager_open(bad, out),
            secrets_manager_open(none, bad),
            symmetric_key_generate(bad, 7, none, out),
            symmetric_key_generate(name, 7, bad, out),
            symmetric_key_generate(address("AES-128-GCM"), 11, none, bad),
            symmetric_key_import(address("AES-128-GCM"), 11, bad, 16, out),
            symmetric_key_import(address("AES-128-GCM"), 11, data, 16, bad),
            symmetric_key_export(tag_key, bad),
            symmetric_state_open(bad, 7, none, none, out),
            symmetric_state_open(name, 7, bad, none, out),
            symmetric_state_open(name, 7, none, bad, out),
            symmetric_state_open(name, 7, none, none, bad),
            symmetric_state_options_get(cipher, bad, 5, data, 4, out),
            symmetric_state_options_get(cipher, address("nonce"), 5, bad, 12, out),
            symmetric_state_options_get(cipher, address("nonce"), 5, data, 12, bad),
            symmetric_state_options_get_u64(cipher, bad, 5, out),
            symmetric_state_options_get_u64(cipher, address("nonce"), 5, bad),
            symmetric_state_clone(state, bad),
            symmetric_state_absorb(state, bad, 4),
            symmetric_state_squeeze(state, bad, 4),
            symmetric_state_squeeze_tag(mac, bad),
            symmetric_state_squeeze_key(state, bad, 4, out),
            symmetric_state_squeeze_key(state, name, 7, bad),
            symmetric_state_max_tag_len(cipher, bad),
            symmetric_state_encrypt(cipher, bad, 20, data, 4, out),
            symmetric_state_encrypt(cipher, data, 20, bad, 4, out),
            symmetric_state_encrypt(cipher, data, 20, data, 4, bad),
            symmetric_state_encrypt_detached(cipher, bad, 4, data, 4, out),
            symmetric_state_encrypt_detached(cipher, data, 4, bad, 4, out),
            symmetric_state_encrypt_detached(cipher, data, 4, data, 4, bad),
            symmetric_state_decrypt(cipher, bad, 4, data, 20, out),
            symmetric_state_decrypt(cipher, data, 4, bad, 20, out),
            symmetric_state_decrypt(cipher, data, 4, data, 20, bad),
            symmetric_state_decrypt_detached(cipher, bad, 4, data, 4, data, 16, out),
            symmetric_state_decrypt_detached(cipher, data, 4, bad, 4, data, 16, out),
            symmetric_state_decrypt_detached(cipher, data, 4, data, 4, bad, 16, out),
            symmetric_state_decrypt_detached(cipher, data, 4, data, 4, data, 16, bad),
            symmetric_tag_len(tag, bad),
            symmetric_tag_pull(tag, bad, 32, out),
            symmetric_tag_pull(tag, data, 32, bad),
            symmetric_tag_verify(tag, bad, 32),
            symmetric_key_id(tag_key, bad, 16, out, out),
            symmetric_key_id(tag_key, data, 16, bad, out),
            symmetric_key_id(tag_key, data, 16, out, bad),
            batch_symmetric_state_encrypt(bad, 1, out),
            batch_symmetric_state_squeeze_tag(bad, 1, out),
            batch_symmetric_state_squeeze(data, 0, bad),
        ];
        for (number, errno) in errnos.into_iter().enumerate() {
            assert_eq!(errno, GUEST_ERROR, "call {number} with {bad}");
        }
    }
    // A length that reaches from a good address to beyond the end.
    assert_eq!(symmetric_state_absorb(state, data, -1), GUEST_ERROR);
    assert_eq!(symmetric_state_squeeze(state, data, i32::MIN), GUEST_ERROR);
    assert_eq!(options_open(3, out), GUEST_ERROR);
    assert_eq!(options_open(-1, out), GUEST_ERROR);
    // All of that changed nothing.
    let mut sealed_now = Guarded::new(MESSAGE.len() + 16, 0);
    encrypt_into(cipher, &mut sealed_now, MESSAGE).expect("an unused nonce");
    assert_eq!(sealed_now.bytes(), sealed());
    close(state);
    close(cipher);
    close(mac);
    assert_eq!(options_close(set), SUCCESS);
    assert_eq!(symmetric_key_close(tag_key), SUCCESS);
    assert_eq!(symmetric_tag_close(tag), SUCCESS);
}

pub fn names() {
    let not_text: &[u8] = b"AES-\xff\xfe";
    let half: &[u8] = b"SHA-256\xc3";
    let long = vec![b'A'; 100_000];
    let set = options().expect("options");
    let state = open("SHA-256", None, None).expect("a state");
    let none = Optional::new(None);
    let none = address(&none);
    let mut room = [0u8; 8];
    let out = address_mut(&mut room[..]);
    for name in [
        not_text,
        half,
        &long,
        b"",
        "SHA-256é".as_bytes(),
        b"SHA-257",
    ] {
        let (at, len) = (address(name), size(name));
        assert_eq!(
            symmetric_key_generate(at, len, none, out),
            UNSUPPORTED_ALGORITHM
        );
        assert_eq!(
            symmetric_key_import(at, len, at, 0, out),
            UNSUPPORTED_ALGORITHM
        );
        assert_eq!(
            symmetric_state_open(at, len, none, none, out),
            UNSUPPORTED_ALGORITHM
        );
        assert_eq!(options_set(set, at, len, at, 0), UNSUPPORTED_OPTION);
        assert_eq!(options_set_u64(set, at, len, 1), UNSUPPORTED_OPTION);
        assert_eq!(
            options_set_guest_buffer(set, at, len, at, 0),
            UNSUPPORTED_OPTION
        );
        assert_eq!(
            symmetric_state_options_get(state, at, len, at, 0, out),
            UNSUPPORTED_OPTION
        );
        assert_eq!(
            symmetric_state_options_get_u64(state, at, len, out),
            UNSUPPORTED_OPTION
        );
    }
    // Wherever the byte is that is no text.
    for len in 1..40 {
        for at in 0..len {
            let mut name = vec![b'A'; len];
            name[at] = 0xff;
            let errno = symmetric_state_open(address(&name[..]), size(&name), none, none, out);
            assert_eq!(errno, UNSUPPORTED_ALGORITHM, "{len}, {at}");
        }
    }
    let xof = open("SHAKE-128", None, None).expect("a state");
    assert_eq!(
        symmetric_state_squeeze_key(xof, address(not_text), size(not_text), out),
        UNSUPPORTED_ALGORITHM
    );
    assert_eq!(std::hint::black_box(room), [0; 8]);
    close(xof);
    close(state);
    assert_eq!(options_close(set), SUCCESS);
}

/// A name and an option that end where memory does: nothing behind them is looked at.
#[cfg(target_arch = "wasm32")]
pub fn at_the_end() {
    use wasi_crypto_legacy_guests::lent::write;

    // The last page has nobody else's bytes: what Rust grows by, it asks for itself.
    let pages = std::arch::wasm32::memory_grow::<0>(1);
    assert_ne!(pages, usize::MAX);
    let end = ((pages + 1) << 16) as u32;
    let none = Optional::new(None);
    let none = address(&none);
    for name in [
        "SHA-256",
        "SHA-512",
        "BLAKE3",
        "SHAKE-128",
        "HKDF-EXTRACT/SHA-256",
        "ABC",
        "Z",
    ] {
        let at = end - name.len() as u32;
        write(at, name.as_bytes());
        let opened =
            result(|out| symmetric_state_open(at as i32, name.len() as i32, none, none, out));
        match name {
            "ABC" | "Z" => assert_eq!(opened, Err(UNSUPPORTED_ALGORITHM)),
            "HKDF-EXTRACT/SHA-256" => assert_eq!(opened, Err(KEY_REQUIRED)),
            _ => close(opened.expect("a state")),
        }
        let beyond = result::<i32>(|out| {
            symmetric_state_open(at as i32, name.len() as i32 + 1, none, none, out)
        });
        // Behind the page are the adapters', or nothing.
        assert!(beyond == Err(GUEST_ERROR) || beyond == Err(UNSUPPORTED_ALGORITHM));
    }
    let set = options().expect("options");
    write(end - 5, b"nonce");
    let value = address(MESSAGE);
    assert_eq!(options_set(set, end as i32 - 5, 5, value, 12), SUCCESS);
    assert_eq!(options_close(set), SUCCESS);
}

#[cfg(not(target_arch = "wasm32"))]
pub fn at_the_end() {}

pub fn unions() {
    let name = "AES-128-GCM";
    let (name, len) = (address(name), size(name.as_bytes()));
    let bad = Optional::bad();
    let none = Optional::new(None);
    let (bad, none) = (address(&bad), address(&none));
    let mut word = 77i32;
    let out = address_mut(&mut word);
    assert_eq!(symmetric_key_generate(name, len, bad, out), GUEST_ERROR);
    assert_eq!(symmetric_state_open(name, len, bad, none, out), GUEST_ERROR);
    assert_eq!(symmetric_state_open(name, len, none, bad, out), GUEST_ERROR);
    assert_eq!(secrets_manager_open(bad, out), GUEST_ERROR);
    assert_eq!(std::hint::black_box(word), 77);
}
