//! A store that is honest but for one kind of answer.

use wasi_crypto_keys::store::{Listener, MakeRecord, Place, Record, Tail};
use wasi_crypto_keys::{Error, KeyId, KeyStore, Quota, Result, Selector, Version};

use crate::liar::{ALGORITHMS, Liar};

/// A store that gives one kind of answer other than it should.
pub struct Twisted(pub Liar, pub Twist);

/// What is other.
pub enum Twist {
    Next(Version),
    Made(fn(&mut Record)),
    Revoked(&'static [Version]),
    Page(fn(Vec<Record>) -> Vec<Record>),
    /// Versions of a key, one more than asked for.
    Long,
    /// Versions of a key, as many as asked for, whenever asked.
    Endless,
    ResealNothing,
    ResealMore,
    SameHeader,
    /// Everything is refused but the header.
    Refuse(fn() -> Error),
}

impl KeyStore for Twisted {
    fn is_shared(&self) -> bool {
        false
    }

    fn listen(&self, _: Listener) {}

    fn header(&self) -> Result<Option<Vec<u8>>> {
        self.0.header()
    }

    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool> {
        match self.1 {
            Twist::SameHeader => Ok(true),
            _ => self.0.set_header(expected, header),
        }
    }

    fn create(&self, record: &Record, quota: &Quota) -> Result<()> {
        match self.1 {
            Twist::Refuse(error) => Err(error()),
            _ => self.0.create(record, quota),
        }
    }

    fn append(
        &self,
        namespace: &str,
        id: &KeyId,
        quota: &Quota,
        make: &MakeRecord,
    ) -> Result<Record> {
        match self.1 {
            Twist::Next(next) => make(&Tail {
                next,
                algorithm: ALGORITHMS[0].into(),
            }),
            Twist::Refuse(error) => Err(error()),
            Twist::Made(change) => {
                let mut record = self.0.append(namespace, id, quota, make)?;
                change(&mut record);
                Ok(record)
            }
            _ => self.0.append(namespace, id, quota, make),
        }
    }

    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record> {
        match self.1 {
            Twist::Refuse(error) => Err(error()),
            _ => self.0.fetch(namespace, id, version),
        }
    }

    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>> {
        match self.1 {
            Twist::Revoked(told) => Ok(told.to_vec()),
            Twist::Refuse(error) => Err(error()),
            _ => self.0.revoke(namespace, id, version, now),
        }
    }

    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        match (&self.1, after) {
            (Twist::Refuse(error), _) => Err(error()),
            (Twist::Page(twist), _) => self.0.scan(namespace, after, limit).map(twist),
            (Twist::Endless | Twist::Long, Some(after)) => {
                let limit = limit + usize::from(matches!(self.1, Twist::Long));
                let next = (after.version + 1)..;
                let record = self.0.lies().records.values().next().unwrap().clone();
                let each = next.take(limit).map(|version| Record {
                    version,
                    sealed: None,
                    ..record.clone()
                });
                Ok(each.collect())
            }
            _ => self.0.scan(namespace, after, limit),
        }
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        match self.1 {
            Twist::ResealNothing => Ok(changes.len() as u64),
            Twist::ResealMore => Ok(u64::MAX),
            Twist::Refuse(error) => Err(error()),
            _ => self.0.reseal(changes),
        }
    }
}
