//! Message authentication codes.

pub(crate) mod kmac;

use digest::{KeyInit, Mac};
use zeroize::{Zeroize, Zeroizing};

use crate::key::PreparedKey;
use crate::opening::Opening;
use crate::options::OptionName;
use crate::secret::zeroed;
use crate::state::StateImpl;
use crate::tag::Tag;
use crate::{Backend, Error, Result};

/// The shortest tag that the option `tag_len` may ask for, in bytes.
const SHORTEST_TAG: usize = 8;

/// A key of a MAC, from which computations start.
pub(crate) trait MacKey: Send + Sync {
    fn start(&self) -> Box<dyn Running>;

    /// The whole tag of `data`.
    fn tag_of(&self, data: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut running = self.start();
        running.update(data);
        running.tag()
    }
}

/// A MAC that is being computed.
pub(crate) trait Running: Send + Sync {
    fn update(&mut self, data: &[u8]);

    /// The whole tag of all that was added so far; more can be added afterwards.
    fn tag(&self) -> Zeroizing<Vec<u8>>;

    fn boxed_clone(&self) -> Box<dyn Running>;
}

/// Prepares a key of one of RustCrypto's MACs.
pub(crate) fn prepare<M>(key: &[u8], _: Backend) -> Result<PreparedKey>
where
    M: Mac + KeyInit + Clone + Send + Sync + 'static,
{
    let initial = <M as KeyInit>::new_from_slice(key).map_err(|_| Error::InvalidKey)?;
    Ok(PreparedKey::Mac(Box::new(Prepared(initial))))
}

#[derive(Clone)]
struct Prepared<M>(M);

impl<M: Mac + Clone + Send + Sync + 'static> MacKey for Prepared<M> {
    fn start(&self) -> Box<dyn Running> {
        Box::new(self.clone())
    }

    fn tag_of(&self, data: &[u8]) -> Zeroizing<Vec<u8>> {
        finish(self.0.clone().chain_update(data))
    }
}

fn finish<M: Mac>(mac: M) -> Zeroizing<Vec<u8>> {
    let mut tag = mac.finalize().into_bytes();
    let copy = Zeroizing::new(tag.to_vec());
    tag.as_mut_slice().zeroize();
    copy
}

impl<M: Mac + Clone + Send + Sync + 'static> Running for Prepared<M> {
    fn update(&mut self, data: &[u8]) {
        Mac::update(&mut self.0, data);
    }

    fn tag(&self) -> Zeroizing<Vec<u8>> {
        finish(self.0.clone())
    }

    fn boxed_clone(&self) -> Box<dyn Running> {
        Box::new(self.clone())
    }
}

/// Opens a MAC.
pub(crate) fn open(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let tag_len = settle_tag_len(opening)?;
    match opening.required_key()?.prepared() {
        PreparedKey::Mac(key) => Ok(Box::new(Authenticator {
            running: key.start(),
            tag_len,
        })),
        _ => Err(Error::InternalError),
    }
}

/// Puts in force how long tags are: as long as the algorithm's row says, unless the option `tag_len` asks for less.
fn settle_tag_len(opening: &mut Opening<'_>) -> Result<usize> {
    let whole = opening.algorithm.tag_len;
    let tag_len = match opening.options.integer(OptionName::TagLen) {
        None => whole,
        Some(len) => usize::try_from(len)
            .ok()
            .filter(|len| (SHORTEST_TAG..=whole).contains(len))
            .ok_or(Error::InvalidLength)?,
    };
    opening
        .options
        .put_integer(OptionName::TagLen, tag_len as u64);
    Ok(tag_len)
}

struct Authenticator {
    running: Box<dyn Running>,
    tag_len: usize,
}

impl StateImpl for Authenticator {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.running.update(data);
        Ok(())
    }

    fn squeeze_tag(&mut self) -> Result<Tag> {
        let whole = self.running.tag();
        let mut tag = zeroed(self.tag_len)?;
        tag.copy_from_slice(whole.get(..self.tag_len).ok_or(Error::InternalError)?);
        Ok(Tag::new(tag))
    }

    fn tag_len(&self) -> usize {
        self.tag_len
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self {
            running: self.running.boxed_clone(),
            tag_len: self.tag_len,
        }))
    }
}
