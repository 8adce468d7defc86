//! What an algorithm is opened with.

use crate::engine::Engine;
use crate::key::Key;
use crate::limits::Reservation;
use crate::options::{OptionName, Options};
use crate::registry::{Algorithm, NonceRule};
use crate::secret::{SecretBuffer, random};
use crate::{Error, Limits, Result};

/// The longest nonce that is ever generated.
pub(crate) const MAX_GENERATED: usize = 32;

/// Key and options of a state that is being opened; both have been checked against the algorithm's row.
pub(crate) struct Opening<'a> {
    pub(crate) algorithm: &'static Algorithm,
    pub(crate) engine: &'a Engine,
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

    pub(crate) fn limits(&self) -> &Limits {
        self.engine.limits()
    }

    pub(crate) fn reserve(&self) -> Reservation {
        self.engine.reserve()
    }

    /// A copy of `bytes`, charged to the engine's budget.
    pub(crate) fn secret(&self, bytes: &[u8]) -> Result<SecretBuffer> {
        SecretBuffer::copy_of(bytes, self.reserve())
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

    pub(crate) fn nonce(&self) -> Option<&[u8]> {
        self.options.bytes(OptionName::Nonce)
    }
}
