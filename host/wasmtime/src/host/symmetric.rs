//! The interface `symmetric`.

use wasi_crypto_engine::{Engine, Key};
use wasmtime::component::Resource;

use crate::bindings::wasi_ephemeral::crypto::symmetric::{
    Host, HostSymmetricKey, HostSymmetricState, HostSymmetricTag,
};
use crate::error::Result;
use crate::room::copy_of;
use crate::{Options, SymmetricKey, SymmetricState, SymmetricTag, WasiCryptoCtxView};

impl Host for WasiCryptoCtxView<'_> {}

impl HostSymmetricKey for WasiCryptoCtxView<'_> {
    fn generate(
        &mut self,
        algorithm: String,
        options: Option<Resource<Options>>,
    ) -> Result<Resource<SymmetricKey>> {
        self.generate_key(&algorithm, options.as_ref())
    }

    fn import(&mut self, algorithm: String, raw: Vec<u8>) -> Result<Resource<SymmetricKey>> {
        self.ctx.check_input(raw.len())?;
        let key = self.ctx.engine.import_key(&algorithm, &raw)?;
        self.push(SymmetricKey::new(key))
    }

    fn export(&mut self, this: Resource<SymmetricKey>) -> Result<Vec<u8>> {
        let (engine, key) = self.exportable(&this)?;
        let mut raw = engine.export_key(key)?;
        Ok(std::mem::take(&mut *raw))
    }

    fn drop(&mut self, this: Resource<SymmetricKey>) -> wasmtime::Result<()> {
        self.delete(this).map(drop)
    }
}

impl HostSymmetricState for WasiCryptoCtxView<'_> {
    fn open(
        &mut self,
        algorithm: String,
        key: Option<Resource<SymmetricKey>>,
        options: Option<Resource<Options>>,
    ) -> Result<Resource<SymmetricState>> {
        self.open_state(&algorithm, key.as_ref(), options.as_ref())
    }

    fn options_get(&mut self, this: Resource<SymmetricState>, name: String) -> Result<Vec<u8>> {
        Ok(copy_of(self.state(&this)?.option(&name)?)?)
    }

    fn options_get_u64(&mut self, this: Resource<SymmetricState>, name: String) -> Result<u64> {
        Ok(self.state(&this)?.option_u64(&name)?)
    }

    fn clone(&mut self, this: Resource<SymmetricState>) -> Result<Resource<SymmetricState>> {
        let copy = self.state(&this)?.try_clone()?;
        self.push(SymmetricState(Some(copy)))
    }

    fn absorb(&mut self, this: Resource<SymmetricState>, data: Vec<u8>) -> Result<()> {
        self.ctx.check_input(data.len())?;
        Ok(self.state(&this)?.absorb(&data)?)
    }

    fn squeeze(&mut self, this: Resource<SymmetricState>, len: u64) -> Result<Vec<u8>> {
        let mut out = self.state(&this)?.squeeze(len)?;
        Ok(std::mem::take(&mut *out))
    }

    fn squeeze_tag(&mut self, this: Resource<SymmetricState>) -> Result<Resource<SymmetricTag>> {
        self.check_room(1)?;
        let tag = self.state(&this)?.squeeze_tag()?;
        self.push(SymmetricTag(tag))
    }

    fn squeeze_key(
        &mut self,
        this: Resource<SymmetricState>,
        algorithm: String,
    ) -> Result<Resource<SymmetricKey>> {
        self.check_room(1)?;
        let key = self.state(&this)?.squeeze_key(&algorithm)?;
        self.push(SymmetricKey::new(key))
    }

    fn max_tag_len(&mut self, this: Resource<SymmetricState>) -> Result<u64> {
        Ok(self.state(&this)?.max_tag_len()? as u64)
    }

    fn encrypt(&mut self, this: Resource<SymmetricState>, data: Vec<u8>) -> Result<Vec<u8>> {
        self.ctx.check_input(data.len())?;
        Ok(self.state(&this)?.encrypt(&data)?)
    }

    fn encrypt_detached(
        &mut self,
        this: Resource<SymmetricState>,
        data: Vec<u8>,
    ) -> Result<(Vec<u8>, Resource<SymmetricTag>)> {
        self.ctx.check_input(data.len())?;
        self.check_room(1)?;
        let (ciphertext, tag) = self.state(&this)?.encrypt_detached(&data)?;
        Ok((ciphertext, self.push(SymmetricTag(tag))?))
    }

    fn decrypt(&mut self, this: Resource<SymmetricState>, data: Vec<u8>) -> Result<Vec<u8>> {
        self.ctx.check_input(data.len())?;
        let mut message = self.state(&this)?.decrypt(&data)?;
        Ok(std::mem::take(&mut *message))
    }

    fn decrypt_detached(
        &mut self,
        this: Resource<SymmetricState>,
        data: Vec<u8>,
        raw_tag: Vec<u8>,
    ) -> Result<Vec<u8>> {
        self.ctx.check_input(data.len())?;
        let mut message = self.state(&this)?.decrypt_detached(&data, &raw_tag)?;
        Ok(std::mem::take(&mut *message))
    }

    fn ratchet(&mut self, this: Resource<SymmetricState>) -> Result<()> {
        Ok(self.state(&this)?.ratchet()?)
    }

    fn drop(&mut self, this: Resource<SymmetricState>) -> wasmtime::Result<()> {
        self.delete(this).map(drop)
    }
}

impl HostSymmetricTag for WasiCryptoCtxView<'_> {
    fn len(&mut self, this: Resource<SymmetricTag>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&this)?.0.len() as u64)
    }

    fn pull(&mut self, tag: Resource<SymmetricTag>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.delete(tag)?.0.as_bytes().to_vec())
    }

    fn verify(&mut self, this: Resource<SymmetricTag>, expected_raw_tag: Vec<u8>) -> Result<()> {
        Ok(self.table.get(&this)?.0.verify(&expected_raw_tag)?)
    }

    fn drop(&mut self, this: Resource<SymmetricTag>) -> wasmtime::Result<()> {
        self.delete(this).map(drop)
    }
}

/// What needs no guest memory but names, and is the same with and without copies.
impl WasiCryptoCtxView<'_> {
    pub(crate) fn generate_key(
        &mut self,
        algorithm: &str,
        options: Option<&Resource<Options>>,
    ) -> Result<Resource<SymmetricKey>> {
        let options = options.map(|handle| self.table.get(handle)).transpose()?;
        let key = self
            .ctx
            .engine
            .generate_key(algorithm, options.map(|options| &options.0))?;
        self.push(SymmetricKey::new(key))
    }

    /// A key that may be exported as far as its being managed goes, and the engine, whose policy has its own say.
    pub(crate) fn exportable(&self, handle: &Resource<SymmetricKey>) -> Result<(&Engine, &Key)> {
        let key = self.table.get(handle)?;
        key.check_export(self.ctx.secrets.as_ref())?;
        Ok((&self.ctx.engine, key.usable(self.ctx.secrets.as_ref())?))
    }

    pub(crate) fn open_state(
        &mut self,
        algorithm: &str,
        key: Option<&Resource<SymmetricKey>>,
        options: Option<&Resource<Options>>,
    ) -> Result<Resource<SymmetricState>> {
        let key = match key {
            Some(handle) => Some(self.table.get(handle)?.usable(self.ctx.secrets.as_ref())?),
            None => None,
        };
        let options = options.map(|handle| self.table.get(handle)).transpose()?;
        let engine = &self.ctx.engine;
        let state = engine.open(algorithm, key, options.map(|options| &options.0))?;
        self.push(SymmetricState(Some(state)))
    }
}
