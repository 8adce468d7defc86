//! What is refused, and with which errno.

use wasi_crypto_test_guests::common::AlgorithmType;
use wasi_crypto_test_guests::common::VersionSelector::{All, Exact, Latest};
use wasi_crypto_test_guests::secrets::symmetric_key_id;
use wasi_crypto_test_guests::symmetric::SymmetricState;
use wasi_crypto_test_guests::{name, say, say_result, with_nonce};

use super::*;

pub const ROUTINES: &[Routine] = &[
    ("none", none),
    ("refused", refused),
    ("others", others),
    ("export", export),
    ("export-of", export_of),
    ("export-again", export_again),
    ("each", each),
    ("full", full),
    ("long-arguments", long_arguments),
];

/// On a host without managed keys.
fn none() -> Result<()> {
    say_result("open", &manager());
    let key = SymmetricKey::generate(AEAD, None)?;
    say_result("id", &symmetric_key_id(&key));
    Ok(())
}

fn refused() -> Result<()> {
    let options = options()?;
    let manager = SecretsManager::open(Some(&options))?;
    options.set_u64("expiration", 1 << 60)?;
    say_result("open-with", &SecretsManager::open(Some(&options)));
    let of_signatures = Options::open(AlgorithmType::Signatures)?;
    say_result("open-of", &SecretsManager::open(Some(&of_signatures)));

    let generate = |algorithm, options| manager.generate_symmetric_key(algorithm, options);
    say_result("unknown", &generate("ROT-13", None));
    say_result("unkeyed", &generate("SHA-256", None));
    say_result("any-case", &generate("aes-256-gcm", None));
    say_result("option", &generate(AEAD, Some(&options)));
    options.set_u64("fanout", 2)?;
    say_result("others-option", &generate(AEAD, Some(&options)));
    say_result("category", &generate(AEAD, Some(&of_signatures)));
    let expiring = expiring(1 << 60)?;
    let unmanaged = SymmetricKey::generate(AEAD, Some(&expiring));
    say_result("unmanaged-expiration", &unmanaged);

    let key = generate(AEAD, None)?;
    let (id, _) = symmetric_key_id(&key)?;
    let fetch = |id: &[u8], selector| manager.symmetric_key_from_id(id, selector);
    say_result("all", &fetch(&id, All));
    for version in [0, 2, 0xff00_0000_0000_0000, u64::MAX] {
        say_result(format!("version-{version:x}"), &fetch(&id, Exact(version)));
    }
    let mut other = id.clone();
    other[15] ^= 1;
    let longer = [&id[..], &[0]].concat();
    for (label, id) in [
        ("other", &other[..]),
        ("shorter", &id[..15]),
        ("longer", &longer),
        ("empty", &[]),
    ] {
        say_result(format!("{label}-id"), &fetch(id, Latest));
        say_result(format!("revoke-{label}-id"), &manager.invalidate(id, All));
    }
    say_result("revoke-0", &manager.invalidate(&id, Exact(0)));
    say_result("revoke-2", &manager.invalidate(&id, Exact(2)));

    let unmanaged = SymmetricKey::generate(AEAD, None)?;
    let replace = |old, new| manager.replace_symmetric_key(old, new);
    say_result("old-unmanaged", &replace(&unmanaged, &key));
    say_result("unmanaged-id", &symmetric_key_id(&unmanaged));
    let mac = generate(MAC, None)?;
    say_result("incompatible", &replace(&key, &mac));
    say_result("after-all-that", &fetch(&id, Exact(1)));

    let kmac = generate("KMAC-256", None)?;
    let state = SymmetricState::open("KMAC-256", Some(&kmac), None)?;
    let derived = state.squeeze_key(AEAD)?;
    say_result("derived-id", &symmetric_key_id(&derived));
    say_result("derived-export", &derived.export());
    Ok(())
}

