//! The command `wasi-crypto`.

mod adapt;
mod algorithms;
mod audit;
mod compose;
mod exit;
mod keys;
mod lent;
mod limits;
mod output;
mod quiet;
mod run;
#[cfg_attr(not(unix), path = "no_signals.rs")]
mod signals;
mod stdio;
mod table;
mod wit;

use std::io::{ErrorKind, Write};
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
    Run(Box<run::Run>),
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
        // A panic in here would end everything.
        let _ = writeln!(
            std::io::stderr(),
            "wasi-crypto: {}",
            exit::printable(&lines.join(" "))
        );
    }));
    let outcome = match parsed().command {
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
            exit::complain(&failure.to_string());
            failure.code()
        }
    }
}

/// What the command line says; help that was asked for is printed here, and so is what is wrong.
fn parsed() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| {
        let printed = error.print().and_then(|()| std::io::stdout().flush());
        match printed {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => signals::broken_pipe(),
            _ => std::process::exit(error.exit_code()),
        }
    })
}
