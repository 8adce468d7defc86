//! `wcrypt encrypt` and `wcrypt decrypt`: files under a password. The format is described in FORMAT.md.

use anyhow::{Context, Result, bail};
use wasi_crypto_sdk::{Aead, Hash, Hkdf, Options, PasswordHash};
use zeroize::Zeroizing;

use crate::file::chunks::{ChunkCipher, Decryption, Encryption, NONCE_LEN};
use crate::file::header::{COMMITMENT_LEN, Cost, Header, SALT_LEN};
use crate::file::source::{Source, Waiting};
use crate::input::{Input, PIECE, fill};
use crate::output::Output;
use crate::passphrase;
use crate::progress::Progress;

mod chunks;
mod header;
mod source;

const CIPHER: &str = "AES-256-GCM";
const PASSWORD_HASH: &str = "ARGON2-ID-13";
const HASH: &str = "SHA-256";
const ROOT_LEN: usize = 32;

/// Encrypts a file of any size under a password.
///
/// The password is taken from the environment variable WCRYPT_PASSWORD, or else from standard input. The file says what
/// it is: decrypt needs nothing but the password. Memory does not grow with the file.
///
/// OUT is opened when the first chunk is encrypted. A file that is there keeps its mode, owner and links; a new one gets
/// the mode that the host's umask gives it. If anything fails after that, the message says that OUT is incomplete.
#[derive(clap::Args)]
pub struct EncryptArgs {
    #[command(flatten)]
    cost: CostArgs,
    /// The file to encrypt; `-` is standard input.
    #[arg(value_name = "IN", value_parser = Input::from_arg)]
    input: Input,
    /// Where the encrypted file goes: a file or device; `-` is standard output.
    #[arg(value_name = "OUT")]
    output: String,
}

/// Decrypts a file that encrypt has written.
///
/// The password is taken from the environment variable WCRYPT_PASSWORD, or else from standard input. Any change to the
/// encrypted file is detected.
///
/// IN is read twice: OUT is opened only after all of IN has been verified, and then each chunk is verified once more.
/// What comes from a pipe is kept meanwhile, encrypted as it is, in a nameless file beside OUT if it is long. A file
/// that is there keeps its mode, owner and links; a new one gets the mode that the host's umask gives it (`wasi-crypto
/// run --umask 077`). If anything fails while OUT is written, the message says that OUT is incomplete. Decrypted data
/// is in no other file at any time.
///
/// To standard output, IN is read once. Each piece is authentic when it appears, but only the exit status says that nothing
/// is missing at the end.
#[derive(clap::Args)]
pub struct DecryptArgs {
    /// The file to decrypt; `-` is standard input.
    #[arg(value_name = "IN", value_parser = Input::from_arg)]
    input: Input,
    /// Where the decrypted file goes: a file or device; `-` is standard output.
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
    let output = Output::new(&args.output, &args.input)?;
    let (mut reader, len) = args.input.open()?;
    let password = passphrase::read(args.input == Input::Stdin)?;

    let mut salt = [0; SALT_LEN];
    getrandom::fill(&mut salt).context("the system's source of randomness failed")?;
    let mut header = Header {
        cost,
        salt,
        commitment: [0; COMMITMENT_LEN],
    };
    let keys = Keys::derive(&password, &header)?;
    header.commitment = keys.commitment;

    let mut start = Some(header.encode(checksum)?);
    let mut progress = Progress::new(len);
    let mut chunks = Encryption::new(&keys.cipher, &mut reader);
    if args.input == Input::Stdin && output.replaces_a_file() {
        // That file may be standard input itself, which has no name to be known by: it is read to its end first.
        let kept = || "what is encrypted is kept beside OUT until standard input has ended";
        let mut waiting = Waiting::new(output.directory());
        while let Some((chunk, read)) = chunks.next().with_context(|| args.input.to_string())? {
            if let Some(start) = start.take() {
                waiting.add(&start).with_context(kept)?;
            }
            waiting.add(&chunk).with_context(kept)?;
            progress.advance(read as u64);
        }
        let mut ciphertext = waiting.reader().with_context(kept)?;
        let mut piece = vec![0; PIECE];
        return output.write(|output| {
            loop {
                match fill(&mut ciphertext, &mut piece).with_context(kept)? {
                    0 => return Ok(()),
                    n => output.put(&piece[..n])?,
                }
            }
        });
    }
    output.write(|output| {
        while let Some((chunk, read)) = chunks.next().with_context(|| args.input.to_string())? {
            if let Some(start) = start.take() {
                output.put(&start)?;
            }
            output.put(&chunk)?;
            progress.advance(read as u64);
        }
        Ok(())
    })
}

/// Runs `decrypt`.
pub fn decrypt(args: DecryptArgs) -> Result<()> {
    let input = &args.input;
    let mut source = Source::open(input)?;
    let mut start = [0; header::LEN];
    let n = fill(&mut source, &mut start).with_context(|| format!("cannot read {input}"))?;
    let header = Header::decode(&start[..n], checksum).with_context(|| input.to_string())?;

    let output = Output::new(&args.output, input)?;
    let password = passphrase::read(*input == Input::Stdin)?;
    let keys = Keys::derive(&password, &header)?;
    // The commitment is no secret: it stands in the file. An ordinary comparison will do.
    if keys.commitment != header.commitment {
        bail!("{input}: wrong password");
    }

    if output.is_stdout() {
        let mut progress = Progress::new(source.len);
        let mut chunks = Decryption::new(&keys.cipher, &mut source);
        return output.write(|output| {
            while let Some((plaintext, read)) = chunks.next().with_context(|| input.to_string())? {
                output.put(&plaintext)?;
                progress.advance(read as u64);
            }
            Ok(())
        });
    }

    let mut progress = Progress::new(source.len.map(|len| len.saturating_mul(2)));
    source.keep(output.directory())?;
    let mut chunks = Decryption::new(&keys.cipher, &mut source);
    while let Some((_, read)) = chunks.next().with_context(|| input.to_string())? {
        progress.advance(read as u64);
    }
    source
        .again()
        .with_context(|| format!("cannot read {input} again"))?;
    let mut chunks = Decryption::new(&keys.cipher, &mut source);
    output.write(|output| {
        let changed = || format!("{input} has changed after it was verified");
        while let Some((plaintext, read)) = chunks.next().with_context(changed)? {
            output.put(&plaintext)?;
            progress.advance(read as u64);
        }
        Ok(())
    })
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
