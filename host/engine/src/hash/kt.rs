//! KangarooTwelve: KT128 and KT256 (RFC 9861, section 3).

use digest::{CustomizedInit, ExtendableOutput, Update};
use k12::{CustomKt, KtReader};

use super::shake::Output;
use super::xof::{Absorbing, Xof};
use crate::limits::Lease;
use crate::options::OptionName;
use crate::setup::Setup;
use crate::state::Mode;
use crate::{Error, Result};

/// Opens KangarooTwelve with TurboSHAKE of `RATE` bytes: 168 for KT128, 136 for KT256.
pub(crate) fn open<const RATE: usize>(setup: &mut Setup<'_>) -> Result<Box<dyn Mode>> {
    let customization = setup.options.bytes(OptionName::Context).unwrap_or_default();
    // The crate copies the string that ends its input, and once more when it finalizes a copy.
    let held = (customization.len() as u64)
        .checked_mul(2)
        .ok_or(Error::Overflow)?;
    let mut lease = setup.lease();
    lease.resize(held)?;
    let initial = Kangaroo {
        kt: CustomKt::<RATE>::new_customized(customization),
        held,
        lease,
    };
    Ok(Box::new(Xof::new(initial, None)))
}

struct Kangaroo<const RATE: usize> {
    kt: CustomKt<RATE>,
    held: u64,
    lease: Lease,
}

impl<const RATE: usize> Absorbing for Kangaroo<RATE> {
    type Reader = Output<KtReader<RATE>>;

    fn absorb(&mut self, data: &[u8]) {
        self.kt.update(data);
    }

    fn reader(&self) -> Self::Reader {
        Output(self.kt.clone().finalize_xof())
    }

    fn try_clone(&self) -> Result<Self> {
        let mut lease = self.lease.sibling();
        lease.resize(self.held)?;
        Ok(Self {
            kt: self.kt.clone(),
            held: self.held,
            lease,
        })
    }
}
