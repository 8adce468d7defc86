//! Where the results of the host land.
//!
//! The host asks the component for memory before it writes a list there, through `cabi_import_realloc`. Answering with
//! the guest's own buffer saves a copy. A list that is longer than the buffer, which only a host can know beforehand,
//! gets a block of the adapter's instead, and the guest `overflow`.

use crate::blocks::Block;
use crate::errno::{Errno, Result};
use crate::layout::{DUMP, DUMP_LEN, LANDING, RETURN, field, page};
use crate::memory::{self, Own};

// What the next list is, the guest's buffer for it and its length; the block that was given out instead.
const MODE: u32 = LANDING;
const OUT: u32 = LANDING + 4;
const OUT_LEN: u32 = LANDING + 8;
const SPILLED: u32 = LANDING + 12;
// What `batch` needs: the outer array, whether the host has asked for it, bytes of its elements, and where the one begins that
// is due; the plan; where in the block of outputs the next one goes, and what is left of it; other blocks that were
// given out; and what is known of the host.
const OUTER: u32 = LANDING + 16;
const OUTER_GIVEN: u32 = LANDING + 20;
const STRIDE: u32 = LANDING + 24;
const DUE: u32 = LANDING + 28;
const PLAN: u32 = LANDING + 32;
const OUTPUTS: u32 = LANDING + 36;
const OUTPUTS_LEFT: u32 = LANDING + 40;
const STRAYS: u32 = LANDING + 44;
const LANDS: u32 = LANDING + 48;
const OUTER_LEN: u32 = LANDING + 52;
// A block that was taken beforehand, for a list that is expected in one.
const RESERVED: u32 = LANDING + 56;
// Whether a list of this batch has landed in a buffer of the plan.
const HAS_LANDED: u32 = LANDING + 60;
// How many bytes of the dump are used.
const DUMPED: u32 = LANDING + 64;

/// The next list goes to a block.
const TO_BLOCK: u32 = 0;
/// The next list goes to the guest's buffer.
const TO_BUFFER: u32 = 1;
/// The next lists are the results of a batch.
const TO_BATCH: u32 = 2;

/// Bytes of an element of a batch's plan: address and length of the buffer that its result goes to.
pub const PLANNED: u32 = 8;

/// The host's marks for `ok` and `error`, and a mark for what it has not written yet.
const IS_OK: u32 = 0;
const IS_ERROR: u32 = 1;
const UNWRITTEN: u8 = 0xff;

/// Calls the host, which writes its result to the address that `call` gets.
#[inline(always)]
pub fn call(call: impl FnOnce(u32)) -> Result<Own> {
    let ret = page()?.at(RETURN);
    call(ret.address());
    Ok(ret)
}

/// Calls a function whose result is `ok` without a value.
#[inline(always)]
pub fn unit(function: impl FnOnce(u32)) -> Result<()> {
    let ret = call(function)?;
    if ret.get_u8() == IS_ERROR {
        return Err(Errno::from_case(ret.at(1).get_u8()));
    }
    Ok(())
}

/// Calls a function whose result is aligned to 4 bytes, such as a handle, and gives the place of the value.
#[inline(always)]
pub fn value(function: impl FnOnce(u32)) -> Result<Own> {
    aligned(4, function)
}

/// Calls a function whose result is aligned to 8 bytes, and gives the place of the value.
#[inline(always)]
pub fn value64(function: impl FnOnce(u32)) -> Result<Own> {
    aligned(8, function)
}

#[inline(always)]
fn aligned(alignment: u32, function: impl FnOnce(u32)) -> Result<Own> {
    let ret = call(function)?;
    result_at(ret, alignment)
}

/// The value of a `result` in memory.
#[inline(always)]
pub fn result_at(result: Own, alignment: u32) -> Result<Own> {
    if result.get_u8() == IS_ERROR {
        return Err(Errno::from_case(result.at(alignment).get_u8()));
    }
    Ok(result.at(alignment))
}

/// Has the next list land in the guest's buffer; [`landed`] says how long it was.
#[inline(always)]
pub fn expect(out: u32, out_len: u32) -> Result<()> {
    page()?;
    field(OUT).set(out);
    field(OUT_LEN).set(out_len);
    field(SPILLED).set(0);
    field(MODE).set(TO_BUFFER);
    Ok(())
}

