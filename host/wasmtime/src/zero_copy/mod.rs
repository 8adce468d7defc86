//! The functions that take lists and strings, once more, without copying them out of guest memory.
//!
//! They shadow the ones that `bindgen!` generates and do the same.
//!
//! A view of guest memory borrows the whole store, so nothing can re-enter the guest or grow its memory while one
//! exists; a state is taken out of its table for that long.

pub(crate) mod batch;
mod oneshot;
pub(crate) mod secrets;

use wasi_crypto_engine::{Engine, Key, OptionName, Result as EngineResult, State, registry};
use wasmtime::component::{
    ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, WasmList, WasmStr,
};
use wasmtime::{AsContext, AsContextMut, StoreContext, StoreContextMut};

use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::error::{Result, lift_errno};
use crate::host::BatchCost;
use crate::parallel::Share;
use crate::room::{copy_of, room};
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
    let interfaces: [(_, Functions<T>); 5] = [
        ("common", common),
        ("symmetric", symmetric),
        ("symmetric-batch", batch::functions),
        ("symmetric-oneshot", oneshot::functions),
        ("secrets", secrets::functions),
    ];
    shadow(linker, get, &interfaces)
}

/// Adds functions to an interface.
pub(crate) type Functions<T> = fn(&mut Instance<'_, T>) -> wasmtime::Result<()>;

/// Adds functions to some interfaces of `linker`, in the place of those that have the same names.
pub(crate) fn shadow<T: 'static>(
    linker: &mut Linker<T>,
    get: Getter<T>,
    interfaces: &[(&str, Functions<T>)],
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let added = interfaces.iter().try_for_each(|(name, functions)| {
        let linker = linker.instance(&format!("wasi-ephemeral:crypto/{name}@0.1.0"))?;
        functions(&mut Instance { linker, get })
    });
    linker.allow_shadowing(false);
    added
}

/// One interface in the linker.
pub(crate) struct Instance<'a, T: 'static> {
    pub(crate) linker: LinkerInstance<'a, T>,
    pub(crate) get: Getter<T>,
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

    /// The registry's spelling of an algorithm's name, which outlives the view of the guest's. In the place of a name that
    /// it does not have, one that nothing has: what is wrong besides that may come first.
    pub(crate) fn algorithm(&self, name: &WasmStr) -> Result<&'static str> {
        let row = registry::find(&name.to_str(&self.store)?);
        Ok(row.map_or("", |row| row.name))
    }

    /// The registry's row for an algorithm.
    #[cfg(feature = "direct-lowering")]
    pub(crate) fn row(&self, name: &WasmStr) -> Result<&'static wasi_crypto_engine::Algorithm> {
        Ok(registry::find(&name.to_str(&self.store)?)?)
    }

    /// The first name of an option.
    pub(crate) fn option(&self, name: &WasmStr) -> Result<&'static str> {
        Ok(OptionName::find(&name.to_str(&self.store)?)?.as_str())
    }

    /// Runs `operation` with a state and with guest memory.
    fn with_state<R>(
        &mut self,
        handle: &Resource<SymmetricState>,
        operation: impl FnOnce(&mut State, &StoreContext<'_, T>) -> EngineResult<R>,
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
    pub(crate) fn entries<E: Lift + 'static>(&mut self, batch: &WasmList<E>) -> Result<Vec<E>> {
        self.view().ctx.check_entries(batch.len())?;
        let mut entries = room(batch.len())?;
        for entry in batch.iter(self.store.as_context_mut())? {
            entries.push(entry?);
        }
        Ok(entries)
    }

    /// The entries of a batch, once it is known that they are not too many.
    #[cfg(feature = "direct-lowering")]
    pub(crate) fn elements<E: Lift + 'static>(
        &mut self,
        batch: crate::lowering::Elements<E>,
    ) -> Result<Vec<E>> {
        match batch {
            crate::lowering::Elements::Lifted(entries) => {
                self.view().ctx.check_entries(entries.len())?;
                Ok(entries)
            }
            crate::lowering::Elements::List(list) => self.entries(&list),
        }
    }

    /// Adds up what a batch costs, and refuses it whole if that is too much; says how the work can be shared.
    pub(crate) fn check_batch<E>(
        &mut self,
        entries: &[E],
        mut cost: impl FnMut(&mut BatchCost, &mut WasiCryptoCtxView<'_>, &E) -> Result<()>,
    ) -> Result<Share> {
        let mut total = BatchCost::default();
        let mut view = self.view();
        for entry in entries {
            total.add_entry();
            cost(&mut total, &mut view, entry)?;
        }
        total.check(view.ctx)?;
        Ok(total.share(view.ctx))
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
            call.check_input(value.len())?;
            let name = call.option(&name)?;
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
            call.view().push(SymmetricKey::new(key))
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
            Ok(copy_of(call.view().state(&this)?.option(name)?)?)
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
            view.push(SymmetricKey::new(key))
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
