//! What is left in memory that is given back: for tests. An allocator looks at every block that is freed.

// An allocator cannot be written without.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What secrets are made of in these tests; they are in statics, which are never freed.
const SECRET: [u8; 8] = [0xc3, 0x5a, 0x96, 0xf1, 0x0d, 0xb7, 0x68, 0x2e];

/// A long secret.
pub static SECRETS: [u8; 200_000] = {
    let mut secrets = [0; 200_000];
    let mut i = 0;
    while i < secrets.len() {
        secrets[i] = SECRET[i % SECRET.len()];
        i += 1;
    }
    secrets
};

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(0) };
    /// Whether to look: it takes its time.
    static LOOKING: Cell<bool> = const { Cell::new(false) };
}

struct Watching;

// SAFETY: all memory comes from and goes to the system's allocator. A block is read before it is freed, while it is still
// allocated with that layout, and `alloc` has initialized it.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the system allocator's conditions. Zeroed, so that reading is defined.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block has `layout.size()` bytes, all of them initialized by `alloc`.
        let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
        // From whichever of its bytes on.
        let found = |window: &[u8]| {
            let start = SECRET.iter().position(|&byte| byte == window[0]);
            start.is_some_and(|start| SECRETS[start..].starts_with(window))
        };
        let looking = LOOKING.try_with(Cell::get).unwrap_or(false);
        if looking && bytes.windows(SECRET.len()).any(found) {
            let _ = LEFT.try_with(|left| left.set(left.get() + 1));
        }
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// How many blocks `run` frees with a secret in them.
pub fn left_behind(run: impl FnOnce()) -> usize {
    let before = LEFT.get();
    LOOKING.set(true);
    run();
    LOOKING.set(false);
    LEFT.get() - before
}

#[test]
fn the_allocator_sees_what_is_left_behind() {
    for start in 0..9 {
        let left = left_behind(|| drop(std::hint::black_box(SECRETS[start..100].to_vec())));
        assert_eq!(left, 1, "{start}");
    }
}
