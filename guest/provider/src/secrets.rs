//! The interface `secrets`: a component has nowhere to keep keys, and says so.

use crate::Provider;
use crate::bindings::exports::wasi_ephemeral::crypto::secrets::{
    CryptoErrno, Guest, GuestSecretsManager, OptionsBorrow, SecretsManager, SymmetricKey,
    SymmetricKeyBorrow, Version, VersionSelector,
};
use crate::held::Result;

/// The resource `secrets-manager`, of which there is none.
pub(crate) enum Manager {}

impl Guest for Provider {
    type SecretsManager = Manager;

    fn symmetric_key_id(_key: SymmetricKeyBorrow<'_>) -> Result<(Vec<u8>, Version)> {
        // No key is managed.
        Err(CryptoErrno::UnsupportedFeature)
    }
}

impl GuestSecretsManager for Manager {
    fn open(_options: Option<OptionsBorrow<'_>>) -> Result<SecretsManager> {
        Err(CryptoErrno::UnsupportedFeature)
    }

    fn generate_symmetric_key(
        &self,
        _algorithm: String,
        _options: Option<OptionsBorrow<'_>>,
    ) -> Result<SymmetricKey> {
        match *self {}
    }

    fn store_symmetric_key(&self, _key: SymmetricKeyBorrow<'_>) -> Result<Vec<u8>> {
        match *self {}
    }

    fn replace_symmetric_key(
        &self,
        _old: SymmetricKeyBorrow<'_>,
        _new: SymmetricKeyBorrow<'_>,
    ) -> Result<Version> {
        match *self {}
    }

    fn symmetric_key_from_id(
        &self,
        _id: Vec<u8>,
        _version: VersionSelector,
    ) -> Result<SymmetricKey> {
        match *self {}
    }

    fn invalidate(&self, _id: Vec<u8>, _version: VersionSelector) -> Result<()> {
        match *self {}
    }
}
