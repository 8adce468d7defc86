//! Independent work on several threads.
//!
//! What takes milliseconds gets threads of its own, which is nothing beside that. Less is shared with helpers: threads that
//! stay awake for a while after they have worked, since to wake one can take longer than the work. A batch asks only for
//! helpers that are free, so that it waits for nobody else's work; and nothing that helpers do may spread to other
//! threads itself, as password hashes do, or they would wait for each other.

use std::cell::Cell;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use std::{process, thread};

use rayon::{ThreadPool, ThreadPoolBuilder, Yield};

/// As many threads as can work at a time. Asked for once, since finding out takes longer than making a context.
pub(crate) static CORES: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));

// All times are nanoseconds.

/// How long a thread stays awake for more work, and how long the guest's waits for one without sleeping. On a virtual
/// machine it takes 50 to 80 µs until a thread works that slept, so waiting costs little more than it can save.
const PATIENCE: u64 = 100_000;
/// A thread that is awake and has not looked for work for so long has been stopped by the system.
const LOST: u64 = 10_000;
/// The work of one thread that is worth a helper which is awake: it takes one or two microseconds to have it begin and to
/// see that it is done.
const WORTH_SHARING: u64 = 20_000;
/// The work that is worth a helper which has to be woken.
const WORTH_WAKING: u64 = 100_000;
/// The work that is worth threads of its own, and that of each.
const LONG: u64 = 5_000_000;
const WORTH_STARTING: u64 = 1_000_000;
/// More than that have little to do for work that is not long.
const MOST_HELPERS: usize = 15;
/// Pieces for each thread, so that none has to wait long for a slow one.
const PIECES: usize = 4;

/// How the work of a batch is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share(Threads);

/// Who works beside the guest's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Threads {
    None,
    /// So many helpers that are awake.
    Awake(usize),
    /// So many helpers.
    Helpers(usize),
    /// So many new ones.
    New(usize),
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
        self.0 != Threads::None
    }
}

/// How batches follow each other.
///
/// Where one that is too short for waking a helper follows another at once, one is woken for those to come.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Until when another batch comes at once.
    until: u64,
}

impl Pace {
    /// Decides how work that takes one thread some `nanoseconds` is shared among at most as many `threads`.
    pub(crate) fn share(&mut self, threads: usize, nanoseconds: u64) -> Share {
        let others = threads.min(*CORES).saturating_sub(1);
        let threads = if others == 0 || nanoseconds < WORTH_SHARING {
            Threads::None
        } else if nanoseconds >= LONG {
            Threads::New(others.min(worth(nanoseconds, WORTH_STARTING)))
        } else {
            let (now, helpers) = (now(), helpers());
            let (threads, wakes) = self.plan(nanoseconds, Helper::awake(helpers, now).count(), now);
            if wakes {
                Helper::wake_one(helpers, now);
            }
            match threads {
                Threads::Awake(helpers) => Threads::Awake(helpers.min(others)),
                Threads::Helpers(helpers) => Threads::Helpers(helpers.min(others)),
                threads => threads,
            }
        };
        Share(threads)
    }

    /// Who does work that is not long, and whether one is to be woken for what comes next.
    fn plan(&mut self, nanoseconds: u64, awake: usize, now: u64) -> (Threads, bool) {
        let follows = now < self.until;
        self.until = now.saturating_add(nanoseconds).saturating_add(PATIENCE);
        // When nothing more is to be expected, helpers that are woken for this have to pay by this alone.
        let woken = match worth(nanoseconds, WORTH_WAKING) {
            1 if !follows => 0,
            helpers => helpers,
        };
        match awake.min(worth(nanoseconds, WORTH_SHARING)) {
            0 if woken == 0 => (Threads::None, follows),
            awake if awake >= woken => (Threads::Awake(awake), false),
            _ => (Threads::Helpers(woken), false),
        }
    }
}

/// How many threads some work is worth, of which each should have so much.
fn worth(nanoseconds: u64, each: u64) -> usize {
    usize::try_from(nanoseconds / each).unwrap_or(usize::MAX)
}

/// Does `each` for all `items`: on this thread alone, or on others too.
pub(crate) fn for_each<I: Send>(items: &mut [I], share: Share, each: impl Fn(&mut I) + Sync) {
    let most = items.len().saturating_sub(1);
    match share.0 {
        Threads::None => items.iter_mut().for_each(each),
        Threads::Awake(others) => with_helpers(&Helper::take(others.min(most), true), items, each),
        Threads::Helpers(others) => {
            with_helpers(&Helper::take(others.min(most), false), items, each);
        }
        Threads::New(others) => with_threads(others.min(most), items, each),
    }
}

