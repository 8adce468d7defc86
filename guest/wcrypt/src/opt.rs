//! Options of the algorithm from the command line.

use wasi_crypto_sdk::Options;

use crate::hex;

/// Any option of the algorithm.
#[derive(clap::Args)]
pub struct OptArgs {
    /// Sets an option of the algorithm that is a byte string, such as context. Can be repeated.
    #[arg(long = "opt", value_name = "NAME=HEX", value_parser = bytes_option)]
    bytes: Vec<(String, Vec<u8>)>,
    /// Sets an option of the algorithm that is an integer, such as tag_len. Can be repeated.
    #[arg(long = "opt-u64", value_name = "NAME=N", value_parser = integer_option)]
    integers: Vec<(String, u64)>,
}

impl OptArgs {
    /// Whether the byte string called `name` was given.
    pub fn sets(&self, name: &str) -> bool {
        self.bytes.iter().any(|(given, _)| given == name)
    }

    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.integers.is_empty()
    }

    /// What was given.
    pub fn to_options(&self) -> Options {
        let mut options = Options::new();
        for (name, value) in &self.bytes {
            options = options.bytes(name.clone(), value.as_slice());
        }
        for (name, value) in &self.integers {
            options = options.u64(name.clone(), *value);
        }
        options
    }
}

fn bytes_option(text: &str) -> Result<(String, Vec<u8>), String> {
    let (name, value) = split(text)?;
    Ok((name, hex::decode(value)?))
}

fn integer_option(text: &str) -> Result<(String, u64), String> {
    let (name, value) = split(text)?;
    let number = match value.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => value.parse(),
    };
    let number = number.map_err(|error| format!("{value} is no integer of 64 bits: {error}"))?;
    Ok((name, number))
}

fn split(text: &str) -> Result<(String, &str), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value)),
        _ => Err("it must have the form NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_a_name_and_a_value() {
        assert_eq!(
            bytes_option("context=6162").unwrap(),
            ("context".into(), b"ab".to_vec())
        );
        assert_eq!(
            bytes_option("context=").unwrap(),
            ("context".into(), vec![])
        );
        assert_eq!(integer_option("domain=31").unwrap(), ("domain".into(), 31));
        assert_eq!(
            integer_option("domain=0x1F").unwrap(),
            ("domain".into(), 31)
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["context", "=00", "context=0", "context=zz"] {
            assert!(bytes_option(text).is_err(), "{text}");
        }
        for text in [
            "domain",
            "domain=",
            "domain=-1",
            "domain=18446744073709551616",
        ] {
            assert!(integer_option(text).is_err(), "{text}");
        }
    }
}
