//! One call for what takes a state five: hash, authenticate, derive, encrypt, decrypt.

use super::State;
use crate::contract::symmetric::{
    self, Absorb, Algorithm, Key, Kind, MAX_GENERATED, NonceRule, Operation, PreparedKey, Tag,
};
use crate::engine::Engine;
use crate::options::{Category, OptionName, Options};
use crate::secret::{SecretBytes, random, zeroed};
use crate::{Error, Result};

/// Bytes of a generated nonce where one of any length will do (RFC 5297, section 3).
const ANY_NONCE: usize = 16;

/// What [`Engine::encrypt`] returns.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// The nonce that was generated; empty when the caller gave one, or none was needed.
    pub nonce: Vec<u8>,
    /// The ciphertext, followed by its tag.
    pub ciphertext: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (nonce, ciphertext) = (self.nonce.len(), self.ciphertext.len());
        write!(
            f,
            "Sealed(nonce: {nonce} bytes, ciphertext: {ciphertext} bytes)"
        )
    }
}

/// A message that [`Engine::prepare_hash`] has prepared to be hashed.
pub struct Hashing {
    step: Step,
    len: usize,
}

/// How far hashing has come.
enum Step {
    Whole(fn(&[u8], &mut [u8]) -> Result<()>),
    Absorbed(Box<State>),
}

impl Hashing {
    /// The length of the output, in bytes.
    #[allow(clippy::len_without_is_empty)] // It is no container.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Hashes `data`, which is what the hashing was prepared with, into `out`, which has to have [`Hashing::len`] bytes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidLength`] for any other length.
    pub fn hash_into(self, data: &[u8], out: &mut [u8]) -> Result<()> {
        if out.len() != self.len {
            return Err(Error::InvalidLength);
        }
        match self.step {
            Step::Whole(compute) => compute(data, out),
            Step::Absorbed(mut state) => state.squeeze_into(out),
        }
    }
}

impl std::fmt::Debug for Hashing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hashing({} bytes)", self.len)
    }
}

/// A message that [`Engine::prepare_encryption`] has prepared to be encrypted.
pub struct Encryption {
    /// For algorithms whose keys encrypt nothing by themselves.
    state: Option<Box<State>>,
    ciphertext_len: usize,
    generated: Nonce,
}

impl Encryption {
    /// The exact length of the ciphertext, tag included.
    pub fn ciphertext_len(&self) -> usize {
        self.ciphertext_len
    }

    /// The nonce that was generated; empty when the caller gave one, or none was needed.
    pub fn generated_nonce(&self) -> &[u8] {
        self.generated.as_slice()
    }

    /// Encrypts the message into `out`, which has to have [`Encryption::ciphertext_len`] bytes. The rest is what the
    /// encryption was prepared with.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidLength`] when the lengths are not what they were, [`Error::InvalidNonce`] when the nonce is not.
    pub fn encrypt_into(
        mut self,
        key: &Key,
        nonce: Option<&[u8]>,
        ad: &[u8],
        data: &[u8],
        out: &mut [u8],
    ) -> Result<()> {
        if out.len() != self.ciphertext_len {
            return Err(Error::InvalidLength);
        }
        if let Some(state) = &mut self.state {
            return state.encrypt_into(data, out);
        }
        let nonce = nonce.unwrap_or(self.generated.as_slice());
        check_nonce(key, nonce.len())?;
        let (ciphertext, tag) = out
            .split_at_mut_checked(data.len())
            .ok_or(Error::InvalidLength)?;
        if tag.len() != key.algorithm().tag_len {
            return Err(Error::InvalidLength);
        }
        key.aead()?.seal(nonce, ad, data, ciphertext, tag)
    }
}

impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Encryption({} bytes)", self.ciphertext_len)
    }
}

/// A nonce that was generated, or none.
#[derive(Default)]
struct Nonce {
    bytes: [u8; MAX_GENERATED],
    len: usize,
}

