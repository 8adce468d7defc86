//! What guests do to break a host is an errno, the same whether guest memory is copied or read in place,
//! and whether it is a host or a component that it is done to.

use wasi_crypto_test_harness::{Linking, Run};

mod batches;
mod endless;
mod keys;
mod passwords;
mod states;

/// Room for calls that go over the host's limit of 64 MiB, and not over wasmtime's.
const FUEL: usize = 1 << 30;

/// Runs a routine each way, and compares what it prints.
#[track_caller]
fn hostile(name: &str, expected: &[(&str, &str)]) {
    for linking in Linking::EVERYWHERE {
        let run = Run::new("hostile", linking).args([name]);
        run.hostcall_fuel(FUEL).finish().assert_lines(expected);
    }
}

/// As [`hostile`], where every line has the same value.
#[track_caller]
fn hostile_all(name: &str, labels: &[&str], expected: &str) {
    let lines: Vec<_> = labels.iter().map(|label| (*label, expected)).collect();
    hostile(name, &lines);
}
