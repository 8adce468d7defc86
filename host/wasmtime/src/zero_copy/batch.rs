//! The interface `symmetric-batch`.

use wasi_crypto_engine::{Error, Result as EngineResult, State};
use wasmtime::AsContext;
use wasmtime::component::{ComponentType, Lift, Resource, WasmList};

use super::{Call, Entry, Instance, bytes, decrypt, decrypt_detached, unwrapped};
use crate::bindings::wasi_ephemeral::crypto::symmetric_batch::DetachedCiphertext;
use crate::error::Result;
use crate::host::{Taken, entry, put_back, take_states};
use crate::parallel::{self, Share};
use crate::room::room;
use crate::{SymmetricState, SymmetricTag};

/// An entry of `symmetric-batch`'s encryptions and decryptions.
#[derive(ComponentType, Lift)]
#[component(record)]
struct CryptParams {
    state: Resource<SymmetricState>,
    data: WasmList<u8>,
}

/// An entry of `symmetric-batch`'s detached decryptions.
#[derive(ComponentType, Lift)]
#[component(record)]
struct DecryptDetachedParams {
    state: Resource<SymmetricState>,
    data: WasmList<u8>,
    #[component(name = "raw-tag")]
    raw_tag: WasmList<u8>,
}

/// An entry of `symmetric-batch`'s `squeeze`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct SqueezeParams {
    pub(crate) state: Resource<SymmetricState>,
    pub(crate) len: u64,
}

pub(super) fn functions<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    instance.func(
        "squeeze",
        |call, (batch,): (WasmList<SqueezeParams>,)| -> Result<Vec<Entry<Vec<u8>>>> {
            let (entries, share) = squeeze_entries(call, &batch)?;
            let batch = Batch {
                state: |params: &SqueezeParams| &params.state,
                inputs: |_| [],
                work: |state, params, []| state.squeeze(params.len).map(unwrapped),
            };
            batch.run(call, &entries, share, |_, out| Ok(out))
        },
    )?;
    instance.func(
        "squeeze-tag",
        |call,
         (states,): (WasmList<Resource<SymmetricState>>,)|
         -> Result<Vec<Entry<Resource<SymmetricTag>>>> {
            let (entries, share) = tag_entries(call, &states)?;
            let batch = Batch {
                state: |state| state,
                inputs: |_| [],
                work: |state, _, []| state.squeeze_tag(),
            };
            batch.run(call, &entries, share, |call, tag| {
                call.view().push(SymmetricTag(tag))
            })
        },
    )?;
    instance.func(
        "encrypt",
        |call, (batch,): (WasmList<CryptParams>,)| -> Result<Vec<Entry<Vec<u8>>>> {
            let (entries, share) = crypt_entries(call, &batch)?;
            let batch = crypt_batch(|state, _, [data]| state.encrypt(data));
            batch.run(call, &entries, share, |_, out| Ok(out))
        },
    )?;
    instance.func(
        "encrypt-detached",
        |call, (batch,): (WasmList<CryptParams>,)| -> Result<Vec<Entry<DetachedCiphertext>>> {
            let (entries, share) = crypt_entries(call, &batch)?;
            call.view().check_room(entries.len())?;
            let batch = crypt_batch(|state, _, [data]| state.encrypt_detached(data));
            batch.run(call, &entries, share, |call, encrypted| {
                call.view().push_detached(Ok(encrypted))
            })
        },
    )?;
    instance.func(
        "decrypt",
        |call, (batch,): (WasmList<CryptParams>,)| -> Result<Vec<Entry<Vec<u8>>>> {
            let (entries, share) = crypt_entries(call, &batch)?;
            let batch = crypt_batch(|state, _, [data]| decrypt(state, data));
            batch.run(call, &entries, share, |_, out| Ok(out))
        },
    )?;
    instance.func(
        "decrypt-detached",
        |call, (batch,): (WasmList<DecryptDetachedParams>,)| -> Result<Vec<Entry<Vec<u8>>>> {
            let entries = call.entries(&batch)?;
            let share = call.check_batch(&entries, |cost, view, params| {
                cost.add_message(view.state(&params.state)?, params.data.len());
                Ok(())
            })?;
            let batch = Batch {
                state: |params: &DecryptDetachedParams| &params.state,
                inputs: |params| [&params.data, &params.raw_tag],
                work: |state, _, [data, tag]| decrypt_detached(state, data, tag),
            };
            batch.run(call, &entries, share, |_, out| Ok(out))
        },
    )
}

fn crypt_batch<R>(
    work: fn(&mut State, &CryptParams, [&[u8]; 1]) -> EngineResult<R>,
) -> Batch<CryptParams, R, 1> {
    Batch {
        state: |params| &params.state,
        inputs: |params| [&params.data],
        work,
    }
}

