//! The raw level: the WIT package as `wit-bindgen` translates it.
//!
//! Interfaces are modules ([`symmetric`](wasi_ephemeral::crypto::symmetric) and so on), resources are types that close
//! themselves when dropped, lists are borrowed on their way to the host. A record that contains lists comes in two
//! forms, `…Param` with slices and `…Result` with vectors.
//!
//! The documentation of each item is that of the WIT package.
//!
//! The world is the one with managed keys. What a component does not call does not become an import of it: the linker
//! drops what nothing refers to, and the component encoder leaves out interfaces of which nothing is left.

#![allow(missing_docs, unsafe_code, clippy::all)]

wit_bindgen::generate!({
    path: "wit",
    world: "imports-with-secrets",
    ownership: Borrowing { duplicate_if_necessary: true },
});
