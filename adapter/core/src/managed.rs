//! Managed keys and the secrets manager, of the modules `wasi_ephemeral_crypto_symmetric` and `_common`.

use crate::common::{WORD, make, optional};
use crate::errno::{Errno, Result};
use crate::handles::{self, Kind};
use crate::host;
use crate::landing;
use crate::lengths;
use crate::memory::{self, check, check_input, check_name};

/// Bytes of a key's identifier.
const ID_LEN: u32 = 16;

// Versions that mean something else than themselves.
const UNSPECIFIED: u64 = 0xff00_0000_0000_0000;
const LATEST: u64 = UNSPECIFIED + 1;
const ALL: u64 = UNSPECIFIED + 2;

/// A version, as the cases of `version-selector`.
fn selector(version: u64) -> Result<(u32, u64)> {
    match version {
        LATEST => Ok((0, 0)),
        ALL => Ok((1, 0)),
        exact if exact < UNSPECIFIED => Ok((2, exact)),
        _ => Err(Errno::NOT_FOUND),
    }
}

exports! {
    fn secrets_manager_open(options: u32, out: u32) {
        let (some, options) = optional(options, Kind::Options)?;
        make(Kind::Manager, out, |ret| host::manager_open(some, options, ret))?;
        Ok(())
    }

    fn secrets_manager_close(manager: u32) {
        host::manager_drop(handles::close(manager, Kind::Manager)?);
        Ok(())
    }

    fn secrets_manager_invalidate(manager: u32, id: u32, id_len: u32, version: u64) {
        let manager = handles::resource(manager, Kind::Manager)?;
        check_input(id, id_len)?;
        let (selector, version) = selector(version)?;
        landing::unit(|ret| {
            host::manager_invalidate(manager, id, id_len, selector, version, ret);
        })
    }

    fn symmetric_key_generate_managed(
        manager: u32,
        name: u32,
        name_len: u32,
        options: u32,
        out: u32,
    ) {
        let manager = handles::resource(manager, Kind::Manager)?;
        check_name(name, name_len, Errno::UNSUPPORTED_ALGORITHM)?;
        let (some, options) = optional(options, Kind::Options)?;
        let key = make(Kind::Key, out, |ret| {
            host::manager_generate_key(manager, name, name_len, some, options, ret);
        })?;
        lengths::note_managed(key);
        Ok(())
    }

    fn symmetric_key_store_managed(manager: u32, key: u32, id: u32, id_max_len: u32) {
        let manager = handles::resource(manager, Kind::Manager)?;
        let key = handles::resource(key, Kind::Key)?;
        check(id, id_max_len)?;
        // Found out afterwards, it would leave a stored key that nobody knows the identifier of.
        if id_max_len < ID_LEN {
            return Err(Errno::OVERFLOW);
        }
        landing::expect(id, id_max_len)?;
        let list = landing::value(|ret| host::manager_store_key(manager, key, ret))?;
        landing::landed(list)?;
        Ok(())
    }

    fn symmetric_key_replace_managed(manager: u32, old: u32, new: u32, version: u32) {
        let manager = handles::resource(manager, Kind::Manager)?;
        let old_key = handles::resource(old, Kind::Key)?;
        let new_key = handles::resource(new, Kind::Key)?;
        check(version, 2 * WORD)?;
        let value = landing::value64(|ret| {
            host::manager_replace_key(manager, old_key, new_key, ret);
        })?
        .get_u64();
        host::key_drop(handles::close(old, Kind::Key)?);
        memory::store64(version, value);
        Ok(())
    }

    fn symmetric_key_id(key: u32, id: u32, id_max_len: u32, len: u32, version: u32) {
        let key = handles::resource(key, Kind::Key)?;
        check(id, id_max_len)?;
        check(len, WORD)?;
        check(version, 2 * WORD)?;
        landing::expect(id, id_max_len)?;
        let pair = landing::value64(|ret| host::key_id(key, ret))?;
        let value = pair.at(8).get_u64();
        memory::store32(len, landing::landed(pair)?);
        memory::store64(version, value);
        Ok(())
    }

    fn symmetric_key_from_id(manager: u32, id: u32, id_len: u32, version: u64, out: u32) {
        let manager = handles::resource(manager, Kind::Manager)?;
        check_input(id, id_len)?;
        let (selector, version) = selector(version)?;
        let key = make(Kind::Key, out, |ret| {
            host::manager_key_from_id(manager, id, id_len, selector, version, ret);
        })?;
        lengths::note_managed(key);
        Ok(())
    }
}
