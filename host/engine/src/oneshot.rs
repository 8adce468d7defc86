//! One call for what takes a state five: hash, authenticate, derive, encrypt, decrypt.

use zeroize::Zeroizing;

use crate::aead;
use crate::engine::Engine;
use crate::key::{Key, Schedule};
use crate::options::{Category, OptionName, Options};
use crate::registry::{Absorb, Kind, NonceRule, Operation};
use crate::secret::{random, zeroed};
use crate::state::State;
use crate::tag::{self, Tag};
use crate::{Algorithm, Error, Result};

/// Bytes of a generated nonce where one of any length will do (RFC 5297, section 3).
const ANY_NONCE: usize = 16;

/// What [`Engine::encrypt`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// The nonce that was generated; empty when the caller gave one, or none was needed.
    pub nonce: Vec<u8>,
    /// The ciphertext, followed by its tag.
    pub ciphertext: Vec<u8>,
}

impl Engine {
    /// Hashes `data` to `len` bytes.
    ///
    /// # Errors
    ///
    /// As [`Engine::open`] without key and options, then [`State::absorb`] and [`State::squeeze`];
    /// [`Error::InvalidOperation`] for a password hash, whose generated salt nobody would learn.
    pub fn hash(&self, algorithm: &str, data: &[u8], len: u64) -> Result<Zeroizing<Vec<u8>>> {
        check_repeatable(self.find(algorithm)?)?;
        let mut state = self.open(algorithm, None, None)?;
        state.absorb(data)?;
        state.squeeze(len)
    }

    /// Computes the whole tag of `data`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for a key of an algorithm that has no tags of absorbed data, or of a password hash.
    pub fn authenticate(&self, key: &Key, data: &[u8]) -> Result<Tag> {
        if let Schedule::Mac(mac) = key.schedule() {
            let mut running = mac.start();
            running.update(data);
            return Ok(Tag::new(running.tag()));
        }
        check_repeatable(key.algorithm())?;
        let mut state = self.open_key(key, self.options(Category::Symmetric))?;
        state.absorb(data)?;
        state.squeeze_tag()
    }

    /// Verifies the whole tag of `data`, in constant time.
    ///
    /// # Errors
    ///
    /// As [`Engine::authenticate`], and [`Error::InvalidTag`].
    pub fn verify(&self, key: &Key, data: &[u8], expected: &[u8]) -> Result<()> {
        tag::verify(self.authenticate(key, data)?.as_bytes(), expected)
    }

    /// Derives `len` bytes from `key` for `context`: absorbs the context, and squeezes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for a key of an algorithm that does not squeeze, or of a password hash; otherwise as
    /// [`State::squeeze`].
    pub fn derive(&self, key: &Key, context: &[u8], len: u64) -> Result<Zeroizing<Vec<u8>>> {
        check_repeatable(key.algorithm())?;
        let mut state = self.open_key(key, self.options(Category::Symmetric))?;
        state.absorb(context)?;
        state.squeeze(len)
    }

    /// Encrypts one message.
    ///
    /// Without `nonce`, one is generated where the algorithm's row allows it; where the row makes it optional, one of
    /// full length, or of 16 bytes where any length will do.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for a key of an algorithm that does not encrypt; [`Error::NonceRequired`],
    /// [`Error::InvalidNonce`].
    pub fn encrypt(
        &self,
        key: &Key,
        nonce: Option<&[u8]>,
        ad: &[u8],
        data: &[u8],
    ) -> Result<Sealed> {
        check_encrypts(key)?;
        let mut generated = Vec::new();
        let nonce = match (nonce, key.algorithm().nonce) {
            (Some(nonce), _) => nonce,
            (None, NonceRule::Required(_) | NonceRule::None) => return Err(Error::NonceRequired),
            (None, NonceRule::Generated(len) | NonceRule::Optional { max: len }) => {
                generate(&mut generated, len)?
            }
            (None, NonceRule::Any) => generate(&mut generated, ANY_NONCE)?,
        };
        let ciphertext = match key.schedule() {
            Schedule::Aead(_) => seal(key, nonce, ad, data)?,
            _ => self.open_message(key, nonce, ad)?.encrypt(data)?,
        };
        Ok(Sealed {
            nonce: generated,
            ciphertext,
        })
    }

