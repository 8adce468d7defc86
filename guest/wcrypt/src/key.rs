//! Keys from the command line.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use wasi_crypto_sdk::Key;
use zeroize::Zeroizing;

use crate::hex;
use crate::input::{Input, read_all};

/// No algorithm has a use for a longer one.
const LONGEST: u64 = 64 * 1024;

/// Bytes that are wiped when they are no longer needed.
pub type Secret = Zeroizing<Vec<u8>>;

/// Where the key is.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct KeyArgs {
    /// The key, in hexadecimal. Other users of the machine may see it: prefer --key-file.
    #[arg(long, value_name = "HEX", value_parser = unparsed)]
    key_hex: Option<Zeroizing<String>>,
    /// A file that holds the key: its bytes as they are, with nothing before or after.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl KeyArgs {
    /// The bytes of the key.
    pub fn read(&self) -> Result<Secret> {
        if let Some(key) = &self.key_hex {
            let key = hex::decode(key).map_err(|problem| anyhow!("--key-hex: {problem}"))?;
            return Ok(Zeroizing::new(key));
        }
        let path = self.key_file.as_ref().context("a key is needed")?;
        read_all(&Input::File(path.clone()), LONGEST)
    }

    /// The key, handed to the host for `algorithm`.
    pub fn import(&self, algorithm: &str) -> Result<Key> {
        let bytes = self.read()?;
        Key::import(algorithm, &*bytes)
            .with_context(|| format!("a key of {} bytes was not accepted", bytes.len()))
    }
}

/// Leaves the parsing for later: `clap` repeats a value that does not parse in its message.
fn unparsed(text: &str) -> Result<Zeroizing<String>, std::convert::Infallible> {
    Ok(Zeroizing::new(text.to_owned()))
}
