//! The interface `secrets`.

use wasi_crypto_engine::Error;
use wasi_crypto_keys::Result as StoreResult;
use wasmtime::StoreContextMut;
use wasmtime::component::{Resource, WasmList, WasmStr};

use crate::bindings::wasi_ephemeral::crypto::secrets::{Version, VersionSelector};
use crate::error::{Result, lift_errno};
use crate::host::Job;
use crate::zero_copy::secrets::key_id;
use crate::zero_copy::{Call, Instance};
use crate::{Options, SecretsManager, SymmetricKey};

type Manager = Resource<SecretsManager>;
type KeyHandle = Resource<SymmetricKey>;

pub(super) fn functions<T: Send + 'static>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    type Generate = (Manager, WasmStr, Option<Resource<Options>>);
    type Fetch = (Manager, WasmList<u8>, VersionSelector);

    let Instance { linker, get } = instance;
    let get = *get;
    linker.func_wrap_async(
        "[method]secrets-manager.generate-symmetric-key",
        move |store: StoreContextMut<'_, T>, arguments: Generate| {
            Box::new(async move {
                let key = generate(&mut Call { store, get }, arguments).await;
                Ok((lift_errno(key)?,))
            })
        },
    )?;
    linker.func_wrap_async(
        "[method]secrets-manager.store-symmetric-key",
        move |store, (this, key): (Manager, KeyHandle)| {
            Box::new(async move {
                let id = store_key(&mut Call { store, get }, &this, &key).await;
                Ok((lift_errno(id)?,))
            })
        },
    )?;
    linker.func_wrap_async(
        "[method]secrets-manager.replace-symmetric-key",
        move |store, (this, old, new): (Manager, KeyHandle, KeyHandle)| {
            Box::new(async move {
                let version = replace(&mut Call { store, get }, &this, &old, &new).await;
                Ok((lift_errno(version)?,))
            })
        },
    )?;
    linker.func_wrap_async(
        "[method]secrets-manager.symmetric-key-from-id",
        move |store: StoreContextMut<'_, T>, arguments: Fetch| {
            Box::new(async move {
                let key = fetch(&mut Call { store, get }, arguments).await;
                Ok((lift_errno(key)?,))
            })
        },
    )?;
    linker.func_wrap_async(
        "[method]secrets-manager.invalidate",
        move |store: StoreContextMut<'_, T>, arguments: Fetch| {
            Box::new(async move {
                let revoked = revoke(&mut Call { store, get }, arguments).await;
                Ok((lift_errno(revoked)?,))
            })
        },
    )
}

async fn generate<T: Send + 'static>(
    call: &mut Call<'_, T>,
    (this, algorithm, options): (Manager, WasmStr, Option<Resource<Options>>),
) -> Result<KeyHandle> {
    let algorithm = call.algorithm(&algorithm)?;
    let job = call.view().generating(&this, algorithm, options.as_ref())?;
    let generated = off_thread(job).await?;
    call.view().generated(generated)
}

async fn store_key<T: Send + 'static>(
    call: &mut Call<'_, T>,
    this: &Manager,
    key: &KeyHandle,
) -> Result<Vec<u8>> {
    let job = call.view().storing(this, key)?;
    let stored = off_thread(job).await?;
    call.view().stored(key, stored)
}

async fn replace<T: Send + 'static>(
    call: &mut Call<'_, T>,
    this: &Manager,
    old: &KeyHandle,
    new: &KeyHandle,
) -> Result<Version> {
    let job = call.view().replacing(this, old, new)?;
    let replaced = off_thread(job).await?;
    call.view().replaced(new, replaced)
}

async fn fetch<T: Send + 'static>(
    call: &mut Call<'_, T>,
    (this, id, version): (Manager, WasmList<u8>, VersionSelector),
) -> Result<KeyHandle> {
    let id = key_id(call, &id)?;
    let job = call.view().fetching(&this, id, version)?;
    let fetched = off_thread(job).await?;
    call.view().fetched(fetched)
}

async fn revoke<T: Send + 'static>(
    call: &mut Call<'_, T>,
    (this, id, version): (Manager, WasmList<u8>, VersionSelector),
) -> Result<()> {
    let id = key_id(call, &id)?;
    let job = call.view().revoking(&this, id, version)?;
    Ok(off_thread(job).await??)
}

/// Does a job on a thread that may block.
async fn off_thread<J: Job>(job: J) -> Result<StoreResult<J::Output>> {
    let done = super::thread::run(move || job.done()).await;
    Ok(done.ok_or(Error::InternalError)?)
}
