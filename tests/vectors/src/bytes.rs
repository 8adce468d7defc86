//! Byte strings as the vectors write them: kept as written, so that a megabyte of one letter stays one line.

use std::fmt;

/// Longest byte string that one step may have. More is a typing error, not a vector.
const MAX_LEN: usize = 64 << 20;

/// A byte string of a vector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// The unit, so many times. Text is remembered as text, for whoever reads a message about it.
    Repeat {
        unit: Vec<u8>,
        text: bool,
        count: usize,
    },
    /// 0, 1, …, modulus − 1, 0, 1, … up to a length.
    Pattern { modulus: usize, len: usize },
}

impl Bytes {
    /// Parses the notation that the parser module documents.
    pub(crate) fn parse(token: &str) -> Result<Bytes, String> {
        if token == "-" {
            return Ok(Bytes::default());
        }
        let parts = split_unquoted(token, '+')
            .map(Part::parse)
            .collect::<Result<Vec<_>, _>>()?;
        let bytes = Bytes { parts };
        match bytes
            .parts
            .iter()
            .try_fold(0usize, |sum, part| sum.checked_add(part.len()?))
        {
            Some(len) if len <= MAX_LEN => Ok(bytes),
            _ => Err(format!("byte string longer than {MAX_LEN} bytes")),
        }
    }

    /// The bytes themselves.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        for part in &self.parts {
            match part {
                Part::Repeat { unit, count, .. } => {
                    (0..*count).for_each(|_| out.extend_from_slice(unit))
                }
                Part::Pattern { modulus, len } => {
                    out.extend((0..*len).map(|i| (i % modulus) as u8))
                }
            }
        }
        out
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.parts.iter().filter_map(Part::len).sum()
    }

    /// Whether this is the empty byte string.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Bytes {
        let parts = match bytes {
            [] => Vec::new(),
            _ => vec![Part::Repeat {
                unit: bytes.to_vec(),
                text: false,
                count: 1,
            }],
        };
        Bytes { parts }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parts.is_empty() {
            return f.write_str("-");
        }
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

impl Part {
    fn parse(term: &str) -> Result<Part, String> {
        if let Some(rest) = term.strip_prefix("pattern:") {
            let (modulus, len) = rest
                .split_once(':')
                .ok_or("pattern: wants a modulus and a length")?;
            let modulus = number(modulus)?;
            if !(1..=256).contains(&modulus) {
                return Err("the modulus of a pattern is 1 to 256".into());
            }
            return Ok(Part::Pattern {
                modulus,
                len: number(len)?,
            });
        }
        let mut factors = split_unquoted(term, '*');
        let unit = factors.next().unwrap_or_default();
        let count = factors.next().map_or(Ok(1), number)?;
        if factors.next().is_some() {
            return Err(format!("`{term}` repeats twice"));
        }
        let text = unit.strip_prefix('"').map(|rest| {
            rest.strip_suffix('"')
                .ok_or("text without its closing quote")
        });
        let (unit, text) = match text {
            Some(text) => (text?.as_bytes().to_vec(), true),
            None => (unhex(unit)?, false),
        };
        Ok(Part::Repeat { unit, text, count })
    }

    /// `None` when the length does not fit a `usize`.
    fn len(&self) -> Option<usize> {
        match self {
            Part::Repeat { unit, count, .. } => unit.len().checked_mul(*count),
            Part::Pattern { len, .. } => Some(*len),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Repeat { unit, text, count } => {
                match text {
                    true => write!(f, "\"{}\"", String::from_utf8_lossy(unit))?,
                    false => f.write_str(&hex(unit))?,
                }
                match count {
                    1 => Ok(()),
                    _ => write!(f, "*{count}"),
                }
            }
            Part::Pattern { modulus, len } => write!(f, "pattern:{modulus}:{len}"),
        }
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect();
    match digits {
        Some(digits) if !digits.is_empty() && digits.len().is_multiple_of(2) => Ok(digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect()),
        _ => Err(format!("`{}` is not a byte string", clip(text))),
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|_| format!("`{}` is not a number", clip(text)))
}

/// The beginning of a word that cannot be understood.
pub(crate) fn clip(text: &str) -> String {
    let mut clipped: String = text.chars().take(32).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    clipped
}

/// Splits at a separator wherever it stands outside of quotes.
pub(crate) fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(token: &str) -> Vec<u8> {
        Bytes::parse(token).unwrap().to_vec()
    }

    #[test]
    fn each_notation_gives_its_bytes() {
        assert_eq!(bytes("-"), b"");
        assert_eq!(bytes("00fFa1"), [0, 255, 0xa1]);
        assert_eq!(bytes("\"a b+c*2\""), b"a b+c*2");
        assert_eq!(bytes("\"\""), b"");
        assert_eq!(bytes("6162*3"), b"ababab");
        assert_eq!(bytes("00*0"), b"");
        assert_eq!(bytes("pattern:3:7"), [0, 1, 2, 0, 1, 2, 0]);
        assert_eq!(bytes("\"x\"*2+00+pattern:256:2"), b"xx\0\0\x01");
    }

    #[test]
    fn what_is_no_byte_string_is_refused() {
        for token in [
            "",
            "0",
            "0g",
            "00*",
            "00*x",
            "00*2*2",
            "\"open",
            "pattern:0:1",
            "pattern:257:1",
            "pattern:3",
            "00+",
            "é",
        ] {
            assert!(Bytes::parse(token).is_err(), "{token}");
        }
    }

    #[test]
    fn a_length_beyond_any_vector_is_refused() {
        for token in [
            "00*99999999999",
            "0000*18446744073709551615",
            "pattern:251:67108865",
        ] {
            assert!(Bytes::parse(token).is_err(), "{token}");
        }
    }

    #[test]
    fn writing_and_parsing_again_gives_the_same() {
        for token in [
            "-",
            "00ff",
            "\"text\"*2",
            "61*1000000",
            "pattern:251:8193+\"a\"+00*2",
        ] {
            let bytes = Bytes::parse(token).unwrap();
            assert_eq!(bytes.to_string(), token);
            assert_eq!(bytes.len(), bytes.to_vec().len());
        }
        assert_eq!(Bytes::from([1u8, 2].as_slice()).to_string(), "0102");
        assert_eq!(Bytes::from([].as_slice()), Bytes::parse("-").unwrap());
    }
}
