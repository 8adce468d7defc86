//! What `wit-bindgen` makes of the page's WIT.

#![allow(missing_docs, unsafe_code, clippy::all)]

use crate::Vault;

wit_bindgen::generate!({ path: "wit", world: "vault" });

export!(Vault);
