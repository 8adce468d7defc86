//! Stateful, session-based encryption.

use crate::aead::given;
use crate::{Key, Options, Result, State, Tag};

/// A session: one state that absorbs, encrypts and squeezes, each step depending on all before it.
///
/// Both sides take the same steps in the same order, one encrypting what the other decrypts. Each
/// [`absorb`](Self::absorb) is kept apart from its neighbours.
///
/// Two sessions that start from the same key must differ in their nonce, or in what they absorb before they first
/// encrypt: otherwise their key streams are the same.
#[derive(Debug)]
pub struct Session(State);

impl Session {
    /// Starts a session under a key, without a nonce: the key must be for this session alone.
    pub fn new(key: &Key) -> Result<Self> {
        State::keyed(key).map(Self)
    }

    /// Starts a session under a key and a nonce.
    ///
    /// An empty nonce would be none, and is [`InvalidNonce`](crate::CryptoErrno::InvalidNonce).
    pub fn with_nonce(key: &Key, nonce: impl Into<Vec<u8>>) -> Result<Self> {
        let nonce = nonce.into();
        given(&nonce)?;
        Self::with_options(key.algorithm(), Some(key), &Options::new().nonce(nonce))
    }

    /// Starts a session with options, keyed or not.
    pub fn with_options(algorithm: &str, key: Option<&Key>, options: &Options) -> Result<Self> {
        State::open(algorithm, key, options).map(Self)
    }

    /// Takes in data that both sides know.
    pub fn absorb(&mut self, data: impl AsRef<[u8]>) -> Result<()> {
        self.0.absorb(data)
    }

    /// Ciphertext and tag of `data`.
    pub fn encrypt(&mut self, data: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        self.0.encrypt(data)
    }

    /// The plaintext of a ciphertext with its tag; nothing of it if it does not verify.
    pub fn decrypt(&mut self, data: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        self.0.decrypt(data)
    }

    /// Ciphertext of `data`, and the tag apart.
    pub fn encrypt_detached(&mut self, data: impl AsRef<[u8]>) -> Result<(Vec<u8>, Tag)> {
        self.0.encrypt_detached(data)
    }

    /// The plaintext of a ciphertext whose tag is apart; nothing of it if it does not verify.
    pub fn decrypt_detached(
        &mut self,
        data: impl AsRef<[u8]>,
        tag: impl AsRef<[u8]>,
    ) -> Result<Vec<u8>> {
        self.0.decrypt_detached(data, tag)
    }

    /// The next `len` bytes of output.
    pub fn squeeze(&mut self, len: usize) -> Result<Vec<u8>> {
        self.0.squeeze(len)
    }

    /// The tag of all so far.
    pub fn squeeze_tag(&mut self) -> Result<Tag> {
        self.0.squeeze_tag()
    }

    /// Makes it impossible to recover what came before from what the state is now.
    pub fn ratchet(&mut self) -> Result<()> {
        self.0.ratchet()
    }

    /// A key to resume with later, for `algorithm`, without storing a nonce.
    pub fn next_key(&mut self, algorithm: &str) -> Result<Key> {
        self.0.squeeze_key(algorithm)
    }
}

impl AsRef<State> for Session {
    fn as_ref(&self) -> &State {
        &self.0
    }
}
