//! The interface `secrets`.

use crate::Interposer;
use crate::audit::{Result, admit, count};
use crate::bindings::exports::wasi_ephemeral::crypto::secrets::{
    Guest, GuestSecretsManager, OptionsBorrow, SecretsManager, SymmetricKey, SymmetricKeyBorrow,
    Version, VersionSelector,
};
use crate::bindings::wasi_ephemeral::crypto::secrets as inner;
use crate::symmetric::{Key, Options};

pub(crate) struct Manager(inner::SecretsManager);

fn selector(selector: VersionSelector) -> inner::VersionSelector {
    match selector {
        VersionSelector::Latest => inner::VersionSelector::Latest,
        VersionSelector::All => inner::VersionSelector::All,
        VersionSelector::Exact(version) => inner::VersionSelector::Exact(version),
    }
}

impl Guest for Interposer {
    type SecretsManager = Manager;

    fn symmetric_key_id(key: SymmetricKeyBorrow<'_>) -> Result<(Vec<u8>, Version)> {
        count();
        Ok(inner::symmetric_key_id(&key.get::<Key>().0)?)
    }
}

impl GuestSecretsManager for Manager {
    fn open(options: Option<OptionsBorrow<'_>>) -> Result<SecretsManager> {
        count();
        let options = options.as_ref().map(|options| &options.get::<Options>().0);
        let manager = inner::SecretsManager::open(options)?;
        Ok(SecretsManager::new(Manager(manager)))
    }

    fn generate_symmetric_key(
        &self,
        algorithm: String,
        options: Option<OptionsBorrow<'_>>,
    ) -> Result<SymmetricKey> {
        admit("generate-symmetric-key", &algorithm)?;
        let options = options.as_ref().map(|options| &options.get::<Options>().0);
        let key = self.0.generate_symmetric_key(&algorithm, options)?;
        Ok(SymmetricKey::new(Key(key)))
    }

    fn store_symmetric_key(&self, key: SymmetricKeyBorrow<'_>) -> Result<Vec<u8>> {
        count();
        Ok(self.0.store_symmetric_key(&key.get::<Key>().0)?)
    }

    fn replace_symmetric_key(
        &self,
        old: SymmetricKeyBorrow<'_>,
        new: SymmetricKeyBorrow<'_>,
    ) -> Result<Version> {
        count();
        let (old, new) = (&old.get::<Key>().0, &new.get::<Key>().0);
        Ok(self.0.replace_symmetric_key(old, new)?)
    }

    fn symmetric_key_from_id(&self, id: Vec<u8>, version: VersionSelector) -> Result<SymmetricKey> {
        count();
        let key = self.0.symmetric_key_from_id(&id, selector(version))?;
        Ok(SymmetricKey::new(Key(key)))
    }

    fn invalidate(&self, id: Vec<u8>, version: VersionSelector) -> Result<()> {
        count();
        Ok(self.0.invalidate(&id, selector(version))?)
    }
}
