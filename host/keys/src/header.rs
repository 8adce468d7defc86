//! The record by which a store knows its key-encryption key.
//!
//! Its bytes: format (1 byte, 1) ‖ store (16) ‖ one or two times: key-encryption key's id (8) ‖ check (29). The first key
//! is the one that new versions are sealed under. A second one is there while `rekey` works: some versions may still be
//! sealed under it.

use crate::id::StoreId;
use crate::seal::Sealer;
use crate::{Error, KekId, Result};

const FORMAT: u8 = 1;
/// Format, nonce and tag of an empty message.
const CHECK_LEN: usize = 1 + 12 + 16;
const ENTRY_LEN: usize = KekId::LEN + CHECK_LEN;

/// What a store says of the keys it is sealed under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) store: StoreId,
    current: Entry,
    previous: Option<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    kek: KekId,
    check: [u8; CHECK_LEN],
}

impl Header {
    /// That of a new store.
    pub(crate) fn new(store: StoreId, sealer: &Sealer) -> Result<Self> {
        Ok(Self {
            store,
            current: Entry::new(&store, sealer)?,
            previous: None,
        })
    }

    /// That of this store when it begins to be sealed under another key.
    pub(crate) fn moving_to(&self, sealer: &Sealer) -> Result<Self> {
        Ok(Self {
            store: self.store,
            current: Entry::new(&self.store, sealer)?,
            previous: Some(self.current.clone()),
        })
    }

    /// That of this store when nothing is sealed under the previous key any more.
    pub(crate) fn moved(&self) -> Self {
        Self {
            previous: None,
            ..self.clone()
        }
    }

    pub(crate) fn current(&self) -> KekId {
        self.current.kek
    }

    /// Whether the store is sealed under this key, all of it or what was not moved yet.
    pub(crate) fn names(&self, kek: KekId) -> bool {
        self.current() == kek || self.previous() == Some(kek)
    }

    pub(crate) fn previous(&self) -> Option<KekId> {
        self.previous.as_ref().map(|entry| entry.kek)
    }

    /// Checks that every key that the store needs is there, and is the one that it says it is.
    pub(crate) fn check(&self, sealers: &[Sealer]) -> Result<()> {
        for entry in std::iter::once(&self.current).chain(&self.previous) {
            let sealer = sealers.iter().find(|sealer| sealer.id() == entry.kek);
            let Some(sealer) = sealer else {
                return Err(self.asks_for_more_than(sealers));
            };
            if !sealer.verify_check(&self.store, &entry.check) {
                return Err(Error::Corrupt("its check record was changed".into()));
            }
        }
        Ok(())
    }

    fn asks_for_more_than(&self, sealers: &[Sealer]) -> Error {
        let given = sealers.iter().map(Sealer::id).collect();
        match self.previous() {
            Some(from) => Error::Moving {
                from,
                to: self.current(),
                given,
            },
            None => Error::WrongKek {
                needed: self.current(),
                given,
            },
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1 + self.store.len() + 2 * ENTRY_LEN);
        out.push(FORMAT);
        out.extend_from_slice(&self.store);
        for entry in std::iter::once(&self.current).chain(&self.previous) {
            out.extend_from_slice(entry.kek.as_bytes());
            out.extend_from_slice(&entry.check);
        }
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        Self::parse(bytes).ok_or_else(|| Error::Corrupt("its check record cannot be read".into()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (&FORMAT, rest) = bytes.split_first()? else {
            return None;
        };
        let (store, entries) = rest.split_first_chunk()?;
        let (current, rest) = Entry::parse(entries)?;
        let previous = match rest {
            [] => None,
            rest => match Entry::parse(rest)? {
                (entry, []) => Some(entry),
                _ => return None,
            },
        };
        Some(Self {
            store: *store,
            current,
            previous,
        })
    }
}

impl Entry {
    fn new(store: &StoreId, sealer: &Sealer) -> Result<Self> {
        let check = sealer.check(store)?;
        Ok(Self {
            kek: sealer.id(),
            check: check
                .try_into()
                .map_err(|_| Error::Engine(wasi_crypto_engine::Error::InternalError))?,
        })
    }

    fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (kek, rest) = bytes.split_first_chunk()?;
        let (check, rest) = rest.split_first_chunk()?;
        let entry = Self {
            kek: KekId::from_bytes(*kek),
            check: *check,
        };
        Some((entry, rest))
    }
}
