//! `wcrypt encrypt` and `wcrypt decrypt`: files under a password. The format is described in FORMAT.md.

use std::io::{BufReader, Write};

use anyhow::{Context, Result, bail};
use wasi_crypto_sdk::{Aead, Hash, Hkdf, Options, PasswordHash};
use zeroize::Zeroizing;

use crate::file::chunks::{ChunkCipher, NONCE_LEN};
use crate::file::header::{COMMITMENT_LEN, Cost, Header, SALT_LEN};
use crate::input::{Input, PIECE, fill};
use crate::output::Output;
use crate::passphrase;
use crate::progress::Progress;

mod chunks;
mod header;

const CIPHER: &str = "AES-256-GCM";
const PASSWORD_HASH: &str = "ARGON2-ID-13";
const HASH: &str = "SHA-256";
const ROOT_LEN: usize = 32;

/// Encrypts a file of any size under a password.
///
/// The password is taken from the environment variable WCRYPT_PASSWORD, or else from standard input. The file says what
/// it is: decrypt needs nothing but the password. Memory does not grow with the file.
#[derive(clap::Args)]
pub struct EncryptArgs {
    #[command(flatten)]
    cost: CostArgs,
    /// The file to encrypt; `-` is standard input.
    #[arg(value_name = "IN", value_parser = Input::from_arg)]
    input: Input,
    /// Where the encrypted file goes; `-` is standard output. A file is replaced on success only.
    #[arg(value_name = "OUT")]
    output: String,
}

/// Decrypts a file that encrypt has written.
///
/// The password is taken from the environment variable WCRYPT_PASSWORD, or else from standard input. Any change to the
/// encrypted file is detected, and then OUT is left as it was. On standard output, each piece is authentic when it
/// appears, but only the exit status says that nothing is missing at the end.
#[derive(clap::Args)]
pub struct DecryptArgs {
    /// The file to decrypt; `-` is standard input.
    #[arg(value_name = "IN", value_parser = Input::from_arg)]
    input: Input,
    /// Where the decrypted file goes; `-` is standard output. A file is replaced on success only.
    #[arg(value_name = "OUT")]
    output: String,
}

/// What a guess at the password costs; the defaults are those that RFC 9106 recommends (section 4).
#[derive(clap::Args)]
struct CostArgs {
    /// Memory that Argon2id fills for the password, in KiB.
    #[arg(long, value_name = "N", default_value_t = 64 * 1024)]
    memory_kib: u32,
    /// Passes over that memory.
    #[arg(long, value_name = "N", default_value_t = 3)]
    passes: u32,
    /// Lanes, which a host may work on at the same time.
    #[arg(long, value_name = "N", default_value_t = 4)]
    parallelism: u32,
}

/// Runs `encrypt`.
pub fn encrypt(args: EncryptArgs) -> Result<()> {
    let cost = Cost {
        memory_kib: args.cost.memory_kib,
        passes: args.cost.passes,
        parallelism: args.cost.parallelism,
    };
    cost.check()?;
    let password = passphrase::read(args.input == Input::Stdin)?;
    let (reader, len) = args.input.open()?;
    let mut reader = BufReader::with_capacity(PIECE, reader);
    let mut output = Output::create(&args.output, &args.input)?;

    let mut salt = [0; SALT_LEN];
    getrandom::fill(&mut salt).context("the system's source of randomness failed")?;
    let mut header = Header {
        cost,
        salt,
        commitment: [0; COMMITMENT_LEN],
    };
    let keys = Keys::derive(&password, &header)?;
    header.commitment = keys.commitment;

    let start = header.encode(checksum)?;
    output
        .write_all(&start)
        .with_context(|| format!("cannot write {}", args.output))?;
    let mut progress = Progress::new(len);
    chunks::encrypt(&keys.cipher, &mut reader, &mut output, |bytes| {
        progress.advance(bytes)
    })?;
    output.finish()
}

/// Runs `decrypt`.
pub fn decrypt(args: DecryptArgs) -> Result<()> {
    let (reader, len) = args.input.open()?;
    let mut reader = BufReader::with_capacity(PIECE, reader);
    let mut start = [0; header::LEN];
    let n = fill(&mut reader, &mut start).with_context(|| format!("cannot read {}", args.input))?;
    let header = Header::decode(&start[..n], checksum).with_context(|| args.input.to_string())?;

    let password = passphrase::read(args.input == Input::Stdin)?;
    let mut output = Output::create(&args.output, &args.input)?;
    let keys = Keys::derive(&password, &header)?;
    // The commitment is no secret: it stands in the file. An ordinary comparison will do.
    if keys.commitment != header.commitment {
        bail!("{}: wrong password", args.input);
    }
    let mut progress = Progress::new(len);
    chunks::decrypt(&keys.cipher, &mut reader, &mut output, |bytes| {
        progress.advance(bytes)
    })
    .with_context(|| args.input.to_string())?;
    output.finish()
}

/// What a password and a header come to.
struct Keys {
    cipher: Aead,
    commitment: [u8; COMMITMENT_LEN],
}

impl Keys {
    fn derive(password: &[u8], header: &Header) -> Result<Self> {
        let cost = &header.cost;
        let options = Options::new()
            .memory_limit(u64::from(cost.memory_kib) * 1024)
            .ops_limit(cost.passes.into())
            .parallelism(cost.parallelism.into());
        let root = PasswordHash::with_options(PASSWORD_HASH, options)
            .derive_key(password, header.salt, ROOT_LEN)
            .with_context(|| format!("the password could not be hashed with {cost}"))?;
        let root = Zeroizing::new(root);
        let hkdf = Hkdf::from_prk(HASH, &*root)?;
        let mut commitment = [0; COMMITMENT_LEN];
        commitment.copy_from_slice(&hkdf.expand(header.info("commitment"), COMMITMENT_LEN)?);
        // The key itself never leaves the host.
        let cipher = Aead::new(hkdf.expand_key(header.info("key"), CIPHER)?);
        Ok(Self { cipher, commitment })
    }
}

impl ChunkCipher for Aead {
    fn seal(&self, nonce: [u8; NONCE_LEN], plaintext: &[u8]) -> Result<Vec<u8>> {
        Ok(self.seal_with_nonce(nonce, plaintext, b"")?)
    }

    fn open(&self, nonce: [u8; NONCE_LEN], ciphertext: &[u8]) -> Result<Option<Vec<u8>>> {
        match Aead::open(self, nonce, ciphertext, b"") {
            Ok(plaintext) => Ok(Some(plaintext)),
            Err(error) if error.is_mismatch() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn checksum(data: &[u8], len: usize) -> Result<Vec<u8>> {
    Ok(Hash::digest(HASH, data, len)?)
}
