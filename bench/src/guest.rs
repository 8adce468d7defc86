//! The component that is measured, in a store of its own.

use std::path::Path;

use wasi_crypto_host::{Secrets, WasiCryptoCtx};
use wasi_crypto_keys::{KeyEncryptionKey, Manager, RedbStore};
use wasi_crypto_test_harness::Host;
use wasmtime::component::{Component, InstancePre, Linker, TypedFunc};
use wasmtime::{Config, Engine, Result, Store};
use wasmtime_wasi::WasiCtx;

/// The compiled component, linked.
pub struct Program {
    engine: Engine,
    pre: InstancePre<Host>,
    secrets: Secrets,
}

impl Program {
    pub fn load(file: &Path) -> Result<Self> {
        Self::new(&std::fs::read(file)?)
    }

    /// Compiles a component.
    pub fn new(component: &[u8]) -> Result<Self> {
        let mut config = Config::new();
        config.concurrency_support(false);
        let engine = Engine::new(&config)?;
        let component = Component::new(&engine, component)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        wasi_crypto_host::add_to_linker(&mut linker)?;
        linker.root().func_wrap(
            "nothing",
            |_: wasmtime::StoreContextMut<'_, Host>, (): ()| Ok(()),
        )?;
        Ok(Self {
            pre: linker.instantiate_pre(&component)?,
            engine,
            secrets: secrets()?,
        })
    }

    /// An instance, with `threads` for batches.
    pub fn instantiate(&self, threads: usize) -> Result<Guest> {
        let wasi = WasiCtx::builder().inherit_stderr().build();
        let crypto = WasiCryptoCtx::builder()
            .max_threads(threads)
            .secrets(self.secrets.clone());
        let mut store = Host::store(&self.engine, wasi, crypto.build());
        let instance = self.pre.instantiate(&mut store)?;
        Ok(Guest {
            prepare: instance.get_typed_func(&mut store, "prepare")?,
            run: instance.get_typed_func(&mut store, "run")?,
            store,
        })
    }
}

/// Managed keys, in a store that is gone afterwards: what it takes to write one is not measured.
fn secrets() -> wasi_crypto_keys::Result<Secrets> {
    let kek = KeyEncryptionKey::generate()?;
    let manager = Manager::builder(RedbStore::in_memory()?, kek).open()?;
    Ok(Secrets::new(manager.namespace("bench")))
}

type Prepare = TypedFunc<(String, String, u32, u32), (std::result::Result<(), String>,)>;

/// An instance of the component.
pub struct Guest {
    store: Store<Host>,
    prepare: Prepare,
    run: TypedFunc<(u32,), ()>,
}

impl Guest {
    pub fn prepare(&mut self, name: &str, algorithm: &str, size: u32, count: u32) -> Result<()> {
        let arguments = (name.to_owned(), algorithm.to_owned(), size, count);
        let (prepared,) = self.prepare.call(&mut self.store, arguments)?;
        prepared.map_err(wasmtime::Error::msg)
    }

    pub fn run(&mut self, times: u32) -> Result<()> {
        self.run.call(&mut self.store, (times,))
    }
}
