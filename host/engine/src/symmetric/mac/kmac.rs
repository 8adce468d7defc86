//! KMAC and KMACXOF (SP 800-185, section 4), on top of cSHAKE.

use cshake::{CShake, CShakeReader};
use digest::{ExtendableOutput, XofReader};

use super::MAC;
use crate::Result;
use crate::contract::symmetric::{Algorithm, Opening, Operation, StateImpl};
use crate::contract::{Crates, KeyRule};
use crate::options::OptionName;
use crate::symmetric::hash::encoding::{bytepad_string, right_encode_bits};
use crate::symmetric::hash::shake::Output;
use crate::symmetric::hash::xof::{Absorbing, Xof};

const KMAC: Algorithm = Algorithm {
    options: &[OptionName::Context, OptionName::TagLen],
    standard: "SP 800-185, section 4",
    crates: Crates::everywhere("cshake"),
    operations: &[
        Operation::Absorb,
        Operation::Squeeze,
        Operation::SqueezeTag,
        Operation::SqueezeKey,
        Operation::MaxTagLen,
    ],
    ..MAC
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "KMAC-128",
        key: KeyRule::at_least(1, 32),
        tag_len: 32,
        open: open::<168>,
        ..KMAC
    },
    Algorithm {
        name: "KMAC-256",
        key: KeyRule::at_least(1, 64),
        tag_len: 64,
        open: open::<136>,
        ..KMAC
    },
];

/// Opens KMAC with cSHAKE of `RATE` bytes: 168 for KMAC128, 136 for KMAC256. Tags are KMAC's, what is squeezed KMACXOF's.
fn open<const RATE: usize>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let tag_len = super::settle_tag_len(opening)?;
    let customization = opening
        .options
        .bytes(OptionName::Context)
        .unwrap_or_default();
    let mut cshake = CShake::<RATE>::new_with_function_name(b"KMAC", customization);
    bytepad_string(&mut cshake, opening.required_key()?.raw(), RATE);
    Ok(Box::new(Xof::new(Kmac(cshake), Some(tag_len))))
}

#[derive(Clone)]
struct Kmac<const RATE: usize>(CShake<RATE>);

impl<const RATE: usize> Kmac<RATE> {
    /// The output when `len` bytes are asked for; 0 stands for a length that is not known, as in KMACXOF.
    fn output(&self, len: usize) -> CShakeReader<RATE> {
        let mut whole = self.0.clone();
        right_encode_bits(&mut whole, len);
        whole.finalize_xof()
    }
}

impl<const RATE: usize> Absorbing for Kmac<RATE> {
    type Reader = Output<CShakeReader<RATE>>;

    fn absorb(&mut self, data: &[u8]) {
        digest::Update::update(&mut self.0, data);
    }

    fn reader(&self) -> Self::Reader {
        Output(self.output(0))
    }

    fn tag(&self, out: &mut [u8]) {
        self.output(out.len()).read(out);
    }

    fn try_clone(&self) -> Result<Self> {
        Ok(self.clone())
    }
}
