//! What the page calls: a component that imports `wasi-ephemeral:crypto` by the SDK, and knows nothing of browsers.

#![cfg(target_family = "wasm")]
#![deny(missing_docs)]

mod bindings;

use wasi_crypto_sdk::{Aead, Hash, Options, Result, State};

use bindings::Guest;

const SALT: usize = 16;
/// The key is new for each file, so that its only nonce need not be.
const NONCE: [u8; 12] = [0; 12];

struct Vault;

impl Guest for Vault {
    fn digest(algorithm: String, file: Vec<u8>) -> std::result::Result<String, String> {
        let digest = Hash::digest(&algorithm, file, 32).map_err(|error| error.to_string())?;
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn encrypt(password: String, file: Vec<u8>) -> std::result::Result<Vec<u8>, String> {
        encrypt(&password, &file).map_err(|error| error.to_string())
    }

    fn decrypt(password: String, file: Vec<u8>) -> std::result::Result<Vec<u8>, String> {
        let (salt, ciphertext) = file
            .split_at_checked(SALT)
            .ok_or("the file is too short to be an encrypted one")?;
        decrypt(&password, salt, ciphertext).map_err(|error| error.to_string())
    }
}

fn encrypt(password: &str, file: &[u8]) -> Result<Vec<u8>> {
    // Without a salt of ours, the state draws one.
    let (salt, aead) = derive(password, Options::new())?;
    let ciphertext = aead.seal_with_nonce(NONCE, file, [])?;
    Ok([salt, ciphertext].concat())
}

fn decrypt(password: &str, salt: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
    let (_, aead) = derive(password, Options::new().salt(salt))?;
    aead.open(NONCE, ciphertext, [])
}

/// The salt in force, and the key of password and salt.
fn derive(password: &str, options: Options) -> Result<(Vec<u8>, Aead)> {
    let state = State::open("PBKDF2/SHA-256", None, &options.ops_limit(600_000))?;
    let salt = state.option("salt")?;
    state.absorb(password)?;
    let key = state.squeeze(32)?;
    Ok((salt, Aead::import("AES-256-GCM", key)?))
}
