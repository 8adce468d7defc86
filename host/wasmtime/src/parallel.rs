//! Independent work on several threads.

use std::cell::Cell;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder, Yield};

/// As many threads as can work at a time. Asked for once, since finding out takes longer than making a context.
pub(crate) static CORES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));

/// The threads beside the guests' own; none where the system gives none.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let builder = ThreadPoolBuilder::new()
        .num_threads(*HELPERS)
        .thread_name(|number| format!("wasi-crypto-{number}"));
    builder.build().ok()
});
static HELPERS: LazyLock<usize> = LazyLock::new(|| CORES.saturating_sub(1).max(1));

/// How many of them work. A batch asks for those only that do not, so that it never waits for another one's to end.
static BUSY: AtomicUsize = AtomicUsize::new(0);
/// How many of them are awake without work.
static AWAKE: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    /// Whether this thread is one that stays awake.
    static STAYS_AWAKE: Cell<bool> = const { Cell::new(false) };
}

/// How long a thread stays awake for more work, and how long the guest's waits for one without sleeping. On a virtual
/// machine it takes 50 to 80 µs until a thread works that slept, so waiting costs little more than it can save.
const PATIENCE: Duration = Duration::from_micros(100);
/// The work, in nanoseconds of one thread, that is worth a thread which is awake: it takes one or two microseconds to have
/// it begin and to see that it is done.
const WORTH_SHARING: u64 = 20_000;
/// The work that is worth a thread which has to be woken.
const WORTH_WAKING: u64 = 100_000;
/// Pieces for each thread, so that none has to wait long for a slow one.
const PIECES: usize = 4;

/// How the work of a batch is shared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// How many threads work, the guest's included.
    threads: usize,
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
    #[cfg_attr(
        not(feature = "direct-lowering"),
        expect(
            dead_code,
            reason = "without, batches are done in one way, however many threads work"
        )
    )]
    pub(crate) fn is_among_several(self) -> bool {
        self.threads > 1
    }
}

/// How batches follow each other.
///
/// Work that is not worth waking a thread for may be worth sharing with one that is awake. Those that have worked stay
/// awake for a while; and where one batch follows another at once, one is woken for those to come.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Until when another batch comes at once.
    until: Option<Instant>,
}

/// Who does some work.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    /// How many threads, beside the guest's.
    helpers: usize,
    /// Whether to wake one for what comes next.
    wakes: bool,
}

impl Pace {
    /// Decides how work that takes one thread some `nanoseconds` is shared among at most as many `threads`.
    pub(crate) fn share(
        &mut self,
        threads: usize,
        nanoseconds: u64,
        can_run_out_of_memory: bool,
    ) -> Share {
        let most = threads.min(*CORES).saturating_sub(1);
        let plan = if most > 0 && nanoseconds >= WORTH_SHARING {
            let awake = usize::try_from(AWAKE.load(Ordering::Relaxed)).unwrap_or(0);
            self.plan(nanoseconds, awake, Instant::now())
        } else {
            Plan::default()
        };
        if plan.wakes {
            wake_one();
        }
        Share {
            threads: plan.helpers.min(most) + 1,
            can_run_out_of_memory,
        }
    }

    fn plan(&mut self, nanoseconds: u64, awake: usize, now: Instant) -> Plan {
        let follows = self.until.is_some_and(|until| now < until);
        self.until = now.checked_add(PATIENCE + Duration::from_nanos(nanoseconds));
        let worth = |each| usize::try_from(nanoseconds / each).unwrap_or(usize::MAX);
        // When nothing more is to be expected, the threads that are woken for this have to pay by this alone.
        let woken = match worth(WORTH_WAKING) {
            1 if !follows => 0,
            threads => threads,
        };
        let helpers = awake.min(worth(WORTH_SHARING)).max(woken);
        Plan {
            helpers,
            wakes: follows && helpers == 0,
        }
    }
}

/// Does `each` for all `items`: on this thread alone, or on others too.
pub(crate) fn for_each<I: Send>(items: &mut [I], share: Share, each: impl Fn(&mut I) + Sync) {
    let wanted = share.threads.min(items.len()).saturating_sub(1);
    let helpers: Vec<_> = std::iter::from_fn(Helper::find).take(wanted).collect();
    let pool = if helpers.is_empty() {
        None
    } else {
        POOL.as_ref()
    };
    let Some(pool) = pool else {
        items.iter_mut().for_each(each);
        return;
    };
    let piece = items.len().div_ceil((helpers.len() + 1) * PIECES).max(1);
    let pieces = Mutex::new(items.chunks_mut(piece));
    // The lock is held for as long as it takes to fetch a piece, which does not panic.
    let pieces = || pieces.lock().unwrap_or_else(PoisonError::into_inner);
    let working = AtomicUsize::new(helpers.len());
    pool.in_place_scope(|scope| {
        for helper in helpers {
            scope.spawn(|_| {
                let turn = Turn::begin(helper, pool, &working);
                // From the other end: of batches that lie in the same memory, threads then work on the same part, which
                // is in the caches of their cores.
                while let Some(piece) = { pieces().next_back() } {
                    piece.iter_mut().for_each(&each);
                }
                drop(turn);
            });
        }
        while let Some(piece) = { pieces().next() } {
            piece.iter_mut().for_each(&each);
        }
        wait_for(&working);
    });
}

