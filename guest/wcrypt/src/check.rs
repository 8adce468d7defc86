//! `wcrypt hash --check`: what `sha256sum --check` does, for any hash.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::{fmt, fs};

use anyhow::{Context, Result, anyhow, ensure};

use crate::complain;
use crate::input::{Input, PIECE};
use crate::output::print_line;
use crate::recipe::{Finish, Recipe};
use crate::secret::Secret;
use crate::sums::{self, Blanks, Expected, Sum, Tag};

/// Bytes that a line may have beside its digest: far more than the longest path has, and far less than the memory.
const LINE: usize = 1 << 20;

/// What is said of a file, and what counts.
#[derive(clap::Args)]
pub struct CheckArgs {
    /// Reads lines of checksums from each FILE, and checks them, as sha256sum -c does: `HASH  NAME`, `HASH *NAME`,
    /// `TAG (NAME) = HASH`. Without --algorithm the lines must be tagged, and the tag names the algorithm.
    #[arg(short, long)]
    pub check: bool,
    /// With --check, passes over files that are missing.
    #[arg(long, requires = "check")]
    ignore_missing: bool,
    /// With --check, prints nothing for files whose checksum is right.
    #[arg(long, requires = "check", overrides_with_all = ["status", "warn"])]
    quiet: bool,
    /// With --check, prints nothing: the exit status tells.
    #[arg(long, requires = "check", overrides_with_all = ["quiet", "warn"])]
    status: bool,
    /// With --check, fails if a line is not properly formatted.
    #[arg(long, requires = "check")]
    strict: bool,
    /// With --check, warns about each line that is not properly formatted.
    #[arg(short, long, requires = "check", overrides_with_all = ["quiet", "status"])]
    warn: bool,
}

/// An algorithm, ready to check with.
pub struct Algorithm {
    pub recipe: Recipe,
    pub tag: Tag,
    pub len: usize,
    whole: bool,
}

impl Algorithm {
    /// Finds out what checking needs to know; without `len`, the digests are as long as the algorithm makes them.
    pub fn new(recipe: Recipe, len: Option<usize>) -> Result<Self> {
        let len = recipe.output_len(len)?;
        ensure!(len > 0, "a checksum of 0 bytes is that of every file");
        // A length that the algorithm does not have is no fault of the files.
        recipe
            .open()?
            .squeeze(len)
            .with_context(|| format!("{}: {len} bytes of output", recipe.algorithm))?;
        Ok(Self {
            whole: recipe.keeps_absorbs_apart(Finish::Squeeze(len))?,
            tag: Tag::of(&recipe.algorithm),
            recipe,
            len,
        })
    }

    /// The digest of a file, which is read through `buffer`.
    fn digest(&self, input: &Input, buffer: &mut Secret) -> Result<Vec<u8>> {
        self.recipe
            .over(input, self.whole, Finish::Squeeze(self.len), buffer)
    }
}

