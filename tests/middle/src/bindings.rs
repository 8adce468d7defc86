//! What `wit-bindgen` makes of the WIT package, once as imports and once as exports.

#![allow(missing_docs, unsafe_code, clippy::all)]

use crate::Middle;

wit_bindgen::generate!({
    path: "wit",
    world: "wasi-ephemeral:crypto-middle/middle",
    generate_all,
});

export!(Middle);
