//! The module `wasi_ephemeral_crypto_symmetric`, without managed keys.

use crate::common::{WORD, lowered, make, make_array, optional, optional_entry};
use crate::errno::{Errno, Result};
use crate::handles::{self, Entry, Kind};
use crate::host;
use crate::landing;
use crate::lengths;
use crate::memory::{self, Own, check, check_input, check_name};

/// Keys that were neither imported nor are managed are not longer.
const USUAL_KEY_LEN: u32 = 64;
/// Managed keys, which may have been imported elsewhere, are not longer.
const LONGEST_MANAGED_KEY: u32 = 4 << 10;

exports! {
    fn symmetric_key_generate(name: u32, name_len: u32, options: u32, out: u32) {
        check_name(name, name_len, Errno::UNSUPPORTED_ALGORITHM)?;
        let (some, options) = optional(options, Kind::Options)?;
        make(Kind::Key, out, |ret| host::key_generate(name, name_len, some, options, ret))?;
        Ok(())
    }

    fn symmetric_key_import(name: u32, name_len: u32, raw: u32, len: u32, out: u32) {
        check_name(name, name_len, Errno::UNSUPPORTED_ALGORITHM)?;
        check_input(raw, len)?;
        make(Kind::Key, out, |ret| host::key_import(name, name_len, raw, len, ret))?.note_len(len);
        Ok(())
    }

    fn symmetric_key_export(key: u32, out: u32) {
        let key = handles::find(key, Kind::Key)?;
        let resource = key.resource();
        let len = match key.noted_len() {
            Some(len) => len,
            None if lengths::is_managed(key) => LONGEST_MANAGED_KEY,
            None => USUAL_KEY_LEN,
        };
        make_array(out, len, |ret| host::key_export(resource, ret))
    }

    fn symmetric_key_close(key: u32) {
        host::key_drop(handles::close(key, Kind::Key)?);
        Ok(())
    }

    fn symmetric_state_open(name: u32, name_len: u32, key: u32, options: u32, out: u32) {
        check_name(name, name_len, Errno::UNSUPPORTED_ALGORITHM)?;
        let key = optional_entry(key, Kind::Key)?;
        let options = optional_entry(options, Kind::Options)?;
        let (some_key, key_resource) = lowered(key);
        let (some_options, options_resource) = lowered(options);
        let state = make(Kind::State, out, |ret| {
            host::state_open(
                name, name_len, some_key, key_resource, some_options, options_resource, ret,
            );
        })?;
        // A guest that has its handle written over the name is remembered by a name that nobody has.
        state.set_lengths(lengths::of_state(name, name_len, key.is_some(), options));
        Ok(())
    }

    fn symmetric_state_options_get(
        state: u32,
        name: u32,
        name_len: u32,
        value: u32,
        value_max_len: u32,
        out: u32,
    ) {
        let state = handles::find(state, Kind::State)?;
        check_name(name, name_len, Errno::UNSUPPORTED_OPTION)?;
        check(value, value_max_len)?;
        check(out, WORD)?;
        landing::expect_up_to(value, value_max_len, lengths::longest_value(state))?;
        let resource = state.resource();
        let len = landing::value(|ret| host::state_options_get(resource, name, name_len, ret))
            .and_then(landing::landed);
        landing::forget_block();
        memory::store32(out, len?);
        Ok(())
    }

    fn symmetric_state_options_get_u64(state: u32, name: u32, name_len: u32, out: u32) {
        options_get_u64(state, name, name_len, out)
    }

    fn symmetric_state_options_get_u_64(state: u32, name: u32, name_len: u32, out: u32) {
        options_get_u64(state, name, name_len, out)
    }

    fn symmetric_state_clone(state: u32, out: u32) {
        let original = handles::find(state, Kind::State)?;
        let resource = original.resource();
        let clone = make(Kind::State, out, |ret| host::state_clone(resource, ret))?;
        clone.set_lengths(original.lengths());
        Ok(())
    }

    fn symmetric_state_close(state: u32) {
        host::state_drop(handles::close(state, Kind::State)?);
        Ok(())
    }

    fn symmetric_state_absorb(state: u32, data: u32, len: u32) {
        let state = handles::resource(state, Kind::State)?;
        check_input(data, len)?;
        landing::unit(|ret| host::state_absorb(state, data, len, ret))
    }

    fn symmetric_state_squeeze(state: u32, out: u32, out_len: u32) {
        let state = handles::resource(state, Kind::State)?;
        check(out, out_len)?;
        landing::expect(out, out_len)?;
        let list = landing::value(|ret| host::state_squeeze(state, out_len.into(), ret))?;
        landing::landed(list)?;
        Ok(())
    }

    fn symmetric_state_squeeze_tag(state: u32, out: u32) {
        let state = handles::find(state, Kind::State)?;
        let resource = state.resource();
        let tag = make(Kind::Tag, out, |ret| host::state_squeeze_tag(resource, ret))?;
        lengths::note_tag(tag, state);
        Ok(())
    }

    fn symmetric_state_squeeze_key(state: u32, name: u32, name_len: u32, out: u32) {
        let state = handles::resource(state, Kind::State)?;
        check_name(name, name_len, Errno::UNSUPPORTED_ALGORITHM)?;
        make(Kind::Key, out, |ret| host::state_squeeze_key(state, name, name_len, ret))?;
        Ok(())
    }

    fn symmetric_state_max_tag_len(state: u32, out: u32) {
        let state = handles::find(state, Kind::State)?;
        check(out, WORD)?;
        memory::store32(out, lengths::max_tag_len(state)?);
        Ok(())
    }

    fn symmetric_state_encrypt(
        state: u32,
        out: u32,
        out_len: u32,
        data: u32,
        len: u32,
        written: u32,
    ) {
        let (_, list) = crypt(
            state,
            (out, out_len),
            (data, len),
            written,
            |state| lengths::check_encrypt(state, out_len, len),
            |state, ret| host::state_encrypt(state, data, len, ret),
        )?;
        write_len(written, list)
    }

    fn symmetric_state_encrypt_detached(
        state: u32,
        out: u32,
        out_len: u32,
        data: u32,
        len: u32,
        tag: u32,
    ) {
        let (state, pair) = crypt(
            state,
            (out, out_len),
            (data, len),
            tag,
            |state| {
                lengths::check_detached(state, out_len, len)?;
                handles::reserve(1)
            },
            |state, ret| host::state_encrypt_detached(state, data, len, ret),
        )?;
        let raw_tag = pair.at(8).get();
        landing::landed(pair).inspect_err(|_| host::tag_drop(raw_tag))?;
        let (handle, entry) = handles::add(Kind::Tag, raw_tag);
        memory::store32(tag, handle);
        lengths::note_tag(entry, state);
        Ok(())
    }

    fn symmetric_state_decrypt(
        state: u32,
        out: u32,
        out_len: u32,
        data: u32,
        len: u32,
        written: u32,
    ) {
        let (_, list) = crypt(
            state,
            (out, out_len),
            (data, len),
            written,
            |state| lengths::check_decrypt(state, out_len, data, len),
            |state, ret| host::state_decrypt(state, data, len, ret),
        )?;
        write_len(written, list)
    }

    fn symmetric_state_decrypt_detached(
        state: u32,
        out: u32,
        out_len: u32,
        data: u32,
        len: u32,
        raw_tag: u32,
        raw_tag_len: u32,
        written: u32,
    ) {
        let (_, list) = crypt(
            state,
            (out, out_len),
            (data, len),
            written,
            |state| {
                check_input(raw_tag, raw_tag_len)?;
                lengths::check_detached(state, out_len, len)
            },
            |state, ret| {
                host::state_decrypt_detached(state, data, len, raw_tag, raw_tag_len, ret);
            },
        )?;
        write_len(written, list)
    }

    fn symmetric_state_ratchet(state: u32) {
        let state = handles::resource(state, Kind::State)?;
        landing::unit(|ret| host::state_ratchet(state, ret))
    }

    fn symmetric_tag_len(tag: u32, out: u32) {
        let len = lengths::tag_len(handles::find(tag, Kind::Tag)?)?;
        check(out, WORD)?;
        memory::store32(out, len);
        Ok(())
    }

    fn symmetric_tag_pull(tag: u32, buf: u32, buf_len: u32, out: u32) {
        let entry = handles::find(tag, Kind::Tag)?;
        check(buf, buf_len)?;
        check(out, WORD)?;
        // Pulling uses the tag up, so it must be known to fit before.
        lengths::check_tag(entry, buf_len)?;
        let resource = handles::close(tag, Kind::Tag)?;
        landing::expect(buf, buf_len)?;
        let list = landing::call(|ret| host::tag_pull(resource, ret))?;
        write_len(out, list)
    }

    fn symmetric_tag_verify(tag: u32, expected: u32, len: u32) {
        let tag = handles::resource(tag, Kind::Tag)?;
        check_input(expected, len)?;
        landing::unit(|ret| host::tag_verify(tag, expected, len, ret))
    }

    fn symmetric_tag_close(tag: u32) {
        host::tag_drop(handles::close(tag, Kind::Tag)?);
        Ok(())
    }
}

