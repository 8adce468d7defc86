//! The language of the `.vec` files, and its parser.
//!
//! One thing per line. Empty lines and lines whose first character is `#` say nothing to the machine; each file opens
//! with comments that name its sources. `case NAME` begins a case, and all lines up to the next one are its steps,
//! played in order:
//!
//! ```text
//! # Source: RFC 8439, section 2.8.2
//! case section-2.8.2
//! key CHACHA20-POLY1305 808182…
//! option nonce 070000004041424344454647
//! open CHACHA20-POLY1305
//! absorb 50515253c0c1c2c3c4c5c6c7
//! encrypt "Ladies and Gentlemen…" = d31a8d34…
//! ```
//!
//! In a step, what is given stands before ` = ` and what must come of it after: a value; `*` for success with any value;
//! or `!errno` for that error, such as `!invalid_tag`. A step without ` = ` must succeed.
//!
//! | step | what it does |
//! |---|---|
//! | `key ALG BYTES` | imports a key, from now on the current one |
//! | `generate ALG [= LENGTH]` | generates a key, from now on the current one, and compares its length in bytes |
//! | `export = BYTES` | exports the current key |
//! | `no-key` | there is no current key any more |
//! | `option NAME BYTES` | sets an option in the current set of options |
//! | `option-u64 NAME N` | sets an integer option |
//! | `buffer NAME SIZE` | lends a buffer of SIZE bytes |
//! | `no-options` | the current set of options is dropped; a later `open` passes none |
//! | `open ALG` | opens a state with the current key and options, in place of the selected state |
//! | `state NAME` | selects another state; the one selected at first is called `main` |
//! | `clone NAME` | clones the selected state and calls the clone NAME; the selection stays |
//! | `option-get NAME = BYTES` | reads an option of the state back |
//! | `option-get-u64 NAME = N` | reads an integer option of the state back |
//! | `absorb BYTES` | absorbs |
//! | `squeeze = BYTES` | squeezes as many bytes as are expected |
//! | `squeeze N = *`, `squeeze N = !errno` | squeezes N bytes that are not compared |
//! | `squeeze-tag = BYTES` | squeezes a tag and pulls it |
//! | `verify BYTES` | squeezes a tag and has it verified against BYTES |
//! | `squeeze-key ALG [= BYTES]` | squeezes a key, from now on the current one, and compares its export |
//! | `max-tag-len = N` | asks for the longest tag |
//! | `encrypt BYTES = BYTES` | encrypts; the tag, where there is one, is at the end of what is expected |
//! | `encrypt-detached BYTES = BYTES BYTES` | encrypts; ciphertext and tag are compared apart |
//! | `decrypt BYTES = BYTES` | decrypts; the tag is at the end of what is given |
//! | `decrypt-detached BYTES BYTES = BYTES` | decrypts a ciphertext, with the tag given apart |
//! | `ratchet` | ratchets |
//!
//! BYTES is one word: `-` for none, hexadecimal digits, or `"text"` in UTF-8 (which may hold blanks, but no quote).
//! `61*1000` repeats, `pattern:251:1000` is the bytes 0, 1, …, 250, 0, 1, … up to that length, and `+` joins any of
//! them: `00+61*3+"abc"`.

use std::collections::BTreeSet;
use std::fmt;

use crate::bytes::{clip, split_unquoted};
use crate::{Action, Bytes, Case, Errno, Expect, Step};

/// A line that the grammar does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Parses the text of a `.vec` file.
///
/// # Errors
///
/// The first line that is no step, or a case name that occurs twice.
pub fn parse(text: &str) -> Result<Vec<Case>, ParseError> {
    let mut cases: Vec<Case> = Vec::new();
    let mut names = BTreeSet::new();
    for (index, text) in text.lines().enumerate() {
        let line = index + 1;
        let error = |message| ParseError { line, message };
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match (text.strip_prefix("case "), cases.last_mut()) {
            (Some(name), _) => {
                let name = name.trim();
                if !names.insert(name) {
                    return Err(error(format!("a second case `{}`", clip(name))));
                }
                cases.push(Case {
                    name: name.to_owned(),
                    steps: Vec::new(),
                });
            }
            (None, Some(case)) => case.steps.push(Step {
                line,
                action: action(text).map_err(error)?,
            }),
            (None, None) => return Err(error("a step before the first `case`".into())),
        }
    }
    Ok(cases)
}

