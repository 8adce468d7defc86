//! Plays cases against an implementation.

use std::collections::BTreeMap;
use std::fmt;

use crate::bytes::hex;
use crate::{Action, Bytes, Case, Errno, Expect, Step, Subject};

/// Bytes of a value that a message shows.
const SHOWN: usize = 64;

/// A step that did not do what its vector says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Name of the case.
    pub case: String,
    /// Line of the step in its file; 0 when the case comes from no file.
    pub line: usize,
    /// The step's first word.
    pub step: String,
    /// What the vector expects.
    pub expected: String,
    /// What the subject gave.
    pub got: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch {
            case,
            line,
            step,
            expected,
            got,
        } = self;
        write!(
            f,
            "{case}, line {line}, {step}: expected {expected}, got {got}"
        )
    }
}

impl std::error::Error for Mismatch {}

/// Plays one case.
///
/// # Errors
///
/// The first step that does not come out as expected, or that needs a state or key which the case never made.
pub fn run<S: Subject>(case: &Case, subject: &mut S) -> Result<(), Mismatch> {
    let mut player = Player {
        subject,
        key: None,
        options: None,
        states: BTreeMap::new(),
        selected: "main".to_owned(),
    };
    let result = case.steps.iter().try_for_each(|step| {
        player
            .play(&step.action)
            .map_err(|difference| difference.at(case, step))
    });
    player.close();
    result
}

struct Player<'a, S: Subject> {
    subject: &'a mut S,
    key: Option<S::Key>,
    options: Option<S::Options>,
    states: BTreeMap<String, S::State>,
    selected: String,
}

