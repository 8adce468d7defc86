//! `wcrypt seal` and `wcrypt open`

use std::io::Write;

use anyhow::{Context, Result, bail};
use wasi_crypto_sdk::{CryptoErrno, Key, State};

use crate::hex;
use crate::input::{Input, MESSAGE_LIMIT, read_all};
use crate::key::KeyArgs;
use crate::opt::OptArgs;
use crate::output::{Output, print_line};
use crate::secret::Secret;

/// Encrypts one message under a key.
///
/// The output is the ciphertext, then the tag. Without --nonce-hex, a random nonce is made and printed in hexadecimal, on
/// standard output (on standard error if the ciphertext goes to standard output): keep it, open needs it. Some algorithms
/// leave the choice of the nonce to you, because a random one would be too short; never use one twice with the same key.
///
/// The message is held in memory, 64 MiB at most with its tag. For larger files, or under a password, there is wcrypt encrypt.
#[derive(clap::Args)]
pub struct SealArgs {
    #[command(flatten)]
    cipher: CipherArgs,
    /// Encrypts without a nonce, with an algorithm that can do without. With AES-SIV, equal messages then give equal
    /// ciphertexts. With a session (Xoodyak, Strobe), the key must be for this one message alone: two ciphertexts under one
    /// key show the difference of their messages.
    #[arg(long, conflicts_with = "nonce_hex")]
    no_nonce: bool,
    /// The message; `-` is standard input.
    #[arg(value_name = "IN", value_parser = Input::from_arg)]
    input: Input,
    /// Where the ciphertext goes: a file or device, which is opened at the end; `-` is standard output.
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
    /// Where the message goes: a file or device, which is opened at the end; `-` is standard output.
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
    /// Associated data: authenticated with the message, but not part of the output. To AES-SIV and sessions, empty associated
    /// data is not the same as none.
    #[arg(long, value_name = "HEX", value_parser = hex::decode)]
    ad_hex: Option<hex::Bytes>,
    #[command(flatten)]
    options: OptArgs,
}

/// Runs `seal`.
pub fn seal(args: SealArgs) -> Result<()> {
    let key = args.cipher.import_key(&args.input)?;
    let (state, made_up) = match (args.cipher.nonce_given(), args.no_nonce) {
        (true, false) => (args.cipher.given_nonce(&key)?, None),
        (true, true) => bail!("--no-nonce cannot be used with a nonce"),
        (false, true) => (args.cipher.without_nonce(&key)?, None),
        (false, false) => {
            let (state, nonce) = args.cipher.fresh_nonce(&key)?;
            (state, Some(nonce))
        }
    };
    // What is sealed here must not be too long to be opened.
    let overhead = state.max_tag_len().unwrap_or(0) as u64;
    let message = read_message(&args.input, MESSAGE_LIMIT.saturating_sub(overhead))?;
    let output = Output::new(&args.output, &args.input)?;
    let ciphertext = state
        .encrypt(&*message)
        .with_context(|| args.cipher.algorithm.clone())?;
    // The nonce goes first: without it, what is in the output could never be opened.
    if let Some(nonce) = made_up {
        let nonce = hex::encode(&nonce);
        if output.is_stdout() {
            writeln!(std::io::stderr(), "nonce: {nonce}").context("cannot show the nonce")?;
        } else {
            print_line(&nonce)?;
        }
    }
    output.write(|output| output.put(&ciphertext))
}

/// Runs `open`.
pub fn open(args: OpenArgs) -> Result<()> {
    let key = args.cipher.import_key(&args.input)?;
    let state = args.cipher.state(&key, None)?;
    if !args.cipher.nonce_given() && nonce_of(&state).is_ok() {
        bail!(
            "{} needs the nonce that the message was sealed with: --nonce-hex",
            args.cipher.algorithm
        );
    }
    let ciphertext = read_message(&args.input, MESSAGE_LIMIT)?;
    let output = Output::new(&args.output, &args.input)?;
    let message = match state.decrypt(&*ciphertext) {
        Ok(message) => Secret::new(message),
        Err(error) if error.is_mismatch() => bail!(
            "{} does not verify: it is damaged, or was sealed with another key, nonce or associated data",
            args.input
        ),
        Err(error) => return Err(error).with_context(|| args.cipher.algorithm.clone()),
    };
    output.write(|output| output.put(&message))
}

