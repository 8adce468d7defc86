//! The engine as a component: it exports the package `wasi-ephemeral:crypto` and imports `wasi:random`, nothing else.
//!
//! A component that is composed with it runs on every host of WASI 0.2. It does what the host for wasmtime does on its
//! portable back end, within the same limits, which here are those of `wasi_crypto_engine::Limits` and
//! `wasi_crypto_engine::CallLimits` with their default values. There is nobody to set a policy; a component between
//! this one and the one that uses it can be one.
//!
//! The module is built for `wasm32-unknown-unknown`, whose standard library imports nothing, and made a component by the
//! build script of `wasi-crypto-compose`.

#![cfg(target_family = "wasm")]
#![deny(missing_docs)]

mod batch;
mod bindings;
mod common;
mod held;
mod memory;
mod oneshot;
mod random;
mod secrets;
mod symmetric;

/// What the component's interfaces are implemented for.
struct Provider;
