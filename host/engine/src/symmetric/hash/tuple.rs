//! TupleHash (SP 800-185, section 5), on top of cSHAKE.

use cshake::{CShake, CShakeReader};
use digest::{ExtendableOutput, XofReader};

use super::encoding::{encode_string, right_encode_bits};
use super::shake::Output;
use super::xof::{Absorbing, Xof};
use crate::Result;
use crate::contract::Crates;
use crate::contract::symmetric::{Absorb, Algorithm, Kind, Opening, Operation, StateImpl, Tag};
use crate::options::OptionName;
use crate::secret::zeroed;

const TUPLE_HASH: Algorithm = Algorithm {
    kind: Kind::TupleHash,
    absorb: Absorb::Delimits,
    options: &[OptionName::Context],
    fips_approved: true,
    standard: "SP 800-185, section 5",
    crates: Crates::everywhere("cshake"),
    operations: &[
        Operation::Absorb,
        Operation::Squeeze,
        Operation::SqueezeTag,
        Operation::MaxTagLen,
    ],
    ..Algorithm::UNKEYED
};

const TUPLE_HASH_XOF: Algorithm = Algorithm {
    operations: &[
        Operation::Absorb,
        Operation::Squeeze,
        Operation::SqueezeTag,
        Operation::SqueezeKey,
        Operation::MaxTagLen,
    ],
    ..TUPLE_HASH
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "TupleHash128",
        tag_len: 32,
        open: open::<168>,
        ..TUPLE_HASH
    },
    Algorithm {
        name: "TupleHash256",
        tag_len: 64,
        open: open::<136>,
        ..TUPLE_HASH
    },
    Algorithm {
        name: "TupleHashXOF128",
        tag_len: 32,
        open: open_xof::<168>,
        ..TUPLE_HASH_XOF
    },
    Algorithm {
        name: "TupleHashXOF256",
        tag_len: 64,
        open: open_xof::<136>,
        ..TUPLE_HASH_XOF
    },
];

/// Opens TupleHash with cSHAKE of `RATE` bytes: 168 for TupleHash128, 136 for TupleHash256.
fn open<const RATE: usize>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    Ok(Box::new(Fixed {
        tuple: Tuple::<RATE>::new(opening),
        tag_len: opening.algorithm.tag_len,
    }))
}

/// Opens TupleHashXOF with cSHAKE of `RATE` bytes: 168 for TupleHashXOF128, 136 for TupleHashXOF256.
fn open_xof<const RATE: usize>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let tuple = Tuple::<RATE>::new(opening);
    Ok(Box::new(Xof::new(tuple, Some(opening.algorithm.tag_len))))
}

#[derive(Clone)]
struct Tuple<const RATE: usize>(CShake<RATE>);

impl<const RATE: usize> Tuple<RATE> {
    fn new(opening: &Opening<'_>) -> Self {
        let customization = opening
            .options
            .bytes(OptionName::Context)
            .unwrap_or_default();
        Self(CShake::new_with_function_name(b"TupleHash", customization))
    }

    /// The output when `len` bytes are asked for; 0 stands for a length that is not known, as in the XOF variant.
    fn output(&self, len: usize) -> CShakeReader<RATE> {
        let mut whole = self.0.clone();
        right_encode_bits(&mut whole, len);
        whole.finalize_xof()
    }
}

impl<const RATE: usize> Absorbing for Tuple<RATE> {
    type Reader = Output<CShakeReader<RATE>>;

    fn absorb(&mut self, element: &[u8]) {
        encode_string(&mut self.0, element);
    }

    fn reader(&self) -> Self::Reader {
        Output(self.output(0))
    }

    fn try_clone(&self) -> Result<Self> {
        Ok(self.clone())
    }
}

/// TupleHash with a length that is part of the input.
#[derive(Clone)]
struct Fixed<const RATE: usize> {
    tuple: Tuple<RATE>,
    tag_len: usize,
}

impl<const RATE: usize> StateImpl for Fixed<RATE> {
    fn absorb(&mut self, element: &[u8]) -> Result<()> {
        self.tuple.absorb(element);
        Ok(())
    }

    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        self.tuple.output(out.len()).read(out);
        Ok(())
    }

    fn squeeze_tag(&mut self) -> Result<Tag> {
        let mut tag = zeroed(self.tag_len)?;
        self.squeeze(&mut tag)?;
        Ok(Tag::new(tag))
    }

    fn tag_len(&self) -> usize {
        self.tag_len
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(self.clone()))
    }
}
