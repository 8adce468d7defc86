//! The interface `secrets`.

use wasi_crypto_keys::KeyId;
use wasmtime::AsContext;
use wasmtime::component::{Resource, WasmList, WasmStr};

use super::{Call, Instance, bytes};
use crate::bindings::wasi_ephemeral::crypto::secrets::VersionSelector;
use crate::error::Result;
use crate::host::Job;
use crate::{Options, SecretsManager};

type Manager = Resource<SecretsManager>;

/// The identifier that a list in guest memory is.
pub(crate) fn key_id<T: 'static>(call: &Call<'_, T>, id: &WasmList<u8>) -> Result<KeyId> {
    Ok(KeyId::from_slice(bytes(id, &call.store.as_context()))?)
}

pub(super) fn functions<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    instance.func(
        "[method]secrets-manager.generate-symmetric-key",
        |call, (this, algorithm, options): (Manager, WasmStr, Option<Resource<Options>>)| {
            let algorithm = call.algorithm(&algorithm)?;
            let mut view = call.view();
            let generated = view.generating(&this, algorithm, options.as_ref())?.done();
            view.generated(generated)
        },
    )?;
    instance.func(
        "[method]secrets-manager.symmetric-key-from-id",
        |call, (this, id, version): (Manager, WasmList<u8>, VersionSelector)| {
            let id = key_id(call, &id)?;
            let mut view = call.view();
            let fetched = view.fetching(&this, id, version)?.done();
            view.fetched(fetched)
        },
    )?;
    instance.func(
        "[method]secrets-manager.invalidate",
        |call, (this, id, version): (Manager, WasmList<u8>, VersionSelector)| {
            let id = key_id(call, &id)?;
            Ok(call.view().revoking(&this, id, version)?.done()?)
        },
    )
}
