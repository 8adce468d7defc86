//! The life of a key: made, found again, replaced, revoked.

use wasi_crypto_test_guests::common::VersionSelector::{All, Exact, Latest};
use wasi_crypto_test_guests::secrets::symmetric_key_id;
use wasi_crypto_test_guests::symmetric::SymmetricKey;
use wasi_crypto_test_guests::symmetric_oneshot::authenticate;
use wasi_crypto_test_guests::{Result, Routine, say, say_hex, say_result};

use super::*;

pub const ROUTINES: &[Routine] = &[
    ("generate", generate),
    ("store", store),
    ("use", use_key),
    ("wait", wait),
    ("life", life),
    ("identity", identity),
    ("forgotten", forgotten),
    ("rotate", rotate),
    ("revoke", revoke),
    ("churn", churn),
    ("fetch-often", fetch_often),
];

/// Makes a key for the algorithm that the command line names, and says how it can be found.
fn generate() -> Result<()> {
    let key = manager()?.generate_symmetric_key(&argument(0), None)?;
    let (id, version) = symmetric_key_id(&key)?;
    say_hex("id", &id);
    say("version", version);
    Ok(())
}

/// Stores a MAC's key of the bytes on the command line.
fn store() -> Result<()> {
    let key = SymmetricKey::import(MAC, &bytes(0))?;
    say_hex("id", &manager()?.store_symmetric_key(&key)?);
    Ok(())
}

/// Fetches a MAC's key by the identifier and the version (0: the latest) on the command line, and uses it.
fn use_key() -> Result<()> {
    let selector = match integer(1) {
        0 => Latest,
        version => Exact(version),
    };
    let key = manager()?.symmetric_key_from_id(&bytes(0), selector)?;
    say("version", symmetric_key_id(&key)?.1);
    say_hex("tag", &authenticate(&key, b"data")?);
    Ok(())
}

/// As `use`, with a line before, and after whoever reads that has sent one.
fn wait() -> Result<()> {
    say("ready", "yes");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("a line");
    use_key()
}

fn life() -> Result<()> {
    let manager = manager()?;
    let first = manager.generate_symmetric_key(AEAD, None)?;
    let (id, version) = symmetric_key_id(&first)?;
    say("id-len", id.len());
    say("first", version);
    let ciphertext = encrypt(&first)?;

    let again = manager.symmetric_key_from_id(&id, Latest)?;
    say("fetched", symmetric_key_id(&again)? == (id.clone(), 1));
    say_result("decrypted", &decrypt(&again, &ciphertext));

    let new = manager.generate_symmetric_key(AEAD, None)?;
    say("replaced", manager.replace_symmetric_key(&first, &new)?);
    say("stands-for", symmetric_key_id(&new)? == (id.clone(), 2));
    say("old", symmetric_key_id(&first)? == (id.clone(), 1));
    let latest = manager.symmetric_key_from_id(&id, Latest)?;
    say("latest", symmetric_key_id(&latest)?.1);
    say_result("by-the-new", &decrypt(&latest, &encrypt(&new)?));
    say_result("not-by-the-old", &decrypt(&latest, &ciphertext));
    let exact = manager.symmetric_key_from_id(&id, Exact(1))?;
    say_result("by-the-old", &decrypt(&exact, &ciphertext));

    manager.invalidate(&id, Exact(1))?;
    let fetch = |selector| manager.symmetric_key_from_id(&id, selector);
    say_result("revoked", &fetch(Exact(1)));
    say_result("others", &fetch(Exact(2)));
    say_result("open-handle", &decrypt(&exact, &ciphertext));
    manager.invalidate(&id, Latest)?;
    say_result("revoked-latest", &fetch(Latest));
    say_result("revoked-twice", &manager.invalidate(&id, Latest));

    // A revoked key can be replaced, too, and no number comes back.
    let third = manager.generate_symmetric_key(AEAD, None)?;
    say("again", manager.replace_symmetric_key(&exact, &third)?);
    say_result("latest-again", &fetch(Latest));
    manager.invalidate(&id, All)?;
    say_result("all", &fetch(Latest));
    say_result("all-twice", &manager.invalidate(&id, All));
    say_result("still-open", &encrypt(&third));
    Ok(())
}

