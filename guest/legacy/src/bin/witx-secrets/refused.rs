//! What is refused, and what is left as it was then.

use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{Guarded, address, address_mut, size};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{Optional, key};

use crate::calls::*;

/// Far outside of any memory that this guest has.
const NOWHERE: i32 = i32::MIN;

/// Both handles stay open when a key cannot be replaced.
pub fn replacing() {
    let manager = manager().expect("a manager");
    let old = generate(manager, AEAD, None).expect("a key");
    let (id, _) = key_id(old).expect("a managed key");
    let mac = generate(manager, "HMAC/SHA-256", None).expect("a key");
    let unmanaged = key(AEAD, &[7; 32]).expect("a key");
    assert_eq!(replace(manager, old, mac), Err(INCOMPATIBLE_KEYS));
    assert_eq!(replace(manager, unmanaged, old), Err(UNSUPPORTED_FEATURE));
    assert_eq!(replace(manager, old, manager), Err(INVALID_HANDLE));
    assert_eq!(replace(manager, manager, old), Err(INVALID_HANDLE));
    assert_eq!(replace(old, old, old), Err(INVALID_HANDLE));
    let errno = symmetric_key_replace_managed(manager, old, unmanaged, NOWHERE);
    assert_eq!(errno, GUEST_ERROR);
    assert_eq!(key_id(old), Ok((id, 1)), "still open");
    let latest = from_id(manager, &id, LATEST).expect("the first version");
    assert_eq!(key_id(latest), Ok((id, 1)), "not replaced");

    // A key that replaces itself is closed like any other.
    assert_eq!(replace(manager, old, old), Ok(2));
    assert_eq!(symmetric_key_close(old), CLOSED);
    let mut unaligned = Guarded::new(8, 7);
    let errno = symmetric_key_replace_managed(manager, latest, unmanaged, unaligned.at());
    assert_eq!(errno, SUCCESS);
    assert_eq!(unaligned.bytes(), 3u64.to_le_bytes());
    assert_eq!(key_id(unmanaged), Ok((id, 3)));
    for key in [mac, unmanaged] {
        assert_eq!(symmetric_key_close(key), SUCCESS);
    }
    assert_eq!(secrets_manager_close(manager), SUCCESS);
}

/// Numbers that stand for no version, or for several.
pub fn versions() {
    let manager = manager().expect("a manager");
    let key = generate(manager, AEAD, None).expect("a key");
    let (id, _) = key_id(key).expect("a managed key");
    for version in [0, 2, UNSPECIFIED - 1, UNSPECIFIED, ALL, ALL + 1, u64::MAX] {
        assert_eq!(
            from_id(manager, &id, version),
            Err(NOT_FOUND),
            "{version:x}"
        );
    }
    for version in [0, 2, UNSPECIFIED - 1, UNSPECIFIED, ALL + 1, u64::MAX] {
        assert_eq!(
            invalidate(manager, &id, version),
            Err(NOT_FOUND),
            "{version:x}"
        );
    }
    for wrong in [&id[..15], &[&id[..], &[0]].concat(), &[], &[0; 16]] {
        assert_eq!(from_id(manager, wrong, LATEST), Err(NOT_FOUND));
        assert_eq!(invalidate(manager, wrong, ALL), Err(NOT_FOUND));
    }
    let fetched = from_id(manager, &id, 1).expect("it was not revoked");
    assert_eq!(symmetric_key_close(fetched), SUCCESS);
    assert_eq!(symmetric_key_close(key), SUCCESS);
    assert_eq!(secrets_manager_close(manager), SUCCESS);
}

