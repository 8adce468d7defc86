//! A wasi-crypto host for [wasmtime]: the package `wasi-ephemeral:crypto` for component guests.
//!
//! The crate has the shape of wasmtime's own WASI crates: a [`WasiCryptoCtx`] made by a builder, a [`WasiCryptoView`]
//! for the data of a store, and [`add_to_linker`]. This is a complete embedding, which runs a command component that
//! may use cryptography, with WASI beside it:
//!
//! ```no_run
//! use wasi_crypto_host::{Policy, WasiCryptoCtx, WasiCryptoCtxView, WasiCryptoView};
//! use wasmtime::component::{Component, Linker, ResourceTable};
//! use wasmtime::{Config, Engine, Result, Store};
//! use wasmtime_wasi::p2::bindings::sync::Command;
//! use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
//!
//! struct Host {
//!     wasi: WasiCtx,
//!     crypto: WasiCryptoCtx,
//!     table: ResourceTable,
//! }
//!
//! impl WasiView for Host {
//!     fn ctx(&mut self) -> WasiCtxView<'_> {
//!         WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
//!     }
//! }
//!
//! impl WasiCryptoView for Host {
//!     fn crypto(&mut self) -> WasiCryptoCtxView<'_> {
//!         WasiCryptoCtxView { ctx: &mut self.crypto, table: &mut self.table }
//!     }
//! }
//!
//! fn main() -> Result<()> {
//!     let mut config = Config::new();
//!     // It costs every call some 100 ns, and only guests that use WIT's `async` need it.
//!     config.concurrency_support(false);
//!     let engine = Engine::new(&config)?;
//!     let component = Component::from_file(&engine, "guest.wasm")?;
//!
//!     let mut linker = Linker::new(&engine);
//!     wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
//!     wasi_crypto_host::add_to_linker(&mut linker)?;
//!
//!     let crypto = WasiCryptoCtx::builder()
//!         .policy(Policy::default().export_keys(false))
//!         .max_handles(1_000)
//!         .build();
//!     let wasi = WasiCtx::builder().inherit_stdio().build();
//!     let mut store = Store::new(&engine, Host { wasi, crypto, table: ResourceTable::new() });
//!
//!     let command = Command::instantiate(&mut store, &component, &linker)?;
//!     match command.wasi_cli_run().call_run(&mut store)? {
//!         Ok(()) => Ok(()),
//!         Err(()) => std::process::exit(1),
//!     }
//! }
//! ```
//!
//! # Limits and policy
//!
//! A guest gets no more than the context's builder gives it: handles, bytes and entries in a call, bytes that stay
//! buffered, lengths of outputs, memory and work of password hashing. Whatever goes over is an errno, never a trap or an
//! abort of the host. A [`Policy`] says which algorithms there are and whether keys can be exported.
//!
//! Neither fuel nor epochs interrupt a host function. The longest one is a password hash, which is why its work has a
//! limit, and why embedders that run guests asynchronously should use `add_to_linker_async` (with the feature `async`).
//!
//! # Managed keys
//!
//! A guest can make keys that outlive it, in a store that the embedder opens with the crate `wasi-crypto-keys`, and that
//! the context gets a namespace of:
//!
//! ```
//! use wasi_crypto_host::{Secrets, WasiCryptoCtx};
//! use wasi_crypto_keys::{KeyEncryptionKey, Manager, RedbStore};
//!
//! # fn main() -> wasi_crypto_keys::Result<()> {
//! # let kek = KeyEncryptionKey::generate()?;
//! # let store = RedbStore::in_memory()?;
//! # if false {
//! let kek = KeyEncryptionKey::read("kek.hex".as_ref())?;
//! let store = RedbStore::open("keys.redb")?;
//! # }
//! let manager = Manager::builder(store, kek).open()?;
//!
//! // For each guest; all of them share the manager.
//! let secrets = Secrets::new(manager.namespace("billing")).store_other_keys(false);
//! let crypto = WasiCryptoCtx::builder().secrets(secrets).build();
//! # Ok(())
//! # }
//! ```
//!
//! A context without has the interface `secrets` all the same, and a manager cannot be opened there:
//! `unsupported-feature`. With `add_to_linker_async`, whatever asks the store is done by blocking threads.
//!
//! # Features
//!
//! - `direct-lowering` (on by default): results are written once, straight into guest memory. This leans on parts of
//!   wasmtime that its documentation hides; without the feature nothing does, and a call that returns bytes costs a copy
//!   of them more.
//! - `async`: `add_to_linker_async`.

#![deny(missing_docs)]

mod bindings;
mod ctx;
#[cfg(feature = "direct-lowering")]
mod direct;
mod error;
#[cfg(test)]
mod exhaustion;
mod host;
#[cfg(feature = "direct-lowering")]
mod lowering;
mod managed;
#[cfg(feature = "async")]
mod offload;
mod parallel;
mod room;
#[cfg(feature = "direct-lowering")]
mod scratch;
mod zero_copy;

