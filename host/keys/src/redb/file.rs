//! The database: made, opened, opened again after a failure, and kept from taking the process down.

use std::any::Any;
use std::fs::OpenOptions;
use std::io::{self, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use redb::backends::FileBackend;
use redb::{Builder, Database, StorageBackend};

use super::lock::Lock;
use super::rows;
use super::trouble::{check_format, followed, why, why_not_beside};
use crate::disk::sync_directory;
use crate::{Error, Result};

/// Bytes of pages that the database keeps in memory.
const PAGE_CACHE: usize = 16 << 20;

/// A database that is opened again when it has failed.
pub(super) struct Storage {
    database: RwLock<Option<Database>>,
    /// None for one that is not in a file of ours.
    place: Option<FilePlace>,
    /// Given back after the database is closed.
    _lock: Option<Lock>,
}

/// Where the file is.
struct FilePlace {
    /// As it was given, for people.
    name: PathBuf,
    /// What links at its end lead to.
    path: PathBuf,
}

/// Why work on a database has failed.
pub(super) enum Failure {
    /// The database is as it was.
    Refused(Error),
    /// The database may be unusable from now on.
    Broken(Error),
}

impl Failure {
    /// The same, of a database that may be unusable.
    pub(super) fn broken(self) -> Self {
        let (Self::Refused(error) | Self::Broken(error)) = self;
        Self::Broken(error)
    }
}

impl Storage {
    /// Opens the file, which is made if it does not exist.
    pub(super) fn open(name: &Path) -> Result<Self> {
        let place = FilePlace {
            name: name.to_owned(),
            path: followed(name)?,
        };
        let lock = Lock::take(name, &place.path)?;
        let database = match place.path.symlink_metadata() {
            Ok(_) => open(&place)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(&place)?,
            Err(error) => return Err(at(name, &why(&error))),
        };
        Ok(Self {
            database: RwLock::new(Some(database)),
            place: Some(place),
            _lock: Some(lock),
        })
    }

    /// On storage that is not a file of ours; it is not opened again when it has failed.
    pub(super) fn on(backend: impl StorageBackend) -> Result<Self> {
        let database = catch(|| {
            let database = builder().create_with_backend(backend)?;
            rows::make_tables(&database)?;
            Ok(database)
        })?;
        Ok(Self {
            database: RwLock::new(Some(database)),
            place: None,
            _lock: None,
        })
    }

    /// Runs `work` on the database. When that shows the database to be unusable, it is opened again the next time: what
    /// has failed may work then, and all of it is checked.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, Failure>) -> Result<T> {
        self.reopen()?;
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = database.as_ref() else {
            return Err(Error::Store("another call has just failed".into()));
        };
        let (broken, error) = match catch_unwind(AssertUnwindSafe(|| work(open))) {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(Failure::Refused(error))) => (false, error),
            Ok(Err(Failure::Broken(error))) => (true, error),
            Err(panic) => (true, panicked(panic)),
        };
        drop(database);
        if broken {
            self.shut();
        }
        Err(match &self.place {
            Some(place) if broken => named(&place.name, error),
            _ => error,
        })
    }

    fn reopen(&self) -> Result<()> {
        let is_open = |database: &Option<Database>| database.is_some();
        if is_open(&self.database.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let (None, Some(place)) = (database.as_ref(), &self.place) {
            *database = Some(open(place)?);
        }
        Ok(())
    }

    fn shut(&self) {
        if self.place.is_none() {
            return;
        }
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        close(database.take());
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let database = self.database.get_mut();
        close(database.unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Closing writes to the file as well, and is no less careful.
fn close(database: Option<Database>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(database)));
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(PAGE_CACHE);
    // The database's functions may panic on a file that was changed behind its back: everything is checked first.
    builder.set_check_integrity_on_open(true);
    builder
}

fn open(place: &FilePlace) -> Result<Database> {
    let name = &place.name;
    let failed = |error: io::Error| at(name, &why(&error));
    let file = OpenOptions::new().read(true).write(true).open(&place.path);
    let mut file = file.map_err(failed)?;
    check_format(name, &mut file)?;
    file.rewind().map_err(failed)?;
    warn_of_others(name, &file.metadata().map_err(failed)?);
    let opened = catch(|| {
        let database = builder().create_with_backend(FileBackend::new(file)?)?;
        if !rows::has_tables(&database)? {
            let what = "it is another program's database, and no key store: check its name";
            return Err(Error::Store(what.into()).into());
        }
        Ok(database)
    });
    opened.map_err(|error| named(name, error))
}

/// Makes the file under another name first: under its own, it is whole or not there.
fn create(place: &FilePlace) -> Result<Database> {
    let mut unfinished = place.path.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(why_not_beside(&unfinished, &error));
        }
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&unfinished);
    let file = file.map_err(|error| why_not_beside(&unfinished, &error))?;
    let made = catch(|| {
        let database = builder().create_with_backend(FileBackend::new(file)?)?;
        rows::make_tables(&database)?;
        Ok(database)
    });
    let made = made.map_err(|error| named(&place.name, error));
    let kept = made.and_then(|database| {
        std::fs::rename(&unfinished, &place.path)
            .and_then(|()| sync_directory(&place.path))
            .map_err(|error| at(&place.name, &why(&error)))?;
        Ok(database)
    });
    if kept.is_err() {
        // It would only take up space, which may be what was missing.
        let _ = std::fs::remove_file(&unfinished);
    }
    kept
}

