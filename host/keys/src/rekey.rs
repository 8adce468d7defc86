//! Sealing everything under another key-encryption key.

use crate::audit::{self, Operation, Subject};
use crate::header::Header;
use crate::manager::{Inner, Manager};
use crate::record::Record;
use crate::scan::{Of, PAGE, Records};
use crate::seal::Sealer;
use crate::{Error, KeyEncryptionKey, Result};

/// How often a change is tried while others change the same.
const ATTEMPTS: usize = 16;

impl Manager {
    /// Seals everything that is stored under `new`, and returns how many versions it has sealed again.
    ///
    /// It begins only if all versions that are not revoked open. The store then notes that it is moving, and from then on
    /// asks for both key-encryption keys; new versions are sealed under `new` at once. If this is interrupted, at any
    /// moment, nothing is lost: open the store with both keys, in whatever order, and call it again. Before the old key is
    /// retired, everything has been read back and opened under the new one. Once this has returned, the store asks for
    /// `new` alone, and what was copied out of the store before is the last thing that the old one opens.
    ///
    /// Other hosts go on meanwhile, if they were given both keys; if not, they are refused: [`Error::Moving`].
    ///
    /// # Errors
    ///
    /// [`Error::StillMoving`] when the store is moving to another one than `new`. [`Error::Sealing`] for the first version
    /// that does not open: another key-encryption key may be missing, or the row may be damaged or come from an older copy
    /// of the store. If it cannot be brought back, revoke that version and call this again. And what may be wrong with a
    /// store.
    pub fn rekey(&self, new: &KeyEncryptionKey) -> Result<u64> {
        let done = self.0.rekey(new);
        audit::record(
            &self.0,
            Operation::Rekey,
            Subject::default(),
            done.as_ref().err(),
        )?;
        done
    }
}

impl Inner {
    fn rekey(&self, new: &KeyEncryptionKey) -> Result<u64> {
        let sealer = Sealer::new(new)?;
        self.add_sealer(sealer.clone());
        let header = self.begin(&sealer)?;
        if header.previous().is_none() {
            return Ok(0);
        }
        let (sealed, is_finished) = self.reseal_all(&sealer)?;
        if !is_finished {
            self.finish(&sealer)?;
        }
        Ok(sealed)
    }

    /// Has the store note that it is moving, unless it has, or has finished.
    fn begin(&self, new: &Sealer) -> Result<Header> {
        let mut is_checked = false;
        for _ in 0..ATTEMPTS {
            let header = self.read_header()?;
            if header.current() == new.id() {
                return Ok(header);
            }
            if let Some(from) = header.previous() {
                return Err(Error::StillMoving {
                    from,
                    to: header.current(),
                    asked: new.id(),
                });
            }
            if !is_checked {
                self.check_all()?;
                is_checked = true;
            }
            let moving = header.moving_to(new)?;
            self.store
                .set_header(Some(&header.encode()), &moving.encode())?;
        }
        Err(unsettled())
    }

    /// Checks that all versions open that are not revoked.
    fn check_all(&self) -> Result<()> {
        for record in Records::new(&*self.store, &Of::Everything) {
            match self.open(&mut record?) {
                // Revoked, or for an algorithm that this program does not know; it is sealed as all others are.
                Ok(_) | Err(Error::NotFound | Error::Engine(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Has the store ask for the new key alone.
    fn finish(&self, new: &Sealer) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let header = self.read_header()?;
            if header.current() != new.id() {
                return Err(unsettled());
            }
            if header.previous().is_none() {
                return Ok(());
            }
            let moved = header.moved();
            self.store
                .set_header(Some(&header.encode()), &moved.encode())?;
        }
        Err(unsettled())
    }

    /// Seals again until nothing is left to be sealed, and everything has been opened under the new key.
    ///
    /// Whoever began before the header was changed has finished; a version that was made since is sealed under the new key.
    /// So the second pass finds nothing, unless others were at work, too.
    ///
    /// Returns how many it has sealed, and whether the store asks for the new key alone because others have finished.
    fn reseal_all(&self, new: &Sealer) -> Result<(u64, bool)> {
        let mut sealed: u64 = 0;
        for _ in 0..ATTEMPTS {
            let mut is_done = true;
            let mut changes = Vec::with_capacity(PAGE);
            for record in Records::new(&*self.store, &Of::Everything) {
                let old = record?;
                if old.is_revoked() {
                    continue;
                }
                let raw = match self.open_raw(&old) {
                    Ok(raw) => raw,
                    // Somebody else has finished, since this one was read.
                    Err(Error::Sealing { .. }) if self.read_header()?.previous().is_none() => {
                        return Ok((sealed, true));
                    }
                    Err(error) => return Err(error),
                };
                if old.kek == new.id() {
                    continue;
                }
                is_done = false;
                let mut again = old.clone();
                new.seal(&self.store_id(), &mut again, &raw)?;
                changes.push((old, again));
                if changes.len() == PAGE {
                    sealed = sealed.saturating_add(self.reseal(&changes)?);
                    changes.clear();
                }
            }
            if !changes.is_empty() {
                sealed = sealed.saturating_add(self.reseal(&changes)?);
            }
            if is_done {
                return Ok((sealed, false));
            }
        }
        Err(unsettled())
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        let sealed = self.store.reseal(changes)?;
        if sealed > changes.len() as u64 {
            let more = "it put more records in their places than it was given";
            return Err(Error::Corrupt(more.into()));
        }
        Ok(sealed)
    }
}

fn unsettled() -> Error {
    Error::Store(
        "what was moved to the new key-encryption key does not stay moved: something else changes the store".into(),
    )
}
