//! Where data comes from.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

use crate::key::Secret;

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
                let file = File::open(path).with_context(|| format!("cannot open {self}"))?;
                let metadata = file
                    .metadata()
                    .with_context(|| format!("cannot read {self}"))?;
                if metadata.is_dir() {
                    bail!("{self} is a directory; name the files in it");
                }
                Ok((Box::new(file), Some(metadata.len())))
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

/// Passes what is read on in pieces of at most [`PIECE`] bytes, in constant memory.
pub fn read_pieces(reader: &mut dyn Read, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut buffer = Zeroizing::new(vec![0; PIECE]);
    loop {
        let n = fill(reader, &mut buffer).context("cannot be read")?;
        if n > 0 {
            take(&buffer[..n])?;
        }
        if n < PIECE {
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
    let mut data = Zeroizing::new(Vec::new());
    // Where the length is known the room is made at once: a vector that grows leaves copies of a secret behind.
    data.try_reserve_exact(len.unwrap_or(0) as usize + 1)
        .with_context(|| format!("there is not enough memory for {input}"))?;
    let mut reader = reader.take(limit + 1);
    reader
        .read_to_end(&mut data)
        .with_context(|| format!("cannot read {input}"))?;
    if data.len() as u64 > limit {
        bail!(too_long());
    }
    Ok(data)
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
}
