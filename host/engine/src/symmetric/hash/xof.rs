//! What extendable-output functions have in common: they absorb, and from the first squeeze on they only squeeze.

use crate::contract::symmetric::{Algorithm, Kind, Operation, StateImpl, Tag};
use crate::secret::zeroed;
use crate::{Error, Result};

/// What the rows of XOFs have in common.
pub(super) const XOF: Algorithm = Algorithm {
    kind: Kind::Xof,
    operations: &[Operation::Absorb, Operation::Squeeze, Operation::SqueezeKey],
    ..Algorithm::UNKEYED
};

/// An XOF that absorbs.
pub(crate) trait Absorbing: Sized + Send + Sync + 'static {
    type Reader: Squeezing;

    fn absorb(&mut self, data: &[u8]);

    /// The output for all that has been absorbed so far.
    fn reader(&self) -> Self::Reader;

    /// Fills `out` with the tag of all that has been absorbed so far.
    fn tag(&self, out: &mut [u8]) {
        self.reader().squeeze(out);
    }

    fn try_clone(&self) -> Result<Self>;
}

/// The output of an XOF.
pub(crate) trait Squeezing: Clone + Send + Sync + 'static {
    fn squeeze(&mut self, out: &mut [u8]);
}

/// The state of an XOF; with `tag_len`, it is also a MAC or a tuple hash, and has tags of that many bytes.
pub(crate) struct Xof<A: Absorbing> {
    phase: Phase<A, A::Reader>,
    tag_len: Option<usize>,
}

enum Phase<A, R> {
    Absorbing(A),
    Squeezing(R),
}

impl<A: Absorbing> Xof<A> {
    pub(crate) fn new(initial: A, tag_len: Option<usize>) -> Self {
        Self {
            phase: Phase::Absorbing(initial),
            tag_len,
        }
    }
}

impl<A: Absorbing> StateImpl for Xof<A> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        match &mut self.phase {
            Phase::Absorbing(xof) => {
                xof.absorb(data);
                Ok(())
            }
            Phase::Squeezing(_) => Err(Error::InvalidOperation),
        }
    }

    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        if let Phase::Absorbing(xof) = &self.phase {
            self.phase = Phase::Squeezing(xof.reader());
        }
        if let Phase::Squeezing(reader) = &mut self.phase {
            reader.squeeze(out);
        }
        Ok(())
    }

    fn squeeze_tag(&mut self) -> Result<Tag> {
        match (&self.phase, self.tag_len) {
            (Phase::Absorbing(xof), Some(len)) => {
                let mut tag = zeroed(len)?;
                xof.tag(&mut tag);
                Ok(Tag::new(tag))
            }
            _ => Err(Error::InvalidOperation),
        }
    }

    fn tag_len(&self) -> usize {
        self.tag_len.unwrap_or(0)
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        let phase = match &self.phase {
            Phase::Absorbing(xof) => Phase::Absorbing(xof.try_clone()?),
            Phase::Squeezing(reader) => Phase::Squeezing(reader.clone()),
        };
        Ok(Box::new(Self {
            phase,
            tag_len: self.tag_len,
        }))
    }
}
