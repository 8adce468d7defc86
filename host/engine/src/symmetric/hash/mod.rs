//! Hash functions.

pub(crate) mod blake2b;
pub(crate) mod blake3;
pub(crate) mod encoding;
pub(crate) mod kt;
pub(crate) mod shake;
pub(crate) mod tuple;
pub(crate) mod turboshake;
pub(crate) mod xof;

use digest::Digest;
use digest::typenum::Unsigned;
use zeroize::Zeroize;

use crate::opening::Opening;
use crate::registry;
use crate::state::StateImpl;
use crate::{Error, Result};

/// Opens a hash function of fixed output size.
pub(crate) fn open<D>(_: &mut Opening<'_>) -> Result<Box<dyn StateImpl>>
where
    D: Digest + Clone + Send + Sync + 'static,
{
    Ok(Box::new(Hash(D::new())))
}

/// Hashes a whole message with a hash function of fixed output size.
pub(crate) const fn digest<D: Digest>() -> Option<registry::Digest> {
    Some(registry::Digest {
        longest: Some(D::OutputSize::USIZE),
        compute: |data, out| {
            let mut digest = D::digest(data);
            let result = truncate(&digest, out);
            digest.as_mut_slice().zeroize();
            result
        },
    })
}

struct Hash<D>(D);

impl<D: Digest + Clone + Send + Sync + 'static> StateImpl for Hash<D> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.0.update(data);
        Ok(())
    }

    fn squeeze_limit(&self) -> Option<usize> {
        Some(<D as Digest>::output_size())
    }

    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        let mut digest = self.0.clone().finalize();
        let result = truncate(&digest, out);
        digest.as_mut_slice().zeroize();
        result
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self(self.0.clone())))
    }
}

/// Copies the beginning of `digest` to `out`.
fn truncate(digest: &[u8], out: &mut [u8]) -> Result<()> {
    let part = digest.get(..out.len()).ok_or(Error::InvalidLength)?;
    out.copy_from_slice(part);
    Ok(())
}
