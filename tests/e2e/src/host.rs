//! What a store holds, and the engine of all.

use std::sync::LazyLock;

use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxView, WasiCryptoView};
use wasmtime::component::ResourceTable;
use wasmtime::{Config, Engine, ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// All runs share an engine, so that a guest is compiled once.
pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.concurrency_support(false);
    Engine::new(&config).expect("this machine can run wasm")
});

/// What a store holds.
pub struct Host {
    wasi: WasiCtx,
    pub(crate) crypto: WasiCryptoCtx,
    table: ResourceTable,
    memory: Memory,
}

impl Host {
    /// A store in which the guest gets no more than `most` bytes of memory.
    pub(crate) fn store(wasi: WasiCtx, crypto: WasiCryptoCtx, most: usize) -> Store<Self> {
        let host = Self {
            wasi,
            crypto,
            table: ResourceTable::new(),
            memory: Memory { most, taken: 0 },
        };
        let mut store = Store::new(&ENGINE, host);
        store.limiter(|host| &mut host.memory);
        store
    }

    /// How many bytes the guest's largest memory has come to.
    pub(crate) fn memory(&self) -> usize {
        self.memory.taken
    }
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiCryptoView for Host {
    fn crypto(&mut self) -> WasiCryptoCtxView<'_> {
        WasiCryptoCtxView {
            ctx: &mut self.crypto,
            table: &mut self.table,
        }
    }
}

struct Memory {
    most: usize,
    taken: usize,
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.most;
        if allowed {
            self.taken = self.taken.max(desired);
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
