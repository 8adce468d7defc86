//! Stateful objects that absorb, squeeze, encrypt and decrypt.

mod strobe;
mod xoodyak;

use crate::contract::symmetric::{Absorb, Algorithm, Kind, Operation, StateImpl, Tag};
use crate::secret::zeroed;
use crate::{Error, Result};

pub(super) const ROWS: &[&[Algorithm]] = &[xoodyak::ROWS, strobe::ROWS];

/// What the rows have in common.
const SESSION: Algorithm = Algorithm {
    kind: Kind::Session,
    tag_len: 16,
    absorb: Absorb::Delimits,
    operations: &[
        Operation::Absorb,
        Operation::Squeeze,
        Operation::SqueezeTag,
        Operation::SqueezeKey,
        Operation::MaxTagLen,
        Operation::Encrypt,
        Operation::EncryptDetached,
        Operation::Decrypt,
        Operation::DecryptDetached,
        Operation::Ratchet,
    ],
    ..Algorithm::UNKEYED
};

/// A construction on a permutation that keeps one state for all of its operations.
trait Duplex: Clone + Send + Sync + 'static {
    fn absorb(&mut self, data: &[u8]);

    fn squeeze(&mut self, out: &mut [u8]);

    /// Squeezes what becomes a key.
    fn squeeze_key(&mut self, out: &mut [u8]);

    /// `out` is as long as `data`.
    fn encrypt(&mut self, data: &[u8], out: &mut [u8], tag: &mut [u8]);

    /// `out` is as long as `data`. A failure may leave anything in `out` and in the state; [`Session`] puts both right.
    fn decrypt(&mut self, data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()>;

    fn ratchet(&mut self);
}

/// The state of a session.
struct Session<D> {
    duplex: D,
    tag_len: usize,
    /// Without a key a session only absorbs and squeezes.
    keyed: bool,
    /// Not a clone, and the last decryption, if any, has verified. Encrypting where a ciphertext that did not verify
    /// was to be decrypted could repeat the key stream of its sender.
    encrypts: bool,
}

impl<D: Duplex> Session<D> {
    fn new(duplex: D, tag_len: usize, keyed: bool) -> Self {
        Self {
            duplex,
            tag_len,
            keyed,
            encrypts: true,
        }
    }

    fn check_keyed(&self) -> Result<()> {
        if self.keyed {
            Ok(())
        } else {
            Err(Error::InvalidOperation)
        }
    }
}

impl<D: Duplex> StateImpl for Session<D> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.duplex.absorb(data);
        Ok(())
    }

    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        self.duplex.squeeze(out);
        Ok(())
    }

    fn squeeze_tag(&mut self) -> Result<Tag> {
        let mut tag = zeroed(self.tag_len)?;
        self.duplex.squeeze(&mut tag);
        Ok(Tag::new(tag))
    }

    fn squeeze_key(&mut self, out: &mut [u8]) -> Result<()> {
        self.duplex.squeeze_key(out);
        Ok(())
    }

    fn tag_len(&self) -> usize {
        self.tag_len
    }

    fn decrypts(&mut self) {
        self.encrypts = false;
    }

    fn check_encrypt(&self) -> Result<()> {
        self.check_keyed()?;
        if self.encrypts {
            Ok(())
        } else {
            Err(Error::NonceRequired)
        }
    }

    fn encrypt_detached(&mut self, data: &[u8], out: &mut [u8], tag: &mut [u8]) -> Result<()> {
        self.check_encrypt()?;
        self.duplex.encrypt(data, out, tag);
        Ok(())
    }

    fn decrypt_detached(&mut self, data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        self.check_keyed()?;
        let before = self.duplex.clone();
        let verified = self.duplex.decrypt(data, tag, out);
        if verified.is_err() {
            out.fill(0);
            self.duplex = before;
            self.encrypts = false;
        }
        verified
    }

    fn ratchet(&mut self) -> Result<()> {
        self.check_keyed()?;
        self.duplex.ratchet();
        Ok(())
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self {
            duplex: self.duplex.clone(),
            tag_len: self.tag_len,
            keyed: self.keyed,
            encrypts: false,
        }))
    }
}
