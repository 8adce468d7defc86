//! Managed keys: components that make, find, replace and revoke them, on each linking, with a store in a file.

mod asynchronous;
mod expiry;
mod failures;
mod faulty;
mod life;
mod rules;
mod store;

use wasi_crypto_test_harness::{Linking, Outcome, Run};

use store::Store;

/// Room for calls that go over the host's limit of 64 MiB, and not over wasmtime's.
const FUEL: usize = 1 << 30;

/// Runs a routine of the guest.
fn run(linking: Linking, store: &Store, args: &[&str]) -> Outcome {
    run_with(linking, store.crypto(), args)
}

fn run_with(
    linking: Linking,
    crypto: wasi_crypto_host::WasiCryptoCtxBuilder,
    args: &[&str],
) -> Outcome {
    let run = Run::new("secrets", linking).args(args.iter().copied());
    run.crypto(crypto).hostcall_fuel(FUEL).finish()
}