    /// Decrypts and verifies one message: `data` is the ciphertext followed by its tag.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for a key of an algorithm that does not encrypt; [`Error::NonceRequired`],
    /// [`Error::InvalidNonce`], [`Error::InvalidTag`].
    pub fn decrypt(
        &self,
        key: &Key,
        nonce: Option<&[u8]>,
        ad: &[u8],
        data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        check_encrypts(key)?;
        let nonce = nonce.ok_or(Error::NonceRequired)?;
        match key.schedule() {
            Schedule::Aead(_) => open(key, nonce, ad, data),
            _ => self.open_message(key, nonce, ad)?.decrypt(data),
        }
    }

    fn open_key(&self, key: &Key, options: Options) -> Result<State> {
        check_no_password_hash(key.algorithm())?;
        self.open_with(key.algorithm(), Some(key), options)
    }

    fn open_message(&self, key: &Key, nonce: &[u8], ad: &[u8]) -> Result<State> {
        let mut options = self.options(Category::Symmetric);
        options.put_bytes(OptionName::Nonce, nonce)?;
        let mut state = self.open_key(key, options)?;
        // Where absorbs concatenate, absorbing nothing changes nothing; where they delimit, an empty string is one.
        if !ad.is_empty() || key.algorithm().absorb == Absorb::Delimits {
            state.absorb(ad)?;
        }
        Ok(state)
    }
}

fn generate(nonce: &mut Vec<u8>, len: usize) -> Result<&[u8]> {
    nonce.resize(len, 0);
    random(nonce)?;
    Ok(nonce)
}

/// Without a salt of the caller's, a password hash gives another result each time.
fn check_repeatable(algorithm: &Algorithm) -> Result<()> {
    match algorithm.kind {
        Kind::PasswordHash => Err(Error::InvalidOperation),
        _ => Ok(()),
    }
}

fn check_no_password_hash(algorithm: &Algorithm) -> Result<()> {
    if algorithm.kind == Kind::PasswordHash {
        return Err(Error::InvalidOperation);
    }
    Ok(())
}

fn check_encrypts(key: &Key) -> Result<()> {
    let algorithm = key.algorithm();
    if algorithm.has(Operation::Encrypt) {
        Ok(())
    } else {
        Err(Error::InvalidOperation)
    }
}

fn check_nonce(key: &Key, nonce: &[u8]) -> Result<()> {
    match (key.algorithm().kind, key.algorithm().nonce) {
        (Kind::Aead, NonceRule::Required(len) | NonceRule::Generated(len))
            if nonce.len() == len =>
        {
            Ok(())
        }
        _ => Err(Error::InvalidNonce),
    }
}

fn seal(key: &Key, nonce: &[u8], ad: &[u8], data: &[u8]) -> Result<Vec<u8>> {
    check_nonce(key, nonce)?;
    let tag_len = key.algorithm().tag_len;
    let mut out = zeroed(data.len().checked_add(tag_len).ok_or(Error::Overflow)?)?;
    let (ciphertext, tag) = out.split_at_mut(data.len());
    aead::schedule(key)?.seal(nonce, ad, data, ciphertext, tag)?;
    Ok(std::mem::take(&mut *out))
}

fn open(key: &Key, nonce: &[u8], ad: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    check_nonce(key, nonce)?;
    let message_len = data
        .len()
        .checked_sub(key.algorithm().tag_len)
        .ok_or(Error::InvalidTag)?;
    let (data, tag) = data.split_at(message_len);
    let mut out = zeroed(message_len)?;
    aead::open_verified(aead::schedule(key)?, nonce, ad, data, tag, &mut out)?;
    Ok(out)
}
