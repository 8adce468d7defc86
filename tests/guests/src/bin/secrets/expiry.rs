//! Keys that expire. The host's clock moves on by a second whenever it is read.

use wasi_crypto_test_guests::common::VersionSelector::{All, Exact, Latest};
use wasi_crypto_test_guests::secrets::symmetric_key_id;
use wasi_crypto_test_guests::symmetric::SymmetricState;
use wasi_crypto_test_guests::symmetric_oneshot::{
    authenticate, decrypt_many, derive, encrypt_many, verify,
};
use wasi_crypto_test_guests::{outcome, say, say_result};

use super::*;

pub const ROUTINES: &[Routine] = &[("expiry", expiry), ("expired-at-once", expired_at_once)];

/// How often the clock is read at most before a key must have expired.
const PATIENCE: usize = 100_000;

/// Keys of each sort with the expiration that the command line says: used before and after.
fn expiry() -> Result<()> {
    let manager = manager()?;
    let options = expiring(integer(0))?;
    let aead = manager.generate_symmetric_key(AEAD, Some(&options))?;
    let mac = manager.generate_symmetric_key(MAC, Some(&options))?;
    let xof = manager.generate_symmetric_key("BLAKE3", Some(&options))?;
    let (id, _) = symmetric_key_id(&aead)?;
    let fetched = manager.symmetric_key_from_id(&id, Latest)?;
    let early = SymmetricState::open(AEAD, Some(&aead), None)?;

    use_all(&manager, "before", &[&aead, &fetched], &mac, &xof)?;
    let mut opened = 0;
    let end = loop {
        match SymmetricState::open(AEAD, Some(&aead), None) {
            Ok(_) if opened < PATIENCE => opened += 1,
            Ok(_) => break "never",
            Err(errno) => break errno.name(),
        }
    };
    say("in the end", end);
    use_all(&manager, "after", &[&aead, &fetched], &mac, &xof)?;
    say_result("state that is open", &early.encrypt(b"data"));
    say("identified", symmetric_key_id(&aead)? == (id.clone(), 1));

    // What has expired can be replaced, and revoked.
    let new = manager.generate_symmetric_key(AEAD, None)?;
    say("replaced", manager.replace_symmetric_key(&aead, &new)?);
    say_result("latest", &manager.symmetric_key_from_id(&id, Latest));
    say_result("first", &manager.symmetric_key_from_id(&id, Exact(1)));
    say_result("invalidated", &manager.invalidate(&id, Exact(1)));
    say_result("and gone", &manager.symmetric_key_from_id(&id, Exact(1)));
    say_result("all", &manager.invalidate(&id, All));
    Ok(())
}

/// Prints what comes of all that can be done with a key: one word, if it is always the same.
fn use_all(
    manager: &SecretsManager,
    when: &str,
    aeads: &[&SymmetricKey],
    mac: &SymmetricKey,
    xof: &SymmetricKey,
) -> Result<()> {
    for key in aeads {
        let state = SymmetricState::open(AEAD, Some(key), None);
        say(format!("{when} open"), outcome(&state));
        let sealed = encrypt(key);
        say_result(format!("{when} encrypt"), &sealed);
        let ciphertext = sealed.unwrap_or_else(|_| vec![0; 30]);
        say_result(format!("{when} decrypt"), &decrypt(key, &ciphertext));
        let many = encrypt_many(key, &[message(b"a"), message(b"b")]);
        say_result(format!("{when} encrypt-many"), &many);
        let many = decrypt_many(key, &[message(&ciphertext)]);
        say_result(format!("{when} decrypt-many"), &many);
        say_result(format!("{when} export"), &key.export());
    }
    let tag = authenticate(mac, b"data");
    say_result(format!("{when} authenticate"), &tag);
    let tag = tag.unwrap_or_default();
    say_result(format!("{when} verify"), &verify(mac, b"data", &tag));
    say_result(format!("{when} derive"), &derive(xof, b"context", 32));

    let (id, _) = symmetric_key_id(mac)?;
    let fetch = |selector| manager.symmetric_key_from_id(&id, selector);
    say_result(format!("{when} fetch"), &fetch(Latest));
    say_result(format!("{when} fetch-exact"), &fetch(Exact(1)));
    // Neither may give a key that has expired a new life.
    let (id, _) = symmetric_key_id(xof)?;
    say_result(format!("{when} store"), &manager.store_symmetric_key(xof));
    let old = manager.generate_symmetric_key("BLAKE3", None)?;
    let replaced = manager.replace_symmetric_key(&old, xof);
    say_result(format!("{when} replace"), &replaced);
    if replaced.is_ok() {
        let (new_id, _) = symmetric_key_id(xof)?;
        say(format!("{when} another id"), id != new_id);
    }
    Ok(())
}

/// A key whose expiration has passed when it is made.
fn expired_at_once() -> Result<()> {
    let manager = manager()?;
    let key = manager.generate_symmetric_key(AEAD, Some(&expiring(integer(0))?))?;
    say_result("encrypt", &encrypt(&key));
    let (id, version) = symmetric_key_id(&key)?;
    say("version", version);
    say_result("fetch", &manager.symmetric_key_from_id(&id, Latest));
    Ok(())
}
