//! The module `wasi_ephemeral_crypto_symmetric_batch`: each batch is one call of the host.
//!
//! The entries of the guest are checked one by one. Those that can be passed on become the entries of a batch of the
//! host, whose results land in the guest's buffers, at once or by a copy; the others have their errno already. The array of results belongs to
//! the adapter, and stays until the next batch.

use crate::blocks::Block;
use crate::common::WORD;
use crate::errno::{Errno, Result};
use crate::handles::{self, Kind};
use crate::host;
use crate::landing::{self, PLANNED};
use crate::layout::{BATCH, field, page};
use crate::lengths;
use crate::memory::{self, MAX_CALL_BYTES, Own, check, check_array, check_input};

/// More entries than any host takes; below it, no size here overflows.
const MAX_ENTRIES: u32 = 1 << 20;

/// Bytes of a result with a size or a tag, and an errno; and of one that is an errno alone.
const PAIR: u32 = 8;
const LONE: u32 = 2;

/// Bytes of the guest's entries.
const SQUEEZE: u32 = 16;
const CRYPT: u32 = 28;
const DECRYPT_DETACHED: u32 = 40;

/// What a batch does: how long its entries and results are. In one number, because a struct would end up as static data.
#[derive(Clone, Copy)]
struct Operation(u32);

impl Operation {
    const MAKES_TAGS: u32 = 1 << 31;

    /// Bytes of the guest's entries and of the host's, of the host's results and of the guest's.
    const fn new(entry: u32, passed: u32, returned: u32, result: u32) -> Self {
        Self(entry | passed << 8 | returned << 16 | result << 24)
    }

    /// The same, where each entry needs a handle for a tag.
    const fn with_tags(self) -> Self {
        Self(self.0 | Self::MAKES_TAGS)
    }

    const fn entry(self) -> u32 {
        self.0 & 0xff
    }

    const fn passed(self) -> u32 {
        self.0 >> 8 & 0xff
    }

    const fn returned(self) -> u32 {
        self.0 >> 16 & 0xff
    }

    const fn result(self) -> u32 {
        self.0 >> 24 & 0x7f
    }

    const fn makes_tags(self) -> bool {
        self.0 & Self::MAKES_TAGS != 0
    }
}

/// The arrays of a batch, each with room for all its entries.
struct Arrays {
    /// What holds all of them but the last.
    block: Block,
    /// The host's entries.
    passed: Own,
    /// The host's results.
    returned: Own,
    /// Which of the guest's entries each of the host's is.
    index: Own,
    /// Where the result of each goes.
    plan: Own,
    /// The guest's results.
    results: Own,
}

impl Arrays {
    fn take(operation: Operation, count: u32) -> Result<Self> {
        page()?;
        if let Some(last) = Block::again(field(BATCH).get()) {
            field(BATCH).set(0);
            last.give_back();
        }
        let each = operation.passed() + operation.returned() + WORD + PLANNED;
        let block = Block::take(count * each)?;
        let results = match Block::take(count * operation.result()) {
            Ok(results) => results,
            Err(errno) => {
                block.give_back();
                return Err(errno);
            }
        };
        field(BATCH).set(results.number());
        // The host's arrays come first, since they may have to be aligned to 8 bytes.
        let passed = block.content();
        let returned = passed.at(count * operation.passed());
        let index = returned.at(count * operation.returned());
        Ok(Self {
            block,
            passed,
            returned,
            index,
            plan: index.at(count * WORD),
            results: results.content(),
        })
    }

    fn plan(&self, passed: u32) -> Own {
        self.plan.at(passed * PLANNED)
    }
}

/// Runs a batch. `pass` checks one entry of the guest and writes it as one of the host's, with the plan for its result.
/// `receive` makes the first word of the guest's result of one of the host's.
fn run(
    operation: Operation,
    entries: (u32, u32, u32),
    mut pass: impl FnMut(u32, Own, Own) -> Result<u64>,
    function: impl FnOnce(u32, u32, u32),
    receive: impl Fn(Own, Own) -> Result<u32>,
) -> Result<()> {
    let (address, count, out) = entries;
    check_array(address, count, operation.entry())?;
    check(out, 2 * WORD)?;
    if count > MAX_ENTRIES {
        return Err(Errno::OVERFLOW);
    }
    if operation.makes_tags() {
        handles::reserve(count)?;
    }
    let arrays = Arrays::take(operation, count)?;
    let results = arrays.results;
    let mut bytes = 0;
    let mut passed = 0;
    for index in 0..count {
        let host_entry = arrays.passed.at(passed * operation.passed());
        let plan = arrays.plan(passed);
        plan_for(plan, (0, 0));
        match pass(address + index * operation.entry(), host_entry, plan) {
            Ok(len) => {
                bytes += len + u64::from(operation.passed());
                arrays.index.at(passed * WORD).set(index);
                passed += 1;
            }
            Err(errno) => write(operation, results, index, Err(errno)),
        }
    }
    let done = if passed == 0 {
        Ok(())
    } else if bytes > MAX_CALL_BYTES {
        Err(Errno::OVERFLOW)
    } else {
        call(operation, &arrays, passed, function, receive)
    };
    arrays.block.give_back();
    done?;
    memory::store32(out, results.address());
    memory::store32(out + WORD, count);
    Ok(())
}

