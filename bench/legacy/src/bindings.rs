//! What `wit-bindgen` makes of the benchmark's own world.

#![allow(unsafe_code, missing_docs, clippy::all)]

wit_bindgen::generate!({ path: "../guest/wit", world: "guest" });

use crate::Implementation;

export!(Implementation);
