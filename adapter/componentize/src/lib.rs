//! Makes components of core modules that import the witx modules of wasi-crypto.
//!
//! A module that was built for `wasi_ephemeral_crypto_symmetric` and its companions, and for WASI preview 1, becomes a
//! component that imports the WIT package `wasi-ephemeral:crypto` and WASI 0.2. Its code stays as it is:
//!
//! ```no_run
//! let module = std::fs::read("legacy.wasm")?;
//! let component = wasi_crypto_componentize::componentize(&module)?;
//! std::fs::write("component.wasm", component)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It is done in two steps. First, what surrounds the code is rewritten so that the encoder of components can
//! work with it. Then the module is put together with two adapters: ours, whose bytes are in this crate, and the one of
//! wasmtime for preview 1.
//!
//! # Memory
//!
//! The adapters live in the memory of the module: they take pages at its end when they are first called, and a maximum is
//! raised so that they can. To the module's allocator this is as if somebody else had called `memory.grow`. Most can do
//! with that. One that takes all the memory that there is when it is first used, and from then on what it has grown by
//! itself, has to be used before the first call of the host, as it is when the module has read its arguments or built a
//! string: the old dlmalloc and the runtimes `incremental` and `minimal` of AssemblyScript are of this kind. One that
//! takes all memory as its own for ever, such as AssemblyScript's runtime `stub`, cannot be used.

#![deny(missing_docs)]

mod error;
mod exit;
mod imports;
mod rewrite;
mod sections;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

pub use error::Error;

/// The adapter for wasi-crypto, a core module with the world that it needs embedded.
pub const ADAPTER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/adapter.wasm"));

/// The one name that a rewritten module imports all of wasi-crypto from.
const ADAPTER_NAME: &str = "wasi_ephemeral_crypto";

/// Which exit codes a component has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExitCodes {
    /// Success and failure, as every host of WASI 0.2 does.
    #[default]
    Portable,
    /// Those of the module, by the function `exit-with-code` that WASI 0.2.12 added. On an older host, a module that exits
    /// cannot be instantiated.
    Exact,
}

/// Makes a component of a core module, for any host of WASI 0.2.
///
/// A module that exports `_start` becomes a command: the component exports `wasi:cli/run`. Without, it becomes a component
/// that is initialized when it is instantiated, with the exports that the module has by its own embedded WIT, if any.
///
/// # Errors
///
/// If the bytes are no module, or one that cannot be adapted; see [`Error`].
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, Error> {
    componentize_with(module, ExitCodes::Portable)
}

/// As [`componentize`], with a choice of exit codes.
///
/// # Errors
///
/// As [`componentize`].
pub fn componentize_with(module: &[u8], exit_codes: ExitCodes) -> Result<Vec<u8>, Error> {
    let module = rewrite::rewrite(module, exit_codes)?;
    encode(&module, exit_codes).map_err(|error| Error::Encoder(format!("{error:#}")))
}

fn encode(module: &rewrite::Rewritten, exit_codes: ExitCodes) -> anyhow::Result<Vec<u8>> {
    let preview1 = if module.is_command {
        WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER
    } else {
        WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER
    };
    let mut encoder = ComponentEncoder::default();
    encoder
        .validate(true)
        .module(&module.bytes)?
        .adapter(ADAPTER_NAME, ADAPTER)?
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, preview1)?;
    if exit_codes == ExitCodes::Exact {
        encoder.adapter(exit::NAME, &exit::adapter()?)?;
    }
    encoder.encode()
}
