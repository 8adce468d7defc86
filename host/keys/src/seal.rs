//! How a key is sealed: format 1.
//!
//! What is stored is `1 ‖ nonce ‖ ciphertext ‖ tag` by AES-256-GCM-SIV (RFC 8452) under the key-encryption key, with a
//! random nonce of 12 bytes. The associated data is, numbers in big endian:
//!
//! ```text
//! "wasi-crypto-keys" ‖ format (1 byte) ‖ purpose (1 byte) ‖ store (16) ‖ key-encryption key's id (8)
//! ```
//!
//! and, where the purpose is a key (1; the check record's is 0):
//!
//! ```text
//! id (16) ‖ version (8) ‖ created (8) ‖ expires: 0 or 1 (1), value or 0 (8) ‖ exportable: 0 or 1 (1)
//! ‖ length of namespace (4) ‖ namespace ‖ length of algorithm (4) ‖ algorithm
//! ```
//!
//! Every field has a fixed size or its length before it, so no two rows have the same associated data.

use wasi_crypto_engine::{Backend, Engine, Key, Limits, Policy, SecretBytes};

use crate::id::StoreId;
use crate::record::{MAX_SEALED, Record};
use crate::{Error, KekId, KeyEncryptionKey, Result};

/// The algorithm that seals: it forgives even a nonce that is drawn twice.
pub(crate) const ALGORITHM: &str = "AES-256-GCM-SIV";

const DOMAIN: &[u8; 16] = b"wasi-crypto-keys";
const FORMAT: u8 = 1;
const NONCE_LEN: usize = 12;

#[derive(Clone, Copy)]
enum Purpose {
    Check = 0,
    Key = 1,
}

/// Seals and opens under one key-encryption key.
#[derive(Clone)]
pub(crate) struct Sealer {
    engine: Engine,
    key: Key,
    id: KekId,
}

impl Sealer {
    pub(crate) fn new(kek: &KeyEncryptionKey) -> Result<Self> {
        let engine = unlimited_engine();
        let key = engine.import_key(ALGORITHM, kek.raw())?;
        Ok(Self {
            engine,
            key,
            id: kek.id(),
        })
    }

    pub(crate) fn id(&self) -> KekId {
        self.id
    }

    /// Seals the raw bytes of a key for the place that `record` says, which gets them and this sealer's id.
    pub(crate) fn seal(&self, store: &StoreId, record: &mut Record, raw: &[u8]) -> Result<()> {
        record.kek = self.id;
        record.sealed = Some(self.encrypt(&bound(store, record)?, raw)?);
        Ok(())
    }

    /// Opens what is sealed in `record`, if it was sealed for this place.
    pub(crate) fn open(&self, store: &StoreId, record: &Record) -> Result<SecretBytes> {
        let sealed = record.sealed.as_deref().ok_or(Error::NotFound)?;
        if sealed.len() > MAX_SEALED {
            return Err(record.damaged());
        }
        let associated = bound(store, record)?;
        self.decrypt(&associated, sealed)
            .ok_or_else(|| record.damaged())
    }

    /// Proves, to whoever has the key-encryption key, that the store is sealed under it.
    pub(crate) fn check(&self, store: &StoreId) -> Result<Vec<u8>> {
        self.encrypt(&domain(Purpose::Check, store, self.id), &[])
    }

    pub(crate) fn verify_check(&self, store: &StoreId, check: &[u8]) -> bool {
        self.decrypt(&domain(Purpose::Check, store, self.id), check)
            .is_some_and(|opened| opened.is_empty())
    }

    fn encrypt(&self, associated: &[u8], message: &[u8]) -> Result<Vec<u8>> {
        let sealed = self.engine.encrypt(&self.key, None, associated, message)?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + sealed.ciphertext.len());
        out.push(FORMAT);
        out.extend_from_slice(&sealed.nonce);
        out.extend_from_slice(&sealed.ciphertext);
        Ok(out)
    }

    fn decrypt(&self, associated: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
        let (&FORMAT, rest) = sealed.split_first()? else {
            return None;
        };
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN)?;
        self.engine
            .decrypt(&self.key, Some(nonce), associated, ciphertext)
            .ok()
    }
}

/// An engine for the host's own keys. What it holds is bounded by the cache, and counted where guests hold it.
pub(crate) fn unlimited_engine() -> Engine {
    let mut limits = Limits::default();
    limits.buffered_bytes = u64::MAX;
    Engine::new(Backend::Native, limits, Policy::default())
}

fn domain(purpose: Purpose, store: &StoreId, kek: KekId) -> Vec<u8> {
    let mut out = Vec::with_capacity(192);
    out.extend_from_slice(DOMAIN);
    out.push(FORMAT);
    out.push(purpose as u8);
    out.extend_from_slice(store);
    out.extend_from_slice(kek.as_bytes());
    out
}

fn bound(store: &StoreId, record: &Record) -> Result<Vec<u8>> {
    let mut out = domain(Purpose::Key, store, record.kek);
    out.extend_from_slice(record.id.as_bytes());
    out.extend_from_slice(&record.version.to_be_bytes());
    out.extend_from_slice(&record.created.to_be_bytes());
    out.push(record.expires.is_some().into());
    out.extend_from_slice(&record.expires.unwrap_or(0).to_be_bytes());
    out.push(record.exportable.into());
    for text in [&record.namespace, &record.algorithm] {
        let len = u32::try_from(text.len()).map_err(|_| Error::BadNamespace)?;
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    Ok(out)
}
