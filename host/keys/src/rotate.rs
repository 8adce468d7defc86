//! New versions of keys that there are, and what proves how they are to be.
//!
//! A record is a claim until it opens. So the algorithm of a new version comes from versions that open, or from whoever
//! asks for it; never from what the store says of the key.

use std::collections::BTreeSet;
use std::sync::Arc;

use wasi_crypto_engine::Key;

use crate::audit::Operation;
use crate::manager::{Inner, Manager};
use crate::record::Record;
use crate::store::Tail;
use crate::{Error, KeyId, LAST_VERSION, ManagedKey, Result, Selector, Version};

/// In how many versions, from the first on, a version that opens is looked for if the latest one does not. A guest can ask
/// for that as often as it likes.
const LOOKED_AT: usize = 1024;

/// The first number of a version that is not the first.
const FIRST_NEXT: Version = 2;

/// What the version after the last one may rest on.
#[derive(Clone, Copy)]
pub(crate) struct Basis {
    /// The store has shown this version, so the new one comes after it.
    pub(crate) after: Version,
    /// Whether a version that opens is for the algorithm, or an operator has named it. Otherwise the store can refuse it.
    pub(crate) is_settled: bool,
}

impl Basis {
    /// Checks what the store says of the key that is to get a new version for `algorithm`.
    pub(crate) fn check(&self, tail: &Tail, algorithm: &str) -> Result<()> {
        if !(FIRST_NEXT..=LAST_VERSION).contains(&tail.next) || tail.next <= self.after {
            return Err(Error::Corrupt(format!(
                "it numbers a new version {}, and has version {} already",
                tail.next,
                self.after.max(1)
            )));
        }
        if !self.is_settled && tail.algorithm != algorithm {
            return Err(Error::IncompatibleKeys);
        }
        Ok(())
    }
}

impl Manager {
    /// Gives a key a new version: random, and for the algorithm of its versions that open. The new one is to be exported if
    /// all versions that are not revoked open and are to be.
    ///
    /// # Errors
    ///
    /// [`Error::Unproven`] when no version opens, [`Error::Ambiguous`] when some are for different algorithms: see
    /// [`Manager::rotate_for`]. [`Error::NotFound`], and as [`Namespace::replace`](crate::Namespace::replace).
    pub fn rotate(&self, namespace: &str, id: &KeyId, expires: Option<u64>) -> Result<ManagedKey> {
        self.rotate_for(namespace, id, None, expires)
    }

    /// As [`Manager::rotate`], for the algorithm that the caller names. One is needed where the versions of the key do not
    /// prove it.
    ///
    /// # Errors
    ///
    /// Those of [`Manager::rotate`]; [`Error::IncompatibleKeys`] when versions open, and none is for this algorithm; in
    /// [`Error::Engine`], what [`generate_key`](wasi_crypto_engine::Engine::generate_key) says of it.
    pub fn rotate_for(
        &self,
        namespace: &str,
        id: &KeyId,
        algorithm: Option<&str>,
        expires: Option<u64>,
    ) -> Result<ManagedKey> {
        let keys = self.namespace(namespace);
        match self.0.rotation(namespace, id, algorithm) {
            Ok(new) => keys.exportable(new.exportable).append_as(
                Operation::Rotate,
                id,
                &new.key,
                expires,
                |_| Ok(new.basis),
            ),
            Err(error) => {
                keys.audit(Operation::Rotate, Some(*id), None, Some(&error))?;
                Err(error)
            }
        }
    }
}

struct Rotation {
    key: Key,
    exportable: bool,
    basis: Basis,
}

/// What the versions of a key prove together.
#[derive(Default)]
struct Proof {
    algorithms: BTreeSet<&'static str>,
    opened: usize,
    exportable: usize,
    revoked: usize,
    damaged: usize,
    last: Option<Version>,
}

impl Proof {
    fn add(&mut self, record: &Record, key: Option<&Key>) {
        self.last = Some(record.version);
        match key {
            Some(key) => {
                self.algorithms.insert(key.algorithm().name);
                self.opened += 1;
                self.exportable += usize::from(record.exportable);
            }
            None if record.is_revoked() => self.revoked += 1,
            None => self.damaged += 1,
        }
    }

    fn is_exportable(&self) -> bool {
        self.opened > 0 && self.damaged == 0 && self.exportable == self.opened
    }
}

impl Inner {
    fn rotation(&self, namespace: &str, id: &KeyId, algorithm: Option<&str>) -> Result<Rotation> {
        let named = algorithm.map(|name| self.engine.generate_key(name, None));
        let named = named.transpose()?;
        let mut proof = Proof::default();
        for record in self.versions(namespace, id) {
            let mut record = record?;
            let key = self.opened(&mut record)?;
            proof.add(&record, key.as_ref());
        }
        let last = proof.last.ok_or(Error::NotFound)?;
        let mut proven = proof.algorithms.iter();
        let key = match (named, proven.next(), proven.next()) {
            (Some(key), None, _) => key,
            (Some(key), Some(_), _) if proof.algorithms.contains(key.algorithm().name) => key,
            (Some(_), Some(_), _) => return Err(Error::IncompatibleKeys),
            (None, Some(algorithm), None) => self.engine.generate_key(algorithm, None)?,
            (None, None, _) => {
                return Err(Error::Unproven {
                    revoked: proof.revoked,
                    damaged: proof.damaged,
                });
            }
            (None, Some(_), Some(_)) => {
                let all = proof.algorithms.iter().map(|name| (*name).to_owned());
                return Err(Error::Ambiguous(all.collect()));
            }
        };
        Ok(Rotation {
            key,
            exportable: proof.is_exportable(),
            basis: Basis {
                after: last,
                is_settled: true,
            },
        })
    }

    /// What a new version for `algorithm` rests on that its caller brings along.
    ///
    /// The latest version decides, if it opens; otherwise the first versions that do. Where none opens, the caller's key is
    /// all that there is to go by, and the store can refuse it. That all versions were revoked is no obstacle.
    pub(crate) fn basis(&self, namespace: &Arc<str>, id: &KeyId, algorithm: &str) -> Result<Basis> {
        match self.cached(namespace, id, Selector::Latest) {
            Ok(latest) if latest.key.algorithm().name == algorithm => {
                return Ok(Basis {
                    after: latest.version,
                    is_settled: true,
                });
            }
            Ok(_) => return Err(Error::IncompatibleKeys),
            Err(error) if error.is_of_one_record() => {}
            Err(error) => return Err(error),
        }
        let mut after = 0;
        let mut is_for_another = false;
        for record in self.versions(namespace, id).take(LOOKED_AT) {
            let mut record = record?;
            after = record.version;
            match self.opened(&mut record)? {
                Some(key) if key.algorithm().name == algorithm => {
                    return Ok(Basis {
                        after,
                        is_settled: true,
                    });
                }
                Some(_) => is_for_another = true,
                None => {}
            }
        }
        if is_for_another {
            return Err(Error::IncompatibleKeys);
        }
        Ok(Basis {
            after,
            is_settled: false,
        })
    }

    /// The key in a record, if it opens; nothing proves what is said in one that does not.
    ///
    /// # Errors
    ///
    /// What is wrong with the store, not with this record.
    pub(crate) fn opened(&self, record: &mut Record) -> Result<Option<Key>> {
        match self.open(record) {
            Ok(key) => Ok(Some(key)),
            Err(error) if error.is_of_one_record() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
