//! BLAKE2b (RFC 7693), keyed or not, with the parameter block's salt, personalization and fanout.

use blake2b_simd::{KEYBYTES, PERSONALBYTES, Params, SALTBYTES, State};

use super::truncate;
use crate::contract::symmetric::{Algorithm, Opening, Operation, StateImpl, Tag};
use crate::contract::{Crates, KeyRule};
use crate::options::OptionName;
use crate::secret::{overwrite, zeroed};
use crate::{Error, Result};

const BLAKE2B: Algorithm = Algorithm {
    options: &[OptionName::Context, OptionName::Salt, OptionName::Fanout],
    standard: "RFC 7693",
    crates: Crates::everywhere("blake2b_simd"),
    operations: &[
        Operation::Absorb,
        Operation::Squeeze,
        Operation::SqueezeTag,
        Operation::MaxTagLen,
    ],
    ..Algorithm::UNKEYED
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "BLAKE2B-512",
        key: KeyRule::optional(0, 64, 64),
        tag_len: 64,
        open: open::<64>,
        ..BLAKE2B
    },
    Algorithm {
        name: "BLAKE2B-256",
        key: KeyRule::optional(0, 64, 32),
        tag_len: 32,
        open: open::<32>,
        ..BLAKE2B
    },
];

/// Opens BLAKE2b with an output of `LEN` bytes.
fn open<const LEN: usize>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    // The crate asserts on every length, so none reaches it unchecked.
    let option = |name, longest| match opening.options.bytes(name) {
        Some(value) if value.len() > longest => Err(Error::InvalidLength),
        value => Ok(value.unwrap_or_default()),
    };
    let personal = option(OptionName::Context, PERSONALBYTES)?;
    let salt = option(OptionName::Salt, SALTBYTES)?;
    let key = opening.raw_key().unwrap_or_default();
    if key.len() > KEYBYTES {
        return Err(Error::InvalidKey);
    }
    let mut params = Params::new();
    params
        .hash_length(LEN)
        .key(key)
        .salt(salt)
        .personal(personal);
    let fanout = match opening.options.integer(OptionName::Fanout) {
        Some(fanout) => u8::try_from(fanout).map_err(|_| Error::UnsupportedOption)?,
        None => 1,
    };
    params.fanout(fanout);
    let state = params.to_state();
    overwrite(&mut params, Params::new());
    let keyed = !key.is_empty();
    opening
        .options
        .put_integer(OptionName::Fanout, fanout.into());
    Ok(Box::new(Blake2b::<LEN> { state, keyed }))
}

struct Blake2b<const LEN: usize> {
    state: State,
    keyed: bool,
}

impl<const LEN: usize> StateImpl for Blake2b<LEN> {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.state.update(data);
        Ok(())
    }

    fn squeeze_limit(&self) -> Option<usize> {
        Some(LEN)
    }

    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        let mut hash = self.state.finalize();
        let result = truncate(hash.as_bytes(), out);
        overwrite(&mut hash, State::new().finalize());
        result
    }

    fn squeeze_tag(&mut self) -> Result<Tag> {
        if !self.keyed {
            return Err(Error::InvalidOperation);
        }
        let mut tag = zeroed(LEN)?;
        self.squeeze(&mut tag)?;
        Ok(Tag::new(tag))
    }

    fn tag_len(&self) -> usize {
        if self.keyed { LEN } else { 0 }
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self {
            state: self.state.clone(),
            keyed: self.keyed,
        }))
    }
}

impl<const LEN: usize> Drop for Blake2b<LEN> {
    fn drop(&mut self) {
        overwrite(&mut self.state, State::new());
    }
}
