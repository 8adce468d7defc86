//! What `wit-bindgen` makes of the WIT package, once as imports and once as exports.

#![allow(missing_docs, unsafe_code, clippy::all)]

use crate::Interposer;

wit_bindgen::generate!({
    path: "wit",
    world: "wasi-ephemeral:crypto-interposer/interposer",
    generate_all,
});

export!(Interposer);
