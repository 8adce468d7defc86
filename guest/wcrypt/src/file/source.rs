//! An encrypted file that is read twice: what cannot be read again is kept, as it is.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::input::{Input, open_file};

/// What is kept in memory at most. More goes to a file.
const IN_MEMORY: usize = 4 << 20;

/// Where an encrypted file comes from.
pub struct Source {
    reader: Reader,
    /// The length, if it is known.
    pub len: Option<u64>,
    kept: Option<Kept>,
}

enum Reader {
    /// What can be read again by itself.
    File(File),
    Stream(Box<dyn Read>),
}

impl Source {
    /// Opens it.
    pub fn open(input: &Input) -> Result<Self> {
        let (reader, len) = match input {
            Input::Stdin => (Reader::Stream(Box::new(io::stdin().lock())), None),
            Input::File(path) => match open_file(path)? {
                (file, Some(len)) => (Reader::File(file), Some(len)),
                (device, None) => (Reader::Stream(Box::new(device)), None),
            },
        };
        Ok(Self {
            reader,
            len,
            kept: None,
        })
    }

    /// Has everything that is read from now on read once more after [`again`](Self::again). What has to be kept for that
    /// goes to memory, or, if it is much, to a file in `directory` that is removed as soon as it is there.
    pub fn keep(&mut self, directory: &Path) -> io::Result<()> {
        self.kept = Some(match &mut self.reader {
            Reader::File(file) => Kept::From(file.stream_position()?),
            Reader::Stream(_) => Kept::Memory(Vec::new(), directory.to_owned()),
        });
        Ok(())
    }

    /// Starts again from where [`keep`](Self::keep) was called.
    pub fn again(&mut self) -> io::Result<()> {
        match self.kept.take() {
            None => {}
            Some(Kept::From(start)) => {
                if let Reader::File(file) = &mut self.reader {
                    file.seek(SeekFrom::Start(start))?;
                }
            }
            Some(Kept::Memory(bytes, _)) => {
                self.reader = Reader::Stream(Box::new(Cursor::new(bytes)));
            }
            Some(Kept::File(mut spool)) => {
                spool.file.rewind()?;
                self.reader = Reader::Stream(Box::new(spool));
            }
        }
        Ok(())
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match &mut self.reader {
            Reader::File(file) => file.read(buffer)?,
            Reader::Stream(stream) => stream.read(buffer)?,
        };
        if let Some(kept) = &mut self.kept {
            kept.add(&buffer[..n]).map_err(|error| {
                let why = "what comes from a pipe is kept beside OUT until all of it is verified";
                io::Error::new(error.kind(), format!("{why}: {error}"))
            })?;
        }
        Ok(n)
    }
}

/// Ciphertext that waits until all of it is there: in memory, or, if it is much, in a file that is removed as soon as it is
/// there.
pub struct Waiting(Kept);

impl Waiting {
    /// Nothing yet; a file would be in `directory`.
    pub fn new(directory: &Path) -> Self {
        Self(Kept::Memory(Vec::new(), directory.to_owned()))
    }

    /// Adds a piece.
    pub fn add(&mut self, ciphertext: &[u8]) -> io::Result<()> {
        self.0.add(ciphertext)
    }

    /// All of it, from the beginning.
    pub fn reader(self) -> io::Result<Box<dyn Read>> {
        Ok(match self.0 {
            Kept::Memory(bytes, _) => Box::new(Cursor::new(bytes)),
            Kept::File(mut spool) => {
                spool.file.rewind()?;
                Box::new(spool)
            }
            Kept::From(_) => Box::new(io::empty()),
        })
    }
}

/// What has been read, to be read again.
enum Kept {
    /// It begins there in the file that it comes from.
    From(u64),
    Memory(Vec<u8>, PathBuf),
    File(Spool),
}

impl Kept {
    fn add(&mut self, data: &[u8]) -> io::Result<()> {
        if let Self::Memory(bytes, directory) = self {
            if bytes.len() + data.len() <= IN_MEMORY {
                bytes.try_reserve(data.len())?;
                bytes.extend_from_slice(data);
                return Ok(());
            }
            let mut spool = Spool::create(directory)?;
            spool.file.write_all(bytes)?;
            *self = Self::File(spool);
        }
        match self {
            Self::File(spool) => spool.file.write_all(data),
            Self::From(_) | Self::Memory(..) => Ok(()),
        }
    }
}

/// A file that holds ciphertext, and has no name any more where a file can do without one.
struct Spool {
    file: File,
    /// Where it still has its name.
    path: Option<PathBuf>,
}

impl Spool {
    fn create(directory: &Path) -> io::Result<Self> {
        loop {
            // Unlike any other name in the directory; it need not be unguessable.
            let number = RandomState::new().build_hasher().finish();
            let path = directory.join(format!(".wcrypt-{number:016x}.tmp"));
            let mut options = OpenOptions::new();
            match options.read(true).write(true).create_new(true).open(&path) {
                Ok(file) => {
                    let removed = fs::remove_file(&path).is_ok();
                    let path = (!removed).then_some(path);
                    return Ok(Self { file, path });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Read for Spool {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(data: &[u8]) -> Source {
        Source {
            reader: Reader::Stream(Box::new(Cursor::new(data.to_vec()))),
            len: None,
            kept: None,
        }
    }

    #[test]
    fn a_stream_of_any_length_is_read_again_from_where_it_was_to_be_kept() {
        let directory = std::env::temp_dir().join(format!("wcrypt-kept-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        for len in [0, 1, 100, IN_MEMORY, IN_MEMORY + 1, IN_MEMORY + 70_000] {
            let data: Vec<u8> = (0..len).map(|i| (i / 251 + i) as u8).collect();
            let mut source = stream(&data);
            let mut start = vec![0; len.min(96)];
            source.read_exact(&mut start).unwrap();
            source.keep(&directory).unwrap();
            for _ in 0..2 {
                let mut rest = Vec::new();
                source.read_to_end(&mut rest).unwrap();
                assert!(rest == data[start.len()..], "{len}");
                assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
                source.again().unwrap();
            }
        }
        fs::remove_dir_all(directory).unwrap();
    }
}
