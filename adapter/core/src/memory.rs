//! Memory: the guest's, and what the adapter has of it.

use core::arch::wasm32;
use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use crate::errno::{Errno, Result};

/// The size of a page.
pub const PAGE: u32 = 1 << 16;

/// The most bytes that one call may pass to the host. wasmtime stops guests that pass more than 128 MiB, unless told
/// otherwise; below that, it is the host that says what is too much.
pub const MAX_CALL_BYTES: u64 = 120 << 20;

/// The longest name that is passed to the host. No algorithm or option has one as long.
const MAX_NAME: u32 = 128;

// Defined in the object that the build script writes: single instructions, and accesses to two globals.
//
// SAFETY: the signatures are those of the object. The functions access guest memory at any address, 0 and unaligned ones
// included, which Rust's pointers cannot; addresses outside of it trap. No Rust value lives there: the adapter has no
// static data, and its stack and blocks are pages that it has taken for itself. A guest that points into those
// disturbs nobody but itself.
unsafe extern "C" {
    safe fn adapter_state() -> u32;
    safe fn adapter_set_state(address: u32);
    safe fn adapter_copy(to: u32, from: u32, len: u32);
    safe fn adapter_fill(to: u32, byte: u32, len: u32);
    safe fn adapter_load8(address: u32) -> u32;
    safe fn adapter_load32(address: u32) -> u32;
    safe fn adapter_load64(address: u32) -> u64;
    safe fn adapter_store16(address: u32, value: u32);
    safe fn adapter_store32(address: u32, value: u32);
    safe fn adapter_store64(address: u32, value: u64);
}

/// Holds that a slice is within the guest's memory.
pub fn check(address: u32, len: u32) -> Result<()> {
    check_array(address, len, 1)
}

/// Holds that an array of `count` elements is within the guest's memory.
pub fn check_array(address: u32, count: u32, stride: u32) -> Result<()> {
    let size = (wasm32::memory_size::<0>() as u64) << 16;
    if u64::from(address) + u64::from(count) * u64::from(stride) > size {
        return Err(Errno::GUEST_ERROR);
    }
    Ok(())
}

/// Holds that an input is within the guest's memory, and can be passed to the host.
pub fn check_input(address: u32, len: u32) -> Result<()> {
    check(address, len)?;
    if u64::from(len) > MAX_CALL_BYTES {
        return Err(Errno::OVERFLOW);
    }
    Ok(())
}

/// Holds that a name is one that the host may know, and is text: else it is `unknown`.
///
/// All names that there are, are ASCII, so that nothing needs to be known of UTF-8 here.
pub fn check_name(address: u32, len: u32, unknown: Errno) -> Result<()> {
    check(address, len)?;
    if len > MAX_NAME {
        return Err(unknown);
    }
    let mut all = 0;
    let mut offset = 0;
    while offset < len {
        all |= name_part(address, len, offset);
        offset += 8;
    }
    if all & 0x8080_8080_8080_8080 != 0 {
        return Err(unknown);
    }
    Ok(())
}

/// Eight bytes of a name as a number, with zeros behind its end.
pub fn name_part(address: u32, len: u32, offset: u32) -> u64 {
    let left = len.saturating_sub(offset);
    match len {
        // Nothing outside of the name is read: there might be no memory.
        _ if left == 0 => 0,
        _ if left >= 8 => adapter_load64(address + offset),
        8.. => adapter_load64(address + len - 8) >> (8 * (8 - left)),
        4.. => {
            let last = u64::from(load32(address + len - 4));
            u64::from(load32(address)) | last << (8 * (len - 4))
        }
        _ => {
            let byte = |at| u64::from(load8(address + at)) << (8 * at);
            byte(0) | byte(len / 2) | byte(len - 1)
        }
    }
}

/// A byte of guest memory.
pub fn load8(address: u32) -> u32 {
    adapter_load8(address)
}

/// A number in guest memory, at any alignment.
pub fn load32(address: u32) -> u32 {
    adapter_load32(address)
}

/// Writes the lower half of a number to guest memory, at any alignment.
pub fn store16(address: u32, value: u32) {
    adapter_store16(address, value);
}

/// Writes a number to guest memory, at any alignment.
pub fn store32(address: u32, value: u32) {
    adapter_store32(address, value);
}

/// Writes a number to guest memory, at any alignment.
pub fn store64(address: u32, value: u64) {
    adapter_store64(address, value);
}

/// Copies bytes from anywhere to anywhere; the two may overlap.
pub fn copy(to: u32, from: u32, len: u32) {
    adapter_copy(to, from, len);
}

/// Fills bytes.
pub fn fill(to: u32, byte: u8, len: u32) {
    adapter_fill(to, byte.into(), len);
}

/// Takes pages for the adapter.
pub fn grow(pages: u32) -> Option<Own> {
    let before = wasm32::memory_grow::<0>(pages as usize);
    (before != usize::MAX).then_some(Own((before as u32) << 16))
}

/// The adapter's first page, if it has one yet.
pub fn first_page() -> Option<Own> {
    match adapter_state() {
        0 => None,
        address => Some(Own(address)),
    }
}

pub fn set_first_page(page: Own) {
    adapter_set_state(page.0);
}

/// An address in pages that the adapter has taken for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Own(u32);

impl Own {
    /// The address again that [`Own::address`] gave.
    pub fn again(address: u32) -> Self {
        Self(address)
    }

    pub fn address(self) -> u32 {
        self.0
    }

    pub fn at(self, offset: u32) -> Self {
        Self(self.0 + offset)
    }

    pub fn get(self) -> u32 {
        // SAFETY: the adapter's pages are memory that no Rust object occupies and that only it accesses, by addresses that
        // it has computed to be multiples of 4, within those pages, and never 0, where the guest's own memory begins.
        unsafe { with_exposed_provenance::<u32>(self.0 as usize).read() }
    }

    pub fn set(self, value: u32) {
        // SAFETY: as for `get`.
        unsafe { with_exposed_provenance_mut::<u32>(self.0 as usize).write(value) }
    }

    pub fn get_u8(self) -> u32 {
        // SAFETY: as for `get`, without a need for alignment.
        unsafe { with_exposed_provenance::<u8>(self.0 as usize).read() }.into()
    }

    pub fn get_u64(self) -> u64 {
        u64::from(self.get()) | u64::from(self.at(4).get()) << 32
    }

    pub fn set_u64(self, value: u64) {
        self.set(value as u32);
        self.at(4).set((value >> 32) as u32);
    }
}
