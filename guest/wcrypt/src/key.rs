//! Keys from the command line.

use anyhow::{Context, Result, anyhow, ensure};
use wasi_crypto_sdk::Key;
use zeroize::Zeroizing;

use crate::hex;
use crate::input::{Input, read_all};
use crate::secret::Secret;

/// No algorithm has a use for a longer one.
const LONGEST: u64 = 64 * 1024;

/// Where the key is.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct KeyArgs {
    /// The key, in hexadecimal. Other users of the machine may see it: prefer --key-file.
    #[arg(long, value_name = "HEX", value_parser = unparsed)]
    key_hex: Option<Zeroizing<String>>,
    /// A file that holds the key, or `-` for standard input: its bytes as they are, with nothing before or after.
    #[arg(long, value_name = "FILE", value_parser = Input::from_arg)]
    key_file: Option<Input>,
}

impl KeyArgs {
    /// The bytes of the key. How many there must be, if any, is for the host to say.
    ///
    /// `data` is what else is going to be read; only one of all these can be standard input.
    pub fn read(&self, data: &[Input]) -> Result<Secret> {
        if let Some(key) = &self.key_hex {
            let key = hex::decode(key).map_err(|problem| anyhow!("--key-hex: {problem}"))?;
            return Ok(Secret::new(key));
        }
        let input = self.key_file.as_ref().context("a key is needed")?;
        ensure!(
            *input != Input::Stdin || !data.contains(&Input::Stdin),
            "--key-file -: standard input holds the data; give the key or the data in a file"
        );
        read_all(input, LONGEST).context("--key-file")
    }

    /// The key, handed to the host for `algorithm`; `data` as for [`read`](Self::read).
    pub fn import(&self, algorithm: &str, data: &[Input]) -> Result<Key> {
        let bytes = self.read(data)?;
        Key::import(algorithm, &*bytes)
            .with_context(|| format!("a key of {} bytes was not accepted", bytes.len()))
    }
}

/// Leaves the parsing for later: `clap` repeats a value that does not parse in its message.
fn unparsed(text: &str) -> Result<Zeroizing<String>, std::convert::Infallible> {
    Ok(Zeroizing::new(text.to_owned()))
}
