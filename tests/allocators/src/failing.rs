//! An allocator that fails when it is told to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Allocations up to this many bytes never fail: what is not larger is a guest's to decide within narrow bounds.
pub const SMALL: usize = 4096;

thread_local! {
    /// Which large allocation from now on fails; 0 for none.
    static FAILING: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which fails within [`with_failing`].
pub struct Failing;

// SAFETY: all memory comes from and goes to the system's allocator; null says that there is none.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let fails = layout.size() > SMALL
            && FAILING.try_with(|failing| failing.replace(failing.get().saturating_sub(1)))
                == Ok(1);
        if fails {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promises are the system allocator's conditions.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Does `operation`, in which the `nth` large allocation of this thread fails; 1 is the first. Returns what it gives, and
/// whether there was such an allocation.
pub fn with_failing<R>(nth: usize, operation: impl FnOnce() -> R) -> (R, bool) {
    FAILING.set(nth);
    let result = operation();
    let failed = FAILING.replace(0) == 0;
    (result, failed)
}
