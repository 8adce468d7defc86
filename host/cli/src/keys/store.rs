//! Opening the store of managed keys that the command line names.

use std::env::VarError;
use std::path::{Path, PathBuf};

use clap::Args;
use wasi_crypto_keys::{Error, KeyEncryptionKey, KeyStore, Manager, PostgresStore, RedbStore};
use zeroize::Zeroizing;

use super::location::Location;
use crate::exit::Failure;
use crate::lent::Secret;
use crate::output;
use crate::{audit, signals};

/// Says where keys are, if the command line does not.
const KEYS: &str = "WASI_CRYPTO_KEYS";
/// Holds the key-encryption key, if the command line names no file.
const KEY_ENCRYPTION_KEY: &str = "WASI_CRYPTO_KEY_ENCRYPTION_KEY";

/// Where managed keys are, and what opens them.
#[derive(Args)]
pub struct StoreArgs {
    /// Where managed keys are: a file, or postgres://… for a database. Else, the environment variable WASI_CRYPTO_KEYS says.
    #[arg(long, value_name = "FILE|URL")]
    keys: Option<String>,

    /// The file with the key-encryption key, `-` for standard input. Else, WASI_CRYPTO_KEY_ENCRYPTION_KEY has its 64
    /// hexadecimal digits.
    // More than one while the store moves from one to the other.
    #[arg(long, value_name = "FILE")]
    key_encryption_key: Vec<PathBuf>,
}

/// Whether a store that is not there is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It is.
    Make,
    /// It is a mistake.
    Fail,
}

impl StoreArgs {
    /// Whether the command line or the environment says where keys are.
    pub fn is_given(&self) -> bool {
        // What is given and is wrong is found out when it is opened.
        self.keys.is_some() || !matches!(variable(KEYS), Ok(None))
    }

    /// Whether the command line does.
    pub fn is_named(&self) -> bool {
        self.keys.is_some()
    }

    /// Whether the command line names something that only a store has a use for.
    pub fn names_a_key(&self) -> bool {
        !self.key_encryption_key.is_empty()
    }

    /// Whether a key-encryption key comes from standard input, which is empty for everybody else then.
    pub fn reads_standard_input(&self) -> bool {
        self.key_encryption_key
            .iter()
            .any(|file| is_standard_input(file))
    }

    pub fn open(&self, missing: Missing) -> Result<Manager, Failure> {
        self.open_also(missing, None)
    }

    /// Opens a store that may be sealed under another key, too.
    pub fn open_also(
        &self,
        missing: Missing,
        also: Option<&KeyEncryptionKey>,
    ) -> Result<Manager, Failure> {
        let location = self.named()?;
        if let Location::File(file) = &location {
            audit::check_apart(file, "the key store")?;
        }
        if let Location::File(file) = &location {
            for (end, what) in [(".lock", "the lock"), (".new", "the beginning")] {
                let mut name = file
                    .canonicalize()
                    .unwrap_or_else(|_| file.clone())
                    .into_os_string();
                name.push(end);
                audit::check_apart(Path::new(&name), &format!("{what} of the key store,"))?;
            }
        }
        for file in &self.key_encryption_key {
            audit::check_apart(file, "the key-encryption key")?;
        }
        let mut keys = self.key_encryption_keys()?.into_iter();
        let first = keys.next().ok_or_else(|| {
            Failure::Host(format!(
                "no key-encryption key is given: name its file with --key-encryption-key, or set {KEY_ENCRYPTION_KEY}; \
                 `wasi-crypto keys init` makes one"
            ))
        })?;
        let store = signals::closing(open_store(&location, missing)?);
        let mut builder = Manager::builder_of(store, first);
        if let Some(sink) = audit::sink() {
            builder = builder.audit(sink);
        }
        if missing == Missing::Fail {
            builder = builder.must_exist();
        }
        for key in keys.chain(also.cloned()) {
            builder = builder.also(key);
        }
        builder.open().map_err(explained)
    }

    /// Opens a store, or makes one, under a key that was read already: what came from a FIFO cannot be read again.
    pub fn make_under(&self, key: KeyEncryptionKey) -> Result<Manager, Failure> {
        let store = open_store(&self.named()?, Missing::Make)?;
        Manager::builder_of(store, key).open().map_err(explained)
    }

    fn named(&self) -> Result<Location, Failure> {
        self.location()?.ok_or_else(|| {
            Failure::Host(format!(
                "no key store is named: give --keys FILE, or set {KEYS}"
            ))
        })
    }

