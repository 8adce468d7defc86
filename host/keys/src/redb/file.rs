//! The database: made, opened, opened again after a failure, and kept from taking the process down.

use std::any::Any;
use std::fs::OpenOptions;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use redb::backends::FileBackend;
use redb::{Builder, Database, StorageBackend};

use super::lock::Lock;
use super::rows;
use crate::disk::sync_directory;
use crate::{Error, Result};

/// Bytes of pages that the database keeps in memory.
const PAGE_CACHE: usize = 16 << 20;

/// A database that is opened again when it has failed.
pub(super) struct Storage {
    database: RwLock<Option<Database>>,
    /// None for one that is not in a file of ours.
    path: Option<PathBuf>,
    /// Given back after the database is closed.
    _lock: Option<Lock>,
}

/// Why work on a database has failed.
pub(super) enum Failure {
    /// The database is as it was.
    Refused(Error),
    /// The database may be unusable from now on.
    Broken(Error),
}

impl Storage {
    /// Opens the file, which is made if it does not exist.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let lock = Lock::take(path)?;
        let database = match path.symlink_metadata() {
            Ok(_) => open(path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(failed(path, &error)),
        };
        Ok(Self {
            database: RwLock::new(Some(database)),
            path: Some(path.to_owned()),
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
            path: None,
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
        Err(error)
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
        if let (None, Some(path)) = (database.as_ref(), &self.path) {
            *database = Some(open(path)?);
        }
        Ok(())
    }

    fn shut(&self) {
        if self.path.is_none() {
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

fn open(path: &Path) -> Result<Database> {
    let file = OpenOptions::new().read(true).write(true).open(path);
    let file = file.map_err(|error| failed(path, &error))?;
    let metadata = file.metadata().map_err(|error| failed(path, &error))?;
    if metadata.len() == 0 {
        // The database would take it for a new one, and nobody would miss the keys.
        return Err(Error::Corrupt(format!("{}: it is empty", path.display())));
    }
    warn_of_others(path, &metadata);
    let opened = catch(|| Ok(builder().create_with_backend(FileBackend::new(file)?)?));
    opened.map_err(|error| match error {
        Error::Store(detail) => Error::Store(format!("{}: {detail}", path.display())),
        Error::Corrupt(detail) => Error::Corrupt(format!("{}: {detail}", path.display())),
        Error::Held { holder, .. } => Error::Held {
            path: path.into(),
            holder,
        },
        error => error,
    })
}

/// Makes the file under another name first: under its own, it is whole or not there.
fn create(path: &Path) -> Result<Database> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let unfinished = PathBuf::from(name);
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error: io::Error| failed(&path, &error)
    };
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed(&unfinished, &error));
        }
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&unfinished).map_err(at(&unfinished))?;
    let database = catch(|| {
        let database = builder().create_with_backend(FileBackend::new(file)?)?;
        rows::make_tables(&database)?;
        Ok(database)
    })?;
    std::fs::rename(&unfinished, path).map_err(at(path))?;
    sync_directory(path).map_err(at(path))?;
    Ok(database)
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

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::Store(format!("{}: {error}", path.display()))
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
        Redb::Io(error) => Error::Store(error.to_string()),
        Redb::PreviousIo => Error::Store("an earlier write has failed".into()),
        Redb::DatabaseAlreadyOpen => Error::Held {
            path: PathBuf::new(),
            holder: None,
        },
        error @ (Redb::UpgradeRequired(_) | Redb::LockPoisoned(_) | Redb::DatabaseClosed) => {
            Error::Store(error.to_string())
        }
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