fn action(text: &str) -> Result<Action, String> {
    let mut words = split_unquoted(text, ' ').filter(|word| !word.is_empty());
    let keyword = words.next().unwrap_or_default();
    let given: Vec<&str> = words.by_ref().take_while(|word| *word != "=").collect();
    let expected: Vec<&str> = words.collect();
    if expected.is_empty() && text.ends_with('=') {
        return Err("nothing after `=`".into());
    }
    let expected = Expected(&expected);

    let action = match (keyword, given.as_slice()) {
        ("key", [algorithm, raw]) => Action::Key {
            algorithm: name(algorithm),
            raw: Bytes::parse(raw)?,
            expect: expected.nothing()?,
        },
        ("generate", [algorithm]) => Action::Generate {
            algorithm: name(algorithm),
            expect: expected.value_or_any(number)?,
        },
        ("export", []) => Action::Export {
            expect: expected.value(Bytes::parse)?,
        },
        ("no-key", []) => expected.none(Action::NoKey)?,
        ("option", [option, value]) => Action::Option {
            name: name(option),
            value: Bytes::parse(value)?,
            expect: expected.nothing()?,
        },
        ("option-u64", [option, value]) => Action::OptionU64 {
            name: name(option),
            value: number(value)?,
            expect: expected.nothing()?,
        },
        ("buffer", [option, size]) => Action::Buffer {
            name: name(option),
            size: number(size)?,
            expect: expected.nothing()?,
        },
        ("no-options", []) => expected.none(Action::NoOptions)?,
        ("open", [algorithm]) => Action::Open {
            algorithm: name(algorithm),
            expect: expected.nothing()?,
        },
        ("state", [state]) => expected.none(Action::State { name: name(state) })?,
        ("clone", [state]) => Action::Clone {
            name: name(state),
            expect: expected.nothing()?,
        },
        ("option-get", [option]) => Action::OptionGet {
            name: name(option),
            expect: expected.value(Bytes::parse)?,
        },
        ("option-get-u64", [option]) => Action::OptionGetU64 {
            name: name(option),
            expect: expected.value(number)?,
        },
        ("absorb", [data]) => Action::Absorb {
            data: Bytes::parse(data)?,
            expect: expected.nothing()?,
        },
        ("squeeze", []) => match expected.value(Bytes::parse)? {
            Expect::Is(bytes) => Action::Squeeze {
                len: bytes.len() as u64,
                expect: Expect::Is(bytes),
            },
            _ => return Err("`squeeze` without a length must say which bytes".into()),
        },
        ("squeeze", [len]) => match expected.value(Bytes::parse)? {
            Expect::Is(_) => {
                return Err("`squeeze` takes its length from the bytes expected".into());
            }
            expect => Action::Squeeze {
                len: number(len)?,
                expect,
            },
        },
        ("squeeze-tag", []) => Action::SqueezeTag {
            expect: expected.value(Bytes::parse)?,
        },
        ("verify", [tag]) => Action::Verify {
            tag: Bytes::parse(tag)?,
            expect: expected.nothing()?,
        },
        ("squeeze-key", [algorithm]) => Action::SqueezeKey {
            algorithm: name(algorithm),
            expect: expected.value_or_any(Bytes::parse)?,
        },
        ("max-tag-len", []) => Action::MaxTagLen {
            expect: expected.value(number)?,
        },
        ("encrypt", [plaintext]) => Action::Encrypt {
            plaintext: Bytes::parse(plaintext)?,
            expect: expected.value(Bytes::parse)?,
        },
        ("encrypt-detached", [plaintext]) => Action::EncryptDetached {
            plaintext: Bytes::parse(plaintext)?,
            expect: expected.pair()?,
        },
        ("decrypt", [ciphertext]) => Action::Decrypt {
            ciphertext: Bytes::parse(ciphertext)?,
            expect: expected.value(Bytes::parse)?,
        },
        ("decrypt-detached", [ciphertext, tag]) => Action::DecryptDetached {
            ciphertext: Bytes::parse(ciphertext)?,
            tag: Bytes::parse(tag)?,
            expect: expected.value(Bytes::parse)?,
        },
        ("ratchet", []) => Action::Ratchet {
            expect: expected.nothing()?,
        },
        _ => {
            return Err(format!(
                "`{}` with {} words is no step",
                clip(keyword),
                given.len()
            ));
        }
    };
    Ok(action)
}

fn name(word: &str) -> String {
    word.to_owned()
}

fn number(word: &str) -> Result<u64, String> {
    word.parse()
        .map_err(|_| format!("`{}` is not a number", clip(word)))
}

