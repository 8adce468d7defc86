//! What is in the tables, byte by byte. What the database gives back is not trusted to be that.

use redb::{Database, ReadableDatabase, TableDefinition, TableHandle};

use super::file::Failure;
use crate::record::{MAX_SEALED, Record};
use crate::{Error, KekId, KeyId, Result, Version};

/// `"header"`: the store's check record.
pub(super) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// Namespace: keys that have a version that is not revoked, versions.
pub(super) const NAMESPACES: TableDefinition<'_, &str, (u64, u64)> =
    TableDefinition::new("namespaces");
/// Namespace, identifier: a [`Head`].
pub(super) const KEYS: TableDefinition<'_, (&str, &[u8; 16]), &[u8]> = TableDefinition::new("keys");
/// Namespace, identifier, version: what [`encode`] makes.
pub(super) const VERSIONS: TableDefinition<'_, (&str, &[u8; 16], u64), &[u8]> =
    TableDefinition::new("versions");

/// What all versions of a key have in common.
pub(super) struct Head {
    /// The version made last.
    pub(super) latest: Version,
    /// How many versions are not revoked.
    pub(super) live: u64,
    pub(super) algorithm: String,
}

impl Head {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.algorithm.len());
        out.extend_from_slice(&self.latest.to_be_bytes());
        out.extend_from_slice(&self.live.to_be_bytes());
        out.extend_from_slice(self.algorithm.as_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        Self::parse(Row(bytes)).ok_or_else(unreadable)
    }

    fn parse(mut row: Row<'_>) -> Option<Self> {
        Some(Self {
            latest: row.number()?,
            live: row.number()?,
            algorithm: row.rest()?,
        })
    }
}

const EXPIRES: u8 = 1;
const EXPORTABLE: u8 = 2;
const REVOKED: u8 = 4;
const SEALED: u8 = 8;

/// Flags (1 byte), created (8), expires (8), revoked (8), key-encryption key (8), length of algorithm (1), algorithm,
/// sealed.
pub(super) fn encode(record: &Record) -> Result<Vec<u8>> {
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    let sealed = record.sealed.as_deref().unwrap_or_default();
    let mut out = Vec::with_capacity(48 + record.algorithm.len() + sealed.len());
    out.push(
        flag(record.expires.is_some(), EXPIRES)
            | flag(record.exportable, EXPORTABLE)
            | flag(record.revoked.is_some(), REVOKED)
            | flag(record.sealed.is_some(), SEALED),
    );
    out.extend_from_slice(&record.created.to_be_bytes());
    out.extend_from_slice(&record.expires.unwrap_or(0).to_be_bytes());
    out.extend_from_slice(&record.revoked.unwrap_or(0).to_be_bytes());
    out.extend_from_slice(record.kek.as_bytes());
    out.push(u8::try_from(record.algorithm.len()).map_err(|_| unreadable())?);
    out.extend_from_slice(record.algorithm.as_bytes());
    out.extend_from_slice(sealed);
    Ok(out)
}

pub(super) fn decode(namespace: &str, id: &[u8; 16], version: u64, bytes: &[u8]) -> Result<Record> {
    parse(namespace, id, version, Row(bytes)).ok_or_else(unreadable)
}

fn parse(namespace: &str, id: &[u8; 16], version: u64, mut row: Row<'_>) -> Option<Record> {
    let [flags] = row.bytes()?;
    let has = |flag: u8| flags & flag != 0;
    let created = row.number()?;
    let expires = row.number()?;
    let revoked = row.number()?;
    let kek = KekId::from_bytes(row.bytes()?);
    let [len] = row.bytes()?;
    let (algorithm, sealed) = row.0.split_at_checked(len.into())?;
    Some(Record {
        namespace: namespace.to_owned(),
        id: KeyId::from_bytes(*id),
        version,
        algorithm: std::str::from_utf8(algorithm).ok()?.to_owned(),
        created,
        expires: has(EXPIRES).then_some(expires),
        exportable: has(EXPORTABLE),
        kek,
        // Without it, the record is damaged.
        sealed: has(SEALED).then(|| match sealed.len() {
            0..=MAX_SEALED => sealed.to_vec(),
            _ => Vec::new(),
        }),
        revoked: has(REVOKED).then_some(revoked),
    })
}

pub(super) fn unreadable() -> Error {
    Error::Corrupt("a row cannot be read".into())
}

struct Row<'a>(&'a [u8]);

impl Row<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn number(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_be_bytes)
    }

    fn rest(&mut self) -> Option<String> {
        let text = std::str::from_utf8(std::mem::take(&mut self.0)).ok()?;
        Some(text.to_owned())
    }
}

/// Makes all tables, so that reading finds them.
pub(super) fn make_tables(database: &Database) -> Result<(), Failure> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    transaction.open_table(META)?;
    transaction.open_table(NAMESPACES)?;
    transaction.open_table(KEYS)?;
    transaction.open_table(VERSIONS)?;
    transaction.commit()?;
    Ok(())
}

/// Whether there is what [`make_tables`] makes. What is in the tables is left to be read when it is asked for.
pub(super) fn has_tables(database: &Database) -> Result<bool, Failure> {
    let needed = [META.name(), NAMESPACES.name(), KEYS.name(), VERSIONS.name()];
    let found: Vec<_> = database.begin_read()?.list_tables()?.collect();
    let has = |name: &&str| found.iter().any(|found| found.name() == *name);
    Ok(needed.iter().all(has))
}
