//! The adapter's first page.

use crate::blocks;
use crate::errno::{Errno, Result};
use crate::memory::{self, Own, PAGE};

/// Where the host writes its results.
pub const RETURN: u32 = 0;
/// What `landing` keeps: see there.
pub const LANDING: u32 = 32;
/// What `blocks` keeps: the rest of a page that is being cut into blocks, and a list of free blocks for each size.
pub const BLOCKS: u32 = 128;
/// What `handles` keeps: counters, and the addresses of its pages.
pub const HANDLES: u32 = 256;
/// The block with the results of the last batch.
pub const BATCH: u32 = 2048;
/// Where lists go that are too long for their buffers, to be wiped.
pub const DUMP: u32 = 2304;
/// Bytes that there are for them.
pub const DUMP_LEN: u32 = 1024;
/// What `lengths` has found out about algorithms.
pub const ALGORITHMS: u32 = 4096;
/// Blocks begin here.
const BLOCKS_BEGIN: u32 = 8192;

/// The first page; the first call takes it from the guest's memory.
pub fn page() -> Result<Own> {
    match memory::first_page() {
        Some(page) => Ok(page),
        None => take_page(),
    }
}

#[cold]
fn take_page() -> Result<Own> {
    // Fresh pages are zero, which is where everything starts.
    let page = memory::grow(1).ok_or(Errno::OVERFLOW)?;
    memory::set_first_page(page);
    blocks::begin(page.at(BLOCKS_BEGIN), PAGE - BLOCKS_BEGIN);
    Ok(page)
}

/// A field of the first page. For code that runs after [`page`] has succeeded, as all does that has a handle.
pub fn field(offset: u32) -> Own {
    match memory::first_page() {
        Some(page) => page.at(offset),
        None => core::arch::wasm32::unreachable(),
    }
}