fn call(
    operation: Operation,
    arrays: &Arrays,
    passed: u32,
    function: impl FnOnce(u32, u32, u32),
    receive: impl Fn(Own, Own) -> Result<u32>,
) -> Result<()> {
    // The host's memory for outputs, so that there is enough of it before anything is done.
    let outputs = if operation.returned() > PAIR && !landing::lists_land()? {
        let mut total = 0;
        for entry in 0..passed {
            total += u64::from(arrays.plan(entry).at(4).get());
        }
        Some(Block::take(
            u32::try_from(total).map_err(|_| Errno::OVERFLOW)?,
        )?)
    } else {
        None
    };
    let outer = (arrays.returned, passed * operation.returned());
    landing::expect_batch(operation.returned(), outer, arrays.plan, outputs)?;
    let called = landing::value(|ret| function(arrays.passed.address(), passed, ret));
    if let Ok(list) = called {
        let returned = Own::again(list.get());
        let count = if list.at(4).get() < passed {
            list.at(4).get()
        } else {
            passed
        };
        if landing::has_landed() {
            set_aside_strays(operation, arrays, returned, count);
        }
        for entry in 0..passed {
            let value = if entry < count {
                landing::result_at(returned.at(entry * operation.returned()), 4)
                    .and_then(|value| receive(value, arrays.plan(entry)))
            } else {
                Err(Errno::OVERFLOW)
            };
            let index = arrays.index.at(entry * WORD).get();
            write(operation, arrays.results, index, value);
        }
    }
    landing::forget_batch();
    if let Some(block) = outputs {
        block.give_back();
    }
    called.map(|_| ())
}

/// A host that asks for memory in another order than that of the entries has its lists in each other's buffers. They are
/// copied out of there before any is copied to where it belongs.
fn set_aside_strays(operation: Operation, arrays: &Arrays, returned: Own, count: u32) {
    for entry in 0..count {
        let result = returned.at(entry * operation.returned());
        let Ok(list) = landing::result_at(result, 4) else {
            continue;
        };
        let plan = arrays.plan(entry);
        let (address, len) = (list.get(), list.at(4).get());
        if len == 0 || address == plan.get() || len > plan.at(4).get() {
            continue;
        }
        match landing::take_stray(len) {
            Ok(aside) => {
                memory::copy(aside.address(), address, len);
                list.set(aside.address());
            }
            // What is lost is longer than any buffer.
            Err(_) => list.at(4).set(u32::MAX),
        }
    }
}

/// Brings a list to the guest's buffer where it is not there yet, and gives its length.
fn receive_list(list: Own, plan: Own) -> Result<u32> {
    let (address, len) = (list.get(), list.at(4).get());
    if len > plan.at(4).get() {
        return Err(Errno::OVERFLOW);
    }
    if len != 0 && address != plan.get() {
        memory::copy(plan.get(), address, len);
    }
    Ok(len)
}

fn write(operation: Operation, results: Own, index: u32, result: Result<u32>) {
    let (value, errno) = match result {
        Ok(value) => (value, 0),
        Err(errno) => (0, errno.number()),
    };
    let place = results.at(index * operation.result()).address();
    if operation.result() == LONE {
        // Two results share a word.
        memory::store16(place, errno);
    } else {
        memory::store32(place, value);
        memory::store32(place + WORD, errno);
    }
}

/// A slice in an entry, of which the length stands there twice.
fn slice(entry: u32, slice: u32, len: u32) -> Result<(u32, u32)> {
    let (address, first) = (
        memory::load32(entry + slice),
        memory::load32(entry + slice + WORD),
    );
    if first != memory::load32(entry + len) {
        return Err(Errno::INVALID_LENGTH);
    }
    Ok((address, first))
}

fn plan_for(plan: Own, (out, out_len): (u32, u32)) {
    plan.set(out);
    plan.at(4).set(out_len);
}

