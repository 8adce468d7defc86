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
    wasi_crypto_engine::translate_error!(error, CryptoErrno)
}