/// Has the next list land in the guest's buffer as well, where the host may have one of up to `most` bytes. Then
/// [`forget_block`] ends it. A block for that is taken now, since there is no errno later.
pub fn expect_up_to(out: u32, out_len: u32, most: u32) -> Result<()> {
    page()?;
    if most > out_len && most > DUMP_LEN {
        field(RESERVED).set(Block::take(most)?.number());
    }
    expect(out, out_len)
}

/// Has the next list, which is `len` bytes long or so, land in a block; [`landed_block`] gives it, and [`forget_block`] ends
/// it. The block is taken now, since there is no errno later.
pub fn expect_block(len: u32) -> Result<()> {
    page()?;
    field(RESERVED).set(Block::take(len)?.number());
    field(SPILLED).set(0);
    field(MODE).set(TO_BLOCK);
    Ok(())
}

/// What became of the list that was expected: `list` is the place of its address and length.
#[inline(always)]
pub fn landed(list: Own) -> Result<u32> {
    let (address, len) = (list.get(), list.at(4).get());
    let out = field(OUT).get();
    let spilled = taken(SPILLED);
    let fits = len <= field(OUT_LEN).get();
    if fits && len != 0 && address != out {
        memory::copy(out, address, len);
    }
    if let Some(block) = spilled {
        block.give_back();
    }
    wipe_dump();
    if fits { Ok(len) } else { Err(Errno::OVERFLOW) }
}

/// The list that was expected in a block.
pub fn landed_block(list: Own) -> Result<Block> {
    if let Some(block) = taken(SPILLED) {
        return Ok(block);
    }
    // A host that asks for no memory has nothing to write.
    let len = list.at(4).get();
    match taken(RESERVED) {
        Some(block) if block.resize(len) => Ok(block),
        _ => Block::take(len),
    }
}

/// Gives blocks back that were taken for a list and are not used.
pub fn forget_block() {
    for place in [SPILLED, RESERVED] {
        if let Some(block) = taken(place) {
            block.give_back();
        }
    }
}

/// Where a list of `len` bytes goes that is too long for its buffer, so that nobody is going to read it.
fn to_dump(len: u32) -> Option<u32> {
    // Lists of a batch lie there beside each other: a host that asks for them in another order than expected has some of
    // them copied from there.
    let used = field(DUMPED).get();
    if len > DUMP_LEN - used {
        return None;
    }
    field(DUMPED).set(used + len);
    Some(field(DUMP).address() + used)
}

fn wipe_dump() {
    if field(DUMPED).get() != 0 {
        memory::fill(field(DUMP).address(), 0, DUMP_LEN);
        field(DUMPED).set(0);
    }
}

/// Takes the block out of its place.
fn taken(place: u32) -> Option<Block> {
    let block = Block::again(field(place).get());
    field(place).set(0);
    block
}

/// Has the next lists be the results of a batch: the array of them, of `stride` bytes each, goes to `outer`, and their own
/// lists land as `plan` says or in `outputs`.
pub fn expect_batch(
    stride: u32,
    (outer, outer_len): (Own, u32),
    plan: Own,
    outputs: Option<Block>,
) -> Result<()> {
    page()?;
    wipe_dump();
    memory::fill(outer.address(), UNWRITTEN, outer_len);
    field(OUTER).set(outer.address());
    field(OUTER_LEN).set(outer_len);
    field(OUTER_GIVEN).set(0);
    field(STRIDE).set(stride);
    field(DUE).set(0);
    field(PLAN).set(plan.address());
    field(OUTPUTS).set(outputs.map_or(0, |block| block.content().address()));
    field(OUTPUTS_LEFT).set(outputs.map_or(0, Block::len));
    field(STRAYS).set(0);
    field(HAS_LANDED).set(0);
    field(MODE).set(TO_BATCH);
    Ok(())
}

/// Whether the host is known to say of which entry a list is before it asks for memory for it. Then the list can land in the
/// guest's buffer.
pub fn lists_land() -> Result<bool> {
    Ok(page()?.at(LANDS).get() != 0)
}

/// Whether one has, in this batch.
pub fn has_landed() -> bool {
    field(HAS_LANDED).get() != 0
}

