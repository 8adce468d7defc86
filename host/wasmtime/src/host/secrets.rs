//! The interface `secrets`.
//!
//! Each function that asks the store is in three parts: what is looked up in the guest's table and may be refused at
//! once; a [`Job`] that may block and borrows nothing, so that it can be done on any thread; and what becomes of its
//! result in the table.

use wasi_crypto_engine::{Category, Engine, Error, Key};
use wasi_crypto_keys::{
    Error as StoreError, KeyId, ManagedKey, Namespace, Result as StoreResult, Selector,
};
use wasmtime::component::Resource;

use crate::bindings::wasi_ephemeral::crypto::secrets::{
    Host, HostSecretsManager, Version, VersionSelector,
};
use crate::error::Result;
use crate::managed::Storable;
use crate::{Options, Secrets, SecretsManager, SymmetricKey, WasiCryptoCtxView};

type Manager = Resource<SecretsManager>;
type KeyHandle = Resource<SymmetricKey>;

impl Host for WasiCryptoCtxView<'_> {
    fn symmetric_key_id(&mut self, key: KeyHandle) -> Result<(Vec<u8>, Version)> {
        let (id, version) = self.table.get_mut(&key)?.identify()?;
        Ok((id.as_bytes().to_vec(), version))
    }
}

impl HostSecretsManager for WasiCryptoCtxView<'_> {
    fn open(&mut self, options: Option<Resource<Options>>) -> Result<Manager> {
        if self.ctx.secrets.is_none() {
            return Err(Error::UnsupportedFeature.into());
        }
        if let Some(options) = options {
            let options = &self.table.get(&options)?.0;
            if !options.is_empty() || options.category() != Category::Symmetric {
                return Err(Error::UnsupportedOption.into());
            }
        }
        self.push(SecretsManager(()))
    }

    fn generate_symmetric_key(
        &mut self,
        this: Manager,
        algorithm: String,
        options: Option<Resource<Options>>,
    ) -> Result<KeyHandle> {
        let generated = self.generating(&this, &algorithm, options.as_ref())?.done();
        self.generated(generated)
    }

    fn store_symmetric_key(&mut self, this: Manager, key: KeyHandle) -> Result<Vec<u8>> {
        let stored = self.storing(&this, &key)?.done();
        self.stored(&key, stored)
    }

    fn replace_symmetric_key(
        &mut self,
        this: Manager,
        old: KeyHandle,
        new: KeyHandle,
    ) -> Result<Version> {
        let replaced = self.replacing(&this, &old, &new)?.done();
        self.replaced(&new, replaced)
    }

    fn symmetric_key_from_id(
        &mut self,
        this: Manager,
        id: Vec<u8>,
        version: VersionSelector,
    ) -> Result<KeyHandle> {
        let fetched = self
            .fetching(&this, KeyId::from_slice(&id)?, version)?
            .done();
        self.fetched(fetched)
    }

    fn invalidate(&mut self, this: Manager, id: Vec<u8>, version: VersionSelector) -> Result<()> {
        Ok(self
            .revoking(&this, KeyId::from_slice(&id)?, version)?
            .done()?)
    }

    fn drop(&mut self, this: Manager) -> wasmtime::Result<()> {
        self.delete(this).map(drop)
    }
}

/// What is asked of the store. It may wait for a disk or a network.
pub(crate) trait Job: Send + 'static {
    /// What the store gives.
    type Output: Send + 'static;

    /// Asks, and waits.
    fn done(self) -> StoreResult<Self::Output>;
}

pub(crate) struct Generating {
    namespace: Namespace,
    key: Key,
    expires: Option<u64>,
}

pub(crate) struct Storing {
    namespace: Namespace,
    key: Storable,
}

pub(crate) struct Replacing {
    namespace: Namespace,
    id: KeyId,
    new: Storable,
}

pub(crate) struct Fetching {
    namespace: Namespace,
    engine: Engine,
    id: KeyId,
    version: Selector,
}

pub(crate) struct Revoking {
    namespace: Namespace,
    id: KeyId,
    version: Selector,
}

impl Job for Generating {
    type Output = ManagedKey;

    fn done(self) -> StoreResult<ManagedKey> {
        self.namespace.create(&self.key, self.expires)
    }
}

impl Job for Storing {
    type Output = ManagedKey;

    fn done(self) -> StoreResult<ManagedKey> {
        let namespace = self.key.namespace(&self.namespace);
        let stored = namespace.create(&self.key.key, self.key.expires)?;
        forget(&self.namespace, self.key.unknown)?;
        Ok(stored)
    }
}

impl Job for Replacing {
    type Output = ManagedKey;

