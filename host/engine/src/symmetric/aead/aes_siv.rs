//! AES-SIV (RFC 5297). Each absorbed string is one string of associated data; the nonce, if any, is the last of them.

use std::marker::PhantomData;

use aes_siv::aead::inout::InOutBuf;
use aes_siv::siv::{Aes128Siv, Aes256Siv, MAX_HEADERS};
use aes_siv::{KeyInit, Tag};

use super::AEAD;
use crate::contract::symmetric::{
    Absorb, Algorithm, Key, NonceGuard, NonceRule, Opening, StateImpl,
};
use crate::contract::{Crates, KeyRule};
use crate::secret::SecretBuffer;
use crate::{Error, Result};

const AES_SIV: Algorithm = Algorithm {
    nonce: NonceRule::Any,
    absorb: Absorb::Delimits,
    standard: "RFC 5297",
    crates: Crates::everywhere("aes-siv"),
    ..AEAD
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "AES-128-SIV",
        key: KeyRule::exactly(32),
        open: open::<Aes128Siv>,
        ..AES_SIV
    },
    Algorithm {
        name: "AES-256-SIV",
        key: KeyRule::exactly(64),
        open: open::<Aes256Siv>,
        ..AES_SIV
    },
];

/// One of the two key sizes.
trait Variant: KeyInit + Send + Sync + 'static {
    fn seal<'a>(
        &mut self,
        strings: impl Iterator<Item = &'a [u8]>,
        buffer: InOutBuf<'_, '_, u8>,
    ) -> Option<Tag>;

    fn open<'a>(
        &mut self,
        strings: impl Iterator<Item = &'a [u8]>,
        buffer: InOutBuf<'_, '_, u8>,
        tag: &Tag,
    ) -> Option<()>;
}

macro_rules! variants {
    ($($name:ty),*) => {$(
        impl Variant for $name {
            fn seal<'a>(
                &mut self,
                strings: impl Iterator<Item = &'a [u8]>,
                buffer: InOutBuf<'_, '_, u8>,
            ) -> Option<Tag> {
                self.encrypt_inout_detached(strings, buffer).ok()
            }

            fn open<'a>(
                &mut self,
                strings: impl Iterator<Item = &'a [u8]>,
                buffer: InOutBuf<'_, '_, u8>,
                tag: &Tag,
            ) -> Option<()> {
                self.decrypt_inout_detached(strings, buffer, tag).ok()
            }
        }
    )*};
}

variants!(Aes128Siv, Aes256Siv);

/// Opens AES-SIV.
fn open<V: Variant>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    opening.settle_nonce()?;
    let nonce = match opening.nonce() {
        Some(nonce) => Some(opening.secret(nonce)?),
        None => None,
    };
    Ok(Box::new(AesSiv::<V> {
        key: opening.required_key()?.clone(),
        nonce,
        nonce_guard: NonceGuard::new(),
        strings: opening.secret(&[])?,
        ends: Vec::new(),
        variant: PhantomData,
    }))
}

struct AesSiv<V> {
    key: Key,
    nonce: Option<SecretBuffer>,
    nonce_guard: NonceGuard,
    /// The absorbed strings after each other.
    strings: SecretBuffer,
    /// Where each of them ends; never more than the algorithm takes, which is few.
    ends: Vec<usize>,
    variant: PhantomData<V>,
}

impl<V: Variant> AesSiv<V> {
    /// The cipher, which has to be mutable for each message.
    fn cipher(&self) -> Result<V> {
        V::new_from_slice(self.key.raw()).map_err(|_| Error::InvalidKey)
    }

    fn strings(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let absorbed = starts
            .zip(&self.ends)
            .filter_map(|(start, &end)| self.strings.get(start..end));
        absorbed.chain(self.nonce.as_deref())
    }
}

impl<V: Variant> StateImpl for AesSiv<V> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        if self.ends.len() + usize::from(self.nonce.is_some()) >= MAX_HEADERS {
            return Err(Error::Overflow);
        }
        self.strings.append(data)?;
        self.ends.push(self.strings.len());
        Ok(())
    }

    fn tag_len(&self) -> usize {
        self.key.algorithm().tag_len
    }

    fn repeated_bytes(&self, _len: u64) -> u64 {
        self.strings.len() as u64
    }

    fn decrypts(&mut self) {
        self.nonce_guard.decrypts();
    }

    fn check_encrypt(&self) -> Result<()> {
        self.nonce_guard.check()
    }

    fn encrypt_detached(&mut self, data: &[u8], out: &mut [u8], tag: &mut [u8]) -> Result<()> {
        self.nonce_guard.encrypts()?;
        let buffer = InOutBuf::new(data, out).map_err(|_| Error::InternalError)?;
        let computed = self.cipher()?.seal(self.strings(), buffer);
        tag.copy_from_slice(&computed.ok_or(Error::Overflow)?);
        Ok(())
    }

    fn decrypt_detached(&mut self, data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        self.nonce_guard.decrypts();
        let tag = tag.try_into().map_err(|_| Error::InvalidTag)?;
        let buffer = InOutBuf::new(data, &mut *out).map_err(|_| Error::InternalError)?;
        let opened = self.cipher()?.open(self.strings(), buffer, tag);
        opened.ok_or_else(|| {
            out.fill(0);
            Error::InvalidTag
        })
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        let nonce = match &self.nonce {
            Some(nonce) => Some(nonce.try_clone()?),
            None => None,
        };
        Ok(Box::new(Self {
            key: self.key.clone(),
            nonce,
            nonce_guard: self.nonce_guard.clone(),
            strings: self.strings.try_clone()?,
            ends: self.ends.clone(),
            variant: PhantomData,
        }))
    }
}
