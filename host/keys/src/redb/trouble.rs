//! What stands in the way of using a file, and what to do about it, in words.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::file::at;
use crate::{Error, Result};

/// Links that lead on from each other, at the most, as the system has it.
const MAX_LINKS: usize = 40;

/// What a file of the database's begins with; in it, where the version of its format stands, twice.
const MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";
const HEADER_LEN: usize = 320;
const VERSIONS_AT: [usize; 2] = [64, 192];
/// The version that this crate knows.
const VERSION: u8 = 3;

/// Why something failed, and what to do.
pub(super) fn why(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ReadOnlyFilesystem => {
            "it is on a read-only file system, and even reading keys takes a lock: mount that writable, or copy the key \
             store elsewhere"
                .into()
        }
        ErrorKind::StorageFull => "the disk is full: free some space, and try again".into(),
        ErrorKind::QuotaExceeded => {
            "this user's share of the disk is used up: free some space, and try again".into()
        }
        ErrorKind::FileTooLarge => {
            "it may not become larger: raise the limit for files of this process (ulimit -f)".into()
        }
        ErrorKind::PermissionDenied => {
            "this user may not read and write it: change its owner or mode, or run this as its owner".into()
        }
        ErrorKind::NotADirectory => "a part of its path is no directory: check its name".into(),
        _ => error.to_string(),
    }
}

/// Why a file cannot be made beside a store, or be opened if it is there.
pub(super) fn why_not_beside(path: &Path, error: &io::Error) -> Error {
    let directory = directory_of(path);
    let is_there = path.symlink_metadata().is_ok();
    match error.kind() {
        ErrorKind::NotFound if !directory.exists() => {
            at(directory, "there is no such directory: make it")
        }
        ErrorKind::PermissionDenied if !is_there => at(
            directory,
            "this user may not make files in the directory, which a key store needs: change its owner or mode, or run \
             this as its owner",
        ),
        _ => at(path, &why(error)),
    }
}

/// The directory that a file is in.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Follows the links that a path ends with. Links further up need no care: they are the same for what is beside a file.
pub(super) fn followed(path: &Path) -> Result<PathBuf> {
    let mut followed = path.to_owned();
    for _ in 0..MAX_LINKS {
        let metadata = match followed.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if followed != path {
                    return Err(at(
                        path,
                        &format!(
                            "it is a symbolic link, and there is no {}: bring that back, or remove the link",
                            followed.display()
                        ),
                    ));
                }
                return Ok(followed);
            }
            Err(error) => return Err(at(path, &why(&error))),
        };
        if !metadata.is_symlink() {
            check_kind(path, &metadata)?;
            return Ok(followed);
        }
        let target = followed
            .read_link()
            .map_err(|error| at(path, &why(&error)))?;
        followed = directory_of(&followed).join(target);
    }
    Err(at(
        path,
        "too many symbolic links lead on from it: name the file itself",
    ))
}

fn check_kind(path: &Path, metadata: &Metadata) -> Result<()> {
    if metadata.is_dir() {
        return Err(at(path, "it is a directory: name a file in it"));
    }
    if !metadata.is_file() {
        return Err(at(path, "it is no regular file: name one"));
    }
    Ok(())
}

/// Checks that a file is one of the database's, in a format that it can read. It panics on some others.
pub(super) fn check_format(path: &Path, file: &mut File) -> Result<()> {
    let mut start = Vec::with_capacity(HEADER_LEN);
    let read = file.take(HEADER_LEN as u64).read_to_end(&mut start);
    read.map_err(|error| at(path, &why(&error)))?;
    let damaged = |what: &str| Err(Error::Corrupt(format!("{}: {what}", path.display())));
    if start.is_empty() {
        // The database would take it for a new one, and nobody would miss the keys.
        return damaged("it is empty");
    }
    if !start.starts_with(&MAGIC[..start.len().min(MAGIC.len())]) {
        return Err(at(
            path,
            "it is no key store but in another format, or its beginning is damaged: check its name, or bring back a copy",
        ));
    }
    if start.len() < HEADER_LEN {
        return damaged("it is cut short");
    }
    let versions = VERSIONS_AT.map(|place| start[place]);
    if versions[0] == versions[1] && versions[0] > VERSION {
        return Err(at(
            path,
            &format!(
                "it is in version {} of its format, and known is up to {VERSION}: use the newer wasi-crypto that wrote it",
                versions[0]
            ),
        ));
    }
    Ok(())
}
