//! Password hashing: what its functions have in common.

pub(crate) mod argon2;
pub(crate) mod pbkdf2;
pub(crate) mod scrypt;

use phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use zeroize::Zeroizing;

use crate::options::OptionName;
use crate::secret::{SecretBuffer, random, zeroed};
use crate::setup::Setup;
use crate::state::Mode;
use crate::tag::Tag;
use crate::{Error, Result};

const GENERATED_SALT: usize = 16;
/// Bytes of hash in the PHC string, unless a stored one has another length.
const STRING_OUTPUT: usize = 32;

/// A function with its costs settled.
pub(crate) trait Function: Clone + Send + Sync + 'static {
    /// The identifier in the PHC string.
    fn ident(&self) -> &'static str;

    /// The version in the PHC string.
    fn version(&self) -> Option<u32>;

    /// The parameters in the PHC string of a hash of `output_len` bytes.
    fn params(&self, output_len: usize) -> Result<ParamsString>;

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

/// A password hash that was stored earlier.
pub(crate) struct Stored {
    /// All of the string up to the hash.
    prefix: SecretBuffer,
    version: Option<u32>,
    params: ParamsString,
    output_len: usize,
}

impl Stored {
    /// The hash that the option `phc` holds, if it is set; puts its salt in force.
    pub(crate) fn parse(setup: &mut Setup<'_>, ident: &str) -> Result<Option<Self>> {
        let malformed = Error::UnsupportedEncoding;
        let Some(string) = setup.options.bytes(OptionName::Phc) else {
            return Ok(None);
        };
        if string.is_empty() {
            return Err(Error::ParametersMissing);
        }
        let string = str::from_utf8(string).map_err(|_| malformed)?;
        let stored = PasswordHash::new(string).map_err(|_| malformed)?;
        if stored.algorithm.as_str() != ident {
            return Err(Error::IncompatibleKeys);
        }
        let (prefix, _) = string.rsplit_once('$').ok_or(malformed)?;
        let prefix = setup.secret(prefix.as_bytes())?;
        let salt = stored.salt.ok_or(malformed)?;
        setup.options.put_bytes(OptionName::Salt, &salt)?;
        Ok(Some(Self {
            prefix,
            version: stored.version,
            params: stored.params,
            output_len: stored.hash.ok_or(malformed)?.len(),
        }))
    }

    fn decimal(&self, name: &str) -> Result<u64> {
        let value = self.params.get_decimal(name);
        value.map(u64::from).ok_or(Error::UnsupportedEncoding)
    }

    /// For functions whose strings have no version.
    fn check_unversioned(&self) -> Result<()> {
        match self.version {
            None => Ok(()),
            Some(_) => Err(Error::UnsupportedEncoding),
        }
    }
}

/// Builds the parameters of a PHC string.
fn decimals<const N: usize>(values: [(&str, u64); N]) -> Result<ParamsString> {
    let mut params = ParamsString::new();
    for (name, value) in values {
        let value = u32::try_from(value).map_err(|_| Error::InvalidLength)?;
        params
            .add_decimal(name, value)
            .map_err(|_| Error::InternalError)?;
    }
    Ok(params)
}

/// Opens a password hash.
fn open<F: Function>(
    setup: &mut Setup<'_>,
    function: F,
    stored: Option<Stored>,
) -> Result<Box<dyn Mode>> {
    if setup.options.bytes(OptionName::Salt).is_none() {
        let mut salt = [0; GENERATED_SALT];
        random(&mut salt)?;
        setup.options.put_bytes(OptionName::Salt, &salt)?;
    }
    let salt = setup.options.bytes(OptionName::Salt).unwrap_or_default();
    let (prefix, output_len) = match stored {
        Some(stored) => (stored.prefix, stored.output_len),
        None => (setup.secret(&[])?, STRING_OUTPUT),
    };
    Ok(Box::new(PasswordHasher {
        function,
        salt: setup.secret(salt)?,
        password: setup.secret(&[])?,
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
    fn prefix(&self) -> Result<Zeroizing<String>> {
        if !self.prefix.is_empty() {
            let prefix = str::from_utf8(&self.prefix).map_err(|_| Error::InternalError)?;
            return Ok(Zeroizing::new(prefix.to_owned()));
        }
        let string = PasswordHash {
            algorithm: Ident::new(self.function.ident()).map_err(|_| Error::InternalError)?,
            version: self.function.version(),
            params: self.function.params(self.output_len)?,
            // The string takes shorter salts than the functions do.
            salt: Some(Salt::new(&self.salt).map_err(|_| Error::InvalidLength)?),
            hash: None,
        };
        Ok(Zeroizing::new(string.to_string()))
    }
}

impl<F: Function> Mode for PasswordHasher<F> {
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
        let prefix = self.prefix()?;
        let mut hash = zeroed(self.output_len)?;
        self.function.hash(&self.password, &self.salt, &mut hash)?;
        let output = Output::new(&hash).map_err(|_| Error::InternalError)?;
        let mut encoded = Zeroizing::new([0; Output::B64_MAX_LENGTH]);
        let encoded = output
            .encode(&mut *encoded)
            .map_err(|_| Error::InternalError)?;
        let mut string = zeroed(prefix.len() + 1 + encoded.len())?;
        let (before, after) = string.split_at_mut(prefix.len());
        before.copy_from_slice(prefix.as_bytes());
        let (separator, after) = after.split_at_mut(1);
        separator.copy_from_slice(b"$");
        after.copy_from_slice(encoded.as_bytes());
        Ok(Tag::new(string))
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

    fn try_clone(&self) -> Result<Box<dyn Mode>> {
        Ok(Box::new(Self {
            function: self.function.clone(),
            salt: self.salt.try_clone()?,
            password: self.password.try_clone()?,
            prefix: self.prefix.try_clone()?,
            output_len: self.output_len,
        }))
    }
}
