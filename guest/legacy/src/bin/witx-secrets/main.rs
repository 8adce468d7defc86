//! `witx-secrets ROUTINE`: managed keys by the witx functions. A routine panics where an errno or a byte is not what it
//! should be.

mod calls;
mod refused;

use std::process::ExitCode;

use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{Guarded, result};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{aead_with, close, key, options};

use calls::*;

fn main() -> ExitCode {
    wasi_crypto_legacy_guests::main(&[
        ("life", life),
        ("identifiers", identifiers),
        ("storing", storing),
        ("expiration", expiration),
        ("replacing", refused::replacing),
        ("versions", refused::versions),
        ("pointers", refused::pointers),
        ("closed-manager", refused::closed_manager),
        ("policy", refused::policy),
    ])
}

/// What the source documents describe, from beginning to end.
fn life() {
    let manager = manager().expect("a manager");
    let first = generate(manager, AEAD, None).expect("a key");
    let (id, version) = key_id(first).expect("a managed key");
    assert_eq!(version, 1);
    let ciphertext = encrypt(first);

    let second = generate(manager, AEAD, None).expect("a key");
    assert_eq!(replace(manager, first, second), Ok(2));
    assert_eq!(symmetric_key_close(first), CLOSED, "replacing closes it");
    assert_eq!(key_id(second), Ok((id, 2)));

    let latest = from_id(manager, &id, LATEST).expect("the new key");
    assert_eq!(key_id(latest), Ok((id, 2)));
    assert_eq!(encrypt(latest), encrypt(second));
    let old = from_id(manager, &id, 1).expect("the old key");
    assert_eq!(encrypt(old), ciphertext);

    assert_eq!(invalidate(manager, &id, 1), Ok(()));
    assert_eq!(from_id(manager, &id, 1), Err(NOT_FOUND));
    assert_eq!(encrypt(old), ciphertext, "opened before");
    assert_eq!(invalidate(manager, &id, 1), Err(NOT_FOUND));
    assert_eq!(invalidate(manager, &id, LATEST), Ok(()));
    assert_eq!(from_id(manager, &id, LATEST), Err(NOT_FOUND));
    let third = generate(manager, AEAD, None).expect("a key");
    assert_eq!(replace(manager, old, third), Ok(3));
    assert_eq!(invalidate(manager, &id, ALL), Ok(()));
    for version in [LATEST, 1, 2, 3] {
        assert_eq!(from_id(manager, &id, version), Err(NOT_FOUND));
    }

    for key in [second, latest, third] {
        assert_eq!(symmetric_key_close(key), SUCCESS);
    }
    assert_eq!(secrets_manager_close(manager), SUCCESS);
}

/// A buffer for an identifier can be larger, and not smaller.
fn identifiers() {
    let manager = manager().expect("a manager");
    let key = generate(manager, AEAD, None).expect("a key");
    let (id, _) = key_id(key).expect("a managed key");
    for room in [16, 17, 100] {
        let mut buffer = Guarded::new(room, 7);
        assert_eq!(key_id_into(key, &mut buffer), Ok((16, 1)));
        assert_eq!(buffer.bytes()[..16], id);
        assert!(buffer.bytes()[16..].iter().all(|byte| *byte == 7));
    }
    for room in [0, 1, 15] {
        let mut buffer = Guarded::new(room, 7);
        assert_eq!(key_id_into(key, &mut buffer), Err(OVERFLOW));
        buffer.assert_untouched(7);
    }
    let mut version = 7u64;
    let mut buffer = Guarded::new(15, 7);
    let (at, len) = (buffer.at(), buffer.len());
    let version_at = wasi_crypto_legacy_guests::lent::address_mut(&mut version);
    let len = result::<u32>(|out| symmetric_key_id(key, at, len, out, version_at));
    assert_eq!(len, Err(OVERFLOW));
    assert_eq!(std::hint::black_box(version), 7, "written only on success");
    // It still has its identifier.
    assert_eq!(key_id(key), Ok((id, 1)));
    assert_eq!(symmetric_key_close(key), SUCCESS);
    assert_eq!(secrets_manager_close(manager), SUCCESS);
}

/// Storing writes 16 bytes, or nothing.
fn storing() {
    let manager = manager().expect("a manager");
    let imported = key(AEAD, &[7; 32]).expect("a key");
    let ciphertext = encrypt(imported);
    for room in [0, 15] {
        let mut buffer = Guarded::new(room, 7);
        assert_eq!(store(manager, imported, &mut buffer), Err(OVERFLOW));
        buffer.assert_untouched(7);
        assert_eq!(key_id(imported), Err(UNSUPPORTED_FEATURE), "not stored");
    }
    let mut ids = Vec::new();
    for room in [16, 64] {
        let mut buffer = Guarded::new(room, 7);
        assert_eq!(store(manager, imported, &mut buffer), Ok(()));
        assert!(buffer.bytes()[16..].iter().all(|byte| *byte == 7));
        let id: Id = buffer.bytes()[..16].try_into().expect("16 bytes");
        assert_eq!(key_id(imported), Ok((id, 1)));
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
    assert_eq!(symmetric_key_close(imported), SUCCESS);
    for id in ids {
        let fetched = from_id(manager, &id, LATEST).expect("a stored key");
        assert_eq!(encrypt(fetched), ciphertext);
        assert_eq!(symmetric_key_close(fetched), SUCCESS);
    }
    assert_eq!(secrets_manager_close(manager), SUCCESS);
}

/// The option is read, and a key that has expired opens nothing.
fn expiration() {
    let manager = manager().expect("a manager");
    let expires = |seconds| {
        let set = options().expect("options");
        assert_eq!(set_u64(set, "expiration", seconds), Ok(()));
        set
    };
    let (past, future) = (expires(1), expires(1 << 60));
    let unmanaged = generate_unmanaged(AEAD, Some(future));
    assert_eq!(unmanaged, Err(UNSUPPORTED_OPTION));
    let fresh = generate(manager, AEAD, Some(future)).expect("a key");
    close(aead_with(AEAD, fresh, 12).expect("a state"));
    let expired = generate(manager, AEAD, Some(past)).expect("a key");
    assert_eq!(aead_with(AEAD, expired, 12), Err(EXPIRED));
    let (id, _) = key_id(expired).expect("a managed key");
    assert_eq!(from_id(manager, &id, LATEST), Err(EXPIRED));
    let mut buffer = Guarded::new(16, 7);
    assert_eq!(store(manager, expired, &mut buffer), Err(EXPIRED));
    buffer.assert_untouched(7);
    assert_eq!(replace(manager, fresh, expired), Err(EXPIRED));
    assert_eq!(replace(manager, expired, fresh), Ok(2));
    let latest = from_id(manager, &id, LATEST).expect("the new key");
    for key in [fresh, latest] {
        assert_eq!(symmetric_key_close(key), SUCCESS);
    }
    for set in [past, future] {
        assert_eq!(options_close(set), SUCCESS);
    }
    assert_eq!(secrets_manager_close(manager), SUCCESS);
}
