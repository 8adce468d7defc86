//! `wcrypt hash`

use std::process::ExitCode;

use anyhow::Result;

use crate::input::Input;
use crate::opt::OptArgs;
use crate::recipe::{Finish, Recipe};

/// Hashes files, and prints the results like sha256sum.
///
/// Files of any size pass in constant memory, except with algorithms that keep each piece of their input apart (tuple
/// hashes, sessions): those take a file as one piece, of 64 MiB at most.
#[derive(clap::Args)]
pub struct Args {
    /// The hash or extendable-output function: SHA-256, BLAKE3, SHAKE-128 and so on.
    #[arg(short, long, value_name = "ALG")]
    algorithm: String,
    /// How many bytes of output. By default all that the algorithm has, or, if it has no end, the length of its tag and 32
    /// at least.
    #[arg(short, long, value_name = "LEN")]
    length: Option<usize>,
    #[command(flatten)]
    options: OptArgs,
    /// What to hash; standard input if none is given, or for `-`.
    #[arg(value_name = "FILE", value_parser = Input::from_arg)]
    files: Vec<Input>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode> {
    let recipe = Recipe {
        algorithm: args.algorithm,
        key: None,
        options: args.options.to_options(),
    };
    let len = match args.length {
        Some(len) => {
            recipe.refuse_password_hash(&recipe.open()?)?;
            len
        }
        None => recipe.natural_len()?,
    };
    recipe.print_each(&args.files, Finish::Squeeze(len))
}
