//! How long outputs have to be.
//!
//! The guest's buffer has a length of its own, and the witx modules answer a wrong one with an errno that leaves the
//! state as it was. So it has to be known before the host is asked, from what the WIT says: a ciphertext with its tag is
//! `max-tag-len` bytes longer than its message, except where that is padding. Which of the two it is, a clone of the state
//! can tell; this is asked for once for each name of an algorithm.

use crate::common::number;
use crate::errno::{Errno, Result};
use crate::handles::Entry;
use crate::host;
use crate::landing;
use crate::layout::{ALGORITHMS, field};
use crate::memory::{self, Own};

/// What an algorithm's ciphertexts look like.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Shape {
    /// The algorithm does not encrypt.
    None = 1,
    /// As long as the message: there is no tag.
    Bare,
    /// The message's length and the tag's.
    Tagged,
    /// The next multiple of the block size.
    Padded,
}

/// Names that are remembered. There are fewer algorithms; a guest that spells them in all ways goes without.
const NAMES: u32 = 128;
/// Bytes for each: what its shape is, the length of the name, and the name.
const REMEMBERED: u32 = 32;
const LONGEST: u32 = REMEMBERED - 8;

/// Finds the number of an algorithm's name, for [`Entry::set_algorithm`]; 0 where there is no room for it.
pub fn remember(name: u32, len: u32) -> u32 {
    if len == 0 || len > LONGEST {
        return 0;
    }
    let mut hash = len;
    for offset in 0..len {
        hash = hash
            .wrapping_mul(31)
            .wrapping_add(memory::load8(name + offset));
    }
    for probe in 0..NAMES {
        let slot = hash.wrapping_add(probe) % NAMES;
        let place = field(ALGORITHMS + slot * REMEMBERED);
        if place.at(4).get() == 0 {
            place.at(4).set(len);
            memory::copy(place.at(8).address(), name, len);
            return slot + 1;
        }
        if place.at(4).get() == len && same(place.at(8), name, len) {
            return slot + 1;
        }
    }
    0
}

fn same(own: Own, name: u32, len: u32) -> bool {
    (0..len).all(|offset| own.at(offset).get_u8() == memory::load8(name + offset))
}

/// By how much a ciphertext with its tag can be longer than its message.
pub fn max_tag_len(state: Entry) -> Result<u32> {
    if let Some(len) = state.noted_len() {
        return Ok(len);
    }
    let resource = state.resource();
    let len = number(landing::value64(|ret| {
        host::state_max_tag_len(resource, ret)
    })?)?;
    state.note_len(len);
    Ok(len)
}

/// Holds that an output of `out_len` bytes is right for the ciphertext of `len` bytes with its tag.
pub fn check_encrypt(state: Entry, out_len: u32, len: u32) -> Result<()> {
    let added = max_tag_len(state)?;
    let most = u64::from(len) + u64::from(added);
    if u64::from(out_len) == most {
        return Ok(());
    }
    let least = match shape(state)? {
        Shape::None => return Err(Errno::INVALID_OPERATION),
        Shape::Padded if added != 0 => most - u64::from(len % added),
        _ => most,
    };
    check_range(out_len, least, most)
}

/// Holds that an output of `out_len` bytes is right for what is in the ciphertext of `len` bytes with its tag.
pub fn check_decrypt(state: Entry, out_len: u32, data: u32, len: u32) -> Result<()> {
    let added = max_tag_len(state)?;
    let shape = shape(state)?;
    if shape == Shape::None {
        return Err(Errno::INVALID_OPERATION);
    }
    if len < added {
        // The host has something to say to this.
        return Ok(());
    }
    if shape != Shape::Padded {
        let exact = u64::from(len - added);
        return check_range(out_len, exact, exact);
    }
    check_range(out_len, 0, u64::from(len) + u64::from(added))?;
    if out_len >= len {
        return Ok(());
    }
    // How much of it is padding, only decrypting tells. A clone does it, so that the state stays as it was.
    match on_clone(state, |copy| decrypted_len(copy, data, len)) {
        Ok(Ok(message)) if message > out_len => Err(Errno::OVERFLOW),
        _ => Ok(()),
    }
}

/// Holds that an output is right for an operation that has its tag elsewhere.
pub fn check_detached(state: Entry, out_len: u32, len: u32) -> Result<()> {
    if out_len == len {
        return Ok(());
    }
    match shape(state)? {
        Shape::Tagged => check_range(out_len, len.into(), len.into()),
        _ => Err(Errno::INVALID_OPERATION),
    }
}

fn check_range(len: u32, least: u64, most: u64) -> Result<()> {
    if u64::from(len) < least {
        return Err(Errno::OVERFLOW);
    }
    if u64::from(len) > most {
        return Err(Errno::INVALID_LENGTH);
    }
    Ok(())
}

fn shape(state: Entry) -> Result<Shape> {
    let place = match state.algorithm() {
        0 => return ask_for_shape(state),
        number => field(ALGORITHMS + (number - 1) * REMEMBERED),
    };
    match place.get() {
        1 => Ok(Shape::None),
        2 => Ok(Shape::Bare),
        3 => Ok(Shape::Tagged),
        4 => Ok(Shape::Padded),
        _ => {
            let shape = ask_for_shape(state)?;
            place.set(shape as u32);
            Ok(shape)
        }
    }
}

fn ask_for_shape(state: Entry) -> Result<Shape> {
    let shape = on_clone(state, |copy| {
        let detached = errno(|ret| host::state_decrypt_detached(copy, 0, 0, 0, 0, ret))?;
        if detached != Some(Errno::INVALID_OPERATION) {
            return Ok(Shape::Tagged);
        }
        let attached = errno(|ret| host::state_decrypt(copy, 0, 0, ret))?;
        Ok(if attached == Some(Errno::INVALID_OPERATION) {
            Shape::None
        } else {
            Shape::Padded
        })
    });
    match shape {
        Ok(shape) => shape,
        // Stream ciphers have no clones.
        Err(Errno::UNSUPPORTED_FEATURE) => Ok(Shape::Bare),
        Err(errno) => Err(errno),
    }
}

/// Does something with a clone of a state.
fn on_clone<R>(state: Entry, operation: impl FnOnce(u32) -> R) -> Result<R> {
    let resource = state.resource();
    let copy = landing::value(|ret| host::state_clone(resource, ret))?.get();
    let result = operation(copy);
    host::state_drop(copy);
    Ok(result)
}

/// The errno of a host function that gives a list, which is not of interest.
fn errno(function: impl FnOnce(u32)) -> Result<Option<Errno>> {
    landing::expect_block()?;
    let result = landing::value(function);
    landing::forget_block();
    Ok(result.err())
}

fn decrypted_len(state: u32, data: u32, len: u32) -> Result<u32> {
    landing::expect_block()?;
    let list = landing::value(|ret| host::state_decrypt(state, data, len, ret));
    landing::forget_block();
    Ok(list?.at(4).get())
}
