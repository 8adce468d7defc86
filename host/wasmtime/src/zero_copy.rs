//! The functions that take lists and strings, once more, without copying them out of guest memory.
//!
//! They shadow the ones that `bindgen!` generates and do the same. Everything in this module that is not plain
//! [`WasmList`] and [`WasmStr`] would belong nowhere else: it is the one place that leans on how wasmtime passes lists.
//!
//! A view of guest memory borrows the whole store, so nothing can re-enter the guest or grow its memory while one
//! exists; a state is taken out of its table for that long.

use wasi_crypto_engine::{Engine, Key, OptionName, State, registry};
use wasmtime::component::{
    ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, WasmList, WasmStr,
};
use wasmtime::{AsContext, AsContextMut, StoreContext, StoreContextMut};

use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::bindings::wasi_ephemeral::crypto::symmetric_batch::DetachedCiphertext;
use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot::Sealed;
use crate::error::{Result, lift_errno};
use crate::host::{BatchCost, entry};
use crate::{Options, SymmetricKey, SymmetricState, SymmetricTag, WasiCryptoCtxView};

pub(crate) type Getter<T> = fn(&mut T) -> WasiCryptoCtxView<'_>;

/// What a function of the WIT returns: a result with an errno, as the one element of a tuple.
type Response<R> = wasmtime::Result<(std::result::Result<R, CryptoErrno>,)>;

/// What one entry of a batch gives.
type Entry<R> = std::result::Result<R, CryptoErrno>;

/// Replaces the functions of `linker` that take lists and strings.
pub(crate) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: Getter<T>,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let added = add_interfaces(linker, get);
    linker.allow_shadowing(false);
    added
}

fn add_interfaces<T: 'static>(linker: &mut Linker<T>, get: Getter<T>) -> wasmtime::Result<()> {
    let mut add = |interface: &str, functions: fn(&mut Instance<'_, T>) -> wasmtime::Result<()>| {
        functions(&mut Instance {
            linker: linker.instance(&interface_name(interface))?,
            get,
        })
    };
    add("common", common)?;
    add("symmetric", symmetric)?;
    add("symmetric-batch", symmetric_batch)?;
    add("symmetric-oneshot", symmetric_oneshot)
}

/// The full name of an interface of the package.
pub(crate) fn interface_name(interface: &str) -> String {
    format!("wasi-ephemeral:crypto/{interface}@0.1.0")
}

/// One interface in the linker.
struct Instance<'a, T: 'static> {
    linker: LinkerInstance<'a, T>,
    get: Getter<T>,
}

impl<T: 'static> Instance<'_, T> {
    fn func<P, R>(
        &mut self,
        name: &str,
        body: fn(&mut Call<'_, T>, P) -> Result<R>,
    ) -> wasmtime::Result<()>
    where
        P: wasmtime::component::ComponentNamedList + Lift + 'static,
        std::result::Result<R, CryptoErrno>: Lower + ComponentType + 'static,
        (std::result::Result<R, CryptoErrno>,):
            wasmtime::component::ComponentNamedList + Lower + 'static,
        R: 'static,
    {
        let get = self.get;
        self.linker.func_wrap(
            name,
            move |store: StoreContextMut<'_, T>, params: P| -> Response<R> {
                Ok((lift_errno(body(&mut Call { store, get }, params))?,))
            },
        )
    }
}

/// One call of a guest.
pub(crate) struct Call<'a, T: 'static> {
    pub(crate) store: StoreContextMut<'a, T>,
    pub(crate) get: Getter<T>,
}

