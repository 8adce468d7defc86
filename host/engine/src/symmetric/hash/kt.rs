//! KangarooTwelve: KT128 and KT256 (RFC 9861, section 3), on top of TurboSHAKE.
//!
//! The crate k12 copies the customization string each time that it finalizes, and ends the process where there is no memory
//! for that. Here there is one copy, and an output reads it from there.

use zeroize::Zeroizing;

use super::turboshake::{Sponge, TurboShake};
use super::xof::{Absorbing, Squeezing, XOF, Xof};
use crate::Result;
use crate::contract::Crates;
use crate::contract::symmetric::{Algorithm, Opening, StateImpl};
use crate::options::OptionName;
use crate::secret::SecretBuffer;

const KANGAROO_TWELVE: Algorithm = Algorithm {
    options: &[OptionName::Context],
    standard: "RFC 9861, section 3",
    crates: Crates::everywhere("keccak"),
    ..XOF
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "KT128",
        open: open::<168>,
        ..KANGAROO_TWELVE
    },
    Algorithm {
        name: "KT256",
        open: open::<136>,
        ..KANGAROO_TWELVE
    },
];

/// Bytes of a chunk. The first is in the final node itself, of the others it has a chaining value each.
const CHUNK: u64 = 8192;
/// What follows the first chunk in the final node where there are others.
const FIRST_OF_SEVERAL: [u8; 8] = [3, 0, 0, 0, 0, 0, 0, 0];
/// What ends the final node where there are several chunks.
const END: [u8; 2] = [0xff; 2];

// The domain separation bytes of nodes.
const ONLY: u8 = 0x07;
const FINAL: u8 = 0x06;
const LEAF: u8 = 0x0b;

/// Opens KangarooTwelve with TurboSHAKE of `RATE` bytes: 168 for KT128, 136 for KT256.
fn open<const RATE: usize>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let customization = opening
        .options
        .bytes(OptionName::Context)
        .unwrap_or_default();
    let initial = Kangaroo::<RATE> {
        tree: Tree {
            last: TurboShake::new(ONLY),
            leaf: TurboShake::new(LEAF),
            absorbed: 0,
        },
        customization: opening.secret(customization)?,
    };
    Ok(Box::new(Xof::new(initial, None)))
}

struct Kangaroo<const RATE: usize> {
    tree: Tree<RATE>,
    /// What follows the message, when it has come to an end.
    customization: SecretBuffer,
}

impl<const RATE: usize> Absorbing for Kangaroo<RATE> {
    type Reader = Sponge<RATE>;

    fn absorb(&mut self, data: &[u8]) {
        self.tree.absorb(data);
    }

    fn reader(&self) -> Self::Reader {
        let mut tree = self.tree.clone();
        tree.absorb(&self.customization);
        let len = LengthEncoded::new(self.customization.len() as u64);
        tree.absorb(len.as_slice());
        tree.finish()
    }

    fn try_clone(&self) -> Result<Self> {
        Ok(Self {
            tree: self.tree.clone(),
            customization: self.customization.try_clone()?,
        })
    }
}

/// The tree of chunks (RFC 9861, section 3.2).
#[derive(Clone)]
struct Tree<const RATE: usize> {
    /// The final node.
    last: TurboShake<RATE>,
    /// The chunk that has begun, from the second on.
    leaf: TurboShake<RATE>,
    absorbed: u64,
}

impl<const RATE: usize> Tree<RATE> {
    fn absorb(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            let within = self.absorbed % CHUNK;
            if within == 0 && self.absorbed > 0 {
                self.end_chunk();
            }
            // A chunk's length fits everywhere.
            let (part, rest) = data.split_at(data.len().min((CHUNK - within) as usize));
            if self.absorbed < CHUNK {
                self.last.absorb(part);
            } else {
                self.leaf.absorb(part);
            }
            self.absorbed += part.len() as u64;
            data = rest;
        }
    }

    /// Ends a chunk that is not the only one.
    fn end_chunk(&mut self) {
        if self.absorbed <= CHUNK {
            return self.last.absorb(&FIRST_OF_SEVERAL);
        }
        let mut chaining_value = Zeroizing::new([0; 64]);
        // Twice as long as the security level: what the permutation has left beside the rate.
        let chaining_value = &mut chaining_value[..200 - RATE];
        let leaf = std::mem::replace(&mut self.leaf, TurboShake::new(LEAF));
        leaf.reader().squeeze(chaining_value);
        self.last.absorb(chaining_value);
    }

    fn finish(mut self) -> Sponge<RATE> {
        if self.absorbed > CHUNK {
            self.end_chunk();
            let others = LengthEncoded::new((self.absorbed - 1) / CHUNK);
            self.last.absorb(others.as_slice());
            self.last.absorb(&END);
            self.last.set_domain(FINAL);
        }
        self.last.reader()
    }
}

/// A number as `length_encode` writes it (RFC 9861, section 3.3): as few bytes as it needs, none for 0, most significant
/// first, and then their count.
struct LengthEncoded {
    bytes: [u8; 9],
    first: usize,
}

impl LengthEncoded {
    fn new(number: u64) -> Self {
        let mut bytes = [0; 9];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let first = number.leading_zeros() as usize / 8;
        bytes[8] = 8 - first as u8;
        Self { bytes, first }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[self.first..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_encoded_as_in_the_standards_examples() {
        for (number, expected) in [
            (0, &[0][..]),
            (12, &[12, 1]),
            (65_538, &[1, 0, 2, 3]),
            (
                u64::MAX,
                &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 8],
            ),
        ] {
            assert_eq!(LengthEncoded::new(number).as_slice(), expected);
        }
    }

    #[test]
    fn how_the_input_is_cut_makes_no_difference() {
        let data: Vec<u8> = (0..40_000_u32).map(|i| (i * 7 / 3) as u8).collect();
        let output = |pieces: &mut dyn Iterator<Item = &[u8]>| {
            let mut tree = Tree::<168> {
                last: TurboShake::new(ONLY),
                leaf: TurboShake::new(LEAF),
                absorbed: 0,
            };
            pieces.for_each(|piece| tree.absorb(piece));
            let mut out = [0; 32];
            tree.finish().squeeze(&mut out);
            out
        };
        for len in [0, 1, 8191, 8192, 8193, 16_384, 16_385, 40_000] {
            let whole = output(&mut std::iter::once(&data[..len]));
            for size in [1, 8191, 8192, 8193] {
                assert_eq!(output(&mut data[..len].chunks(size)), whole, "{len} {size}");
            }
        }
    }
}
