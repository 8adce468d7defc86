//! `witx-rules ROUTINE`: what the witx functions make of buffers, handles and pointers. A routine panics where an errno or
//! a byte is not what it should be.

mod handles;
mod lengths;
mod pointers;

use std::process::ExitCode;

use wasi_crypto_legacy_guests::lent::Guarded;
use wasi_crypto_legacy_guests::state::{aead, close, encrypt_into};

/// Far outside of any memory that these guests have.
const NOWHERE: i32 = i32::MIN;

const MESSAGE: &[u8] = b"a message of some bytes";

fn main() -> ExitCode {
    wasi_crypto_legacy_guests::main(&[
        ("encrypt-lengths", lengths::encrypt_lengths),
        ("decrypt-lengths", lengths::decrypt_lengths),
        ("padded-lengths", lengths::padded_lengths),
        ("detached-lengths", lengths::detached_lengths),
        (
            "lengths-that-may-be-larger",
            lengths::lengths_that_may_be_larger,
        ),
        ("overlapping", pointers::overlapping),
        ("unaligned", pointers::unaligned),
        ("null", pointers::null),
        ("out-of-bounds", pointers::out_of_bounds),
        ("handles", handles::handles),
        ("every-handle", handles::every_handle),
        ("array-output", lengths::array_output),
        ("names", pointers::names),
        ("at-the-end", pointers::at_the_end),
        ("lengths-of-others", lengths::lengths_of_others),
        ("unions", pointers::unions),
        ("guest-buffer", lengths::guest_buffer),
        ("not-implemented", handles::not_implemented),
        ("secrets", handles::secrets),
        (
            "failed-calls-leave-results",
            handles::failed_calls_leave_results,
        ),
    ])
}

fn gcm() -> i32 {
    aead("AES-256-GCM", 32, 12)
}

fn sealed() -> Vec<u8> {
    let state = gcm();
    let mut out = Guarded::new(MESSAGE.len() + 16, 0);
    encrypt_into(state, &mut out, MESSAGE).expect("room for the tag");
    close(state);
    out.bytes().to_vec()
}
