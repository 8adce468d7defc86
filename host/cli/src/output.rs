//! The files that commands read and write whole: `-` is standard input and output, and an output that was there is
//! replaced at once or not at all.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use crate::exit::{Failure, print_bytes};

/// More links than this one after the other, and Linux gives up as well.
const MAX_LINKS: usize = 40;

/// Whether a file's name stands for standard input or output.
pub fn is_standard(file: &Path) -> bool {
    file == Path::new("-")
}

/// What an input is called in messages.
pub fn input_name(file: &Path) -> String {
    if is_standard(file) {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

/// Reads all of a file, or of standard input for `-`.
pub fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if is_standard(file) {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    bytes.map_err(|error| Failure::Unreadable(format!("cannot read {}: {error}", input_name(file))))
}

/// Writes what a command has made to `out`, or to standard output for `-`.
///
/// A file is written under another name in its directory, brought to the disk, and renamed: whatever happens, under the
/// name `out` there is what was there before, or all of `bytes`. Symbolic links stay, and the file that they lead to is
/// replaced; that one keeps its mode, and its owner where this user may give files away. A new file has the mode that the
/// umask leaves. Devices and FIFOs are written to. A file that this user must not write to is not replaced.
pub fn write(out: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let destination = match Destination::of(out) {
        Ok(destination) => destination,
        Err(error) => return Err(unwritable(out, &error)),
    };
    let written = match &destination {
        Destination::Stdout => return print(bytes),
        Destination::Stream(path) => write_through(path, bytes),
        Destination::File { path, existing } => {
            return replace(out, path, existing.as_ref(), bytes);
        }
    };
    written.map_err(|error| unwritable(out, &error))
}

/// Where an output goes.
enum Destination {
    Stdout,
    /// A device, a FIFO, or a file that is open already.
    Stream(PathBuf),
    /// A file that is there, or will be.
    File {
        path: PathBuf,
        existing: Option<Metadata>,
    },
}

impl Destination {
    /// Follows links.
    fn of(out: &Path) -> io::Result<Self> {
        if is_standard(out) {
            return Ok(Self::Stdout);
        }
        if out.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut path = out.to_owned();
        for _ in 0..=MAX_LINKS {
            let metadata = match fs::symlink_metadata(&path) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let existing = None;
                    return Ok(Self::File { path, existing });
                }
                Err(error) => return Err(error),
            };
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if metadata.is_file() {
                let existing = Some(metadata);
                return Ok(Self::File { path, existing });
            }
            if !metadata.is_symlink() {
                return Ok(Self::Stream(path));
            }
            if let Some(stream) = open_file(&path) {
                return Ok(stream);
            }
            // An absolute target takes the place of all before it.
            let target = fs::read_link(&path)?;
            path = directory_of(&path).join(target);
        }
        Err(io::Error::other("too many symbolic links"))
    }
}

/// Where a link of the kernel's leads, such as /dev/stdout: to a file that is open, which need not have a name.
fn open_file(link: &Path) -> Option<Destination> {
    let directory = fs::canonicalize(directory_of(link)).ok()?;
    if !directory.starts_with("/proc") {
        return None;
    }
    // What is opened anew is written from the beginning; what a shell has opened with >> must not be.
    let own = fs::canonicalize("/proc/self/fd").is_ok_and(|own| own == directory);
    Some(match link.file_name() {
        Some(name) if own && name == "1" => Destination::Stdout,
        _ => Destination::Stream(link.to_owned()),
    })
}

fn print(bytes: &[u8]) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        return Err(Failure::Usage(
            "standard output is a terminal, and this is no text: redirect it, or name a file"
                .into(),
        ));
    }
    print_bytes(bytes)
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut stream = OpenOptions::new().write(true).truncate(true).open(path)?;
    stream.write_all(bytes)
}

/// Puts a file with these bytes in the place of the one at `path`, which `out` leads to.
fn replace(
    out: &Path,
    path: &Path,
    existing: Option<&Metadata>,
    bytes: &[u8],
) -> Result<(), Failure> {
    let fail = |error: io::Error| unwritable(out, &error);
    if existing.is_some() {
        // Renaming asks only whether the directory can be written to.
        OpenOptions::new().write(true).open(path).map_err(fail)?;
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wasi-crypto-");
    #[cfg(unix)]
    if existing.is_none() {
        // The umask takes its part of this.
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let beside = |error: io::Error| {
        Failure::Host(format!(
            "cannot write {}: no file can be put in its place: {error}; `-o -` and a redirection write into it",
            out.display()
        ))
    };
    let directory = directory_of(path);
    let mut file = builder.tempfile_in(directory).map_err(|error| {
        // With no directory there is nothing to redirect to.
        if directory.is_dir() {
            beside(error)
        } else {
            fail(error)
        }
    })?;
    let written = file.write_all(bytes);
    let written = written.and_then(|()| existing.map_or(Ok(()), |old| adopt(file.as_file(), old)));
    written
        .and_then(|()| file.as_file().sync_all())
        .map_err(fail)?;
    file.persist(path).map_err(|error| beside(error.error))?;
    Ok(())
}

/// Gives a file the owner and the mode of the one that it replaces.
#[cfg(unix)]
fn adopt(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // Not everybody may give files away. The group can be one's own all the same.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()))
            .or_else(|_| fchown(file, None, Some(old.gid())));
    }
    // Of what is run as its owner, only the owner may change the content: those bits go, as with any write.
    file.set_permissions(PermissionsExt::from_mode(old.mode() & 0o777))
}

#[cfg(not(unix))]
fn adopt(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if directory != Path::new("") => directory,
        _ => Path::new("."),
    }
}

fn unwritable(out: &Path, error: &io::Error) -> Failure {
    Failure::Host(format!("cannot write {}: {error}", out.display()))
}
