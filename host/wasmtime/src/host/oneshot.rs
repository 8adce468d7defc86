//! The interface `symmetric-oneshot`.

use std::ops::Deref;

use wasi_crypto_engine::{Engine, Key, Result as EngineResult};
use wasmtime::component::Resource;

use super::batch::BatchCost;
use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot::{
    Host, Message, OpenedMessages, Sealed, SealedMessages,
};
use crate::error::{Result, errno};
use crate::room::{Collect, append, room};
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
        let (nonce, ad, data) = message.parts();
        Ok(Sealed::of(engine.encrypt(key, nonce, ad, data)?))
    }

    fn decrypt(&mut self, key: Resource<SymmetricKey>, message: Message) -> Result<Vec<u8>> {
        self.ctx.check_input(message.size())?;
        let (engine, key) = self.engine_and_key(&key)?;
        let (nonce, ad, data) = message.parts();
        let mut message = engine.decrypt(key, nonce, ad, data)?;
        Ok(std::mem::take(&mut *message))
    }

    fn encrypt_many(
        &mut self,
        key: Resource<SymmetricKey>,
        messages: Vec<Message>,
    ) -> Result<SealedMessages> {
        let (engine, key) = self.engine_and_key(&key)?;
        self.check_messages(&messages)?;
        let each = messages.iter().map(|message| {
            let (nonce, ad, data) = message.parts();
            engine.encrypt(key, nonce, ad, data)
        });
        Ok(SealedMessages::of(each)?)
    }

    fn decrypt_many(
        &mut self,
        key: Resource<SymmetricKey>,
        messages: Vec<Message>,
    ) -> Result<OpenedMessages> {
        let (engine, key) = self.engine_and_key(&key)?;
        self.check_messages(&messages)?;
        let each = messages.iter().map(|message| {
            let (nonce, ad, data) = message.parts();
            engine.decrypt(key, nonce, ad, data)
        });
        Ok(OpenedMessages::of(each)?)
    }
}

impl SealedMessages {
    pub(crate) fn of(
        each: impl Iterator<Item = EngineResult<wasi_crypto_engine::Sealed>>,
    ) -> EngineResult<Self> {
        let (mut ciphertexts, mut nonces) = (Vec::new(), Vec::new());
        let mut lengths = room(each.size_hint().0)?;
        for sealed in each {
            lengths.push(match sealed {
                Ok(sealed) => {
                    append(&mut ciphertexts, &sealed.ciphertext)?;
                    append(&mut nonces, &sealed.nonce)?;
                    Ok(sealed.ciphertext.len() as u64)
                }
                Err(error) => Err(errno(error)),
            });
        }
        Ok(Self {
            lengths,
            ciphertexts,
            nonces,
        })
    }
}

impl OpenedMessages {
    pub(crate) fn of<M>(each: impl Iterator<Item = EngineResult<M>>) -> EngineResult<Self>
    where
        M: Deref<Target = Vec<u8>>,
    {
        let opened = each.collected()?;
        // At full length from the start: a vector that grows leaves messages behind in the memory that it had.
        let total = opened.iter().flatten().map(|message| message.len()).sum();
        let mut messages = room(total)?;
        let lengths = opened.into_iter().map(|opened| {
            let opened = opened.map_err(errno)?;
            messages.extend_from_slice(&opened);
            Ok(opened.len() as u64)
        });
        Ok(Self {
            lengths: lengths.collected()?,
            messages,
        })
    }
}

impl WasiCryptoCtxView<'_> {
    pub(crate) fn engine_and_key(
        &self,
        handle: &Resource<SymmetricKey>,
    ) -> Result<(&Engine, &Key)> {
        let key = self.table.get(handle)?;
        Ok((&self.ctx.engine, key.usable(self.ctx.secrets.as_ref())?))
    }

    fn check_messages(&self, messages: &[Message]) -> Result<()> {
        let mut cost = BatchCost::default();
        for message in messages {
            cost.add_entry();
            cost.add_input(message.size());
        }
        cost.check(self.ctx)
    }
}

impl Message {
    fn size(&self) -> usize {
        let nonce = self.nonce.as_ref().map_or(0, Vec::len);
        let parts = [nonce, self.associated_data.len(), self.data.len()];
        parts.into_iter().fold(0, usize::saturating_add)
    }

    /// Nonce, associated data and data.
    fn parts(&self) -> (Option<&[u8]>, &[u8], &[u8]) {
        (self.nonce.as_deref(), &self.associated_data, &self.data)
    }
}

impl Sealed {
    pub(crate) fn of(sealed: wasi_crypto_engine::Sealed) -> Self {
        Self {
            nonce: Some(sealed.nonce).filter(|nonce| !nonce.is_empty()),
            ciphertext: sealed.ciphertext,
        }
    }
}
