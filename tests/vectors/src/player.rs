//! Plays whole scripts, and reports what came of them: in process, or as the output of a program that plays them somewhere
//! else.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::{Case, ParseError, Subject, files, parse, run};

/// How many mismatches a failing test shows.
const SHOWN: usize = 20;

/// What came of playing cases.
///
/// Its [`Display`](fmt::Display) form is what a program prints that plays a script, and [`Report::read`] reads it: a line
/// `mismatch: …` for each mismatch, and a last line `cases: N`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many cases were played.
    pub cases: usize,
    /// Each case that did not come out as expected, and how.
    pub mismatches: Vec<String>,
}

impl Report {
    /// Plays a script against a subject.
    ///
    /// # Errors
    ///
    /// If the script cannot be parsed.
    pub fn of<S: Subject>(script: &str, subject: &mut S) -> Result<Self, ParseError> {
        let mut report = Self::default();
        for case in &parse(script)? {
            report.append(Self::of_case(case, subject));
        }
        Ok(report)
    }

    /// Plays one case against a subject.
    pub fn of_case<S: Subject>(case: &Case, subject: &mut S) -> Self {
        let mismatch = run(case, subject).err();
        Self {
            cases: 1,
            mismatches: mismatch.iter().map(ToString::to_string).collect(),
        }
    }

    /// Reads what a program printed that played a script, or returns none if it did not come to its end.
    pub fn read(printed: &str) -> Option<Self> {
        let mut report = Self::default();
        let mut lines = printed.lines();
        report.cases = lines.next_back()?.strip_prefix("cases: ")?.parse().ok()?;
        for line in lines {
            let mismatch = line.strip_prefix("mismatch: ")?;
            report.mismatches.push(mismatch.to_owned());
        }
        Some(report)
    }

    /// Adds what came of playing other cases, and says at each mismatch where those come from.
    pub fn add(&mut self, source: &str, mut other: Self) {
        for mismatch in &mut other.mismatches {
            *mismatch = format!("{source}: {mismatch}");
        }
        self.append(other);
    }

    fn append(&mut self, other: Self) {
        self.cases += other.cases;
        self.mismatches.extend(other.mismatches);
    }

    /// Checks that cases were played, and that all of them came out as expected.
    ///
    /// # Panics
    ///
    /// If not. `place` says where they were played.
    #[track_caller]
    pub fn assert_right(&self, place: &str) {
        assert!(
            self.mismatches.is_empty(),
            "{} of {} cases fail {place}:\n{}",
            self.mismatches.len(),
            self.cases,
            self.mismatches[..self.mismatches.len().min(SHOWN)].join("\n")
        );
        assert!(self.cases > 0, "there are no cases {place}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mismatch in &self.mismatches {
            writeln!(f, "mismatch: {mismatch}")?;
        }
        writeln!(f, "cases: {}", self.cases)
    }
}

/// Plays each of the vector [`files`] by `play`, which gets the file's text, and checks that no case is left out.
///
/// # Panics
///
/// If `play` reports another number of cases than the file has.
pub fn play_files(mut play: impl FnMut(&'static str) -> Report) -> Report {
    let mut all = Report::default();
    for (file, script) in files() {
        let cases = parse(script).unwrap_or_else(|error| panic!("{file}: {error}"));
        let report = play(script);
        assert_eq!(report.cases, cases.len(), "{file}");
        all.add(file, report);
    }
    assert!(all.cases > 0, "there are no vectors");
    all
}

/// The main function of a program that plays a script: the one in the file that its argument names, or on its standard
/// input. It prints the [`Report`].
///
/// A mismatch is no failure of the program; a script that cannot be read is one.
pub fn main<S: Subject>(subject: &mut S) -> ExitCode {
    let script = match std::env::args().nth(1) {
        Some(file) => std::fs::read_to_string(file),
        None => io::read_to_string(io::stdin()),
    };
    let report = match script {
        Ok(script) => Report::of(&script, subject).map_err(|error| format!("malformed: {error}")),
        Err(error) => Err(format!("unreadable: {error}")),
    };
    match report {
        Ok(report) => match write!(io::stdout(), "{report}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
