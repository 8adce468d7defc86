//! Argon2 (RFC 9106).

use ::argon2::{Algorithm as Variant, AssociatedData, Block, ParamsBuilder, Version};
use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::phc::{Form, Stored};
use super::{Function, PASSWORD_HASH};
use crate::contract::symmetric::{Algorithm, Key, Opening, StateImpl};
use crate::contract::{Crates, KeyRule};
use crate::options::OptionName;
use crate::secret::{SecretBytes, copy_of, overwrite, overwrite_stack, zeroed};
use crate::{Error, Limits, Result};

const ARGON2: Algorithm = Algorithm {
    key: KeyRule::optional(1, usize::MAX, 32),
    options: &[
        OptionName::Context,
        OptionName::Salt,
        OptionName::Phc,
        OptionName::MemoryLimit,
        OptionName::OpsLimit,
        OptionName::Parallelism,
        OptionName::Buffer,
    ],
    standard: "RFC 9106",
    crates: Crates::everywhere("argon2"),
    ..PASSWORD_HASH
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "ARGON2-ID-13",
        open: open::<ID>,
        ..ARGON2
    },
    Algorithm {
        name: "ARGON2-I-13",
        open: open::<I>,
        ..ARGON2
    },
    Algorithm {
        name: "ARGON2-D-13",
        open: open::<D>,
        ..ARGON2
    },
];

// The variants, as parameters of `open`.
const D: u8 = 0;
const I: u8 = 1;
const ID: u8 = 2;

const VARIANTS: [(Variant, Form); 3] = [
    (Variant::Argon2d, form("argon2d")),
    (Variant::Argon2i, form("argon2i")),
    (Variant::Argon2id, form("argon2id")),
];

const fn form(ident: &'static str) -> Form {
    Form {
        ident,
        versioned: true,
        params: &["m", "t", "p", "data"],
    }
}

const DEFAULT_MEMORY: u64 = 19 << 20;
const DEFAULT_PASSES: u64 = 2;
const DEFAULT_LANES: u64 = 1;
/// Threads wait for each other four times in a pass. Measured, that takes as long as filling less than this many bytes.
const LANES_MEET: u64 = 128 << 10;
const SHORTEST_SALT: usize = 8;
const SHORTEST_OUTPUT: usize = 4;

/// Opens the Argon2 variant with that number in RFC 9106, section 3.2.
fn open<const VARIANT: u8>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let (variant, form) = VARIANTS
        .get(usize::from(VARIANT))
        .ok_or(Error::InternalError)?;
    let stored = Stored::parse(opening, form)?;
    let costs = match &stored {
        Some(stored) => Costs::of(stored, opening)?,
        None => Costs::asked_for(opening),
    };
    costs.check(opening.options.integer(OptionName::Buffer), opening.limits)?;
    costs.put(opening);
    if let Some(salt) = opening.options.bytes(OptionName::Salt)
        && salt.len() < SHORTEST_SALT
    {
        return Err(Error::InvalidLength);
    }
    let associated = opening
        .options
        .bytes(OptionName::Context)
        .unwrap_or_default();
    // What the parameters cannot be is found out now.
    costs.params(associated)?;
    let argon2 = Argon2 {
        work: costs.work(opening.limits),
        variant: *variant,
        form,
        associated: associated.to_vec().into(),
        costs,
        secret: opening.key.cloned(),
    };
    super::open(opening, argon2, stored)
}

/// What one hash costs.
#[derive(Clone)]
struct Costs {
    version: Version,
    /// In bytes, as asked for; Argon2 uses whole KiB of it.
    memory: u64,
    passes: u64,
    lanes: u64,
}

impl Costs {
    fn asked_for(opening: &Opening<'_>) -> Self {
        let integer = |name| opening.options.integer(name);
        Self {
            version: Version::V0x13,
            memory: integer(OptionName::MemoryLimit)
                .or(integer(OptionName::Buffer))
                .unwrap_or(DEFAULT_MEMORY),
            passes: integer(OptionName::OpsLimit).unwrap_or(DEFAULT_PASSES),
            lanes: integer(OptionName::Parallelism).unwrap_or(DEFAULT_LANES),
        }
    }

    /// The costs of a stored hash, whose associated data is put in force.
    fn of(stored: &Stored, opening: &mut Opening<'_>) -> Result<Self> {
        let malformed = Error::UnsupportedEncoding;
        if let Some(data) = stored.bytes("data")? {
            opening.options.put_bytes(OptionName::Context, &data)?;
        }
        Ok(Self {
            version: match stored.version {
                // The reference implementation's first strings had no version.
                None => Version::V0x10,
                Some(version) => Version::try_from(version).map_err(|_| malformed)?,
            },
            memory: stored.decimal("m")? * Block::SIZE as u64,
            passes: stored.decimal("t")?,
            lanes: stored.decimal("p")?,
        })
    }

    fn check(&self, buffer: Option<u64>, limits: &Limits) -> Result<()> {
        let work = self.pass().checked_mul(self.passes);
        if buffer.is_some_and(|buffer| self.memory > buffer)
            || self.memory > limits.password_memory
            || work.is_none_or(|work| work > limits.password_work)
        {
            return Err(Error::Overflow);
        }
        Ok(())
    }