    fn done(self) -> StoreResult<ManagedKey> {
        let namespace = self.new.namespace(&self.namespace);
        let replaced = namespace.replace(&self.id, &self.new.key, self.new.expires)?;
        forget(&self.namespace, self.new.unknown)?;
        Ok(replaced)
    }
}

impl Job for Fetching {
    type Output = ManagedKey;

    fn done(self) -> StoreResult<ManagedKey> {
        self.namespace.fetch(&self.engine, &self.id, self.version)
    }
}

impl Job for Revoking {
    type Output = ();

    fn done(self) -> StoreResult<()> {
        self.namespace.revoke(&self.id, self.version)
    }
}

/// Revokes what nobody can ask for. What the guest wanted is done already, so that this may fail: then a key is left that
/// costs its room. That it cannot be written down is a failure all the same.
fn forget(namespace: &Namespace, unknown: Option<(KeyId, Version)>) -> StoreResult<()> {
    let Some((id, version)) = unknown else {
        return Ok(());
    };
    match namespace.revoke(&id, Selector::Exact(version)) {
        Err(error @ StoreError::Audit(_)) => Err(error),
        _ => Ok(()),
    }
}

impl WasiCryptoCtxView<'_> {
    fn secrets(&self, manager: &Manager) -> Result<&Secrets> {
        self.table.get(manager)?;
        let secrets = self.ctx.secrets.as_ref();
        Ok(secrets.ok_or(Error::InternalError)?)
    }

    fn namespace(&self, manager: &Manager) -> Result<Namespace> {
        Ok(self.secrets(manager)?.namespace.clone())
    }

    pub(crate) fn generating(
        &self,
        manager: &Manager,
        algorithm: &str,
        options: Option<&Resource<Options>>,
    ) -> Result<Generating> {
        let namespace = self.namespace(manager)?;
        // Nothing is stored that nobody gets a handle to.
        self.check_room(1)?;
        let options = options.map(|handle| self.table.get(handle)).transpose()?;
        let options = options.map(|options| &options.0);
        let (key, expires) = self.ctx.engine.generate_managed_key(algorithm, options)?;
        Ok(Generating {
            namespace,
            key,
            expires,
        })
    }

    pub(crate) fn generated(&mut self, generated: StoreResult<ManagedKey>) -> Result<KeyHandle> {
        self.push(SymmetricKey::generated(generated?))
    }

    pub(crate) fn storing(&self, manager: &Manager, key: &KeyHandle) -> Result<Storing> {
        let secrets = self.secrets(manager)?;
        Ok(Storing {
            namespace: secrets.namespace.clone(),
            key: self.table.get(key)?.storable(secrets)?,
        })
    }

    pub(crate) fn stored(
        &mut self,
        key: &KeyHandle,
        stored: StoreResult<ManagedKey>,
    ) -> Result<Vec<u8>> {
        let stored = stored?;
        let id = stored.id;
        self.table.get_mut(key)?.becomes(stored);
        Ok(id.as_bytes().to_vec())
    }

    pub(crate) fn replacing(
        &self,
        manager: &Manager,
        old: &KeyHandle,
        new: &KeyHandle,
    ) -> Result<Replacing> {
        let secrets = self.secrets(manager)?;
        let new = self.table.get(new)?;
        Ok(Replacing {
            namespace: secrets.namespace.clone(),
            id: self.table.get(old)?.replaceable_by(new)?,
            new: new.storable(secrets)?,
        })
    }

    pub(crate) fn replaced(
        &mut self,
        new: &KeyHandle,
        replaced: StoreResult<ManagedKey>,
    ) -> Result<Version> {
        let replaced = replaced?;
        let version = replaced.version;
        self.table.get_mut(new)?.becomes(replaced);
        Ok(version)
    }

    pub(crate) fn fetching(
        &self,
        manager: &Manager,
        id: KeyId,
        version: VersionSelector,
    ) -> Result<Fetching> {
        let namespace = self.namespace(manager)?;
        self.check_room(1)?;
        Ok(Fetching {
            namespace,
            engine: self.ctx.engine.clone(),
            id,
            version: selector(version),
        })
    }

    pub(crate) fn fetched(&mut self, fetched: StoreResult<ManagedKey>) -> Result<KeyHandle> {
        self.push(SymmetricKey::fetched(fetched?))
    }

    pub(crate) fn revoking(
        &self,
        manager: &Manager,
        id: KeyId,
        version: VersionSelector,
    ) -> Result<Revoking> {
        Ok(Revoking {
            namespace: self.namespace(manager)?,
            id,
            version: selector(version),
        })
    }
}

fn selector(version: VersionSelector) -> Selector {
    match version {
        VersionSelector::Latest => Selector::Latest,
        VersionSelector::All => Selector::All,
        VersionSelector::Exact(version) => Selector::Exact(version),
    }
}
