//! A component with managed keys, the one of docs/keys.md: `new` makes a key, `seal ID` encrypts a line, `open` decrypts one.
//!
//! What it prints names the key and its version, so that it can be opened after the key was rotated.

#![allow(clippy::print_stdout)]

use std::io::{Error, Result, stdin};

use wasi_crypto_sdk::{Aead, Options, SecretsManager, VersionSelector};

const ALGORITHM: &str = "AES-256-GCM-SIV";

fn main() -> Result<()> {
    let manager = SecretsManager::open(&Options::new())?;
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["new"] => {
            let key = manager.generate(ALGORITHM, &Options::new())?;
            let (id, _) = SecretsManager::id_of(&key)?;
            println!("{}", hex(&id));
        }
        ["seal", id] => {
            let key = manager.key(ALGORITHM, &bytes(id)?, VersionSelector::Latest)?;
            let (id, version) = SecretsManager::id_of(&key)?;
            let header = format!("{} {version}", hex(&id));
            let sealed = Aead::new(key).seal(line()?, &header)?;
            println!(
                "{header} {} {}",
                hex(&sealed.nonce),
                hex(&sealed.ciphertext)
            );
        }
        ["open"] => {
            let line = line()?;
            let parts: Vec<&str> = line.split(' ').collect();
            let [id, version, nonce, ciphertext] = parts[..] else {
                return Err(Error::other("expected: ID VERSION NONCE CIPHERTEXT"));
            };
            let selector = VersionSelector::Exact(version.parse().map_err(Error::other)?);
            let key = manager.key(ALGORITHM, &bytes(id)?, selector)?;
            let header = format!("{id} {version}");
            let message = Aead::new(key).open(bytes(nonce)?, bytes(ciphertext)?, header)?;
            println!("{}", String::from_utf8_lossy(&message));
        }
        _ => {
            return Err(Error::other(
                "usage: vault new | vault seal ID | vault open",
            ));
        }
    }
    Ok(())
}

fn line() -> Result<String> {
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2).map(std::str::from_utf8);
    let byte = |digits| u8::from_str_radix(digits, 16).map_err(Error::other);
    digits
        .map(|pair| byte(pair.map_err(Error::other)?))
        .collect()
}
