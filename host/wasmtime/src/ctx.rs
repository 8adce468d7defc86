//! The context that a store holds, and its builder.

use wasi_crypto_engine::{Backend, CallLimits, Engine, Error, Limits, Policy, State};
use wasmtime::component::{HasData, Resource, ResourceTable};

use crate::error::Result;
use crate::managed::Secrets;
use crate::parallel::{CORES, Pace};

/// Symmetric cryptography for one store: its algorithms, limits and policy.
///
/// The default has every algorithm, the default limits, and lets guests export keys that are not managed.
pub struct WasiCryptoCtx {
    pub(crate) engine: Engine,
    pub(crate) calls: CallLimits,
    pub(crate) max_threads: usize,
    pub(crate) pace: Pace,
    pub(crate) secrets: Option<Secrets>,
    /// Where messages are decrypted until it is known that they are genuine.
    #[cfg(feature = "direct-lowering")]
    pub(crate) scratch: crate::scratch::Scratch,
    open_handles: usize,
}

impl WasiCryptoCtx {
    /// A builder with the defaults.
    pub fn builder() -> WasiCryptoCtxBuilder {
        WasiCryptoCtxBuilder::default()
    }

    /// The engine that computes, with its limits and policy.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The options, keys, states and tags that the guest holds now.
    pub fn open_handles(&self) -> usize {
        self.open_handles
    }

    /// Refuses an input that is larger than one call may bring.
    pub(crate) fn check_input(&self, bytes: usize) -> Result<()> {
        Ok(self.calls.check_input(bytes)?)
    }

    /// Refuses a batch that has too many entries.
    pub(crate) fn check_entries(&self, entries: usize) -> Result<()> {
        Ok(self.calls.check_entries(entries)?)
    }
}

impl Default for WasiCryptoCtx {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// Builds a [`WasiCryptoCtx`].
///
/// Whatever goes over a limit is an errno to the guest, never a trap: `overflow`, or `too-many-handles`. wasmtime itself
/// stops a guest that passes lists and strings of more than [`Store::set_hostcall_fuel`] bytes in one call (128 MiB by
/// default), before any host function is reached.
///
/// [`Store::set_hostcall_fuel`]: wasmtime::Store::set_hostcall_fuel
#[derive(Clone, Debug)]
pub struct WasiCryptoCtxBuilder {
    backend: Backend,
    limits: Limits,
    policy: Policy,
    calls: CallLimits,
    max_threads: usize,
    secrets: Option<Secrets>,
}

impl Default for WasiCryptoCtxBuilder {
    fn default() -> Self {
        Self {
            backend: Backend::Native,
            limits: Limits::default(),
            policy: Policy::default(),
            calls: CallLimits::default(),
            max_threads: *CORES,
            secrets: None,
        }
    }
}

impl WasiCryptoCtxBuilder {
    /// Sets what the guest may use up in the engine: memory for keys and buffered input, output lengths, the cost of
    /// password hashing. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets which algorithms the guest may use, and whether it may export keys. Default: [`Policy::default`].
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets which back end computes. Default: [`Backend::Native`].
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Sets how many options, keys, states, tags and secrets managers the guest may hold at any one time, all together.
    /// One more is `too-many-handles`. Default: 16 384.
    ///
    /// The store's [`ResourceTable`] and [`Store::set_max_component_handles`] have limits of their own, for resources of
    /// all hosts together.
    ///
    /// [`Store::set_max_component_handles`]: wasmtime::Store::set_max_component_handles
    pub fn max_handles(mut self, handles: usize) -> Self {
        self.calls.handles = handles;
        self
    }

    /// Sets how many bytes of data one call may bring, over all entries of a batch. Default: 64 MiB.
    pub fn max_call_bytes(mut self, bytes: usize) -> Self {
        self.calls.call_bytes = bytes;
        self
    }

    /// Sets how many entries a batch may have. Default: 65 536.
    pub fn max_batch_entries(mut self, entries: usize) -> Self {
        self.calls.batch_entries = entries;
        self
    }

    /// Sets how many threads may work on the entries of one batch, the guest's own included, of no more than the machine has
    /// to offer. Default: all of those. With 1, the entries are done on the guest's thread, one after the other.
    ///
    /// This is not about one password hash with several lanes: the process has a pool of threads for those, as many as there
    /// are cores.
    ///
    /// Batches that take several milliseconds, password hashes among them, start threads of their own. Others are shared,
    /// where that is worth it, with helpers that all contexts of the process have together: one fewer than there are cores,
    /// and at most 15. A helper that has worked stays awake for 100 µs, for the next batch. Where the system starts no thread,
    /// and in a process that was forked from one with helpers, the guest's thread does the work. Results do not depend on any
    /// of this.
    pub fn max_threads(mut self, threads: usize) -> Self {
        self.max_threads = threads;
        self
    }

