//! Counter mode (SP 800-38A, section 6.5), with the whole nonce block as a big-endian counter.

use ::aes::cipher::{
    BlockCipherEncrypt, BlockSizeUser, KeyInit, KeyIvInit, StreamCipher, consts::U16,
};
use ::ctr::Ctr128BE;

use super::UNAUTHENTICATED;
use crate::contract::symmetric::{Algorithm, Kind, NonceRule, Opening, Operation, StateImpl};
use crate::contract::{Crates, KeyRule};
use crate::{Error, Result};

const AES_CTR: Algorithm = Algorithm {
    kind: Kind::StreamCipher,
    nonce: NonceRule::Required(16),
    crates: Crates::everywhere("ctr"),
    operations: &[
        Operation::Squeeze,
        Operation::MaxTagLen,
        Operation::Encrypt,
        Operation::Decrypt,
    ],
    ns_per_kib: 250,
    ..UNAUTHENTICATED
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "AES-128-CTR",
        key: KeyRule::exactly(16),
        open: open::<aes::Aes128>,
        ..AES_CTR
    },
    Algorithm {
        name: "AES-256-CTR",
        key: KeyRule::exactly(32),
        open: open::<aes::Aes256>,
        ..AES_CTR
    },
];

/// Opens a block cipher in counter mode.
fn open<C>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>>
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit + Send + Sync + 'static,
{
    opening.settle_nonce()?;
    let key = opening.required_key()?.raw();
    let nonce = opening.nonce().ok_or(Error::NonceRequired)?;
    let stream = Ctr128BE::<C>::new_from_slices(key, nonce).map_err(|_| Error::InvalidNonce)?;
    Ok(Box::new(Ctr(stream)))
}

/// One key stream, from which every operation takes what it needs.
struct Ctr<S>(S);

impl<S: StreamCipher + Send + Sync> StateImpl for Ctr<S> {
    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        // A stream of 2^128 blocks has no end that a caller reaches.
        self.0.try_write_keystream(out).map_err(|_| Error::Overflow)
    }

    fn encrypt(&mut self, data: &[u8], out: &mut [u8]) -> Result<()> {
        self.0
            .try_apply_keystream_b2b(data, out)
            .map_err(|_| Error::Overflow)
    }

    fn decrypt(&mut self, data: &[u8], out: &mut [u8]) -> Result<usize> {
        self.encrypt(data, out)?;
        Ok(out.len())
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Err(Error::UnsupportedFeature)
    }
}
