//! Handles of all sorts, and functions that only refuse.

use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{Guarded, address, address_mut, done, result};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{Optional, absorb, close, key, open, options, set};

use super::*;

pub fn handles() {
    let state = gcm();
    let key_handle = key("AES-256-GCM", &[0; 32]).expect("a key");
    let stale = gcm();
    close(stale);
    assert_eq!(symmetric_state_close(stale), CLOSED, "closed twice");
    assert_eq!(symmetric_state_close(stale), CLOSED, "closed three times");
    assert_eq!(absorb(stale, b""), Err(INVALID_HANDLE), "closed");
    let forged = [
        0,
        1,
        -1,
        i32::MIN,
        i32::MAX,
        state ^ (1 << 20),
        state + 100_000,
        !state,
    ];
    for handle in forged {
        assert_eq!(absorb(handle, b""), Err(INVALID_HANDLE), "{handle:#x}");
        assert_eq!(symmetric_state_close(handle), INVALID_HANDLE, "{handle:#x}");
    }
    assert_eq!(
        absorb(key_handle, b""),
        Err(INVALID_HANDLE),
        "a key is no state"
    );
    assert_eq!(
        symmetric_state_close(key_handle),
        INVALID_HANDLE,
        "a key is no state"
    );
    assert_eq!(
        symmetric_key_close(state),
        INVALID_HANDLE,
        "a state is no key"
    );
    assert_eq!(options_close(state), INVALID_HANDLE);
    assert_eq!(symmetric_tag_close(state), INVALID_HANDLE);
    assert_eq!(secrets_manager_close(state), INVALID_HANDLE);
    for wrong in [state, stale, -1] {
        assert_eq!(open("AES-256-GCM", Some(wrong), None), Err(INVALID_HANDLE));
        assert_eq!(
            open("AES-256-GCM", Some(key_handle), Some(wrong)),
            Err(INVALID_HANDLE)
        );
    }
    // A new handle does not have the number of one that was just closed.
    let mut last = stale;
    for _ in 0..5000 {
        let next = open("SHA-256", None, None).expect("a state");
        assert_ne!(next, last);
        assert_ne!(next, stale);
        assert!(next > 0);
        close(next);
        last = next;
    }
    assert_eq!(symmetric_state_close(stale), CLOSED, "closed long ago");
    close(state);
    assert_eq!(symmetric_key_close(key_handle), SUCCESS);
}

/// Every function that takes a handle, with one of another type and one that was never there.
pub fn every_handle() {
    let other = options().expect("options");
    let state = open("SHA-256", None, None).expect("a state");
    let mut room = [0u8; 64];
    let at = address_mut(&mut room[..]);
    let name = address("nonce");
    for (of_options, wrong) in [(state, other), (-5, -5), (0, 0)] {
        let errnos = [
            options_close(of_options),
            options_set(of_options, name, 5, at, 4),
            options_set_u64(of_options, name, 5, 1),
            options_set_guest_buffer(of_options, name, 5, at, 4),
            array_output_len(wrong, at),
            array_output_pull(wrong, at, 4, at),
            secrets_manager_close(wrong),
            secrets_manager_invalidate(wrong, at, 16, 1),
            symmetric_key_export(wrong, at),
            symmetric_key_close(wrong),
            symmetric_key_generate_managed(wrong, name, 5, at, at),
            symmetric_key_store_managed(wrong, wrong, at, 16),
            symmetric_key_replace_managed(wrong, wrong, wrong, at),
            symmetric_key_id(wrong, at, 16, at, at),
            symmetric_key_from_id(wrong, at, 16, 1, at),
            symmetric_state_options_get(wrong, name, 5, at, 4, at),
            symmetric_state_options_get_u64(wrong, name, 5, at),
            symmetric_state_clone(wrong, at),
            symmetric_state_close(wrong),
            symmetric_state_absorb(wrong, at, 4),
            symmetric_state_squeeze(wrong, at, 4),
            symmetric_state_squeeze_tag(wrong, at),
            symmetric_state_squeeze_key(wrong, name, 5, at),
            symmetric_state_max_tag_len(wrong, at),
            symmetric_state_encrypt(wrong, at, 4, at, 4, at),
            symmetric_state_encrypt_detached(wrong, at, 4, at, 4, at),
            symmetric_state_decrypt(wrong, at, 4, at, 4, at),
            symmetric_state_decrypt_detached(wrong, at, 4, at, 4, at, 4, at),
            symmetric_state_ratchet(wrong),
            symmetric_tag_len(wrong, at),
            symmetric_tag_pull(wrong, at, 4, at),
            symmetric_tag_verify(wrong, at, 4),
            symmetric_tag_close(wrong),
        ];
        for (number, errno) in errnos.into_iter().enumerate() {
            assert_eq!(errno, INVALID_HANDLE, "call {number} with {wrong}");
        }
    }
    assert_eq!(std::hint::black_box(room), [0; 64]);
    assert_eq!(options_close(other), SUCCESS);
    close(state);
}

pub fn not_implemented() {
    let mut word = 77i32;
    let out = address_mut(&mut word);
    let name = address("Ed25519");
    assert_eq!(keypair_generate(0, name, 7, out, out), NOT_IMPLEMENTED);
    assert_eq!(signature_close(1), NOT_IMPLEMENTED);
    assert_eq!(kx_dh(1, 2, out), NOT_IMPLEMENTED);
    assert_eq!(external_secret_invalidate(1, out, 4, 1), NOT_IMPLEMENTED);
    assert_eq!(std::hint::black_box(word), 77);
}

/// A host without a place for keys says so.
pub fn secrets() {
    let none = Optional::new(None);
    let manager = result::<i32>(|out| secrets_manager_open(address(&none), out));
    assert_eq!(manager, Err(UNSUPPORTED_FEATURE));
    let key = key("AES-128-GCM", &[0; 16]).expect("a key");
    let mut id = Guarded::new(16, 7);
    let (at, len) = (id.at(), id.len());
    let mut version = 7u64;
    let version_at = address_mut(&mut version);
    let id_len = result::<u32>(|out| symmetric_key_id(key, at, len, out, version_at));
    assert_eq!(id_len, Err(UNSUPPORTED_FEATURE));
    id.assert_untouched(7);
    assert_eq!(std::hint::black_box(version), 7);
    assert_eq!(symmetric_key_close(key), SUCCESS);
}

/// Results are written only if the errno is 0.
pub fn failed_calls_leave_results() {
    let mut word = 77i32;
    let out = address_mut(&mut word);
    let none = Optional::new(None);
    let none = address(&none);
    let hash = open("SHA-256", None, None).expect("a state");
    assert_eq!(
        symmetric_key_generate(address("SHA-256"), 7, none, out),
        UNSUPPORTED_FEATURE
    );
    assert_eq!(symmetric_state_squeeze_tag(hash, out), INVALID_OPERATION);
    assert_eq!(symmetric_state_max_tag_len(hash, out), INVALID_OPERATION);
    assert_eq!(
        symmetric_state_encrypt(hash, out, 4, out, 4, out),
        INVALID_OPERATION
    );
    assert_eq!(
        symmetric_key_import(address("AES-128-GCM"), 11, out, 4, out),
        INVALID_KEY
    );
    assert_eq!(std::hint::black_box(word), 77);
    close(hash);
    let set_handle = options().expect("options");
    assert_eq!(set(set_handle, "nonce", &[0; 12]), Ok(()));
    assert_eq!(done(options_close(set_handle)), Ok(()));
}
