//! Handles, with the calls that make and close them.

use crate::errno::Errno;
use crate::lent::{address, done, result, size};
use crate::raw;

/// An optional handle as the witx modules lay it out.
#[repr(C)]
pub struct Optional {
    tag: u8,
    padding: [u8; 3],
    handle: i32,
}

impl Optional {
    /// With a handle, or without.
    pub fn new(handle: Option<i32>) -> Self {
        Self {
            tag: u8::from(handle.is_none()),
            padding: [0; 3],
            handle: handle.unwrap_or_default(),
        }
    }

    /// With a tag that means nothing.
    pub fn bad() -> Self {
        Self {
            tag: 2,
            ..Self::new(None)
        }
    }
}

/// Imports a key.
pub fn key(algorithm: &str, raw: &[u8]) -> Result<i32, Errno> {
    result(|out| {
        raw::symmetric_key_import(
            address(algorithm),
            size(algorithm.as_bytes()),
            address(raw),
            size(raw),
            out,
        )
    })
}

/// Opens a set of options for symmetric algorithms.
pub fn options() -> Result<i32, Errno> {
    result(|out| raw::options_open(1, out))
}

/// Sets an option.
pub fn set(options: i32, name: &str, value: &[u8]) -> Result<(), Errno> {
    done(raw::options_set(
        options,
        address(name),
        size(name.as_bytes()),
        address(value),
        size(value),
    ))
}

/// Opens a state.
pub fn open(algorithm: &str, key: Option<i32>, options: Option<i32>) -> Result<i32, Errno> {
    let key = Optional::new(key);
    let options = Optional::new(options);
    result(|out| {
        raw::symmetric_state_open(
            address(algorithm),
            size(algorithm.as_bytes()),
            address(&key),
            address(&options),
            out,
        )
    })
}

/// Opens a state with a key and a nonce of zeros, and closes both.
pub fn aead(algorithm: &str, key_len: usize, nonce_len: usize) -> i32 {
    let key = key(algorithm, &vec![0; key_len]).expect("a key");
    let state = aead_with(algorithm, key, nonce_len).expect("a state");
    done(raw::symmetric_key_close(key)).expect("an open key");
    state
}

/// Opens a state with a key that there is, and a nonce of zeros.
pub fn aead_with(algorithm: &str, key: i32, nonce_len: usize) -> Result<i32, Errno> {
    let options = options().expect("options");
    set(options, "nonce", &vec![0; nonce_len]).expect("a nonce");
    let state = open(algorithm, Some(key), Some(options));
    done(raw::options_close(options)).expect("open options");
    state
}

/// Absorbs.
pub fn absorb(state: i32, data: &[u8]) -> Result<(), Errno> {
    done(raw::symmetric_state_absorb(
        state,
        address(data),
        size(data),
    ))
}

/// Closes a state.
pub fn close(state: i32) {
    done(raw::symmetric_state_close(state)).expect("an open state");
}

/// Encrypts into a buffer of a given length, whatever that leads to.
pub fn encrypt_into(state: i32, out: &mut crate::lent::Guarded, data: &[u8]) -> Result<u32, Errno> {
    let (at, len) = (out.at(), out.len());
    result(|written| {
        raw::symmetric_state_encrypt(state, at, len, address(data), size(data), written)
    })
}

/// Decrypts into a buffer of a given length, whatever that leads to.
pub fn decrypt_into(state: i32, out: &mut crate::lent::Guarded, data: &[u8]) -> Result<u32, Errno> {
    let (at, len) = (out.at(), out.len());
    result(|written| {
        raw::symmetric_state_decrypt(state, at, len, address(data), size(data), written)
    })
}
