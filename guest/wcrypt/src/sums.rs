//! Lines of checksums in the forms of `sha256sum`: written, and read again.

use crate::hex;
use crate::input::Input;

/// What coreutils call algorithms in tagged lines. All others stand there under their own names.
const TAGS: [(&str, &str); 5] = [
    ("SHA-256", "SHA256"),
    ("SHA-384", "SHA384"),
    ("SHA-512", "SHA512"),
    ("BLAKE2B-512", "BLAKE2b"),
    ("BLAKE2B-256", "BLAKE2b-256"),
];

/// One line: the digest, two blanks, the name.
///
/// A name with a backslash, a line feed or a carriage return has them escaped, and its line starts with a backslash: then
/// each name has one line, and `sha256sum --check` understands it.
pub fn line(digest: &[u8], input: &Input) -> String {
    let (mark, name) = one_line(&input.to_string());
    format!("{mark}{}  {name}", hex::encode(digest))
}

/// One line in the form of BSD: the algorithm's tag, the name in parentheses, the digest.
pub fn tagged_line(tag: &Tag, digest: &[u8], input: &Input) -> String {
    let (mark, name) = one_line(&input.to_string());
    format!("{mark}{} ({name}) = {}", tag.name, hex::encode(digest))
}

/// A name without line breaks, and the mark that its line starts with if that changed it.
pub fn one_line(name: &str) -> (&'static str, String) {
    let escaped = name
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    (if escaped == name { "" } else { "\\" }, escaped)
}

/// How tagged lines name an algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    name: String,
    /// Coreutils match theirs letter by letter; names of algorithms have no case.
    exact: bool,
}

impl Tag {
    /// The tag of an algorithm.
    pub fn of(algorithm: &str) -> Self {
        let known = TAGS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(algorithm));
        match known {
            Some((_, tag)) => Self {
                name: (*tag).to_owned(),
                exact: true,
            },
            None => Self {
                name: algorithm.to_ascii_uppercase(),
                exact: false,
            },
        }
    }

    /// Its spelling.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The algorithm that a tag may mean; whether the host has it is for the host to say.
    pub fn algorithm(tag: &str) -> &str {
        let known = TAGS.iter().find(|(_, known)| *known == tag);
        known.map_or(tag, |(name, _)| name)
    }

    /// What follows the tag in a line that begins with it.
    fn strip<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        let (start, rest) = line.split_at_checked(self.name.len())?;
        let matches = match self.exact {
            true => start == self.name.as_bytes(),
            false => start.eq_ignore_ascii_case(self.name.as_bytes()),
        };
        matches.then_some(rest)
    }
}

/// What a line says: a file has a digest.
#[derive(Debug, PartialEq, Eq)]
pub struct Sum {
    /// The name as it was before it was escaped.
    pub name: Vec<u8>,
    pub digest: Vec<u8>,
}

/// Which lines are read.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub tag: &'a Tag,
    /// The length of the digest, in bytes: any other is none of this algorithm's.
    pub len: usize,
}

/// How many blanks are between digest and name, in lines without a tag. The first line of all that does not leave it open
/// decides for all, or names that begin with a blank could be passed off for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blanks {
    #[default]
    Undecided,
    /// One: BSD's reversed form.
    One,
    /// Two, or one and an asterisk.
    Two,
}

/// The tag that a line begins with, if it looks as if it had one.
pub fn tag_of(line: &[u8]) -> Option<&str> {
    let (_, line) = unmarked(line);
    let end = line.iter().position(|byte| matches!(byte, b' ' | b'('))?;
    let (tag, rest) = line.split_at(end);
    after_tag(rest)?;
    std::str::from_utf8(tag).ok().filter(|tag| !tag.is_empty())
}

/// Reads a line, without its end, as `sha256sum` does; none for a line that is not properly formatted.
///
/// Unlike `sha256sum`, which reads such a line up to the zero byte and believes it, a line with a zero byte is not: lists
/// that end names with zero bytes are one such line, of which all but the first name would go unchecked.
pub fn parse(line: &[u8], expected: Expected<'_>, blanks: &mut Blanks) -> Option<Sum> {
    if line.contains(&0) {
        return None;
    }
    let (escaped, line) = unmarked(line);
    let (name, digest) = match expected.tag.strip(line) {
        Some(rest) => tagged(after_tag(rest)?)?,
        None => plain(line, 2 * expected.len, blanks)?,
    };
    let digest = hex::decode(std::str::from_utf8(digest).ok()?).ok()?;
    if digest.len() != expected.len {
        return None;
    }
    let name = match escaped {
        true => unescaped(name)?,
        false => name.to_vec(),
    };
    Some(Sum { name, digest })
}

/// Whether a line is marked as having an escaped name, and what follows.
fn unmarked(line: &[u8]) -> (bool, &[u8]) {
    let line = after_blanks(line);
    match line.strip_prefix(b"\\") {
        Some(rest) => (true, rest),
        None => (false, line),
    }
}

/// What follows the opening parenthesis of a tagged line.
fn after_tag(rest: &[u8]) -> Option<&[u8]> {
    rest.strip_prefix(b" ").unwrap_or(rest).strip_prefix(b"(")
}

/// `NAME) = DIGEST`
fn tagged(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = rest.iter().rposition(|&byte| byte == b')')?;
    let (name, rest) = rest.split_at(end);
    let digest = after_blanks(&rest[1..]).strip_prefix(b"=")?;
    Some((name, after_blanks(digest)))
}

