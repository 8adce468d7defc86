//! What is counted, written down and refused, and the errno on its way through.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::bindings::exports::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno as Inner;

/// What the exported functions return.
pub(crate) type Result<T> = std::result::Result<T, CryptoErrno>;

/// The algorithm that policy refuses: it does not authenticate.
const REFUSED: &str = "AES-128-CBC";

static OPERATIONS: AtomicU64 = AtomicU64::new(0);

/// Counts an operation.
pub(crate) fn count() -> u64 {
    OPERATIONS.fetch_add(1, Ordering::Relaxed) + 1
}

/// Counts an operation that names an algorithm, writes it down, and refuses it where policy does.
pub(crate) fn admit(operation: &str, algorithm: &str) -> Result<()> {
    let number = count();
    if algorithm.eq_ignore_ascii_case(REFUSED) {
        eprintln!("audit {number}: {operation} {algorithm} refused");
        return Err(CryptoErrno::UnsupportedAlgorithm);
    }
    eprintln!("audit {number}: {operation} {algorithm}");
    Ok(())
}

macro_rules! same_cases {
    ($errno:expr, $($case:ident)+) => {
        match $errno {
            $(Inner::$case => CryptoErrno::$case,)+
        }
    };
}

impl From<Inner> for CryptoErrno {
    fn from(errno: Inner) -> Self {
        same_cases!(errno,
            GuestError NotImplemented UnsupportedFeature ProhibitedOperation UnsupportedEncoding
            UnsupportedAlgorithm UnsupportedOption InvalidKey InvalidLength VerificationFailed
            RngError AlgorithmFailure InvalidSignature Closed InvalidHandle Overflow InternalError
            TooManyHandles KeyNotSupported KeyRequired InvalidTag InvalidOperation NonceRequired
            InvalidNonce OptionNotSet NotFound ParametersMissing InProgress IncompatibleKeys Expired)
    }
}
