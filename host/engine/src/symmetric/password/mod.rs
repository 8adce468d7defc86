//! Password hashing: what its functions have in common.

mod argon2;
#[cfg(feature = "native")]
mod lanes;
mod pbkdf2;
mod phc;
mod scrypt;

use zeroize::Zeroizing;

use self::phc::{Form, Stored};
use crate::Result;
use crate::contract::symmetric::{Algorithm, Kind, Opening, Operation, StateImpl, Tag};
use crate::options::OptionName;
use crate::secret::{SecretBuffer, random, zeroed};

pub(super) const ROWS: &[&[Algorithm]] = &[argon2::ROWS, scrypt::ROWS, pbkdf2::ROWS];

/// What the rows have in common.
const PASSWORD_HASH: Algorithm = Algorithm {
    kind: Kind::PasswordHash,
    operations: &[Operation::Absorb, Operation::Squeeze, Operation::SqueezeTag],
    ..Algorithm::UNKEYED
};

const GENERATED_SALT: usize = 16;
/// Bytes of hash in the PHC string, unless a stored one has another length.
const STRING_OUTPUT: usize = 32;

/// A function with its costs settled.
trait Function: Clone + Send + Sync + 'static {
    /// What its PHC strings look like.
    fn form(&self) -> &'static Form;

    /// The version in the PHC string.
    fn version(&self) -> Option<u32> {
        None
    }

    /// The parameters in the PHC string of a hash of `output_len` bytes.
    fn params(&self, output_len: usize) -> Zeroizing<String>;

    /// The work of a hash of `len` bytes, as a share of what the limits allow.
    fn work(&self, len: u64) -> f64;

    /// Bytes of the salt, of `salt` bytes, and of other buffered input that a hash of `len` bytes processes, as often as it
    /// does.
    fn repeated_bytes(&self, salt: u64, _len: u64) -> u64 {
        salt
    }

    /// The memory that a hash fills, in bytes.
    fn memory(&self) -> u64 {
        0
    }

    fn hash(&self, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<()>;
}

/// Opens a password hash.
fn open<F: Function>(
    opening: &mut Opening<'_>,
    function: F,
    stored: Option<Stored>,
) -> Result<Box<dyn StateImpl>> {
    if opening.options.bytes(OptionName::Salt).is_none() {
        let mut salt = [0; GENERATED_SALT];
        random(&mut salt)?;
        opening.options.put_bytes(OptionName::Salt, &salt)?;
    }
    let salt = opening.options.bytes(OptionName::Salt).unwrap_or_default();
    let (prefix, output_len) = match stored {
        Some(stored) => (stored.prefix, stored.output_len),
        None => (opening.secret(&[])?, STRING_OUTPUT),
    };
    Ok(Box::new(PasswordHasher {
        function,
        salt: opening.secret(salt)?,
        password: opening.secret(&[])?,
        prefix,
        output_len,
    }))
}

struct PasswordHasher<F> {
    function: F,
    salt: SecretBuffer,
    password: SecretBuffer,
    /// Of the stored string, so that what verifies has its spelling; empty where there is none.
    prefix: SecretBuffer,
    output_len: usize,
}

impl<F: Function> PasswordHasher<F> {
    /// The string of a hash that is to be stored, up to the hash.
    fn prefix(&self) -> Result<Zeroizing<String>> {
        let function = &self.function;
        let params = function.params(self.output_len);
        phc::prefix(function.form(), function.version(), &params, &self.salt)
    }
}

impl<F: Function> StateImpl for PasswordHasher<F> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.password.append(data)
    }

    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        self.function.hash(&self.password, &self.salt, out)
    }

    fn squeeze_tag(&mut self) -> Result<Tag> {
        // What cannot become a string fails before the work.
        let made = match &*self.prefix {
            [] => Some(self.prefix()?),
            _ => None,
        };
        let prefix = made.as_ref().map_or(&*self.prefix, |made| made.as_bytes());
        let mut hash = zeroed(self.output_len)?;
        self.function.hash(&self.password, &self.salt, &mut hash)?;
        phc::complete(prefix, &hash).map(Tag::new)
    }

    fn password_work(&self, len: u64) -> f64 {
        self.function.work(len)
    }

    fn repeated_bytes(&self, len: u64) -> u64 {
        let password = self.password.len() as u64;
        let salt = self.salt.len() as u64;
        password.saturating_add(self.function.repeated_bytes(salt, len))
    }

    fn tag_output(&self) -> u64 {
        self.output_len as u64
    }

    fn password_memory(&self) -> u64 {
        self.function.memory()
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self {
            function: self.function.clone(),
            salt: self.salt.try_clone()?,
            password: self.password.try_clone()?,
            prefix: self.prefix.try_clone()?,
            output_len: self.output_len,
        }))
    }
}
