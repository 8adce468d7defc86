//! TupleHash (SP 800-185, section 5), on top of cSHAKE.

use cshake::{CShake, CShakeReader};
use digest::{ExtendableOutput, XofReader};

use super::encoding::{encode_string, right_encode_bits};
use super::shake::Output;
use super::xof::{Absorbing, Xof};
use crate::Result;
use crate::opening::Opening;
use crate::options::OptionName;
use crate::secret::zeroed;
use crate::state::StateImpl;
use crate::tag::Tag;

/// Opens TupleHash with cSHAKE of `RATE` bytes: 168 for TupleHash128, 136 for TupleHash256.
pub(crate) fn open<const RATE: usize>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    Ok(Box::new(Fixed {
        tuple: Tuple::<RATE>::new(opening),
        tag_len: opening.algorithm.tag_len,
    }))
}

/// Opens TupleHashXOF with cSHAKE of `RATE` bytes: 168 for TupleHashXOF128, 136 for TupleHashXOF256.
pub(crate) fn open_xof<const RATE: usize>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
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