    /// Lets the guest have managed keys. Default: it has none, and `secrets-manager.open` is `unsupported-feature`.
    ///
    /// Guests that get the same namespace share its keys; for all others, their identifiers do not exist. When keys
    /// expire is judged by the clock of the namespace's manager.
    pub fn secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// Makes the context.
    pub fn build(self) -> WasiCryptoCtx {
        WasiCryptoCtx {
            engine: Engine::new(self.backend, self.limits, self.policy),
            calls: self.calls,
            max_threads: self.max_threads.max(1),
            pace: Pace::default(),
            secrets: self.secrets,
            #[cfg(feature = "direct-lowering")]
            scratch: crate::scratch::Scratch::empty(),
            open_handles: 0,
        }
    }
}

/// The context and the table of the guest's resources, borrowed from the store's data.
pub struct WasiCryptoCtxView<'a> {
    /// Limits, policy and algorithms.
    pub ctx: &'a mut WasiCryptoCtx,
    /// The guest's resources, of this host and of others.
    pub table: &'a mut ResourceTable,
}

impl WasiCryptoCtxView<'_> {
    /// Refuses an operation whose results, that many handles, would have no place: before it changes anything.
    pub(crate) fn check_room(&self, handles: usize) -> Result<()> {
        Ok(self.ctx.calls.check_room(self.ctx.open_handles, handles)?)
    }

    /// Puts an object into the table, and counts it.
    pub(crate) fn push<R: Send + 'static>(&mut self, object: R) -> Result<Resource<R>> {
        self.check_room(1)?;
        let handle = self.table.push(object)?;
        self.ctx.open_handles += 1;
        Ok(handle)
    }

    /// Takes an object out of the table.
    pub(crate) fn delete<R: 'static>(&mut self, handle: Resource<R>) -> wasmtime::Result<R> {
        let object = self.table.delete(handle)?;
        self.ctx.open_handles = self.ctx.open_handles.saturating_sub(1);
        Ok(object)
    }

    pub(crate) fn state(&mut self, handle: &Resource<SymmetricState>) -> Result<&mut State> {
        self.table.get_mut(handle)?.state()
    }
}

/// Gives access to the [`WasiCryptoCtx`] in the data of a store.
pub trait WasiCryptoView: Send {
    /// Borrows the context and the table of resources.
    fn crypto(&mut self) -> WasiCryptoCtxView<'_>;
}

impl<T: WasiCryptoView + ?Sized> WasiCryptoView for &mut T {
    fn crypto(&mut self) -> WasiCryptoCtxView<'_> {
        T::crypto(self)
    }
}

/// Names [`WasiCryptoCtxView`] as the data of this host's functions.
pub struct WasiCrypto;

impl HasData for WasiCrypto {
    type Data<'a> = WasiCryptoCtxView<'a>;
}

/// The resource `options`.
pub struct Options(pub(crate) wasi_crypto_engine::Options);

/// The resource `symmetric-tag`.
pub struct SymmetricTag(pub(crate) wasi_crypto_engine::Tag);

/// The resource `symmetric-state`.
///
/// A state is taken out of the table while guest memory is read, which borrows the whole store, and then put back.
pub struct SymmetricState(pub(crate) Option<State>);

impl SymmetricState {
    pub(crate) fn state(&mut self) -> Result<&mut State> {
        self.0.as_mut().ok_or(Error::InternalError.into())
    }

    pub(crate) fn take(&mut self) -> Result<State> {
        self.0.take().ok_or(Error::InternalError.into())
    }
}

#[cfg(test)]
mod tests {
    use wasi_crypto_keys::{KeyEncryptionKey, Manager, RedbStore};

    use super::*;
    use crate::CryptoError;

    #[test]
    fn debug_output_shows_no_key() {
        let kek = KeyEncryptionKey::from_bytes(*b"marker marker marker marker mark").unwrap();
        let store = RedbStore::in_memory().unwrap();
        let manager = Manager::builder(store, kek).open().unwrap();
        let namespace = manager.namespace("a");
        let secrets = Secrets::new(namespace.clone());
        let engine = Engine::default();
        let key = engine.import_key("HMAC/SHA-256", b"marker").unwrap();
        namespace.create(&key, None).unwrap();
        for shown in [
            format!("{secrets:?}"),
            format!("{:?}", WasiCryptoCtx::builder().secrets(secrets.clone())),
            format!("{:#?}", WasiCryptoCtx::builder().secrets(secrets)),
            format!("{:?}", CryptoError::Errno(Error::InvalidKey)),
        ] {
            let bytes: String = shown.split_whitespace().collect();
            for trace in ["marker", "109,97,114", "6d61726b6572"] {
                assert!(!bytes.to_lowercase().contains(trace), "{shown}");
            }
        }
    }
}
