//! The file that `--audit-file` names: a JSON object on a line for each event.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use wasi_crypto_keys::{AuditEvent, AuditSink};

use super::{Who, escaped};
use crate::exit::Failure;
use crate::lent;
use crate::signals::Hangups;

/// Appends events to a file, each by one write, and opens it anew after a SIGHUP.
pub struct AuditFile {
    path: PathBuf,
    who: Who,
    hangups: Hangups,
    open: Mutex<Open>,
    /// Whether this process has made the file.
    made: bool,
}

struct Open {
    file: File,
    /// Whether the last line in the file has no end.
    torn: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    operation: &'a str,
    namespace: Option<&'a str>,
    id: Option<String>,
    version: Option<u64>,
    outcome: &'a str,
    who: &'a Who,
}

impl AuditFile {
    /// Opens the file, which is made if it does not exist. From now on, SIGHUP does not end the process.
    pub fn open(path: &Path, who: Who) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::Host(format!(
                "cannot open the audit file {}: {error}",
                path.display()
            ))
        };
        let made = std::fs::symlink_metadata(path).is_err();
        Ok(Self {
            made,
            path: path.to_owned(),
            who,
            hangups: Hangups::noted().map_err(failed)?,
            open: Mutex::new(Open::at(path).map_err(failed)?),
        })
    }

    /// Whether a name leads to this file.
    pub fn is(&self, file: &Path) -> bool {
        match (lent::identity(&self.path), lent::identity(file)) {
            (Ok(own), Ok(other)) => own == other,
            _ => false,
        }
    }

    /// Removes the file if it is there for nothing, since what it is to be is something else.
    pub fn withdraw(&self) {
        let is_empty = std::fs::symlink_metadata(&self.path).is_ok_and(|file| file.len() == 0);
        if self.made && is_empty {
            let _ = std::fs::remove_file(&self.path);
        }
    }

    fn line(&self, event: &AuditEvent<'_>) -> io::Result<String> {
        let failure = event.failure.map(ToString::to_string);
        let line = Line {
            time: humantime::format_rfc3339_micros(SystemTime::now()).to_string(),
            operation: event.operation,
            namespace: event.namespace,
            id: event.id.map(|id| id.to_string()),
            version: event.version,
            outcome: failure.as_deref().unwrap_or("ok"),
            who: &self.who,
        };
        Ok(escaped(&serde_json::to_string(&line)?))
    }
}

impl AuditSink for AuditFile {
    fn record(&self, event: &AuditEvent<'_>) -> io::Result<()> {
        let line = self.line(event)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut append = || {
            if self.hangups.taken() {
                // Until that succeeds, each event tries again.
                *open = Open::at(&self.path).inspect_err(|_| self.hangups.again())?;
            }
            open.append(&line)
        };
        append().map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
        })
    }
}

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let torn = file.metadata()?.is_file() && !ends_with_a_line(path);
        Ok(Self { file, torn })
    }

    /// Appends a line, by one write so that no other process's can get into it.
    fn append(&mut self, line: &str) -> io::Result<()> {
        let start = if self.torn { "\n" } else { "" };
        let bytes = format!("{start}{line}\n").into_bytes();
        let written = loop {
            match self.file.write(&bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => break written?,
            }
        };
        if written < bytes.len() {
            // What is there is part of a line; the next one shall not continue it.
            self.torn |= written > 0;
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                format!("only {written} of {} bytes could be written", bytes.len()),
            ));
        }
        self.torn = false;
        Ok(())
    }
}

/// Whether what is there already ends where a line does; who may not read it takes it that it does.
fn ends_with_a_line(path: &Path) -> bool {
    let last = || -> io::Result<Option<u8>> {
        let mut file = File::open(path)?;
        if file.seek(SeekFrom::End(0))? == 0 {
            return Ok(None);
        }
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        Ok(Some(last[0]))
    };
    last().map_or(true, |last| last.is_none_or(|last| last == b'\n'))
}
