//! Errors that say what was wrong and what to do.

use std::fmt;

use crate::CryptoErrno;

/// The result of an operation.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the host refused an operation.
///
/// [`errno`](Self::errno) is the case of the WIT package's `crypto-errno`, to decide by. The text is for people: what it
/// was about (an algorithm or an option, where the operation names one), what was wrong, and what to do.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    errno: CryptoErrno,
    subject: Option<Box<str>>,
}

impl Error {
    /// Which of the package's errors it is.
    pub fn errno(&self) -> CryptoErrno {
        self.errno
    }

    /// The algorithm or option that it is about, where one is known.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Whether something did not verify: a tag, a ciphertext, a password.
    pub fn is_mismatch(&self) -> bool {
        matches!(
            self.errno,
            CryptoErrno::InvalidTag
                | CryptoErrno::VerificationFailed
                | CryptoErrno::InvalidSignature
        )
    }

    /// Turns an errno into an error about `subject`.
    pub(crate) fn about(subject: &str) -> impl FnOnce(CryptoErrno) -> Self {
        move |errno| Self {
            errno,
            subject: Some(subject.into()),
        }
    }
}

impl From<CryptoErrno> for Error {
    fn from(errno: CryptoErrno) -> Self {
        Self {
            errno,
            subject: None,
        }
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        std::io::Error::other(error)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({self})", self.errno.name())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(subject) = &self.subject {
            write!(f, "{subject}: ")?;
        }
        let (problem, remedy) = explain(self.errno);
        write!(f, "{problem}; {remedy}")
    }
}

impl std::error::Error for Error {}

/// What was wrong, and what to do.
const fn explain(errno: CryptoErrno) -> (&'static str, &'static str) {
    use CryptoErrno as E;
    match errno {
        E::GuestError => (
            "the host could not read the arguments",
            "check the pointers and sizes that cross to it",
        ),
        E::NotImplemented => (
            "this host does not implement the function",
            "use another function, or another host",
        ),
        E::UnsupportedFeature => (
            "the algorithm or the host does not offer this",
            "see the reference manual for what it offers",
        ),
        E::ProhibitedOperation => (
            "the host's policy forbids this",
            "ask whoever runs the host to allow it",
        ),
        E::UnsupportedEncoding => (
            "the bytes are not in an encoding that is accepted here",
            "check that they are complete, and UTF-8 where text is expected",
        ),
        E::UnsupportedAlgorithm => (
            "no such algorithm on this host",
            "check the spelling, and which algorithms the host has and allows",
        ),
        E::UnsupportedOption => (
            "the option is unknown, unknown to this algorithm, or cannot have this value",
            "check its name, its type and its range in the reference manual",
        ),
        E::InvalidKey => (
            "the key has the wrong length, or belongs to another algorithm",
            "give a key of a length that the algorithm takes",
        ),
        E::InvalidLength => (
            "a length is outside of what the algorithm takes or gives",
            "ask for fewer bytes, or give as many as it needs",
        ),
        E::VerificationFailed => (
            "the verification failed",
            "do not use the data: it is damaged, forged or under another key",
        ),
        E::RngError => (
            "the host's source of randomness failed",
            "try again; if it persists, the host's system is at fault",
        ),
        E::AlgorithmFailure => (
            "the algorithm failed",
            "check sizes and parameters; a lot of data under one key can be the reason too",
        ),
        E::InvalidSignature => (
            "the signature does not verify",
            "do not use the data: it is damaged, forged or under another key",
        ),
        E::Closed => ("the object was closed before", "open a new one"),
        E::InvalidHandle => (
            "there is no such object",
            "it may have been closed, or be of another type",
        ),
        E::Overflow => (
            "the request is larger than the host's limits allow",
            "do it in smaller pieces or at a lower cost, or raise the host's limits",
        ),
        E::InternalError => (
            "the host failed, or cannot reach its storage",
            "ask whoever runs it: what it writes to its own log says more",
        ),
        E::TooManyHandles => (
            "too many objects are open",
            "drop keys and states that are no longer needed",
        ),
        E::KeyNotSupported => ("the algorithm takes no key", "leave the key out"),
        E::KeyRequired => ("the algorithm needs a key", "give one"),
        E::InvalidTag => (
            "it does not verify",
            "do not use the data: it is damaged, forged, or under another key, nonce or password",
        ),
        E::InvalidOperation => (
            "the algorithm has no such operation, or not at this point",
            "see the reference manual for what it does and in which order",
        ),
        E::NonceRequired => (
            "a nonce is needed: none was given, or it has been used",
            "give a fresh one, never one that this key has seen before",
        ),
        E::InvalidNonce => (
            "the nonce has the wrong length",
            "give one of the length that the algorithm takes",
        ),
        E::OptionNotSet => ("the option has no value", "set it first"),
        E::NotFound => (
            "the host has no such key",
            "check the identifier and the version; it may have been revoked",
        ),
        E::ParametersMissing => (
            "an option that the algorithm cannot do without is missing",
            "set it before the algorithm is used",
        ),
        E::InProgress => ("the operation has not finished", "call it again"),
        E::IncompatibleKeys => (
            "the two do not go together: they are of different algorithms",
            "use the algorithm that the other side was made with",
        ),
        E::Expired => (
            "the key has expired",
            "fetch its latest version, or rotate it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_subject_then_the_problem_then_the_remedy() {
        let error = Error::about("AES-129-GCM")(CryptoErrno::UnsupportedAlgorithm);
        assert_eq!(
            error.to_string(),
            "AES-129-GCM: no such algorithm on this host; check the spelling, and which algorithms the host has and allows"
        );
        assert_eq!(error.errno(), CryptoErrno::UnsupportedAlgorithm);
        assert!(!error.is_mismatch());
    }

    #[test]
    fn a_tag_that_does_not_verify_is_a_mismatch() {
        assert!(Error::from(CryptoErrno::InvalidTag).is_mismatch());
        assert!(!Error::from(CryptoErrno::Overflow).is_mismatch());
    }
}
