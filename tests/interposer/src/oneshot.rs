//! The interface `symmetric-oneshot`.

use crate::Interposer;
use crate::audit::{Result, admit, count};
use crate::bindings::exports::wasi_ephemeral::crypto::symmetric_oneshot::{
    Guest, Message, OpenedMessages, Sealed, SealedMessages, SymmetricKeyBorrow,
};
use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno as InnerErrno;
use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot as inner;
use crate::symmetric::Key;

fn key<'a>(handle: &'a SymmetricKeyBorrow<'_>) -> &'a inner::SymmetricKey {
    &handle.get::<Key>().0
}

fn message(message: Message) -> inner::Message {
    inner::Message {
        nonce: message.nonce,
        associated_data: message.associated_data,
        data: message.data,
    }
}

fn sealed(sealed: inner::Sealed) -> Sealed {
    Sealed {
        nonce: sealed.nonce,
        ciphertext: sealed.ciphertext,
    }
}

impl Guest for Interposer {
    fn hash(algorithm: String, data: Vec<u8>, len: u64) -> Result<Vec<u8>> {
        admit("hash", &algorithm)?;
        Ok(inner::hash(&algorithm, &data, len)?)
    }

    fn authenticate(handle: SymmetricKeyBorrow<'_>, data: Vec<u8>) -> Result<Vec<u8>> {
        count();
        Ok(inner::authenticate(key(&handle), &data)?)
    }

    fn verify(handle: SymmetricKeyBorrow<'_>, data: Vec<u8>, raw_tag: Vec<u8>) -> Result<()> {
        count();
        Ok(inner::verify(key(&handle), &data, &raw_tag)?)
    }

    fn derive(handle: SymmetricKeyBorrow<'_>, context: Vec<u8>, len: u64) -> Result<Vec<u8>> {
        count();
        Ok(inner::derive(key(&handle), &context, len)?)
    }

    fn encrypt(handle: SymmetricKeyBorrow<'_>, plain: Message) -> Result<Sealed> {
        count();
        Ok(sealed(inner::encrypt(key(&handle), &message(plain))?))
    }

    fn decrypt(handle: SymmetricKeyBorrow<'_>, encrypted: Message) -> Result<Vec<u8>> {
        count();
        Ok(inner::decrypt(key(&handle), &message(encrypted))?)
    }

    fn encrypt_many(
        handle: SymmetricKeyBorrow<'_>,
        messages: Vec<Message>,
    ) -> Result<SealedMessages> {
        count();
        let messages: Vec<_> = messages.into_iter().map(message).collect();
        let sealed = inner::encrypt_many(key(&handle), &messages)?;
        Ok(SealedMessages {
            lengths: lengths(sealed.lengths),
            ciphertexts: sealed.ciphertexts,
            nonces: sealed.nonces,
        })
    }

    fn decrypt_many(
        handle: SymmetricKeyBorrow<'_>,
        messages: Vec<Message>,
    ) -> Result<OpenedMessages> {
        count();
        let messages: Vec<_> = messages.into_iter().map(message).collect();
        let opened = inner::decrypt_many(key(&handle), &messages)?;
        Ok(OpenedMessages {
            lengths: lengths(opened.lengths),
            messages: opened.messages,
        })
    }
}

fn lengths(lengths: Vec<std::result::Result<u64, InnerErrno>>) -> Vec<Result<u64>> {
    lengths.into_iter().map(|length| Ok(length?)).collect()
}