/// What a handle stands for after its key was stored or has become a version.
fn identity() -> Result<()> {
    let manager = manager()?;
    let imported = SymmetricKey::import(AEAD, &[7; 32])?;
    say_result("unmanaged", &symmetric_key_id(&imported));
    say_result("unmanaged-export", &imported.export());
    let id = manager.store_symmetric_key(&imported)?;
    say("stored", symmetric_key_id(&imported)? == (id.clone(), 1));
    say_result("stored-export", &imported.export());
    let fetched = manager.symmetric_key_from_id(&id, Latest)?;
    say_result("same-key", &decrypt(&fetched, &encrypt(&imported)?));

    let second = manager.store_symmetric_key(&fetched)?;
    say("stored-again", second != id);
    say("moved", symmetric_key_id(&fetched)? == (second.clone(), 1));
    say_result("first-id", &manager.symmetric_key_from_id(&id, Latest));
    say_result("second-id", &manager.symmetric_key_from_id(&second, Latest));

    let new = SymmetricKey::generate(AEAD, None)?;
    say("version", manager.replace_symmetric_key(&fetched, &new)?);
    say("new", symmetric_key_id(&new)? == (second.clone(), 2));
    // A key can replace itself.
    say("itself", manager.replace_symmetric_key(&new, &new)?);
    say("is", symmetric_key_id(&new)? == (second, 3));
    Ok(())
}

/// An identifier that nobody asked for goes with the key; one that is known stays.
fn forgotten() -> Result<()> {
    let manager = manager()?;
    let old = manager.generate_symmetric_key(AEAD, None)?;
    let (id, _) = symmetric_key_id(&old)?;
    let known = manager.generate_symmetric_key(AEAD, None)?;
    let (known_id, _) = symmetric_key_id(&known)?;
    manager.replace_symmetric_key(&old, &known)?;
    say_result("known", &manager.symmetric_key_from_id(&known_id, Latest));
    let unknown = manager.generate_symmetric_key(AEAD, None)?;
    say("version", manager.replace_symmetric_key(&old, &unknown)?);
    let dropped = manager.generate_symmetric_key(AEAD, None)?;
    drop(dropped);
    say_hex("id", &id);
    say_hex("known-id", &known_id);
    Ok(())
}

/// Replaces the MAC's key that the command line identifies.
fn rotate() -> Result<()> {
    let manager = manager()?;
    let old = manager.symmetric_key_from_id(&bytes(0), Latest)?;
    let new = manager.generate_symmetric_key(MAC, None)?;
    say("version", manager.replace_symmetric_key(&old, &new)?);
    Ok(())
}

/// Revokes the key that the command line identifies.
fn revoke() -> Result<()> {
    say_result("revoked", &manager()?.invalidate(&bytes(0), All));
    Ok(())
}

/// Makes, finds and revokes as many keys as the command line says.
fn churn() -> Result<()> {
    let manager = manager()?;
    let keys = integer(0);
    for _ in 0..keys {
        let key = manager.generate_symmetric_key(MAC, None)?;
        let (id, _) = symmetric_key_id(&key)?;
        manager.symmetric_key_from_id(&id, Latest)?;
        manager.invalidate(&id, All)?;
    }
    say("keys", keys);
    Ok(())
}

/// Makes a key, and fetches it as often as the command line says.
fn fetch_often() -> Result<()> {
    let manager = manager()?;
    let key = manager.generate_symmetric_key(MAC, None)?;
    let (id, _) = symmetric_key_id(&key)?;
    let times = integer(0);
    for _ in 0..times {
        manager.symmetric_key_from_id(&id, Latest)?;
    }
    say("fetched", times);
    Ok(())
}