impl<T: 'static> Call<'_, T> {
    pub(crate) fn view(&mut self) -> WasiCryptoCtxView<'_> {
        (self.get)(self.store.data_mut())
    }

    /// The registry's spelling of an algorithm's name, which outlives the view of the guest's.
    fn algorithm(&self, name: &WasmStr) -> Result<&'static str> {
        Ok(registry::find(&name.to_str(&self.store)?)?.name)
    }

    /// The first name of an option.
    fn option(&self, name: &WasmStr) -> Result<&'static str> {
        Ok(OptionName::find(&name.to_str(&self.store)?)?.as_str())
    }

    /// Runs `operation` with a state and with guest memory.
    fn with_state<R>(
        &mut self,
        handle: &Resource<SymmetricState>,
        operation: impl FnOnce(&mut State, &StoreContext<'_, T>) -> wasi_crypto_engine::Result<R>,
    ) -> Result<R> {
        let mut state = self.view().table.get_mut(handle)?.take()?;
        let result = operation(&mut state, &self.store.as_context());
        self.view().table.get_mut(handle)?.0 = Some(state);
        Ok(result?)
    }

    /// An engine and a key that do not borrow the store; both are shared, not copied.
    fn engine_and_key(&mut self, handle: &Resource<SymmetricKey>) -> Result<(Engine, Key)> {
        let view = self.view();
        let (engine, key) = view.engine_and_key(handle)?;
        Ok((engine.clone(), key.clone()))
    }

    fn check_input(&mut self, bytes: usize) -> Result<()> {
        self.view().ctx.check_input(bytes)
    }

    /// Lifts the entries of a batch, once it is known that they are not too many.
    fn entries<E: Lift + 'static>(&mut self, batch: &WasmList<E>) -> Result<Vec<E>> {
        self.view().ctx.check_entries(batch.len())?;
        let mut entries = Vec::with_capacity(batch.len());
        for entry in batch.iter(self.store.as_context_mut())? {
            entries.push(entry?);
        }
        Ok(entries)
    }

    /// Adds up what a batch costs, and refuses it whole if that is too much.
    fn check_batch<E>(
        &mut self,
        entries: &[E],
        mut cost: impl FnMut(&mut BatchCost, &mut WasiCryptoCtxView<'_>, &E) -> Result<()>,
    ) -> Result<()> {
        let mut total = BatchCost::default();
        let mut view = self.view();
        for entry in entries {
            total.add_entry();
            cost(&mut total, &mut view, entry)?;
        }
        total.check(view.ctx)
    }
}

/// The bytes of a list in guest memory.
fn bytes<'a, T: 'static>(list: &WasmList<u8>, store: &'a StoreContext<'_, T>) -> &'a [u8] {
    list.as_le_slice(store)
}

fn common<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    type This = Resource<Options>;

    instance.func(
        "[method]options.set",
        |call, (this, name, value): (This, WasmStr, WasmList<u8>)| {
            let name = call.option(&name)?;
            call.check_input(value.len())?;
            // A clone shares the values that are set already; the change goes to it, and then takes the original's place.
            let mut options = call.view().table.get(&this)?.0.clone();
            options.set(name, bytes(&value, &call.store.as_context()))?;
            call.view().table.get_mut(&this)?.0 = options;
            Ok(())
        },
    )?;
    instance.func(
        "[method]options.set-u64",
        |call, (this, name, value): (This, WasmStr, u64)| {
            let name = call.option(&name)?;
            Ok(call.view().table.get_mut(&this)?.0.set_u64(name, value)?)
        },
    )?;
    instance.func(
        "[method]options.set-guest-buffer",
        |call, (this, name, size): (This, WasmStr, u64)| {
            let name = call.option(&name)?;
            let options = &mut call.view().table.get_mut(&this)?.0;
            Ok(options.set_guest_buffer(name, size)?)
        },
    )
}

fn symmetric<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    type State = Resource<SymmetricState>;

    instance.func(
        "[static]symmetric-key.generate",
        |call, (algorithm, options): (WasmStr, Option<Resource<Options>>)| {
            let algorithm = call.algorithm(&algorithm)?;
            call.view().generate_key(algorithm, options.as_ref())
        },
    )?;
    instance.func(
        "[static]symmetric-key.import",
        |call, (algorithm, raw): (WasmStr, WasmList<u8>)| {
            let algorithm = call.algorithm(&algorithm)?;
            call.check_input(raw.len())?;
            let engine = call.view().ctx.engine.clone();
            let key = engine.import_key(algorithm, bytes(&raw, &call.store.as_context()))?;
            call.view().push(SymmetricKey(key))
        },
    )?;
    instance.func(
        "[static]symmetric-state.open",
        |call,
         (algorithm, key, options): (
            WasmStr,
            Option<Resource<SymmetricKey>>,
            Option<Resource<Options>>,
        )| {
            let algorithm = call.algorithm(&algorithm)?;
            call.view()
                .open_state(algorithm, key.as_ref(), options.as_ref())
        },
    )?;
    instance.func(
        "[method]symmetric-state.options-get",
        |call, (this, name): (State, WasmStr)| {
            let name = call.option(&name)?;
            Ok(call.view().state(&this)?.option(name)?.to_vec())
        },
    )?;
    instance.func(
        "[method]symmetric-state.options-get-u64",
        |call, (this, name): (State, WasmStr)| {
            let name = call.option(&name)?;
            Ok(call.view().state(&this)?.option_u64(name)?)
        },
    )?;
    instance.func(
        "[method]symmetric-state.squeeze-key",
        |call, (this, algorithm): (State, WasmStr)| {
            let algorithm = call.algorithm(&algorithm)?;
            let mut view = call.view();
            view.check_room(1)?;
            let key = view.state(&this)?.squeeze_key(algorithm)?;
            view.push(SymmetricKey(key))
        },
    )?;
    instance.func(
        "[method]symmetric-state.absorb",
        |call, (this, data): (State, WasmList<u8>)| {
            call.check_input(data.len())?;
            call.with_state(&this, |state, store| state.absorb(bytes(&data, store)))
        },
    )?;
    instance.func(
        "[method]symmetric-state.encrypt",
        |call, (this, data): (State, WasmList<u8>)| {
            call.check_input(data.len())?;
            call.with_state(&this, |state, store| state.encrypt(bytes(&data, store)))
        },
    )?;
    instance.func(
        "[method]symmetric-state.encrypt-detached",
        |call, (this, data): (State, WasmList<u8>)| {
            call.check_input(data.len())?;
            call.view().check_room(1)?;
            let (ciphertext, tag) = call.with_state(&this, |state, store| {
                state.encrypt_detached(bytes(&data, store))
            })?;
            Ok((ciphertext, call.view().push(SymmetricTag(tag))?))
        },
    )?;
    instance.func(
        "[method]symmetric-state.decrypt",
        |call, (this, data): (State, WasmList<u8>)| {
            call.check_input(data.len())?;
            call.with_state(&this, |state, store| decrypt(state, bytes(&data, store)))
        },
    )?;
    instance.func(
        "[method]symmetric-state.decrypt-detached",
        |call, (this, data, raw_tag): (State, WasmList<u8>, WasmList<u8>)| {
            call.check_input(data.len())?;
            call.with_state(&this, |state, store| {
                decrypt_detached(state, bytes(&data, store), bytes(&raw_tag, store))
            })
        },
    )?;
    instance.func(
        "[method]symmetric-tag.verify",
        |call, (this, expected): (Resource<SymmetricTag>, WasmList<u8>)| {
            let tag = call.view().table.get(&this)?.0.clone();
            Ok(tag.verify(bytes(&expected, &call.store.as_context()))?)
        },
    )
}

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

