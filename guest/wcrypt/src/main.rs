//! A small openssl as a component: hashes, MACs, derived keys, encrypted messages and files, password hashes.
//!
//! It holds no cryptography of its own: everything goes through `wasi-ephemeral:crypto` to the host, and so do the names
//! of the algorithms, of which it has no list.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

mod check;
mod derive;
mod file;
mod hash;
mod hex;
mod input;
mod key;
#[cfg(test)]
mod left_behind;
mod limits;
mod mac;
mod opt;
mod output;
mod passphrase;
mod password;
mod place;
mod progress;
mod recipe;
mod seal;
mod secret;
mod stored;
mod stream;
mod sums;

/// A small openssl as a component: every algorithm is the host's.
///
/// Algorithms are given by name, such as SHA-256, BLAKE3, HMAC/SHA-256 or XCHACHA20-POLY1305; the host's manual lists
/// those that it has. Files are those that the host has granted access to; `-` stands for standard input or output, and is
/// the only name for a pipe.
///
/// Exit status: 0 if all went well, anything else otherwise (WASI 0.2 tells success from failure and no more).
#[derive(Parser)]
#[command(
    name = "wcrypt",
    bin_name = "wcrypt",
    version,
    arg_required_else_help = true,
    subcommand_required = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Hash(hash::Args),
    Mac(mac::Args),
    Derive(derive::Args),
    Seal(seal::SealArgs),
    Open(seal::OpenArgs),
    Encrypt(file::EncryptArgs),
    Decrypt(file::DecryptArgs),
    Password(password::Args),
}

impl Command {
    /// The flags of the host's limits that stand in the way where something is too large.
    fn limits(&self) -> &'static str {
        match self {
            Self::Encrypt(_) | Self::Decrypt(_) | Self::Password(_) => limits::ARGON2,
            _ => limits::DATA,
        }
    }
}

fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => return explain(&error),
    };
    let limits = command.limits();
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            complain(&limits::explain(error, limits));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Hash(args) => return hash::run(args),
        Command::Mac(args) => return mac::run(args),
        Command::Derive(args) => derive::run(args)?,
        Command::Seal(args) => seal::seal(args)?,
        Command::Open(args) => seal::open(args)?,
        Command::Encrypt(args) => file::encrypt(args)?,
        Command::Decrypt(args) => file::decrypt(args)?,
        Command::Password(args) => password::run(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Says on standard error what is wrong, in one line.
fn complain(error: &anyhow::Error) {
    // Where standard error is gone there is nobody left to tell.
    let _ = writeln!(io::stderr(), "wcrypt: {error:#}");
}

/// Shows the help that was asked for, or what is wrong with the command line.
fn explain(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = write!(io::stdout(), "{error}");
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = write!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
        _ => {
            let _ = writeln!(
                io::stderr(),
                "wcrypt: {}",
                first_paragraph(&error.to_string())
            );
            ExitCode::FAILURE
        }
    }
}

/// A usage error without its label and its usage text, in one line.
fn first_paragraph(error: &str) -> String {
    let error = error.strip_prefix("error: ").unwrap_or(error);
    let lines = error.lines().take_while(|line| !line.trim().is_empty());
    let words: Vec<_> = lines.map(str::trim).collect();
    format!("{}; --help explains", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_usage_error_takes_one_line() {
        let error = match Cli::try_parse_from(["wcrypt", "mac", "-a", "HMAC/SHA-256"]) {
            Ok(_) => panic!("a MAC without a key was accepted"),
            Err(error) => error,
        };
        let line = first_paragraph(&error.to_string());
        assert!(line.contains("--key-hex"), "{line}");
        assert!(line.ends_with("; --help explains"), "{line}");
        assert_eq!(line.lines().count(), 1);
    }
}
