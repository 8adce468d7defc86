//! States: every operation of an algorithm goes through one.

use std::fmt;

use crate::contract::symmetric::{Algorithm, Key, Operation, StateImpl, Tag};
use crate::engine::Engine;
use crate::options::{OptionName, OptionType, Options};
use crate::secret::{SecretBuffer, SecretBytes, zeroed};
use crate::{Error, Result};

/// A state of one algorithm, opened by [`Engine::open`].
///
/// An operation that fails leaves the state as it was, but for one thing: after a decryption that failed, a state never
/// encrypts again.
pub struct State {
    pub(crate) algorithm: &'static Algorithm,
    pub(crate) engine: Engine,
    pub(crate) options: Options,
    pub(crate) inner: Box<dyn StateImpl>,
}

impl State {
    /// The state's algorithm.
    pub fn algorithm(&self) -> &'static Algorithm {
        self.algorithm
    }

    /// The work of squeezing `len` bytes of a password hash, as a share of what the limits allow for one squeeze: more
    /// than 0 for every password hash, 0 for all other algorithms.
    ///
    /// Whoever squeezes many states in one go, or must not be held up, can tell from it what that takes.
    pub fn squeeze_work(&self, len: u64) -> f64 {
        self.inner.password_work(len)
    }

    /// As [`State::squeeze_work`], of a tag.
    pub fn squeeze_tag_work(&self) -> f64 {
        self.inner.password_work(self.inner.tag_output())
    }

    /// The bytes that were absorbed, set or imported earlier and that an operation with an output of `len` bytes processes
    /// again, counted as often as it does: associated data, info, a password, a salt.
    ///
    /// One operation is bound by [`Limits::repeated_bytes`](crate::Limits::repeated_bytes); whoever does many in one go
    /// can add up what they take.
    pub fn repeated_bytes(&self, len: u64) -> u64 {
        self.inner.repeated_bytes(len)
    }

    /// As [`State::repeated_bytes`], of a tag.
    pub fn tag_repeated_bytes(&self) -> u64 {
        self.inner.repeated_bytes(self.inner.tag_output())
    }

    /// The value of a byte-string option that is in force, a default or a generated one included.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedOption`] for an option that the algorithm does not know or that is no byte string;
    /// [`Error::OptionNotSet`] for one that has no value.
    pub fn option(&self, name: &str) -> Result<&[u8]> {
        let name = self.known(name, |kind| kind == OptionType::Bytes)?;
        self.options.bytes(name).ok_or(Error::OptionNotSet)
    }

    /// The value of an integer option that is in force, a default included; for a buffer, its size.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedOption`] for an option that the algorithm does not know or that is a byte string;
    /// [`Error::OptionNotSet`] for one that has no value.
    pub fn option_u64(&self, name: &str) -> Result<u64> {
        let name = self.known(name, |kind| kind != OptionType::Bytes)?;
        self.options.integer(name).ok_or(Error::OptionNotSet)
    }

    fn known(&self, name: &str, suits: impl Fn(OptionType) -> bool) -> Result<OptionName> {
        let name = OptionName::find(name)?;
        if self.algorithm.options.contains(&name) && suits(name.option_type()) {
            Ok(name)
        } else {
            Err(Error::UnsupportedOption)
        }
    }

    /// A deep copy of the state.
    ///
    /// The copy of a state that encrypts under a nonce does everything but encrypt.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedFeature`] where a copy could only repeat the key stream; [`Error::Overflow`] when what the
    /// state has buffered does not fit a second time.
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self {
            algorithm: self.algorithm,
            engine: self.engine.clone(),
            options: self.options.clone(),
            inner: self.inner.try_clone()?,
        })
    }

    /// Absorbs `data`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm that absorbs nothing, or no more; [`Error::Overflow`] when the
    /// algorithm has to buffer the data and it does not fit.
    pub fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.check(Operation::Absorb)?;
        self.inner.absorb(data)
    }

    /// Squeezes `len` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm without that operation, [`Error::InvalidLength`] for more bytes than
    /// the algorithm gives, [`Error::Overflow`] for more than the engine's limits allow.
    pub fn squeeze(&mut self, len: u64) -> Result<SecretBytes> {
        let mut out = zeroed(self.check_squeeze(len)?)?;
        self.inner.squeeze(&mut out)?;
        Ok(out)
    }

    /// Squeezes as many bytes as `out` has.
    ///
    /// # Errors
    ///
    /// As [`State::squeeze`].
    pub fn squeeze_into(&mut self, out: &mut [u8]) -> Result<()> {
        self.check_squeeze(out.len() as u64)?;
        self.inner.squeeze(out)
    }

    /// Computes the tag of all that has been absorbed, or the string of a password hash.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm without that operation.
    pub fn squeeze_tag(&mut self) -> Result<Tag> {
        self.check(Operation::SqueezeTag)?;
        self.check_cost(self.inner.tag_output())?;
        self.inner.squeeze_tag()
    }

    /// Makes a key of `algorithm` from the state.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm without that operation; [`Error::UnsupportedAlgorithm`],
    /// [`Error::KeyNotSupported`] for the target; [`Error::IncompatibleKeys`] for any target of an HKDF-EXTRACT but its
    /// HKDF-EXPAND.
    pub fn squeeze_key(&mut self, algorithm: &str) -> Result<Key> {
        self.check(Operation::SqueezeKey)?;
        let target = self.engine.find(algorithm)?;
        self.inner.check_target(target)?;
        let len = target.key.generated().ok_or(Error::KeyNotSupported)?;
        self.check_cost(len as u64)?;
        // The key has its place before the state moves on.
        let raw = SecretBuffer::filled(len, self.engine.reserve(), |raw| {
            self.inner.squeeze_key(raw)
        })?;
        self.engine.key_of(target, raw)
    }

    /// The most bytes that encryption adds to a message: tag and padding.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm that has neither encryption nor tags.
    pub fn max_tag_len(&self) -> Result<usize> {
        self.check(Operation::MaxTagLen)?;
        Ok(self.inner.expansion())
    }

    /// The exact length of the ciphertext, tag included, of a message of `len` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm that does not encrypt.
    pub fn ciphertext_len(&self, len: usize) -> Result<usize> {
        self.check(Operation::Encrypt)?;
        self.inner.ciphertext_len(len)
    }

    /// Encrypts `data`; the tag follows the ciphertext.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm that does not encrypt, [`Error::NonceRequired`] when the state's
    /// nonce has been used up.
    pub fn encrypt(&mut self, data: &[u8]) -> Result<Vec<u8>> {
        let mut out = zeroed(self.ciphertext_len(data.len())?)?;
        self.inner.encrypt(data, &mut out)?;
        Ok(std::mem::take(&mut *out))
    }

    /// Encrypts `data` into `out`, which has to have [`State::ciphertext_len`] bytes.
    ///
    /// # Errors
    ///
    /// As [`State::encrypt`], and [`Error::InvalidLength`] for any other length of `out`.
    pub fn encrypt_into(&mut self, data: &[u8], out: &mut [u8]) -> Result<()> {
        if out.len() != self.ciphertext_len(data.len())? {
            return Err(Error::InvalidLength);
        }
        self.inner.encrypt(data, out)
    }

    /// Encrypts `data` and returns the tag separately.
    ///
    /// # Errors
    ///
    /// As [`State::encrypt`]; an algorithm without tags is [`Error::InvalidOperation`].
    pub fn encrypt_detached(&mut self, data: &[u8]) -> Result<(Vec<u8>, Tag)> {
        let mut out = zeroed(data.len())?;
        let tag = self.encrypt_detached_into(data, &mut out)?;
        Ok((std::mem::take(&mut *out), tag))
    }

    /// Encrypts `data` into `out`, of the same length, and returns the tag.
    ///
    /// # Errors
    ///
    /// As [`State::encrypt_detached`], and [`Error::InvalidLength`] for any other length of `out`.
    pub fn encrypt_detached_into(&mut self, data: &[u8], out: &mut [u8]) -> Result<Tag> {
        self.check(Operation::EncryptDetached)?;
        if out.len() != data.len() {
            return Err(Error::InvalidLength);
        }
        let mut tag = zeroed(self.inner.tag_len())?;
        self.inner.encrypt_detached(data, out, &mut tag)?;
        Ok(Tag::new(tag))
    }

    /// The longest message that a ciphertext of `len` bytes, tag included, can hold: its exact length for all algorithms
    /// without padding.
    ///
    /// A length that no ciphertext has counts as a decryption that failed: the state never encrypts again.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm that does not decrypt, [`Error::InvalidTag`] when there is no room
    /// for a tag.
    pub fn message_len(&mut self, len: usize) -> Result<usize> {
        self.check(Operation::Decrypt)?;
        self.inner
            .message_len(len)
            .inspect_err(|_| self.inner.decrypts())
    }

    /// Decrypts and verifies `data`, a ciphertext followed by its tag.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm that does not decrypt, [`Error::InvalidTag`] when the tag does not
    /// verify.
    pub fn decrypt(&mut self, data: &[u8]) -> Result<SecretBytes> {
        let mut out = zeroed(self.message_len(data.len())?)?;
        let len = self.inner.decrypt(data, &mut out)?;
        out.truncate(len);
        Ok(out)
    }

    /// Decrypts and verifies `data`, a ciphertext followed by its tag, into the beginning of `out`, which has to have
    /// [`State::message_len`] bytes; says how long the message is. After a failure `out` holds zeros.
    ///
    /// # Errors
    ///
    /// As [`State::decrypt`], and [`Error::InvalidLength`] for any other length of `out`.
    pub fn decrypt_into(&mut self, data: &[u8], out: &mut [u8]) -> Result<usize> {
        let decrypted = match self.message_len(data.len()) {
            Ok(len) if len == out.len() => self.inner.decrypt(data, out),
            Ok(_) => Err(Error::InvalidLength),
            Err(error) => Err(error),
        };
        if decrypted.is_err() {
            out.fill(0);
        }
        decrypted
    }

    /// Decrypts `data` and verifies it with a detached tag.
    ///
    /// # Errors
    ///
    /// As [`State::decrypt`]; a tag of the wrong length is [`Error::InvalidTag`].
    pub fn decrypt_detached(&mut self, data: &[u8], tag: &[u8]) -> Result<SecretBytes> {
        self.check(Operation::DecryptDetached)?;
        let mut out = zeroed(data.len())?;
        self.decrypt_detached_into(data, tag, &mut out)?;
        Ok(out)
    }

    /// Decrypts `data` into `out`, of the same length, and verifies it with a detached tag. After a failure `out` holds
    /// zeros.
    ///
    /// # Errors
    ///
    /// As [`State::decrypt_detached`], and [`Error::InvalidLength`] for any other length of `out`.
    pub fn decrypt_detached_into(&mut self, data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        self.check(Operation::DecryptDetached)?;
        if out.len() != data.len() {
            return Err(Error::InvalidLength);
        }
        if tag.len() != self.inner.tag_len() {
            self.inner.decrypts();
            out.fill(0);
            return Err(Error::InvalidTag);
        }
        self.inner.decrypt_detached(data, tag, out)
    }

    /// Makes it impossible to compute earlier states from this one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOperation`] for an algorithm without that operation.
    pub fn ratchet(&mut self) -> Result<()> {
        self.check(Operation::Ratchet)?;
        self.inner.ratchet()
    }

    pub(crate) fn check(&self, operation: Operation) -> Result<()> {
        if self.algorithm.has(operation) {
            Ok(())
        } else {
            Err(Error::InvalidOperation)
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State({})", self.algorithm.name)
    }
}
