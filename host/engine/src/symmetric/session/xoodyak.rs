//! Xoodyak: the Cyclist mode on the permutation Xoodoo[12], keyed or as a hash.
//!
//! The permutation is a crate's. The Cyclist mode of the crate xoodyak differs from the specification where the message is
//! empty, so the mode is composed here; names are those of the specification (Daemen et al., "Xoodyak, a lightweight
//! cryptographic scheme", sections 2 and 3).
//!
//! The back ends take the permutation from two crates. That of xoodyak needs a byte shuffle that compilers do not put in
//! line where SSSE3 is not the baseline, so that on x86-64 each of its rounds makes a call, and spills the state for it.

#[cfg(feature = "native")]
mod lanes;

use zeroize::Zeroizing;

use super::{Duplex, SESSION, Session};
#[cfg(feature = "native")]
use crate::Backend;
use crate::contract::symmetric::{Algorithm, NonceRule, Opening, StateImpl, verify};
use crate::contract::{Crates, KeyRule};
use crate::options::OptionName;
use crate::secret::zeroed;
use crate::{Error, Result};

const XOODYAK: Algorithm = Algorithm {
    nonce: NonceRule::Optional { max: 16 },
    options: &[OptionName::Nonce],
    standard: "Xoodyak, NIST LWC finalist, 2021",
    crates: Crates::native_or("permutation-xoodoo", "xoodyak"),
    open,
    ns_per_kib: 5000,
    ..SESSION
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "XOODYAK-128",
        key: KeyRule::optional(16, 16, 16),
        ..XOODYAK
    },
    Algorithm {
        name: "XOODYAK-160",
        key: KeyRule::optional(20, 20, 20),
        ..XOODYAK
    },
];

/// Bytes that one permutation absorbs, R_kin in the keyed mode.
const KEYED_ABSORB_RATE: usize = 44;
/// Bytes that one permutation squeezes or encrypts, R_kout in the keyed mode.
const KEYED_SQUEEZE_RATE: usize = 24;
/// R_hash, for both directions in the hash mode.
const HASH_RATE: usize = 16;
/// Bytes that the ratchet squeezes and absorbs again.
const RATCHET_LEN: usize = 16;
/// Where the color of Up and of Down goes: the state's last byte.
const COLOR: usize = 47;

// The colors of operations; later blocks of one operation have none.
const ABSORB: u8 = 0x03;
const ABSORB_KEY: u8 = 0x02;
const CRYPT: u8 = 0x80;
const SQUEEZE: u8 = 0x40;
const SQUEEZE_KEY: u8 = 0x20;
const RATCHET: u8 = 0x10;
const NO_COLOR: u8 = 0x00;

/// Opens Xoodyak: keyed with a key, as a hash without.
fn open(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    opening.settle_nonce()?;
    match opening.backend {
        #[cfg(feature = "native")]
        Backend::Native => open_on::<lanes::Lanes>(opening),
        _ => open_on::<xoodyak::Xoodoo>(opening),
    }
}

fn open_on<X: Xoodoo>(opening: &Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let tag_len = opening.algorithm.tag_len;
    Ok(match opening.raw_key() {
        Some(key) => {
            let cyclist = Cyclist::<X>::keyed(key, opening.nonce().unwrap_or_default())?;
            Box::new(Session::new(cyclist, tag_len, true))
        }
        None if opening.nonce().is_some() => return Err(Error::KeyRequired),
        None => Box::new(Session::new(Cyclist::<X>::hash(), tag_len, false)),
    })
}

/// The permutation Xoodoo[12] on a state of 48 bytes, which is wiped on drop.
trait Xoodoo: Clone + Default + Send + Sync + 'static {
    fn permute(&mut self);

    /// Adds `bytes` to the beginning of the state.
    fn add_bytes(&mut self, bytes: &[u8]);

    fn add_byte(&mut self, byte: u8, offset: usize);

    /// Copies the beginning of the state to `out`.
    fn extract_bytes(&mut self, out: &mut [u8]);
}

impl Xoodoo for xoodyak::Xoodoo {
    fn permute(&mut self) {
        Self::permute(self);
    }

    #[inline(always)]
    fn add_bytes(&mut self, bytes: &[u8]) {
        Self::add_bytes(self, bytes);
    }

    #[inline(always)]
    fn add_byte(&mut self, byte: u8, offset: usize) {
        Self::add_byte(self, byte, offset);
    }

    #[inline(always)]
    fn extract_bytes(&mut self, out: &mut [u8]) {
        Self::extract_bytes(self, out);
    }
}

#[derive(Clone)]
struct Cyclist<X> {
    xoodoo: X,
    keyed: bool,
    /// The last step was Up, so that the state is ready to be absorbed into.
    is_up: bool,
}

impl<X: Xoodoo> Cyclist<X> {
    fn hash() -> Self {
        Self {
            xoodoo: X::default(),
            keyed: false,
            is_up: true,
        }
    }

