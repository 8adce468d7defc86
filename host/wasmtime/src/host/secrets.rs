//! The interface `secrets`: the optional facility that this host does not have, and says so.

use wasi_crypto_engine::Error;
use wasmtime::component::Resource;

use crate::bindings::wasi_ephemeral::crypto::secrets::{
    Host, HostSecretsManager, Version, VersionSelector,
};
use crate::error::Result;
use crate::{Options, SecretsManager, SymmetricKey, WasiCryptoCtxView};

impl Host for WasiCryptoCtxView<'_> {
    fn symmetric_key_id(&mut self, _key: Resource<SymmetricKey>) -> Result<(Vec<u8>, Version)> {
        // No key is managed.
        Err(Error::UnsupportedFeature.into())
    }
}

impl HostSecretsManager for WasiCryptoCtxView<'_> {
    fn open(&mut self, _options: Option<Resource<Options>>) -> Result<Resource<SecretsManager>> {
        Err(Error::UnsupportedFeature.into())
    }

    fn generate_symmetric_key(
        &mut self,
        this: Resource<SecretsManager>,
        _algorithm: String,
        _options: Option<Resource<Options>>,
    ) -> Result<Resource<SymmetricKey>> {
        match *self.table.get(&this)? {}
    }

    fn store_symmetric_key(
        &mut self,
        this: Resource<SecretsManager>,
        _key: Resource<SymmetricKey>,
    ) -> Result<Vec<u8>> {
        match *self.table.get(&this)? {}
    }

    fn replace_symmetric_key(
        &mut self,
        this: Resource<SecretsManager>,
        _old: Resource<SymmetricKey>,
        _new: Resource<SymmetricKey>,
    ) -> Result<Version> {
        match *self.table.get(&this)? {}
    }

    fn symmetric_key_from_id(
        &mut self,
        this: Resource<SecretsManager>,
        _id: Vec<u8>,
        _version: VersionSelector,
    ) -> Result<Resource<SymmetricKey>> {
        match *self.table.get(&this)? {}
    }

    fn invalidate(
        &mut self,
        this: Resource<SecretsManager>,
        _id: Vec<u8>,
        _version: VersionSelector,
    ) -> Result<()> {
        match *self.table.get(&this)? {}
    }

    fn drop(&mut self, this: Resource<SecretsManager>) -> wasmtime::Result<()> {
        match self.delete(this)? {}
    }
}
