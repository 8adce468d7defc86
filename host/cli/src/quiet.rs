//! Panics that become errors, of which nothing is to be said twice.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Does `work`, which lets no panic through: nothing is printed of those in it.
pub fn quietly<R>(work: impl FnOnce() -> R) -> R {
    QUIET.set(true);
    let result = work();
    QUIET.set(false);
    result
}

/// Does `work`, unless a library panics in it.
pub fn caught<R>(work: impl FnOnce() -> R) -> Option<R> {
    quietly(|| catch_unwind(AssertUnwindSafe(work)).ok())
}

/// Whether a panic on this thread is one of those.
pub fn is_quiet() -> bool {
    QUIET.get()
}
