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
//! The adapters live in the memory of the module: they take pages when they are first called, and a maximum is raised so
//! that they can. The module does not see these pages. Where it asks how large its memory is, it gets the end of its own:
//! the instructions `memory.size` and `memory.grow` become calls of functions that know. What it may grow to is its own
//! maximum, and without one all of the 65 536 pages that there can be but 1024, which are the adapters'.
//!
//! Some allocators go further, and take it that pages that they grow by follow those that they have: AssemblyScript's,
//! TinyGo's, Go's, Emscripten's. A module that grows memory without looking at where the new pages are is taken for one of them,
//! and gets a [contiguous heap](Heap): its memory begins as large as it may become, with the adapters behind that.
//! Hosts set memory aside when it is used, so that this costs addresses, not memory; but a limit on the size of memories
//! counts it.
//!
//! What the adapters need in any case, three pages, memory has from the beginning. What they need beyond that grows, and
//! where it cannot, functions return the errnos `overflow` or `too_many_handles`.
//!
//! # Modules of others
//!
//! Any bytes can be passed: the result is a component or an [`Error`]. Modules have at most [`MAX_MODULE_SIZE`] bytes, 2000
//! imports, 100 descriptions by WIT, and blocks nested 50 000 deep. All steps of this crate take time that is linear in the size
//! of the module; the encoder of components has some in which it grows with the square of the number of imports.
//!
//! A panic in a library that this crate uses is caught and becomes [`Error::Panic`]. The process's panic hook sees it
//! before that; and a program with `panic = "abort"` in its profile ends instead.

#![deny(missing_docs)]

mod caught;
mod error;
mod exit;
mod features;
mod habits;
mod heap;
mod imports;
mod reserve;
mod rewrite;
mod sections;
mod splice;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

pub use error::Error;

use caught::caught;

/// The adapter for wasi-crypto, a core module with the world that it needs embedded.
pub const ADAPTER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/adapter.wasm"));

/// The most bytes that a module may have: 256 MiB.
pub const MAX_MODULE_SIZE: u64 = 256 << 20;

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

/// Where the pages are that a module grows its memory by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heap {
    /// As the module seems to expect: behind those that it has if it grows memory without looking at where they are, and
    /// else anywhere.
    Detect {
        /// By how many bytes the module can grow its memory at most, if it seems to expect the former.
        room: u64,
    },
    /// Behind those that it has.
    Contiguous {
        /// By how many bytes the module can grow its memory at most.
        room: u64,
    },
}

impl Heap {
    /// 256 MiB.
    pub const DEFAULT_ROOM: u64 = 256 << 20;

    fn room_in_pages(self) -> u64 {
        let (Self::Detect { room } | Self::Contiguous { room }) = self;
        room >> 16
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::Detect {
            room: Self::DEFAULT_ROOM,
        }
    }
}

/// What can be chosen for a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Which exit codes it has.
    pub exit_codes: ExitCodes,
    /// Where the pages are that its module grows by.
    pub heap: Heap,
}

impl Options {
    /// The same with these exit codes.
    #[must_use]
    pub fn exit_codes(self, exit_codes: ExitCodes) -> Self {
        Self { exit_codes, ..self }
    }

    /// The same with this heap.
    #[must_use]
    pub fn heap(self, heap: Heap) -> Self {
        Self { heap, ..self }
    }
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
    componentize_with(module, Options::default())
}

/// As [`componentize`], with a choice of exit codes and heap.
///
/// # Errors
///
/// As [`componentize`].
pub fn componentize_with(module: &[u8], options: Options) -> Result<Vec<u8>, Error> {
    caught(|| {
        let module = rewrite::rewrite(module, options)?;
        encode(&module, options.exit_codes).map_err(|error| Error::Encoder(format!("{error:#}")))
    })
    .unwrap_or_else(|panic| Err(Error::Panic(panic)))
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
