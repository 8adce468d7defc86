//! Hash functions.

mod ascon;
mod blake2b;
mod blake3;
pub(super) mod encoding;
mod kt;
mod sha2;
mod sha3;
pub(super) mod shake;
mod tuple;
mod turboshake;
pub(super) mod xof;

use digest::typenum::Unsigned;
use zeroize::Zeroize;

use crate::contract::symmetric::{Algorithm, Digest, Opening, StateImpl};
use crate::{Error, Result};

pub(super) const ROWS: &[&[Algorithm]] = &[
    sha2::ROWS,
    sha3::ROWS,
    shake::ROWS,
    turboshake::ROWS,
    kt::ROWS,
    tuple::ROWS,
    blake2b::ROWS,
    blake3::ROWS,
    ascon::ROWS,
];

/// The row of a hash function of fixed output size: `base`, with a name and with what computes it.
const fn fixed<D>(name: &'static str, base: Algorithm) -> Algorithm
where
    D: digest::Digest + Clone + Send + Sync + 'static,
{
    Algorithm {
        name,
        open: open::<D>,
        digest: Some(Digest {
            longest: Some(D::OutputSize::USIZE),
            compute: |data, out| {
                let mut digest = D::digest(data);
                let result = truncate(&digest, out);
                digest.as_mut_slice().zeroize();
                result
            },
        }),
        ..base
    }
}

fn open<D>(_: &mut Opening<'_>) -> Result<Box<dyn StateImpl>>
where
    D: digest::Digest + Clone + Send + Sync + 'static,
{
    Ok(Box::new(Hash(D::new())))
}

struct Hash<D>(D);

impl<D: digest::Digest + Clone + Send + Sync + 'static> StateImpl for Hash<D> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.0.update(data);
        Ok(())
    }

    fn squeeze_limit(&self) -> Option<usize> {
        Some(<D as digest::Digest>::output_size())
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
