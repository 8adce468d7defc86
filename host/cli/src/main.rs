//! The command `wasi-crypto`.

mod adapt;
mod algorithms;
mod audit;
mod compose;
mod exit;
mod keys;
mod quiet;
mod run;
mod table;
mod wit;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs WebAssembly components with wasi-crypto.
#[derive(Parser)]
#[command(name = "wasi-crypto", version, max_term_width = 100, after_help = exit::HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Run),
    Adapt(adapt::Adapt),
    Compose(compose::Compose),
    Algorithms(algorithms::Algorithms),
    Wit(wit::Wit),
    Keys(keys::Keys),
}

fn main() -> ExitCode {
    // One line, as for everything that goes wrong: a store of keys that is damaged on disk can make its library panic,
    // which is caught.
    std::panic::set_hook(Box::new(|info| {
        if quiet::is_quiet() {
            return;
        }
        let message = info.to_string();
        let lines: Vec<&str> = message.lines().collect();
        eprintln!("wasi-crypto: {}", lines.join(" "));
    }));
    let outcome = match Cli::parse().command {
        Command::Run(command) => command.execute(),
        Command::Adapt(command) => command.execute(),
        Command::Compose(command) => command.execute(),
        Command::Algorithms(command) => command.execute(),
        Command::Wit(command) => command.execute(),
        Command::Keys(command) => command.execute(),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("wasi-crypto: {failure}");
            failure.code()
        }
    }
}
