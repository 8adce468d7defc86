//! Features of WebAssembly.

use wasmparser::{Validator, WasmFeatures};

use crate::Error;

/// Proposals that modules cannot use, by the names that they are known by.
const REFUSED: [(WasmFeatures, &str); 6] = [
    (
        WasmFeatures::LEGACY_EXCEPTIONS,
        "exception handling as it was before it became a standard",
    ),
    (
        WasmFeatures::SHARED_EVERYTHING_THREADS,
        "shared-everything threads",
    ),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes"),
    (WasmFeatures::CUSTOM_DESCRIPTORS, "custom descriptors"),
];

/// Holds that a module is valid, and uses nothing but what is part of WebAssembly.
///
/// # Errors
///
/// [`Error::Feature`] for a module that would be valid if a proposal were part of it; [`Error::Invalid`] for all others
/// that are not.
pub fn validate(module: &[u8]) -> Result<(), Error> {
    let taken = WasmFeatures::default();
    let is_valid = |features| Validator::new_with_features(features).validate_all(module);
    let Err(error) = is_valid(taken) else {
        return Ok(());
    };
    let refused = REFUSED.iter().map(|(feature, _)| *feature);
    let all = refused.fold(taken, WasmFeatures::union);
    if is_valid(all).is_ok() {
        let needed =
            |(feature, _): &&(WasmFeatures, _)| is_valid(all.difference(*feature)).is_err();
        if let Some((_, feature)) = REFUSED.iter().find(needed) {
            return Err(Error::Feature { feature });
        }
    }
    Err(error.into())
}