/// Keys that others made: where the policy forbids them.
fn others() -> Result<()> {
    let manager = manager()?;
    let managed = manager.generate_symmetric_key(AEAD, None)?;
    let imported = SymmetricKey::import(AEAD, &[7; 32])?;
    let generated = SymmetricKey::generate(AEAD, None)?;
    for (label, key) in [("imported", &imported), ("generated", &generated)] {
        say_result(
            format!("replace-by-{label}"),
            &manager.replace_symmetric_key(&managed, key),
        );
        say_result(format!("store-{label}"), &manager.store_symmetric_key(key));
    }
    let other = manager.generate_symmetric_key(AEAD, None)?;
    let replaced = manager.replace_symmetric_key(&managed, &other);
    say_result("replace-by-managed", &replaced);
    say_result("store-managed", &manager.store_symmetric_key(&other));
    Ok(())
}

fn export() -> Result<()> {
    let manager = manager()?;
    let key = manager.generate_symmetric_key(AEAD, None)?;
    let (id, _) = symmetric_key_id(&key)?;
    say_result("generated", &key.export());
    let fetched = manager.symmetric_key_from_id(&id, Latest)?;
    say_result("fetched", &fetched.export());
    let unmanaged = SymmetricKey::import(AEAD, &[7; 32])?;
    say_result("unmanaged", &unmanaged.export());
    manager.store_symmetric_key(&unmanaged)?;
    say_result("stored", &unmanaged.export());
    Ok(())
}

/// Exports the key that the command line identifies.
fn export_of() -> Result<()> {
    let key = manager()?.symmetric_key_from_id(&bytes(0), Latest)?;
    say_result("exported", &key.export());
    Ok(())
}

/// Stores the key that the command line identifies once more, and exports that.
fn export_again() -> Result<()> {
    let manager = manager()?;
    let fetch = || manager.symmetric_key_from_id(&bytes(0), Latest);
    let key = fetch()?;
    manager.store_symmetric_key(&key)?;
    say_result("stored again", &key.export());
    let (id, _) = symmetric_key_id(&key)?;
    let copy = manager.symmetric_key_from_id(&id, Latest)?;
    say_result("fetched again", &copy.export());
    let other = manager.generate_symmetric_key(MAC, None)?;
    let key = fetch()?;
    manager.replace_symmetric_key(&other, &key)?;
    say_result("replaced by", &key.export());
    say_result("another", &other.export());
    Ok(())
}

/// Every function, with a key that the command line identifies, whatever comes of it.
fn each() -> Result<()> {
    let manager = manager()?;
    let generated = manager.generate_symmetric_key(MAC, None);
    say_result("generate", &generated);
    let unmanaged = SymmetricKey::generate(MAC, None)?;
    say_result("store", &manager.store_symmetric_key(&unmanaged));
    let fetched = manager.symmetric_key_from_id(&bytes(0), Latest);
    say_result("fetch", &fetched);
    if let Ok(key) = &fetched {
        let new = SymmetricKey::generate(MAC, None)?;
        say_result("replace", &manager.replace_symmetric_key(key, &new));
    }
    say_result("invalidate", &manager.invalidate(&bytes(0), All));
    Ok(())
}

/// Handles until there is an errno; no key is made then.
fn full() -> Result<()> {
    let manager = manager()?;
    let first = manager.generate_symmetric_key(MAC, None)?;
    let (id, _) = symmetric_key_id(&first)?;
    let mut handles = vec![first];
    let errno = loop {
        match manager.symmetric_key_from_id(&id, Latest) {
            Ok(key) => handles.push(key),
            Err(errno) => break errno,
        }
    };
    say("handles", handles.len());
    say("one more", name(errno));
    say_result("generate", &manager.generate_symmetric_key(MAC, None));
    say_result("open", &SecretsManager::open(None));
    handles.truncate(1);
    say_result("room again", &manager.generate_symmetric_key(MAC, None));
    Ok(())
}

/// Identifiers and names of some megabytes.
fn long_arguments() -> Result<()> {
    let manager = manager()?;
    let id = vec![0; 80 << 20];
    say_result("fetch", &manager.symmetric_key_from_id(&id, Latest));
    say_result("invalidate", &manager.invalidate(&id, All));
    let algorithm = "A".repeat(80 << 20);
    say_result(
        "generate",
        &manager.generate_symmetric_key(&algorithm, None),
    );
    let nonce = with_nonce(&[0; 12])?;
    say_result("nonce", &manager.generate_symmetric_key(AEAD, Some(&nonce)));
    Ok(())
}
