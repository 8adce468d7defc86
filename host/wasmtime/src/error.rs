//! What a host function can fail with, and the one mapping of the engine's errors to the WIT's.

use std::fmt;

use wasi_crypto_engine::Error;
use wasmtime::component::ResourceTableError;

use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;

/// Why a host function failed: an errno for the guest, or a trap.
#[derive(Debug)]
pub enum CryptoError {
    /// The guest gets this errno.
    Errno(Error),
    /// The guest is stopped: it broke a rule of the component model, or the host is defective.
    Trap(wasmtime::Error),
}

/// What a host function returns.
pub(crate) type Result<T> = std::result::Result<T, CryptoError>;

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errno(error) => error.fmt(f),
            Self::Trap(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CryptoError {}

impl From<Error> for CryptoError {
    fn from(error: Error) -> Self {
        Self::Errno(error)
    }
}

impl From<wasi_crypto_keys::Error> for CryptoError {
    fn from(error: wasi_crypto_keys::Error) -> Self {
        Self::Errno(error.errno())
    }
}

impl From<ResourceTableError> for CryptoError {
    fn from(error: ResourceTableError) -> Self {
        match error {
            ResourceTableError::Full => Self::Errno(Error::TooManyHandles),
            error => Self::Trap(error.into()),
        }
    }
}

impl From<wasmtime::Error> for CryptoError {
    fn from(error: wasmtime::Error) -> Self {
        Self::Trap(error)
    }
}

/// Splits what a host function returns into what the guest gets and what stops it.
pub(crate) fn lift_errno<T>(
    result: Result<T>,
) -> wasmtime::Result<std::result::Result<T, CryptoErrno>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(CryptoError::Errno(error)) => Ok(Err(errno(error))),
        Err(CryptoError::Trap(error)) => Err(error),
    }
}

/// The WIT's name of an error.
pub(crate) fn errno(error: Error) -> CryptoErrno {
    match error {
        Error::GuestError => CryptoErrno::GuestError,
        Error::NotImplemented => CryptoErrno::NotImplemented,
        Error::UnsupportedFeature => CryptoErrno::UnsupportedFeature,
        Error::ProhibitedOperation => CryptoErrno::ProhibitedOperation,
        Error::UnsupportedEncoding => CryptoErrno::UnsupportedEncoding,
        Error::UnsupportedAlgorithm => CryptoErrno::UnsupportedAlgorithm,
        Error::UnsupportedOption => CryptoErrno::UnsupportedOption,
        Error::InvalidKey => CryptoErrno::InvalidKey,
        Error::InvalidLength => CryptoErrno::InvalidLength,
        Error::VerificationFailed => CryptoErrno::VerificationFailed,
        Error::RngError => CryptoErrno::RngError,
        Error::AlgorithmFailure => CryptoErrno::AlgorithmFailure,
        Error::InvalidSignature => CryptoErrno::InvalidSignature,
        Error::Closed => CryptoErrno::Closed,
        Error::InvalidHandle => CryptoErrno::InvalidHandle,
        Error::Overflow => CryptoErrno::Overflow,
        Error::InternalError => CryptoErrno::InternalError,
        Error::TooManyHandles => CryptoErrno::TooManyHandles,
        Error::KeyNotSupported => CryptoErrno::KeyNotSupported,
        Error::KeyRequired => CryptoErrno::KeyRequired,
        Error::InvalidTag => CryptoErrno::InvalidTag,
        Error::InvalidOperation => CryptoErrno::InvalidOperation,
        Error::NonceRequired => CryptoErrno::NonceRequired,
        Error::InvalidNonce => CryptoErrno::InvalidNonce,
        Error::OptionNotSet => CryptoErrno::OptionNotSet,
        Error::NotFound => CryptoErrno::NotFound,
        Error::ParametersMissing => CryptoErrno::ParametersMissing,
        Error::InProgress => CryptoErrno::InProgress,
        Error::IncompatibleKeys => CryptoErrno::IncompatibleKeys,
        Error::Expired => CryptoErrno::Expired,
        // The engine's enumeration may grow; the WIT's has an end.
        _ => CryptoErrno::InternalError,
    }
}