/// Encrypts or decrypts, and gives the state and the place of the list that came of it. `result` is where something of
/// four bytes will be written.
#[inline(always)]
fn crypt(
    state: u32,
    (out, out_len): (u32, u32),
    (data, len): (u32, u32),
    result: u32,
    check_lengths: impl FnOnce(Entry) -> Result<()>,
    function: impl FnOnce(u32, u32),
) -> Result<(Entry, Own)> {
    let state = handles::find(state, Kind::State)?;
    check(out, out_len)?;
    check_input(data, len)?;
    check(result, WORD)?;
    check_lengths(state)?;
    landing::expect(out, out_len)?;
    let resource = state.resource();
    let list = landing::value(|ret| function(resource, ret))?;
    Ok((state, list))
}

/// Writes how long the list is that landed in the guest's buffer.
fn write_len(written: u32, list: Own) -> Result<()> {
    memory::store32(written, landing::landed(list)?);
    Ok(())
}

fn options_get_u64(state: u32, name: u32, name_len: u32, out: u32) -> Result<()> {
    let state = handles::resource(state, Kind::State)?;
    check_name(name, name_len, Errno::UNSUPPORTED_OPTION)?;
    check(out, 2 * WORD)?;
    let value = landing::value64(|ret| host::state_options_get_u64(state, name, name_len, ret))?;
    memory::store64(out, value.get_u64());
    Ok(())
}
