//! A key store of the tests, in a file that is gone afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use wasi_crypto_host::{Secrets, WasiCryptoCtx, WasiCryptoCtxBuilder};
use wasi_crypto_keys::{KeyEncryptionKey, KeyState, KeyStore, Manager, RedbStore};

/// What the clock of every store shows first, in seconds of UNIX time. Each look at it takes a second.
pub const START: u64 = 1_800_000_000;

/// A store, and the namespace in it that guests get.
pub struct Store {
    folder: Arc<TempDir>,
    key: KeyEncryptionKey,
    manager: Manager,
    namespace: &'static str,
}

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = KeyEncryptionKey::generate().expect("a key");
        Self::open(Arc::new(folder), key)
    }

    fn open(folder: Arc<TempDir>, key: KeyEncryptionKey) -> Self {
        let store = RedbStore::open(folder.path().join("keys.redb")).expect("a store");
        let manager = manager(store, key.clone());
        Self {
            folder,
            key,
            manager,
            namespace: "tests",
        }
    }

    /// The same store, after the host that had it has ended.
    pub fn reopen(self) -> Self {
        let Self {
            folder,
            key,
            manager,
            ..
        } = self;
        drop(manager);
        Self::open(folder, key)
    }

    /// The same store with another namespace, while this one is open.
    pub fn of(&self, namespace: &'static str) -> Self {
        Self {
            folder: self.folder.clone(),
            key: self.key.clone(),
            manager: self.manager.clone(),
            namespace,
        }
    }

    /// What a guest gets of it.
    pub fn secrets(&self) -> Secrets {
        Secrets::new(self.manager.namespace(self.namespace))
    }

    /// A context with that.
    pub fn crypto(&self) -> WasiCryptoCtxBuilder {
        WasiCryptoCtx::builder().secrets(self.secrets())
    }

    /// The versions that are not revoked: identifier and number.
    pub fn live_keys(&self) -> Vec<(String, u64)> {
        let listed = self.manager.list(Some(self.namespace));
        let listed = listed.map(|info| info.expect("a store that can be read"));
        let live = listed.filter(|info| info.state != KeyState::Revoked);
        live.map(|info| (info.id.to_string(), info.version))
            .collect()
    }
}

/// A manager of a store, with a clock that moves on when it is read.
pub fn manager(store: impl KeyStore + 'static, key: KeyEncryptionKey) -> Manager {
    let clock = AtomicU64::new(START);
    let builder = Manager::builder(store, key);
    let builder = builder.clock(move || clock.fetch_add(1, Ordering::Relaxed));
    builder.open().expect("a manager")
}
