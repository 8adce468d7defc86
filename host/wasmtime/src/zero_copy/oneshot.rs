//! The interface `symmetric-oneshot`.

use wasi_crypto_engine::{Error, Key, Result as EngineResult};
use wasmtime::component::{ComponentType, Lift, Resource, WasmList, WasmStr};
use wasmtime::{AsContext, StoreContext};

use super::{Call, Instance, bytes, unwrapped};
use crate::SymmetricKey;
use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot::{
    OpenedMessages, Sealed, SealedMessages,
};
use crate::error::Result;
use crate::parallel::{self, Share};
use crate::room::{Collect, room};

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

/// Does `work` with each message: nonce, associated data, data.
fn each_message<T: 'static, R: Send>(
    call: &mut Call<'_, T>,
    messages: &[Message],
    share: Share,
    work: impl Fn(Option<&[u8]>, &[u8], &[u8]) -> EngineResult<R> + Sync,
) -> EngineResult<impl Iterator<Item = EngineResult<R>>> {
    let store = call.store.as_context();
    let jobs = messages.iter().map(|message| (message.parts(&store), None));
    let mut jobs = jobs.collected()?;
    let mut results = room(jobs.len())?;
    parallel::for_each(&mut jobs, share, |((nonce, ad, data), result)| {
        *result = Some(work(*nonce, ad, data));
    });
    results.extend(jobs.into_iter().map(|(_, result)| result));
    let each = results.into_iter();
    Ok(each.map(|result: Option<_>| result.unwrap_or(Err(Error::InternalError))))
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
        Ok(Sealed::of(engine.encrypt(&key, nonce, ad, data)?))
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
        |call, (key, messages): (Handle, WasmList<Message>)| {
            let (engine, key) = call.engine_and_key(&key)?;
            let (messages, share) = message_entries(call, &messages, &key)?;
            let each = each_message(call, &messages, share, |nonce, ad, data| {
                engine.encrypt(&key, nonce, ad, data)
            });
            Ok(SealedMessages::of(each?)?)
        },
    )?;
    instance.func(
        "decrypt-many",
        |call, (key, messages): (Handle, WasmList<Message>)| {
            let (engine, key) = call.engine_and_key(&key)?;
            let (messages, share) = message_entries(call, &messages, &key)?;
            let each = each_message(call, &messages, share, |nonce, ad, data| {
                engine.decrypt(&key, nonce, ad, data)
            });
            Ok(OpenedMessages::of(each?)?)
        },
    )
}

fn message_entries<T>(
    call: &mut Call<'_, T>,
    messages: &WasmList<Message>,
    key: &Key,
) -> Result<(Vec<Message>, Share)> {
    let entries = call.entries(messages)?;
    let share = call.check_batch(&entries, |cost, _, message| {
        cost.add_input(message.size());
        cost.add_time(key.algorithm().estimated_nanoseconds(message.data.len()));
        Ok(())
    })?;
    Ok((entries, share))
}
