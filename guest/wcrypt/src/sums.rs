//! Output in the form of `sha256sum`.

use crate::hex;
use crate::input::Input;

/// One line: the digest, two blanks, the name.
///
/// A name with a backslash, a line feed or a carriage return has them escaped, and its line starts with a backslash: then
/// each name has one line, and `sha256sum --check` understands it.
pub fn line(digest: &[u8], input: &Input) -> String {
    let name = input.to_string();
    let escaped = name
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    let mark = if escaped == name { "" } else { "\\" };
    format!("{mark}{}  {escaped}", hex::encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
