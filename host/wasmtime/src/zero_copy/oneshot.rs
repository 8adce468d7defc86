//! The interface `symmetric-oneshot`.

use wasi_crypto_engine::{Engine, Error, Key, Result as EngineResult};
use wasmtime::component::{ComponentType, Lift, Resource, WasmList, WasmStr};
use wasmtime::{AsContext, StoreContext};

use super::{Call, Entry, Instance, bytes, unwrapped};
use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot::Sealed;
use crate::error::Result;
use crate::host::entry;
use crate::{SymmetricKey, parallel};

/// A message of `symmetric-oneshot`.
#[derive(ComponentType, Lift)]
#[component(record)]
struct Message {
    nonce: Option<WasmList<u8>>,
    #[component(name = "associated-data")]
    associated_data: WasmList<u8>,
    data: WasmList<u8>,
}

impl Message {
    fn size(&self) -> usize {
        let nonce = self.nonce.as_ref().map_or(0, WasmList::len);
        let parts = [nonce, self.associated_data.len(), self.data.len()];
        parts.into_iter().fold(0, usize::saturating_add)
    }

    /// Nonce, associated data and data.
    fn parts<'a, T: 'static>(
        &self,
        store: &'a StoreContext<'_, T>,
    ) -> (Option<&'a [u8]>, &'a [u8], &'a [u8]) {
        (
            self.nonce.as_ref().map(|nonce| bytes(nonce, store)),
            bytes(&self.associated_data, store),
            bytes(&self.data, store),
        )
    }
}

fn seal(
    engine: &Engine,
    key: &Key,
    nonce: Option<&[u8]>,
    ad: &[u8],
    data: &[u8],
) -> EngineResult<Sealed> {
    let sealed = engine.encrypt(key, nonce, ad, data)?;
    Ok(Sealed {
        nonce: Some(sealed.nonce).filter(|nonce| !nonce.is_empty()),
        ciphertext: sealed.ciphertext,
    })
}

/// Does `work` with each message: nonce, associated data, data.
fn each_message<T: 'static, R: Send>(
    call: &mut Call<'_, T>,
    messages: &[Message],
    key: &Key,
    work: impl Fn(Option<&[u8]>, &[u8], &[u8]) -> EngineResult<R> + Sync,
) -> Result<Vec<Entry<R>>> {
    let threads = call.view().ctx.max_threads;
    let store = call.store.as_context();
    let mut nanoseconds = 0u64;
    let mut jobs = Vec::with_capacity(messages.len());
    for message in messages {
        let estimate = key.algorithm().estimated_nanoseconds(message.data.len());
        nanoseconds = nanoseconds.saturating_add(estimate);
        jobs.push((message.parts(&store), None));
    }
    parallel::for_each(
        &mut jobs,
        threads,
        nanoseconds,
        |((nonce, ad, data), result)| {
            *result = Some(work(*nonce, ad, data));
        },
    );
    let each = jobs.into_iter().map(|(_, result)| {
        entry(
            result
                .unwrap_or(Err(Error::InternalError))
                .map_err(Into::into),
        )
    });
    each.collect()
}

pub(super) fn functions<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    type Handle = Resource<SymmetricKey>;

    instance.func(
        "hash",
        |call, (algorithm, data, len): (WasmStr, WasmList<u8>, u64)| {
            let algorithm = call.algorithm(&algorithm)?;
            call.check_input(data.len())?;
            let engine = call.view().ctx.engine.clone();
            let store = call.store.as_context();
            Ok(unwrapped(engine.hash(
                algorithm,
                bytes(&data, &store),
                len,
            )?))
        },
    )?;
    instance.func(
        "authenticate",
        |call, (key, data): (Handle, WasmList<u8>)| {
            call.check_input(data.len())?;
            let (engine, key) = call.engine_and_key(&key)?;
            let tag = engine.authenticate(&key, bytes(&data, &call.store.as_context()))?;
            Ok(tag.as_bytes().to_vec())
        },
    )?;
    instance.func(
        "verify",
        |call, (key, data, raw_tag): (Handle, WasmList<u8>, WasmList<u8>)| {
            call.check_input(data.len())?;
            let (engine, key) = call.engine_and_key(&key)?;
            let store = &call.store.as_context();
            Ok(engine.verify(&key, bytes(&data, store), bytes(&raw_tag, store))?)
        },
    )?;
    instance.func(
        "derive",
        |call, (key, context, len): (Handle, WasmList<u8>, u64)| {
            call.check_input(context.len())?;
            let (engine, key) = call.engine_and_key(&key)?;
            let store = call.store.as_context();
            Ok(unwrapped(engine.derive(
                &key,
                bytes(&context, &store),
                len,
            )?))
        },
    )?;
    instance.func("encrypt", |call, (key, message): (Handle, Message)| {
        call.check_input(message.size())?;
        let (engine, key) = call.engine_and_key(&key)?;
        let store = call.store.as_context();
        let (nonce, ad, data) = message.parts(&store);
        Ok(seal(&engine, &key, nonce, ad, data)?)
    })?;
    instance.func("decrypt", |call, (key, message): (Handle, Message)| {
        call.check_input(message.size())?;
        let (engine, key) = call.engine_and_key(&key)?;
        let store = call.store.as_context();
        let (nonce, ad, data) = message.parts(&store);
        Ok(unwrapped(engine.decrypt(&key, nonce, ad, data)?))
    })?;
    instance.func(
        "encrypt-many",
        |call, (key, messages): (Handle, WasmList<Message>)| -> Result<Vec<Entry<Sealed>>> {
            let messages = message_entries(call, &messages)?;
            let (engine, key) = call.engine_and_key(&key)?;
            each_message(call, &messages, &key, |nonce, ad, data| {
                seal(&engine, &key, nonce, ad, data)
            })
        },
    )?;
    instance.func(
        "decrypt-many",
        |call, (key, messages): (Handle, WasmList<Message>)| -> Result<Vec<Entry<Vec<u8>>>> {
            let messages = message_entries(call, &messages)?;
            let (engine, key) = call.engine_and_key(&key)?;
            each_message(call, &messages, &key, |nonce, ad, data| {
                Ok(unwrapped(engine.decrypt(&key, nonce, ad, data)?))
            })
        },
    )
}

fn message_entries<T>(
    call: &mut Call<'_, T>,
    messages: &WasmList<Message>,
) -> Result<Vec<Message>> {
    let entries = call.entries(messages)?;
    call.check_batch(&entries, |cost, _, message| {
        cost.add_input(message.size());
        Ok(())
    })?;
    Ok(entries)
}
