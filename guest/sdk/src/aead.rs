//! Authenticated encryption with associated data.

use std::fmt;

use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot;
use crate::hidden::Hidden;
use crate::many::{OpenedMessages, SealedMessages};
use crate::{CryptoErrno, Error, Key, Options, Result, State};

/// What a ciphertext is made from, or the other way round: a nonce, associated data, and the data.
///
/// Without a nonce, the host makes one up where the algorithm allows it.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The nonce, if it is chosen.
    pub nonce: Option<&'a [u8]>,
    /// What is authenticated, but neither encrypted nor part of the ciphertext.
    pub associated_data: &'a [u8],
    /// What is encrypted; to decrypt, the ciphertext followed by its tag.
    pub data: &'a [u8],
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("nonce", &self.nonce.map(Hidden))
            .field("associated_data", &Hidden(self.associated_data))
            .field("data", &Hidden(self.data))
            .finish()
    }
}

impl<'a> Message<'a> {
    fn raw(&self) -> symmetric_oneshot::MessageParam<'a> {
        symmetric_oneshot::MessageParam {
            nonce: self.nonce,
            associated_data: self.associated_data,
            data: self.data,
        }
    }
}

/// A ciphertext with its tag, and its nonce if the host has made it up.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The nonce that the host made up. Empty if one was given, or if the algorithm does without.
    pub nonce: Vec<u8>,
    /// The ciphertext, followed by the tag. The nonce is not part of it.
    pub ciphertext: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("nonce", &Hidden(&self.nonce))
            .field("ciphertext", &Hidden(&self.ciphertext))
            .finish()
    }
}

impl From<symmetric_oneshot::Sealed> for Sealed {
    fn from(sealed: symmetric_oneshot::Sealed) -> Self {
        Self {
            nonce: sealed.nonce.unwrap_or_default(),
            ciphertext: sealed.ciphertext,
        }
    }
}

/// Authenticated encryption under one key: one call to the host for each message.
///
/// A nonce must never be used for two messages under the same key. Leave it to the host where the algorithm allows it
/// ([`seal`](Self::seal)), otherwise count ([`seal_with_nonce`](Self::seal_with_nonce)).
///
/// Associated data is authenticated, but neither encrypted nor part of the ciphertext: give the same to open it.
///
/// # Empty associated data
///
/// Every method here absorbs its associated data once, also when it is empty, so that a message that one of them has sealed
/// is opened by all the others. Whether an empty absorb differs from none depends on the algorithm:
///
/// - AES-GCM, AES-GCM-SIV, ChaCha20-Poly1305, XChaCha20-Poly1305, AEGIS and Ascon concatenate what is absorbed. Empty
///   associated data and none are the same.
/// - AES-SIV (RFC 5297, section 2.4) and sessions (Xoodyak, Strobe) keep each absorb apart. Here the associated data is one
///   element, and when it is empty, one empty element. Other programs may leave it out: to exchange AES-SIV messages with
///   them, use a [`State`] and absorb nothing.
#[derive(Debug)]
pub struct Aead {
    key: Key,
}

impl Aead {
    /// Encrypts with the algorithm that `key` is for.
    pub fn new(key: Key) -> Self {
        Self { key }
    }

    /// Encrypts with a fresh key.
    pub fn generate(algorithm: &str) -> Result<Self> {
        Key::generate(algorithm).map(Self::new)
    }

    /// Encrypts with a key that you have.
    pub fn import(algorithm: &str, key: impl AsRef<[u8]>) -> Result<Self> {
        Key::import(algorithm, key).map(Self::new)
    }

    /// Encrypts under a nonce that the host makes up; it is in the result.
    ///
    /// An algorithm whose nonces are too short to be random has you choose them:
    /// [`NonceRequired`](CryptoErrno::NonceRequired).
    pub fn seal(
        &self,
        data: impl AsRef<[u8]>,
        associated_data: impl AsRef<[u8]>,
    ) -> Result<Sealed> {
        self.seal_message(Message {
            nonce: None,
            associated_data: associated_data.as_ref(),
            data: data.as_ref(),
        })
    }

    /// Encrypts under a nonce that you choose: never the same twice.
    pub fn seal_with_nonce(
        &self,
        nonce: impl AsRef<[u8]>,
        data: impl AsRef<[u8]>,
        associated_data: impl AsRef<[u8]>,
    ) -> Result<Vec<u8>> {
        let nonce = given(nonce.as_ref())?;
        let sealed = self.seal_message(Message {
            nonce: Some(nonce),
            associated_data: associated_data.as_ref(),
            data: data.as_ref(),
        })?;
        Ok(sealed.ciphertext)
    }

