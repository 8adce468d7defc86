//! What a vector says, once parsed; writing a case gives the text that it parses from.

use std::fmt;

use crate::{Bytes, Errno};

/// One vector: steps that are played in order, on one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Unique within its file.
    pub name: String,
    /// What is done, and what must come of it.
    pub steps: Vec<Step>,
}

/// One line of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Line number in the file, from 1; 0 for a case that was not parsed.
    pub line: usize,
    /// What the line says.
    pub action: Action,
}

/// What must come of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect<T> {
    /// Success, with exactly this.
    Is(T),
    /// Success, with whatever value.
    Any,
    /// This error.
    Fails(Errno),
}

/// What a step does. `key`, `options` and the selected state carry over from step to step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The fields are what the grammar in the parser module says.
pub enum Action {
    /// Imports a key, which becomes the current one.
    Key {
        algorithm: String,
        raw: Bytes,
        expect: Expect<()>,
    },
    /// Generates a key, which becomes the current one; what is expected is its length in bytes.
    Generate {
        algorithm: String,
        expect: Expect<u64>,
    },
    /// Exports the current key.
    Export { expect: Expect<Bytes> },
    /// Forgets the current key.
    NoKey,
    /// Sets a byte-string option in the current set of options.
    Option {
        name: String,
        value: Bytes,
        expect: Expect<()>,
    },
    /// Sets an integer option.
    OptionU64 {
        name: String,
        value: u64,
        expect: Expect<()>,
    },
    /// Lends a buffer of this many bytes.
    Buffer {
        name: String,
        size: u64,
        expect: Expect<()>,
    },
    /// Forgets the current set of options.
    NoOptions,
    /// Opens a state with the current key and options; it takes the place of the selected one.
    Open {
        algorithm: String,
        expect: Expect<()>,
    },
    /// Selects the state that the steps after it work on.
    State { name: String },
    /// Clones the selected state under another name; the selection stays.
    Clone { name: String, expect: Expect<()> },
    /// Reads a byte-string option back.
    OptionGet { name: String, expect: Expect<Bytes> },
    /// Reads an integer option back.
    OptionGetU64 { name: String, expect: Expect<u64> },
    /// Absorbs.
    Absorb { data: Bytes, expect: Expect<()> },
    /// Squeezes this many bytes.
    Squeeze { len: u64, expect: Expect<Bytes> },
    /// Squeezes a tag and pulls its bytes.
    SqueezeTag { expect: Expect<Bytes> },
    /// Squeezes a tag and has it compared.
    Verify { tag: Bytes, expect: Expect<()> },
    /// Squeezes a key, which becomes the current one; what is expected is its export.
    SqueezeKey {
        algorithm: String,
        expect: Expect<Bytes>,
    },
    /// Asks for the longest tag.
    MaxTagLen { expect: Expect<u64> },
    /// Encrypts; what is expected is the ciphertext with its tag.
    Encrypt {
        plaintext: Bytes,
        expect: Expect<Bytes>,
    },
    /// Encrypts; what is expected is the ciphertext and, apart from it, the tag.
    EncryptDetached {
        plaintext: Bytes,
        expect: Expect<(Bytes, Bytes)>,
    },
    /// Decrypts a ciphertext with its tag.
    Decrypt {
        ciphertext: Bytes,
        expect: Expect<Bytes>,
    },
    /// Decrypts a ciphertext, given its tag apart from it.
    DecryptDetached {
        ciphertext: Bytes,
        tag: Bytes,
        expect: Expect<Bytes>,
    },
    /// Ratchets.
    Ratchet { expect: Expect<()> },
}

impl Case {
    /// A case from steps that no file holds.
    pub fn new(name: impl Into<String>, actions: impl IntoIterator<Item = Action>) -> Case {
        let steps = actions
            .into_iter()
            .map(|action| Step { line: 0, action })
            .collect();
        Case {
            name: name.into(),
            steps,
        }
    }

    /// The same case with each absorb cut into pieces of `piece` bytes, at least one.
    ///
    /// An algorithm whose absorbs concatenate must give the same results for it.
    pub fn with_split_absorbs(&self, piece: usize) -> Case {
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            match &step.action {
                Action::Absorb {
                    data,
                    expect: Expect::Is(()),
                } if data.len() > piece => {
                    steps.extend(data.to_vec().chunks(piece.max(1)).map(|chunk| Step {
                        line: step.line,
                        action: Action::Absorb {
                            data: chunk.into(),
                            expect: Expect::Is(()),
                        },
                    }));
                }
                _ => steps.push(step.clone()),
            }
        }
        Case {
            name: format!("{} in pieces of {piece}", self.name),
            steps,
        }
    }

    /// The algorithms of which this case compares output: opened with success, and later asked for known bytes.
    pub fn algorithms(&self) -> impl Iterator<Item = &str> {
        let last_comparison = self
            .steps
            .iter()
            .rposition(|step| step.action.compares())
            .unwrap_or(0);
        self.steps[..last_comparison]
            .iter()
            .filter_map(|step| match &step.action {
                Action::Open {
                    algorithm,
                    expect: Expect::Is(()),
                } => Some(algorithm.as_str()),
                _ => None,
            })
    }
}

