//! Puts components that import `wasi-ephemeral:crypto` together with one that provides it.
//!
//! The result imports nothing of the package, and runs on every host of WASI 0.2:
//!
//! ```no_run
//! let component = std::fs::read("app.wasm")?;
//! let composed = wasi_crypto_compose::compose(&component)?;
//! std::fs::write("composed.wasm", composed)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The provider is the engine of wasi-crypto, its portable back end, with its default limits. With [`compose_with`], any
//! other component that exports the package takes its place: one that asks a device, or one that watches over another.
//! A component that both imports and exports the package can be composed like any other, and is a provider then.
//!
//! The composing itself is done by [`wac_graph`].
//!
//! # Components of others
//!
//! Any bytes can be passed: the result is a component or an [`Error`]. Components have at most [`MAX_COMPONENT_SIZE`] bytes,
//! and others nested in them at most [`MAX_NESTING`] deep.
//!
//! A panic in a library that this crate uses is caught and becomes [`Error::Panic`]. The process's panic hook sees it
//! before that; and a program with `panic = "abort"` in its profile ends instead.

#![deny(missing_docs)]

mod caught;
mod error;
mod limits;
mod names;
mod offer;
mod plug;

pub use error::Error;
pub use limits::{MAX_COMPONENT_SIZE, MAX_NESTING, check};
pub use plug::{compose, compose_with};

/// The provider, a component that exports all of the package and imports `wasi:random/random@0.2.0` alone.
pub const PROVIDER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/provider.wasm"));

/// The WIT package `wasi-ephemeral:crypto` in its binary form, which is what registries take.
pub const WIT_PACKAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/package.wasm"));
