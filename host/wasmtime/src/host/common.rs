//! The interface `common`.

use wasi_crypto_engine::Category;
use wasmtime::component::Resource;

use crate::bindings::wasi_ephemeral::crypto::common::{
    AlgorithmType, CryptoErrno, Host, HostOptions,
};
use crate::error::{Result, lift_errno};
use crate::{CryptoError, Options, WasiCryptoCtxView};

impl Host for WasiCryptoCtxView<'_> {
    fn convert_crypto_errno(&mut self, error: CryptoError) -> wasmtime::Result<CryptoErrno> {
        match lift_errno::<()>(Err(error))? {
            Err(errno) => Ok(errno),
            Ok(()) => Ok(CryptoErrno::InternalError),
        }
    }
}

impl HostOptions for WasiCryptoCtxView<'_> {
    fn open(&mut self, algorithm_type: AlgorithmType) -> Result<Resource<Options>> {
        let category = match algorithm_type {
            AlgorithmType::Signatures => Category::Signatures,
            AlgorithmType::Symmetric => Category::Symmetric,
            AlgorithmType::KeyExchange => Category::KeyExchange,
        };
        let options = self.ctx.engine.options(category);
        self.push(Options(options))
    }

    fn set(&mut self, this: Resource<Options>, name: String, value: Vec<u8>) -> Result<()> {
        self.ctx.check_input(value.len())?;
        Ok(self.table.get_mut(&this)?.0.set(&name, &value)?)
    }

    fn set_u64(&mut self, this: Resource<Options>, name: String, value: u64) -> Result<()> {
        Ok(self.table.get_mut(&this)?.0.set_u64(&name, value)?)
    }

    fn set_guest_buffer(&mut self, this: Resource<Options>, name: String, size: u64) -> Result<()> {
        Ok(self.table.get_mut(&this)?.0.set_guest_buffer(&name, size)?)
    }

    fn drop(&mut self, this: Resource<Options>) -> wasmtime::Result<()> {
        self.delete(this).map(drop)
    }
}