/// Takes a block that is given back with the batch.
pub fn take_stray(len: u32) -> Result<Own> {
    let block = Block::take(len)?;
    block.set_position(field(STRAYS).get());
    field(STRAYS).set(block.number());
    Ok(block.content())
}

/// Ends a batch.
pub fn forget_batch() {
    while let Some(block) = Block::again(field(STRAYS).get()) {
        field(STRAYS).set(block.position());
        block.give_back();
    }
    wipe_dump();
    field(MODE).set(TO_BLOCK);
}

/// Gives the host memory for a list. The component model passes addresses that it got here, or none.
// SAFETY: no other symbol has this name.
#[unsafe(no_mangle)]
pub extern "C" fn cabi_import_realloc(old: u32, old_len: u32, align: u32, len: u32) -> u32 {
    let given = match field(MODE).get() {
        _ if old_len != 0 => again(old, old_len, len),
        TO_BUFFER => to_buffer(len),
        TO_BATCH if align > 1 => to_outer(len),
        TO_BATCH => to_inner(len),
        _ => to_block(len),
    };
    match given {
        Ok(address) => address,
        // There is no answer that means failure; the component model has traps for it.
        Err(_) => core::arch::wasm32::unreachable(),
    }
}

fn to_block(len: u32) -> Result<u32> {
    let reserved = Block::again(field(RESERVED).get());
    let block = match reserved.filter(|block| block.resize(len)) {
        Some(block) => {
            field(RESERVED).set(0);
            block
        }
        None => Block::take(len)?,
    };
    field(SPILLED).set(block.number());
    Ok(block.content().address())
}

fn to_buffer(len: u32) -> Result<u32> {
    // Only the first list is the one expected.
    field(MODE).set(TO_BLOCK);
    if len <= field(OUT_LEN).get() {
        return Ok(field(OUT).get());
    }
    // A call that failed may have left something there.
    wipe_dump();
    match to_dump(len) {
        Some(dump) => Ok(dump),
        None => to_block(len),
    }
}

fn to_outer(len: u32) -> Result<u32> {
    if field(OUTER_GIVEN).get() != 0 || len > field(OUTER_LEN).get() {
        return take_stray(len).map(Own::address);
    }
    field(OUTER_GIVEN).set(1);
    Ok(field(OUTER).get())
}

fn to_inner(len: u32) -> Result<u32> {
    let planned = planned();
    field(LANDS).set(planned.is_some().into());
    if let Some((buffer, buffer_len)) = planned {
        if len <= buffer_len {
            field(HAS_LANDED).set(1);
            return Ok(buffer);
        }
        if let Some(dump) = to_dump(len) {
            return Ok(dump);
        }
    }
    let left = field(OUTPUTS_LEFT).get();
    if len > left {
        return take_stray(len).map(Own::address);
    }
    let output = field(OUTPUTS).get();
    field(OUTPUTS).set(output + len);
    field(OUTPUTS_LEFT).set(left - len);
    Ok(output)
}

/// The guest's buffer for the next list, and its length, if it is known for which entry that is.
///
/// It is, of a host that asks for the array of results first, and writes in the order of the entries: errors, and that
/// there is a result before it asks for what that holds. In what another host has not written, there is the mark.
fn planned() -> Option<(u32, u32)> {
    if field(OUTER_GIVEN).get() == 0 {
        return None;
    }
    let outer = Own::again(field(OUTER).get());
    let stride = field(STRIDE).get();
    let end = field(OUTER_LEN).get();
    let mut due = field(DUE).get();
    while due < end && outer.at(due).get_u8() == IS_ERROR {
        due += stride;
    }
    if due >= end || outer.at(due).get_u8() != IS_OK {
        field(DUE).set(end);
        return None;
    }
    field(DUE).set(due + stride);
    let planned = Own::again(field(PLAN).get()).at(due / stride * PLANNED);
    Some((planned.get(), planned.at(4).get()))
}

fn again(old: u32, old_len: u32, len: u32) -> Result<u32> {
    let address = match field(MODE).get() {
        TO_BATCH => take_stray(len)?.address(),
        _ => to_block(len)?,
    };
    memory::copy(address, old, if old_len < len { old_len } else { len });
    Ok(address)
}
