//! `wcrypt hash`

use std::process::ExitCode;

use anyhow::Result;

use crate::check::{self, Algorithm, CheckArgs};
use crate::input::Input;
use crate::opt::OptArgs;
use crate::recipe::{Finish, Recipe};
use crate::sums::Tag;

/// Hashes files and prints the results like sha256sum, or checks such a list.
///
/// Files of any size pass in constant memory, except with algorithms that keep each piece of their input apart (tuple
/// hashes, sessions): those take a file as one piece, of 64 MiB at most.
///
/// With --check, the exit status is 0 if at least one file was checked and all of them have the checksum that is listed.
#[derive(clap::Args)]
pub struct Args {
    /// The hash or extendable-output function: SHA-256, BLAKE3, SHAKE-128 and so on.
    #[arg(short, long, value_name = "ALG", required_unless_present = "check")]
    algorithm: Option<String>,
    /// How many bytes of output. By default all that the algorithm has, or, if it has no end, the length of its tag and 32
    /// at least.
    #[arg(short, long, value_name = "LEN")]
    length: Option<usize>,
    #[command(flatten)]
    options: OptArgs,
    /// Prints lines in the form of BSD, which name the algorithm: `TAG (NAME) = HASH`.
    #[arg(long, conflicts_with = "check")]
    tag: bool,
    #[command(flatten)]
    check: CheckArgs,
    /// What to hash, or the lists to check; standard input if none is given, or for `-`.
    #[arg(value_name = "FILE", value_parser = Input::from_arg)]
    files: Vec<Input>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode> {
    let recipe = |algorithm: &str| Recipe {
        algorithm: algorithm.to_owned(),
        key: None,
        options: args.options.to_options(),
    };
    if args.check.check {
        let algorithm = |name: &str| Algorithm::new(recipe(name), args.length);
        let one = args.algorithm.as_deref().map(algorithm).transpose()?;
        return check::run(&args.check, &args.files, one, algorithm);
    }
    // There is one, unless lists are checked.
    let recipe = recipe(args.algorithm.as_deref().unwrap_or_default());
    let len = recipe.output_len(args.length)?;
    let tag = args.tag.then(|| Tag::of(&recipe.algorithm));
    recipe.print_each(&args.files, Finish::Squeeze(len), tag.as_ref())
}