/// Checks the lines of each file, or of standard input; `algorithm` is the one that all lines are of, if it was given, and
/// `tagged` finds the one that a tag means.
pub fn run(
    args: &CheckArgs,
    files: &[Input],
    algorithm: Option<Algorithm>,
    tagged: impl Fn(&str) -> Result<Algorithm>,
) -> Result<ExitCode> {
    let mut check = Check {
        args,
        one: algorithm.is_some(),
        algorithms: algorithm.into_iter().collect(),
        tagged,
        blanks: Blanks::default(),
        buffer: Secret::zeroed(PIECE),
    };
    let mut code = ExitCode::SUCCESS;
    for file in crate::recipe::or_stdin(files) {
        if !check.file(file)? {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

struct Check<'a, F> {
    args: &'a CheckArgs,
    /// Whether all lines are of one algorithm. If not, their tags name it.
    one: bool,
    algorithms: Vec<Algorithm>,
    tagged: F,
    blanks: Blanks,
    /// What all files are read through.
    buffer: Secret,
}

/// What has come of the lines of a file.
#[derive(Default)]
struct Counts {
    misformatted: u64,
    unreadable: u64,
    different: u64,
    equal: u64,
    /// Lines that were read at all.
    formatted: u64,
}

impl<F: Fn(&str) -> Result<Algorithm>> Check<'_, F> {
    /// Checks the lines of a file; returns whether all is well. Only standard output that cannot be written ends it all.
    fn file(&mut self, file: &Input) -> Result<bool> {
        let lines = match file.open() {
            Ok((reader, _)) => BufReader::new(reader),
            Err(error) => {
                complain(&error);
                return Ok(false);
            }
        };
        let shown = match file {
            Input::Stdin => "standard input".to_owned(),
            Input::File(_) => file.to_string(),
        };
        let mut lines = Lines(lines);
        let mut counts = Counts::default();
        let mut number = 0_u64;
        loop {
            let line = match lines.next(self.longest()) {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => {
                    complain(&anyhow!(error).context(format!("cannot read {shown}")));
                    return Ok(false);
                }
            };
            number += 1;
            // A comment, or nothing.
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let sum = self.parse(&line);
            // Standard input is the list, and cannot be on it.
            match sum.filter(|(_, sum)| *file != Input::Stdin || sum.name != b"-") {
                Some((algorithm, sum)) => self.sum(algorithm, &sum, &mut counts)?,
                None => {
                    counts.misformatted += 1;
                    if self.args.warn {
                        let tag = self.algorithms.first().filter(|_| self.one);
                        let tag = tag.map_or(String::new(), |one| format!("{} ", one.tag.name()));
                        warn(format_args!(
                            "{shown}: {number}: improperly formatted {tag}checksum line"
                        ));
                    }
                }
            }
        }
        self.summarize(&shown, &counts);
        Ok(counts.formatted > 0
            && counts.equal > 0
            && counts.different == 0
            && counts.unreadable == 0
            && !(self.args.strict && counts.misformatted > 0))
    }

    /// Reads a line, and finds its algorithm.
    fn parse(&mut self, line: &[u8]) -> Option<(usize, Sum)> {
        let index = if self.one {
            0
        } else {
            let tag = sums::tag_of(line)?;
            let algorithm = Tag::algorithm(tag);
            let is = |known: &Algorithm| known.recipe.algorithm.eq_ignore_ascii_case(algorithm);
            match self.algorithms.iter().position(is) {
                Some(index) => index,
                None => {
                    self.algorithms.push((self.tagged)(algorithm).ok()?);
                    self.algorithms.len() - 1
                }
            }
        };
        let algorithm = self.algorithms.get(index)?;
        let expected = Expected {
            tag: &algorithm.tag,
            len: algorithm.len,
        };
        Some((index, sums::parse(line, expected, &mut self.blanks)?))
    }

    /// Checks a file that is on the list.
    fn sum(&mut self, algorithm: usize, sum: &Sum, counts: &mut Counts) -> Result<()> {
        counts.formatted += 1;
        let digest = listed(&sum.name)
            .and_then(|input| self.algorithms[algorithm].digest(&input, &mut self.buffer));
        let outcome = match digest {
            Err(error) if self.args.ignore_missing && is_missing(&sum.name, &error) => {
                return Ok(());
            }
            Err(error) => {
                counts.unreadable += 1;
                complain(&error);
                "FAILED open or read"
            }
            Ok(digest) if digest == sum.digest => {
                counts.equal += 1;
                if self.args.quiet {
                    return Ok(());
                }
                "OK"
            }
            Ok(_) => {
                counts.different += 1;
                "FAILED"
            }
        };
        if self.args.status {
            return Ok(());
        }
        print_outcome(&sum.name, outcome)
    }

    fn summarize(&self, shown: &str, counts: &Counts) {
        if counts.formatted == 0 {
            let hint = if self.one {
                ""
            } else {
                "; lines without a tag need --algorithm"
            };
            return warn(format_args!(
                "{shown}: no properly formatted checksum lines found{hint}"
            ));
        }
        if self.args.status {
            return;
        }
        let count = |count: u64, one: &str, many: &str| {
            if count > 0 {
                let what = if count == 1 { one } else { many };
                warn(format_args!("WARNING: {count} {what}"));
            }
        };
        count(
            counts.misformatted,
            "line is improperly formatted",
            "lines are improperly formatted",
        );
        count(
            counts.unreadable,
            "listed file could not be read",
            "listed files could not be read",
        );
        count(
            counts.different,
            "computed checksum did NOT match",
            "computed checksums did NOT match",
        );
        if self.args.ignore_missing && counts.equal == 0 {
            warn(format_args!("{shown}: no file was verified"));
        }
    }

    /// Bytes that a line may have.
    fn longest(&self) -> usize {
        let digest = self.algorithms.iter().map(|one| one.len).max();
        digest.unwrap_or(0).saturating_mul(2).saturating_add(LINE)
    }
}

/// The lines of a file.
struct Lines<R>(R);

impl<R: BufRead> Lines<R> {
    /// The next line, without a line feed and a carriage return at its end. Of a line with more than `longest` bytes there
    /// is a beginning that no parser takes.
    fn next(&mut self, longest: usize) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let limit = longest as u64 + 1;
        if self.0.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let cut = line.len() > longest && !line.ends_with(b"\n");
        if cut {
            self.0.skip_until(b'\n')?;
            return Ok(Some(vec![0]));
        }
        for end in [b'\n', b'\r'] {
            if line.last() == Some(&end) {
                line.pop();
            }
        }
        Ok(Some(line))
    }
}