    fn keyed(key: &[u8], nonce: &[u8]) -> Result<Self> {
        let mut cyclist = Self {
            xoodoo: X::default(),
            keyed: true,
            is_up: true,
        };
        // The nonce takes the place of the key identifier, which its length follows.
        let nonce_len = u8::try_from(nonce.len()).map_err(|_| Error::InvalidNonce)?;
        let input = Zeroizing::new([key, nonce, &[nonce_len]].concat());
        if input.len() > KEYED_ABSORB_RATE {
            return Err(Error::InvalidKey);
        }
        cyclist.absorb_any(&input, ABSORB_KEY);
        Ok(cyclist)
    }

    fn absorb_rate(&self) -> usize {
        if self.keyed {
            KEYED_ABSORB_RATE
        } else {
            HASH_RATE
        }
    }

    fn squeeze_rate(&self) -> usize {
        if self.keyed {
            KEYED_SQUEEZE_RATE
        } else {
            HASH_RATE
        }
    }

    #[inline(always)]
    fn down(&mut self, block: &[u8], color: u8) {
        self.is_up = false;
        self.xoodoo.add_bytes(block);
        self.xoodoo.add_byte(0x01, block.len());
        let color = if self.keyed { color } else { color & 0x01 };
        self.xoodoo.add_byte(color, COLOR);
    }

    #[inline(always)]
    fn up(&mut self, color: u8) {
        self.is_up = true;
        if self.keyed {
            self.xoodoo.add_byte(color, COLOR);
        }
        self.xoodoo.permute();
    }

    fn absorb_any(&mut self, data: &[u8], mut color: u8) {
        for block in blocks(data, self.absorb_rate()) {
            if !self.is_up {
                self.up(NO_COLOR);
            }
            self.down(block, color);
            color = NO_COLOR;
        }
    }

    fn squeeze_any(&mut self, out: &mut [u8], color: u8) {
        let mut chunks = out.chunks_mut(self.squeeze_rate());
        self.up(color);
        if let Some(chunk) = chunks.next() {
            self.xoodoo.extract_bytes(chunk);
        }
        for chunk in chunks {
            self.down(&[], NO_COLOR);
            self.up(NO_COLOR);
            self.xoodoo.extract_bytes(chunk);
        }
    }

    /// Both directions of Crypt: `absorbs` picks what goes into the state, which is the plaintext, from input and output.
    #[inline(always)]
    fn crypt(
        &mut self,
        data: &[u8],
        out: &mut [u8],
        absorbs: impl for<'a> Fn(&'a [u8], &'a [u8]) -> &'a [u8],
    ) {
        let mut color = CRYPT;
        let mut block = |input: &[u8], output: &mut [u8]| {
            self.up(color);
            color = NO_COLOR;
            self.xoodoo.extract_bytes(output);
            for (output, input) in output.iter_mut().zip(input) {
                *output ^= input;
            }
            self.down(absorbs(input, output), NO_COLOR);
        };
        // Blocks of a length that the compiler knows go twice as fast.
        let (whole, rest) = data.as_chunks::<KEYED_SQUEEZE_RATE>();
        let (whole_out, rest_out) = out.as_chunks_mut::<KEYED_SQUEEZE_RATE>();
        for (input, output) in whole.iter().zip(whole_out) {
            block(input, output);
        }
        if !rest.is_empty() || whole.is_empty() {
            block(rest, rest_out);
        }
    }
}

/// The blocks of `data`; nothing is one empty block.
fn blocks(data: &[u8], rate: usize) -> impl Iterator<Item = &[u8]> {
    let empty = data.is_empty().then_some(data);
    data.chunks(rate).chain(empty)
}

impl<X: Xoodoo> Duplex for Cyclist<X> {
    fn absorb(&mut self, data: &[u8]) {
        self.absorb_any(data, ABSORB);
    }

    fn squeeze(&mut self, out: &mut [u8]) {
        self.squeeze_any(out, SQUEEZE);
    }

    fn squeeze_key(&mut self, out: &mut [u8]) {
        self.squeeze_any(out, SQUEEZE_KEY);
    }

    fn encrypt(&mut self, data: &[u8], out: &mut [u8], tag: &mut [u8]) {
        self.crypt(data, out, |plaintext, _| plaintext);
        self.squeeze(tag);
    }

    fn decrypt(&mut self, data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        self.crypt(data, out, |_, plaintext| plaintext);
        let mut computed = zeroed(tag.len())?;
        self.squeeze(&mut computed);
        verify(&computed, tag)
    }

    fn ratchet(&mut self) {
        let mut rolled = Zeroizing::new([0; RATCHET_LEN]);
        self.squeeze_any(&mut *rolled, RATCHET);
        self.absorb_any(&*rolled, NO_COLOR);
    }
}