/// A pointer outside of memory, or a tag that means nothing, is an errno, and nothing happens.
pub fn pointers() {
    let manager = manager().expect("a manager");
    let managed = generate(manager, AEAD, None).expect("a key");
    let (id, _) = key_id(managed).expect("a managed key");
    let (id_at, name, none) = (address(&id), address(AEAD), Optional::new(None));
    let name_len = size(AEAD.as_bytes());
    let none = address(&none);
    let mut room = [7u8; 32];
    let at = address_mut(&mut room);
    let bad = Optional::bad();
    let bad = address(&bad);
    let errnos = [
        secrets_manager_open(none, NOWHERE),
        secrets_manager_open(NOWHERE, at),
        secrets_manager_open(bad, at),
        secrets_manager_invalidate(manager, NOWHERE, 16, 1),
        secrets_manager_invalidate(manager, id_at, -1, 1),
        symmetric_key_generate_managed(manager, name, name_len, none, NOWHERE),
        symmetric_key_generate_managed(manager, name, name_len, bad, at),
        symmetric_key_generate_managed(manager, NOWHERE, name_len, none, at),
        symmetric_key_store_managed(manager, managed, NOWHERE, 16),
        symmetric_key_store_managed(manager, managed, at, -1),
        symmetric_key_replace_managed(manager, managed, managed, NOWHERE),
        symmetric_key_id(managed, NOWHERE, 16, at, at),
        symmetric_key_id(managed, at, 16, NOWHERE, at),
        symmetric_key_id(managed, at, 16, at, NOWHERE),
        symmetric_key_from_id(manager, NOWHERE, 16, 1, at),
        symmetric_key_from_id(manager, id_at, -1, 1, at),
        symmetric_key_from_id(manager, id_at, 16, 1, NOWHERE),
    ];
    for (number, errno) in errnos.into_iter().enumerate() {
        assert_eq!(errno, GUEST_ERROR, "call {number}");
    }
    let latin = [0xe9u8; 4];
    let errno = symmetric_key_generate_managed(manager, address(&latin), 4, none, at);
    assert_eq!(errno, UNSUPPORTED_ALGORITHM);
    assert_eq!(std::hint::black_box(room), [7; 32]);
    assert_eq!(key_id(managed), Ok((id, 1)));
    assert_eq!(symmetric_key_close(managed), SUCCESS);
    assert_eq!(secrets_manager_close(manager), SUCCESS);
}

/// A manager that was closed, with every function that takes one.
pub fn closed_manager() {
    let closed = manager().expect("a manager");
    let managed = generate(closed, AEAD, None).expect("a key");
    let (id, _) = key_id(managed).expect("a managed key");
    assert_eq!(secrets_manager_close(closed), SUCCESS);
    assert_eq!(secrets_manager_close(closed), CLOSED);
    assert_eq!(generate(closed, AEAD, None), Err(INVALID_HANDLE));
    let mut buffer = Guarded::new(16, 7);
    assert_eq!(store(closed, managed, &mut buffer), Err(INVALID_HANDLE));
    assert_eq!(replace(closed, managed, managed), Err(INVALID_HANDLE));
    assert_eq!(from_id(closed, &id, LATEST), Err(INVALID_HANDLE));
    assert_eq!(invalidate(closed, &id, ALL), Err(INVALID_HANDLE));
    buffer.assert_untouched(7);
    // The key is not the manager's to close.
    assert_eq!(encrypt(managed).len(), 14 + 16);
    let another = manager().expect("a manager");
    let fetched = from_id(another, &id, LATEST).expect("the key");
    for key in [managed, fetched] {
        assert_eq!(symmetric_key_close(key), SUCCESS);
    }
    assert_eq!(secrets_manager_close(another), SUCCESS);
}

/// On a host that neither takes imported keys nor gives managed ones out.
pub fn policy() {
    let manager = manager().expect("a manager");
    let managed = generate(manager, AEAD, None).expect("a key");
    let imported = key(AEAD, &[7; 32]).expect("a key");
    let mut buffer = Guarded::new(16, 7);
    let prohibited = Err(PROHIBITED_OPERATION);
    assert_eq!(store(manager, imported, &mut buffer), prohibited);
    buffer.assert_untouched(7);
    assert_eq!(
        replace(manager, managed, imported),
        Err(PROHIBITED_OPERATION)
    );
    assert_eq!(
        symmetric_key_export(managed, buffer.at()),
        PROHIBITED_OPERATION
    );
    buffer.assert_untouched(7);
    for key in [managed, imported] {
        assert_eq!(symmetric_key_close(key), SUCCESS);
    }
    assert_eq!(secrets_manager_close(manager), SUCCESS);
}