/// Bytes of a random nonce, where the algorithm takes one of its caller's choice: never the same twice, by all odds.
const RANDOM_NONCE: usize = 16;

impl CipherArgs {
    /// The key, for what `input` holds. It can be read once only.
    fn import_key(&self, input: &Input) -> Result<Key> {
        self.key
            .import(&self.algorithm, std::slice::from_ref(input))
    }

    /// A state with a nonce that is new: the host's, or else one that is made here.
    fn fresh_nonce(&self, key: &Key) -> Result<(State, Vec<u8>)> {
        let algorithm = &self.algorithm;
        let state = match self.state(key, None) {
            Err(error) if is(&error, CryptoErrno::NonceRequired) => bail!(
                "{algorithm} takes a nonce that you choose: --nonce-hex; never use one twice with the same key"
            ),
            other => other?,
        };
        match nonce_of(&state) {
            Ok(nonce) => Ok((state, nonce)),
            // It takes one, and would do without.
            Err(error) if error.errno() == CryptoErrno::OptionNotSet => {
                let mut nonce = vec![0; RANDOM_NONCE];
                getrandom::fill(&mut nonce).context("cannot make a random nonce")?;
                let state = match self.state(key, Some(&nonce)) {
                    Err(error) if is(&error, CryptoErrno::InvalidNonce) => bail!(
                        "{algorithm} takes no nonce of {RANDOM_NONCE} bytes; choose one: --nonce-hex"
                    ),
                    other => other?,
                };
                Ok((state, nonce))
            }
            Err(error) if error.errno() == CryptoErrno::UnsupportedOption => bail!(
                "{algorithm} takes no nonce: two messages under one key would show their difference; \
                 give each message a key of its own, and say so with --no-nonce"
            ),
            Err(error) => Err(error).with_context(|| algorithm.clone()),
        }
    }

    /// A state with the nonce that the command line gives.
    fn given_nonce(&self, key: &Key) -> Result<State> {
        let state = self.state(key, None)?;
        if nonce_of(&state).is_ok_and(|nonce| nonce.is_empty()) {
            bail!("an empty nonce is none; leave it out, or say --no-nonce");
        }
        Ok(state)
    }

    /// A state without a nonce.
    fn without_nonce(&self, key: &Key) -> Result<State> {
        let state = self.state(key, None);
        let needs_one = match &state {
            Ok(state) => nonce_of(state).is_ok(),
            Err(error) => is(error, CryptoErrno::NonceRequired),
        };
        if needs_one {
            bail!(
                "{} does not encrypt without a nonce; leave --no-nonce out",
                self.algorithm
            );
        }
        state
    }

    /// A state that has everything but the message; a nonce that is not on the command line is `nonce`.
    fn state(&self, key: &Key, nonce: Option<&[u8]>) -> Result<State> {
        let mut options = self.options.to_options();
        if let Some(nonce) = self.nonce_hex.as_deref().or(nonce) {
            options = options.nonce(nonce);
        }
        let state = State::open(&self.algorithm, Some(key), &options)?;
        if let Some(associated_data) = &self.ad_hex {
            state
                .absorb(associated_data)
                .with_context(|| format!("{}: associated data", self.algorithm))?;
        }
        Ok(state)
    }

    /// Whether the command line gives a nonce, in either of its ways.
    fn nonce_given(&self) -> bool {
        self.nonce_hex.is_some() || self.options.sets("nonce")
    }
}

/// The nonce that the state will use.
fn nonce_of(state: &State) -> wasi_crypto_sdk::Result<Vec<u8>> {
    state.option("nonce")
}

fn is(error: &anyhow::Error, errno: CryptoErrno) -> bool {
    error
        .downcast_ref::<wasi_crypto_sdk::Error>()
        .is_some_and(|error| error.errno() == errno)
}

fn read_message(input: &Input, limit: u64) -> Result<Secret> {
    read_all(input, limit).context(
        "a message is held in memory; for large files there are wcrypt encrypt and decrypt",
    )
}
