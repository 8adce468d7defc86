//! The adapter: what a core module imports from the witx modules of wasi-crypto, on top of what the WIT package
//! `wasi-ephemeral:crypto` gives a component.
//!
//! It is a module without data, tables or memory of its own, as `wit-component` requires of adapters. It lives in the
//! memory of the module that it adapts: in pages that it takes with `memory.grow`, where it keeps one table of handles
//! (`handles`) and the blocks (`blocks`) that it lends to the guest or to the host. Results of the host land in the
//! guest's own buffers (`landing`).
//!
//! Whatever a guest passes, it gets an errno: addresses are checked against the size of memory, handles against the
//! table, names and enumerations before the component model looks at them, since there each would be a trap.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]
#![no_std]
#![deny(missing_docs)]
// An adapter is made of what needs it: exported symbols, imported ones, and memory that is known by its address. All
// accesses to memory are in `memory`.
#![allow(unsafe_code)]

#[macro_use]
mod export;

mod batch;
mod blocks;
mod common;
mod errno;
mod handles;
mod host;
mod landing;
mod layout;
mod lengths;
mod managed;
mod memory;
mod stubs;
mod symmetric;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