impl<S: Subject> Player<'_, S> {
    fn play(&mut self, action: &Action) -> Result<(), Difference> {
        match action {
            Action::Key {
                algorithm,
                raw,
                expect,
            } => {
                let result = self.subject.import_key(algorithm, &raw.to_vec());
                let result = result.map(|key| self.set_key(key));
                succeeds_or_fails(expect, result)?;
            }
            Action::Generate { algorithm, expect } => {
                let key = match self.subject.generate_key(algorithm, self.options.as_ref()) {
                    Ok(key) => key,
                    Err(errno) => return number(expect, Err(errno)),
                };
                self.set_key(key);
                if *expect != Expect::Any {
                    let exported = self
                        .subject
                        .export_key(self.key.as_ref().ok_or(Difference::NO_KEY)?);
                    number(expect, exported.map(|raw| raw.len() as u64))?;
                }
            }
            Action::Export { expect } => {
                let key = self.key.as_ref().ok_or(Difference::NO_KEY)?;
                bytes(expect, self.subject.export_key(key))?;
            }
            Action::NoKey => {
                if let Some(key) = self.key.take() {
                    self.subject.close_key(key);
                }
            }
            Action::Option {
                name,
                value,
                expect,
            } => {
                let (subject, options) = self.options()?;
                succeeds_or_fails(expect, subject.set_option(options, name, &value.to_vec()))?;
            }
            Action::OptionU64 {
                name,
                value,
                expect,
            } => {
                let (subject, options) = self.options()?;
                succeeds_or_fails(expect, subject.set_option_u64(options, name, *value))?;
            }
            Action::Buffer { name, size, expect } => {
                let (subject, options) = self.options()?;
                succeeds_or_fails(expect, subject.set_option_buffer(options, name, *size))?;
            }
            Action::NoOptions => {
                if let Some(options) = self.options.take() {
                    self.subject.close_options(options);
                }
            }
            Action::Open { algorithm, expect } => {
                let result = self
                    .subject
                    .open(algorithm, self.key.as_ref(), self.options.as_ref());
                let result = result.map(|state| self.insert_state(self.selected.clone(), state));
                succeeds_or_fails(expect, result)?;
            }
            Action::State { name } => self.selected.clone_from(name),
            Action::Clone { name, expect } => {
                let (subject, state) = self.state()?;
                let result = subject.clone_state(state);
                let result = result.map(|clone| self.insert_state(name.clone(), clone));
                succeeds_or_fails(expect, result)?;
            }
            Action::SqueezeKey { algorithm, expect } => {
                let (subject, state) = self.state()?;
                match subject.squeeze_key(state, algorithm) {
                    Err(errno) => return bytes(expect, Err(errno)),
                    Ok(key) => self.set_key(key),
                }
                if *expect != Expect::Any {
                    let exported = self
                        .subject
                        .export_key(self.key.as_ref().ok_or(Difference::NO_KEY)?);
                    bytes(expect, exported)?;
                }
            }
            _ => {
                let (subject, state) = self.state()?;
                play_on_state(subject, state, action)?;
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<(&mut S, &mut S::State), Difference> {
        match self.states.get_mut(&self.selected) {
            Some(state) => Ok((self.subject, state)),
            None => Err(Difference::new(
                "an open state".into(),
                format!("none called `{}`", self.selected),
            )),
        }
    }

    fn options(&mut self) -> Result<(&mut S, &mut S::Options), Difference> {
        if self.options.is_none() {
            let opened = self.subject.open_options();
            self.options =
                Some(opened.map_err(|errno| {
                    Difference::new("a set of options".into(), show_errno(errno))
                })?);
        }
        match &mut self.options {
            Some(options) => Ok((self.subject, options)),
            None => Err(Difference::new("a set of options".into(), "none".into())),
        }
    }

    fn set_key(&mut self, key: S::Key) {
        if let Some(old) = self.key.replace(key) {
            self.subject.close_key(old);
        }
    }

    fn insert_state(&mut self, name: String, state: S::State) {
        if let Some(old) = self.states.insert(name, state) {
            self.subject.close_state(old);
        }
    }

    fn close(self) {
        for state in self.states.into_values() {
            self.subject.close_state(state);
        }
        if let Some(key) = self.key {
            self.subject.close_key(key);
        }
        if let Some(options) = self.options {
            self.subject.close_options(options);
        }
    }
}

/// The steps that need a state and nothing else.
fn play_on_state<S: Subject>(
    subject: &mut S,
    state: &mut S::State,
    action: &Action,
) -> Result<(), Difference> {
    match action {
        Action::OptionGet { name, expect } => bytes(expect, subject.get_option(state, name)),
        Action::OptionGetU64 { name, expect } => {
            number(expect, subject.get_option_u64(state, name))
        }
        Action::Absorb { data, expect } => {
            succeeds_or_fails(expect, subject.absorb(state, &data.to_vec()))
        }
        Action::Squeeze { len, expect } => {
            let squeezed = subject.squeeze(state, *len);
            if let (Expect::Any, Ok(squeezed)) = (expect, &squeezed)
                && squeezed.len() as u64 != *len
            {
                return Err(Difference::new(
                    format!("{len} bytes"),
                    format!("{} bytes", squeezed.len()),
                ));
            }
            bytes(expect, squeezed)
        }
        Action::SqueezeTag { expect } => {
            let tag = subject
                .squeeze_tag(state)
                .and_then(|tag| subject.pull_tag(tag));
            bytes(expect, tag)
        }
        Action::Verify { tag, expect } => {
            let result = subject.squeeze_tag(state).and_then(|computed| {
                let result = subject.verify_tag(&computed, &tag.to_vec());
                subject.close_tag(computed);
                result
            });
            succeeds_or_fails(expect, result)
        }
        Action::MaxTagLen { expect } => number(expect, subject.max_tag_len(state)),
        Action::Encrypt { plaintext, expect } => {
            bytes(expect, subject.encrypt(state, &plaintext.to_vec()))
        }
        Action::EncryptDetached { plaintext, expect } => {
            let result = subject
                .encrypt_detached(state, &plaintext.to_vec())
                .and_then(|(ciphertext, tag)| {
                    let tag = subject.pull_tag(tag)?;
                    Ok((ciphertext, tag))
                });
            match (expect, result) {
                (Expect::Is((ciphertext, tag)), Ok(got)) => {
                    same(&ciphertext.to_vec(), &got.0)?;
                    same(&tag.to_vec(), &got.1)
                }
                (expect, result) => succeeds_or_fails(expect, result.map(drop)),
            }
        }
        Action::Decrypt { ciphertext, expect } => {
            bytes(expect, subject.decrypt(state, &ciphertext.to_vec()))
        }
        Action::DecryptDetached {
            ciphertext,
            tag,
            expect,
        } => bytes(
            expect,
            subject.decrypt_detached(state, &ciphertext.to_vec(), &tag.to_vec()),
        ),
        Action::Ratchet { expect } => succeeds_or_fails(expect, subject.ratchet(state)),
        other => Err(Difference::new(
            "a step on a state".into(),
            other.to_string(),
        )),
    }
}

fn bytes(expect: &Expect<Bytes>, result: Result<Vec<u8>, Errno>) -> Result<(), Difference> {
    match (expect, result) {
        (Expect::Is(expected), Ok(got)) => same(&expected.to_vec(), &got),
        (expect, result) => succeeds_or_fails(expect, result.map(drop)),
    }
}

fn number(expect: &Expect<u64>, result: Result<u64, Errno>) -> Result<(), Difference> {
    match (expect, result) {
        (Expect::Is(expected), Ok(got)) if *expected == got => Ok(()),
        (Expect::Is(expected), Ok(got)) => {
            Err(Difference::new(expected.to_string(), got.to_string()))
        }
        (expect, result) => succeeds_or_fails(expect, result.map(drop)),
    }
}

fn succeeds_or_fails<T>(expect: &Expect<T>, result: Result<(), Errno>) -> Result<(), Difference> {
    match (expect, result) {
        (Expect::Is(_) | Expect::Any, Ok(())) => Ok(()),
        (Expect::Is(_) | Expect::Any, Err(errno)) => {
            Err(Difference::new("success".into(), show_errno(errno)))
        }
        (Expect::Fails(expected), Err(errno)) if *expected == errno => Ok(()),
        (Expect::Fails(expected), Err(errno)) => {
            Err(Difference::new(show_errno(*expected), show_errno(errno)))
        }
        (Expect::Fails(expected), Ok(())) => {
            Err(Difference::new(show_errno(*expected), "success".into()))
        }
    }
}

fn same(expected: &[u8], got: &[u8]) -> Result<(), Difference> {
    if expected == got {
        return Ok(());
    }
    // Show both from a little before the place where they part.
    let parted = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let from = if expected.len().max(got.len()) <= SHOWN {
        0
    } else {
        parted.saturating_sub(SHOWN / 4)
    };
    Err(Difference::new(show(expected, from), show(got, from)))
}

fn show(bytes: &[u8], from: usize) -> String {
    let window = bytes.get(from..).unwrap_or_default();
    let shown = window.get(..SHOWN).unwrap_or(window);
    let before = if from > 0 { "…" } else { "" };
    let after = if shown.len() < window.len() {
        "…"
    } else {
        ""
    };
    format!("{} bytes {before}{}{after}", bytes.len(), hex(shown))
}

fn show_errno(errno: Errno) -> String {
    format!("!{errno}")
}

/// A mismatch before it is known where.
struct Difference {
    expected: std::borrow::Cow<'static, str>,
    got: std::borrow::Cow<'static, str>,
}

impl Difference {
    const NO_KEY: Difference = Difference {
        expected: std::borrow::Cow::Borrowed("a current key"),
        got: std::borrow::Cow::Borrowed("none"),
    };

    fn new(expected: String, got: String) -> Difference {
        Difference {
            expected: expected.into(),
            got: got.into(),
        }
    }

    fn at(self, case: &Case, step: &Step) -> Mismatch {
        let step_text = step.action.to_string();
        Mismatch {
            case: case.name.clone(),
            line: step.line,
            step: step_text.split(' ').next().unwrap_or_default().to_owned(),
            expected: self.expected.into_owned(),
            got: self.got.into_owned(),
        }
    }
}
