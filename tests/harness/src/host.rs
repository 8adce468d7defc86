//! What a store holds.

use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxView, WasiCryptoView};
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// What a store holds: WASI, our cryptography, and what the guest may have of memory.
pub struct Host {
    wasi: WasiCtx,
    crypto: WasiCryptoCtx,
    table: ResourceTable,
    memory: Memory,
}

impl Host {
    /// A store in which the guest gets as much memory as it wants.
    pub fn store(engine: &Engine, wasi: WasiCtx, crypto: WasiCryptoCtx) -> Store<Self> {
        Self::store_with(engine, wasi, crypto, usize::MAX)
    }

    /// A store in which the guest gets no more than `most` bytes of memory.
    pub fn store_with(
        engine: &Engine,
        wasi: WasiCtx,
        crypto: WasiCryptoCtx,
        most: usize,
    ) -> Store<Self> {
        let host = Self {
            wasi,
            crypto,
            table: ResourceTable::new(),
            memory: Memory { most, taken: 0 },
        };
        let mut store = Store::new(engine, host);
        store.limiter(|host| &mut host.memory);
        store
    }

    /// What the guest has of our cryptography.
    pub fn context(&self) -> &WasiCryptoCtx {
        &self.crypto
    }

    /// How many bytes the guest's largest memory has come to.
    pub fn memory(&self) -> usize {
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
