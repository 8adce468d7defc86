//! The one error type.

use core::fmt;

/// Why an operation was refused: the `crypto_errno` values of the witx modules, without `success`.
///
/// The discriminant of each case is its number in the witx modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
#[non_exhaustive]
pub enum Error {
    /// The caller's own memory or arguments are unusable.
    GuestError = 1,
    /// The function exists, but is not implemented here.
    NotImplemented = 2,
    /// The algorithm or the host has no such facility.
    UnsupportedFeature = 3,
    /// The host's policy forbids the operation.
    ProhibitedOperation = 4,
    /// The bytes are not in an encoding that the operation takes.
    UnsupportedEncoding = 5,
    /// No algorithm of that name, or the host's policy leaves it out.
    UnsupportedAlgorithm = 6,
    /// No such option, the wrong setter for its type, or a value that the algorithm cannot take.
    UnsupportedOption = 7,
    /// The key has the wrong length or belongs to another algorithm.
    InvalidKey = 8,
    /// A length is outside of what the algorithm takes.
    InvalidLength = 9,
    /// A verification failed.
    VerificationFailed = 10,
    /// The operating system's source of randomness failed.
    RngError = 11,
    /// The algorithm's implementation failed.
    AlgorithmFailure = 12,
    /// A signature is invalid.
    InvalidSignature = 13,
    /// The object has been closed already.
    Closed = 14,
    /// No such object.
    InvalidHandle = 15,
    /// A limit of the host, or a buffer, is too small for the request.
    Overflow = 16,
    /// A defect of the implementation.
    InternalError = 17,
    /// Too many objects are open.
    TooManyHandles = 18,
    /// A key was given to an algorithm that takes none.
    KeyNotSupported = 19,
    /// The algorithm needs a key.
    KeyRequired = 20,
    /// The tag does not verify.
    InvalidTag = 21,
    /// The algorithm has no such operation, or not in this order.
    InvalidOperation = 22,
    /// A nonce is needed, or the one there was has been used up.
    NonceRequired = 23,
    /// The nonce has the wrong length.
    InvalidNonce = 24,
    /// The option is known to the algorithm, but has no value.
    OptionNotSet = 25,
    /// No such managed key.
    NotFound = 26,
    /// An option that the algorithm cannot do without is missing.
    ParametersMissing = 27,
    /// The operation has not finished.
    InProgress = 28,
    /// The keys, or the key and its target, do not go together.
    IncompatibleKeys = 29,
    /// The key has expired.
    Expired = 30,
}

/// The result of an operation of the engine.
pub type Result<T> = core::result::Result<T, Error>;

impl Error {
    /// The witx modules' number of this error, 1 to 30.
    pub const fn errno(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GuestError => "the caller's memory or arguments are unusable",
            Self::NotImplemented => "not implemented",
            Self::UnsupportedFeature => "unsupported feature",
            Self::ProhibitedOperation => "forbidden by the host's policy",
            Self::UnsupportedEncoding => "unsupported encoding",
            Self::UnsupportedAlgorithm => "unsupported algorithm",
            Self::UnsupportedOption => "unsupported option, or option value",
            Self::InvalidKey => "the key has the wrong length or is for another algorithm",
            Self::InvalidLength => "invalid length",
            Self::VerificationFailed => "verification failed",
            Self::RngError => "the system's source of randomness failed",
            Self::AlgorithmFailure => "the algorithm failed",
            Self::InvalidSignature => "invalid signature",
            Self::Closed => "already closed",
            Self::InvalidHandle => "invalid handle",
            Self::Overflow => "a limit was exceeded",
            Self::InternalError => "internal error",
            Self::TooManyHandles => "too many open objects",
            Self::KeyNotSupported => "the algorithm takes no key",
            Self::KeyRequired => "the algorithm needs a key",
            Self::InvalidTag => "the tag does not verify",
            Self::InvalidOperation => "the algorithm has no such operation, or not now",
            Self::NonceRequired => "a nonce is needed, or was used up",
            Self::InvalidNonce => "the nonce has the wrong length",
            Self::OptionNotSet => "the option is not set",
            Self::NotFound => "not found",
            Self::ParametersMissing => "a mandatory option is missing",
            Self::InProgress => "in progress",
            Self::IncompatibleKeys => "incompatible keys",
            Self::Expired => "expired",
        })
    }
}

impl core::error::Error for Error {}

/// Translates an [`Error`] into an enumeration that has the same cases, such as the one that a generator of bindings makes
/// of the WIT's `crypto-errno`.
///
/// ```
/// # use wasi_crypto_engine::{Error, translate_error};
/// # type CryptoErrno = Error;
/// let errno = translate_error!(Error::Overflow, CryptoErrno);
/// assert_eq!(errno, CryptoErrno::Overflow);
/// ```
#[macro_export]
macro_rules! translate_error {
    ($error:expr, $target:ident) => {
        $crate::translate_error!(@ $error, $target,
            GuestError NotImplemented UnsupportedFeature ProhibitedOperation UnsupportedEncoding
            UnsupportedAlgorithm UnsupportedOption InvalidKey InvalidLength VerificationFailed
            RngError AlgorithmFailure InvalidSignature Closed InvalidHandle Overflow InternalError
            TooManyHandles KeyNotSupported KeyRequired InvalidTag InvalidOperation NonceRequired
            InvalidNonce OptionNotSet NotFound ParametersMissing InProgress IncompatibleKeys Expired)
    };
    (@ $error:expr, $target:ident, $($case:ident)+) => {
        match $error {
            $($crate::Error::$case => $target::$case,)+
            // This enumeration may grow; the target has an end.
            _ => $target::InternalError,
        }
    };
}
