//! TurboSHAKE (RFC 9861, section 2), on top of the permutation Keccak-p[1600, 12].
//!
//! The crate `turboshake` has the domain separation byte in its types, where a caller's option cannot reach it.

use keccak::{Keccak, State1600};
use sponge_cursor::SpongeCursor;
use zeroize::Zeroize;

use super::xof::{Absorbing, Squeezing, XOF, Xof};
use crate::contract::Crates;
use crate::contract::symmetric::{Algorithm, Opening, StateImpl};
use crate::options::OptionName;
use crate::{Error, Result};

const TURBOSHAKE: Algorithm = Algorithm {
    options: &[OptionName::Domain],
    standard: "RFC 9861, section 2",
    crates: Crates::everywhere("keccak"),
    ..XOF
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "TURBOSHAKE-128",
        open: open::<168>,
        ..TURBOSHAKE
    },
    Algorithm {
        name: "TURBOSHAKE-256",
        open: open::<136>,
        ..TURBOSHAKE
    },
];

const ROUNDS: usize = 12;
/// The domain separation byte where the caller gives none (RFC 9861, section 2.1).
const DEFAULT_DOMAIN: u8 = 0x1f;

/// Opens TurboSHAKE with a rate of `RATE` bytes: 168 for TurboSHAKE128, 136 for TurboSHAKE256.
fn open<const RATE: usize>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let domain = match opening.options.integer(OptionName::Domain) {
        None => DEFAULT_DOMAIN,
        Some(domain) => u8::try_from(domain)
            .ok()
            .filter(|domain| (0x01..=0x7f).contains(domain))
            .ok_or(Error::UnsupportedOption)?,
    };
    opening
        .options
        .put_integer(OptionName::Domain, domain.into());
    Ok(Box::new(Xof::new(TurboShake::<RATE>::new(domain), None)))
}

#[derive(Clone)]
pub(super) struct Sponge<const RATE: usize> {
    state: State1600,
    cursor: SpongeCursor<RATE>,
    keccak: Keccak,
}

#[derive(Clone)]
pub(super) struct TurboShake<const RATE: usize> {
    sponge: Sponge<RATE>,
    domain: u8,
}

impl<const RATE: usize> TurboShake<RATE> {
    pub(super) fn new(domain: u8) -> Self {
        let sponge = Sponge {
            state: State1600::default(),
            cursor: SpongeCursor::default(),
            keccak: Keccak::new(),
        };
        Self { sponge, domain }
    }

    pub(super) fn set_domain(&mut self, domain: u8) {
        self.domain = domain;
    }
}

impl<const RATE: usize> Absorbing for TurboShake<RATE> {
    type Reader = Sponge<RATE>;

    fn absorb(&mut self, data: &[u8]) {
        let Sponge {
            state,
            cursor,
            keccak,
        } = &mut self.sponge;
        keccak.with_p1600::<ROUNDS>(|permute| cursor.absorb_u64_le(state, permute, data));
    }

    fn reader(&self) -> Sponge<RATE> {
        let mut sponge = self.sponge.clone();
        let position = sponge.cursor.pos();
        sponge.state[position / 8] ^= u64::from(self.domain) << (8 * (position % 8));
        sponge.state[RATE / 8 - 1] ^= 1 << 63;
        // From its beginning on, the cursor permutes before it reads.
        sponge.cursor = SpongeCursor::default();
        sponge
    }

    fn try_clone(&self) -> Result<Self> {
        Ok(self.clone())
    }
}

impl<const RATE: usize> Squeezing for Sponge<RATE> {
    fn squeeze(&mut self, out: &mut [u8]) {
        let Self {
            state,
            cursor,
            keccak,
        } = self;
        keccak.with_p1600::<ROUNDS>(|permute| cursor.squeeze_read_u64_le(state, permute, out));
    }
}

impl<const RATE: usize> Drop for Sponge<RATE> {
    fn drop(&mut self) {
        self.state.zeroize();
        self.cursor.zeroize();
    }
}