#[cfg(unix)]
fn warn_of_others(path: &Path, metadata: &std::fs::Metadata) {
    let mode = std::os::unix::fs::MetadataExt::mode(metadata) & 0o777;
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "other users have access to the key store (mode {mode:03o})");
    }
}

#[cfg(not(unix))]
fn warn_of_others(_: &Path, _: &std::fs::Metadata) {}

/// What is wrong with a file.
pub(super) fn at(path: &Path, what: &str) -> Error {
    Error::Store(format!("{}: {what}", path.display()))
}

/// The error with the name of the file that it is about.
fn named(name: &Path, error: Error) -> Error {
    match error {
        Error::Store(detail) => at(name, &detail),
        Error::Corrupt(detail) => Error::Corrupt(format!("{}: {detail}", name.display())),
        Error::Held { holder, .. } => Error::Held {
            path: name.into(),
            holder,
        },
        error => error,
    }
}

fn catch<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(|failure| match failure {
            Failure::Refused(error) | Failure::Broken(error) => error,
        }),
        Err(panic) => Err(panicked(panic)),
    }
}

/// The message may be made of what the file holds, and is left to the panic hook.
fn panicked(panic: Box<dyn Any + Send>) -> Error {
    // Dropping it could panic again.
    std::mem::forget(panic);
    Error::Corrupt("the database cannot make sense of it".into())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

fn broken(error: redb::Error) -> Failure {
    use redb::Error as Redb;
    Failure::Broken(match error {
        Redb::Io(error) => Error::Store(why(&error)),
        Redb::PreviousIo => Error::Store("an earlier write has failed".into()),
        Redb::DatabaseAlreadyOpen => Error::Held {
            path: PathBuf::new(),
            holder: None,
        },
        Redb::UpgradeRequired(version) => Error::Store(format!(
            "it is in version {version} of its format, which wasi-crypto has never written: check its name"
        )),
        Redb::TableDoesNotExist(_)
        | Redb::TableTypeMismatch { .. }
        | Redb::TableIsMultimap(_)
        | Redb::TableIsNotMultimap(_) => Error::Store(
            "it is another program's database, and no key store: check its name".into(),
        ),
        error @ (Redb::LockPoisoned(_) | Redb::DatabaseClosed) => Error::Store(error.to_string()),
        error => Error::Corrupt(error.to_string()),
    })
}

macro_rules! broken_by {
    ($($error:ident)*) => {
        $(impl From<redb::$error> for Failure {
            fn from(error: redb::$error) -> Self {
                broken(error.into())
            }
        })*
    };
}

broken_by!(CommitError DatabaseError StorageError TableError TransactionError);
