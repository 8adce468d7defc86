//! `arbitrary SEED STEPS ALGORITHM…`: calls functions of the host at random with random arguments, and prints how often
//! each of them succeeded and failed, and a digest of what came of every call.
//!
//! The digest is made of errnos and lengths alone, and leaves out whether something verified: so it is the same for every
//! host with the same limits, whatever keys and nonces that host generates.

use std::process::ExitCode;

use wasi_crypto_test_guests::say;

mod data;
mod messages;
mod record;
mod world;

use data::Random;
use world::World;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let mut number = || args.next().and_then(|number| number.parse::<u64>().ok());
    let (Some(seed), Some(steps)) = (number(), number()) else {
        eprintln!("usage: arbitrary SEED STEPS ALGORITHM…");
        return ExitCode::from(2);
    };
    let mut world = World::new(Random::new(seed), args.collect());
    for _ in 0..steps {
        world.step();
    }
    let record = world.close();
    for (operation, (succeeded, failed)) in &record.counts {
        say(operation, format_args!("{succeeded} {failed}"));
    }
    say("digest", format_args!("{:016x}", record.digest));
    ExitCode::SUCCESS
}
