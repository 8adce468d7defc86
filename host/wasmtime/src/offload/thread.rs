//! Threads for what takes long.
//!
//! Those of tokio's `spawn_blocking` would do, but where the system starts no thread, that panics, or leaves its work waiting
//! for ever for a thread of the runtime to end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::Builder;

use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

/// As many threads as tokio's runtime has for blocking work by default. More work waits for its turn.
const MOST: usize = 512;

/// A turn, which ends when it is dropped. A process that was forked from one with threads does not know when theirs end: there
/// everybody has a turn at once.
async fn turn() -> Option<SemaphorePermit<'static>> {
    static TURNS: OnceLock<(Semaphore, u32)> = OnceLock::new();
    let process = std::process::id();
    let (turns, own) = TURNS.get_or_init(|| (Semaphore::new(MOST), process));
    if *own != process {
        return None;
    }
    // It is never closed.
    turns.acquire().await.ok()
}

/// Runs `work` on a thread of its own, and gives what it returns; nothing when it panics. Where no thread can be started, this
/// one does it, and whoever else is to run on it waits.
///
/// At most [`MOST`] work at a time. Work that has begun is finished, also when nobody waits for it any more.
pub(super) async fn run<R, W>(work: W) -> Option<R>
where
    R: Send + 'static,
    W: FnOnce() -> R + Send + 'static,
{
    let turn = turn().await;
    let work = Arc::new(Mutex::new(Some(work)));
    let (done, result) = oneshot::channel();
    let theirs = Arc::clone(&work);
    let started = Builder::new()
        .name("wasi-crypto-long".into())
        .spawn(move || {
            // Work that nobody waits for any more counts, too.
            let _turn = turn;
            if let Some(work) = take(&theirs) {
                // It may be that nobody waits.
                let _ = done.send(work());
            }
        });
    match started {
        Ok(_) => result.await.ok(),
        Err(_) => take(&work).and_then(|work| catch_unwind(AssertUnwindSafe(work)).ok()),
    }
}

fn take<W>(work: &Mutex<Option<W>>) -> Option<W> {
    work.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use std::thread;

    use super::*;

    /// Polls until the future is ready.
    fn wait_for<F: Future>(future: F) -> F::Output {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn work_has_a_thread_of_its_own() {
        let worker = wait_for(run(|| thread::current().id()));
        assert!(worker.is_some_and(|worker| worker != thread::current().id()));
    }

    #[test]
    fn work_that_panics_gives_nothing() {
        assert_eq!(
            wait_for(run(|| -> u8 { panic!("a panic of the test") })),
            None
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn work_is_done_at_once_where_no_thread_can_be_started() {
        wasi_crypto_test_process::without_threads(
            "offload::thread::tests::work_is_done_at_once_where_no_thread_can_be_started",
            || {
                let worker = wait_for(run(|| thread::current().id()));
                assert_eq!(worker, Some(thread::current().id()));
            },
        );
    }
}
