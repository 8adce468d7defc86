//! What `wit-bindgen` makes of the WIT package.

#![allow(missing_docs, unsafe_code, clippy::all)]

use crate::Provider;

wit_bindgen::generate!({
    path: "wit",
    world: "wasi-ephemeral:crypto-provider/component",
    generate_all,
});

export!(Provider);
