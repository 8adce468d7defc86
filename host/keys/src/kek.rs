//! The key-encryption key: what the embedder keeps outside of the store.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

use wasi_crypto_engine::{Category, Engine};
use zeroize::Zeroizing;

use crate::disk::sync_directory;
use crate::{Error, Result, custody, hex};

/// Sets the identifier apart from everything else that could be derived from the key (BLAKE3's key derivation mode).
const ID_CONTEXT: &str = "wasi-crypto-keys 2026-11-21 identifier of a key-encryption key";

/// Bytes that a file with a key may have: more are not read.
const MAX_FILE: u64 = 4096;

/// A key-encryption key: 32 bytes that seal what is stored. Wiped on drop.
#[derive(Clone)]
pub struct KeyEncryptionKey {
    raw: Zeroizing<[u8; Self::LEN]>,
    id: KekId,
}

/// Tells key-encryption keys apart, and nothing of the key: 8 bytes, derived with BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KekId([u8; KekId::LEN]);

impl KeyEncryptionKey {
    /// Bytes of a key-encryption key.
    pub const LEN: usize = 32;

    /// Makes a random one.
    ///
    /// # Errors
    ///
    /// [`Error::Rng`].
    pub fn generate() -> Result<Self> {
        let engine = Engine::default();
        let key = engine.generate_key(crate::seal::ALGORITHM, None)?;
        Self::from_slice(&engine.key_to_store(&key)?)
    }

    /// The one with these bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] when there is no memory.
    pub fn from_bytes(raw: [u8; Self::LEN]) -> Result<Self> {
        let raw = Zeroizing::new(raw);
        Self::new(&raw)
    }

    /// The one with these bytes.
    ///
    /// # Errors
    ///
    /// [`Error::BadKek`] for any other length than [`KeyEncryptionKey::LEN`].
    pub fn from_slice(raw: &[u8]) -> Result<Self> {
        let raw = raw
            .try_into()
            .map_err(|_| Error::BadKek(format!("it has {} bytes instead of 32", raw.len())))?;
        Self::new(raw)
    }

    fn new(raw: &[u8; Self::LEN]) -> Result<Self> {
        let mut key = Self {
            raw: Zeroizing::new([0; Self::LEN]),
            id: KekId([0; KekId::LEN]),
        };
        key.raw.copy_from_slice(raw);
        let engine = Engine::default();
        let mut options = engine.options(Category::Symmetric);
        options.set("context", ID_CONTEXT.as_bytes())?;
        let mut state = engine.open("BLAKE3", None, Some(&options))?;
        state.absorb(raw)?;
        key.id.0.copy_from_slice(&state.squeeze(KekId::LEN as u64)?);
        Ok(key)
    }

    /// The one that a text gives, from an environment variable for example: 64 hexadecimal digits, with white space
    /// before and after.
    ///
    /// # Errors
    ///
    /// [`Error::BadKek`] for any other text.
    pub fn parse(text: &str) -> Result<Self> {
        let mut raw = Zeroizing::new([0; Self::LEN]);
        hex::decode(text.trim_ascii().as_bytes(), raw.as_mut_slice())
            .ok_or_else(|| Error::BadKek("expected are 64 hexadecimal digits".into()))?;
        Self::new(&raw)
    }

    /// The one in a file, which holds what [`KeyEncryptionKey::parse`] takes.
    ///
    /// Who else may have read or written it is judged by the file that was opened, whatever links lead to it:
    ///
    /// - Where it is root's, its group may read it: so systemd (`LoadCredential`) and Kubernetes (`fsGroup`) hand out secrets.
    ///   In a user namespace, a file of nobody's that the namespace knows counts as root's.
    /// - Where it is the calling user's, nobody else may.
    /// - Any other owner could put another key in its place, and is refused.
    ///
    /// A FIFO or pipe keeps nothing: only who may write to it is judged. A device is not judged, nor is a file on a file
    /// system that makes owners and modes up when it is mounted, such as FAT, NTFS or a share of another machine's.
    ///
    /// # Errors
    ///
    /// [`Error::BadKek`] for a file that cannot be read or holds something else, or that is refused as said above.
    pub fn read(path: &Path) -> Result<Self> {
        let bad = |what: String| Error::BadKek(format!("{}: {what}", path.display()));
        let file = std::fs::File::open(path).map_err(|error| bad(error.to_string()))?;
        custody::check(&file).map_err(bad)?;
        Self::read_from(file).map_err(|error| match error {
            Error::BadKek(what) => bad(what),
            error => error,
        })
    }

    /// The one that `source` gives, to its end: what [`KeyEncryptionKey::parse`] takes. A source that keeps a buffer of its
    /// own has to wipe that itself.
    ///
    /// # Errors
    ///
    /// [`Error::BadKek`] when it cannot be read, or gives something else.
    pub fn read_from(source: impl Read) -> Result<Self> {
        let bad = |error: std::io::Error| Error::BadKek(error.to_string());
        // Reserved at once: a buffer that grows would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(MAX_FILE as usize + 64));
        source
            .take(MAX_FILE)
            .read_to_string(&mut text)
            .map_err(bad)?;
        Self::parse(&text)
    }

    /// Writes the key to a new file that nobody but its owner can read.
    ///
    /// # Errors
    ///
    /// [`Error::BadKek`] when the file exists already or cannot be written.
    pub fn write_new(&self, path: &Path) -> Result<()> {
        let bad = |error: std::io::Error| Error::BadKek(format!("{}: {error}", path.display()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(bad)?;
        let mut text = self.to_hex();
        text.push('\n');
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_directory(path));
        if written.is_err() {
            // Half a key would only be in the way.
            let _ = std::fs::remove_file(path);
        }
        written.map_err(bad)
    }

    /// The key in hexadecimal digits: as secret as the key itself.
    pub fn to_hex(&self) -> Zeroizing<String> {
        // One more for whoever ends the line.
        let mut text = Zeroizing::new(String::with_capacity(2 * Self::LEN + 1));
        // Writing to a string cannot fail.
        let _ = hex::write(&mut *text, self.raw.as_slice());
        text
    }

    /// What tells it apart from others.
    pub fn id(&self) -> KekId {
        self.id
    }

    pub(crate) fn raw(&self) -> &[u8] {
        self.raw.as_slice()
    }
}

impl fmt::Debug for KeyEncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyEncryptionKey({})", self.id)
    }
}

impl KekId {
    /// Bytes of an identifier.
    pub const LEN: usize = 8;

    /// The identifier with these bytes.
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.0)
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KekId({self})")
    }
}
