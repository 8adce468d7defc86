//! Guests that run asynchronously: password hashing leaves the executor's thread free, and gives the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use wasi_crypto_test_harness::{Linking, Run};

/// Runs a pattern on the thread of the runtime; says what it printed.
async fn run_asynchronously(pattern: &str) -> String {
    let run = Run::new("patterns", Linking::Direct).args([pattern]);
    let outcome = run.finish_asynchronously().await;
    outcome.assert_success();
    outcome.stdout
}

/// Runs `work` on one thread beside a task that counts how often it gets its turn.
fn turns_of_others(work: impl Future<Output = String>) -> (String, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let turns = Arc::new(AtomicU64::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let printed = runtime.block_on(async {
        let (counter, end) = (turns.clone(), over.clone());
        let other = tokio::spawn(async move {
            while !end.load(Ordering::Relaxed) {
                counter.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
        let printed = work.await;
        over.store(true, Ordering::Relaxed);
        other.await.expect("the other task ends");
        printed
    });
    (printed, turns.load(Ordering::Relaxed))
}

#[test]
fn password_hashing_leaves_the_executors_thread_to_others() {
    let (_, while_hashing_data) = turns_of_others(run_asynchronously("hashing"));
    let (_, while_hashing_a_password) =
        turns_of_others(run_asynchronously("password-hashing-with-salt"));
    // A guest gives its thread up now and then, to print for example; seconds of hashing beside it are thousands of turns.
    assert!(
        while_hashing_a_password > 100 * while_hashing_data.max(10),
        "{while_hashing_a_password} turns, and {while_hashing_data} without a password hash"
    );
}

#[test]
fn what_is_computed_elsewhere_is_the_same() {
    for pattern in [
        "password-hashing-with-salt",
        "hashing",
        "mac",
        "batch-encryption",
    ] {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let asynchronous = runtime.block_on(run_asynchronously(pattern));
        let synchronous = Run::new("patterns", Linking::Direct)
            .args([pattern])
            .finish();
        synchronous.assert_success();
        assert_eq!(asynchronous, synchronous.stdout, "{pattern}");
    }
}
