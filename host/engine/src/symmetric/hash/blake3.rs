//! BLAKE3: hash, keyed hash, key derivation.

use zeroize::Zeroize;

use super::truncate;
use super::xof::{Absorbing, Squeezing, XOF, Xof};
use crate::contract::symmetric::{Algorithm, Digest, Opening, Operation, StateImpl};
use crate::contract::{Crates, KeyRule};
use crate::options::OptionName;
use crate::{Error, Result};

pub(super) const ROWS: &[Algorithm] = &[Algorithm {
    name: "BLAKE3",
    key: KeyRule::optional(32, 32, 32),
    tag_len: 32,
    options: &[OptionName::Context],
    standard: "the BLAKE3 paper, 2021",
    crates: Crates::everywhere("blake3"),
    operations: &[
        Operation::Absorb,
        Operation::Squeeze,
        Operation::SqueezeTag,
        Operation::SqueezeKey,
        Operation::MaxTagLen,
    ],
    open,
    digest: Some(Digest {
        longest: None,
        compute: digest,
    }),
    ns_per_kib: 250,
    ..XOF
}];

/// Opens BLAKE3: with a key in the keyed mode, with the option `context` in the key-derivation mode.
fn open(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let context = opening.options.bytes(OptionName::Context);
    let (hasher, tag_len) = match (opening.raw_key(), context) {
        (None, None) => (blake3::Hasher::new(), None),
        (Some(key), None) => {
            let key = key.try_into().map_err(|_| Error::InvalidKey)?;
            let hasher = blake3::Hasher::new_keyed(key);
            (hasher, Some(opening.algorithm.tag_len))
        }
        (None, Some(context)) => {
            let context = str::from_utf8(context).map_err(|_| Error::UnsupportedEncoding)?;
            (blake3::Hasher::new_derive_key(context), None)
        }
        // The key-derivation mode takes its key material as input.
        (Some(_), Some(_)) => return Err(Error::UnsupportedOption),
    };
    Ok(Box::new(Xof::new(Hasher(hasher), tag_len)))
}

/// Hashes a whole message, without key and context.
fn digest(data: &[u8], out: &mut [u8]) -> Result<()> {
    if out.len() > blake3::OUT_LEN {
        let mut hasher = Hasher(blake3::Hasher::new());
        hasher.absorb(data);
        hasher.reader().squeeze(out);
        return Ok(());
    }
    let mut hash = blake3::hash(data);
    let result = truncate(hash.as_bytes(), out);
    hash.zeroize();
    result
}

#[derive(Clone)]
struct Hasher(blake3::Hasher);

#[derive(Clone)]
struct Reader(blake3::OutputReader);

impl Absorbing for Hasher {
    type Reader = Reader;

    fn absorb(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn reader(&self) -> Reader {
        Reader(self.0.finalize_xof())
    }

    fn try_clone(&self) -> Result<Self> {
        Ok(self.clone())
    }
}

impl Squeezing for Reader {
    fn squeeze(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }
}

// The crate can wipe, but does not do so by itself.
impl Drop for Hasher {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
