//! `hostile NAME`: does what has broken other hosts, or would break this one without its limits, and prints what errno
//! came back.

use std::process::ExitCode;

use wasi_crypto_test_guests::{Routine, main as run};

mod batches;
mod endless;
mod handles;
mod keys;
mod passwords;
mod states;

fn main() -> ExitCode {
    let routines: Vec<Routine> = [
        batches::ROUTINES,
        endless::ROUTINES,
        handles::ROUTINES,
        keys::ROUTINES,
        passwords::ROUTINES,
        states::ROUTINES,
    ]
    .concat();
    run(&routines)
}