/// `DIGEST  NAME`, `DIGEST *NAME` or `DIGEST NAME`
fn plain<'a>(line: &'a [u8], digits: usize, blanks: &mut Blanks) -> Option<(&'a [u8], &'a [u8])> {
    let (digest, rest) = line.split_at_checked(digits)?;
    let (&blank, name) = rest.split_first()?;
    let &kind = name.first()?;
    if !is_blank(blank) || !digest.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let one = name.len() == 1 || !matches!(kind, b' ' | b'*');
    match (one, *blanks) {
        (true, Blanks::Two) => return None,
        (true, _) => *blanks = Blanks::One,
        // Whatever follows the one blank is the name.
        (false, Blanks::One) => {}
        (false, _) => {
            *blanks = Blanks::Two;
            return Some((&name[1..], digest));
        }
    }
    Some((name, digest))
}

fn unescaped(name: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(&byte) = bytes.next() {
        plain.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(plain)
}

fn after_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| is_blank(byte)).count();
    &text[blanks..]
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(String, Vec<u8>)> {
        read_with(line, &mut Blanks::default())
    }

    fn read_with(line: &str, blanks: &mut Blanks) -> Option<(String, Vec<u8>)> {
        let tag = Tag::of("SHA-256");
        let expected = Expected { tag: &tag, len: 2 };
        let sum = parse(line.as_bytes(), expected, blanks)?;
        Some((String::from_utf8(sum.name).unwrap(), sum.digest))
    }

    fn is(name: &str) -> Option<(String, Vec<u8>)> {
        Some((name.to_owned(), vec![0xab, 0x01]))
    }

    #[test]
    fn ordinary_names_stand_as_they_are() {
        let name = "dir/with blanks.txt";
        assert_eq!(
            line(&[0xab, 1], &Input::File(name.into())),
            "ab01  dir/with blanks.txt"
        );
        assert_eq!(line(&[0xab], &Input::Stdin), "ab  -");
    }

    #[test]
    fn names_that_would_break_the_line_are_escaped_and_marked() {
        let name = "a\\b\nc\rd";
        assert_eq!(
            line(&[0], &Input::File(name.into())),
            "\\00  a\\\\b\\nc\\rd"
        );
        assert_eq!(
            tagged_line(&Tag::of("sha-256"), &[0], &Input::File(name.into())),
            "\\SHA256 (a\\\\b\\nc\\rd) = 00"
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let tag = Tag::of("SHA-256");
        for name in ["f", " f", "*f", "a\\b\nc\rd", "x) = ab", "(", "SHA256 (f)"] {
            let input = Input::File(name.into());
            assert_eq!(read(&line(&[0xab, 1], &input)), is(name));
            assert_eq!(read(&tagged_line(&tag, &[0xab, 1], &input)), is(name));
        }
    }

    #[test]
    fn digests_of_either_case_and_blanks_before_them_are_read() {
        assert_eq!(read("AB01  f"), is("f"));
        assert_eq!(read(" \tab01 *f"), is("f"));
        assert_eq!(read("ab01\t f"), is("f"));
        assert_eq!(read("SHA256(f)=AB01"), is("f"));
        assert_eq!(read("SHA256 (f)\t =  ab01"), is("f"));
    }

    #[test]
    fn other_lines_are_not_properly_formatted() {
        for line in [
            "",
            "ab01",
            "ab01 ",
            "ab0  f",
            "ab012  f",
            "ag01  f",
            "ab01f",
            "# ab01  f",
            "SHA256 (f) = ab0",
            "SHA256 (f) = ab012",
            "SHA256 (f) = ab01 ",
            "SHA256  (f) = ab01",
            "SHA256 f = ab01",
            "SHA256 (f = ab01",
            "SHA256 (f) ab01",
            "sha256 (f) = ab01",
            "SHA512 (f) = ab01",
            "\\ab01  f\\",
            "\\ab01  f\\x",
            "ab01  f\0g",
        ] {
            assert_eq!(read(line), None, "{line:?}");
        }
    }

    #[test]
    fn the_first_line_decides_how_many_blanks_there_are() {
        let mut blanks = Blanks::default();
        assert_eq!(read_with("ab01 f", &mut blanks), is("f"));
        assert_eq!(read_with("ab01  f", &mut blanks), is(" f"));
        let mut blanks = Blanks::default();
        assert_eq!(read_with("ab01  f", &mut blanks), is("f"));
        assert_eq!(read_with("ab01 f", &mut blanks), None);
    }

    #[test]
    fn a_tag_is_coreutils_own_or_the_name_of_the_algorithm() {
        assert_eq!(Tag::of("blake2b-512").name(), "BLAKE2b");
        assert_eq!(Tag::of("blake3").name(), "BLAKE3");
        for name in ["SHA-384", "BLAKE2B-256", "BLAKE3", "SHA-512/256"] {
            assert_eq!(Tag::algorithm(Tag::of(name).name()), name);
        }
        assert_eq!(tag_of(b"\\SHA512/256 (f) = ab"), Some("SHA512/256"));
        assert_eq!(tag_of(b"BLAKE3(f)= ab"), Some("BLAKE3"));
        assert_eq!(tag_of(b"ab01  f"), None);
        assert_eq!(tag_of(b" (f) = ab"), None);
        // Names of algorithms are matched without regard to case, and so are tags that are one.
        let tag = Tag::of("BLAKE3");
        let expected = Expected { tag: &tag, len: 1 };
        assert!(parse(b"blake3 (f) = ab", expected, &mut Blanks::default()).is_some());
    }
}