/// A file that is on a list. Names of files are text for a component.
fn listed(name: &[u8]) -> Result<Input> {
    let name = std::str::from_utf8(name)
        .with_context(|| format!("cannot open {}: its name is not UTF-8", name.escape_ascii()))?;
    let Ok(input) = Input::from_arg(name);
    Ok(input)
}

/// Whether a file that could not be opened is not there. Where the host grants no directory that it would be in, nobody
/// here can tell: what cannot be seen must not pass for missing.
fn is_missing(name: &[u8], error: &anyhow::Error) -> bool {
    let not_found = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::NotFound);
    let seen = |directory: &Path| {
        let here = directory.as_os_str().is_empty();
        let directory = if here { Path::new(".") } else { directory };
        // What a component finds at the root can be any directory that it was granted.
        let root = directory.parent().is_none();
        !root && fs::metadata(directory).is_ok_and(|metadata| metadata.is_dir())
    };
    let name = std::str::from_utf8(name).map(Path::new);
    not_found && name.is_ok_and(|name| name.ancestors().skip(1).any(seen))
}

/// Prints `NAME: OUTCOME`. Only a name with a line feed is escaped: it would break the line.
fn print_outcome(name: &[u8], outcome: &str) -> Result<()> {
    match std::str::from_utf8(name) {
        Ok(name) if name.contains('\n') => {
            let (mark, name) = sums::one_line(name);
            print_line(&format!("{mark}{name}: {outcome}"))
        }
        Ok(name) => print_line(&format!("{name}: {outcome}")),
        Err(_) => {
            let line = [name, format!(": {outcome}\n").as_bytes()].concat();
            io::stdout()
                .write_all(&line)
                .context("cannot write to standard output")
        }
    }
}

/// Says something on standard error that is no reason to stop.
fn warn(message: fmt::Arguments<'_>) {
    complain(&anyhow!("{message}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], longest: usize) -> Vec<Vec<u8>> {
        let mut lines = Lines(text);
        std::iter::from_fn(|| lines.next(longest).unwrap()).collect()
    }

    #[test]
    fn lines_end_as_on_any_system() {
        assert_eq!(
            lines(b"a\nb\r\n\n\r\nc\r\r\nd", 9),
            [&b"a"[..], b"b", b"", b"", b"c\r", b"d"]
        );
        assert_eq!(lines(b"", 9), [&b""[..]; 0]);
    }

    #[test]
    fn a_line_without_end_takes_no_memory_and_is_no_checksum() {
        assert_eq!(lines(b"abc\nabcd\nabc", 3), [&b"abc"[..], b"\0", b"abc"]);
    }
}
