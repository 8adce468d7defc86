//! Managed keys of a wasi-crypto host: sealed at rest, versioned, revocable, in a file or in PostgreSQL.
//!
//! A [`Manager`] has a [`KeyStore`] and a [`KeyEncryptionKey`]; a guest's context holds one [`Namespace`] of it.
//!
//! ```
//! use wasi_crypto_engine::Engine;
//! use wasi_crypto_keys::{KeyEncryptionKey, Manager, RedbStore, Selector};
//!
//! # fn main() -> wasi_crypto_keys::Result<()> {
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("keys.db");
//! let kek = KeyEncryptionKey::generate()?;
//! let manager = Manager::builder(RedbStore::open(path)?, kek).open()?;
//! let keys = manager.namespace("billing");
//!
//! let engine = Engine::default();
//! let key = engine.generate_key("AES-256-GCM-SIV", None)?;
//! let first = keys.create(&key, None)?;
//! let second = keys.replace(&first.id, &engine.generate_key("AES-256-GCM-SIV", None)?, None)?;
//! assert_eq!((first.version, second.version), (1, 2));
//!
//! let latest = keys.fetch(&engine, &first.id, Selector::Latest)?;
//! assert_eq!(latest.version, 2);
//! keys.revoke(&first.id, Selector::Exact(1))?;
//! assert!(keys.fetch(&engine, &first.id, Selector::Exact(1)).is_err());
//! assert!(manager.namespace("shop").fetch(&engine, &first.id, Selector::Latest).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - **Durable.** What a call has returned survives killing the process, or the database server, the moment after. A call
//!   that failed with [`Error::Store`] may have changed what it was to change, or not.
//! - **Versions** start at 1 and have no gaps. A number is not assigned again, whatever is revoked. `latest` is the version
//!   made last: revoking it brings no older one back, it makes `latest` [`Error::NotFound`] until the key is replaced. So
//!   nobody who asks for the latest key goes on with one that somebody meant to retire. That all versions are revoked is no
//!   obstacle to replacing.
//! - **Sealed.** A store has only what AES-256-GCM-SIV made of a key under the [`KeyEncryptionKey`], bound to everything
//!   that is stored beside it. What somebody can still do who may write to the store (delete, roll back) is in the
//!   project's `SECURITY.md`, under "Managed keys at rest".
//! - **Cached** within bounds. A store that one process has to itself ([`RedbStore`]) is never asked twice for what is in
//!   the cache, and nothing in there is outdated. One that is shared (`PostgresStore`) tells every host of changes at once,
//!   and is asked again for what is more than a second old. Expiry is judged at each fetch.
//! - **Bounded.** A namespace has a [`Quota`], a key [`MAX_KEY_LEN`] bytes, an operation seconds.
//! - **Written down.** Each operation is an event at the target [`AUDIT_TARGET`]. With an [`AuditSink`], an operation whose
//!   event cannot be written down fails.
//!
//! # Blocking
//!
//! Every operation but a fetch from the cache waits for a disk or a server. Within an asynchronous runtime that works, and
//! keeps the thread from doing anything else: hosts that care have it done elsewhere.
//!
//! # Features
//!
//! `redb` (default) has [`RedbStore`], `postgres` has `PostgresStore`. Without both, bring a [`KeyStore`] of your own.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod audit;
mod cache;
mod custody;
mod disk;
mod error;
mod header;
mod hex;
mod id;
mod kek;
mod manager;
mod namespace;
mod operator;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
#[cfg(feature = "redb")]
mod redb;
mod rekey;
mod rotate;
mod scan;
mod seal;
pub mod store;

pub use audit::{AUDIT_TARGET, AuditEvent, AuditSink};
pub use error::{Error, Result};
pub use id::{KeyId, LAST_VERSION, Selector, Version};
pub use kek::{KekId, KeyEncryptionKey};
pub use manager::{Clock, Manager, ManagerBuilder};
pub use namespace::{ManagedKey, Namespace};
pub use operator::{KeyInfo, KeyState, Listing};
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "redb")]
pub use redb::RedbStore;
pub use store::{KeyStore, Quota};

/// Bytes of the longest key that is stored.
pub const MAX_KEY_LEN: usize = 4 << 10;

/// Bytes of the longest name of a namespace.
pub const MAX_NAMESPACE_LEN: usize = 512;
