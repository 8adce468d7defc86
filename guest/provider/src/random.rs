//! Randomness for the engine: that of the component's host.

#![allow(unsafe_code)]

use getrandom::Error;

use crate::bindings::wasi::random::random::get_random_bytes;

/// What getrandom calls when it is built with `--cfg getrandom_backend="custom"`.
///
/// # Safety
///
/// There are `len` bytes at `dest` that nobody else uses.
// SAFETY: nothing else has this name; it is the one that getrandom's documentation gives.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(dest: *mut u8, len: usize) -> Result<(), Error> {
    let bytes = get_random_bytes(len as u64);
    if bytes.len() != len {
        return Err(Error::UNEXPECTED);
    }
    // SAFETY: both are `len` bytes, and what was just allocated is not where getrandom wants it.
    unsafe { dest.copy_from_nonoverlapping(bytes.as_ptr(), len) };
    Ok(())
}
