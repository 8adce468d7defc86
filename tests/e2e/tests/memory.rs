//! What guests make the host allocate stays within its limits.
//!
//! The allocator counts for the whole process, so the tests take turns. The guests' own memory is not counted: it is mapped,
//! not allocated.

use std::sync::{Mutex, PoisonError};

use peak_alloc::PeakAlloc;
use wasi_crypto_engine::registry::ALGORITHMS;
use wasi_crypto_test_harness::{Linking, Outcome, Run};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;
/// What one call may bring, and what may stay buffered: both are 64 MiB by default.
const CALL: usize = 64 * MIB;
const BUFFERED: usize = 64 * MIB;
/// What wasmtime copies for one call at most.
const HOSTCALL_FUEL: usize = 128 * MIB;
/// The table of resources, WASI, the store.
const BESIDES: usize = 2 * MIB;

fn algorithms() -> Vec<&'static str> {
    ALGORITHMS.iter().map(|row| row.name).collect()
}

/// Runs a routine, and says how much more was allocated at any one time than before.
fn peak(linking: Linking, args: &[&str]) -> (Outcome, usize) {
    peak_of(Run::new("hostile", linking).args(args.iter().copied()))
}

fn peak_of(run: Run) -> (Outcome, usize) {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    // Compiles the guest.
    Run::new("hostile", Linking::Direct)
        .args(["empty-batches"])
        .finish();
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let outcome = run.finish();
    let peak = ALLOCATOR.peak_usage() - before;
    drop(turn);
    (outcome, peak)
}

/// Runs a routine each way; copies may take some more.
fn within(args: &[&str], limit: usize, copies: usize) {
    for (linking, limit) in [
        (Linking::Direct, limit),
        (Linking::Reading, limit),
        (Linking::Copying, limit + copies),
    ] {
        let (outcome, peak) = peak(linking, args);
        outcome.assert_success();
        assert!(
            peak <= limit + BESIDES,
            "{linking:?}: {} KiB instead of {} KiB",
            peak >> 10,
            (limit + BESIDES) >> 10
        );
    }
}

#[test]
fn the_allocator_counts_what_the_host_allocates() {
    // Three times 16 MiB of associated data are accepted.
    let (_, peak) = peak(Linking::Direct, &["endless-associated-data"]);
    assert!(peak > 3 * 16 * MIB, "{} KiB", peak >> 10);
}

#[test]
fn huge_squeezes() {
    within(&["huge-squeezes"], 0, 0);
}

#[test]
fn endless_associated_data() {
    // A buffer that grows is there twice for a moment.
    within(&["endless-associated-data"], 2 * BUFFERED, CALL);
}

#[test]
fn endless_buffers() {
    within(&["endless-buffers"], 2 * BUFFERED, CALL);
}

#[test]
fn large_calls() {
    for (linking, limit) in [
        (Linking::Direct, 0),
        (Linking::Reading, 0),
        (Linking::Copying, 2 * 65 * MIB),
    ] {
        let run = Run::new("hostile", linking).args(["over-call-bytes"]);
        // A call of two messages of 65 MiB is refused by the host, not by wasmtime.
        let (outcome, peak) = peak_of(run.hostcall_fuel(3 * CALL));
        outcome.assert_success();
        assert!(peak <= limit + BESIDES, "{linking:?}: {} KiB", peak >> 10);
    }
}

#[test]
fn as_many_states_as_there_can_be() {
    let args = [vec!["many-states"], algorithms()].concat();
    within(&args, 64 * MIB, 0);
}

#[test]
fn as_many_keys_as_there_can_be() {
    let args = [vec!["many-keys"], algorithms()].concat();
    within(&args, 64 * MIB, 0);
}

#[test]
fn aliased_batches() {
    within(&["aliased-batch", "1"], CALL, CALL);
    let (_, peak) = peak(Linking::Direct, &["aliased-batch", "70000"]);
    assert!(peak <= BESIDES, "{} KiB", peak >> 10);
    for linking in Linking::ALL {
        let (_, peak) = self::peak(linking, &["aliased-batch", "60000"]);
        assert!(peak <= HOSTCALL_FUEL + 8 * MIB, "{} KiB", peak >> 10);
    }
}

#[test]
fn password_hashes() {
    // The largest that the routine is granted.
    within(&["argon2-costs"], 64 * MIB, 0);
    within(&["stored-costs"], 0, 0);
    within(&["scrypt-costs"], 0, 0);
    // PBKDF2 finds out only when its output is there to be filled.
    within(&["pbkdf2-costs"], 16 * MIB, 0);
}
