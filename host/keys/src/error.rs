//! Why something cannot be had or done.

use std::fmt::{self, Write};
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
        /// The key-encryption key that it is said to be sealed under.
        kek: KekId,
    },
    /// No version of the key opens that would prove what a new one is to be like.
    Unproven {
        /// How many versions the store calls revoked.
        revoked: usize,
        /// How many others there are. They do not open.
        damaged: usize,
    },
    /// Versions of the key that open are for different algorithms. Those, in alphabetical order.
    Ambiguous(Vec<String>),
    /// The store is sealed under another key-encryption key.
    WrongKek {
        /// The one that the store asks for.
        needed: KekId,
        /// Those that were given.
        given: Vec<KekId>,
    },
    /// The store is moving from one key-encryption key to another, and needs both until `rekey` has finished.
    Moving {
        /// The one that it is moving from.
        from: KekId,
        /// The one that it is moving to.
        to: KekId,
        /// Those that were given.
        given: Vec<KekId>,
    },
    /// The store cannot move to a key-encryption key before it has finished moving to another one.
    StillMoving {
        /// The one that it is moving from.
        from: KekId,
        /// The one that it is moving to.
        to: KekId,
        /// The one that it was asked to move to.
        asked: KekId,
    },
    /// There are no managed keys where there have to be some.
    NoStore,
    /// What was given as a key-encryption key is none; why.
    BadKek(String),
    /// The operation could not be written to the audit trail; why. What was to be given out is withheld; what was changed in
    /// the store stays changed.
    Audit(String),
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
            // The last two are for operators, and a refusal as well.
            Self::IncompatibleKeys | Self::Unproven { .. } | Self::Ambiguous(_) => {
                Errno::IncompatibleKeys
            }
            Self::Full(_) | Self::TooLong => Errno::Overflow,
            Self::Rng => Errno::RngError,
            Self::Engine(errno) => *errno,
            Self::BadNamespace
            | Self::Store(_)
            | Self::Corrupt(_)
            | Self::Held { .. }
            | Self::Sealing { .. }
            | Self::WrongKek { .. }
            | Self::Moving { .. }
            | Self::StillMoving { .. }
            | Self::NoStore
            | Self::BadKek(_)
            | Self::Audit(_) => Errno::InternalError,
        }
    }
}

impl Error {
    /// Whether one record does not open, and others may.
    pub(crate) fn is_of_one_record(&self) -> bool {
        matches!(
            self,
            Self::NotFound | Self::Sealing { .. } | Self::Engine(_)
        )
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
            Self::Store(detail) => write!(f, "the key store failed: {}", OneLine(detail)),
            Self::Corrupt(detail) => write!(
                f,
                "the key store is damaged: {}; bring back a copy that is whole",
                OneLine(detail)
            ),
            Self::Held { path, holder } => {
                let path = path.to_string_lossy();
                write!(f, "the key store {} is in use by ", OneLine(&path))?;
                match holder {
                    Some(holder) => OneLine(holder).fmt(f)?,
                    None => f.write_str("another process")?,
                }
                f.write_str("; end that, or use PostgreSQL to share keys")
            }
            Self::Sealing {
                namespace,
                id,
                version,
                kek,
            } => write!(
                f,
                "version {version} of the key {id} in the namespace {namespace:?} does not open with the \
                 key-encryption key {kek} that it names: it was changed, moved or damaged in the store"
            ),
            Self::Unproven { revoked, damaged } => {
                f.write_str("nothing proves which algorithm the key is for: ")?;
                match (revoked, damaged) {
                    (_, 0) => f.write_str("all its versions are revoked"),
                    (0, _) => f.write_str("none of its versions opens"),
                    _ => write!(
                        f,
                        "none of its versions opens, {revoked} of {} because they are revoked",
                        revoked.saturating_add(*damaged)
                    ),
                }
            }
            Self::Ambiguous(algorithms) => write!(
                f,
                "versions of the key that open are for different algorithms: {}",
                OneLine(&algorithms.join(", "))
            ),
            Self::WrongKek { needed, given } => {
                write!(
                    f,
                    "the store is sealed under the key-encryption key {needed}, and given was "
                )?;
                write_all(f, given, |_| "")
            }
            Self::Moving { from, to, given } => {
                write!(
                    f,
                    "the store is moving from the key-encryption key {from} to {to}, and needs both until that is \
                     finished; given was "
                )?;
                let stray = |id: &KekId| match id {
                    id if id == from || id == to => "",
                    _ => " (neither)",
                };
                write_all(f, given, stray)
            }
            Self::StillMoving { from, to, asked } => write!(
                f,
                "the store cannot move to the key-encryption key {asked}: it is moving from {from} to {to}, and that is \
                 not finished"
            ),
            Self::BadKek(detail) => write!(f, "no key-encryption key: {}", OneLine(detail)),
            Self::Audit(detail) => write!(
                f,
                "the audit trail cannot be written: {}; nothing is given out until it can, and a change that was \
                 asked for may have been made",
                OneLine(detail)
            ),
        }
    }
}

/// Identifiers with a remark on each.
fn write_all(
    f: &mut fmt::Formatter<'_>,
    ids: &[KekId],
    remark: impl Fn(&KekId) -> &'static str,
) -> fmt::Result {
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            f.write_str(" and ")?;
        }
        write!(f, "{id}{}", remark(id))?;
    }
    Ok(())
}

/// Text that somebody else may have chosen, such as a server, on one line that steers no terminal and looks like no other
/// line of a log.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '\'' | '"' | '\\' => f.write_char(char)?,
                '\n' => f.write_char(' ')?,
                char => char.escape_debug().fmt(f)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_without_control_characters_whoever_chose_its_text() {
        let text = "it's \"so\" \\ é\r\n\u{1b}[2J\u{9b}31m\u{202e}\u{7f}\0";
        let id = KeyId::from_bytes([0; KeyId::LEN]);
        let errors = [
            Error::Store(text.into()),
            Error::Corrupt(text.into()),
            Error::BadKek(text.into()),
            Error::Ambiguous(vec![text.into()]),
            Error::Held {
                path: text.into(),
                holder: Some(text.into()),
            },
            Error::Sealing {
                namespace: text.into(),
                id,
                version: 1,
                kek: KekId::from_bytes([0; KekId::LEN]),
            },
        ];
        for error in errors {
            let line = error.to_string();
            let bad = |char: char| char.is_control() || char == '\u{202e}';
            assert!(!line.contains(bad), "{line:?}");
            assert!(line.contains("\\u{1b}[2J\\u{9b}31m\\u{202e}"), "{line}");
        }
        let line = Error::Store(text.into()).to_string();
        assert!(line.contains("it's \"so\" \\ é"), "{line}");
    }
}