    /// The one file that the command line names for the key-encryption key.
    pub fn key_file(&self) -> Result<&Path, Failure> {
        match self.key_encryption_key.as_slice() {
            [file] if is_standard_input(file) => Err(Failure::Usage(
                "a new key-encryption key cannot be written to standard input: name a file with --key-encryption-key"
                    .into(),
            )),
            [file] => Ok(file),
            _ => Err(Failure::Usage(
                "--key-encryption-key FILE is needed, once".into(),
            )),
        }
    }

    /// What names the store, for people: without the password that a URL may have.
    pub fn shown(&self) -> String {
        let location = self.location().ok().flatten();
        location.map_or_else(String::new, |location| location.shown())
    }

    /// The files with secrets that the command line names.
    pub fn files_named(&self) -> Vec<Secret> {
        let location = self
            .keys
            .as_ref()
            .and_then(|_| self.location().ok().flatten());
        let keys = location.and_then(|location| match location {
            Location::File(path) => Some(Secret {
                what: "the key store",
                named_by: "--keys",
                path,
            }),
            // What a variable names is looked at where it is used.
            Location::Database(url) => {
                certificates(&url, "--keys").filter(|file| file.named_by == "--keys")
            }
        });
        let files = self.key_encryption_key.iter();
        // Standard input is no file that a name leads to.
        let files = files.filter(|path| !output::is_standard(path));
        let key_encryption_keys = files.map(|path| Secret {
            what: "the key-encryption key",
            named_by: "--key-encryption-key",
            path: path.clone(),
        });
        keys.into_iter().chain(key_encryption_keys).collect()
    }

    /// The file with secrets that the environment names, where the command line does not.
    pub fn file_in_environment(&self) -> Option<Secret> {
        // What names no place is told when it is opened.
        match (self.location().ok().flatten()?, &self.keys) {
            (Location::File(path), None) => Some(Secret {
                what: "the key store",
                named_by: KEYS,
                path,
            }),
            (Location::File(_), Some(_)) => None,
            (Location::Database(url), _) => certificates(&url, KEYS),
        }
    }

    /// Where the command line or the environment says that keys are.
    fn location(&self) -> Result<Option<Location>, Failure> {
        let (source, text) = match &self.keys {
            Some(text) => ("--keys", text.clone()),
            None => match variable(KEYS)? {
                Some(text) => (KEYS, text),
                None => return Ok(None),
            },
        };
        let location = Location::parse(&text);
        location
            .map(Some)
            .map_err(|why| Failure::Host(format!("{source} names no place for keys: {why}")))
    }

    fn key_encryption_keys(&self) -> Result<Vec<KeyEncryptionKey>, Failure> {
        if !self.key_encryption_key.is_empty() {
            let files = self.key_encryption_key.iter();
            if files.clone().filter(|file| is_standard_input(file)).count() > 1 {
                return Err(Failure::Usage(
                    "--key-encryption-key - is given twice, and standard input holds one key: name a file for the other"
                        .into(),
                ));
            }
            return files.map(|file| read_key(file)).collect();
        }
        match variable(KEY_ENCRYPTION_KEY)? {
            Some(text) => {
                let text = Zeroizing::new(text);
                let key = KeyEncryptionKey::parse(&text).map_err(|error| {
                    Failure::Host(format!("{KEY_ENCRYPTION_KEY}: {}", line(&error)))
                })?;
                Ok(vec![key])
            }
            None => Ok(Vec::new()),
        }
    }
}

/// The file with certificates for a database, where its URL or the environment names one.
fn certificates(url: &str, url_named_by: &'static str) -> Option<Secret> {
    Some(Secret {
        what: "the file of certificates",
        named_by: if url.contains("sslrootcert=") {
            url_named_by
        } else {
            "PGSSLROOTCERT"
        },
        path: PostgresStore::certificates(url)?,
    })
}

/// The value of an environment variable. One that is empty is as good as none.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Failure::Host(format!("{name} is not UTF-8: set it anew")))
        }
    }
}

/// Reads a key-encryption key, from a file or from standard input.
pub fn read_key(file: &Path) -> Result<KeyEncryptionKey, Failure> {
    let read = if is_standard_input(file) {
        let named = |detail: String| Error::BadKek(format!("standard input: {detail}"));
        // Not by the standard library's own reader: its buffer is never wiped.
        standard_input()
            .map_err(|error| named(error.to_string()))
            .and_then(|input| {
                KeyEncryptionKey::read_from(input).map_err(|error| match error {
                    Error::BadKek(detail) => named(detail),
                    error => error,
                })
            })
    } else {
        KeyEncryptionKey::read(file)
    };
    read.map_err(|error| match error {
        // One that is there and cannot be used says itself what to do.
        Error::BadKek(_) if is_standard_input(file) || file.exists() => Failure::Host(line(&error)),
        error => explained(error),
    })
}

