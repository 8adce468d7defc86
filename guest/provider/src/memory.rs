//! The allocator: nothing that is given back keeps its bytes.
//!
//! Lists are copied into this component and out of it by code that is not ours and wipes nothing. Keys and messages are
//! among them.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

/// The system's allocator, which overwrites what it gets back with zeros. Growing is a new block and a copy.
struct Wiping;

// SAFETY: every block comes from the system's allocator and goes back to it with the layout that it was asked for with.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller has promised what the system's allocator requires.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block has this layout, and nobody uses it any more.
        unsafe { block.write_bytes(0, layout.size()) };
        // Without this the compiler may see that nobody reads the zeros, and not write them.
        std::hint::black_box(block);
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
