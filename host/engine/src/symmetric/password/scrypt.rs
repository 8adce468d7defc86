//! scrypt (RFC 7914).

use ::scrypt::Params;
use zeroize::Zeroizing;

use super::phc::{Form, Stored};
use super::{Function, PASSWORD_HASH};
use crate::contract::Crates;
use crate::contract::symmetric::{Algorithm, Opening, StateImpl};
use crate::options::OptionName;
use crate::{Error, Limits, Result};

pub(super) const ROWS: &[Algorithm] = &[Algorithm {
    name: "SCRYPT",
    options: &[
        OptionName::Salt,
        OptionName::Phc,
        OptionName::OpsLimit,
        OptionName::BlockSize,
        OptionName::Parallelism,
    ],
    standard: "RFC 7914",
    crates: Crates::everywhere("scrypt"),
    open,
    ..PASSWORD_HASH
}];

static FORM: Form = Form {
    ident: "scrypt",
    versioned: false,
    params: &["ln", "r", "p"],
};

const DEFAULT_N: u64 = 1 << 17;
const DEFAULT_R: u64 = 8;
const DEFAULT_P: u64 = 1;
/// r · p has to be less (RFC 7914, section 2).
const MAX_R_P: u64 = 1 << 30;
/// Bytes of a block of r = 1.
const BLOCK: u64 = 128;
/// Bytes of an output of SHA-256.
const SHA_256: u64 = 32;

/// Opens scrypt.
fn open(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let stored = Stored::parse(opening, &FORM)?;
    let costs = match &stored {
        Some(stored) => Costs::of(stored)?,
        None => Costs::asked_for(opening),
    };
    let params = costs.params(opening.limits)?;
    for (name, value) in [
        (OptionName::OpsLimit, costs.n),
        (OptionName::BlockSize, costs.r),
        (OptionName::Parallelism, costs.p),
    ] {
        opening.options.put_integer(name, value);
    }
    let function = Scrypt {
        params,
        work: costs.work(opening.limits),
    };
    super::open(opening, function, stored)
}

struct Costs {
    n: u64,
    r: u64,
    p: u64,
}

impl Costs {
    fn asked_for(opening: &Opening<'_>) -> Self {
        let integer = |name, default| opening.options.integer(name).unwrap_or(default);
        Self {
            n: integer(OptionName::OpsLimit, DEFAULT_N),
            r: integer(OptionName::BlockSize, DEFAULT_R),
            p: integer(OptionName::Parallelism, DEFAULT_P),
        }
    }

    fn of(stored: &Stored) -> Result<Self> {
        let log_n = u32::try_from(stored.decimal("ln")?).ok();
        Ok(Self {
            n: log_n
                .and_then(|log_n| 1u64.checked_shl(log_n))
                .ok_or(Error::Overflow)?,
            r: stored.decimal("r")?,
            p: stored.decimal("p")?,
        })
    }

    fn work(&self, limits: &Limits) -> f64 {
        [self.n, self.r, self.p]
            .map(|cost| cost as f64)
            .iter()
            .product::<f64>()
            / limits.scrypt_work as f64
    }

    fn params(&self, limits: &Limits) -> Result<Params> {
        let Self { n, r, p } = *self;
        let product = |factors: [u64; 3]| {
            factors
                .into_iter()
                .try_fold(1u64, u64::checked_mul)
                .unwrap_or(u64::MAX)
        };
        let memory = product([BLOCK, n, r]).saturating_add(product([BLOCK, r, p]));
        if memory > limits.password_memory || product([n, r, p]) > limits.scrypt_work {
            return Err(Error::Overflow);
        }
        // The crate multiplies the two without looking.
        if n < 2 || !n.is_power_of_two() || product([r, p, 1]) >= MAX_R_P {
            return Err(Error::UnsupportedOption);
        }
        let small = |value: u64| u32::try_from(value).map_err(|_| Error::UnsupportedOption);
        Params::new(n.ilog2() as u8, small(r)?, small(p)?).map_err(|_| Error::UnsupportedOption)
    }
}

#[derive(Clone)]
struct Scrypt {
    params: Params,
    work: f64,
}

impl Function for Scrypt {
    fn form(&self) -> &'static Form {
        &FORM
    }

    fn params(&self, _output_len: usize) -> Zeroizing<String> {
        let Self { params, .. } = self;
        let (log_n, r, p) = (params.log_n(), params.r(), params.p());
        Zeroizing::new(format!("ln={log_n},r={r},p={p}"))
    }

    fn work(&self, _len: u64) -> f64 {
        self.work
    }

    fn repeated_bytes(&self, salt: u64, len: u64) -> u64 {
        // Each block of PBKDF2 hashes its whole salt: first the caller's, for all of the p blocks of scrypt, which are the
        // salt of the output then.
        let blocks = u64::from(self.params.r()) * BLOCK * u64::from(self.params.p());
        let first = salt.saturating_mul(blocks.div_ceil(SHA_256));
        first.saturating_add(blocks.saturating_mul(len.div_ceil(SHA_256)))
    }

    fn memory(&self) -> u64 {
        let block = u64::from(self.params.r()) * BLOCK;
        block * (self.params.n() + u64::from(self.params.p()))
    }

    fn hash(&self, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<()> {
        // The crate aborts when it gets no memory. Asking first leaves a race to lose, but no request that always aborts.
        let memory = usize::try_from(self.memory());
        let mut probe = Vec::<u8>::new();
        probe
            .try_reserve_exact(memory.map_err(|_| Error::Overflow)?)
            .map_err(|_| Error::Overflow)?;
        drop(probe);
        ::scrypt::scrypt(password, salt, &self.params, out).map_err(|_| Error::InvalidLength)
    }
}