use wasmtime::component::Linker;

pub use ctx::{
    Options, SymmetricState, SymmetricTag, WasiCrypto, WasiCryptoCtx, WasiCryptoCtxBuilder,
    WasiCryptoCtxView, WasiCryptoView,
};
pub use error::CryptoError;
pub use managed::{Secrets, SecretsManager, SymmetricKey};
pub use wasi_crypto_engine::{Backend, Limits, Policy};

/// Adds every interface of the package `wasi-ephemeral:crypto` to a linker.
///
/// Lists and strings are read where they are in guest memory, without a copy; results are written once, to where they
/// stay in guest memory (with the feature `direct-lowering`, which is on by default). The linker's
/// [`allow_shadowing`](Linker::allow_shadowing) is off afterwards.
///
/// # Errors
///
/// If the linker has one of the interfaces already.
pub fn add_to_linker<T: WasiCryptoView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    add_to_linker_with(linker, T::crypto)
}

/// As [`add_to_linker`], for any data of a store: `get` borrows the context and the table from it.
///
/// This is for embedders that cannot implement [`WasiCryptoView`] for the data, because they do not know its type: those
/// whose plug-ins or factors are given a function that finds their part of it. `get` captures nothing: where a plug-in learns
/// the function from a type parameter, it makes `get` from that.
///
/// ```
/// use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxView, add_to_linker_with};
/// use wasmtime::component::{Linker, ResourceTable};
///
/// #[derive(Default)]
/// struct Part {
///     crypto: WasiCryptoCtx,
///     table: ResourceTable,
/// }
///
/// # fn main() -> wasmtime::Result<()> {
/// # let engine = wasmtime::Engine::default();
/// let mut linker = Linker::<(u32, Part)>::new(&engine);
/// add_to_linker_with(&mut linker, |(_, part)| WasiCryptoCtxView {
///     ctx: &mut part.crypto,
///     table: &mut part.table,
/// })?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`add_to_linker`].
pub fn add_to_linker_with<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> WasiCryptoCtxView<'_>,
) -> wasmtime::Result<()> {
    reading(linker, get)?;
    #[cfg(feature = "direct-lowering")]
    direct::add_to_linker(linker, get)?;
    Ok(())
}

/// As [`add_to_linker`], with results that are made in memory of the host and then copied: what [`add_to_linker`] is
/// without the feature `direct-lowering`, and leans on nothing that wasmtime does not document.
///
/// # Errors
///
/// As [`add_to_linker`].
pub fn add_reading_to_linker<T: WasiCryptoView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    reading(linker, T::crypto)
}

fn reading<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> WasiCryptoCtxView<'_>,
) -> wasmtime::Result<()> {
    copying(linker, get)?;
    zero_copy::add_to_linker(linker, get)
}

/// As [`add_to_linker`], with every list and string copied out of guest memory first, and every result copied into it.
///
/// It does the same, slower, through nothing but what `bindgen!` generates: for comparison, and for whoever rather
/// trusts that.
///
/// # Errors
///
/// As [`add_to_linker`].
pub fn add_copying_to_linker<T: WasiCryptoView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    copying(linker, T::crypto)
}

fn copying<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> WasiCryptoCtxView<'_>,
) -> wasmtime::Result<()> {
    use bindings::wasi_ephemeral::crypto;

    crypto::common::add_to_linker::<T, WasiCrypto>(linker, get)?;
    crypto::symmetric::add_to_linker::<T, WasiCrypto>(linker, get)?;
    crypto::symmetric_batch::add_to_linker::<T, WasiCrypto>(linker, get)?;
    crypto::symmetric_oneshot::add_to_linker::<T, WasiCrypto>(linker, get)?;
    crypto::secrets::add_to_linker::<T, WasiCrypto>(linker, get)
}

/// As [`add_to_linker`], for stores whose guests run asynchronously: each password hash has a thread of its own, and so has
/// what asks a store of managed keys.
///
/// Everything else is done at once, on the thread that polls the guest; so is all of it where the system starts no thread.
/// Any executor will do.
///
/// # Errors
///
/// As [`add_to_linker`].
#[cfg(feature = "async")]
pub fn add_to_linker_async<T: WasiCryptoView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    add_to_linker_async_with(linker, T::crypto)
}

/// As [`add_to_linker_async`], for any data of a store, as [`add_to_linker_with`] has it.
///
/// # Errors
///
/// As [`add_to_linker`].
#[cfg(feature = "async")]
pub fn add_to_linker_async_with<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> WasiCryptoCtxView<'_>,
) -> wasmtime::Result<()> {
    add_to_linker_with(linker, get)?;
    offload::add_to_linker(linker, get)
}
