//! Cipher block chaining (SP 800-38A, section 6.2), with the padding of PKCS#7 (RFC 5652, section 6.3).

use std::marker::PhantomData;

use ::aes::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt,
    BlockSizeUser, KeyInit, KeyIvInit, block_padding::Pkcs7, consts::U16,
};
use ::cbc::{Decryptor, Encryptor};
use subtle::{ConditionallySelectable, ConstantTimeEq, ConstantTimeLess};
use zeroize::Zeroizing;

use super::UNAUTHENTICATED;
use crate::contract::symmetric::{
    Algorithm, Key, Kind, NonceGuard, NonceRule, Opening, Operation, StateImpl,
};
use crate::contract::{Crates, KeyRule};
use crate::secret::SecretBuffer;
use crate::{Error, Result};

const AES_CBC: Algorithm = Algorithm {
    kind: Kind::BlockMode,
    nonce: NonceRule::Generated(16),
    crates: Crates::everywhere("cbc"),
    operations: &[Operation::MaxTagLen, Operation::Encrypt, Operation::Decrypt],
    ..UNAUTHENTICATED
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "AES-128-CBC",
        key: KeyRule::exactly(16),
        open: open::<aes::Aes128>,
        ..AES_CBC
    },
    Algorithm {
        name: "AES-256-CBC",
        key: KeyRule::exactly(32),
        open: open::<aes::Aes256>,
        ..AES_CBC
    },
];

const BLOCK: usize = 16;

/// A block cipher that CBC can chain.
trait Cipher:
    BlockCipherEncrypt
    + BlockCipherDecrypt
    + BlockSizeUser<BlockSize = U16>
    + KeyInit
    + Send
    + Sync
    + 'static
{
}

impl<C> Cipher for C where
    C: BlockCipherEncrypt
        + BlockCipherDecrypt
        + BlockSizeUser<BlockSize = U16>
        + KeyInit
        + Send
        + Sync
        + 'static
{
}

/// Opens a block cipher in CBC mode.
fn open<C: Cipher>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    opening.settle_nonce()?;
    let nonce = opening.nonce().ok_or(Error::NonceRequired)?;
    Ok(Box::new(Cbc::<C> {
        key: opening.required_key()?.clone(),
        nonce: opening.secret(nonce)?,
        nonce_guard: NonceGuard::new(),
        cipher: PhantomData,
    }))
}

struct Cbc<C> {
    key: Key,
    nonce: SecretBuffer,
    nonce_guard: NonceGuard,
    cipher: PhantomData<C>,
}

impl<C: Cipher> Cbc<C> {
    fn mode<M: KeyIvInit>(&self) -> Result<M> {
        M::new_from_slices(self.key.raw(), &self.nonce).map_err(|_| Error::InternalError)
    }
}

impl<C: Cipher> StateImpl for Cbc<C> {
    fn expansion(&self) -> usize {
        BLOCK
    }

    fn ciphertext_len(&self, len: usize) -> Result<usize> {
        // A message of whole blocks gets one more.
        len.checked_add(BLOCK - len % BLOCK).ok_or(Error::Overflow)
    }

    fn decrypts(&mut self) {
        self.nonce_guard.decrypts();
    }

    fn check_encrypt(&self) -> Result<()> {
        self.nonce_guard.check()
    }

    fn encrypt(&mut self, data: &[u8], out: &mut [u8]) -> Result<()> {
        self.nonce_guard.encrypts()?;
        self.mode::<Encryptor<C>>()?
            .encrypt_padded_b2b::<Pkcs7>(data, out)
            .map_err(|_| Error::InternalError)?;
        Ok(())
    }

    fn message_len(&self, len: usize) -> Result<usize> {
        // The padding is at least one byte.
        if len.is_multiple_of(BLOCK) {
            len.checked_sub(1).ok_or(Error::InvalidTag)
        } else {
            Err(Error::InvalidTag)
        }
    }

    fn decrypt(&mut self, data: &[u8], out: &mut [u8]) -> Result<usize> {
        self.nonce_guard.decrypts();
        let mut mode = self.mode::<Decryptor<C>>()?;
        let (blocks, _) = Array::slice_as_chunks(data);
        let (last, whole) = blocks.split_last().ok_or(Error::InvalidTag)?;
        let (whole_out, rest) = Array::slice_as_chunks_mut(out);
        mode.decrypt_blocks_b2b(whole, whole_out)
            .map_err(|_| Error::InternalError)?;
        let mut block = Zeroizing::new([0; BLOCK]);
        mode.decrypt_block_b2b(last, (&mut *block).into());
        let Some(padding) = padding_len(&block) else {
            out.fill(0);
            return Err(Error::InvalidTag);
        };
        let part = &block[..BLOCK - padding];
        let (part_out, unused) = rest
            .split_at_mut_checked(part.len())
            .ok_or(Error::InternalError)?;
        part_out.copy_from_slice(part);
        unused.fill(0);
        Ok(data.len() - padding)
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self {
            key: self.key.clone(),
            nonce: self.nonce.try_clone()?,
            nonce_guard: self.nonce_guard.clone(),
            cipher: PhantomData,
        }))
    }
}

/// The bytes of padding that the last block of a message ends with, found in the same time for any content.
fn padding_len(block: &[u8; BLOCK]) -> Option<usize> {
    let len = block[BLOCK - 1];
    let mut valid = !len.ct_eq(&0) & len.ct_lt(&(BLOCK as u8 + 1));
    for (from_end, byte) in (1..).zip(block.iter().rev()) {
        let outside = len.ct_lt(&from_end);
        valid &= outside | byte.ct_eq(&len);
    }
    let len = u8::conditional_select(&0, &len, valid);
    bool::from(valid).then_some(usize::from(len))
}
