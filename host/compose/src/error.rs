//! Why components do not fit together.

use thiserror::Error;

/// Why a component and a provider cannot be composed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// What is to be composed cannot be read.
    #[error("it is no valid component: {0}")]
    Component(String),
    /// The provider cannot be read.
    #[error("the provider is no valid component: {0}")]
    Provider(String),
    /// The component has nothing that a provider could be plugged into.
    #[error("it does not import wasi-ephemeral:crypto, so that it needs no provider")]
    NoImport,
    /// The component is a provider.
    #[error(
        "it exports wasi-ephemeral:crypto and does not import it: it is a provider itself, to be composed with others"
    )]
    Exports,
    /// The provider is none.
    #[error("the provider does not export wasi-ephemeral:crypto")]
    NoProvider,
    /// The provider needs a provider.
    #[error(
        "the provider imports wasi-ephemeral:crypto itself ({0}); compose it with another provider first"
    )]
    ProviderImports(String),
    /// The component imports a function or type that the provider's interface does not have.
    #[error(
        "it imports `{item}` of {import}, which the provider's {provided} does not have; it takes a newer provider"
    )]
    MissingItem {
        /// The function or type, as WIT names it.
        item: String,
        /// The name of the import.
        import: String,
        /// The name of the provider's export.
        provided: String,
    },
    /// The component imports an interface of a version that is not compatible with the provider's.
    #[error(
        "it imports {import}, which is not compatible with the provider's version {provided}; build it for that version"
    )]
    OtherVersion {
        /// The name of the import.
        import: String,
        /// The version that there is.
        provided: String,
    },
    /// The component imports an interface that the provider does not have.
    #[error("it imports {0}, which the provider does not export")]
    Missing(String),
    /// An interface has the right name and other functions or types.
    #[error("it imports {import}, and the provider's is of another type: {reason}")]
    Mismatch {
        /// The name of the import.
        import: String,
        /// What is different.
        reason: String,
    },
    /// Something else that the component imports uses the package: with another provider's resources than the component.
    #[error(
        "it imports {import}, which uses types of {uses}: whoever provides that has to provide both, and cannot be plugged in here"
    )]
    Shared {
        /// The name of the other import.
        import: String,
        /// The interface of the package.
        uses: String,
    },
    /// A library that reads the components panics.
    #[error("a library that reads it fails, which is a defect of that library: {0}")]
    Panic(String),
    /// The composition is not valid.
    #[error("the composition fails: {0}")]
    Composition(String),
}
