//! Where results go: a file appears, or is replaced, only when all of it is there.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::input::{Input, PIECE};

/// A file, or standard output.
pub enum Output {
    /// Standard output: `-`.
    Stdout(io::Stdout),
    /// A file.
    File(Replacement),
}

impl Output {
    /// Prepares to write to `arg`, which must not be where `input` comes from.
    pub fn create(arg: &str, input: &Input) -> Result<Self> {
        if arg == "-" {
            return Ok(Self::Stdout(io::stdout()));
        }
        let target = Path::new(arg);
        if input.path().is_some_and(|path| same_path(path, target)) {
            bail!("{arg} is both input and output; give the output another name");
        }
        Replacement::create(target).map(Self::File)
    }

    /// Makes the result visible. Without this call, there is none.
    pub fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut stdout) => stdout.flush().context("cannot write to standard output"),
            Self::File(replacement) => replacement.commit(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(data),
            Self::File(replacement) => replacement.file()?.write(data),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::File(replacement) => replacement.file()?.flush(),
        }
    }
}

/// Prints a line on standard output.
pub fn print_line(line: &str) -> Result<()> {
    writeln!(io::stdout(), "{line}").context("cannot write to standard output")
}

/// A temporary file beside its target: renamed over it at the end, removed if that end is never reached.
pub struct Replacement {
    target: PathBuf,
    temporary: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Replacement {
    fn create(target: &Path) -> Result<Self> {
        let shown = target.display();
        if target.is_dir() {
            bail!("{shown} is a directory; name a file in it");
        }
        let name = target
            .file_name()
            .with_context(|| format!("{shown} names no file"))?;
        loop {
            let temporary = target.with_file_name(temporary_name(name));
            match File::create_new(&temporary) {
                Ok(file) => {
                    return Ok(Self {
                        target: target.to_owned(),
                        temporary,
                        file: Some(BufWriter::with_capacity(PIECE, file)),
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("cannot write to the directory of {shown}"));
                }
            }
        }
    }

    fn file(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.file
            .as_mut()
            .ok_or_else(|| ErrorKind::BrokenPipe.into())
    }

    fn commit(mut self) -> Result<()> {
        let shown = self.target.display();
        let written = self.file.take().map_or(Ok(()), |writer| {
            // On the disk before it has its name: what a crash leaves must not pass for the whole.
            writer
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()
        });
        written.with_context(|| format!("cannot write {shown}"))?;
        fs::rename(&self.temporary, &self.target).with_context(|| format!("cannot create {shown}"))
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // After a commit there is nothing of that name any more.
        self.file.take();
        let _ = fs::remove_file(&self.temporary);
    }
}

fn temporary_name(name: &std::ffi::OsStr) -> OsString {
    let mut temporary = OsString::from(".");
    temporary.push(name);
    // Unlike any other name in the directory; it need not be unguessable.
    temporary.push(format!(
        ".{:016x}.tmp",
        RandomState::new().build_hasher().finish()
    ));
    temporary
}

/// Whether two paths lead to the same place, as far as can be told: by what the file system says, if it says anything,
/// and by their spelling.
fn same_path(one: &Path, other: &Path) -> bool {
    let resolved = fs::canonicalize(one).ok().zip(fs::canonicalize(other).ok());
    resolved.is_some_and(|(one, other)| one == other) || spelled_out(one) == spelled_out(other)
}

/// The path without `.` and `..`, from the root if it starts there.
fn spelled_out(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(plain.components().next_back(), Some(Component::Normal(_))) =>
            {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
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

    fn names(directory: &Path) -> Vec<OsString> {
        fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect()
    }

    #[test]
    fn a_finished_output_replaces_the_file_and_leaves_nothing_beside_it() {
        let directory = directory("finished");
        let target = directory.join("out");
        fs::write(&target, "old").unwrap();
        let mut output = Output::create(target.to_str().unwrap(), &Input::Stdin).unwrap();
        output.write_all(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        output.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(&directory), ["out"]);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn an_abandoned_output_leaves_everything_as_it_was() {
        let directory = directory("abandoned");
        let target = directory.join("out");
        fs::write(&target, "old").unwrap();
        let mut output = Output::create(target.to_str().unwrap(), &Input::Stdin).unwrap();
        output.write_all(b"half of it").unwrap();
        assert_eq!(names(&directory).len(), 2);
        drop(output);
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(names(&directory), ["out"]);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn the_input_is_recognized_in_other_spellings() {
        for (one, other) in [
            ("a", "./a"),
            ("d/../a", "a"),
            ("/d/./a", "/d/a"),
            ("../a", "./../a"),
        ] {
            assert!(same_path(one.as_ref(), other.as_ref()), "{one} {other}");
        }
        for (one, other) in [("a", "b"), ("a", "../a"), ("a", "/a"), ("../a", "../../a")] {
            assert!(!same_path(one.as_ref(), other.as_ref()), "{one} {other}");
        }
        assert!(Output::create("./x/../in", &Input::File("in".into())).is_err());
    }
}
