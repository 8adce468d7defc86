//! What `wit-bindgen` makes of the WIT package.

#![allow(missing_docs, unsafe_code, clippy::all)]

wit_bindgen::generate!({
    path: "wit",
    world: "imports-with-secrets",
    ownership: Borrowing { duplicate_if_necessary: true },
});
