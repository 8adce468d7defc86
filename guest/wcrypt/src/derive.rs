//! `wcrypt derive`

use anyhow::{Context, Result, bail, ensure};
use wasi_crypto_sdk::{CryptoErrno, Error, Hkdf, Key, Options, State};
use zeroize::Zeroizing;

use crate::hex;
use crate::key::KeyArgs;
use crate::opt::OptArgs;
use crate::output::print_line;
use crate::recipe::is_password_hash;
use crate::secret::Secret;

/// Derives bytes from a key, and prints them in hexadecimal.
///
/// HKDF (RFC 5869): HKDF/SHA-256, or HKDF-EXTRACT/SHA-256, extracts with the salt and then expands with the info;
/// HKDF-EXPAND/SHA-256 takes the key for a PRK and expands. HKDF-EXTRACT/... without a length prints the PRK.
///
/// Keyed algorithms (KMAC-256, BLAKE3, BLAKE2B-512, sessions): keyed with the key, they absorb the info; the salt is
/// their option salt. Extendable-output functions without a key (CSHAKE-256, KT128), or with --absorb-key: they absorb the
/// key; the info is their option context. Password hashes (ARGON2-ID-13, PBKDF2/SHA-256): the key is the password; --opt-u64 sets costs.
#[derive(clap::Args)]
pub struct Args {
    /// The key derivation function, keyed hash, extendable-output function or password hash.
    #[arg(short, long, value_name = "ALG")]
    algorithm: String,
    #[command(flatten)]
    key: KeyArgs,
    /// The salt.
    #[arg(long, value_name = "HEX", value_parser = hex::decode)]
    salt_hex: Option<hex::Bytes>,
    /// What the bytes are for: different info, independent bytes.
    #[arg(long, value_name = "HEX", value_parser = hex::decode)]
    info_hex: Option<hex::Bytes>,
    /// Absorb the key where the algorithm could be keyed with it, as in the key derivation mode of BLAKE3.
    #[arg(long)]
    absorb_key: bool,
    /// How many bytes to derive.
    #[arg(short, long, value_name = "LEN")]
    length: Option<usize>,
    #[command(flatten)]
    options: OptArgs,
}

/// Runs the command.
pub fn run(args: Args) -> Result<()> {
    let key = args.key.read(&[])?;
    let derived = match Scheme::of(&args.algorithm) {
        Scheme::Hkdf(hash) => hkdf(&args, hash, &key)?,
        Scheme::HkdfExpand => {
            ensure!(
                args.salt_hex.is_none(),
                "{} has no salt: that is for extracting; see HKDF-EXTRACT",
                args.algorithm
            );
            keyed_or_not(&args, &key)?
        }
        Scheme::Other => keyed_or_not(&args, &key)?,
    };
    let text = Zeroizing::new(hex::encode(&derived));
    print_line(&text)
}

/// What to do with salt and info: HKDF takes two steps, each an algorithm of its own.
#[derive(Debug, PartialEq, Eq)]
enum Scheme<'a> {
    /// Extract, then expand, with this hash function.
    Hkdf(&'a str),
    HkdfExpand,
    Other,
}

impl<'a> Scheme<'a> {
    fn of(algorithm: &'a str) -> Self {
        match algorithm.split_once('/') {
            Some((name, hash)) => match name.to_ascii_uppercase().as_str() {
                "HKDF" | "HKDF-EXTRACT" => Self::Hkdf(hash),
                "HKDF-EXPAND" => Self::HkdfExpand,
                _ => Self::Other,
            },
            None => Self::Other,
        }
    }
}

fn hkdf(args: &Args, hash: &str, key: &[u8]) -> Result<Secret> {
    if args.absorb_key || !args.options.is_empty() {
        bail!(
            "HKDF takes neither options nor --absorb-key: its salt is --salt-hex, its info --info-hex"
        );
    }
    let hkdf = Hkdf::extract(hash, args.salt_hex.as_deref().unwrap_or_default(), key)?;
    let derived = match args.length {
        Some(len) => hkdf.expand(args.info_hex.as_deref().unwrap_or_default(), len)?,
        None if args.info_hex.is_some() => bail!("a length is needed to expand: -l LEN"),
        None => hkdf.prk().export().context("the PRK cannot be shown")?,
    };
    Ok(Secret::new(derived))
}

fn keyed_or_not(args: &Args, key: &[u8]) -> Result<Secret> {
    let algorithm = &args.algorithm;
    let len = args.length.context("a length is needed: -l LEN")?;
    let mut options = args.options.to_options();
    if let Some(salt) = &args.salt_hex {
        options = options.salt(salt.as_slice());
    }
    let state = match keyed(args, key, &options)? {
        Some(state) => state,
        None => absorbing(args, key, options)?,
    };
    let derived = state.squeeze(len).with_context(|| algorithm.clone())?;
    Ok(Secret::new(derived))
}

/// A state under the key that has absorbed the info; none where the key is to be absorbed.
fn keyed(args: &Args, key: &[u8], options: &Options) -> Result<Option<State>> {
    if args.absorb_key {
        return Ok(None);
    }
    let key = match Key::import(&args.algorithm, key) {
        Err(error) if error.errno() == CryptoErrno::KeyNotSupported => return Ok(None),
        other => other?,
    };
    let state = State::open(&args.algorithm, Some(&key), options)?;
    if is_password_hash(&state) {
        // A key of its own would be a pepper beside the password. What is given here is the password.
        return Ok(None);
    }
    if let Some(info) = &args.info_hex {
        state.absorb(info)?;
    }
    Ok(Some(state))
}

/// A state that has absorbed the key, with the info as its context: absorbed beside the key, it could be taken for a part
/// of it.
fn absorbing(args: &Args, key: &[u8], options: Options) -> Result<State> {
    let options = match &args.info_hex {
        Some(info) => options.context(info.as_slice()),
        None => options,
    };
    let unseparable =
        |error: &Error| args.info_hex.is_some() && error.errno() == CryptoErrno::UnsupportedOption;
    let state = match State::open(&args.algorithm, None, &options) {
        Err(error) if unseparable(&error) => bail!(
            "{} cannot keep the info apart from the key; use a keyed algorithm, or HKDF",
            args.algorithm
        ),
        other => other?,
    };
    ensure!(
        !is_password_hash(&state) || args.salt_hex.is_some() || args.options.sets("salt"),
        "{} needs a salt, or nobody could derive the same bytes again: --salt-hex",
        args.algorithm
    );
    state.absorb(key)?;
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hkdf_is_recognized_in_any_case_with_its_hash() {
        assert_eq!(Scheme::of("HKDF/SHA-256"), Scheme::Hkdf("SHA-256"));
        assert_eq!(Scheme::of("hkdf-extract/SHA-512"), Scheme::Hkdf("SHA-512"));
        assert_eq!(Scheme::of("Hkdf-Expand/SHA-512"), Scheme::HkdfExpand);
        assert_eq!(Scheme::of("PBKDF2/SHA-256"), Scheme::Other);
        assert_eq!(Scheme::of("HKDF"), Scheme::Other);
    }
}
