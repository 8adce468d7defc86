//! What can be wrong with a module.

/// Why a module cannot be made a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes do not begin as WebAssembly does.
    #[error("it is no WebAssembly file: it does not begin with the magic number")]
    NotWasm,
    /// It is a component.
    #[error("it is a component already, and needs no adapter")]
    Component,
    /// It is malformed.
    #[error("it is no valid module: {0}")]
    Invalid(String),
    /// It uses a feature of WebAssembly that the adapter does not take.
    #[error("it uses {feature}, which cannot be adapted; build it without")]
    Feature {
        /// What the feature is called.
        feature: &'static str,
    },
    /// It has more of something than can be adapted.
    #[error("it has {found} {what}, and at most {limit} can be adapted")]
    Limit {
        /// What it has too many of.
        what: &'static str,
        /// How many it has, or how many were counted before it was given up.
        found: u64,
        /// How many it may have.
        limit: u64,
    },
    /// It has a memory of 64-bit addresses; the witx modules know 32-bit ones.
    #[error("its memory has 64-bit addresses, and the witx modules are made for 32-bit ones")]
    Memory64,
    /// Its memory is shared between threads, which components do not have.
    #[error(
        "its memory is shared between threads, and components have none; build it without threads"
    )]
    SharedMemory,
    /// It has more than one memory.
    #[error("it has {0} memories, and only one can be passed to the host")]
    Memories(usize),
    /// Its memory has pages of another size than 64 KiB.
    #[error("its memory has pages of another size than 64 KiB")]
    PageSize,
    /// It leaves no room in its memory.
    #[error("its memory is {0} pages from the beginning, which leaves no room for the adapters")]
    FullMemory(u64),
    /// It imports what it should define.
    #[error("it imports a {kind}, `{name}` from `{module}`; a component has nobody to give it one")]
    ImportKind {
        /// `memory`, `table`, `global` or `tag`.
        kind: &'static str,
        /// Where it is imported from.
        module: String,
        /// The name of the import.
        name: String,
    },
    /// It imports a function that there is not.
    #[error("it imports the function `{name}` from `{module}`, which {reason}")]
    UnknownImport {
        /// Where it is imported from.
        module: String,
        /// The name of the import.
        name: String,
        /// Why it cannot be given.
        reason: &'static str,
    },
    /// It imports a function with another signature than it has.
    #[error("it imports `{name}` from `{module}` as {found}; it is {expected}")]
    Signature {
        /// Where it is imported from.
        module: String,
        /// The name of the import.
        name: String,
        /// The signature that the module gives it.
        found: String,
        /// The signature that it has.
        expected: String,
    },
    /// It exports something else under a name that has a meaning.
    #[error("its export `{name}` is no {expected}")]
    Export {
        /// The name of the export.
        name: String,
        /// What should have the name.
        expected: &'static str,
    },
    /// A library that reads the module panics.
    #[error("a library that reads it fails, which is a defect of that library: {0}")]
    Panic(String),
    /// The encoder of components refuses it.
    #[error("it cannot be made a component: {0}")]
    Encoder(String),
}

impl From<wasmparser::BinaryReaderError> for Error {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Invalid(error.to_string())
    }
}
