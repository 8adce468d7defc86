//! SHAKE (FIPS 202) and cSHAKE (SP 800-185, section 3).

use digest::{CustomizedInit, ExtendableOutput, Update, XofReader};

use super::xof::{Absorbing, Squeezing, XOF, Xof};
use crate::Result;
use crate::contract::Crates;
use crate::contract::symmetric::{Algorithm, Opening, StateImpl};
use crate::options::OptionName;

const SHAKE: Algorithm = Algorithm {
    fips_approved: true,
    standard: "FIPS 202",
    crates: Crates::everywhere("shake"),
    ..XOF
};

const CSHAKE: Algorithm = Algorithm {
    options: &[OptionName::Context],
    fips_approved: true,
    standard: "SP 800-185, section 3",
    crates: Crates::everywhere("cshake"),
    ..XOF
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "SHAKE-128",
        open: open::<::shake::Shake128>,
        ..SHAKE
    },
    Algorithm {
        name: "SHAKE-256",
        open: open::<::shake::Shake256>,
        ..SHAKE
    },
    Algorithm {
        name: "CSHAKE-128",
        open: open_customized::<cshake::CShake128>,
        ..CSHAKE
    },
    Algorithm {
        name: "CSHAKE-256",
        open: open_customized::<cshake::CShake256>,
        ..CSHAKE
    },
];

/// Opens an XOF that takes neither key nor options.
fn open<X>(_: &mut Opening<'_>) -> Result<Box<dyn StateImpl>>
where
    X: ExtendableOutput + Update + Default + Clone + Send + Sync + 'static,
    X::Reader: Clone + Send + Sync + 'static,
{
    Ok(Box::new(Xof::new(Plain(X::default()), None)))
}

/// Opens an XOF that the option `context` customizes, and that keeps no copy of it.
fn open_customized<X>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>>
where
    X: ExtendableOutput + Update + CustomizedInit + Clone + Send + Sync + 'static,
    X::Reader: Clone + Send + Sync + 'static,
{
    let customization = opening
        .options
        .bytes(OptionName::Context)
        .unwrap_or_default();
    let initial = Plain(X::new_customized(customization));
    Ok(Box::new(Xof::new(initial, None)))
}

#[derive(Clone)]
struct Plain<X>(X);

impl<X> Absorbing for Plain<X>
where
    X: ExtendableOutput + Update + Clone + Send + Sync + 'static,
    X::Reader: Clone + Send + Sync + 'static,
{
    type Reader = Output<X::Reader>;

    fn absorb(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn reader(&self) -> Self::Reader {
        Output(self.0.clone().finalize_xof())
    }

    fn try_clone(&self) -> Result<Self> {
        Ok(self.clone())
    }
}

/// An output that one of RustCrypto's XOF readers gives.
#[derive(Clone)]
pub(crate) struct Output<R>(pub(crate) R);

impl<R: XofReader + Clone + Send + Sync + 'static> Squeezing for Output<R> {
    fn squeeze(&mut self, out: &mut [u8]) {
        self.0.read(out);
    }
}
