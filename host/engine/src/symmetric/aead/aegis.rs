//! AEGIS (draft-irtf-cfrg-aegis-aead).
//!
//! The crate has C code and Rust code, and never both in one build: its C code is fast, its Rust code goes where there is
//! no C compiler to go to. Both back ends use what the build has; the vectors hold in either build.

use zeroize::Zeroizing;

use super::AEAD;
use crate::contract::symmetric::{AeadKey, Algorithm, NonceRule, PreparedKey};
use crate::contract::{Crates, KeyRule};
use crate::options::OptionName;
use crate::{Backend, Error, Result};

const CRATES: Crates = Crates::everywhere(
    if cfg!(any(target_family = "wasm", feature = "pure-aegis")) {
        "aegis, in Rust"
    } else {
        "aegis, in C"
    },
);

const AEGIS: Algorithm = Algorithm {
    options: &[OptionName::Nonce, OptionName::TagLen],
    standard: "draft-irtf-cfrg-aegis-aead",
    crates: CRATES,
    ns_per_kib: 50,
    ..AEAD
};

const AEGIS_128: Algorithm = Algorithm {
    key: KeyRule::exactly(16),
    nonce: NonceRule::Generated(16),
    ..AEGIS
};

const AEGIS_256: Algorithm = Algorithm {
    key: KeyRule::exactly(32),
    nonce: NonceRule::Generated(32),
    ..AEGIS
};

pub(super) const ROWS: &[Algorithm] = &[
    row::<Aegis128L>("AEGIS-128L", AEGIS_128),
    row::<Aegis128X2>("AEGIS-128X2", AEGIS_128),
    row::<Aegis128X4>("AEGIS-128X4", AEGIS_128),
    row::<Aegis256>("AEGIS-256", AEGIS_256),
    row::<Aegis256X2>("AEGIS-256X2", AEGIS_256),
    row::<Aegis256X4>("AEGIS-256X4", AEGIS_256),
];

const fn row<V: Variant>(name: &'static str, base: Algorithm) -> Algorithm {
    Algorithm {
        name,
        prepare: prepare::<V>,
        ..base
    }
}

/// One of the six variants.
trait Variant: Send + Sync + 'static {
    type Key: for<'a> TryFrom<&'a [u8]> + Send + Sync + zeroize::Zeroize;

    /// Encrypts `buffer` in place; `tag` has 16 or 32 bytes.
    fn seal(
        key: &Self::Key,
        nonce: &[u8],
        ad: &[u8],
        buffer: &mut [u8],
        tag: &mut [u8],
    ) -> Result<()>;

    /// Decrypts `buffer` in place; `tag` has 16 or 32 bytes.
    fn open(key: &Self::Key, nonce: &[u8], ad: &[u8], buffer: &mut [u8], tag: &[u8]) -> Result<()>;
}

macro_rules! variants {
    ($($name:ident = $module:ident, $len:literal;)*) => {$(
        enum $name {}

        impl Variant for $name {
            type Key = [u8; $len];

            fn seal(
                key: &Self::Key,
                nonce: &[u8],
                ad: &[u8],
                buffer: &mut [u8],
                tag: &mut [u8],
            ) -> Result<()> {
                use aegis::$module::$name as Cipher;
                let nonce = nonce.try_into().map_err(|_| Error::InvalidNonce)?;
                if let Ok(tag) = <&mut [u8; 16]>::try_from(&mut *tag) {
                    *tag = Cipher::<16>::new(key, nonce).encrypt_in_place(buffer, ad);
                } else if let Ok(tag) = <&mut [u8; 32]>::try_from(tag) {
                    *tag = Cipher::<32>::new(key, nonce).encrypt_in_place(buffer, ad);
                } else {
                    return Err(Error::InternalError);
                }
                Ok(())
            }

            fn open(
                key: &Self::Key,
                nonce: &[u8],
                ad: &[u8],
                buffer: &mut [u8],
                tag: &[u8],
            ) -> Result<()> {
                use aegis::$module::$name as Cipher;
                let nonce = nonce.try_into().map_err(|_| Error::InvalidNonce)?;
                let opened = if let Ok(tag) = tag.try_into() {
                    Cipher::<16>::new(key, nonce).decrypt_in_place(buffer, tag, ad)
                } else if let Ok(tag) = tag.try_into() {
                    Cipher::<32>::new(key, nonce).decrypt_in_place(buffer, tag, ad)
                } else {
                    return Err(Error::InvalidTag);
                };
                opened.map_err(|_| Error::InvalidTag)
            }
        }
    )*};
}

variants! {
    Aegis128L = aegis128l, 16;
    Aegis128X2 = aegis128x2, 16;
    Aegis128X4 = aegis128x4, 16;
    Aegis256 = aegis256, 32;
    Aegis256X2 = aegis256x2, 32;
    Aegis256X4 = aegis256x4, 32;
}

/// Prepares a key: AEGIS has no schedule that could be computed without the nonce.
fn prepare<V: Variant>(key: &[u8], _: Backend) -> Result<PreparedKey> {
    let key = key.try_into().map_err(|_| Error::InvalidKey)?;
    Ok(PreparedKey::Aead(Box::new(Key::<V>(Zeroizing::new(key)))))
}

struct Key<V: Variant>(Zeroizing<V::Key>);

impl<V: Variant> AeadKey for Key<V> {
    fn seal(
        &self,
        nonce: &[u8],
        ad: &[u8],
        data: &[u8],
        out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<()> {
        out.copy_from_slice(data);
        V::seal(&self.0, nonce, ad, out, tag)
    }

    fn open(&self, nonce: &[u8], ad: &[u8], data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        out.copy_from_slice(data);
        V::open(&self.0, nonce, ad, out, tag)
    }
}
