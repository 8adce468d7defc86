//! Message authentication codes.

mod cmac;
mod hmac;
mod kmac;

use digest::{KeyInit, Mac};
use zeroize::Zeroize;

use crate::contract::symmetric::{
    Algorithm, Kind, MacKey, Opening, Operation, PreparedKey, Running, StateImpl, Tag,
};
use crate::options::OptionName;
use crate::secret::SecretBytes;
use crate::{Backend, Error, Result};

pub(super) const ROWS: &[&[Algorithm]] = &[hmac::ROWS, cmac::ROWS, kmac::ROWS];

/// What the rows have in common.
const MAC: Algorithm = Algorithm {
    kind: Kind::Mac,
    options: &[OptionName::TagLen],
    fips_approved: true,
    operations: &[
        Operation::Absorb,
        Operation::SqueezeTag,
        Operation::MaxTagLen,
    ],
    open,
    ..Algorithm::UNKEYED
};

/// The shortest tag that the option `tag_len` may ask for, in bytes.
const SHORTEST_TAG: usize = 8;

/// Prepares a key of one of RustCrypto's MACs.
fn prepare<M>(key: &[u8], _: Backend) -> Result<PreparedKey>
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

    fn tag_of(&self, data: &[u8]) -> SecretBytes {
        finish(self.0.clone().chain_update(data))
    }
}

fn finish<M: Mac>(mac: M) -> SecretBytes {
    let mut tag = mac.finalize().into_bytes();
    let copy = SecretBytes::from(tag.to_vec());
    tag.as_mut_slice().zeroize();
    copy
}

impl<M: Mac + Clone + Send + Sync + 'static> Running for Prepared<M> {
    fn update(&mut self, data: &[u8]) {
        Mac::update(&mut self.0, data);
    }

    fn tag(&self) -> SecretBytes {
        finish(self.0.clone())
    }

    fn boxed_clone(&self) -> Box<dyn Running> {
        Box::new(self.clone())
    }
}

/// Opens a MAC.
fn open(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let tag_len = settle_tag_len(opening)?;
    match opening.required_key()?.prepared() {
        PreparedKey::Mac(key) => Ok(Box::new(Authenticator {
            running: key.start(),
            tag_len,
        })),
        _ => Err(Error::InternalError),
    }
}

/// Puts in force how long tags are: as long as the row says, unless the option `tag_len` asks for less.
fn settle_tag_len(opening: &mut Opening<'_>) -> Result<usize> {
    let lengths = SHORTEST_TAG..=opening.algorithm.tag_len;
    opening.settle_tag_len(|len| lengths.contains(&len))
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
        let mut tag = self.running.tag();
        // What is cut off is wiped with the rest.
        tag.truncate(self.tag_len);
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
