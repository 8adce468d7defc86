//! STROBE (protocol framework 1.0.2), keyed or not.
//!
//! The option `context` is the protocol label, a key goes in with `KEY`, absorbed data with `AD`. What is squeezed is the
//! output of `PRF`, tags of the session itself included: both sides have to compute the same, and `send_MAC` of one side
//! differs from that of the other. Encrypting is `send_ENC` and `send_MAC`, decrypting `recv_ENC` and `recv_MAC`.

use strobe_rs::{SecParam, Strobe};

use super::{Duplex, SESSION, Session};
use crate::contract::symmetric::{Algorithm, Opening, StateImpl};
use crate::contract::{Crates, KeyRule};
use crate::options::OptionName;
use crate::{Error, Result};

const STROBE: Algorithm = Algorithm {
    key: KeyRule::optional(32, 32, 32),
    options: &[OptionName::Context],
    standard: "STROBE protocol framework 1.0.2",
    crates: Crates::everywhere("strobe-rs"),
    ..SESSION
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "STROBE-128",
        open: open::<128>,
        ..STROBE
    },
    Algorithm {
        name: "STROBE-256",
        open: open::<256>,
        ..STROBE
    },
];

/// Opens STROBE at a security level of `BITS`: 128 or 256.
fn open<const BITS: u16>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let (level, ratchet_len) = match BITS {
        128 => (SecParam::B128, 16),
        256 => (SecParam::B256, 32),
        _ => return Err(Error::InternalError),
    };
    let label = opening.options.bytes(OptionName::Context);
    let mut strobe = Strobe::new(label.ok_or(Error::ParametersMissing)?, level);
    let key = opening.raw_key();
    if let Some(key) = key {
        strobe.key(key, false);
    }
    let duplex = Transcript {
        strobe,
        ratchet_len,
    };
    let tag_len = opening.algorithm.tag_len;
    Ok(Box::new(Session::new(duplex, tag_len, key.is_some())))
}

// The crate wipes its state on drop.
#[derive(Clone)]
struct Transcript {
    strobe: Strobe,
    /// As many bytes of zeros as the security level wants.
    ratchet_len: usize,
}

impl Duplex for Transcript {
    fn absorb(&mut self, data: &[u8]) {
        self.strobe.ad(data, false);
    }

    fn squeeze(&mut self, out: &mut [u8]) {
        self.strobe.prf(out, false);
    }

    fn squeeze_key(&mut self, out: &mut [u8]) {
        self.squeeze(out);
    }

    fn encrypt(&mut self, data: &[u8], out: &mut [u8], tag: &mut [u8]) {
        out.copy_from_slice(data);
        self.strobe.send_enc(out, false);
        self.strobe.send_mac(tag, false);
    }

    fn decrypt(&mut self, data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        let tag: &[u8; 16] = tag.try_into().map_err(|_| Error::InvalidTag)?;
        out.copy_from_slice(data);
        self.strobe.recv_enc(out, false);
        self.strobe.recv_mac(tag).map_err(|_| Error::InvalidTag)
    }

    fn ratchet(&mut self) {
        self.strobe.ratchet(self.ratchet_len, false);
    }
}