fn with_threads<I: Send>(others: usize, items: &mut [I], each: impl Fn(&mut I) + Sync) {
    let pieces = Pieces::new(items, others + 1);
    thread::scope(|scope| {
        for _ in 0..others {
            let thread = thread::Builder::new().name("wasi-crypto".into());
            let work = || pieces.work(&each, End::Back);
            if thread.spawn_scoped(scope, work).is_err() {
                // Those that there are do it.
                break;
            }
        }
        pieces.work(&each, End::Front);
    });
}

fn with_helpers<I: Send>(helpers: &[Taken], items: &mut [I], each: impl Fn(&mut I) + Sync) {
    let pieces = Pieces::new(items, helpers.len() + 1);
    let working = AtomicUsize::new(helpers.len());
    let help = |taken: &Taken| {
        let turn = Turn(taken, &working);
        pieces.work(&each, End::Back);
        drop(turn);
    };
    begin(helpers, &help, &|| {
        pieces.work(&each, End::Front);
        wait_for(&working);
    });
}

/// Has each of the helpers do `help`, and this thread `own`; returns when all of it is done.
fn begin(helpers: &[Taken], help: &(impl Fn(&Taken) + Sync), own: &impl Fn()) {
    let Some((first, rest)) = helpers.split_first() else {
        return own();
    };
    first.0.pool.in_place_scope(|scope| {
        scope.spawn(|_| help(first));
        begin(rest, help, own);
    });
}

/// Waits, not for ever, until nothing is `working`: who waits for a scope's end sleeps, and has to be woken.
fn wait_for(working: &AtomicUsize) {
    let begin = now();
    while working.load(Ordering::Acquire) > 0 {
        if now() - begin > PATIENCE {
            return;
        }
        spin_loop();
    }
    // The pool itself has yet to count that the work is done.
    (0..16).for_each(|_| spin_loop());
}

/// What is still to do.
struct Pieces<'a, I>(Mutex<std::slice::ChunksMut<'a, I>>);

/// From where a thread takes pieces. Other threads than the guest's begin at the back: of batches that lie in the same memory,
/// they then work on the same part, which is in the caches of their cores.
#[derive(Clone, Copy)]
enum End {
    Front,
    Back,
}

impl<'a, I> Pieces<'a, I> {
    fn new(items: &'a mut [I], threads: usize) -> Self {
        let len = items.len().div_ceil(threads * PIECES).max(1);
        Self(Mutex::new(items.chunks_mut(len)))
    }

    /// Takes pieces, and does them, until none is left.
    fn work(&self, each: &impl Fn(&mut I), end: End) {
        while let Some(piece) = self.next(end) {
            piece.iter_mut().for_each(each);
        }
    }

    fn next(&self, end: End) -> Option<&'a mut [I]> {
        // The lock is held for as long as it takes to fetch a piece, which does not panic.
        let mut pieces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match end {
            End::Front => pieces.next(),
            End::Back => pieces.next_back(),
        }
    }
}

/// A thread that helps.
struct Helper {
    /// With this one thread, so that it is this that gets what is sent there.
    pool: ThreadPool,
    is_taken: AtomicBool,
    /// When it looked for work; 0 if it sleeps.
    looked: AtomicU64,
}

/// Those that a process has started; none where the system gives none.
struct Helpers {
    all: Vec<Helper>,
    process: u32,
}

impl Helpers {
    fn start() -> Self {
        let helper = |number| {
            let builder = ThreadPoolBuilder::new().num_threads(1);
            let builder = builder.thread_name(move |_| format!("wasi-crypto-{number}"));
            Some(Helper {
                pool: builder.build().ok()?,
                is_taken: AtomicBool::new(false),
                looked: AtomicU64::new(0),
            })
        };
        Self {
            all: (1..*CORES).take(MOST_HELPERS).map_while(helper).collect(),
            process: process::id(),
        }
    }
}

/// The helpers of this process. One that was forked from another has none: it would wait for ever for those of the other.
fn helpers() -> &'static [Helper] {
    static HELPERS: OnceLock<Helpers> = OnceLock::new();
    if HELPERS.get().is_none() {
        // Whoever comes second lets its own go. Nobody holds a lock meanwhile that a forked process would wait for.
        let _ = HELPERS.set(Helpers::start());
    }
    match HELPERS.get() {
        Some(helpers) if helpers.process == process::id() => &helpers.all,
        _ => &[],
    }
}

thread_local! {
    /// Whether this thread is a helper that stays awake.
    static STAYS_AWAKE: Cell<bool> = const { Cell::new(false) };
}

impl Helper {
    fn is_awake(&self, now: u64) -> bool {
        let looked = self.looked.load(Ordering::Relaxed);
        looked != 0 && now.saturating_sub(looked) < LOST
    }