fn symmetric_batch<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    instance.func(
        "squeeze",
        |call, (batch,): (WasmList<SqueezeParams>,)| -> Result<Vec<Entry<Vec<u8>>>> {
            let entries = squeeze_entries(call, &batch)?;
            let mut view = call.view();
            let each = entries.iter().map(|params| {
                let squeezed = view.state(&params.state)?.squeeze(params.len);
                entry(squeezed.map(unwrapped).map_err(Into::into))
            });
            each.collect()
        },
    )?;
    instance.func(
        "squeeze-tag",
        |call,
         (states,): (WasmList<Resource<SymmetricState>>,)|
         -> Result<Vec<Entry<Resource<SymmetricTag>>>> {
            let entries = tag_entries(call, &states)?;
            let mut view = call.view();
            let each = entries.iter().map(|handle| {
                let tag = view.state(handle)?.squeeze_tag();
                entry(view.push_tag(tag))
            });
            each.collect()
        },
    )?;
    instance.func(
        "encrypt",
        |call, (batch,): (WasmList<CryptParams>,)| -> Result<Vec<Entry<Vec<u8>>>> {
            let entries = crypt_entries(call, &batch)?;
            let each = entries.iter().map(|params| {
                entry(call.with_state(&params.state, |state, store| {
                    state.encrypt(bytes(&params.data, store))
                }))
            });
            each.collect()
        },
    )?;
    instance.func(
        "encrypt-detached",
        |call, (batch,): (WasmList<CryptParams>,)| -> Result<Vec<Entry<DetachedCiphertext>>> {
            let entries = crypt_entries(call, &batch)?;
            call.view().check_room(entries.len())?;
            let each = entries.iter().map(|params| {
                let encrypted = call.with_state(&params.state, |state, store| {
                    state.encrypt_detached(bytes(&params.data, store))
                });
                entry(encrypted.and_then(|encrypted| call.view().push_detached(Ok(encrypted))))
            });
            each.collect()
        },
    )?;
    instance.func(
        "decrypt",
        |call, (batch,): (WasmList<CryptParams>,)| -> Result<Vec<Entry<Vec<u8>>>> {
            let entries = crypt_entries(call, &batch)?;
            let each = entries.iter().map(|params| {
                entry(call.with_state(&params.state, |state, store| {
                    decrypt(state, bytes(&params.data, store))
                }))
            });
            each.collect()
        },
    )?;
    instance.func(
        "decrypt-detached",
        |call, (batch,): (WasmList<DecryptDetachedParams>,)| -> Result<Vec<Entry<Vec<u8>>>> {
            let entries = call.entries(&batch)?;
            call.check_batch(&entries, |cost, _, params| {
                cost.add_input(params.data.len());
                Ok(())
            })?;
            let each = entries.iter().map(|params| {
                entry(call.with_state(&params.state, |state, store| {
                    decrypt_detached(
                        state,
                        bytes(&params.data, store),
                        bytes(&params.raw_tag, store),
                    )
                }))
            });
            each.collect()
        },
    )
}

