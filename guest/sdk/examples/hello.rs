//! The component of the README.

#![allow(clippy::print_stdout)]

use wasi_crypto_sdk::{Aead, Hash, Result};

fn main() -> Result<()> {
    let digest = Hash::digest("SHA-256", "hello", 32)?;
    println!("SHA-256 of hello begins with {:02x?}", &digest[..4]);

    // The host keeps the key, picks a fresh nonce, and says which.
    let aead = Aead::generate("AES-256-GCM-SIV")?;
    let sealed = aead.seal("attack at dawn", "header")?;
    let message = aead.open(&sealed.nonce, &sealed.ciphertext, "header")?;
    println!("sealed and opened {} bytes", message.len());
    Ok(())
}
