//! `secrets ROUTINE`: uses managed keys, and prints what came back.

use std::process::ExitCode;

use wasi_crypto_test_guests::common::{CryptoErrno, Options};
use wasi_crypto_test_guests::secrets::SecretsManager;
use wasi_crypto_test_guests::symmetric::SymmetricKey;
use wasi_crypto_test_guests::symmetric_oneshot::{self, MessageParam};
use wasi_crypto_test_guests::{Result, Routine, main as run, options};

mod expiry;
mod life;
mod rules;

/// What most routines have keys of.
const AEAD: &str = "AES-256-GCM-SIV";
/// Source: FIPS 198-1; any key will do.
const MAC: &str = "HMAC/SHA-256";

fn main() -> ExitCode {
    let routines: Vec<Routine> = [expiry::ROUTINES, life::ROUTINES, rules::ROUTINES].concat();
    run(&routines)
}

fn manager() -> Result<SecretsManager> {
    SecretsManager::open(None)
}

/// An argument of the routine, the first of which has the number 0.
fn argument(number: usize) -> String {
    std::env::args().nth(2 + number).unwrap_or_default()
}

fn integer(number: usize) -> u64 {
    argument(number).parse().expect("a number")
}

/// The bytes of an argument in hexadecimal.
fn bytes(number: usize) -> Vec<u8> {
    let text = argument(number);
    let digits = text.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).expect("text"), 16);
    digits.map(|pair| byte(pair).expect("hex")).collect()
}

fn expiring(seconds: u64) -> Result<Options> {
    let options = options()?;
    options.set_u64("expiration", seconds)?;
    Ok(options)
}

/// A message under a nonce of zeros.
fn message(data: &[u8]) -> MessageParam<'_> {
    MessageParam {
        nonce: Some(&[0; 12]),
        associated_data: b"header",
        data,
    }
}

fn encrypt(key: &SymmetricKey) -> Result<Vec<u8>> {
    Ok(symmetric_oneshot::encrypt(key, message(b"attack at dawn"))?.ciphertext)
}

fn decrypt(key: &SymmetricKey, ciphertext: &[u8]) -> Result<()> {
    let data = symmetric_oneshot::decrypt(key, message(ciphertext))?;
    if data == b"attack at dawn" {
        Ok(())
    } else {
        Err(CryptoErrno::AlgorithmFailure)
    }
}