    /// Decrypts a ciphertext with its tag; an empty nonce stands for none.
    ///
    /// If anything of it was changed, nothing is returned but an error for which [`is_mismatch`](Error::is_mismatch)
    /// holds.
    pub fn open(
        &self,
        nonce: impl AsRef<[u8]>,
        ciphertext: impl AsRef<[u8]>,
        associated_data: impl AsRef<[u8]>,
    ) -> Result<Vec<u8>> {
        let nonce = nonce.as_ref();
        self.open_message(Message {
            nonce: (!nonce.is_empty()).then_some(nonce),
            associated_data: associated_data.as_ref(),
            data: ciphertext.as_ref(),
        })
    }

    /// Encrypts a message.
    pub fn seal_message(&self, message: Message<'_>) -> Result<Sealed> {
        symmetric_oneshot::encrypt(self.key.as_raw(), message.raw())
            .map(Sealed::from)
            .map_err(self.about())
    }

    /// Decrypts a message.
    pub fn open_message(&self, message: Message<'_>) -> Result<Vec<u8>> {
        symmetric_oneshot::decrypt(self.key.as_raw(), message.raw()).map_err(self.about())
    }

    /// Encrypts many messages in one call, each with its own success or failure.
    pub fn seal_many(&self, messages: &[Message<'_>]) -> Result<SealedMessages> {
        let raw: Vec<_> = messages.iter().map(Message::raw).collect();
        symmetric_oneshot::encrypt_many(self.key.as_raw(), &raw)
            .map(|sealed| SealedMessages::new(self.key.algorithm(), messages, sealed))
            .map_err(self.about())
    }

    /// Decrypts many messages in one call, each with its own success or failure.
    pub fn open_many(&self, messages: &[Message<'_>]) -> Result<OpenedMessages> {
        let raw: Vec<_> = messages.iter().map(Message::raw).collect();
        symmetric_oneshot::decrypt_many(self.key.as_raw(), &raw)
            .map(|opened| OpenedMessages::new(self.key.algorithm(), opened))
            .map_err(self.about())
    }

    /// Encrypts under a nonce that you choose, and returns ciphertext and tag apart.
    pub fn seal_detached(
        &self,
        nonce: impl AsRef<[u8]>,
        data: impl AsRef<[u8]>,
        associated_data: impl AsRef<[u8]>,
    ) -> Result<(Vec<u8>, Vec<u8>)> {
        let nonce = given(nonce.as_ref())?;
        let (ciphertext, tag) = self
            .state(nonce, associated_data.as_ref())?
            .encrypt_detached(data)?;
        Ok((ciphertext, tag.into_bytes()))
    }

    /// Decrypts a ciphertext whose tag is apart; an empty nonce stands for none.
    pub fn open_detached(
        &self,
        nonce: impl AsRef<[u8]>,
        ciphertext: impl AsRef<[u8]>,
        tag: impl AsRef<[u8]>,
        associated_data: impl AsRef<[u8]>,
    ) -> Result<Vec<u8>> {
        self.state(nonce.as_ref(), associated_data.as_ref())?
            .decrypt_detached(ciphertext, tag)
    }

    /// The key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    fn state(&self, nonce: &[u8], associated_data: &[u8]) -> Result<State> {
        let mut options = Options::new();
        if !nonce.is_empty() {
            options = options.nonce(nonce);
        }
        let state = State::open(self.key.algorithm(), Some(&self.key), &options)?;
        // Also when there is none: the functions for whole messages do the same.
        state.absorb(associated_data)?;
        Ok(state)
    }

    fn about(&self) -> impl Fn(CryptoErrno) -> Error {
        |errno| Error::about(self.key.algorithm())(errno)
    }
}

/// Refuses an empty nonce where leaving it out would mean something else: a nonce made up by the host, and lost; or none at
/// all, so that two sessions have one key stream.
pub(crate) fn given(nonce: &[u8]) -> Result<&[u8]> {
    if nonce.is_empty() {
        return Err(Error::about("an empty nonce")(CryptoErrno::InvalidNonce));
    }
    Ok(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_nonce_is_not_taken_for_a_nonce() {
        assert_eq!(given(b"").unwrap_err().errno(), CryptoErrno::InvalidNonce);
        assert_eq!(given(b"n").unwrap(), b"n");
    }
}
