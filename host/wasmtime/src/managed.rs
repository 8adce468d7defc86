//! Keys, managed and not, and what a context has to manage them.

use std::fmt;

use wasi_crypto_engine::{Error, Key};
use wasi_crypto_keys::{KeyId, ManagedKey, Namespace, Version};

use crate::error::Result;

/// The resource `symmetric-key`.
///
/// One function alone gives the key to be used, so that no way leads around its expiration.
pub struct SymmetricKey(Kind);

enum Kind {
    /// Only its handle knows it.
    Unmanaged(Key),
    Managed(Box<Managed>),
}

struct Managed {
    key: ManagedKey,
    /// Whether the guest can know the identifier.
    known: bool,
}

/// A key as it is to be stored.
pub(crate) struct Storable {
    pub(crate) key: Key,
    pub(crate) expires: Option<u64>,
    /// Whether it may be exported, as far as is known of it. Storing it again allows no more than that.
    exportable: bool,
    /// What it is known by so far, if nobody knows.
    pub(crate) unknown: Option<(KeyId, Version)>,
}

impl Storable {
    /// Where it goes.
    pub(crate) fn namespace(&self, namespace: &Namespace) -> Namespace {
        let namespace = namespace.clone();
        if self.exportable {
            namespace
        } else {
            namespace.exportable(false)
        }
    }
}

impl SymmetricKey {
    /// A key that is not managed.
    pub(crate) fn new(key: Key) -> Self {
        Self(Kind::Unmanaged(key))
    }

    /// A key that was found by its identifier.
    pub(crate) fn fetched(key: ManagedKey) -> Self {
        Self::managed(key, true)
    }

    /// A key that was made and stored just now.
    pub(crate) fn generated(key: ManagedKey) -> Self {
        Self::managed(key, false)
    }

    fn managed(key: ManagedKey, known: bool) -> Self {
        Self(Kind::Managed(Box::new(Managed { key, known })))
    }

    fn key(&self) -> &Key {
        match &self.0 {
            Kind::Unmanaged(key) => key,
            Kind::Managed(managed) => &managed.key.key,
        }
    }

    /// The key, to be worked with.
    pub(crate) fn usable(&self, secrets: Option<&Secrets>) -> Result<&Key> {
        match &self.0 {
            Kind::Unmanaged(key) => Ok(key),
            Kind::Managed(managed) => {
                let secrets = secrets.ok_or(Error::InternalError)?;
                if secrets.namespace.is_expired(&managed.key) {
                    return Err(Error::Expired.into());
                }
                Ok(&managed.key.key)
            }
        }
    }

    /// The identifier and the version. From now on the guest knows.
    pub(crate) fn identify(&mut self) -> Result<(KeyId, Version)> {
        match &mut self.0 {
            Kind::Unmanaged(_) => Err(Error::UnsupportedFeature.into()),
            Kind::Managed(managed) => {
                managed.known = true;
                Ok((managed.key.id, managed.key.version))
            }
        }
    }

    /// The identifier of a key, expired or not, that `new` is to replace.
    pub(crate) fn replaceable_by(&self, new: &Self) -> Result<KeyId> {
        let Kind::Managed(managed) = &self.0 else {
            return Err(Error::UnsupportedFeature.into());
        };
        if !std::ptr::eq(self.key().algorithm(), new.key().algorithm()) {
            return Err(Error::IncompatibleKeys.into());
        }
        Ok(managed.key.id)
    }

    /// The key, to be stored.
    pub(crate) fn storable(&self, secrets: &Secrets) -> Result<Storable> {
        let managed = match &self.0 {
            Kind::Managed(managed) => Some(managed),
            Kind::Unmanaged(_) if secrets.stores_others => None,
            Kind::Unmanaged(_) => return Err(Error::ProhibitedOperation.into()),
        };
        let unknown = managed.filter(|managed| !managed.known);
        Ok(Storable {
            key: self.usable(Some(secrets))?.clone(),
            expires: managed.and_then(|managed| managed.key.expires),
            exportable: managed.is_none_or(|managed| managed.key.exportable),
            unknown: unknown.map(|managed| (managed.key.id, managed.key.version)),
        })
    }

    /// Makes the handle stand for what was stored.
    pub(crate) fn becomes(&mut self, stored: ManagedKey) {
        *self = Self::managed(stored, true);
    }

    /// Whether the guest may see the bytes, as far as the manager is asked.
    pub(crate) fn check_export(&self, secrets: Option<&Secrets>) -> Result<()> {
        let allowed = match &self.0 {
            Kind::Unmanaged(_) => true,
            Kind::Managed(managed) => {
                managed.key.exportable && secrets.is_some_and(|secrets| secrets.exports)
            }
        };
        if allowed {
            Ok(())
        } else {
            Err(Error::ProhibitedOperation.into())
        }
    }
}

/// The resource `secrets-manager`.
pub struct SecretsManager(pub(crate) ());

/// The managed keys that a guest may use, and what it may do with them.
#[derive(Clone)]
pub struct Secrets {
    pub(crate) namespace: Namespace,
    exports: bool,
    stores_others: bool,
}

impl Secrets {
    /// Lets a guest use the keys of a namespace, and make some there.
    pub fn new(namespace: Namespace) -> Self {
        Self {
            namespace,
            exports: false,
            stores_others: true,
        }
    }

    /// Sets whether the guest may export managed keys: those that it stores from now on, and others for which that was
    /// allowed when they were stored. The [`Policy`](crate::Policy) has to let it export keys at all. It may not, by
    /// default: that a key does not leave the host is what it is managed for.
    pub fn export_keys(mut self, allowed: bool) -> Self {
        self.exports = allowed;
        self.namespace = self.namespace.exportable(allowed);
        self
    }

    /// Sets whether the guest may store keys that its secrets manager did not make: imported ones, those of
    /// `symmetric-key.generate`, those squeezed out of a state. It may, by default.
    pub fn store_other_keys(mut self, allowed: bool) -> Self {
        self.stores_others = allowed;
        self
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("namespace", &self.namespace.name())
            .field("exports", &self.exports)
            .field("stores_others", &self.stores_others)
            .finish()
    }
}