/// Whether a file's name stands for standard input: `-`, or another name such as /dev/stdin. What that leads to is open
/// already, and whoever reads it next would find a key in it.
pub fn is_standard_input(file: &Path) -> bool {
    output::is_standard(file) || is_open_as_standard_input(file)
}

#[cfg(unix)]
fn is_open_as_standard_input(file: &Path) -> bool {
    match (rustix::fs::fstat(std::io::stdin()), rustix::fs::stat(file)) {
        (Ok(open), Ok(named)) => (open.st_dev, open.st_ino) == (named.st_dev, named.st_ino),
        _ => false,
    }
}

#[cfg(windows)]
fn is_open_as_standard_input(_: &Path) -> bool {
    false
}

/// Standard input without the standard library's own buffer, which is never wiped.
#[cfg(unix)]
pub fn standard_input() -> std::io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    Ok(std::io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
pub fn standard_input() -> std::io::Result<std::fs::File> {
    use std::os::windows::io::AsHandle;
    Ok(std::io::stdin().as_handle().try_clone_to_owned()?.into())
}

fn open_store(location: &Location, missing: Missing) -> Result<Box<dyn KeyStore>, Failure> {
    let path = match location {
        Location::Database(url) => {
            let store = match missing {
                Missing::Fail => PostgresStore::open_existing(url),
                Missing::Make => PostgresStore::open(url),
            };
            return Ok(Box::new(store.map_err(explained)?));
        }
        Location::File(path) => path,
    };
    // Whatever else is wrong with it is told by whoever opens it.
    let is_missing = path
        .symlink_metadata()
        .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    if missing == Missing::Fail && is_missing {
        return Err(Failure::Unreadable(format!(
            "there is no key store {}; `wasi-crypto keys init` makes one, and so does `run`",
            path.display()
        )));
    }
    Ok(Box::new(RedbStore::open(path).map_err(explained)?))
}

/// What went wrong with a store, and what to do.
pub fn explained(error: Error) -> Failure {
    let line = format!("{}{}", line(&error), what_to_do(&error));
    match error {
        Error::NotFound
        | Error::Expired
        | Error::IncompatibleKeys
        | Error::BadNamespace
        | Error::TooLong
        | Error::Full(_)
        | Error::Engine(_)
        | Error::Unproven { .. }
        | Error::Ambiguous(_) => Failure::Refused(line),
        Error::NoStore => Failure::Unreadable(line),
        _ => Failure::Host(line),
    }
}

fn what_to_do(error: &Error) -> String {
    match error {
        Error::NotFound => "; `wasi-crypto keys list` shows what there is".into(),
        Error::WrongKek { .. } => {
            "; name the file of the right one with --key-encryption-key".into()
        }
        Error::Moving { from, to, .. } => format!(
            "; name --key-encryption-key twice, with the files of both, and finish what was begun with `wasi-crypto keys \
             rekey --key-encryption-key FILE-OF-{from} --new-key-encryption-key FILE-OF-{to}`"
        ),
        Error::StillMoving { from, to, .. } => format!(
            "; finish that first, with `wasi-crypto keys rekey --key-encryption-key FILE-OF-{from} \
             --new-key-encryption-key FILE-OF-{to}`"
        ),
        Error::Sealing {
            namespace,
            id,
            version,
            ..
        } => format!(
            "; the row may be left from before another rekey, under a key-encryption key that the store no longer asks for, \
             the disk may be damaged, or somebody has changed the store; bring back a copy of the store that is whole, and \
             open it with the key-encryption keys of its time; only if there is none, give the version up with \
             `wasi-crypto keys revoke {id} {version} --namespace {}`",
            pasted(namespace)
        ),
        Error::Unproven { damaged: 0, .. } => "; say which with --algorithm NAME".into(),
        Error::Unproven { .. } => {
            "; bring back a copy of the store that is whole, or say which with --algorithm NAME"
                .into()
        }
        Error::Ambiguous(_) => {
            "; say with --algorithm NAME which one goes on, and revoke the others".into()
        }
        Error::BadKek(_) => "; `wasi-crypto keys init` makes one".into(),
        Error::NoStore => "; check its name, or begin with `wasi-crypto keys init`".into(),
        _ => String::new(),
    }
}

/// The name for a command that people paste into a shell; a store may hold any text.
fn pasted(name: &str) -> &str {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    if !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain) {
        name
    } else {
        "NAME"
    }
}

/// The error on one line.
pub fn line(error: &Error) -> String {
    let text = error.to_string();
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
