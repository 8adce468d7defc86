//! Why something cannot be had or done.

use std::fmt;
use std::path::PathBuf;

use crate::{KekId, KeyId, Version};

/// The result of an operation on managed keys.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation on managed keys failed.
///
/// [`fmt::Display`] gives an operator a line that says what is wrong; [`Error::errno`] gives a guest its errno. Neither
/// has key material in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No such key or version in this namespace, or it was revoked.
    NotFound,
    /// The version is past its expiration.
    Expired,
    /// The new version is for another algorithm than the versions before it.
    IncompatibleKeys,
    /// A quota is used up; what of.
    Full(&'static str),
    /// The key has more bytes than [`MAX_KEY_LEN`](crate::MAX_KEY_LEN).
    TooLong,
    /// The system's source of randomness failed.
    Rng,
    /// The engine refused.
    Engine(wasi_crypto_engine::Error),
    /// The namespace's name is empty, too long, or has a NUL in it.
    BadNamespace,
    /// The store cannot be reached, or what it rests on failed.
    Store(String),
    /// The store's file or tables are not what the store left there.
    Corrupt(String),
    /// Another process has the store's file open.
    Held {
        /// The file.
        path: PathBuf,
        /// What the other process said of itself, if it could be found out.
        holder: Option<String>,
    },
    /// What is stored as this version does not open: it was changed, moved or damaged.
    Sealing {
        /// The namespace under which it is stored.
        namespace: String,
        /// The identifier under which it is stored.
        id: KeyId,
        /// The version as which it is stored.
        version: Version,
    },
    /// The store is sealed under another key-encryption key.
    WrongKek {
        /// The one that the store asks for.
        needed: KekId,
        /// Those that were given.
        given: Vec<KekId>,
    },
    /// There are no managed keys where there have to be some.
    NoStore,
    /// What was given as a key-encryption key is none; why.
    BadKek(String),
}

impl Error {
    /// What a guest is told.
    ///
    /// What is wrong with the store is the operator's business: the guest gets `internal-error`.
    pub fn errno(&self) -> wasi_crypto_engine::Error {
        use wasi_crypto_engine::Error as Errno;
        match self {
            Self::NotFound => Errno::NotFound,
            Self::Expired => Errno::Expired,
            Self::IncompatibleKeys => Errno::IncompatibleKeys,
            Self::Full(_) | Self::TooLong => Errno::Overflow,
            Self::Rng => Errno::RngError,
            Self::Engine(errno) => *errno,
            Self::BadNamespace
            | Self::Store(_)
            | Self::Corrupt(_)
            | Self::Held { .. }
            | Self::Sealing { .. }
            | Self::WrongKek { .. }
            | Self::NoStore
            | Self::BadKek(_) => Errno::InternalError,
        }
    }
}

impl From<wasi_crypto_engine::Error> for Error {
    fn from(error: wasi_crypto_engine::Error) -> Self {
        match error {
            wasi_crypto_engine::Error::RngError => Self::Rng,
            error => Self::Engine(error),
        }
    }
}

impl From<Error> for wasi_crypto_engine::Error {
    fn from(error: Error) -> Self {
        error.errno()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such key or version, or it was revoked"),
            Self::Expired => f.write_str("the key has expired"),
            Self::NoStore => f.write_str("no managed keys were ever stored there"),
            Self::IncompatibleKeys => {
                f.write_str("the new version is for another algorithm than the key")
            }
            Self::Full(what) => write!(f, "the namespace's quota of {what} is used up"),
            Self::TooLong => write!(
                f,
                "the key is longer than {} bytes, which is the most that is stored",
                crate::MAX_KEY_LEN
            ),
            Self::Rng => f.write_str("the system's source of randomness failed"),
            Self::Engine(error) => error.fmt(f),
            Self::BadNamespace => write!(
                f,
                "the name of a namespace has 1 to {} bytes, and no NUL",
                crate::MAX_NAMESPACE_LEN
            ),
            Self::Store(detail) => write!(f, "the key store failed: {detail}"),
            Self::Corrupt(detail) => write!(
                f,
                "the key store is damaged: {detail}; bring back a copy that is whole"
            ),
            Self::Held { path, holder } => {
                write!(f, "the key store {} is in use by ", path.display())?;
                match holder {
                    Some(holder) => f.write_str(holder)?,
                    None => f.write_str("another process")?,
                }
                f.write_str("; end that, or use PostgreSQL to share keys")
            }
            Self::Sealing {
                namespace,
                id,
                version,
            } => write!(
                f,
                "version {version} of the key {id} in the namespace {namespace:?} does not open: it was changed, moved \
                 or damaged in the store"
            ),
            Self::WrongKek { needed, given } => {
                write!(
                    f,
                    "the store is sealed under the key-encryption key {needed}, and given was "
                )?;
                for (index, id) in given.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" and ")?;
                    }
                    id.fmt(f)?;
                }
                Ok(())
            }
            Self::BadKek(detail) => write!(f, "no key-encryption key: {detail}"),
        }
    }
}

impl std::error::Error for Error {}
