//! Guests that run asynchronously: waiting for a store leaves the executor's thread to others.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wasi_crypto_host::{Secrets, WasiCryptoCtx};
use wasi_crypto_keys::KeyEncryptionKey;
use wasi_crypto_test_harness::{Linking, Run};

use super::faulty::Faulty;
use super::run_with;
use super::store::{Store, manager};

#[test]
fn keys_are_the_same_for_guests_that_run_asynchronously() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for routine in ["life", "identity", "refused", "others", "export"] {
        let crypto = Store::new().crypto();
        let run = Run::new("secrets", Linking::Direct).args([routine]);
        let asynchronous = runtime.block_on(run.crypto(crypto).finish_asynchronously());
        asynchronous.assert_success();
        let synchronous = run_with(Linking::Direct, Store::new().crypto(), &[routine]);
        assert_eq!(asynchronous.stdout, synchronous.stdout, "{routine}");
    }
}

/// How often the task beside the guest had its turn.
static TURNS: AtomicU64 = AtomicU64::new(0);
/// Whether the executor runs.
static RUNS: AtomicBool = AtomicBool::new(false);

#[test]
fn a_store_that_takes_its_time_holds_up_nobody_else() {
    // A store that answers only after another task on the executor's one thread had its turn.
    let store = Faulty::waiting(|| {
        let (before, start) = (TURNS.load(Ordering::Relaxed), Instant::now());
        while RUNS.load(Ordering::Relaxed) && TURNS.load(Ordering::Relaxed) < before + 3 {
            let waited = start.elapsed();
            assert!(waited < Duration::from_secs(60), "nobody had a turn");
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let manager = manager(store, KeyEncryptionKey::generate().expect("a key"));
    let crypto = WasiCryptoCtx::builder().secrets(Secrets::new(manager.namespace("tests")));
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    let outcome = runtime.block_on(async {
        RUNS.store(true, Ordering::Relaxed);
        let other = tokio::spawn(async {
            loop {
                TURNS.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
        let run = Run::new("secrets", Linking::Direct).args(["churn", "3"]);
        let outcome = run.crypto(crypto).finish_asynchronously().await;
        RUNS.store(false, Ordering::Relaxed);
        other.abort();
        outcome
    });
    outcome.assert_lines(&[("keys", "3")]);
}