    /// What one pass counts, in bytes of memory filled.
    fn pass(&self) -> u64 {
        let meeting = if self.lanes > 1 { LANES_MEET } else { 0 };
        self.memory.saturating_add(meeting)
    }

    fn work(&self, limits: &Limits) -> f64 {
        (self.pass() as f64) * (self.passes as f64) / (limits.password_work as f64)
    }

    fn put(&self, opening: &mut Opening<'_>) {
        for (name, value) in [
            (OptionName::MemoryLimit, self.memory),
            (OptionName::OpsLimit, self.passes),
            (OptionName::Parallelism, self.lanes),
        ] {
            opening.options.put_integer(name, value);
        }
    }

    fn params(&self, associated: &[u8]) -> Result<::argon2::Params> {
        let small = |value: u64| u32::try_from(value).map_err(|_| Error::UnsupportedOption);
        let associated = AssociatedData::new(associated).map_err(|_| Error::InvalidLength)?;
        ParamsBuilder::new()
            .m_cost(small(self.memory / Block::SIZE as u64)?)
            .t_cost(small(self.passes)?)
            .p_cost(small(self.lanes)?)
            .data(associated)
            .build()
            // No pass, no lane, or less memory than the lanes need.
            .map_err(|_| Error::UnsupportedOption)
    }
}

#[derive(Clone)]
struct Argon2 {
    variant: Variant,
    form: &'static Form,
    // The crate's parameters are made for each hash: where they have no value, they would keep what was on the stack.
    costs: Costs,
    /// A few bytes: the parameters take no more.
    associated: SecretBytes,
    secret: Option<Key>,
    work: f64,
}

impl Function for Argon2 {
    fn form(&self) -> &'static Form {
        self.form
    }

    fn version(&self) -> Option<u32> {
        Some(self.costs.version.into())
    }

    fn params(&self, _output_len: usize) -> Zeroizing<String> {
        let Costs {
            memory,
            passes,
            lanes,
            ..
        } = self.costs;
        let memory = memory / Block::SIZE as u64;
        let mut params = format!("m={memory},t={passes},p={lanes}");
        if !self.associated.is_empty() {
            params.reserve_exact(64);
            params.push_str(",data=");
            params.push_str(&Zeroizing::new(Base64Unpadded::encode_string(
                &self.associated,
            )));
        }
        Zeroizing::new(params)
    }

    fn repeated_bytes(&self, salt: u64, _len: u64) -> u64 {
        let secret = self.secret.as_ref().map_or(0, |key| key.raw().len() as u64);
        salt.saturating_add(secret)
    }

    fn work(&self, _len: u64) -> f64 {
        self.work
    }

    fn memory(&self) -> u64 {
        self.costs.memory
    }

    fn hash(&self, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<()> {
        if out.len() < SHORTEST_OUTPUT {
            return Err(Error::InvalidLength);
        }
        let hash = Hash {
            argon2: self.clone(),
            password: copy_of(password)?,
            salt: copy_of(salt)?,
            memory: self.blocks()?,
            out: zeroed(out.len())?,
        };
        out.copy_from_slice(&hash.done()?);
        Ok(())
    }
}

impl Argon2 {
    /// The memory to fill. The crate would allocate it by itself, but not wipe it.
    fn blocks(&self) -> Result<Memory> {
        let count = self.costs.params(&self.associated)?.block_count();
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(count)
            .map_err(|_| Error::Overflow)?;
        memory.resize(count, Block::new());
        Ok(Memory(memory))
    }
}

/// The memory that a hash fills, wiped in bulk on drop.
struct Memory(Vec<Block>);

impl Drop for Memory {
    fn drop(&mut self) {
        self.0.fill(Block::new());
        zeroize::optimization_barrier(self.0.as_slice());
    }
}

/// What one hash takes, on whichever thread it is made.
struct Hash {
    argon2: Argon2,
    password: SecretBytes,
    salt: SecretBytes,
    memory: Memory,
    out: SecretBytes,
}

impl Hash {
    fn done(self) -> Result<SecretBytes> {
        // What earlier operations left on the stack gets into gaps of what is put there next, such as the library's pools of
        // threads, and with that into memory that nobody wipes.
        overwrite_stack();
        #[cfg(feature = "native")]
        let done = super::lanes::fill(self.argon2.costs.lanes, || self.make()).flatten();
        #[cfg(not(feature = "native"))]
        let done = self.make();
        // The crate leaves the password in its buffers there.
        overwrite_stack();
        done
    }

    fn make(mut self) -> Result<SecretBytes> {
        let Argon2 {
            variant,
            costs,
            associated,
            secret,
            ..
        } = &self.argon2;
        let params = costs.params(associated)?;
        let mut argon2 = match secret {
            None => ::argon2::Argon2::new(*variant, costs.version, params),
            Some(key) => {
                ::argon2::Argon2::new_with_secret(key.raw(), *variant, costs.version, params)
                    .map_err(|_| Error::InvalidKey)?
            }
        };
        let hashed = argon2.hash_password_into_with_memory(
            &self.password,
            &self.salt,
            &mut self.out,
            self.memory.0.as_mut_slice(),
        );
        // It holds the associated data, and does not wipe it.
        overwrite(&mut argon2, ::argon2::Argon2::default());
        hashed.map_err(|_| Error::AlgorithmFailure)?;
        Ok(self.out)
    }
}
