//! Runs core modules in process: made components by the adapter, on wasmtime, with WASI and our cryptography.

#![deny(missing_docs)]

pub mod text;

use wasi_crypto_componentize::{Options, componentize_with};
use wasi_crypto_test_harness::{Linking, Run, built, compile};
use wasmtime::component::Component;

/// A core module that was made a component and compiled.
#[derive(Clone)]
pub struct Legacy(Component);

impl Legacy {
    /// Adapts a module.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn new(module: &[u8]) -> Self {
        Self::with(module, Options::default())
    }

    /// Adapts a module, with a choice.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn with(module: &[u8], options: Options) -> Self {
        let component =
            componentize_with(module, options).unwrap_or_else(|error| panic!("{error}"));
        Self(compile("what was made", &component))
    }

    /// Adapts a guest that is built for wasm32-wasip1.
    ///
    /// # Panics
    ///
    /// If it has not been built.
    pub fn guest(name: &str) -> Self {
        Self::built(&format!("wasm32-wasip1/release/{name}.wasm"))
    }

    /// Adapts a file in the target folder.
    ///
    /// # Panics
    ///
    /// If it has not been built.
    pub fn built(file: &str) -> Self {
        Self::new(&std::fs::read(built(file)).expect("a module"))
    }

    /// Prepares a run, with the host's default limits and policy.
    pub fn run(&self) -> Run {
        Run::of("legacy", self.0.clone(), Linking::Direct)
    }
}
