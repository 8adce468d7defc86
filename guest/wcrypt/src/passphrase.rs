//! Passwords.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use crate::secret::Secret;
use anyhow::{Context, Result, ensure};

/// The environment variable that a password may come in.
const VARIABLE: &str = "WCRYPT_PASSWORD";

/// The longest password read from standard input.
const LONGEST: usize = 64 * 1024;

/// The password: from the environment, or from standard input without the line's end.
///
/// Standard input is not asked where it holds the data already. A variable that is empty is as good as none.
pub fn read(stdin_is_taken: bool) -> Result<Secret> {
    let given = std::env::var(VARIABLE).ok();
    let password = match given.filter(|password| !password.is_empty()) {
        Some(password) => Secret::new(password.into_bytes()),
        None => {
            ensure!(
                !stdin_is_taken,
                "standard input holds the data; give the password in {VARIABLE}"
            );
            from_stdin().context("cannot read the password from standard input")?
        }
    };
    ensure!(
        !password.is_empty(),
        "the password is empty; give one in {VARIABLE} or on standard input"
    );
    Ok(password)
}

fn from_stdin() -> Result<Secret> {
    let mut stdin = io::stdin().lock();
    let mut password = Secret::with_room(LONGEST + 1)?;
    if stdin.is_terminal() {
        // WASI has no way to turn the terminal's echo off.
        write!(io::stderr(), "Password (it will be visible): ")?;
        let mut line = stdin.by_ref().take(LONGEST as u64 + 1);
        line.read_until(b'\n', password.vec())?;
    } else {
        stdin.take(LONGEST as u64 + 1).read_to_end(password.vec())?;
    }
    ensure!(
        password.len() <= LONGEST,
        "it has more than {LONGEST} bytes"
    );
    strip_line_end(password.vec());
    Ok(password)
}

fn strip_line_end(password: &mut Vec<u8>) {
    if password.last() == Some(&b'\n') {
        password.pop();
        if password.last() == Some(&b'\r') {
            password.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_taken_off_and_nothing_else() {
        for (given, expected) in [
            ("secret", "secret"),
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            ("secret\n\n", "secret\n"),
            ("secret \r", "secret \r"),
            ("two\nlines\n", "two\nlines"),
            ("\n", ""),
        ] {
            let mut password = given.as_bytes().to_vec();
            strip_line_end(&mut password);
            assert_eq!(password, expected.as_bytes(), "{given:?}");
        }
    }
}