/// A thread of the pool that has no work, or this.
struct Helper;

impl Helper {
    fn find() -> Option<Self> {
        let more = |busy| (busy < *HELPERS).then_some(busy + 1);
        let found = BUSY.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        found.ok().map(|_| Self)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        BUSY.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The time that a helper works for one batch.
struct Turn<'a> {
    helper: Option<Helper>,
    pool: &'a ThreadPool,
    working: &'a AtomicUsize,
}

impl<'a> Turn<'a> {
    fn begin(helper: Helper, pool: &'a ThreadPool, working: &'a AtomicUsize) -> Self {
        if STAYS_AWAKE.get() {
            AWAKE.fetch_sub(1, Ordering::Relaxed);
        }
        Self {
            helper: Some(helper),
            pool,
            working,
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        AWAKE.fetch_add(1, Ordering::Relaxed);
        drop(self.helper.take());
        // What follows at once finds the helper awake, and free.
        self.working.fetch_sub(1, Ordering::Release);
        if !STAYS_AWAKE.get() {
            self.pool.spawn(stay_awake);
        }
    }
}

/// Waits, not for ever, until nothing is `working`: who waits for a scope's end sleeps, and has to be woken.
fn wait_for(working: &AtomicUsize) {
    let begin = Instant::now();
    while working.load(Ordering::Acquire) > 0 {
        if begin.elapsed() > PATIENCE {
            return;
        }
        spin_loop();
    }
    // The pool itself has yet to count that the work is done.
    (0..16).for_each(|_| spin_loop());
}

/// Has a thread stay awake that has no work, if there is one.
fn wake_one() {
    if let Some(helper) = Helper::find()
        && let Some(pool) = &*POOL
    {
        pool.spawn(|| {
            drop(helper);
            AWAKE.fetch_add(1, Ordering::Relaxed);
            stay_awake();
        });
    }
}

/// Does what work comes to the pool, until none has come for a while. That it is awake is counted already.
fn stay_awake() {
    if !STAYS_AWAKE.replace(true) {
        let mut since = Instant::now();
        while since.elapsed() < PATIENCE {
            if rayon::yield_now() == Some(Yield::Executed) {
                since = Instant::now();
            } else {
                spin_loop();
            }
        }
        STAYS_AWAKE.set(false);
    }
    AWAKE.fetch_sub(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread::{self, ThreadId};

    use super::*;

    fn run(items: usize, threads: usize, nanoseconds: u64) -> (Vec<u32>, BTreeSet<String>) {
        let mut counts = vec![(0, None::<ThreadId>); items];
        let share = Pace::default().share(threads, nanoseconds, false);
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
            assert_eq!(run(items, threads, u64::MAX).0, vec![1; items]);
        }
    }

    #[test]
    fn little_work_and_a_single_thread_stay_on_the_caller() {
        let here = BTreeSet::from([format!("{:?}", Some(thread::current().id()))]);
        assert_eq!(run(8, 4, WORTH_SHARING - 1).1, here);
        assert_eq!(run(8, 1, u64::MAX).1, here);
    }

    #[test]
    fn no_more_threads_work_than_are_allowed() {
        assert!(run(32, 2, u64::MAX).1.len() <= 2);
    }

    #[test]
    fn a_batch_does_not_wait_for_threads_that_are_busy_with_others() {
        let busy: Vec<_> = std::iter::from_fn(Helper::find).collect();
        let here = BTreeSet::from([format!("{:?}", Some(thread::current().id()))]);
        let (counts, threads) = run(8, *CORES, u64::MAX);
        drop(busy);
        assert_eq!((counts, threads), (vec![1; 8], here));
    }

    fn helpers(helpers: usize) -> Plan {
        Plan {
            helpers,
            wakes: false,
        }
    }

    #[test]
    fn threads_are_woken_for_much_work_only() {
        let plan = |nanoseconds| Pace::default().plan(nanoseconds, 0, Instant::now());
        assert_eq!(plan(2 * WORTH_WAKING - 1), helpers(0));
        assert_eq!(plan(2 * WORTH_WAKING), helpers(2));
    }

    #[test]
    fn threads_that_are_awake_share_less_work_than_is_worth_waking_for() {
        let plan = |nanoseconds| Pace::default().plan(nanoseconds, 3, Instant::now());
        assert_eq!(plan(WORTH_SHARING), helpers(1));
        assert_eq!(plan(2 * WORTH_SHARING), helpers(2));
        assert_eq!(plan(5 * WORTH_SHARING - 1), helpers(3));
    }

    #[test]
    fn batches_that_follow_each_other_have_a_thread_woken() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let after = |nanoseconds| start + Duration::from_nanos(nanoseconds);
        assert_eq!(pace.plan(WORTH_SHARING, 0, start), helpers(0));
        let woken = Plan {
            helpers: 0,
            wakes: true,
        };
        assert_eq!(pace.plan(WORTH_SHARING, 0, after(30_000)), woken);
        assert_eq!(pace.plan(WORTH_WAKING, 0, after(60_000)), helpers(1));
        assert_eq!(pace.plan(WORTH_WAKING, 0, after(9_000_000)), helpers(0));
    }
}
