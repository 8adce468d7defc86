//! Records of a store, one after the other: those that were asked for, each once. A store that gives anything else is
//! believed no further, so that reading ends and nothing is taken for what it is not.

use std::collections::VecDeque;

use crate::record::{Place, Record};
use crate::store::KeyStore;
use crate::{Error, KeyId, Result};

/// How many records a store is asked for at a time.
pub(crate) const PAGE: usize = 256;

/// What of a store is read.
pub(crate) enum Of<'a> {
    Everything,
    Namespace(&'a str),
    Key(&'a str, KeyId),
}

/// Holds one page in memory. After an error it ends.
pub(crate) struct Records<'a> {
    store: &'a dyn KeyStore,
    namespace: Option<String>,
    key: Option<KeyId>,
    page: VecDeque<Record>,
    last: Option<Place>,
    ended: bool,
}

impl<'a> Records<'a> {
    pub(crate) fn new(store: &'a dyn KeyStore, of: &Of<'_>) -> Self {
        let (namespace, key) = match *of {
            Of::Everything => (None, None),
            Of::Namespace(namespace) => (Some(namespace), None),
            Of::Key(namespace, id) => (Some(namespace), Some(id)),
        };
        let before = key.zip(namespace).map(|(id, namespace)| Place {
            namespace: namespace.to_owned(),
            id,
            version: 0,
        });
        Self {
            store,
            namespace: namespace.map(str::to_owned),
            key,
            page: VecDeque::new(),
            last: before,
            ended: false,
        }
    }

    fn turn(&mut self) -> Result<()> {
        let namespace = self.namespace.as_deref();
        let page = self.store.scan(namespace, self.last.as_ref(), PAGE)?;
        if page.len() > PAGE {
            return Err(Error::Corrupt(format!(
                "it gave {} records where {PAGE} were asked for",
                page.len()
            )));
        }
        self.ended = page.len() < PAGE;
        self.page = page.into();
        Ok(())
    }

    fn take(&mut self) -> Result<Option<Record>> {
        if self.page.is_empty() && !self.ended {
            self.turn()?;
        }
        let Some(record) = self.page.pop_front() else {
            return Ok(None);
        };
        let place = record.place();
        let elsewhere = |namespace: &String| *namespace != place.namespace;
        if self.namespace.as_ref().is_some_and(elsewhere) {
            return Err(Error::Corrupt(
                "it gave a record of another namespace than asked for".into(),
            ));
        }
        if self.last.as_ref().is_some_and(|last| *last >= place) {
            return Err(Error::Corrupt(
                "it gave records twice or out of order".into(),
            ));
        }
        // They come in order: the first one of another key ends those of this one.
        if self.key.is_some_and(|key| key != place.id) {
            return Ok(None);
        }
        self.last = Some(place);
        Ok(Some(record))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let taken = self.take().transpose();
        if !matches!(taken, Some(Ok(_))) {
            self.ended = true;
            self.page.clear();
        }
        taken
    }
}