/// The entries of a batch to squeeze, when its cost is within the limits.
pub(crate) fn squeeze_entries<T>(
    call: &mut Call<'_, T>,
    batch: &WasmList<SqueezeParams>,
) -> Result<Vec<SqueezeParams>> {
    let entries = call.entries(batch)?;
    call.check_batch(&entries, |cost, view, params| {
        cost.add_output(params.len);
        cost.add_squeeze(view.state(&params.state)?);
        Ok(())
    })?;
    Ok(entries)
}

/// The states of a batch to squeeze tags from, when its cost is within the limits and its tags have a place.
pub(crate) fn tag_entries<T>(
    call: &mut Call<'_, T>,
    states: &WasmList<Resource<SymmetricState>>,
) -> Result<Vec<Resource<SymmetricState>>> {
    let entries = call.entries(states)?;
    call.check_batch(&entries, |cost, view, state| {
        cost.add_squeeze(view.state(state)?);
        Ok(())
    })?;
    call.view().check_room(entries.len())?;
    Ok(entries)
}

/// The entries of a batch to encrypt or decrypt, when its cost is within the limits.
fn crypt_entries<T>(
    call: &mut Call<'_, T>,
    batch: &WasmList<CryptParams>,
) -> Result<Vec<CryptParams>> {
    let entries = call.entries(batch)?;
    call.check_batch(&entries, |cost, _, params| {
        cost.add_input(params.data.len());
        Ok(())
    })?;
    Ok(entries)
}

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
        self.associated_data.len().saturating_add(self.data.len())
    }

    fn encrypt<T: 'static>(
        &self,
        engine: &Engine,
        key: &Key,
        store: &StoreContext<'_, T>,
    ) -> Result<Sealed> {
        let sealed = engine.encrypt(
            key,
            self.nonce.as_ref().map(|nonce| bytes(nonce, store)),
            bytes(&self.associated_data, store),
            bytes(&self.data, store),
        )?;
        Ok(Sealed {
            nonce: sealed.nonce,
            ciphertext: sealed.ciphertext,
        })
    }

    fn decrypt<T: 'static>(
        &self,
        engine: &Engine,
        key: &Key,
        store: &StoreContext<'_, T>,
    ) -> Result<Vec<u8>> {
        let message = engine.decrypt(
            key,
            self.nonce.as_ref().map(|nonce| bytes(nonce, store)),
            bytes(&self.associated_data, store),
            bytes(&self.data, store),
        )?;
        Ok(unwrapped(message))
    }
}

fn symmetric_oneshot<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
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
        message.encrypt(&engine, &key, &call.store.as_context())
    })?;
    instance.func("decrypt", |call, (key, message): (Handle, Message)| {
        call.check_input(message.size())?;
        let (engine, key) = call.engine_and_key(&key)?;
        message.decrypt(&engine, &key, &call.store.as_context())
    })?;
    instance.func(
        "encrypt-many",
        |call, (key, messages): (Handle, WasmList<Message>)| -> Result<Vec<Entry<Sealed>>> {
            let messages = message_entries(call, &messages)?;
            let (engine, key) = call.engine_and_key(&key)?;
            let store = &call.store.as_context();
            let each = messages
                .iter()
                .map(|message| entry(message.encrypt(&engine, &key, store)));
            each.collect()
        },
    )?;
    instance.func(
        "decrypt-many",
        |call, (key, messages): (Handle, WasmList<Message>)| -> Result<Vec<Entry<Vec<u8>>>> {
            let messages = message_entries(call, &messages)?;
            let (engine, key) = call.engine_and_key(&key)?;
            let store = &call.store.as_context();
            let each = messages
                .iter()
                .map(|message| entry(message.decrypt(&engine, &key, store)));
            each.collect()
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

fn decrypt(state: &mut State, data: &[u8]) -> wasi_crypto_engine::Result<Vec<u8>> {
    state.decrypt(data).map(unwrapped)
}

fn decrypt_detached(
    state: &mut State,
    data: &[u8],
    tag: &[u8],
) -> wasi_crypto_engine::Result<Vec<u8>> {
    state.decrypt_detached(data, tag).map(unwrapped)
}

/// Hands a result over to wasmtime, which writes it to guest memory.
fn unwrapped(mut bytes: impl std::ops::DerefMut<Target = Vec<u8>>) -> Vec<u8> {
    std::mem::take(&mut *bytes)
}
