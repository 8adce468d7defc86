//! HKDF (RFC 5869): extract, then expand.

use ::hkdf::{GenericHkdf, HmacImpl};
use digest::OutputSizeUser;
use hmac::Hmac;
use zeroize::Zeroize;

use crate::contract::symmetric::{Algorithm, Key, Kind, Opening, Operation, StateImpl};
use crate::contract::{Crates, KeyRule};
use crate::secret::SecretBuffer;
use crate::{Error, Result};

const HKDF: Algorithm = Algorithm {
    fips_approved: true,
    standard: "RFC 5869, SP 800-56C",
    crates: Crates::everywhere("hkdf"),
    ..Algorithm::UNKEYED
};

const EXTRACT: Algorithm = Algorithm {
    kind: Kind::Extract,
    operations: &[Operation::Absorb, Operation::SqueezeKey],
    ..HKDF
};

const EXPAND: Algorithm = Algorithm {
    kind: Kind::Expand,
    operations: &[Operation::Absorb, Operation::Squeeze, Operation::SqueezeKey],
    ..HKDF
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "HKDF-EXTRACT/SHA-256",
        key: KeyRule::at_least(0, 32),
        open: open_extract::<Sha256>,
        ..EXTRACT
    },
    Algorithm {
        name: "HKDF-EXTRACT/SHA-512",
        key: KeyRule::at_least(0, 64),
        open: open_extract::<Sha512>,
        ..EXTRACT
    },
    Algorithm {
        name: "HKDF-EXPAND/SHA-256",
        key: KeyRule::at_least(32, 32),
        open: open_expand::<Sha256>,
        ..EXPAND
    },
    Algorithm {
        name: "HKDF-EXPAND/SHA-512",
        key: KeyRule::at_least(64, 64),
        open: open_expand::<Sha512>,
        ..EXPAND
    },
];

/// HMAC with SHA-256, as HKDF uses it.
type Sha256 = Hmac<sha2::Sha256>;
/// HMAC with SHA-512, as HKDF uses it.
type Sha512 = Hmac<sha2::Sha512>;

/// HKDF gives at most this many blocks of the hash's size (RFC 5869, section 2.3).
const MAX_BLOCKS: usize = 255;

/// Opens HKDF-Extract: the key is the input key material, absorbing adds to the salt.
fn open_extract<H>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>>
where
    H: HmacImpl + Send + Sync + 'static,
{
    Ok(Box::new(Extract::<H> {
        key: opening.required_key()?.clone(),
        algorithm: opening.algorithm,
        salt: opening.secret(&[])?,
        hash: std::marker::PhantomData,
    }))
}

struct Extract<H> {
    key: Key,
    algorithm: &'static Algorithm,
    salt: SecretBuffer,
    hash: std::marker::PhantomData<H>,
}

impl<H: HmacImpl + Send + Sync + 'static> StateImpl for Extract<H> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.salt.append(data)
    }

    fn check_target(&self, target: &'static Algorithm) -> Result<()> {
        if is_counterpart(self.algorithm, target) {
            Ok(())
        } else {
            Err(Error::IncompatibleKeys)
        }
    }

    fn repeated_bytes(&self, _len: u64) -> u64 {
        (self.salt.len() as u64).saturating_add(self.key.raw().len() as u64)
    }

    fn squeeze_key(&mut self, out: &mut [u8]) -> Result<()> {
        let (mut prk, _) = GenericHkdf::<H>::extract(Some(&self.salt), self.key.raw());
        // The generated size of an expand key is the size of the hash, and so is a PRK's.
        let fits = prk.len() == out.len();
        if fits {
            out.copy_from_slice(&prk);
        }
        prk.as_mut_slice().zeroize();
        if fits {
            Ok(())
        } else {
            Err(Error::InternalError)
        }
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self {
            key: self.key.clone(),
            algorithm: self.algorithm,
            salt: self.salt.try_clone()?,
            hash: self.hash,
        }))
    }
}

/// Whether `target` expands what `extract` extracts: the same hash function, by the names' ends.
fn is_counterpart(extract: &Algorithm, target: &Algorithm) -> bool {
    let hash = |algorithm: &Algorithm| algorithm.name.split_once('/').map(|(_, hash)| hash);
    target.kind == Kind::Expand && hash(extract) == hash(target)
}

/// Opens HKDF-Expand: the key is the PRK, absorbing adds to the info.
fn open_expand<H>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>>
where
    H: HmacImpl + Clone + Send + Sync + 'static,
{
    let prk = opening.required_key()?.raw();
    Ok(Box::new(Expand {
        hkdf: GenericHkdf::<H>::from_prk(prk).map_err(|_| Error::InvalidKey)?,
        info: opening.secret(&[])?,
    }))
}

struct Expand<H: HmacImpl> {
    hkdf: GenericHkdf<H>,
    info: SecretBuffer,
}

impl<H: HmacImpl + Clone + Send + Sync + 'static> StateImpl for Expand<H> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.info.append(data)
    }

    fn squeeze_limit(&self) -> Option<usize> {
        Some(MAX_BLOCKS * <H as OutputSizeUser>::output_size())
    }

    fn repeated_bytes(&self, len: u64) -> u64 {
        let blocks = len.div_ceil(<H as OutputSizeUser>::output_size() as u64);
        blocks.saturating_mul(self.info.len() as u64)
    }

    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        self.hkdf
            .expand(&self.info, out)
            .map_err(|_| Error::InvalidLength)
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self {
            hkdf: self.hkdf.clone(),
            info: self.info.try_clone()?,
        }))
    }
}