    /// Those of `helpers` that are awake, and free.
    fn awake(helpers: &'static [Self], now: u64) -> impl Iterator<Item = &'static Self> {
        let is_free = |helper: &&Self| !helper.is_taken.load(Ordering::Relaxed);
        let free = helpers.iter().filter(is_free);
        free.filter(move |helper| helper.is_awake(now))
    }

    /// Takes helpers that are free, first those that are awake.
    fn take(count: usize, only_awake: bool) -> Vec<Taken> {
        let all = helpers();
        let others = if only_awake { &[] } else { all };
        let candidates = Self::awake(all, now()).chain(others);
        candidates.filter_map(Taken::of).take(count).collect()
    }

    /// Has one stay awake that sleeps, if there is one.
    fn wake_one(helpers: &'static [Self], now: u64) {
        let mut asleep = helpers.iter().filter(|helper| !helper.is_awake(now));
        if let Some(taken) = asleep.find_map(Taken::of) {
            let helper = taken.0;
            helper.pool.spawn(move || {
                drop(taken);
                helper.stay_awake();
            });
        }
    }

    /// Does what work comes, until none has come for a while.
    fn stay_awake(&self) {
        if STAYS_AWAKE.replace(true) {
            return;
        }
        let mut since = now();
        loop {
            let now = now();
            if now - since > PATIENCE {
                break;
            }
            self.looked.store(now, Ordering::Relaxed);
            if rayon::yield_now() == Some(Yield::Executed) {
                since = self::now();
            } else {
                spin_loop();
            }
        }
        self.looked.store(0, Ordering::Relaxed);
        STAYS_AWAKE.set(false);
    }
}

/// A helper that nobody else can take.
struct Taken(&'static Helper);

impl Taken {
    fn of(helper: &'static Helper) -> Option<Self> {
        let was_taken = helper.is_taken.swap(true, Ordering::Acquire);
        (!was_taken).then_some(Self(helper))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.is_taken.store(false, Ordering::Release);
    }
}

/// The time that a helper works for one batch.
struct Turn<'a>(&'a Taken, &'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Self(Taken(helper), working) = self;
        helper.looked.store(now(), Ordering::Relaxed);
        if !STAYS_AWAKE.get() {
            helper.pool.spawn(|| helper.stay_awake());
        }
        working.fetch_sub(1, Ordering::Release);
    }
}

