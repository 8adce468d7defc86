//! The interface `symmetric-oneshot`.

use wasi_crypto_engine::Key;

use crate::Provider;
use crate::bindings::exports::wasi_ephemeral::crypto::symmetric_oneshot::{
    CryptoErrno, Guest, Message, OpenedMessages, Sealed, SealedMessages, SymmetricKeyBorrow,
};
use crate::held::{Result, check_batch, check_input, engine, unwrapped};
use crate::symmetric::HeldKey;

/// Does something with the key behind a handle.
fn with<T>(key: &SymmetricKeyBorrow<'_>, operation: impl FnOnce(&Key) -> Result<T>) -> Result<T> {
    operation(&*key.get::<HeldKey>().get()?)
}

impl Message {
    fn size(&self) -> usize {
        let nonce = self.nonce.as_ref().map_or(0, Vec::len);
        let parts = [nonce, self.associated_data.len(), self.data.len()];
        parts.into_iter().fold(0, usize::saturating_add)
    }

    fn seal(&self, key: &Key) -> Result<wasi_crypto_engine::Sealed> {
        let nonce = self.nonce.as_deref();
        Ok(engine().encrypt(key, nonce, &self.associated_data, &self.data)?)
    }

    fn encrypt(&self, key: &Key) -> Result<Sealed> {
        let sealed = self.seal(key)?;
        Ok(Sealed {
            nonce: Some(sealed.nonce).filter(|nonce| !nonce.is_empty()),
            ciphertext: sealed.ciphertext,
        })
    }

    fn decrypt(&self, key: &Key) -> Result<Vec<u8>> {
        let nonce = self.nonce.as_deref();
        let message = engine().decrypt(key, nonce, &self.associated_data, &self.data)?;
        Ok(unwrapped(message))
    }
}

fn check_messages(messages: &[Message]) -> Result<()> {
    check_batch(messages, |cost, message| {
        cost.add_input(message.size());
        Ok(())
    })
}

impl Guest for Provider {
    fn hash(algorithm: String, data: Vec<u8>, len: u64) -> Result<Vec<u8>> {
        check_input(data.len())?;
        Ok(unwrapped(engine().hash(&algorithm, &data, len)?))
    }

    fn authenticate(key: SymmetricKeyBorrow<'_>, data: Vec<u8>) -> Result<Vec<u8>> {
        check_input(data.len())?;
        with(&key, |key| {
            Ok(engine().authenticate(key, &data)?.as_bytes().to_vec())
        })
    }

    fn verify(key: SymmetricKeyBorrow<'_>, data: Vec<u8>, raw_tag: Vec<u8>) -> Result<()> {
        check_input(data.len())?;
        with(&key, |key| Ok(engine().verify(key, &data, &raw_tag)?))
    }

    fn derive(key: SymmetricKeyBorrow<'_>, context: Vec<u8>, len: u64) -> Result<Vec<u8>> {
        check_input(context.len())?;
        with(&key, |key| {
            Ok(unwrapped(engine().derive(key, &context, len)?))
        })
    }

    fn encrypt(key: SymmetricKeyBorrow<'_>, message: Message) -> Result<Sealed> {
        check_input(message.size())?;
        with(&key, |key| message.encrypt(key))
    }

    fn decrypt(key: SymmetricKeyBorrow<'_>, message: Message) -> Result<Vec<u8>> {
        check_input(message.size())?;
        with(&key, |key| message.decrypt(key))
    }

    fn encrypt_many(key: SymmetricKeyBorrow<'_>, messages: Vec<Message>) -> Result<SealedMessages> {
        check_messages(&messages)?;
        let each: Vec<_> = with(&key, |key| {
            Ok(messages.iter().map(|message| message.seal(key)).collect())
        })?;
        let sealed = || each.iter().flatten();
        Ok(SealedMessages {
            lengths: lengths(&each, |sealed| sealed.ciphertext.len()),
            ciphertexts: joined(sealed().map(|sealed| &sealed.ciphertext[..]))?,
            nonces: joined(sealed().map(|sealed| &sealed.nonce[..]))?,
        })
    }

    fn decrypt_many(key: SymmetricKeyBorrow<'_>, messages: Vec<Message>) -> Result<OpenedMessages> {
        check_messages(&messages)?;
        let each: Vec<_> = with(&key, |key| {
            Ok(messages
                .iter()
                .map(|message| message.decrypt(key))
                .collect())
        })?;
        Ok(OpenedMessages {
            lengths: lengths(&each, Vec::len),
            messages: joined(each.iter().flatten().map(|message| &message[..]))?,
        })
    }
}

/// The lengths of what succeeded, and why the rest did not.
fn lengths<T>(each: &[Result<T>], len: impl Fn(&T) -> usize) -> Vec<Result<u64>> {
    each.iter()
        .map(|result| match result {
            Ok(value) => Ok(len(value) as u64),
            Err(errno) => Err(*errno),
        })
        .collect()
}

/// All parts, one after the other.
fn joined<'a>(parts: impl Iterator<Item = &'a [u8]> + Clone) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    all.try_reserve_exact(parts.clone().map(<[u8]>::len).sum())
        .map_err(|_| CryptoErrno::Overflow)?;
    parts.for_each(|part| all.extend_from_slice(part));
    Ok(all)
}
