//! The permutation of the native back end, which the compiler can keep in registers.

use crypto_permutation::{Permutation, PermutationState};
use permutation_xoodoo::{XoodooP, XoodooState};
use zeroize::Zeroize;

use super::Xoodoo;

/// Bytes of a lane.
const LANE: usize = 4;

/// The state as twelve lanes of 32 bits, least significant byte first.
#[derive(Clone, Default)]
pub(super) struct Lanes(XoodooState);

impl Xoodoo for Lanes {
    fn permute(&mut self) {
        XoodooP::<12>.apply(&mut self.0);
    }

    #[inline(always)]
    fn add_bytes(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<LANE>();
        let mut last = [0; LANE];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let lanes = self.0.get_state_mut().iter_mut();
        for (lane, bytes) in lanes.zip(whole.iter().chain([&last])) {
            *lane ^= u32::from_le_bytes(*bytes);
        }
    }

    #[inline(always)]
    fn add_byte(&mut self, byte: u8, offset: usize) {
        if let Some(lane) = self.0.get_state_mut().get_mut(offset / LANE) {
            *lane ^= u32::from(byte) << (8 * (offset % LANE));
        }
    }

    #[inline(always)]
    fn extract_bytes(&mut self, out: &mut [u8]) {
        for (out, lane) in out.chunks_mut(LANE).zip(self.0.get_state()) {
            for (out, byte) in out.iter_mut().zip(lane.to_le_bytes()) {
                *out = byte;
            }
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.0.get_state_mut().zeroize();
    }
}
