//! Blocks of memory, for what the adapter keeps or passes on.
//!
//! Sizes are powers of two. A block that is given back is wiped and serves the next one of its size, so that memory is
//! bounded by what was in use at one time.

use crate::errno::{Errno, Result};
use crate::layout::{BLOCKS, field};
use crate::memory::{self, Own, PAGE};

/// Bytes before the content: the size class, the length of the content, and a position in it for its owner's use.
const HEADER: u32 = 16;
/// The smallest size, in bits.
const SMALLEST: u32 = 6;
/// The largest size, in bits.
const LARGEST: u32 = 30;

// Where the rest of the page begins that is being cut, and how long it is; then a list for each size.
const REST: u32 = BLOCKS;
const REST_LEN: u32 = BLOCKS + 4;
const FREE: u32 = BLOCKS + 8;

/// A block with content.
#[derive(Clone, Copy)]
pub struct Block(Own);

/// The size of the block that `len` bytes take, in bits.
fn size_in_bits(len: u32) -> Result<u32> {
    if len > room(LARGEST) {
        return Err(Errno::OVERFLOW);
    }
    let bits = u32::BITS - (len + HEADER - 1).leading_zeros();
    Ok(if bits < SMALLEST { SMALLEST } else { bits })
}

/// How many bytes a block of a size in bits has room for.
fn room(size_in_bits: u32) -> u32 {
    (1 << size_in_bits) - HEADER
}

impl Block {
    /// Takes a block for `len` bytes, whatever they are.
    pub fn take(len: u32) -> Result<Self> {
        let bits = size_in_bits(len)?;
        let list = field(FREE + 4 * (bits - SMALLEST));
        let block = match list.get() {
            0 => cut(1 << bits)?,
            free => {
                let block = Own::again(free);
                list.set(block.at(4).get());
                block
            }
        };
        block.set(bits);
        block.at(4).set(len);
        block.at(8).set(0);
        Ok(Self(block))
    }

    /// The block again whose number [`Block::number`] gave.
    pub fn again(number: u32) -> Option<Self> {
        (number != 0).then_some(Self(Own::again(number)))
    }

    /// A number for a block, which is never 0.
    pub fn number(self) -> u32 {
        self.0.address()
    }

    /// The content.
    pub fn content(self) -> Own {
        self.0.at(HEADER)
    }

    /// The length of the content.
    pub fn len(self) -> u32 {
        self.0.at(4).get()
    }

    /// Makes it a block for another length, if there is room for that.
    pub fn resize(self, len: u32) -> bool {
        let fits = len <= room(self.0.get());
        if fits {
            self.0.at(4).set(len);
        }
        fits
    }

    /// How much of the content was consumed.
    pub fn position(self) -> u32 {
        self.0.at(8).get()
    }

    pub fn set_position(self, position: u32) {
        self.0.at(8).set(position);
    }

    /// Wipes the content and gives the block back.
    pub fn give_back(self) {
        memory::fill(self.content().address(), 0, self.len());
        let list = field(FREE + 4 * (self.0.get() - SMALLEST));
        self.0.at(4).set(list.get());
        list.set(self.0.address());
    }
}

/// Gives the first page's unused part to be cut into blocks.
pub fn begin(rest: Own, len: u32) {
    field(REST).set(rest.address());
    field(REST_LEN).set(len);
}

fn cut(size: u32) -> Result<Own> {
    if size >= PAGE {
        return memory::grow(size / PAGE).ok_or(Errno::OVERFLOW);
    }
    if field(REST_LEN).get() < size {
        // What is left of the old page is lost; it is less than one block.
        let page = memory::grow(1).ok_or(Errno::OVERFLOW)?;
        begin(page, PAGE);
    }
    let block = Own::again(field(REST).get());
    begin(block.at(size), field(REST_LEN).get() - size);
    Ok(block)
}
