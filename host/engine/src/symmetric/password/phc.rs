//! The PHC string format, in which password hashes are stored: one reader and one writer for all functions.
//!
//! The grammar is that of the format's specification (<https://github.com/P-H-C/phc-string-format>), where numbers and Base64
//! have one spelling each. Of the parameters, each has to be one that the function knows, and to stand there once; their order
//! is free, since libraries differ in it. Salts and hashes have the lengths that the functions allow, since others make longer
//! ones than the specification recommends.

use std::fmt::Write;
use std::ops::Range;

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use crate::contract::symmetric::Opening;
use crate::options::OptionName;
use crate::secret::{SecretBuffer, SecretBytes, zeroed};
use crate::{Error, Result};

/// The longest identifier or name of a parameter.
const LONGEST_NAME: usize = 32;
/// The shortest hash, in bytes. A shorter one is found by trying.
const SHORTEST_HASH: usize = 10;
/// Bytes of the salt in a string that is made here: what every reader takes.
const SALT: std::ops::RangeInclusive<usize> = 8..=48;

/// What strings of one function look like.
pub(crate) struct Form {
    /// The function's identifier.
    pub(crate) ident: &'static str,
    /// Whether strings may have a version.
    pub(crate) versioned: bool,
    /// The names of the parameters.
    pub(crate) params: &'static [&'static str],
}

/// A password hash that was stored earlier.
pub(crate) struct Stored {
    /// All of the string up to the hash.
    pub(super) prefix: SecretBuffer,
    /// Where in it the parameters are.
    params: Range<usize>,
    pub(super) version: Option<u32>,
    /// Bytes of the hash.
    pub(super) output_len: usize,
}

impl Stored {
    /// The hash that the option `phc` holds, if it is set; puts its salt in force.
    pub(crate) fn parse(opening: &mut Opening<'_>, form: &Form) -> Result<Option<Self>> {
        let Some(string) = opening.options.bytes(OptionName::Phc) else {
            return Ok(None);
        };
        if string.is_empty() {
            return Err(Error::ParametersMissing);
        }
        let string = str::from_utf8(string).map_err(|_| Error::UnsupportedEncoding)?;
        let fields = Fields::of(string).ok_or(Error::UnsupportedEncoding)?;
        if fields.ident != form.ident {
            return Err(Error::IncompatibleKeys);
        }
        fields.check(form)?;
        let output_len = decode(fields.hash)?.len();
        if output_len as u64 > opening.limits.squeeze_bytes {
            return Err(Error::Overflow);
        }
        if output_len < SHORTEST_HASH {
            return Err(Error::UnsupportedEncoding);
        }
        let end = string.len() - fields.hash.len() - 1;
        let stored = Self {
            prefix: opening.secret(string.get(..end).unwrap_or_default().as_bytes())?,
            params: fields.params.clone(),
            version: match fields.version {
                Some(version) => Some(number(version)?),
                None => None,
            },
            output_len,
        };
        let salt = decode(fields.salt)?;
        opening.options.put_bytes(OptionName::Salt, &salt)?;
        Ok(Some(stored))
    }

    /// The value of a parameter that is a number.
    pub(super) fn decimal(&self, name: &str) -> Result<u64> {
        let value = self.param(name).ok_or(Error::UnsupportedEncoding)?;
        number(value).map(u64::from)
    }

    /// The value of a parameter that is a string of bytes.
    pub(super) fn bytes(&self, name: &str) -> Result<Option<SecretBytes>> {
        self.param(name).map(decode).transpose()
    }

    /// Whether there is a parameter of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.param(name).is_some()
    }

    fn param(&self, name: &str) -> Option<&str> {
        let params = str::from_utf8(self.prefix.get(self.params.clone())?).ok()?;
        let mut pairs = params.split(',').filter_map(|pair| pair.split_once('='));
        pairs.find(|pair| pair.0 == name).map(|pair| pair.1)
    }
}

