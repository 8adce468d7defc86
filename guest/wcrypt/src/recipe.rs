//! An algorithm with its key and options, ready to be opened again and again.
//!
//! What the tool has to know about an algorithm it finds out by trying it on small inputs: a list of algorithms would be
//! a second place for what the host knows, and out of date with the host's next one.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use wasi_crypto_sdk::{CryptoErrno, Key, Options, State};

use crate::input::{Input, MESSAGE_LIMIT, PIECE, read_all, read_pieces};
use crate::progress::Progress;
use crate::secret::Secret;
use crate::sums::Tag;
use crate::{complain, output, sums};

/// The output, in bytes, of an algorithm that gives as much as one asks for: 128 bits of security against collisions.
const UNBOUNDED_DEFAULT: usize = 32;

/// More output than this, and the algorithm is taken to have no bound.
const UNBOUNDED: usize = 1024;

/// An algorithm with its key and options.
pub struct Recipe {
    pub algorithm: String,
    pub key: Option<Key>,
    pub options: Options,
}

/// What to ask for once everything has been absorbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The tag, of the algorithm's length.
    Tag,
    /// That many bytes.
    Squeeze(usize),
}

impl Finish {
    fn of(self, state: &State) -> wasi_crypto_sdk::Result<Vec<u8>> {
        match self {
            Self::Tag => Ok(state.squeeze_tag()?.into_bytes()),
            Self::Squeeze(len) => state.squeeze(len),
        }
    }
}

impl Recipe {
    /// A fresh state.
    pub fn open(&self) -> Result<State> {
        match State::open(&self.algorithm, self.key.as_ref(), &self.options) {
            Err(error) if error.errno() == CryptoErrno::KeyRequired => {
                bail!("{} needs a key; see wcrypt mac", self.algorithm)
            }
            other => Ok(other?),
        }
    }

    /// Prints the result for each input in the form of `sha256sum`, with a tag if there is one. An input that cannot be read
    /// is complained about, and the others are done all the same.
    pub fn print_each(
        &self,
        inputs: &[Input],
        finish: Finish,
        tag: Option<&Tag>,
    ) -> Result<ExitCode> {
        let line = |digest: &[u8], input: &Input| match tag {
            Some(tag) => sums::tagged_line(tag, digest, input),
            None => sums::line(digest, input),
        };
        let whole = self.keeps_absorbs_apart(finish)?;
        let mut buffer = Secret::zeroed(PIECE);
        let mut code = ExitCode::SUCCESS;
        for input in or_stdin(inputs) {
            match self.over(input, whole, finish, &mut buffer) {
                Ok(digest) => output::print_line(&line(&digest, input))?,
                Err(error) => {
                    complain(&error);
                    code = ExitCode::FAILURE;
                }
            }
        }
        Ok(code)
    }

    /// The result for one input, which is read through `buffer` unless it has to be taken `whole`.
    pub fn over(
        &self,
        input: &Input,
        whole: bool,
        finish: Finish,
        buffer: &mut Secret,
    ) -> Result<Vec<u8>> {
        let state = self.open()?;
        if whole {
            let data = read_all(input, MESSAGE_LIMIT)
                .with_context(|| format!("{} takes each file in one piece", self.algorithm))?;
            state.absorb(&*data)?;
        } else {
            let (mut reader, len) = input.open()?;
            let mut progress = Progress::new(len);
            read_pieces(&mut reader, buffer, |piece| {
                state.absorb(piece)?;
                progress.advance(piece.len() as u64);
                Ok(())
            })
            .with_context(|| format!("{input}"))?;
        }
        finish
            .of(&state)
            .with_context(|| format!("{input}: {}", self.algorithm))
    }

    /// Whether absorbing in pieces gives something else than absorbing at once, so that a file must not be cut up.
    ///
    /// A difference that has another cause, such as a nonce that the host makes up, only makes the answer too cautious.
    pub fn keeps_absorbs_apart(&self, finish: Finish) -> Result<bool> {
        // Long enough that the two do not agree by chance, and no longer than any hash.
        let finish = match finish {
            Finish::Tag => Finish::Tag,
            Finish::Squeeze(_) => Finish::Squeeze(16),
        };
        let result = |pieces: &[&str]| -> Result<Vec<u8>> {
            let state = self.open()?;
            for piece in pieces {
                state.absorb(piece)?;
            }
            Ok(finish.of(&state)?)
        };
        Ok(result(&["a", "b"])? != result(&["ab"])?)
    }

    /// How many bytes to ask for: as many as `given`, or as the algorithm gives.
    pub fn output_len(&self, given: Option<usize>) -> Result<usize> {
        match given {
            Some(len) => {
                self.refuse_password_hash(&self.open()?)?;
                Ok(len)
            }
            None => self.natural_len(),
        }
    }

    /// How many bytes the algorithm gives if nobody says otherwise: all it has, or 32 if it has no end.
    pub fn natural_len(&self) -> Result<usize> {
        let state = self.open()?;
        self.refuse_password_hash(&state)?;
        let gives = |len| state.squeeze(len).is_ok();
        if gives(UNBOUNDED) {
            // For a tuple hash the tag says what the standard has in mind.
            let tag = self.open()?.squeeze_tag().map_or(0, |tag| tag.len());
            return Ok(tag.max(UNBOUNDED_DEFAULT));
        }
        match largest(1, UNBOUNDED, gives) {
            Some(len) => Ok(len),
            None => {
                state.squeeze(1).with_context(|| self.algorithm.clone())?;
                bail!(
                    "{}: cannot tell how long its output is; say it with --length",
                    self.algorithm
                )
            }
        }
    }

    /// Refuses an algorithm that is made to be slow: it would be run several times, to no use.
    pub fn refuse_password_hash(&self, state: &State) -> Result<()> {
        if is_password_hash(state) {
            bail!(
                "{} hashes passwords; see wcrypt password and wcrypt derive",
                self.algorithm
            );
        }
        Ok(())
    }
}

/// Whether the algorithm has a cost that can be chosen.
pub fn is_password_hash(state: &State) -> bool {
    match state.option_u64("ops_limit") {
        Ok(_) => true,
        Err(error) => error.errno() == CryptoErrno::OptionNotSet,
    }
}

/// The inputs, or standard input if there are none.
pub fn or_stdin(inputs: &[Input]) -> &[Input] {
    if inputs.is_empty() {
        &[Input::Stdin]
    } else {
        inputs
    }
}

/// The largest of `low..high` that passes, where all up to it do and none above it does.
fn largest(low: usize, high: usize, passes: impl Fn(usize) -> bool) -> Option<usize> {
    let (mut low, mut high) = (low, high);
    if !passes(low) {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if passes(middle) {
            low = middle
        } else {
            high = middle
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_that_passes_is_found() {
        for limit in [1, 2, 16, 32, 48, 64, 1023] {
            assert_eq!(largest(1, 1024, |n| n <= limit), Some(limit));
        }
        assert_eq!(largest(1, 1024, |_| false), None);
    }

    #[test]
    fn without_files_standard_input_is_read() {
        assert_eq!(or_stdin(&[]), [Input::Stdin]);
        assert_eq!(
            or_stdin(&[Input::File("f".into())]),
            [Input::File("f".into())]
        );
    }
}
