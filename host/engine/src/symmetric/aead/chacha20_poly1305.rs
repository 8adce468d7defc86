//! ChaCha20-Poly1305 (RFC 8439), and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) on top of it.

use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};

use super::{AEAD, aws_lc_or, portable};
use crate::contract::symmetric::{Algorithm, NonceRule};
use crate::contract::{Crates, KeyRule};

const CHACHA20: Algorithm = Algorithm {
    key: KeyRule::exactly(32),
    crates: Crates::aws_lc_or("chacha20poly1305"),
    ns_per_kib: 550,
    ..AEAD
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "CHACHA20-POLY1305",
        nonce: NonceRule::Required(12),
        standard: "RFC 8439",
        prepare: aws_lc_or!(CHACHA20_POLY1305, ChaCha20Poly1305),
        ..CHACHA20
    },
    Algorithm {
        name: "XCHACHA20-POLY1305",
        nonce: NonceRule::Generated(24),
        standard: "draft-irtf-cfrg-xchacha-03",
        prepare: |key, backend| match backend {
            #[cfg(feature = "native")]
            crate::Backend::Native => extended::prepare(key),
            _ => portable::prepare::<XChaCha20Poly1305>(key, backend),
        },
        ..CHACHA20
    },
];

/// XChaCha20-Poly1305 with aws-lc, which has ChaCha20-Poly1305.
#[cfg(feature = "native")]
mod extended {
    use aws_lc_rs::aead::CHACHA20_POLY1305;
    use chacha20::{R20, hchacha};
    use zeroize::{Zeroize, Zeroizing};

    use super::super::aws_lc::AwsLc;
    use crate::contract::symmetric::{AeadKey, PreparedKey};
    use crate::{Error, Result};

    pub(super) fn prepare(key: &[u8]) -> Result<PreparedKey> {
        let key = key.try_into().map_err(|_| Error::InvalidKey)?;
        Ok(PreparedKey::Aead(Box::new(Extended {
            key: Zeroizing::new(key),
        })))
    }

    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, section 2.3): HChaCha20 makes a ChaCha20-Poly1305 key for each nonce.
    struct Extended {
        key: Zeroizing<[u8; 32]>,
    }

    impl Extended {
        fn derive(&self, nonce: &[u8]) -> Result<(AwsLc, [u8; 12])> {
            let (input, rest) = nonce.split_first_chunk::<16>().ok_or(Error::InvalidNonce)?;
            let mut inner_nonce = [0; 12];
            let tail = &mut inner_nonce[4..];
            if rest.len() != tail.len() {
                return Err(Error::InvalidNonce);
            }
            tail.copy_from_slice(rest);
            let mut key = hchacha::<R20>((&*self.key).into(), input.into());
            let derived = AwsLc::new(&CHACHA20_POLY1305, &key);
            key.as_mut_slice().zeroize();
            Ok((derived?, inner_nonce))
        }
    }

    impl AeadKey for Extended {
        fn seal(
            &self,
            nonce: &[u8],
            ad: &[u8],
            data: &[u8],
            out: &mut [u8],
            tag: &mut [u8],
        ) -> Result<()> {
            let (key, nonce) = self.derive(nonce)?;
            key.seal(&nonce, ad, data, out, tag)
        }

        fn open(
            &self,
            nonce: &[u8],
            ad: &[u8],
            data: &[u8],
            tag: &[u8],
            out: &mut [u8],
        ) -> Result<()> {
            let (key, nonce) = self.derive(nonce)?;
            key.open(&nonce, ad, data, tag, out)
        }
    }
}