/// The parts of a string.
struct Fields<'a> {
    string: &'a str,
    ident: &'a str,
    version: Option<&'a str>,
    params: Range<usize>,
    salt: &'a str,
    hash: &'a str,
}

impl<'a> Fields<'a> {
    /// Takes a string apart that has a salt and a hash.
    fn of(string: &'a str) -> Option<Self> {
        let (ident, mut rest) = string.strip_prefix('$')?.split_once('$')?;
        let mut version = None;
        if let Some(versioned) = rest.strip_prefix("v=") {
            let (digits, after) = versioned.split_once('$')?;
            (version, rest) = (Some(digits), after);
        }
        let begin = string.len() - rest.len();
        let mut params = begin..begin;
        let (first, after) = rest.split_once('$')?;
        if first.contains('=') {
            (params, rest) = (begin..begin + first.len(), after);
        }
        let (salt, hash) = rest.split_once('$')?;
        is_name(ident).then_some(Self {
            string,
            ident,
            version,
            params,
            salt,
            hash,
        })
    }

    /// Refuses what the function has no place for.
    fn check(&self, form: &Form) -> Result<()> {
        let params = self.string.get(self.params.clone()).unwrap_or_default();
        let mut known = form.params.to_vec();
        // Each that is there is known, and is so no more.
        let each_once = params.is_empty()
            || params.split(',').all(|pair| {
                let name = pair.split_once('=').map(|pair| pair.0);
                let at = known.iter().position(|known| Some(*known) == name);
                at.map(|at| known.swap_remove(at)).is_some()
            });
        let is_known = each_once && (form.versioned || self.version.is_none());
        is_known.then_some(()).ok_or(Error::UnsupportedEncoding)
    }
}

fn is_name(name: &str) -> bool {
    let is_known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_known)
}

/// A number in its one spelling: digits, and no zero before others.
fn number(digits: &str) -> Result<u32> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'));
    let number = digits.parse().ok().filter(|_| is_plain);
    number.ok_or(Error::UnsupportedEncoding)
}

/// Bytes in their one spelling: Base64 without padding, and with no bits set that say nothing.
fn decode(base64: &str) -> Result<SecretBytes> {
    if base64.is_empty() {
        return Err(Error::UnsupportedEncoding);
    }
    // Four characters are three bytes, and what is left over of them fewer.
    let mut bytes = zeroed(base64.len() / 4 * 3 + base64.len() % 4 * 3 / 4)?;
    Base64Unpadded::decode(base64, &mut bytes).map_err(|_| Error::UnsupportedEncoding)?;
    Ok(bytes)
}

/// A string of what is to be stored, up to the hash.
pub(super) fn prefix(
    form: &Form,
    version: Option<u32>,
    params: &str,
    salt: &[u8],
) -> Result<Zeroizing<String>> {
    if !SALT.contains(&salt.len()) {
        return Err(Error::InvalidLength);
    }
    let failed = |_| Error::InternalError;
    let mut string = Zeroizing::new(String::with_capacity(256));
    write!(string, "${}$", form.ident).map_err(failed)?;
    if let Some(version) = version {
        write!(string, "v={version}$").map_err(failed)?;
    }
    write!(string, "{params}$").map_err(failed)?;
    let mut encoded = Zeroizing::new([0; 64]);
    let salt = Base64Unpadded::encode(salt, &mut *encoded).map_err(|_| Error::InternalError)?;
    string.push_str(salt);
    Ok(string)
}

/// The whole string: `prefix`, and the hash.
pub(super) fn complete(prefix: &[u8], hash: &[u8]) -> Result<SecretBytes> {
    let encoded = Base64Unpadded::encoded_len(hash);
    let mut string = zeroed(prefix.len() + 1 + encoded)?;
    let (before, after) = string.split_at_mut(prefix.len());
    before.copy_from_slice(prefix);
    let (separator, after) = after.split_at_mut(1);
    separator.copy_from_slice(b"$");
    Base64Unpadded::encode(hash, after).map_err(|_| Error::InternalError)?;
    Ok(string)
}