impl Action {
    fn compares(&self) -> bool {
        match self {
            Action::Squeeze { expect, .. }
            | Action::SqueezeTag { expect }
            | Action::SqueezeKey { expect, .. }
            | Action::Encrypt { expect, .. }
            | Action::Decrypt { expect, .. }
            | Action::DecryptDetached { expect, .. } => matches!(expect, Expect::Is(_)),
            Action::EncryptDetached { expect, .. } => matches!(expect, Expect::Is(_)),
            Action::Verify { expect, .. } => matches!(expect, Expect::Is(())),
            _ => false,
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "case {}", self.name)?;
        self.steps
            .iter()
            .try_for_each(|step| writeln!(f, "{}", step.action))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Key {
                algorithm,
                raw,
                expect,
            } => write!(f, "key {algorithm} {raw}{}", Outcome(expect)),
            Action::Generate { algorithm, expect } => write!(f, "generate {algorithm}{expect}"),
            Action::Export { expect } => write!(f, "export{expect}"),
            Action::NoKey => f.write_str("no-key"),
            Action::Option {
                name,
                value,
                expect,
            } => write!(f, "option {name} {value}{}", Outcome(expect)),
            Action::OptionU64 {
                name,
                value,
                expect,
            } => write!(f, "option-u64 {name} {value}{}", Outcome(expect)),
            Action::Buffer { name, size, expect } => {
                write!(f, "buffer {name} {size}{}", Outcome(expect))
            }
            Action::NoOptions => f.write_str("no-options"),
            Action::Open { algorithm, expect } => write!(f, "open {algorithm}{}", Outcome(expect)),
            Action::State { name } => write!(f, "state {name}"),
            Action::Clone { name, expect } => write!(f, "clone {name}{}", Outcome(expect)),
            Action::OptionGet { name, expect } => write!(f, "option-get {name}{expect}"),
            Action::OptionGetU64 { name, expect } => write!(f, "option-get-u64 {name}{expect}"),
            Action::Absorb { data, expect } => write!(f, "absorb {data}{}", Outcome(expect)),
            Action::Squeeze {
                expect: expect @ Expect::Is(_),
                ..
            } => write!(f, "squeeze{expect}"),
            Action::Squeeze { len, expect } => write!(f, "squeeze {len}{expect}"),
            Action::SqueezeTag { expect } => write!(f, "squeeze-tag{expect}"),
            Action::Verify { tag, expect } => write!(f, "verify {tag}{}", Outcome(expect)),
            Action::SqueezeKey { algorithm, expect } => {
                write!(f, "squeeze-key {algorithm}{expect}")
            }
            Action::MaxTagLen { expect } => write!(f, "max-tag-len{expect}"),
            Action::Encrypt { plaintext, expect } => write!(f, "encrypt {plaintext}{expect}"),
            Action::EncryptDetached { plaintext, expect } => {
                write!(f, "encrypt-detached {plaintext}")?;
                match expect {
                    Expect::Is((ciphertext, tag)) => write!(f, " = {ciphertext} {tag}"),
                    Expect::Any => f.write_str(" = *"),
                    Expect::Fails(errno) => write!(f, " = !{errno}"),
                }
            }
            Action::Decrypt { ciphertext, expect } => write!(f, "decrypt {ciphertext}{expect}"),
            Action::DecryptDetached {
                ciphertext,
                tag,
                expect,
            } => {
                write!(f, "decrypt-detached {ciphertext} {tag}{expect}")
            }
            Action::Ratchet { expect } => write!(f, "ratchet{}", Outcome(expect)),
        }
    }
}

impl<T: fmt::Display> fmt::Display for Expect<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expect::Is(value) => write!(f, " = {value}"),
            Expect::Any => f.write_str(" = *"),
            Expect::Fails(errno) => write!(f, " = !{errno}"),
        }
    }
}

/// How the expectation of a step without a value is written: success goes without saying.
struct Outcome<'a>(&'a Expect<()>);

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expect::Is(()) | Expect::Any => Ok(()),
            Expect::Fails(errno) => write!(f, " = !{errno}"),
        }
    }
}
