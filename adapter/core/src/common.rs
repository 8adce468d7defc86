//! The module `wasi_ephemeral_crypto_common`, without the secrets manager.

use crate::blocks::Block;
use crate::errno::{Errno, Result};
use crate::handles::{self, Entry, Kind};
use crate::host;
use crate::landing;
use crate::lengths;
use crate::memory::{self, Own, check, check_input, check_name};

/// The number of algorithm categories.
const ALGORITHM_TYPES: u32 = 3;
/// Bytes of a handle or a size.
pub const WORD: u32 = 4;

/// An optional handle: eight bytes, a tag (0 some, 1 none) and the handle.
pub fn optional_entry(address: u32, kind: Kind) -> Result<Option<Entry>> {
    check(address, 2 * WORD)?;
    match memory::load8(address) {
        0 => handles::find(memory::load32(address + WORD), kind).map(Some),
        1 => Ok(None),
        _ => Err(Errno::GUEST_ERROR),
    }
}

/// What the canonical ABI makes of an optional handle.
pub fn optional(address: u32, kind: Kind) -> Result<(u32, u32)> {
    optional_entry(address, kind).map(lowered)
}

/// What the canonical ABI makes of an optional resource.
pub fn lowered(entry: Option<Entry>) -> (u32, u32) {
    entry.map_or((0, 0), |entry| (1, entry.resource()))
}

/// Calls a host function that makes a resource, and writes a handle for it to `out`.
pub fn make(kind: Kind, out: u32, function: impl FnOnce(u32)) -> Result<Entry> {
    check(out, WORD)?;
    handles::reserve(1)?;
    let resource = landing::value(function)?.get();
    let (handle, entry) = handles::add(kind, resource);
    memory::store32(out, handle);
    Ok(entry)
}

/// Calls a host function that gives a list of `len` bytes or so, and keeps the list for `array_output_pull`.
pub fn make_array(out: u32, len: u32, function: impl FnOnce(u32)) -> Result<()> {
    check(out, WORD)?;
    handles::reserve(1)?;
    landing::expect_block(len)?;
    let block = landing::value(function).and_then(landing::landed_block);
    landing::forget_block();
    memory::store32(out, handles::add(Kind::Array, block?.number()).0);
    Ok(())
}

fn block(array_output: u32) -> Result<Block> {
    let number = handles::resource(array_output, Kind::Array)?;
    Block::again(number).ok_or(Errno::INVALID_HANDLE)
}

exports! {
    fn options_open(algorithm_type: u32, out: u32) {
        if algorithm_type >= ALGORITHM_TYPES {
            return Err(Errno::GUEST_ERROR);
        }
        make(Kind::Options, out, |ret| host::options_open(algorithm_type, ret))?;
        Ok(())
    }

    fn options_close(options: u32) {
        host::options_drop(handles::close(options, Kind::Options)?);
        Ok(())
    }

    fn options_set(options: u32, name: u32, name_len: u32, value: u32, len: u32) {
        let entry = handles::find(options, Kind::Options)?;
        check_name(name, name_len, Errno::UNSUPPORTED_OPTION)?;
        check_input(value, len)?;
        lengths::note_value(entry, len);
        if !lengths::is_nonce(name, name_len) {
            lengths::note_option(entry);
        }
        let options = entry.resource();
        landing::unit(|ret| host::options_set(options, name, name_len, value, len, ret))
    }

    fn options_set_u64(options: u32, name: u32, name_len: u32, value: u64) {
        set_u64(options, name, name_len, value)
    }

    fn options_set_u_64(options: u32, name: u32, name_len: u32, value: u64) {
        set_u64(options, name, name_len, value)
    }

    fn options_set_guest_buffer(options: u32, name: u32, name_len: u32, buffer: u32, len: u32) {
        let entry = handles::find(options, Kind::Options)?;
        check_name(name, name_len, Errno::UNSUPPORTED_OPTION)?;
        check(buffer, len)?;
        lengths::note_option(entry);
        let options = entry.resource();
        landing::unit(|ret| {
            host::options_set_guest_buffer(options, name, name_len, len.into(), ret);
        })?;
        // The host works in memory of its own. What the guest lent looks used, and gives nothing away.
        memory::fill(buffer, 0, len);
        Ok(())
    }

    fn array_output_len(array_output: u32, out: u32) {
        let block = block(array_output)?;
        check(out, WORD)?;
        memory::store32(out, block.len());
        Ok(())
    }

    fn array_output_pull(array_output: u32, buf: u32, buf_len: u32, out: u32) {
        let block = block(array_output)?;
        check(buf, buf_len)?;
        check(out, WORD)?;
        let position = block.position();
        let left = block.len() - position;
        let len = if buf_len < left { buf_len } else { left };
        memory::copy(buf, block.content().at(position).address(), len);
        if len == left {
            handles::close(array_output, Kind::Array)?;
            block.give_back();
        } else {
            block.set_position(position + len);
        }
        memory::store32(out, len);
        Ok(())
    }
}

fn set_u64(options: u32, name: u32, name_len: u32, value: u64) -> Result<()> {
    let entry = handles::find(options, Kind::Options)?;
    check_name(name, name_len, Errno::UNSUPPORTED_OPTION)?;
    lengths::note_option(entry);
    let options = entry.resource();
    landing::unit(|ret| host::options_set_u64(options, name, name_len, value, ret))
}

/// The place of a number that the host gave.
pub fn number(place: Own) -> Result<u32> {
    u32::try_from(place.get_u64()).map_err(|_| Errno::OVERFLOW)
}
