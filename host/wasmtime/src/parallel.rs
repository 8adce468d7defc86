//! Independent work on several threads.

use std::sync::{Mutex, PoisonError};

/// The least work, in nanoseconds of one thread, that is worth other threads. On a virtual machine with two cores it takes
/// 20 µs to have a thread of the pool do something, and 50 µs once it sleeps; and what it writes has to come from its
/// core's cache to the guest's. There, 96 µs of computing without memory took 64 to 78 µs on both cores, but 1 MiB of
/// AES-GCM, 100 µs of work, took 130 to 160 µs.
const WORTHWHILE: u64 = 200_000;
/// Pieces for each thread, so that none has to wait long for a slow one.
const PIECES: usize = 4;

/// How some work can be shared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// How many threads may work.
    pub(crate) threads: usize,
    /// How many nanoseconds the work takes one of them.
    pub(crate) nanoseconds: u64,
    /// Whether some of it fills memory that may not be had.
    #[cfg_attr(
        not(feature = "direct-lowering"),
        expect(
            dead_code,
            reason = "without, every result is made in memory of the host first"
        )
    )]
    pub(crate) can_run_out_of_memory: bool,
}

impl Share {
    /// Whether other threads are allowed, and worth waking.
    pub(crate) fn is_worthwhile(self) -> bool {
        self.threads > 1 && self.nanoseconds >= WORTHWHILE
    }
}

/// Does `each` for all `items`: on this thread alone, or on others too where the work is worth it.
pub(crate) fn for_each<I: Send>(items: &mut [I], share: Share, each: impl Fn(&mut I) + Sync) {
    let threads = share.threads.min(items.len());
    if threads < 2 || !share.is_worthwhile() {
        items.iter_mut().for_each(each);
        return;
    }
    let piece = items.len().div_ceil(threads * PIECES).max(1);
    let pieces = Mutex::new(items.chunks_mut(piece));
    let work = || {
        // The lock is held for as long as it takes to fetch a piece, which does not panic.
        while let Some(piece) = next(&pieces) {
            piece.iter_mut().for_each(&each);
        }
    };
    rayon::in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| work());
        }
        work();
    });
}

fn next<'a, I>(pieces: &Mutex<std::slice::ChunksMut<'a, I>>) -> Option<&'a mut [I]> {
    pieces.lock().unwrap_or_else(PoisonError::into_inner).next()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread::{self, ThreadId};

    use super::*;

    fn run(items: usize, threads: usize, nanoseconds: u64) -> (Vec<u32>, BTreeSet<String>) {
        let mut counts = vec![(0, None::<ThreadId>); items];
        let share = Share {
            threads,
            nanoseconds,
            can_run_out_of_memory: false,
        };
        for_each(&mut counts, share, |(count, thread)| {
            *count += 1;
            *thread = Some(thread::current().id());
            // Long enough for another thread to come.
            thread::sleep(std::time::Duration::from_millis(2));
        });
        counts
            .into_iter()
            .map(|(count, thread)| (count, format!("{thread:?}")))
            .unzip()
    }

    #[test]
    fn every_item_is_worked_on_once() {
        for (items, threads) in [(0, 4), (1, 4), (3, 4), (17, 2), (64, 3)] {
            assert_eq!(run(items, threads, WORTHWHILE).0, vec![1; items]);
        }
    }

    #[test]
    fn little_work_and_a_single_thread_stay_on_the_caller() {
        let here = BTreeSet::from([format!("{:?}", Some(thread::current().id()))]);
        assert_eq!(run(8, 4, WORTHWHILE - 1).1, here);
        assert_eq!(run(8, 1, u64::MAX).1, here);
    }

    #[test]
    fn no_more_threads_work_than_are_allowed() {
        assert!(run(32, 2, u64::MAX).1.len() <= 2);
    }
}