/// The words after `=`.
struct Expected<'a>(&'a [&'a str]);

impl Expected<'_> {
    /// For a step that always succeeds.
    fn none(&self, action: Action) -> Result<Action, String> {
        match self.0 {
            [] => Ok(action),
            _ => Err("this step has no result".into()),
        }
    }

    /// For a step whose success has no value.
    fn nothing(&self) -> Result<Expect<()>, String> {
        match self.0 {
            [] => Ok(Expect::Is(())),
            [word] if word.starts_with('!') => errno(word).map(Expect::Fails),
            _ => Err("this step has no value, only `!errno`".into()),
        }
    }

    fn value<T>(&self, parse: impl Fn(&str) -> Result<T, String>) -> Result<Expect<T>, String> {
        match self.0 {
            ["*"] => Ok(Expect::Any),
            [word] if word.starts_with('!') => errno(word).map(Expect::Fails),
            [word] => parse(word).map(Expect::Is),
            [] => Err("this step must say what comes of it".into()),
            _ => Err("too many words after `=`".into()),
        }
    }

    fn value_or_any<T>(
        &self,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Expect<T>, String> {
        match self.0 {
            [] => Ok(Expect::Any),
            _ => self.value(parse),
        }
    }

    /// Ciphertext and tag.
    fn pair(&self) -> Result<Expect<(Bytes, Bytes)>, String> {
        match self.0 {
            [ciphertext, tag] => Ok(Expect::Is((Bytes::parse(ciphertext)?, Bytes::parse(tag)?))),
            _ => {
                match self.value(|_| Err::<(), _>("a ciphertext and a tag are expected".into()))? {
                    Expect::Fails(errno) => Ok(Expect::Fails(errno)),
                    _ => Ok(Expect::Any),
                }
            }
        }
    }
}

fn errno(word: &str) -> Result<Errno, String> {
    let name = word.trim_start_matches('!');
    Errno::from_name(name).ok_or_else(|| format!("`{}` is no errno", clip(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY_STEP: &str = "\
case every-step
key HMAC/SHA-256 00*32
key HMAC/SHA-256 - = !invalid_key
generate HMAC/SHA-256 = 32
generate SHA-256 = !unsupported_feature
export = 0001
no-key
option nonce 000102
option salt \"a b\" = !unsupported_option
option-u64 tag_len 8
buffer memory 65536
no-options
open SHA-256
open SHA-256 = !key_not_supported
state other
clone copy
clone copy = !unsupported_feature
option-get nonce = 000102
option-get phc = !option_not_set
option-get-u64 fanout = 1
absorb 61*1000000
squeeze = 00
squeeze 65 = !invalid_length
squeeze 10000 = *
squeeze-tag = \"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$eA\"
squeeze-tag = !invalid_operation
verify 00
verify - = !invalid_tag
squeeze-key AES-128-GCM = *
squeeze-key AES-128-GCM = 00*16
max-tag-len = 16
encrypt - = 0102
encrypt-detached 00 = 01 02
encrypt-detached 00 = *
encrypt-detached 00 = !nonce_required
decrypt 0102 = -
decrypt 0102 = !invalid_tag
decrypt-detached 01 02 = 00
ratchet
ratchet = !invalid_operation
";

    #[test]
    fn writing_a_parsed_case_gives_its_text_again() {
        let cases = parse(EVERY_STEP).unwrap();
        assert_eq!(cases.len(), 1);
        assert_eq!(cases[0].steps.len(), EVERY_STEP.lines().count() - 1);
        assert_eq!(cases[0].to_string(), EVERY_STEP);
    }

    #[test]
    fn comments_and_blank_lines_count_as_lines_only() {
        let cases =
            parse("# Source: none\n\ncase a\n  # note\n  open  X \n\ncase b\nratchet\n").unwrap();
        assert_eq!(cases.len(), 2);
        assert_eq!(cases[0].steps[0].line, 5);
        assert_eq!(cases[1].steps[0].line, 8);
        assert_eq!(cases[0].steps[0].action.to_string(), "open X");
    }

    #[test]
    fn a_line_that_is_no_step_is_named() {
        for line in [
            "opne SHA-256",
            "open",
            "open A B",
            "absorb",
            "absorb zz",
            "absorb 00 = 00",
            "absorb 00 =",
            "absorb 00 = !oops",
            "squeeze",
            "squeeze = *",
            "squeeze = !overflow",
            "squeeze 2 = 0000",
            "squeeze-tag",
            "encrypt 00",
            "encrypt 00 = 00 00",
            "encrypt-detached 00 = 00",
            "option-u64 tag_len -1",
            "no-key = *",
            "max-tag-len = x",
        ] {
            let error = parse(&format!("case a\n{line}\n")).unwrap_err();
            assert_eq!(error.line, 2, "{line}");
        }
    }

    #[test]
    fn a_step_outside_of_a_case_and_a_second_case_of_one_name_are_refused() {
        assert_eq!(parse("open SHA-256").unwrap_err().line, 1);
        assert_eq!(parse("case a\ncase a").unwrap_err().line, 2);
    }

    #[test]
    fn coverage_counts_only_what_is_compared() {
        let cases = parse(
            "case a\nopen A\nsqueeze = 00\ncase b\nopen B\nsqueeze 1 = *\ncase c\nopen C = !overflow\nopen D\nverify 00\n\
             case e\nopen E\nsqueeze = 00\nopen F\n",
        )
        .unwrap();
        let covered: Vec<&str> = cases.iter().flat_map(Case::algorithms).collect();
        assert_eq!(covered, ["A", "D", "E"]);
    }
}
