//! The limits of the host that stand in the way.

use anyhow::{Error, anyhow};
use wasi_crypto_sdk::CryptoErrno;

/// What to raise where an operation with data is too large.
pub const DATA: &str = "--max-call-size, --max-buffered or --max-output";
/// What to raise where Argon2 costs too much.
pub const ARGON2: &str = "--max-password-memory or --max-password-work";

/// Adds to an error that a limit of the host has led to which flags raise it: those of the algorithm that it is about, or else
/// the `usual` ones of the command.
pub fn explain(error: Error, usual: &str) -> Error {
    let refused = error.chain().find_map(|cause| {
        let cause = cause.downcast_ref::<wasi_crypto_sdk::Error>()?;
        flags(cause.errno(), cause.subject(), usual)
    });
    match refused {
        Some(flags) => anyhow!("{error:#}: {flags} of wasi-crypto run"),
        None => error,
    }
}

fn flags<'a>(errno: CryptoErrno, subject: Option<&str>, usual: &'a str) -> Option<&'a str> {
    match errno {
        CryptoErrno::TooManyHandles => return Some("--max-handles"),
        CryptoErrno::Overflow => {}
        _ => return None,
    }
    // Names are matched without regard to case.
    let algorithm = subject.unwrap_or_default().to_ascii_uppercase();
    let families = [
        ("ARGON2-", ARGON2),
        ("SCRYPT", "--max-password-memory or --max-scrypt-work"),
        ("PBKDF2/", "--max-pbkdf2-iterations or --max-repeated"),
        ("HKDF-", "--max-buffered or --max-repeated"),
    ];
    let family = families
        .iter()
        .find(|(name, _)| algorithm.starts_with(name));
    Some(family.map_or(usual, |(_, flags)| flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_are_those_of_the_operations_limits() {
        let overflow = |subject| flags(CryptoErrno::Overflow, subject, DATA);
        assert_eq!(overflow(None), Some(DATA));
        assert_eq!(overflow(Some("SHA-256")), Some(DATA));
        assert_eq!(overflow(Some("ARGON2-ID-13")), Some(ARGON2));
        for (algorithm, flag) in [
            ("argon2-i-13", "--max-password-work"),
            ("SCRYPT", "--max-scrypt-work"),
            ("PBKDF2/SHA-512", "--max-pbkdf2-iterations"),
            ("HKDF-EXPAND/SHA-256", "--max-repeated"),
        ] {
            let flags = overflow(Some(algorithm)).unwrap();
            assert!(flags.contains(flag), "{algorithm}: {flags}");
        }
        let handles = flags(CryptoErrno::TooManyHandles, Some("SCRYPT"), DATA);
        assert_eq!(handles, Some("--max-handles"));
        assert_eq!(flags(CryptoErrno::InvalidTag, None, DATA), None);
    }

    #[test]
    fn other_errors_stay_as_they_are() {
        let error = explain(anyhow!("no such file").context("cannot read x"), DATA);
        assert_eq!(format!("{error:#}"), "cannot read x: no such file");
    }
}