/// The time since the first call, and never 0.
fn now() -> u64 {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(FIRST.elapsed().as_nanos()).map_or(u64::MAX, |now| now.max(1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::MutexGuard;
    use std::thread::ThreadId;
    use std::time::Duration;

    use super::*;

    /// One test at a time has the helpers.
    fn alone() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often each item was worked on, and by whom all were.
    fn run(items: usize, share: Share) -> (Vec<u32>, BTreeSet<String>) {
        let mut counts = vec![(0, None::<ThreadId>); items];
        for_each(&mut counts, share, |(count, thread)| {
            *count += 1;
            *thread = Some(thread::current().id());
            // Long enough for another thread to come.
            thread::sleep(Duration::from_millis(2));
        });
        counts
            .into_iter()
            .map(|(count, thread)| (count, format!("{thread:?}")))
            .unzip()
    }

    fn this_thread() -> BTreeSet<String> {
        BTreeSet::from([format!("{:?}", Some(thread::current().id()))])
    }

    /// Whether `condition` comes true before long.
    fn soon(condition: impl Fn() -> bool) -> bool {
        let begin = Instant::now();
        while !condition() {
            if begin.elapsed() > Duration::from_secs(20) {
                return false;
            }
            thread::yield_now();
        }
        true
    }

    fn all_are_free() -> bool {
        Helper::take(usize::MAX, false).len() == helpers().len()
    }

    #[test]
    fn every_item_is_worked_on_once() {
        let _alone = alone();
        for (items, threads) in [(0, 3), (1, 3), (3, 3), (17, 1), (64, 2)] {
            for threads in [
                Threads::None,
                Threads::Awake(threads),
                Threads::Helpers(threads),
                Threads::New(threads),
            ] {
                assert_eq!(run(items, Share(threads)).0, vec![1; items], "{threads:?}");
            }
        }
    }

    #[test]
    fn several_threads_work_at_the_same_time() {
        let _alone = alone();
        // With one core there is no helper.
        let helpers = helpers().iter().take(1).map(|_| Threads::Helpers(1));
        for threads in helpers.chain([Threads::New(1)]) {
            let arrived = AtomicUsize::new(0);
            let mut met = [false; 2];
            for_each(&mut met, Share(threads), |met| {
                arrived.fetch_add(1, Ordering::Relaxed);
                *met = soon(|| arrived.load(Ordering::Relaxed) == 2);
            });
            assert_eq!(met, [true; 2], "{threads:?}");
        }
    }

    #[test]
    fn no_more_threads_work_than_are_asked_for() {
        let _alone = alone();
        for threads in [Threads::Helpers(1), Threads::New(1)] {
            assert!(run(32, Share(threads)).1.len() <= 2);
        }
    }

    #[test]
    fn a_batch_does_not_wait_for_helpers_that_work_for_others() {
        let _alone = alone();
        let taken = Helper::take(usize::MAX, false);
        assert_eq!(taken.len(), helpers().len());
        let done = run(8, Share(Threads::Helpers(usize::MAX)));
        assert_eq!(done, (vec![1; 8], this_thread()));
    }

    #[test]
    fn helpers_stay_awake_for_a_while_and_are_free_then() {
        let _alone = alone();
        for end in ["as it should", "with a panic"] {
            let done = catch_unwind(AssertUnwindSafe(|| {
                for_each(&mut [0; 64], Share(Threads::Helpers(1)), |_| {
                    assert_eq!(end, "as it should");
                });
            }));
            assert_eq!(done.is_ok(), end == "as it should");
            assert!(all_are_free(), "{end}");
            assert!(
                soon(|| Helper::awake(helpers(), now()).next().is_none()),
                "{end}"
            );
        }
        Helper::wake_one(helpers(), now());
        assert!(soon(all_are_free));
    }

    #[test]
    fn little_work_and_a_single_thread_stay_on_the_caller() {
        let share = |threads, nanoseconds| Pace::default().share(threads, nanoseconds);
        assert!(!share(4, WORTH_SHARING - 1).is_among_several());
        assert!(!share(1, u64::MAX).is_among_several());
    }

    #[test]
    fn long_work_gets_threads_of_its_own() {
        let most = CORES.saturating_sub(1);
        let expected = match most {
            0 => Threads::None,
            _ => Threads::New(most),
        };
        let share = Pace::default().share(usize::MAX, u64::MAX);
        assert_eq!(share, Share(expected));
    }

    #[test]
    fn helpers_are_woken_for_much_work_only() {
        let plan = |nanoseconds| Pace::default().plan(nanoseconds, 0, 1);
        assert_eq!(plan(2 * WORTH_WAKING - 1), (Threads::None, false));
        assert_eq!(plan(2 * WORTH_WAKING), (Threads::Helpers(2), false));
    }

    #[test]
    fn helpers_that_are_awake_share_less_work_than_is_worth_waking_for() {
        let plan = |nanoseconds| Pace::default().plan(nanoseconds, 3, 1).0;
        assert_eq!(plan(WORTH_SHARING), Threads::Awake(1));
        assert_eq!(plan(2 * WORTH_SHARING), Threads::Awake(2));
        assert_eq!(plan(5 * WORTH_SHARING - 1), Threads::Awake(3));
        assert_eq!(plan(4 * WORTH_WAKING), Threads::Helpers(4));
    }

    #[test]
    fn batches_that_follow_each_other_have_a_helper_woken() {
        let mut pace = Pace::default();
        assert_eq!(pace.plan(WORTH_SHARING, 0, 1), (Threads::None, false));
        assert_eq!(pace.plan(WORTH_SHARING, 0, 30_000), (Threads::None, true));
        let shared = (Threads::Helpers(1), false);
        assert_eq!(pace.plan(WORTH_WAKING, 0, 60_000), shared);
        assert_eq!(
            pace.plan(WORTH_WAKING, 0, 9_000_000),
            (Threads::None, false)
        );
    }

    #[cfg(target_os = "linux")]
    mod processes {
        use wasi_crypto_test_process::{succeeds_in_a_fork, without_threads};

        use super::*;

        /// Holds that batches of every size are done.
        fn batches_are_done() {
            for threads in [Threads::Awake(2), Threads::Helpers(2), Threads::New(2)] {
                assert_eq!(run(8, Share(threads)).0, vec![1; 8], "{threads:?}");
            }
            let mut pace = Pace::default();
            for nanoseconds in [WORTH_SHARING, WORTH_WAKING, 4 * WORTH_WAKING, LONG] {
                for _ in 0..3 {
                    let share = pace.share(usize::MAX, nanoseconds);
                    assert_eq!(run(8, share).0, vec![1; 8], "{share:?}");
                }
            }
        }

        #[test]
        fn a_forked_process_does_its_batches_alone() {
            let _alone = alone();
            batches_are_done();
            assert!(succeeds_in_a_fork(batches_are_done));
        }

        #[test]
        fn a_process_that_can_start_no_thread_does_its_batches_alone() {
            without_threads(
                "parallel::tests::processes::a_process_that_can_start_no_thread_does_its_batches_alone",
                batches_are_done,
            );
        }
    }
}
