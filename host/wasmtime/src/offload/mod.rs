//! Password hashing, and waiting for a store of keys, off the threads of an asynchronous embedder's executor.

mod secrets;
mod thread;

use wasi_crypto_engine::{Error, Result as EngineResult, State, Tag};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, WasmList};

use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::error::{Result, lift_errno};
use crate::host::entry;
use crate::room::room;
use crate::zero_copy::batch::{SqueezeParams, squeeze_entries, tag_entries};
use crate::zero_copy::{Call, Functions, Getter, Instance, shadow};
use crate::{SymmetricState, SymmetricTag};

type Handle = Resource<SymmetricState>;
type Entry<R> = std::result::Result<R, CryptoErrno>;

/// Replaces the functions that a password hash or a store of keys can hold up.
pub(crate) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: Getter<T>,
) -> wasmtime::Result<()> {
    let interfaces: [(_, Functions<T>); 3] = [
        ("symmetric", symmetric),
        ("symmetric-batch", batch),
        ("secrets", secrets::functions),
    ];
    shadow(linker, get, &interfaces)
}

fn symmetric<T: Send + 'static>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    let Instance { linker, get } = instance;
    let get = *get;
    linker.func_wrap_async(
        "[method]symmetric-state.squeeze",
        move |store, (this, len): (Handle, u64)| {
            Box::new(async move {
                let squeezed = squeeze(&mut Call { store, get }, &this, len).await;
                Ok((lift_errno(squeezed)?,))
            })
        },
    )?;
    linker.func_wrap_async(
        "[method]symmetric-state.squeeze-tag",
        move |store, (this,): (Handle,)| {
            Box::new(async move {
                let tag = squeeze_tag(&mut Call { store, get }, &this).await;
                Ok((lift_errno(tag)?,))
            })
        },
    )
}

fn batch<T: Send + 'static>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    let Instance { linker, get } = instance;
    let get = *get;
    linker.func_wrap_async(
        "squeeze",
        move |store: StoreContextMut<'_, T>, (batch,): (WasmList<SqueezeParams>,)| {
            Box::new(async move {
                let results = squeeze_batch(&mut Call { store, get }, batch).await;
                Ok((lift_errno(results)?,))
            })
        },
    )?;
    linker.func_wrap_async(
        "squeeze-tag",
        move |store: StoreContextMut<'_, T>, (states,): (WasmList<Handle>,)| {
            Box::new(async move {
                let results = squeeze_tag_batch(&mut Call { store, get }, states).await;
                Ok((lift_errno(results)?,))
            })
        },
    )
}

async fn squeeze<T: Send + 'static>(
    call: &mut Call<'_, T>,
    this: &Handle,
    len: u64,
) -> Result<Vec<u8>> {
    let mut out = off_thread(call, this, move |state| state.squeeze(len)).await?;
    Ok(std::mem::take(&mut *out))
}

async fn squeeze_tag<T: Send + 'static>(
    call: &mut Call<'_, T>,
    this: &Handle,
) -> Result<Resource<SymmetricTag>> {
    call.view().check_room(1)?;
    let tag: Tag = off_thread(call, this, State::squeeze_tag).await?;
    call.view().push(SymmetricTag(tag))
}

async fn squeeze_batch<T: Send + 'static>(
    call: &mut Call<'_, T>,
    batch: WasmList<SqueezeParams>,
) -> Result<Vec<Entry<Vec<u8>>>> {
    let (entries, _) = squeeze_entries(call, &batch)?;
    let mut results = room(entries.len())?;
    for params in entries {
        results.push(entry(squeeze(call, &params.state, params.len).await)?);
    }
    Ok(results)
}

async fn squeeze_tag_batch<T: Send + 'static>(
    call: &mut Call<'_, T>,
    states: WasmList<Handle>,
) -> Result<Vec<Entry<Resource<SymmetricTag>>>> {
    let (entries, _) = tag_entries(call, &states)?;
    let mut results = room(entries.len())?;
    for state in entries {
        results.push(entry(squeeze_tag(call, &state).await)?);
    }
    Ok(results)
}

/// Runs `operation` with a state, on a thread that may block when it is a password hash's.
async fn off_thread<T, R>(
    call: &mut Call<'_, T>,
    handle: &Handle,
    operation: impl FnOnce(&mut State) -> EngineResult<R> + Send + 'static,
) -> Result<R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    if call.view().state(handle)?.squeeze_work(0) == 0.0 {
        return Ok(operation(call.view().state(handle)?)?);
    }
    let mut state = call.view().table.get_mut(handle)?.take()?;
    let work = thread::run(move || {
        let result = operation(&mut state);
        (state, result)
    });
    // The state is lost only with the store, or with a thread that panicked.
    let (state, result) = work.await.ok_or(Error::InternalError)?;
    call.view().table.get_mut(handle)?.0 = Some(state);
    Ok(result?)
}
