//! What an algorithm is opened with.

use super::{Algorithm, Key, NonceRule};
use crate::contract::Backend;
use crate::limits::{Budget, Limits};
use crate::options::{OptionName, Options};
use crate::secret::{SecretBuffer, random};
use crate::{Error, Result};

/// The longest nonce that is ever generated.
pub(crate) const MAX_GENERATED: usize = 32;

/// Key and options of a state that is being opened; both have been checked against the algorithm's row.
pub(crate) struct Opening<'a> {
    pub(crate) algorithm: &'static Algorithm,
    pub(crate) backend: Backend,
    pub(crate) limits: &'a Limits,
    pub(crate) budget: &'a Budget,
    pub(crate) key: Option<&'a Key>,
    /// The state's own copy. Opening adds what is in force beyond what was set: defaults and generated values.
    pub(crate) options: Options,
}

impl Opening<'_> {
    /// The raw key of an algorithm whose key is optional.
    pub(crate) fn raw_key(&self) -> Option<&[u8]> {
        self.key.map(Key::raw)
    }

    /// The key of an algorithm that requires one.
    pub(crate) fn required_key(&self) -> Result<&Key> {
        self.key.ok_or(Error::KeyRequired)
    }

    /// A copy of `bytes`, charged to the engine's budget.
    pub(crate) fn secret(&self, bytes: &[u8]) -> Result<SecretBuffer> {
        SecretBuffer::copy_of(bytes, self.budget.reserve())
    }

    /// Checks the nonce, or generates one where the algorithm's row says so.
    pub(crate) fn settle_nonce(&mut self) -> Result<()> {
        let given = self.options.bytes(OptionName::Nonce).map(<[u8]>::len);
        match (self.algorithm.nonce, given) {
            (NonceRule::None | NonceRule::Optional { .. }, None) | (NonceRule::Any, _) => Ok(()),
            (NonceRule::Required(_), None) => Err(Error::NonceRequired),
            (NonceRule::Generated(len), None) => {
                let mut nonce = [0; MAX_GENERATED];
                let nonce = nonce.get_mut(..len).ok_or(Error::InternalError)?;
                random(nonce)?;
                self.options.put_bytes(OptionName::Nonce, nonce)
            }
            (NonceRule::Required(len) | NonceRule::Generated(len), Some(given)) if given == len => {
                Ok(())
            }
            (NonceRule::Optional { max }, Some(given)) if given <= max => Ok(()),
            _ => Err(Error::InvalidNonce),
        }
    }

    /// Puts in force how long tags are: as long as the row says, unless the algorithm knows the option `tag_len`, and it asks
    /// for a length that the algorithm `offers`.
    pub(crate) fn settle_tag_len(&mut self, offers: impl Fn(usize) -> bool) -> Result<usize> {
        let whole = self.algorithm.tag_len;
        if !self.algorithm.options.contains(&OptionName::TagLen) {
            return Ok(whole);
        }
        let tag_len = match self.options.integer(OptionName::TagLen) {
            None => whole,
            Some(len) => usize::try_from(len)
                .ok()
                .filter(|len| offers(*len))
                .ok_or(Error::InvalidLength)?,
        };
        self.options.put_integer(OptionName::TagLen, tag_len as u64);
        Ok(tag_len)
    }

    pub(crate) fn nonce(&self) -> Option<&[u8]> {
        self.options.bytes(OptionName::Nonce)
    }
}