impl Nonce {
    fn generate(&mut self, len: usize) -> Result<&[u8]> {
        let bytes = self.bytes.get_mut(..len).ok_or(Error::InternalError)?;
        random(bytes)?;
        self.len = len;
        Ok(bytes)
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Engine {
    /// Hashes `data` to `len` bytes.
    ///
    /// # Errors
    ///
    /// As [`Engine::open`] without key and options, then [`State::absorb`] and [`State::squeeze`];
    /// [`Error::InvalidOperation`] for a password hash, whose generated salt nobody would learn.
    pub fn hash(&self, algorithm: &str, data: &[u8], len: u64) -> Result<SecretBytes> {
        let hashing = self.prepare_hash(self.find(algorithm)?, data, len)?;
        let mut out = zeroed(hashing.len())?;
        hashing.hash_into(data, &mut out)?;
        Ok(out)
    }

    /// Does everything for hashing `data` to `len` bytes that can fail: the first half of [`Engine::hash`].
    ///
    /// # Errors
    ///
    /// As [`Engine::hash`].
    pub fn prepare_hash(
        &self,
        algorithm: &'static Algorithm,
        data: &[u8],
        len: u64,
    ) -> Result<Hashing> {
        self.policy().check(algorithm)?;
        if let Some(digest) = algorithm.digest {
            let len = self.check_squeeze(len, digest.longest)?;
            return Ok(Hashing {
                step: Step::Whole(digest.compute),
                len,
            });
        }
        check_repeatable(algorithm)?;
        let mut state = self.open_with(algorithm, None, self.options(Category::Symmetric))?;
        state.absorb(data)?;
        Ok(Hashing {
            len: state.check_squeeze(len)?,
            step: Step::Absorbed(Box::new(state)),
        })
    }

    /// Computes the whole tag of `data`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for a key of an algorithm that has no tags of absorbed data, or of a password hash.
    pub fn authenticate(&self, key: &Key, data: &[u8]) -> Result<Tag> {
        if let PreparedKey::Mac(mac) = key.prepared() {
            return Ok(Tag::new(mac.tag_of(data)));
        }
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
        symmetric::verify(self.authenticate(key, data)?.as_bytes(), expected)
    }

    /// Derives `len` bytes from `key` for `context`: absorbs the context, and squeezes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for a key of an algorithm that does not squeeze, or of a password hash; otherwise as
    /// [`State::squeeze`].
    pub fn derive(&self, key: &Key, context: &[u8], len: u64) -> Result<SecretBytes> {
        self.absorb_once_keyed(key, context)?.squeeze(len)
    }

    /// A state that has absorbed `context` and is about to be squeezed: the first half of [`Engine::derive`].
    ///
    /// # Errors
    ///
    /// As [`Engine::derive`].
    pub fn absorb_once_keyed(&self, key: &Key, context: &[u8]) -> Result<State> {
        let mut state = self.open_key(key, self.options(Category::Symmetric))?;
        state.absorb(context)?;
        Ok(state)
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
        let encryption = self.prepare_encryption(key, nonce, ad, data.len())?;
        let mut ciphertext = zeroed(encryption.ciphertext_len())?;
        let generated = encryption.generated_nonce().to_vec();
        encryption.encrypt_into(key, nonce, ad, data, &mut ciphertext)?;
        Ok(Sealed {
            nonce: generated,
            ciphertext: std::mem::take(&mut *ciphertext),
        })
    }

    /// Does everything for encrypting a message of `len` bytes that can fail, and says how long the ciphertext will be:
    /// the first half of [`Engine::encrypt`].
    ///
    /// # Errors
    ///
    /// As [`Engine::encrypt`].
    pub fn prepare_encryption(
        &self,
        key: &Key,
        nonce: Option<&[u8]>,
        ad: &[u8],
        len: usize,
    ) -> Result<Encryption> {
        check_encrypts(key)?;
        let mut generated = Nonce::default();
        let nonce = match (nonce, key.algorithm().nonce) {
            (Some(nonce), _) => nonce,
            (None, NonceRule::Required(_) | NonceRule::None) => return Err(Error::NonceRequired),
            (None, NonceRule::Generated(len) | NonceRule::Optional { max: len }) => {
                generated.generate(len)?
            }
            (None, NonceRule::Any) => generated.generate(ANY_NONCE)?,
        };
        let (state, ciphertext_len) = match key.prepared() {
            PreparedKey::Aead(_) => {
                check_nonce(key, nonce.len())?;
                let len = len.checked_add(key.algorithm().tag_len);
                (None, len.ok_or(Error::Overflow)?)
            }
            _ => {
                let state = self.open_message(key, nonce, ad)?;
                let len = state.check_encrypt(len)?;
                (Some(Box::new(state)), len)
            }
        };
        Ok(Encryption {
            state,
            ciphertext_len,
            generated,
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
    ) -> Result<SecretBytes> {
        let room = self.prepare_decryption(key, nonce.map(<[u8]>::len), data.len())?;
        let mut out = zeroed(room)?;
        let len = self.decrypt_into(key, nonce, ad, data, &mut out)?;
        out.truncate(len);
        Ok(out)
    }

    /// The most room that decrypting `len` bytes, tag included, under a nonce of `nonce` bytes takes: what
    /// [`Engine::decrypt_into`] has to be given.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`], [`Error::NonceRequired`] and [`Error::InvalidNonce`] as [`Engine::decrypt`],
    /// [`Error::InvalidTag`] when there is no room for a tag.
    pub fn prepare_decryption(&self, key: &Key, nonce: Option<usize>, len: usize) -> Result<usize> {
        check_encrypts(key)?;
        let nonce = nonce.ok_or(Error::NonceRequired)?;
        match key.prepared() {
            PreparedKey::Aead(_) => {
                check_nonce(key, nonce)?;
                len.checked_sub(key.algorithm().tag_len)
                    .ok_or(Error::InvalidTag)
            }
            // Other algorithms have their say when a state is opened; none of their messages is longer than its ciphertext.
            _ => Ok(len),
        }
    }

    /// Decrypts and verifies one message into the beginning of `out`, which has to have as many bytes as
    /// [`Engine::prepare_decryption`] says, and returns how long it is. After a failure `out` holds zeros.
    ///
    /// # Errors
    ///
    /// As [`Engine::decrypt`], and [`Error::InvalidLength`] for any other length of `out`.
    pub fn decrypt_into(
        &self,
        key: &Key,
        nonce: Option<&[u8]>,
        ad: &[u8],
        data: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        let decrypted = self.try_decrypt_into(key, nonce, ad, data, out);
        if decrypted.is_err() {
            out.fill(0);
        }
        decrypted
    }

    fn try_decrypt_into(
        &self,
        key: &Key,
        nonce: Option<&[u8]>,
        ad: &[u8],
        data: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        if out.len() != self.prepare_decryption(key, nonce.map(<[u8]>::len), data.len())? {
            return Err(Error::InvalidLength);
        }
        let nonce = nonce.ok_or(Error::NonceRequired)?;
        if let PreparedKey::Aead(prepared) = key.prepared() {
            let (data, tag) = data
                .split_at_checked(out.len())
                .ok_or(Error::InternalError)?;
            prepared.open(nonce, ad, data, tag, out)?;
            return Ok(out.len());
        }
        let mut state = self.open_message(key, nonce, ad)?;
        let len = state.message_len(data.len())?;
        let part = out.get_mut(..len).ok_or(Error::InternalError)?;
        state.decrypt_into(data, part)
    }

    fn open_key(&self, key: &Key, options: Options) -> Result<State> {
        check_repeatable(key.algorithm())?;
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

/// Without a salt of the caller's, a password hash gives another result each time.
fn check_repeatable(algorithm: &Algorithm) -> Result<()> {
    match algorithm.kind {
        Kind::PasswordHash => Err(Error::InvalidOperation),
        _ => Ok(()),
    }
}

fn check_encrypts(key: &Key) -> Result<()> {
    let algorithm = key.algorithm();
    if algorithm.has(Operation::Encrypt) {
        Ok(())
    } else {
        Err(Error::InvalidOperation)
    }
}

fn check_nonce(key: &Key, nonce: usize) -> Result<()> {
    match (key.algorithm().kind, key.algorithm().nonce) {
        (Kind::Aead, NonceRule::Required(len) | NonceRule::Generated(len)) if nonce == len => {
            Ok(())
        }
        _ => Err(Error::InvalidNonce),
    }
}
