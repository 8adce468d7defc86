//! `wcrypt password`

use anyhow::{Result, bail};
use wasi_crypto_sdk::{CryptoErrno, Options, PasswordHash};

use crate::output::print_line;
use crate::{passphrase, stored};

const DEFAULT: &str = "ARGON2-ID-13";

/// Hashes passwords for storage, and checks them.
///
/// The password is taken from the environment variable WCRYPT_PASSWORD, or else from standard input.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Hash(HashArgs),
    Verify(VerifyArgs),
}

/// Prints the string to store for a password: algorithm, costs, a fresh salt and the hash, in the PHC format.
#[derive(clap::Args)]
struct HashArgs {
    /// The password hash function.
    #[arg(short, long, value_name = "ALG", default_value = DEFAULT)]
    algorithm: String,
    /// Memory to fill, in KiB; by default what the host recommends.
    #[arg(long, value_name = "N")]
    memory_kib: Option<u64>,
    /// Passes over the memory; for PBKDF2 its iterations, for scrypt its N. By default what the host recommends.
    #[arg(long, value_name = "N")]
    passes: Option<u64>,
    /// Lanes; by default what the host recommends.
    #[arg(long, value_name = "N")]
    parallelism: Option<u64>,
}

/// Succeeds if a password is the one that a stored string was made from, and fails otherwise.
#[derive(clap::Args)]
struct VerifyArgs {
    /// The password hash function.
    #[arg(short, long, value_name = "ALG", default_value = DEFAULT)]
    algorithm: String,
    /// The stored string, as password hash has printed it; in quotes, since it contains dollar signs.
    #[arg(value_name = "STORED")]
    stored: String,
}

/// Runs the command.
pub fn run(args: Args) -> Result<()> {
    match args.command {
        Command::Hash(args) => hash(args),
        Command::Verify(args) => verify(args),
    }
}

fn hash(args: HashArgs) -> Result<()> {
    let mut options = Options::new();
    if let Some(kib) = args.memory_kib {
        options = options.memory_limit(kib.saturating_mul(1024));
    }
    if let Some(passes) = args.passes {
        options = options.ops_limit(passes);
    }
    if let Some(lanes) = args.parallelism {
        options = options.parallelism(lanes);
    }
    let password = passphrase::read(false)?;
    print_line(&PasswordHash::with_options(&args.algorithm, options).hash(&*password)?)
}

fn verify(args: VerifyArgs) -> Result<()> {
    let password = passphrase::read(false)?;
    let string = args.stored.trim_end();
    match PasswordHash::new(&args.algorithm).verify(&*password, string) {
        Ok(()) => Ok(()),
        Err(error) if error.is_mismatch() => bail!("the password does not match"),
        Err(error) if is_about_the_form(error.errno()) && stored::peculiarity(string).is_some() => {
            let peculiarity = stored::peculiarity(string).unwrap_or_default();
            bail!("the stored string cannot be verified: it is {peculiarity}")
        }
        Err(error) if error.errno() == CryptoErrno::IncompatibleKeys => bail!(
            "the stored string is not of {}; say with --algorithm which one it is of",
            args.algorithm
        ),
        Err(error) if error.errno() == CryptoErrno::UnsupportedEncoding => bail!(
            "the stored string is not in the PHC format, as password hash prints it; check that it is complete, and in quotes"
        ),
        Err(error) => Err(error.into()),
    }
}

/// Whether the host has refused the stored string for what it is, and not for what it was made from.
fn is_about_the_form(errno: CryptoErrno) -> bool {
    matches!(
        errno,
        CryptoErrno::IncompatibleKeys
            | CryptoErrno::UnsupportedEncoding
            | CryptoErrno::InvalidLength
    )
}
