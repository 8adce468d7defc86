//! What an engine does with symmetric algorithms: keys and states come from here.

use super::State;
use crate::contract::symmetric::{Algorithm, Key, Opening};
use crate::engine::Engine;
use crate::options::{Category, OptionName, Options};
use crate::registry::ALGORITHMS;
use crate::secret::{SecretBuffer, SecretBytes, copy_of, random};
use crate::{Error, Result};

impl Engine {
    /// The algorithms that the policy allows.
    pub fn algorithms(&self) -> impl Iterator<Item = &'static Algorithm> {
        ALGORITHMS.iter().filter(|row| self.policy().allows(row))
    }

    /// Generates a key.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`]; [`Error::UnsupportedFeature`] for an algorithm without keys;
    /// [`Error::UnsupportedOption`] for options that the algorithm does not know; [`Error::RngError`].
    pub fn generate_key(&self, algorithm: &str, options: Option<&Options>) -> Result<Key> {
        let algorithm = self.find(algorithm)?;
        let len = algorithm.key.generated().ok_or(Error::UnsupportedFeature)?;
        if let Some(options) = options {
            check_options(algorithm, options.names(), options)?;
        }
        self.random_key(algorithm, len)
    }

    /// Generates a key that is going to be stored. Says when it expires, in seconds of UNIX time, if `options` have an
    /// [`OptionName::Expiration`] besides what [`Engine::generate_key`] takes.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`], also for an algorithm without keys; [`Error::UnsupportedOption`] for options that
    /// the algorithm does not know; [`Error::RngError`].
    pub fn generate_managed_key(
        &self,
        algorithm: &str,
        options: Option<&Options>,
    ) -> Result<(Key, Option<u64>)> {
        let algorithm = self.find(algorithm)?;
        let len = algorithm.key.generated();
        let len = len.ok_or(Error::UnsupportedAlgorithm)?;
        let mut expiration = None;
        if let Some(options) = options {
            let names = options.names();
            let of_algorithm = names.filter(|name| *name != OptionName::Expiration);
            check_options(algorithm, of_algorithm, options)?;
            expiration = options.integer(OptionName::Expiration);
        }
        Ok((self.random_key(algorithm, len)?, expiration))
    }

    fn random_key(&self, algorithm: &'static Algorithm, len: usize) -> Result<Key> {
        self.key_of(
            algorithm,
            SecretBuffer::filled(len, self.reserve(), random)?,
        )
    }

    /// Makes a key of raw bytes.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`]; [`Error::KeyNotSupported`] for an algorithm without keys; [`Error::InvalidKey`]
    /// for a length that it does not take; [`Error::Overflow`] when the key does not fit into what the engine lends.
    pub fn import_key(&self, algorithm: &str, raw: &[u8]) -> Result<Key> {
        self.key(self.find(algorithm)?, raw)
    }

    /// The raw bytes of a key.
    ///
    /// # Errors
    ///
    /// [`Error::ProhibitedOperation`] where the policy forbids it.
    pub fn export_key(&self, key: &Key) -> Result<SecretBytes> {
        self.policy().check_export()?;
        self.key_to_store(key)
    }

    /// The raw bytes of a key, for a key store that is about to encrypt them.
    ///
    /// This is for the embedder's own use and asks no policy: what a guest may see of a key is what
    /// [`Engine::export_key`] gives.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`] when there is no memory.
    pub fn key_to_store(&self, key: &Key) -> Result<SecretBytes> {
        copy_of(key.raw())
    }

    /// Takes in a key that another engine made, for a key store that hands the same key to several: its bytes are counted
    /// against this engine's limits from now on, and what the algorithm computed for it is shared.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`] where the policy leaves the algorithm out; [`Error::Overflow`] when the key does
    /// not fit into what the engine lends.
    pub fn admit_key(&self, key: &Key) -> Result<Key> {
        if !self.policy().allows(key.algorithm()) {
            return Err(Error::UnsupportedAlgorithm);
        }
        if key.backend() != self.backend() {
            return self.key(key.algorithm(), key.raw());
        }
        let mut reservation = self.reserve();
        reservation.resize(key.raw().len() as u64)?;
        Ok(key.charged_to(reservation))
    }

    /// Opens a state.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`]; [`Error::KeyRequired`], [`Error::KeyNotSupported`]; [`Error::InvalidKey`] for
    /// another algorithm's key; [`Error::UnsupportedOption`] for an option that the algorithm does not know or a value
    /// that it cannot take; [`Error::NonceRequired`], [`Error::InvalidNonce`]; [`Error::Overflow`] for costs over the
    /// limits.
    pub fn open(
        &self,
        algorithm: &str,
        key: Option<&Key>,
        options: Option<&Options>,
    ) -> Result<State> {
        let algorithm = self.find(algorithm)?;
        let options = match options {
            Some(options) => {
                check_options(algorithm, options.names(), options)?;
                options.clone()
            }
            None => self.options(Category::Symmetric),
        };
        self.open_with(algorithm, key, options)
    }

    pub(crate) fn open_with(
        &self,
        algorithm: &'static Algorithm,
        key: Option<&Key>,
        options: Options,
    ) -> Result<State> {
        match key {
            None if algorithm.key.is_required() => return Err(Error::KeyRequired),
            Some(_) if algorithm.key.generated().is_none() => return Err(Error::KeyNotSupported),
            Some(key) if !std::ptr::eq(key.algorithm(), algorithm) => {
                return Err(Error::InvalidKey);
            }
            _ => {}
        }
        let mut opening = Opening {
            algorithm,
            backend: self.backend(),
            limits: self.limits(),
            budget: self.budget(),
            key,
            options,
        };
        let inner = (algorithm.open)(&mut opening)?;
        Ok(State {
            algorithm,
            engine: self.clone(),
            options: opening.options,
            inner,
        })
    }

    pub(crate) fn find(&self, name: &str) -> Result<&'static Algorithm> {
        self.policy().find(name)
    }

    pub(crate) fn key(&self, algorithm: &'static Algorithm, raw: &[u8]) -> Result<Key> {
        algorithm.key.check_len(raw.len())?;
        self.key_of(algorithm, SecretBuffer::copy_of(raw, self.reserve())?)
    }

    /// A key of bytes that have a length that the algorithm takes.
    pub(crate) fn key_of(&self, algorithm: &'static Algorithm, raw: SecretBuffer) -> Result<Key> {
        let prepared = (algorithm.prepare)(&raw, self.backend())?;
        Ok(Key::new(algorithm, raw, prepared, self.backend()))
    }
}

/// Holds that a set is of the right category, and that the algorithm knows the options `names` of it.
fn check_options(
    algorithm: &Algorithm,
    names: impl Iterator<Item = OptionName>,
    options: &Options,
) -> Result<()> {
    if options.category() != Category::Symmetric {
        return Err(Error::UnsupportedOption);
    }
    algorithm.check_options(names)
}
