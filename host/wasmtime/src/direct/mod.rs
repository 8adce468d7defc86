//! The functions that return bytes, once more: their results are written once, where the guest wants them.
//!
//! They shadow those of `zero_copy` and do the same. Each finds out all that can fail, has the guest allocate, and does its
//! work into that memory. Decryption verifies before it allocates: into memory of the host, which is wiped.

mod batch;
mod oneshot;

use wasmtime::StoreContextMut;
use wasmtime::component::{
    ComponentNamedList, ComponentType, Lift, Linker, Lower, Resource, WasmStr,
};

use crate::error::{Result, lift_errno};
use crate::lowering::{Deferred, Guest, Memory, Payload, Region, Write};
use crate::scratch::Scratch;
use crate::zero_copy::{Call, Functions, Getter, Instance, shadow};
use crate::{SymmetricKey, SymmetricState, SymmetricTag, WasiCryptoCtxView};

type Handle = Resource<SymmetricState>;

/// Replaces the functions of `linker` that return bytes.
pub(crate) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: Getter<T>,
) -> wasmtime::Result<()> {
    let interfaces: [(_, Functions<T>); 3] = [
        ("symmetric", symmetric),
        ("symmetric-batch", batch::functions),
        ("symmetric-oneshot", oneshot::functions),
    ];
    shadow(linker, get, &interfaces)
}

impl<T: 'static> Instance<'_, T> {
    /// Adds a function: `prepare` runs at once, `write` when the guest's memory can be written to.
    fn deferred<A, P, R>(
        &mut self,
        name: &str,
        prepare: fn(&mut Call<'_, T>, A) -> Result<P>,
        write: Write<T, P, R>,
    ) -> wasmtime::Result<()>
    where
        A: ComponentNamedList + Lift + 'static,
        P: Send + Sync + 'static,
        R: Payload + Send + Sync + 'static,
        Deferred<T, P, R>: ComponentType + Lower,
    {
        let get = self.get;
        self.linker.func_wrap(
            name,
            move |store: StoreContextMut<'_, T>,
                  arguments: A|
                  -> wasmtime::Result<(Deferred<T, P, R>,)> {
                let params = lift_errno(prepare(&mut Call { store, get }, arguments))?;
                let how = (get, write);
                Ok((Deferred { params, how },))
            },
        )
    }
}

fn symmetric<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    instance.deferred(
        "[method]symmetric-key.export",
        |_, arguments| Ok(arguments),
        |guest, (this,): &(Resource<SymmetricKey>,)| {
            let view = guest.view();
            let (engine, key) = view.exportable(this)?;
            let raw = engine.export_key(key)?;
            guest.give(&raw)
        },
    )?;
    instance.deferred(
        "[method]symmetric-state.options-get",
        |call, (this, name): (Handle, WasmStr)| Ok((this, call.option(&name)?)),
        |guest, (this, name)| {
            let value = Scratch::copy_of(guest.view().state(this)?.option(name)?)?;
            guest.give(&value)
        },
    )?;
    instance.deferred(
        "[method]symmetric-state.squeeze",
        |_, arguments| Ok(arguments),
        |guest, (this, len): &(Handle, u64)| squeeze(guest, this, *len),
    )?;
    instance.deferred(
        "[method]symmetric-state.encrypt",
        |_, arguments| Ok(arguments),
        |guest, (this, data): &(Handle, Region)| encrypt(guest, this, *data),
    )?;
    instance.deferred(
        "[method]symmetric-state.encrypt-detached",
        |_, arguments| Ok(arguments),
        |guest, (this, data): &(Handle, Region)| encrypt_detached(guest, this, *data),
    )?;
    instance.deferred(
        "[method]symmetric-state.decrypt",
        |_, arguments| Ok(arguments),
        |guest, (this, data): &(Handle, Region)| decrypt(guest, this, *data),
    )?;
    instance.deferred(
        "[method]symmetric-state.decrypt-detached",
        |_, arguments| Ok(arguments),
        |guest, (this, data, tag): &(Handle, Region, Region)| {
            decrypt_detached(guest, this, *data, *tag)
        },
    )
}

fn squeeze<T: 'static>(guest: &mut Guest<'_, '_, T>, this: &Handle, len: u64) -> Result<Region> {
    let mut view = guest.view();
    let state = view.state(this)?;
    let len = state.check_squeeze(len)?;
    if state.squeeze_work(len as u64) > 0.0 {
        // Password hashes are the ones that can run out of memory.
        let out = state.squeeze(len as u64)?;
        return guest.give(&out);
    }
    let out = guest.allocate(len)?;
    guest.fill([], out, |mut view, _, out| {
        Ok(view.state(this)?.squeeze_into(out)?)
    })?;
    Ok(out)
}

fn encrypt<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    this: &Handle,
    data: Region,
) -> Result<Region> {
    let mut view = guest.view();
    view.ctx.check_input(data.len())?;
    let len = view.state(this)?.check_encrypt(data.len())?;
    let out = guest.allocate(len)?;
    guest.fill([data], out, |mut view, memory, out| {
        Ok(view.state(this)?.encrypt_into(memory.get(data)?, out)?)
    })?;
    Ok(out)
}

fn encrypt_detached<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    this: &Handle,
    data: Region,
) -> Result<(Region, Resource<SymmetricTag>)> {
    let mut view = guest.view();
    view.ctx.check_input(data.len())?;
    view.check_room(1)?;
    view.state(this)?.check_encrypt_detached()?;
    let out = guest.allocate(data.len())?;
    let tag = guest.fill([data], out, |mut view, memory, out| {
        let state = view.state(this)?;
        let tag = state.encrypt_detached_into(memory.get(data)?, out)?;
        view.push(SymmetricTag(tag))
    })?;
    Ok((out, tag))
}

fn decrypt<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    this: &Handle,
    data: Region,
) -> Result<Region> {
    let mut view = guest.view();
    view.ctx.check_input(data.len())?;
    let room = view.state(this)?.message_len(data.len())?;
    verified(guest, room, |view, memory, out| {
        Ok(view.state(this)?.decrypt_into(memory.get(data)?, out)?)
    })
}

fn decrypt_detached<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    this: &Handle,
    data: Region,
    tag: Region,
) -> Result<Region> {
    guest.view().ctx.check_input(data.len())?;
    verified(guest, data.len(), |view, memory, out| {
        let state = view.state(this)?;
        state.decrypt_detached_into(memory.get(data)?, memory.get(tag)?, out)?;
        Ok(data.len())
    })
}

/// Gives the guest what `decrypt` leaves at the beginning of a buffer of `room` bytes.
fn verified<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    room: usize,
    decrypt: impl FnOnce(&mut WasiCryptoCtxView<'_>, Memory<'_>, &mut [u8]) -> Result<usize>,
) -> Result<Region> {
    let mut scratch = std::mem::take(&mut guest.view().ctx.scratch).with_len(room)?;
    let len = guest.read(|mut view, memory| decrypt(&mut view, memory, &mut scratch));
    let given = match len {
        Ok(len) => guest.give(scratch.get(..len).unwrap_or_default()),
        Err(error) => Err(error),
    };
    guest.view().ctx.scratch = scratch.recycle();
    given
}
