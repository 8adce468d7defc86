//! Sealing everything under another key-encryption key.

use crate::audit::{self, Operation, Subject};
use crate::manager::Manager;
use crate::operator::PAGE;
use crate::seal::Sealer;
use crate::store::Record;
use crate::{Error, KeyEncryptionKey, Result};

impl Manager {
    /// Seals everything that is stored under `new`, and returns how many versions it has sealed again.
    ///
    /// The store notes first that it is moving, and from then on asks for both key-encryption keys; new versions are sealed
    /// under `new` at once. If this is interrupted, at any moment, nothing is lost: open the store with both keys, in
    /// whatever order, and call it again. Once it has returned, the store asks for `new` alone, and what was copied out
    /// of the store before is the last thing that the old one opens.
    ///
    /// Other hosts go on meanwhile, if they were given both keys; if not, they are refused: [`Error::WrongKek`].
    ///
    /// # Errors
    ///
    /// [`Error::WrongKek`] when the store is already moving to another one than `new`; [`Error::Sealing`] for the first
    /// version that does not open: revoke it, and call this again; and what may be wrong with a store.
    pub fn rekey(&self, new: &KeyEncryptionKey) -> Result<u64> {
        let done = self.try_rekey(new);
        audit::record(Operation::Rekey, Subject::default(), done.as_ref().err());
        done
    }

    fn try_rekey(&self, new: &KeyEncryptionKey) -> Result<u64> {
        let inner = &self.0;
        let sealer = Sealer::new(new)?;
        inner.add_sealer(sealer.clone());
        let mut header = inner.read_header()?;
        while header.current() != sealer.id() {
            if header.previous().is_some() {
                return Err(Error::WrongKek {
                    needed: header.current(),
                    given: vec![sealer.id()],
                });
            }
            let moving = header.moving_to(&sealer)?;
            let stored = inner
                .store
                .set_header(Some(&header.encode()), &moving.encode())?;
            header = if stored { moving } else { inner.read_header()? };
        }
        inner.set_header(header.clone());
        let mut sealed = 0;
        if header.previous().is_some() {
            // Whoever began before the header was changed has finished; a version that was made since is sealed under the
            // new key. So one pass finds all that are not.
            sealed = self.reseal_all(&sealer)?;
            let moved = header.moved();
            let last = inner
                .store
                .set_header(Some(&header.encode()), &moved.encode())?;
            if last {
                inner.set_header(moved);
            } else {
                inner.read_header()?;
            }
        }
        Ok(sealed)
    }

    fn reseal_all(&self, sealer: &Sealer) -> Result<u64> {
        let inner = &self.0;
        let store = inner.store_id();
        let mut sealed = 0;
        let mut after = None;
        loop {
            let page = inner.store.scan(None, after.as_ref(), PAGE)?;
            after = page.last().map(Record::place);
            let ended = page.len() < PAGE;
            let mut changes = Vec::new();
            for old in page {
                if old.sealed.is_none() || old.kek == sealer.id() {
                    continue;
                }
                let raw = inner.sealer(&old)?.open(&store, &old)?;
                let mut new = old.clone();
                sealer.seal(&store, &mut new, &raw)?;
                changes.push((old, new));
            }
            if !changes.is_empty() {
                sealed += inner.store.reseal(&changes)?;
            }
            if ended {
                return Ok(sealed);
            }
        }
    }
}
