//! An allocator that looks at what is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Blocks that were freed with a secret in them.
    static LEFT: Cell<usize> = const { Cell::new(0) };
    /// Whether to look: it takes its time.
    static LOOKING: Cell<bool> = const { Cell::new(false) };
    /// Bytes allocated.
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which looks for secrets in every block that is freed within [`left_behind`].
///
/// The test itself keeps its secrets in statics, which are never freed.
pub struct Watching {
    patterns: &'static [&'static [u8]],
}

impl Watching {
    /// An allocator that looks for secrets made of one of these patterns, over and over again.
    pub const fn new(patterns: &'static [&'static [u8]]) -> Self {
        Self { patterns }
    }

    /// Returns whether a secret is in there: as many of its bytes as its pattern has, from whichever of them on.
    pub fn holds_secret(&self, bytes: &[u8]) -> bool {
        let holds = |pattern: &&[u8]| {
            let found = |window: &[u8]| {
                (0..pattern.len()).any(|start| {
                    let (end, begin) = pattern.split_at(start);
                    window[0] == begin[0]
                        && window.starts_with(begin)
                        && window[begin.len()..] == *end
                })
            };
            bytes.windows(pattern.len()).any(found)
        };
        self.patterns.iter().any(holds)
    }
}

// SAFETY: all memory comes from and goes to the system's allocator. A block is read before it is freed, while it is still
// allocated with that layout, and `alloc` has initialized it.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = TAKEN.try_with(|taken| taken.set(taken.get() + layout.size()));
        // SAFETY: the caller's promises are the system allocator's conditions. Zeroed, so that reading is defined.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if LOOKING.try_with(Cell::get).unwrap_or(false) {
            // SAFETY: the block has `layout.size()` bytes, all of them initialized by `alloc`.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            if self.holds_secret(bytes) {
                let _ = LEFT.try_with(|left| left.set(left.get() + 1));
            }
        }
        // SAFETY: the caller's promises are the system allocator's conditions.
        unsafe { System.dealloc(block, layout) }
    }
}

/// How many blocks `run` frees on this thread with a secret in them.
pub fn left_behind(run: impl FnOnce()) -> usize {
    let before = LEFT.get();
    LOOKING.set(true);
    run();
    LOOKING.set(false);
    LEFT.get() - before
}

/// How many bytes this thread has allocated so far.
pub fn taken() -> usize {
    TAKEN.get()
}

/// A secret that is made of a pattern, over and over again.
pub const fn repeated<const LEN: usize>(pattern: [u8; 8]) -> [u8; LEN] {
    let mut secret = [0; LEN];
    let mut at = 0;
    while at < LEN {
        secret[at] = pattern[at % 8];
        at += 1;
    }
    secret
}
