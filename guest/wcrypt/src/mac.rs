//! `wcrypt mac`

use std::process::ExitCode;

use anyhow::Result;
use wasi_crypto_sdk::CryptoErrno;

use crate::input::Input;
use crate::key::KeyArgs;
use crate::opt::OptArgs;
use crate::recipe::{Finish, Recipe, or_stdin};

/// Authenticates files under a key, and prints the tags like sha256sum.
///
/// Files of any size pass in constant memory, except with algorithms that keep each piece of their input apart
/// (sessions): those take a file as one piece, of 64 MiB at most.
#[derive(clap::Args)]
pub struct Args {
    /// The MAC or keyed hash: HMAC/SHA-256, KMAC-128, BLAKE3 and so on.
    #[arg(short, long, value_name = "ALG")]
    algorithm: String,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    options: OptArgs,
    /// What to authenticate; standard input if none is given, or for `-`.
    #[arg(value_name = "FILE", value_parser = Input::from_arg)]
    files: Vec<Input>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode> {
    let recipe = Recipe {
        key: Some(args.key.import(&args.algorithm, or_stdin(&args.files))?),
        algorithm: args.algorithm,
        options: args.options.to_options(),
    };
    let state = recipe.open()?;
    recipe.refuse_password_hash(&state)?;
    let finish = match state.squeeze_tag() {
        Ok(_) => Finish::Tag,
        // A keyed hash without tags: its output does the same.
        Err(error) if error.errno() == CryptoErrno::InvalidOperation => {
            Finish::Squeeze(recipe.natural_len()?)
        }
        Err(error) => return Err(error.into()),
    };
    recipe.print_each(&args.files, finish, None)
}