/// What a batch does with each of its entries.
///
/// A state can occur more than once and has to see its entries in order: only its first entry is worked on together with
/// those of the others, and what is left comes afterwards, one by one.
pub(crate) struct Batch<E, R, const N: usize> {
    pub(crate) state: fn(&E) -> &Resource<SymmetricState>,
    pub(crate) inputs: fn(&E) -> [&WasmList<u8>; N],
    pub(crate) work: fn(&mut State, &E, [&[u8]; N]) -> EngineResult<R>,
}

impl<E: Sync, R: Send, const N: usize> Batch<E, R, N> {
    /// Works on all entries; `finish` makes of the results what the guest gets.
    fn run<T: 'static, F>(
        &self,
        call: &mut Call<'_, T>,
        entries: &[E],
        share: Share,
        finish: impl Fn(&mut Call<'_, T>, R) -> Result<F>,
    ) -> Result<Vec<Entry<F>>> {
        let states = || entries.iter().map(self.state);
        let mut results = room(entries.len())?;
        let mut taken = take_states(&mut call.view(), states())?;
        let done = self.work_on_first(call, entries, &mut taken, share);
        put_back(&mut call.view(), states(), taken)?;
        let mut done = done?.into_iter().peekable();

        for (at, params) in entries.iter().enumerate() {
            let result = match done.next_if(|(entry, _)| *entry == at) {
                Some((_, result)) => result
                    .unwrap_or(Err(Error::InternalError))
                    .map_err(Into::into),
                None => call.with_state((self.state)(params), |state, store| {
                    let inputs = (self.inputs)(params).map(|list| bytes(list, store));
                    (self.work)(state, params, inputs)
                }),
            };
            results.push(entry(result.and_then(|result| finish(call, result)))?);
        }
        Ok(results)
    }

    /// Works on the first entry of each state; gives what came of it, and at which entry.
    fn work_on_first<T: 'static>(
        &self,
        call: &mut Call<'_, T>,
        entries: &[E],
        taken: &mut [Taken],
        share: Share,
    ) -> Result<Vec<(usize, Option<EngineResult<R>>)>> {
        let store = call.store.as_context();
        let mut done = room(taken.len())?;
        let mut work = room(taken.len())?;
        for taken in taken {
            let params = entries.get(taken.entry).ok_or(Error::InternalError)?;
            let inputs = (self.inputs)(params).map(|list| bytes(list, &store));
            work.push((taken, params, inputs, None));
        }
        parallel::for_each(&mut work, share, |(taken, params, inputs, result)| {
            *result = Some((self.work)(&mut taken.state, params, *inputs));
        });
        let each = work.into_iter();
        done.extend(each.map(|(taken, .., result)| (taken.entry, result)));
        Ok(done)
    }
}

/// The entries of a batch to squeeze, when its cost is within the limits.
pub(crate) fn squeeze_entries<T>(
    call: &mut Call<'_, T>,
    batch: &WasmList<SqueezeParams>,
) -> Result<(Vec<SqueezeParams>, Share)> {
    let entries = call.entries(batch)?;
    let share = squeeze_share(call, &entries)?;
    Ok((entries, share))
}

/// How the work of a batch to squeeze can be shared, when its cost is within the limits.
pub(crate) fn squeeze_share<T>(call: &mut Call<'_, T>, entries: &[SqueezeParams]) -> Result<Share> {
    call.check_batch(entries, |cost, view, params| {
        cost.add_squeeze(view.state(&params.state)?, params.len);
        Ok(())
    })
}

/// The states of a batch to squeeze tags from, when its cost is within the limits and its tags have a place.
pub(crate) fn tag_entries<T>(
    call: &mut Call<'_, T>,
    states: &WasmList<Resource<SymmetricState>>,
) -> Result<(Vec<Resource<SymmetricState>>, Share)> {
    let entries = call.entries(states)?;
    let share = call.check_batch(&entries, |cost, view, state| {
        cost.add_tag(view.state(state)?);
        Ok(())
    })?;
    call.view().check_room(entries.len())?;
    Ok((entries, share))
}

/// The entries of a batch to encrypt or decrypt, when its cost is within the limits.
fn crypt_entries<T>(
    call: &mut Call<'_, T>,
    batch: &WasmList<CryptParams>,
) -> Result<(Vec<CryptParams>, Share)> {
    let entries = call.entries(batch)?;
    let share = call.check_batch(&entries, |cost, view, params| {
        cost.add_message(view.state(&params.state)?, params.data.len());
        Ok(())
    })?;
    Ok((entries, share))
}
