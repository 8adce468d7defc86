//! The interface `symmetric-oneshot`.

use wasi_crypto_engine::{BatchCost, Engine, Key};
use wasmtime::component::Resource;

use super::batch::entry;
use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot::{Host, Message, Sealed};
use crate::error::Result;
use crate::{SymmetricKey, WasiCryptoCtxView};

impl Host for WasiCryptoCtxView<'_> {
    fn hash(&mut self, algorithm: String, data: Vec<u8>, len: u64) -> Result<Vec<u8>> {
        self.ctx.check_input(data.len())?;
        let mut out = self.ctx.engine.hash(&algorithm, &data, len)?;
        Ok(std::mem::take(&mut *out))
    }

    fn authenticate(&mut self, key: Resource<SymmetricKey>, data: Vec<u8>) -> Result<Vec<u8>> {
        self.ctx.check_input(data.len())?;
        let (engine, key) = self.engine_and_key(&key)?;
        Ok(engine.authenticate(key, &data)?.as_bytes().to_vec())
    }

    fn verify(
        &mut self,
        key: Resource<SymmetricKey>,
        data: Vec<u8>,
        raw_tag: Vec<u8>,
    ) -> Result<()> {
        self.ctx.check_input(data.len())?;
        let (engine, key) = self.engine_and_key(&key)?;
        Ok(engine.verify(key, &data, &raw_tag)?)
    }

    fn derive(
        &mut self,
        key: Resource<SymmetricKey>,
        context: Vec<u8>,
        len: u64,
    ) -> Result<Vec<u8>> {
        self.ctx.check_input(context.len())?;
        let (engine, key) = self.engine_and_key(&key)?;
        let mut out = engine.derive(key, &context, len)?;
        Ok(std::mem::take(&mut *out))
    }

    fn encrypt(&mut self, key: Resource<SymmetricKey>, message: Message) -> Result<Sealed> {
        self.ctx.check_input(message.size())?;
        let (engine, key) = self.engine_and_key(&key)?;
        message.encrypt(engine, key)
    }

    fn decrypt(&mut self, key: Resource<SymmetricKey>, message: Message) -> Result<Vec<u8>> {
        self.ctx.check_input(message.size())?;
        let (engine, key) = self.engine_and_key(&key)?;
        message.decrypt(engine, key)
    }

    fn encrypt_many(
        &mut self,
        key: Resource<SymmetricKey>,
        messages: Vec<Message>,
    ) -> Result<Vec<std::result::Result<Sealed, CryptoErrno>>> {
        self.check_messages(&messages)?;
        let (engine, key) = self.engine_and_key(&key)?;
        let each = messages
            .iter()
            .map(|message| entry(message.encrypt(engine, key)));
        each.collect()
    }

    fn decrypt_many(
        &mut self,
        key: Resource<SymmetricKey>,
        messages: Vec<Message>,
    ) -> Result<Vec<std::result::Result<Vec<u8>, CryptoErrno>>> {
        self.check_messages(&messages)?;
        let (engine, key) = self.engine_and_key(&key)?;
        let each = messages
            .iter()
            .map(|message| entry(message.decrypt(engine, key)));
        each.collect()
    }
}

impl WasiCryptoCtxView<'_> {
    pub(crate) fn engine_and_key(
        &self,
        handle: &Resource<SymmetricKey>,
    ) -> Result<(&Engine, &Key)> {
        Ok((&self.ctx.engine, &self.table.get(handle)?.0))
    }

    fn check_messages(&self, messages: &[Message]) -> Result<()> {
        let mut cost = BatchCost::default();
        for message in messages {
            cost.add_entry();
            cost.add_input(message.size());
        }
        self.ctx.check_batch(&cost)
    }
}

impl Message {
    fn size(&self) -> usize {
        let nonce = self.nonce.as_ref().map_or(0, Vec::len);
        let parts = [nonce, self.associated_data.len(), self.data.len()];
        parts.into_iter().fold(0, usize::saturating_add)
    }

    fn encrypt(&self, engine: &Engine, key: &Key) -> Result<Sealed> {
        let sealed = engine.encrypt(
            key,
            self.nonce.as_deref(),
            &self.associated_data,
            &self.data,
        )?;
        Ok(Sealed {
            nonce: Some(sealed.nonce).filter(|nonce| !nonce.is_empty()),
            ciphertext: sealed.ciphertext,
        })
    }

    fn decrypt(&self, engine: &Engine, key: &Key) -> Result<Vec<u8>> {
        let mut message = engine.decrypt(
            key,
            self.nonce.as_deref(),
            &self.associated_data,
            &self.data,
        )?;
        Ok(std::mem::take(&mut *message))
    }
}
