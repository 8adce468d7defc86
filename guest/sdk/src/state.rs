//! The general form of every algorithm in use.

use crate::bindings::wasi_ephemeral::crypto::symmetric;
use crate::{Error, Key, Options, Result};

/// An algorithm in use, with every operation that any of them has.
///
/// The other types of this crate are narrower views of it. Use it where the algorithm is your user's choice: an operation
/// that the algorithm does not have is [`InvalidOperation`](crate::CryptoErrno::InvalidOperation).
///
/// Whether two absorbs are the same as one of both pieces together depends on the algorithm: hashes, MACs, XOFs, HKDF,
/// associated data and passwords concatenate; tuple hashes, AES-SIV, sessions and generators keep each absorb apart.
#[derive(Debug)]
pub struct State {
    raw: symmetric::SymmetricState,
}

impl State {
    /// Starts `algorithm`, with a key if it takes one.
    ///
    /// The options are copied: changing them later changes nothing here.
    pub fn open(algorithm: &str, key: Option<&Key>, options: &Options) -> Result<Self> {
        let options = options.to_raw()?;
        symmetric::SymmetricState::open(algorithm, key.map(Key::as_raw), options.as_ref())
            .map(Self::from_raw)
            .map_err(Error::about(algorithm))
    }

    /// Starts a key's algorithm with it, without options.
    pub fn keyed(key: &Key) -> Result<Self> {
        Self::open(key.algorithm(), Some(key), &Options::new())
    }

    /// The value in force of an option that is a byte string; of `nonce`, in particular, also if the host has made it up.
    pub fn option(&self, name: &str) -> Result<Vec<u8>> {
        self.raw.options_get(name).map_err(Error::about(name))
    }

    /// The value in force of an option that is an integer.
    pub fn option_u64(&self, name: &str) -> Result<u64> {
        self.raw.options_get_u64(name).map_err(Error::about(name))
    }

    /// A deep copy. That of an AEAD or a session state does all but encrypt, since it would repeat the original's key
    /// stream.
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self::from_raw(self.raw.clone()?))
    }

    /// Takes in data.
    pub fn absorb(&self, data: impl AsRef<[u8]>) -> Result<()> {
        Ok(self.raw.absorb(data.as_ref())?)
    }

    /// `len` bytes of output.
    pub fn squeeze(&self, len: usize) -> Result<Vec<u8>> {
        Ok(self.raw.squeeze(len as u64)?)
    }

    /// The tag of what has been absorbed.
    pub fn squeeze_tag(&self) -> Result<Tag> {
        Ok(Tag::from_raw(self.raw.squeeze_tag()?))
    }

    /// A key for `algorithm`, which never leaves the host.
    pub fn squeeze_key(&self, algorithm: &str) -> Result<Key> {
        self.raw
            .squeeze_key(algorithm)
            .map(|raw| Key::from_raw(algorithm, raw))
            .map_err(Error::about(algorithm))
    }

    /// By how many bytes a ciphertext can be longer than its plaintext: tag and padding.
    pub fn max_tag_len(&self) -> Result<usize> {
        Ok(self.raw.max_tag_len()?.try_into().unwrap_or(usize::MAX))
    }

    /// Ciphertext and tag of `data`.
    pub fn encrypt(&self, data: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        Ok(self.raw.encrypt(data.as_ref())?)
    }

    /// Ciphertext of `data`, and the tag apart.
    pub fn encrypt_detached(&self, data: impl AsRef<[u8]>) -> Result<(Vec<u8>, Tag)> {
        let (ciphertext, tag) = self.raw.encrypt_detached(data.as_ref())?;
        Ok((ciphertext, Tag::from_raw(tag)))
    }

    /// The plaintext of a ciphertext with its tag; nothing of it if it does not verify.
    pub fn decrypt(&self, data: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        Ok(self.raw.decrypt(data.as_ref())?)
    }

    /// The plaintext of a ciphertext whose tag is apart; nothing of it if it does not verify.
    pub fn decrypt_detached(
        &self,
        data: impl AsRef<[u8]>,
        tag: impl AsRef<[u8]>,
    ) -> Result<Vec<u8>> {
        Ok(self.raw.decrypt_detached(data.as_ref(), tag.as_ref())?)
    }

    /// Makes it impossible to go back to an earlier state.
    pub fn ratchet(&self) -> Result<()> {
        Ok(self.raw.ratchet()?)
    }

    /// A state of the raw level.
    pub fn from_raw(raw: symmetric::SymmetricState) -> Self {
        Self { raw }
    }

    /// The state at the raw level.
    pub fn as_raw(&self) -> &symmetric::SymmetricState {
        &self.raw
    }
}

impl AsRef<State> for State {
    fn as_ref(&self) -> &State {
        self
    }
}

/// A tag that the host holds: to be fetched, or to be compared with one that came with the data.
#[derive(Debug)]
pub struct Tag {
    raw: symmetric::SymmetricTag,
}

impl Tag {
    /// Its length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "no tag is empty")]
    pub fn len(&self) -> usize {
        self.raw.len().try_into().unwrap_or(usize::MAX)
    }

    /// Fetches it.
    pub fn into_bytes(self) -> Vec<u8> {
        symmetric::SymmetricTag::pull(self.raw)
    }

    /// Checks in constant time that it is the `expected` one.
    pub fn verify(&self, expected: impl AsRef<[u8]>) -> Result<()> {
        Ok(self.raw.verify(expected.as_ref())?)
    }

    pub(crate) fn from_raw(raw: symmetric::SymmetricTag) -> Self {
        Self { raw }
    }
}
