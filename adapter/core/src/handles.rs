//! The table of handles.
//!
//! A handle is a generation and an index. The generation counts how often the index was used, and no index is used
//! again before all others are that the table has room for: a number comes back after millions of others.

use crate::errno::{Errno, Result};
use crate::layout::{HANDLES, field, page};
use crate::memory::{self, Own, PAGE};

/// What a handle is for.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    Options = 1,
    Key,
    State,
    Tag,
    Manager,
    Array,
}

const INDEX_BITS: u32 = 20;
const MAX_GENERATION: u32 = 2047;

/// Bytes of an entry: the resource, or the next free entry; generation, kind, and whether it is open; a length that was
/// asked for; what is known of lengths.
const ENTRY: u32 = 16;
const PER_PAGE: u32 = PAGE / ENTRY;
const MAX_PAGES: u32 = (1 << INDEX_BITS) / PER_PAGE;

const OPEN: u32 = 0x80;
const UNKNOWN: u32 = u32::MAX;

// Entries that were ever used; pages; the first and the last free entry, plus one; free entries; the pages.
const USED: u32 = HANDLES;
const PAGES: u32 = HANDLES + 4;
const FIRST_FREE: u32 = HANDLES + 8;
const LAST_FREE: u32 = HANDLES + 12;
const FREE: u32 = HANDLES + 16;
const DIRECTORY: u32 = HANDLES + 20;

/// An open handle.
#[derive(Clone, Copy)]
pub struct Entry(Own);

impl Entry {
    /// The resource's handle in the component, or the number of an array's block.
    pub fn resource(self) -> u32 {
        self.0.get()
    }

    /// The length that was noted: of a tag, or that a state's ciphertext adds.
    pub fn noted_len(self) -> Option<u32> {
        let len = self.0.at(8).get();
        (len != UNKNOWN).then_some(len)
    }

    pub fn note_len(self, len: u32) {
        self.0.at(8).set(len);
    }

    /// What `lengths` knows of it, 0 at first.
    pub fn lengths(self) -> u32 {
        self.0.at(12).get()
    }

    pub fn set_lengths(self, lengths: u32) {
        self.0.at(12).set(lengths);
    }
}

/// Finds an open handle.
#[inline(always)]
pub fn find(handle: u32, kind: Kind) -> Result<Entry> {
    let entry = slot(handle).ok_or(Errno::INVALID_HANDLE)?;
    if entry.at(4).get() != meta(handle >> INDEX_BITS, kind) {
        return Err(Errno::INVALID_HANDLE);
    }
    Ok(Entry(entry))
}

/// The resource of an open handle.
pub fn resource(handle: u32, kind: Kind) -> Result<u32> {
    find(handle, kind).map(Entry::resource)
}

/// Closes a handle, and gives its resource, for the caller to drop.
#[inline(always)]
pub fn close(handle: u32, kind: Kind) -> Result<u32> {
    let entry = slot(handle).ok_or(Errno::INVALID_HANDLE)?;
    let now = entry.at(4).get();
    if now != meta(handle >> INDEX_BITS, kind) {
        return Err(not_open(handle, kind, now));
    }
    entry.at(4).set(now & !OPEN);
    let resource = entry.get();
    set_free(entry, handle & ((1 << INDEX_BITS) - 1));
    Ok(resource)
}

/// What closing a handle says that is not open: whether it ever was.
#[cold]
fn not_open(handle: u32, kind: Kind, now: u32) -> Errno {
    let generation = handle >> INDEX_BITS;
    let just_closed = now == meta(generation, kind) & !OPEN;
    let closed_before = generation != 0 && generation < now >> 8;
    if just_closed || closed_before {
        Errno::CLOSED
    } else {
        Errno::INVALID_HANDLE
    }
}

/// Makes room for more handles, so that [`add`] cannot fail that often.
#[inline(always)]
pub fn reserve(count: u32) -> Result<()> {
    page()?;
    if room() < count { grow(count) } else { Ok(()) }
}

fn room() -> u32 {
    field(FREE).get() + field(PAGES).get() * PER_PAGE - field(USED).get()
}

#[cold]
fn grow(count: u32) -> Result<()> {
    while room() < count {
        let pages = field(PAGES).get();
        if pages == MAX_PAGES {
            return Err(Errno::TOO_MANY_HANDLES);
        }
        let page = memory::grow(1).ok_or(Errno::TOO_MANY_HANDLES)?;
        field(DIRECTORY + 4 * pages).set(page.address());
        field(PAGES).set(pages + 1);
    }
    Ok(())
}

/// Adds a resource, for which there is room; gives its handle, and the entry.
#[inline(always)]
pub fn add(kind: Kind, resource: u32) -> (u32, Entry) {
    let index = next_index();
    let entry = entry(index);
    let before = entry.at(4).get() >> 8;
    let generation = if before == MAX_GENERATION {
        1
    } else {
        before + 1
    };
    entry.set(resource);
    entry.at(4).set(meta(generation, kind));
    entry.at(8).set(UNKNOWN);
    entry.at(12).set(0);
    (generation << INDEX_BITS | index, Entry(entry))
}

fn next_index() -> u32 {
    let used = field(USED).get();
    if used < field(PAGES).get() * PER_PAGE {
        field(USED).set(used + 1);
        return used;
    }
    let index = field(FIRST_FREE).get() - 1;
    field(FIRST_FREE).set(entry(index).get());
    field(FREE).set(field(FREE).get() - 1);
    index
}

fn set_free(slot: Own, index: u32) {
    slot.set(0);
    if field(FREE).get() == 0 {
        field(FIRST_FREE).set(index + 1);
    } else {
        entry(field(LAST_FREE).get() - 1).set(index + 1);
    }
    field(LAST_FREE).set(index + 1);
    field(FREE).set(field(FREE).get() + 1);
}

/// The entry of a handle that was assigned at some time.
fn slot(handle: u32) -> Option<Own> {
    let index = handle & ((1 << INDEX_BITS) - 1);
    memory::first_page()?;
    (index < field(USED).get()).then(|| entry(index))
}

fn entry(index: u32) -> Own {
    let page = Own::again(field(DIRECTORY + 4 * (index / PER_PAGE)).get());
    page.at(index % PER_PAGE * ENTRY)
}

fn meta(generation: u32, kind: Kind) -> u32 {
    generation << 8 | OPEN | kind as u32
}
