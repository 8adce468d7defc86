//! Where results go: what the user has named, and no other file.
//!
//! A result is never put together under another name, to be renamed at the end: if that end is not reached, secrets lie in
//! a file that nobody asked for, and if it is, they get the permissions of a new file instead of those that the old one had.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::input::Input;
use crate::place;
use crate::stream::Stream;

/// A file, or standard output.
///
/// A file is opened when something is written to it, or at the end; until then it is as it was.
pub struct Output {
    name: String,
    target: Target,
    written: u64,
}

enum Target {
    Stdout(Stream),
    Unopened(PathBuf),
    File(Stream),
}

impl Output {
    /// Checks that `arg` can be written to, as far as that is to be seen, and is not where `input` comes from.
    pub fn new(arg: &str, input: &Input) -> Result<Self> {
        if arg == "-" {
            return Ok(Self {
                name: "standard output".to_owned(),
                target: Target::Stdout(Stream::stdout()),
                written: 0,
            });
        }
        let path = Path::new(arg);
        ensure!(path.file_name().is_some(), "{arg} names no file");
        if input.path().is_some_and(|input| place::same(input, path)) {
            bail!("{arg} is both input and output; give the output another name");
        }
        check(path)?;
        Ok(Self {
            name: arg.to_owned(),
            target: Target::Unopened(path.to_owned()),
            written: 0,
        })
    }

    /// Whether it is standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self.target, Target::Stdout(_))
    }

    /// Whether it is a file that has something in it.
    pub fn replaces_a_file(&self) -> bool {
        let Target::Unopened(path) = &self.target else {
            return false;
        };
        fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
    }

    /// Where files are that lie beside it.
    pub fn directory(&self) -> &Path {
        match &self.target {
            Target::Unopened(path) => path.parent().unwrap_or(Path::new("")),
            Target::Stdout(_) | Target::File(_) => Path::new(""),
        }
    }

    /// Writes all that `produce` writes. If that fails after something has been written, the error says so.
    pub fn write(mut self, produce: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        produce(&mut self)
            .and_then(|()| self.finish())
            .map_err(|error| match self.target {
                Target::Stdout(_) if self.written == 0 => error,
                Target::Unopened(_) => error,
                Target::Stdout(_) | Target::File(_) => {
                    error.context(format!("{} is incomplete", self.name))
                }
            })
    }

    /// Writes a piece of the result.
    pub fn put(&mut self, data: &[u8]) -> Result<()> {
        let written = self.stream()?.write_all(data);
        self.written += data.len() as u64;
        written.with_context(|| format!("cannot write {}", self.name))
    }

    fn finish(&mut self) -> Result<()> {
        let finished = self.stream()?.finish();
        finished.with_context(|| format!("cannot write {}", self.name))
    }

    /// Where to write. A file exists from now on, and is empty at first.
    fn stream(&mut self) -> Result<&mut Stream> {
        if let Target::Unopened(path) = &self.target {
            // Meanwhile somebody may have put a pipe there, and opening that would wait for its reader.
            check(path)?;
            let opened = Stream::open(path);
            self.target =
                Target::File(opened.with_context(|| format!("cannot open {}", self.name))?);
        }
        match &mut self.target {
            Target::Stdout(stream) | Target::File(stream) => Ok(stream),
            Target::Unopened(_) => bail!("{} is not open", self.name),
        }
    }
}

/// Prints a line on standard output.
pub fn print_line(line: &str) -> Result<()> {
    writeln!(io::stdout(), "{line}").context("cannot write to standard output")
}

/// Refuses what cannot be written to by its name.
fn check(path: &Path) -> Result<()> {
    let shown = path.display();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if place::names_a_descriptor(path) => {
            return Err(error).with_context(|| {
                format!("cannot open {shown} by this name; use - and redirect standard output")
            });
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Like cp: who may put a link there is not to choose where a file appears.
            ensure!(
                fs::symlink_metadata(path).is_err(),
                "{shown} is a symbolic link to a file that does not exist; name that file"
            );
            return Ok(());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot open {shown}")),
    };
    ensure!(
        !metadata.is_dir(),
        "{shown} is a directory; name a file in it"
    );
    ensure!(
        metadata.is_file() || place::is_device(path),
        "{shown} is a pipe or socket, and cannot be written to by its name; use - and redirect standard output"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("wcrypt-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        path
    }

    fn output(path: &Path) -> Output {
        Output::new(path.to_str().unwrap(), &Input::Stdin).unwrap()
    }

    #[test]
    fn a_file_is_opened_when_something_is_written_or_at_the_end() {
        let directory = directory("opened");
        let path = directory.join("out");
        fs::write(&path, "what was there").unwrap();
        output(&path)
            .write(|output| {
                assert_eq!(fs::read(&path).unwrap(), b"what was there");
                output.put(b"new")
            })
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        output(&path).write(|_| Ok(())).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn an_error_before_anything_is_written_leaves_everything_as_it_was() {
        let directory = directory("abandoned");
        let path = directory.join("out");
        let error = output(&path).write(|_| bail!("no")).unwrap_err();
        assert_eq!(format!("{error:#}"), "no");
        assert!(!path.exists());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn an_error_after_something_was_written_says_what_is_incomplete() {
        let directory = directory("incomplete");
        let path = directory.join("out");
        let failed = output(&path).write(|output| {
            output.put(b"half")?;
            bail!("no more")
        });
        let error = format!("{:#}", failed.unwrap_err());
        assert_eq!(error, format!("{} is incomplete: no more", path.display()));
        fs::remove_dir_all(directory).unwrap();
    }
}
