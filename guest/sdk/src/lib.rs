//! The host's symmetric cryptography, for Rust components.
//!
//! A component that depends on this crate imports the WIT package `wasi-ephemeral:crypto` and leaves hashing,
//! authentication, key derivation, password hashing and encryption to whoever runs it. Build it for `wasm32-wasip2`; it
//! runs on every host that provides the package, or anywhere once a provider component has been composed in.
//!
//! ```no_run
//! use wasi_crypto_sdk::{Aead, Hash, Hkdf, Key, Mac, PasswordHash, Result};
//!
//! fn main() -> Result<()> {
//!     // A hash: in one call, or piece by piece.
//!     let digest = Hash::digest("SHA-256", "hello", 32)?;
//!     let mut hash = Hash::new("SHA-256")?;
//!     hash.update("hel")?;
//!     hash.update("lo")?;
//!     assert_eq!(hash.finalize(32)?, digest);
//!
//!     // A MAC under a key that the host has made up and keeps.
//!     let key = Key::generate("HMAC/SHA-256")?;
//!     let tag = key.authenticate("message")?;
//!     let mut mac = Mac::new(&key)?;
//!     mac.update("message")?;
//!     mac.verify(&tag)?;
//!
//!     // Subkeys from a shared secret (RFC 5869).
//!     let hkdf = Hkdf::extract("SHA-256", "salt", "the shared secret")?;
//!     let subkey = hkdf.expand("encryption, client to server", 32)?;
//!
//!     // Authenticated encryption; the host picks a fresh nonce and says which.
//!     let aead = Aead::import("XCHACHA20-POLY1305", &subkey)?;
//!     let sealed = aead.seal("attack at dawn", "header")?;
//!     assert_eq!(aead.open(&sealed.nonce, &sealed.ciphertext, "header")?, b"attack at dawn");
//!
//!     // Passwords: a string to store, and the check against it.
//!     let argon2 = PasswordHash::new("ARGON2-ID-13");
//!     let stored = argon2.hash("correct horse")?;
//!     argon2.verify("correct horse", &stored)
//! }
//! ```
//!
//! # Names, not types
//!
//! Algorithms are given by name, and the host decides which there are: this crate knows none, so that it need not change
//! when a host gains one. Names are matched without regard to case. What each algorithm takes and gives is in the
//! reference manual, the documentation of the WIT package.
//!
//! # Levels
//!
//! - The types named after a task ([`Hash`](struct@Hash), [`Xof`], [`TupleHash`], [`Mac`], [`Hkdf`], [`Aead`], [`Session`],
//!   [`PasswordHash`]) offer what makes sense for their kind of algorithm.
//! - [`State`] has every operation, for code that takes the name of the algorithm from its user.
//! - [`batch`] does many operations in one call to the host; [`Aead::seal_many`] is its counterpart under one key.
//! - [`SecretsManager`] reaches the keys that the host manages, where it does. A component that does not use it does not
//!   import it.
//! - [`rustcrypto`] puts the host behind the traits of the `digest` and `aead` crates (feature `rustcrypto`, on by
//!   default).
//! - [`bindings`] is what `wit-bindgen` makes of the package, for what the rest does not cover.
//!
//! # Cost
//!
//! Each method is a call to the host, or a few. The one-shot functions ([`Hash::digest`](Hash::digest()), the methods of [`Key`], those
//! of [`Aead`]) are one call and the fastest way for a message that is in memory. Data is handed over without copying;
//! results are written into fresh vectors.
//!
//! # Outside of WebAssembly
//!
//! The crate compiles for other targets, so that a project can be checked and its documentation built natively, but there
//! is no host to call there: every operation panics.

#![deny(missing_docs)]

mod aead;
pub mod batch;
pub mod bindings;
mod error;
mod hash;
mod hidden;
mod hkdf;
mod key;
mod mac;
mod many;
mod options;
mod password;
#[cfg(feature = "rustcrypto")]
pub mod rustcrypto;
mod secrets;
mod session;
mod state;

pub use aead::{Aead, Message, Sealed};
pub use error::{Error, Result};
pub use hash::{Hash, TupleHash, Xof};
pub use hkdf::Hkdf;
pub use key::Key;
pub use mac::Mac;
pub use many::{OpenedMessages, SealedMessage, SealedMessages};
pub use options::Options;
pub use password::PasswordHash;
pub use secrets::SecretsManager;
pub use session::Session;
pub use state::{State, Tag};

pub use bindings::wasi_ephemeral::crypto::common::{CryptoErrno, Version, VersionSelector};
