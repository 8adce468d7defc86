//! `wcrypt seal` and `wcrypt open`

use std::io::Write;

use anyhow::{Context, Result, bail};
use wasi_crypto_sdk::{Options, State};
use zeroize::Zeroizing;

use crate::hex;
use crate::input::{Input, MESSAGE_LIMIT, read_all};
use crate::key::KeyArgs;
use crate::opt::OptArgs;
use crate::output::{Output, print_line};

/// Encrypts one message under a key.
///
/// The output is the ciphertext, then the tag. A nonce that the host makes up is printed in hexadecimal, on standard
/// output (on standard error if the ciphertext goes to standard output): keep it, open needs it. Some algorithms leave
/// the choice of the nonce to you; never use one twice with the same key.
///
/// The message is held in memory, 64 MiB at most with its tag. For larger files, or under a password, there is wcrypt encrypt.
#[derive(clap::Args)]
pub struct SealArgs {
    #[command(flatten)]
    cipher: CipherArgs,
    /// The message; `-` is standard input.
    #[arg(value_name = "IN", value_parser = Input::from_arg)]
    input: Input,
    /// Where the ciphertext goes; `-` is standard output. A file is replaced on success only.
    #[arg(value_name = "OUT")]
    output: String,
}

/// Decrypts one message under a key.
///
/// The input is what seal has written: the ciphertext, then the tag. Nothing is written unless it verifies.
///
/// The message is held in memory, 64 MiB at most with its tag.
#[derive(clap::Args)]
pub struct OpenArgs {
    #[command(flatten)]
    cipher: CipherArgs,
    /// The ciphertext and its tag; `-` is standard input.
    #[arg(value_name = "IN", value_parser = Input::from_arg)]
    input: Input,
    /// Where the message goes; `-` is standard output. A file is replaced on success only.
    #[arg(value_name = "OUT")]
    output: String,
}

#[derive(clap::Args)]
struct CipherArgs {
    /// The cipher: XCHACHA20-POLY1305, AES-256-GCM-SIV, AES-256-GCM and so on.
    #[arg(short, long, value_name = "ALG")]
    algorithm: String,
    #[command(flatten)]
    key: KeyArgs,
    /// The nonce, or initialization vector.
    #[arg(long, value_name = "HEX", value_parser = hex::decode)]
    nonce_hex: Option<hex::Bytes>,
    /// Associated data: authenticated with the message, but not part of the output.
    #[arg(long, value_name = "HEX", value_parser = hex::decode)]
    ad_hex: Option<hex::Bytes>,
    #[command(flatten)]
    options: OptArgs,
}

/// Runs `seal`.
pub fn seal(args: SealArgs) -> Result<()> {
    let state = args.cipher.state()?;
    let made_up = match args.cipher.nonce_hex {
        Some(_) => None,
        None => nonce_in_force(&state),
    };
    // What is sealed here must not be too long to be opened.
    let overhead = state.max_tag_len().unwrap_or(0) as u64;
    let message = read_message(&args.input, MESSAGE_LIMIT.saturating_sub(overhead))?;
    let mut output = Output::create(&args.output, &args.input)?;
    let ciphertext = state
        .encrypt(&*message)
        .with_context(|| args.cipher.algorithm.clone())?;
    output
        .write_all(&ciphertext)
        .context("cannot write the output")?;
    // The nonce goes first: without it, what replaces the output could never be opened.
    if let Some(nonce) = made_up {
        let nonce = hex::encode(&nonce);
        if matches!(output, Output::Stdout(_)) {
            writeln!(std::io::stderr(), "nonce: {nonce}").context("cannot show the nonce")?;
        } else {
            print_line(&nonce)?;
        }
    }
    output.finish()
}

/// Runs `open`.
pub fn open(args: OpenArgs) -> Result<()> {
    let state = args.cipher.state()?;
    if args.cipher.nonce_hex.is_none() && nonce_in_force(&state).is_some() {
        bail!(
            "{} needs the nonce that the message was sealed with: --nonce-hex",
            args.cipher.algorithm
        );
    }
    let ciphertext = read_message(&args.input, MESSAGE_LIMIT)?;
    let mut output = Output::create(&args.output, &args.input)?;
    let message = match state.decrypt(&*ciphertext) {
        Ok(message) => Zeroizing::new(message),
        Err(error) if error.is_mismatch() => bail!(
            "{} does not verify: it is damaged, or was sealed with another key, nonce or associated data",
            args.input
        ),
        Err(error) => return Err(error).with_context(|| args.cipher.algorithm.clone()),
    };
    output
        .write_all(&message)
        .context("cannot write the output")?;
    output.finish()
}

impl CipherArgs {
    /// A state that has everything but the message.
    fn state(&self) -> Result<State> {
        let key = self.key.import(&self.algorithm)?;
        let state = State::open(&self.algorithm, Some(&key), &self.to_options())?;
        if let Some(associated_data) = &self.ad_hex {
            state
                .absorb(associated_data)
                .with_context(|| format!("{}: associated data", self.algorithm))?;
        }
        Ok(state)
    }

    fn to_options(&self) -> Options {
        let options = self.options.to_options();
        match &self.nonce_hex {
            Some(nonce) => options.nonce(nonce.as_slice()),
            None => options,
        }
    }
}

/// The nonce that the state will use, if it has any.
fn nonce_in_force(state: &State) -> Option<Vec<u8>> {
    state.option("nonce").ok()
}

fn read_message(input: &Input, limit: u64) -> Result<crate::key::Secret> {
    read_all(input, limit).context(
        "a message is held in memory; for large files there are wcrypt encrypt and decrypt",
    )
}
