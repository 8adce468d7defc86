//! How long outputs have to be.
//!
//! The guest's buffer has a length of its own, and the witx modules answer a wrong one with an errno that leaves the
//! state as it was. So it has to be known before the host is asked, from what the WIT says: a ciphertext with its tag is
//! `max-tag-len` bytes longer than its message, except where that is padding. Which of the two it is, a clone of the state
//! can tell.
//!
//! Both are asked for once for each name of an algorithm, with a key and without. Options can change lengths; of states
//! with options other than a nonce, which cannot, `max-tag-len` is asked for each.

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
const NAMES_BITS: u32 = 7;
/// Bytes for each: the length of the name, whether there is a key, and the shape; `max-tag-len` plus one; the name.
const REMEMBERED: u32 = 32;
const MAX_TAG_LEN: u32 = 4;
const NAME: u32 = 8;
const LONGEST: u32 = REMEMBERED - NAME;
const HAS_KEY: u32 = 1 << 8;
const SHAPE_SHIFT: u32 = 16;

// What is noted of a state and of a set of options: the number of the state's name, plus one; whether there are options
// that can change lengths; and how many units of so many bytes the longest value of an option takes.
const NUMBER: u32 = 0xff;
const HAS_OPTIONS: u32 = 1 << 8;
const LONGEST_SHIFT: u32 = 9;
const LONGEST_UNIT: u32 = 16;
const MOST_UNITS: u32 = u32::MAX >> LONGEST_SHIFT;

/// What is noted of a managed key.
const IS_MANAGED: u32 = 1;

/// Notes that a key is managed, so that it can be longer than others.
pub fn note_managed(key: Entry) {
    key.set_lengths(IS_MANAGED);
}

/// Whether that was noted of a key.
pub fn is_managed(key: Entry) -> bool {
    key.lengths() == IS_MANAGED
}

/// Whether an option is the nonce.
pub fn is_nonce(name: u32, len: u32) -> bool {
    const UPPER: u32 = 0x2020_2020;
    len == 5
        && memory::load32(name) | UPPER == u32::from_le_bytes(*b"nonc")
        && memory::load8(name + 4) | UPPER & 0xff == u32::from(b'e')
}

/// Notes that lengths may depend on a set of options.
pub fn note_option(options: Entry) {
    options.set_lengths(options.lengths() | HAS_OPTIONS);
}

/// Notes that a set of options is given a value of `len` bytes, which can be passed to the host.
pub fn note_value(options: Entry, len: u32) {
    let units = len.div_ceil(LONGEST_UNIT).min(MOST_UNITS);
    let noted = options.lengths();
    if units > noted >> LONGEST_SHIFT {
        let others = noted & ((1 << LONGEST_SHIFT) - 1);
        options.set_lengths(others | units << LONGEST_SHIFT);
    }
}

/// How long the longest value of an option of this state can be.
pub fn longest_value(state: Entry) -> u32 {
    (state.lengths() >> LONGEST_SHIFT) * LONGEST_UNIT
}

/// What to note of a new state.
pub fn of_state(name: u32, len: u32, has_key: bool, options: Option<Entry>) -> u32 {
    let number = remember(name, len, if has_key { HAS_KEY } else { 0 });
    number | options.map_or(0, Entry::lengths)
}

/// Finds the number of an algorithm's name, plus one; 0 where there is no room for it.
fn remember(name: u32, len: u32, has_key: u32) -> u32 {
    if len == 0 || len > LONGEST {
        return 0;
    }
    let key = len | has_key;
    let [first, second, third] = [0, 8, 16].map(|offset| memory::name_part(name, len, offset));
    let hash = (first ^ second.rotate_left(21) ^ third.rotate_left(42) ^ u64::from(key))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let first_place = (hash >> (u64::BITS - NAMES_BITS)) as u32;
    for probe in 0..1 << NAMES_BITS {
        let number = (first_place + probe) % (1 << NAMES_BITS) + 1;
        let place = remembered(number);
        let words = place.at(NAME);
        match place.get() & ((1 << SHAPE_SHIFT) - 1) {
            0 => {
                place.set(key);
                words.set_u64(first);
                words.at(8).set_u64(second);
                words.at(16).set_u64(third);
                return number;
            }
            found if found == key => {
                let is_same = words.get_u64() == first
                    && words.at(8).get_u64() == second
                    && words.at(16).get_u64() == third;
                if is_same {
                    return number;
                }
            }
            _ => {}
        }
    }
    0
}

fn remembered(number: u32) -> Own {
    field(ALGORITHMS + (number - 1) * REMEMBERED)
}

/// What is remembered of a state's algorithm, if anything can be.
fn of_algorithm(state: Entry) -> Option<Own> {
    match state.lengths() & NUMBER {
        0 => None,
        number => Some(remembered(number)),
    }
}

/// By how much a ciphertext with its tag can be longer than its message.
pub fn max_tag_len(state: Entry) -> Result<u32> {
    if let Some(len) = state.noted_len() {
        return Ok(len);
    }
    let common = match of_algorithm(state) {
        Some(place) if state.lengths() & HAS_OPTIONS == 0 => Some(place.at(MAX_TAG_LEN)),
        _ => None,
    };
    if let Some(place) = common
        && place.get() != 0
    {
        return Ok(place.get() - 1);
    }
    let resource = state.resource();
    let len = number(landing::value64(|ret| {
        host::state_max_tag_len(resource, ret)
    })?)?;
    state.note_len(len);
    if let Some(place) = common {
        place.set(len + 1);
    }
    Ok(len)
}

/// The length of a tag.
pub fn tag_len(tag: Entry) -> Result<u32> {
    if let Some(len) = tag.noted_len() {
        return Ok(len);
    }
    let len = u32::try_from(host::tag_len(tag.resource())).map_err(|_| Errno::OVERFLOW)?;
    tag.note_len(len);
    Ok(len)
}

/// Notes how long a tag of this state can be at most, if there is such a length. Holding that a tag fits takes no call then.
pub fn note_tag(tag: Entry, state: Entry) {
    if let Ok(len) = max_tag_len(state) {
        tag.set_lengths(len + 1);
    }
}

/// Holds that a tag fits into an output of `out_len` bytes.
pub fn check_tag(tag: Entry, out_len: u32) -> Result<()> {
    let most = tag.lengths();
    if most != 0 && most - 1 <= out_len || tag_len(tag)? <= out_len {
        Ok(())
    } else {
        Err(Errno::OVERFLOW)
    }
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
    landing::expect_block(len)?;
    let message = on_clone(state, |copy| {
        landing::value(|ret| host::state_decrypt(copy, data, len, ret)).map(|list| list.at(4).get())
    });
    landing::forget_block();
    match message {
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
    let Some(place) = of_algorithm(state) else {
        return ask_for_shape(state);
    };
    let known = place.get();
    match known >> SHAPE_SHIFT {
        1 => Ok(Shape::None),
        2 => Ok(Shape::Bare),
        3 => Ok(Shape::Tagged),
        4 => Ok(Shape::Padded),
        _ => {
            let shape = ask_for_shape(state)?;
            place.set(known | (shape as u32) << SHAPE_SHIFT);
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
    landing::expect_block(0)?;
    let result = landing::value(function);
    landing::forget_block();
    Ok(result.err())
}
