//! Password hashing.

use crate::{CryptoErrno, Error, Key, Options, Result, State};

/// A password hash function with its costs.
///
/// ```no_run
/// use wasi_crypto_sdk::{Options, PasswordHash};
///
/// # fn main() -> wasi_crypto_sdk::Result<()> {
/// let costs = Options::new().memory_limit(64 << 20).ops_limit(3).parallelism(4);
/// let argon2 = PasswordHash::with_options("ARGON2-ID-13", costs);
/// let stored = argon2.hash("correct horse")?;
/// match argon2.verify("battery staple", &stored) {
///     Ok(()) => println!("welcome"),
///     Err(error) if error.is_mismatch() => println!("wrong password"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct PasswordHash {
    algorithm: Box<str>,
    options: Options,
    secret: Option<Key>,
}

impl PasswordHash {
    /// A password hash with the host's default costs.
    pub fn new(algorithm: &str) -> Self {
        Self::with_options(algorithm, Options::new())
    }

    /// A password hash with costs of your choice: `memory_limit`, `ops_limit`, `parallelism`, `block_size`; and `context`,
    /// Argon2's associated data.
    ///
    /// Leave `salt` out: [`hash`](Self::hash) is to have a fresh one each time.
    pub fn with_options(algorithm: &str, options: Options) -> Self {
        Self {
            algorithm: algorithm.into(),
            options,
            secret: None,
        }
    }

    /// Mixes in a secret, or pepper, that is not stored with the hashes (Argon2's K, RFC 9106 section 3.1).
    #[must_use]
    pub fn secret(mut self, secret: Key) -> Self {
        self.secret = Some(secret);
        self
    }

    /// The string to store for a password: algorithm, costs, a fresh salt and the hash, in the PHC format.
    pub fn hash(&self, password: impl AsRef<[u8]>) -> Result<String> {
        let state = self.absorbed(password.as_ref(), &self.options)?;
        let phc = state.squeeze_tag()?.into_bytes();
        String::from_utf8(phc)
            .map_err(|_| Error::about(&self.algorithm)(CryptoErrno::InternalError))
    }

    /// Checks a password against a stored string, which also says the costs and the salt. Of the options only `context`
    /// counts.
    ///
    /// An error for which [`is_mismatch`](Error::is_mismatch) holds says that it is another password;
    /// [`IncompatibleKeys`](CryptoErrno::IncompatibleKeys), that the string is of another algorithm.
    pub fn verify(&self, password: impl AsRef<[u8]>, stored: &str) -> Result<()> {
        let options = self.options.only("context").phc(stored);
        self.absorbed(password.as_ref(), &options)?
            .squeeze_tag()?
            .verify(stored)
    }

    /// `len` bytes from a password and a salt: the same from the same.
    pub fn derive_key(
        &self,
        password: impl AsRef<[u8]>,
        salt: impl AsRef<[u8]>,
        len: usize,
    ) -> Result<Vec<u8>> {
        let options = self.options.clone().salt(salt.as_ref());
        self.absorbed(password.as_ref(), &options)?.squeeze(len)
    }

    fn absorbed(&self, password: &[u8], options: &Options) -> Result<State> {
        let state = State::open(&self.algorithm, self.secret.as_ref(), options)?;
        state.absorb(password)?;
        Ok(state)
    }
}
