//! Who may open a store's file: the process that holds the lock on the file beside it.
//!
//! The lock is the operating system's, and ends with the process however that ends; the file is never removed, so nobody
//! can lock one that somebody else is about to replace. What is written in it is for people to read.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::trouble::why_not_beside;
use crate::{Error, Result};

/// How often, and how long after each other, a lock is asked for: a process that ends may still have it.
const ATTEMPTS: u32 = 10;
const BETWEEN: Duration = Duration::from_millis(20);

/// Held until it is dropped.
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock of the store that is called `name` and is at `path`: whatever it is called, the lock is the same.
    pub(super) fn take(name: &Path, path: &Path) -> Result<Self> {
        let beside = beside(path);
        let failed = |error: std::io::Error| why_not_beside(&beside, &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(failed)?;
        for attempt in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => std::thread::sleep(BETWEEN),
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Held {
                        path: name.into(),
                        holder: holder(&mut file),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        // A full disk shall not keep anybody from reading keys.
        let _ = file.set_len(0).and_then(|()| file.write_all(&own_line()));
        Ok(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.set_len(0);
        let _ = self.0.unlock();
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn own_line() -> Vec<u8> {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(Path::file_name);
    let name = name.map_or("?".into(), |name| name.to_string_lossy());
    format!("process {} ({name})\n", std::process::id()).into_bytes()
}

fn holder(file: &mut File) -> Option<String> {
    let mut line = String::new();
    file.rewind().ok()?;
    file.take(200).read_to_string(&mut line).ok()?;
    let line = line.strip_suffix('\n')?;
    let printable = line.chars().all(|c| !c.is_control());
    (printable && !line.is_empty()).then(|| line.to_owned())
}
