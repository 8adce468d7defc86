//! Writing to what the host has opened.
//!
//! The standard library has standard output look for line ends in whatever is written, copies what comes after the last
//! one, and wipes nothing; and it has one error for all that can go wrong with a file's stream.

use std::io;
use std::path::Path;

pub use system::Stream;

impl Stream {
    /// Standard output.
    pub fn stdout() -> Self {
        system::stdout()
    }

    /// Opens a file as cp does: what is there keeps its mode, its owner and its links, and loses its content.
    pub fn open(path: &Path) -> io::Result<Self> {
        match system::open(path, false) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => system::open(path, true),
            opened => opened,
        }
    }
}

#[cfg(target_os = "wasi")]
mod system {
    use std::io::{self, ErrorKind, Write};
    use std::path::Path;

    use wasip2::cli::stdout::get_stdout;
    use wasip2::filesystem::types::{
        Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
        filesystem_error_code,
    };
    use wasip2::io::streams::{OutputStream, StreamError};

    use crate::place;

    /// Something to write to, without a buffer.
    pub struct Stream {
        // Dropped before the file that it belongs to.
        stream: OutputStream,
        file: Option<Descriptor>,
    }

    pub fn stdout() -> Stream {
        Stream {
            stream: get_stdout(),
            file: None,
        }
    }

    /// Opens a file that is there, or one that is not, to be empty.
    pub fn open(path: &Path, new: bool) -> io::Result<Stream> {
        let (follow, flags) = if new {
            (PathFlags::empty(), OpenFlags::CREATE | OpenFlags::EXCLUSIVE)
        } else {
            (PathFlags::SYMLINK_FOLLOW, OpenFlags::TRUNCATE)
        };
        place::at(path, |directory, path| {
            let file = directory
                .open_at(follow, path, flags, DescriptorFlags::WRITE)
                .map_err(error)?;
            let stream = file.write_via_stream(0).map_err(error)?;
            Ok(Stream {
                stream,
                file: Some(file),
            })
        })
        .unwrap_or_else(|| Err(ErrorKind::NotFound.into()))
    }

    impl Stream {
        /// Waits until all that was written is where it was to go.
        pub fn finish(&mut self) -> io::Result<()> {
            self.flush()?;
            match &self.file {
                // Some file systems find out late that they are full.
                Some(file) if file.get_type() == Ok(DescriptorType::RegularFile) => {
                    file.sync().map_err(error)
                }
                _ => Ok(()),
            }
        }
    }

    impl Write for Stream {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            loop {
                let room = self.stream.check_write().map_err(stream_error)?;
                let n = data.len().min(usize::try_from(room).unwrap_or(usize::MAX));
                if n > 0 {
                    self.stream.write(&data[..n]).map_err(stream_error)?;
                }
                if n > 0 || data.is_empty() {
                    return Ok(n);
                }
                self.stream.subscribe().block();
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            self.stream.blocking_flush().map_err(stream_error)
        }
    }

    fn stream_error(error: StreamError) -> io::Error {
        match error {
            StreamError::Closed => ErrorKind::BrokenPipe.into(),
            StreamError::LastOperationFailed(why) => match filesystem_error_code(&why) {
                Some(code) => self::error(code),
                None => io::Error::other(why.to_debug_string()),
            },
        }
    }

    fn error(code: ErrorCode) -> io::Error {
        let (kind, text) = match code {
            ErrorCode::Access => (ErrorKind::PermissionDenied, "Permission denied"),
            ErrorCode::NotPermitted => (ErrorKind::PermissionDenied, "Operation not permitted"),
            ErrorCode::Exist => (ErrorKind::AlreadyExists, "File exists"),
            ErrorCode::NoEntry => (ErrorKind::NotFound, "No such file or directory"),
            ErrorCode::NotDirectory => (ErrorKind::NotADirectory, "Not a directory"),
            ErrorCode::IsDirectory => (ErrorKind::IsADirectory, "Is a directory"),
            ErrorCode::NameTooLong => (ErrorKind::InvalidFilename, "File name too long"),
            ErrorCode::InsufficientSpace => (ErrorKind::StorageFull, "No space left on device"),
            ErrorCode::Quota => (ErrorKind::QuotaExceeded, "Disk quota exceeded"),
            ErrorCode::FileTooLarge => (ErrorKind::FileTooLarge, "File too large"),
            ErrorCode::ReadOnly => (ErrorKind::ReadOnlyFilesystem, "Read-only file system"),
            ErrorCode::Pipe => (ErrorKind::BrokenPipe, "Broken pipe"),
            other => (ErrorKind::Other, other.message()),
        };
        io::Error::new(kind, text)
    }
}

#[cfg(not(target_os = "wasi"))]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io::{self, Write};
    use std::path::Path;

    /// Something to write to.
    pub enum Stream {
        Stdout(io::Stdout),
        File(File),
    }

    pub fn stdout() -> Stream {
        Stream::Stdout(io::stdout())
    }

    /// Opens a file that is there, or one that is not, to be empty.
    pub fn open(path: &Path, new: bool) -> io::Result<Stream> {
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(new).truncate(!new);
        options.open(path).map(Stream::File)
    }

    impl Stream {
        /// Waits until all that was written is where it was to go.
        pub fn finish(&mut self) -> io::Result<()> {
            match self {
                Self::File(file) if file.metadata()?.is_file() => file.sync_all(),
                stream => stream.flush(),
            }
        }
    }

    impl Write for Stream {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            match self {
                Self::Stdout(stdout) => stdout.write(data),
                Self::File(file) => file.write(data),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            match self {
                Self::Stdout(stdout) => stdout.flush(),
                Self::File(file) => file.flush(),
            }
        }
    }
}
