//! `digest::Mac` by the host.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use digest::array::ArraySize;
use digest::common::KeySizeUser;
use digest::consts::{U32, U48, U64, U128};
use digest::{
    FixedOutput, FixedOutputReset, InvalidLength, KeyInit, MacMarker, Output, OutputSizeUser,
    Reset, Update,
};

use super::or_panic;
use crate::{Key, Mac, Result};

/// The name and the sizes of a MAC.
pub trait MacAlgorithm {
    /// What the host calls it.
    const NAME: &'static str;
    /// Bytes of the key that `KeyInit::new` takes; `new_from_slice` takes what the host does.
    type KeySize: ArraySize;
    /// Bytes of the tag.
    type OutputSize: ArraySize;
}

/// A MAC by the host, with the traits that make up [`digest::Mac`].
///
/// See [the module](super) about panics.
pub struct HostMac<A> {
    key: Arc<Key>,
    mac: Mac,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: MacAlgorithm> HostMac<A> {
    /// Starts a MAC, or says why the host will not.
    pub fn try_new(key: &[u8]) -> Result<Self> {
        Self::start(Arc::new(Key::import(A::NAME, key)?))
    }

    fn start(key: Arc<Key>) -> Result<Self> {
        Ok(Self {
            mac: Mac::new(&key)?,
            key,
            algorithm: PhantomData,
        })
    }
}

impl<A> Clone for HostMac<A> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            mac: or_panic(self.mac.try_clone()),
            algorithm: PhantomData,
        }
    }
}

impl<A: MacAlgorithm> fmt::Debug for HostMac<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostMac({})", A::NAME)
    }
}

impl<A> MacMarker for HostMac<A> {}

impl<A: MacAlgorithm> OutputSizeUser for HostMac<A> {
    type OutputSize = A::OutputSize;
}

impl<A: MacAlgorithm> KeySizeUser for HostMac<A> {
    type KeySize = A::KeySize;
}

impl<A: MacAlgorithm> KeyInit for HostMac<A> {
    fn new(key: &digest::Key<Self>) -> Self {
        or_panic(Self::try_new(key))
    }

    fn new_from_slice(key: &[u8]) -> std::result::Result<Self, InvalidLength> {
        match Self::try_new(key) {
            Err(error) if error.errno() == crate::CryptoErrno::InvalidKey => Err(InvalidLength),
            other => Ok(or_panic(other)),
        }
    }
}

impl<A> Update for HostMac<A> {
    fn update(&mut self, data: &[u8]) {
        or_panic(self.mac.update(data));
    }
}

impl<A: MacAlgorithm> FixedOutput for HostMac<A> {
    fn finalize_into(self, out: &mut Output<Self>) {
        out.copy_from_slice(&or_panic(self.mac.sign()));
    }
}

impl<A: MacAlgorithm> Reset for HostMac<A> {
    fn reset(&mut self) {
        *self = or_panic(Self::start(self.key.clone()));
    }
}

impl<A: MacAlgorithm> FixedOutputReset for HostMac<A> {
    fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
        let fresh = or_panic(Self::start(self.key.clone()));
        std::mem::replace(self, fresh).finalize_into(out);
    }
}

macro_rules! macs {
    ($($(#[$doc:meta])* $name:ident, $marker:ident: $host:literal, $key:ty, $output:ty;)*) => {$(
        $(#[$doc])*
        pub type $name = HostMac<$marker>;

        #[doc(hidden)]
        pub enum $marker {}

        impl MacAlgorithm for $marker {
            const NAME: &'static str = $host;
            type KeySize = $key;
            type OutputSize = $output;
        }
    )*};
}

// The key size that RustCrypto's `Hmac` has: a block.
macs! {
    /// HMAC with SHA-256 (RFC 2104, FIPS 198-1).
    HmacSha256, HmacSha256Algorithm: "HMAC/SHA-256", U64, U32;
    /// HMAC with SHA-384 (RFC 2104, FIPS 198-1).
    HmacSha384, HmacSha384Algorithm: "HMAC/SHA-384", U128, U48;
    /// HMAC with SHA-512 (RFC 2104, FIPS 198-1).
    HmacSha512, HmacSha512Algorithm: "HMAC/SHA-512", U128, U64;
}