/// An entry to encrypt or decrypt. `check_lengths` holds that the output suits the data.
fn pass_crypt(
    entry: u32,
    host_entry: Own,
    plan: Own,
    check_lengths: impl FnOnce(handles::Entry, u32, u32, u32) -> Result<()>,
) -> Result<u64> {
    let state = handles::find(memory::load32(entry), Kind::State)?;
    let out = slice(entry, 4, 12)?;
    let data = slice(entry, 16, 24)?;
    check(out.0, out.1)?;
    check_input(data.0, data.1)?;
    check_lengths(state, out.1, data.0, data.1)?;
    host_entry.set(state.resource());
    host_entry.at(4).set(data.0);
    host_entry.at(8).set(data.1);
    plan_for(plan, out);
    Ok(data.1.into())
}

const CRYPTS: Operation = Operation::new(CRYPT, 12, 12, PAIR);

exports! {
    fn batch_symmetric_state_squeeze(entries: u32, count: u32, out: u32) {
        let operation = Operation::new(SQUEEZE, 16, 12, LONE);
        let pass = |entry, host_entry: Own, plan| {
            let state = handles::resource(memory::load32(entry), Kind::State)?;
            let buffer = slice(entry, 4, 12)?;
            check(buffer.0, buffer.1)?;
            host_entry.set(state);
            host_entry.at(8).set_u64(buffer.1.into());
            plan_for(plan, buffer);
            Ok(0)
        };
        run(
            operation,
            (entries, count, out),
            pass,
            |entries, count, ret| host::batch_squeeze(entries, count, ret),
            receive_list,
        )
    }

    fn batch_symmetric_state_squeeze_tag(states: u32, count: u32, out: u32) {
        let operation = Operation::new(WORD, WORD, 8, PAIR).with_tags();
        let pass = |entry, host_entry: Own, _| {
            host_entry.set(handles::resource(memory::load32(entry), Kind::State)?);
            Ok(0)
        };
        run(
            operation,
            (states, count, out),
            pass,
            |states, count, ret| host::batch_squeeze_tag(states, count, ret),
            |tag, _| Ok(handles::add(Kind::Tag, tag.get()).0),
        )
    }

    fn batch_symmetric_state_encrypt(entries: u32, count: u32, out: u32) {
        run(
            CRYPTS,
            (entries, count, out),
            |entry, host_entry, plan| {
                pass_crypt(entry, host_entry, plan, |state, out_len, _, len| {
                    lengths::check_encrypt(state, out_len, len)
                })
            },
            |entries, count, ret| host::batch_encrypt(entries, count, ret),
            receive_list,
        )
    }

    fn batch_symmetric_state_encrypt_detached(entries: u32, count: u32, out: u32) {
        let operation = Operation::new(CRYPT, 12, 16, PAIR).with_tags();
        run(
            operation,
            (entries, count, out),
            |entry, host_entry, plan| {
                pass_crypt(entry, host_entry, plan, |state, out_len, _, len| {
                    lengths::check_detached(state, out_len, len)
                })
            },
            |entries, count, ret| host::batch_encrypt_detached(entries, count, ret),
            |pair, plan| {
                let tag = pair.at(8).get();
                receive_list(pair, plan).inspect_err(|_| host::tag_drop(tag))?;
                Ok(handles::add(Kind::Tag, tag).0)
            },
        )
    }

    fn batch_symmetric_state_decrypt(entries: u32, count: u32, out: u32) {
        run(
            CRYPTS,
            (entries, count, out),
            |entry, host_entry, plan| {
                pass_crypt(entry, host_entry, plan, lengths::check_decrypt)
            },
            |entries, count, ret| host::batch_decrypt(entries, count, ret),
            receive_list,
        )
    }

    fn batch_symmetric_state_decrypt_detached(entries: u32, count: u32, out: u32) {
        let operation = Operation::new(DECRYPT_DETACHED, 20, 12, PAIR);
        let pass = |entry, host_entry: Own, plan| {
            let data = pass_crypt(entry, host_entry, plan, |state, out_len, _, len| {
                lengths::check_detached(state, out_len, len)
            })?;
            let tag = slice(entry, 28, 36)?;
            check_input(tag.0, tag.1)?;
            host_entry.at(12).set(tag.0);
            host_entry.at(16).set(tag.1);
            Ok(data + u64::from(tag.1))
        };
        run(
            operation,
            (entries, count, out),
            pass,
            |entries, count, ret| host::batch_decrypt_detached(entries, count, ret),
            receive_list,
        )
    }
}
