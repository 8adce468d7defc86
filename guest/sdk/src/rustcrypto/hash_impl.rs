//! `digest::Digest` by the host.

use std::fmt;
use std::marker::PhantomData;

use digest::array::ArraySize;
use digest::common::BlockSizeUser;
use digest::consts::{U32, U48, U64, U72, U128, U136};
use digest::{FixedOutput, FixedOutputReset, HashMarker, Output, OutputSizeUser, Reset, Update};

use super::or_panic;
use crate::{Hash, Result};

/// The name and the sizes of an unkeyed hash function.
pub trait HashAlgorithm {
    /// What the host calls it.
    const NAME: &'static str;
    /// Bytes of output.
    type OutputSize: ArraySize;
    /// Bytes of a block of input, or the rate of a sponge; HMAC constructions depend on it.
    type BlockSize: ArraySize;
}

/// A hash by the host, with the traits that make up [`digest::Digest`].
///
/// See [the module](super) about panics.
pub struct HostHash<A> {
    hash: Hash,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: HashAlgorithm> HostHash<A> {
    /// Starts a hash, or says why the host will not.
    pub fn try_new() -> Result<Self> {
        Hash::new(A::NAME).map(Self::by)
    }
}

impl<A> HostHash<A> {
    fn by(hash: Hash) -> Self {
        let algorithm = PhantomData;
        Self { hash, algorithm }
    }
}

impl<A: HashAlgorithm> Default for HostHash<A> {
    fn default() -> Self {
        or_panic(Self::try_new())
    }
}

impl<A> Clone for HostHash<A> {
    fn clone(&self) -> Self {
        Self::by(or_panic(self.hash.try_clone()))
    }
}

impl<A: HashAlgorithm> fmt::Debug for HostHash<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostHash({})", A::NAME)
    }
}

impl<A> HashMarker for HostHash<A> {}

impl<A: HashAlgorithm> OutputSizeUser for HostHash<A> {
    type OutputSize = A::OutputSize;
}

impl<A: HashAlgorithm> BlockSizeUser for HostHash<A> {
    type BlockSize = A::BlockSize;
}

impl<A> Update for HostHash<A> {
    fn update(&mut self, data: &[u8]) {
        or_panic(self.hash.update(data));
    }
}

impl<A: HashAlgorithm> FixedOutput for HostHash<A> {
    fn finalize_into(self, out: &mut Output<Self>) {
        let digest = or_panic(self.hash.finalize(Self::output_size()));
        out.copy_from_slice(&digest);
    }
}

impl<A: HashAlgorithm> Reset for HostHash<A> {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl<A: HashAlgorithm> FixedOutputReset for HostHash<A> {
    fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
        std::mem::take(self).finalize_into(out);
    }
}

macro_rules! hashes {
    ($($(#[$doc:meta])* $name:ident, $marker:ident: $host:literal, $output:ty, $block:ty;)*) => {$(
        $(#[$doc])*
        pub type $name = HostHash<$marker>;

        #[doc(hidden)]
        pub enum $marker {}

        impl HashAlgorithm for $marker {
            const NAME: &'static str = $host;
            type OutputSize = $output;
            type BlockSize = $block;
        }
    )*};
}

hashes! {
    /// SHA-256 (FIPS 180-4).
    Sha256, Sha256Algorithm: "SHA-256", U32, U64;
    /// SHA-384 (FIPS 180-4).
    Sha384, Sha384Algorithm: "SHA-384", U48, U128;
    /// SHA-512 (FIPS 180-4).
    Sha512, Sha512Algorithm: "SHA-512", U64, U128;
    /// SHA-512/256 (FIPS 180-4, section 6.7).
    Sha512_256, Sha512Over256Algorithm: "SHA-512/256", U32, U128;
    /// SHA3-256 (FIPS 202).
    Sha3_256, Sha3Over256Algorithm: "SHA3-256", U32, U136;
    /// SHA3-512 (FIPS 202).
    Sha3_512, Sha3Over512Algorithm: "SHA3-512", U64, U72;
}
