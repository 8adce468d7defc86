//! Where data comes from.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::place;
use crate::secret::Secret;

/// What the commands that cannot work piece by piece hold in memory at most.
pub const MESSAGE_LIMIT: u64 = 64 << 20;

/// How much is read, and handed to the host, at a time.
pub const PIECE: usize = 256 * 1024;

/// A file, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input: `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// Understands an argument.
    pub fn from_arg(arg: &str) -> Result<Self, std::convert::Infallible> {
        Ok(match arg {
            "-" => Self::Stdin,
            path => Self::File(path.into()),
        })
    }

    /// Opens it; the length is known for files.
    pub fn open(&self) -> Result<(Box<dyn Read>, Option<u64>)> {
        match self {
            Self::Stdin => Ok((Box::new(io::stdin().lock()), None)),
            Self::File(path) => {
                let (file, len) = open_file(path)?;
                Ok((Box::new(file), len))
            }
        }
    }

    /// Its path, if it has one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdin => None,
            Self::File(path) => Some(path),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Opens a file or a device; the length is known of files.
///
/// Nothing else is opened: to open a pipe by its name waits for whoever writes to it, and then WASI reads files by the
/// position of their bytes, which pipes do not have.
pub fn open_file(path: &Path) -> Result<(File, Option<u64>)> {
    let shown = path.display();
    let cannot_open = || {
        let redirect = if place::names_a_descriptor(path) {
            " by this name; use - and redirect standard input"
        } else {
            ""
        };
        format!("cannot open {shown}{redirect}")
    };
    let metadata = fs::metadata(path).with_context(cannot_open)?;
    if metadata.is_dir() {
        bail!("{shown} is a directory; name the files in it");
    }
    let is_file = metadata.is_file();
    if !is_file && !place::is_device(path) {
        bail!(
            "{shown} is a pipe or socket, and cannot be read by its name; use - and redirect standard input"
        );
    }
    let file = File::open(path).with_context(cannot_open)?;
    Ok((file, is_file.then_some(metadata.len())))
}

/// Passes what is read on in pieces as long as `buffer`, or shorter at the end.
pub fn read_pieces(
    reader: &mut dyn Read,
    buffer: &mut Secret,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    loop {
        let n = fill(reader, buffer).context("cannot be read")?;
        if n > 0 {
            take(&buffer[..n])?;
        }
        if n < buffer.len() {
            return Ok(());
        }
    }
}

/// The whole input, if it is no longer than `limit`.
pub fn read_all(input: &Input, limit: u64) -> Result<Secret> {
    let (reader, len) = input.open()?;
    let too_long = || {
        format!(
            "{input} has more than {} bytes, which this holds in memory at most",
            limit
        )
    };
    if len.is_some_and(|len| len > limit) {
        bail!(too_long());
    }
    // Where the length is known the room is made at once.
    let expected = len.unwrap_or(PIECE as u64).saturating_add(1);
    read_to_end(reader, expected as usize, limit)
        .with_context(|| format!("cannot read {input}"))?
        .with_context(too_long)
}

/// All that comes, if it is no more than `limit` bytes; `expected` is how much room to make at first.
fn read_to_end(mut reader: impl Read, expected: usize, limit: u64) -> io::Result<Option<Secret>> {
    let mut data = Secret::default();
    let most = usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let mut room = expected.clamp(1, most);
    loop {
        let start = data.len();
        data.try_resize(room)?;
        let filled = start + fill(&mut reader, &mut data[start..])?;
        if filled as u64 > limit {
            return Ok(None);
        }
        if filled < room {
            data.try_resize(filled)?;
            return Ok(Some(data));
        }
        room = room.saturating_mul(2).min(most);
    }
}

/// Reads until the buffer is full or the input ends; returns how much.
pub fn fill(reader: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_standard_input() {
        assert_eq!(Input::from_arg("-"), Ok(Input::Stdin));
        assert_eq!(Input::from_arg("./-"), Ok(Input::File("./-".into())));
    }

    #[test]
    fn short_reads_are_put_together() {
        let mut dribble = b"hel".chain(&b"lo"[..]);
        let mut buffer = [0; 8];
        assert_eq!(fill(&mut dribble, &mut buffer[..4]).unwrap(), 4);
        assert_eq!(fill(&mut dribble, &mut buffer[4..]).unwrap(), 1);
        assert_eq!(&buffer[..5], b"hello");
    }

    #[test]
    fn as_much_is_read_as_there_is_up_to_the_limit() {
        let data: Vec<u8> = (0..1000_u32).map(|i| i as u8).collect();
        for expected in [0, 1, 999, 1000, 1001, 5000] {
            let all = read_to_end(&*data, expected, 1000).unwrap().unwrap();
            assert_eq!(&*all, &*data, "{expected}");
            assert!(read_to_end(&*data, expected, 999).unwrap().is_none());
        }
        assert!(read_to_end(&b""[..], 1, 0).unwrap().unwrap().is_empty());
    }

    #[test]
    fn nothing_is_left_of_what_was_read() {
        use crate::left_behind::{SECRETS, left_behind};
        let left = left_behind(|| {
            read_to_end(&SECRETS[..], 10, 1 << 20).unwrap().unwrap();
            assert!(read_to_end(&SECRETS[..], 10, 1000).unwrap().is_none());
            let mut buffer = Secret::zeroed(1000);
            read_pieces(&mut &SECRETS[..], &mut buffer, |_| Ok(())).unwrap();
        });
        assert_eq!(left, 0);
    }
}
