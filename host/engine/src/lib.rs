//! Symmetric cryptography behind one registry of algorithms: the engine of a wasi-crypto host.
//!
//! The engine knows nothing of wasm. It gives names to algorithms, keys and options to their states, and an error of
//! the witx modules' `crypto_errno` to everything that cannot be done. A caller gets an [`Engine`] with [`Limits`] and a
//! [`Policy`]; no input makes it panic or allocate beyond them.
//!
//! ```
//! use wasi_crypto_engine::{Category, Engine};
//!
//! # fn main() -> wasi_crypto_engine::Result<()> {
//! let engine = Engine::default();
//!
//! let mut hash = engine.open("SHA-256", None, None)?;
//! hash.absorb(b"data")?;
//! hash.absorb(b"more data")?;
//! let digest = hash.squeeze(32)?;
//!
//! let key = engine.generate_key("AES-256-GCM", None)?;
//! let mut options = engine.options(Category::Symmetric);
//! options.set("nonce", &digest[..12])?;
//! let mut sealing = engine.open("AES-256-GCM", Some(&key), Some(&options))?;
//! sealing.absorb(b"associated data")?;
//! let ciphertext = sealing.encrypt(b"message")?;
//!
//! let mut opening = engine.open("AES-256-GCM", Some(&key), Some(&options))?;
//! opening.absorb(b"associated data")?;
//! assert_eq!(opening.decrypt(&ciphertext)?.as_slice(), b"message");
//! # Ok(())
//! # }
//! ```
//!
//! Secrets are wiped when they are dropped, compared in constant time, and never printed; what this cannot cover is
//! named in the project's `SECURITY.md`.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod call_limits;
mod contract;
mod engine;
mod error;
mod limits;
mod options;
mod policy;
pub mod registry;
mod secret;
mod symmetric;

pub use call_limits::CallLimits;
pub use contract::Backend;
pub use engine::Engine;
pub use error::{Error, Result};
pub use limits::Limits;
pub use options::{Category, OptionName, OptionType, Options};
pub use policy::Policy;
pub use secret::SecretBytes;
pub use symmetric::{Algorithm, CallCost, Encryption, Hashing, Key, Sealed, State, Tag};
