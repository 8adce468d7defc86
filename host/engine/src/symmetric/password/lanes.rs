//! The threads that fill the lanes of Argon2.
//!
//! The crate fills lanes with rayon, whose pool for the whole process panics, then and ever after, when the system starts no
//! threads for it. So the lanes have a pool of their own, and where there is none, they are filled on the caller's thread.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuilder};

use crate::{Error, Result};

/// The pool of the process, once a password hash with several lanes has needed it.
static POOL: OnceLock<Pool> = OnceLock::new();

struct Pool {
    threads: ThreadPool,
    /// The process that started the threads; one that was forked from it has none of them.
    process: u32,
}

impl Pool {
    fn start() -> Option<Self> {
        let builder = ThreadPoolBuilder::new().thread_name(|_| "wasi-crypto-lanes".into());
        Some(Self {
            threads: builder.build().ok()?,
            process: std::process::id(),
        })
    }
}

/// The pool, unless its threads cannot be had: at a limit of the system, which the next call may find lifted, or in a forked
/// process.
fn pool() -> Option<&'static ThreadPool> {
    if POOL.get().is_none() {
        // Whoever comes second drops what it has started. Nobody holds a lock for longer than storing takes: a process that
        // is forked meanwhile would wait for it for ever.
        let _ = POOL.set(Pool::start()?);
    }
    let pool = POOL.get()?;
    (pool.process == std::process::id()).then_some(&pool.threads)
}

/// Does `work`, which may use rayon: several lanes on several threads if they can be had, and otherwise on this one.
pub(super) fn fill<R, W>(lanes: u64, work: W) -> Result<R>
where
    R: Send + 'static,
    W: FnOnce() -> R + Send + 'static,
{
    // Who calls from a thread of a pool has chosen that pool.
    if rayon::current_thread_index().is_some() {
        return Ok(work());
    }
    match if lanes > 1 { share() } else { None } {
        Some(share) => Ok(share.pool.install(work)),
        None => on_this_thread(work),
    }
}

/// A part in the work of the pool, if there is one and its threads have one left.
#[inline(never)]
fn share() -> Option<Share> {
    pool().and_then(Share::of)
}

/// How many hashes the pool is at work on.
static SHARES: AtomicUsize = AtomicUsize::new(0);

/// A part in the work of the pool. There are as many as it has threads: a thread that waits for the other lanes of a hash may
/// begin another hash meanwhile, on the same stack, and so on for as many as there are.
struct Share {
    pool: &'static ThreadPool,
}

impl Share {
    fn of(pool: &'static ThreadPool) -> Option<Self> {
        let share = Self { pool };
        // Where there are too many, dropping it takes it off again.
        let before = SHARES.fetch_add(1, Ordering::Relaxed);
        (before < pool.current_num_threads()).then_some(share)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        SHARES.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Does `work` as the only thread of a pool that is there for as long as that takes.
fn on_this_thread<R, W>(work: W) -> Result<R>
where
    R: Send + 'static,
    W: FnOnce() -> R + Send + 'static,
{
    let mut thread: Option<ThreadBuilder> = None;
    let builder = ThreadPoolBuilder::new().num_threads(1);
    let pool = builder
        // A panic has been reported when it comes here; without a handler it would end the process.
        .panic_handler(|_| ())
        .spawn_handler(|builder| {
            thread = Some(builder);
            Ok(())
        })
        .build()
        .map_err(|_| Error::InternalError)?;
    let (done, result) = sync_channel(1);
    pool.spawn(move || {
        let _ = done.send(work());
    });
    // A pool that was dropped ends as soon as its work is done, and then its thread returns.
    drop(pool);
    thread.ok_or(Error::InternalError)?.run();
    result.try_recv().map_err(|_| Error::AlgorithmFailure)
}

#[cfg(test)]
mod tests {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};

    use super::*;

    #[test]
    fn work_without_a_pool_is_done_on_the_callers_thread() {
        let threads = || -> Vec<_> {
            let each = (0..64).into_par_iter();
            each.map(|_| std::thread::current().id()).collect()
        };
        for _ in 0..3 {
            let caller = std::thread::current().id();
            assert_eq!(fill(1, threads), Ok(vec![caller; 64]));
            assert_eq!(rayon::current_thread_index(), None);
        }
    }

    #[test]
    fn work_on_a_thread_of_a_pool_stays_in_it() {
        let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let (outside, inside) = pool.install(|| {
            let outside = std::thread::current().id();
            (outside, fill(4, || std::thread::current().id()))
        });
        assert_eq!(inside, Ok(outside));
    }

    #[test]
    fn a_panic_is_an_error_of_the_work_alone() {
        assert_eq!(
            fill(1, || -> u8 { panic!("a panic of the test") }),
            Err(Error::AlgorithmFailure)
        );
        assert_eq!(fill(1, || 1), Ok(1));
    }
}
