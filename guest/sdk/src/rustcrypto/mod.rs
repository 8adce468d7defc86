//! The host behind the traits of RustCrypto's `digest` and `aead` crates.
//!
//! Code that is generic over those traits, or merely names a type that has them, moves to the host by changing the type:
//!
//! ```no_run
//! use wasi_crypto_sdk::rustcrypto::{Aes256Gcm, HmacSha256, Sha256};
//! use wasi_crypto_sdk::rustcrypto::aead::{Aead, KeyInit};
//! use wasi_crypto_sdk::rustcrypto::digest::{Digest, Mac};
//!
//! let digest = Sha256::digest("hello");
//!
//! let mut mac = <HmacSha256 as KeyInit>::new_from_slice(b"a key").unwrap();
//! mac.update(b"message");
//! let tag = mac.finalize().into_bytes();
//!
//! let cipher = Aes256Gcm::new(&[7; 32].into());
//! let ciphertext = cipher.encrypt(&[0; 12].into(), b"message".as_ref()).unwrap();
//! ```
//!
//! These traits carry sizes in types, so an algorithm needs a type. Those for the most common ones are here. For another,
//! say its name and its sizes on a type of your own, with [`HashAlgorithm`], [`MacAlgorithm`] or [`AeadAlgorithm`]:
//!
//! ```no_run
//! use wasi_crypto_sdk::rustcrypto::digest::{Digest, consts::{U32, U128}};
//! use wasi_crypto_sdk::rustcrypto::{HashAlgorithm, HostHash};
//!
//! enum Blake2b256Algorithm {}
//!
//! impl HashAlgorithm for Blake2b256Algorithm {
//!     const NAME: &'static str = "BLAKE2B-256";
//!     type OutputSize = U32;
//!     type BlockSize = U128;
//! }
//!
//! type Blake2b256 = HostHash<Blake2b256Algorithm>;
//! let digest = Blake2b256::digest("hello");
//! ```
//!
//! # Panics
//!
//! Most of these traits' methods cannot report an error. Where the host refuses one (it does not have the algorithm, or
//! does not allow it; a limit is reached; the sizes do not fit the algorithm), the method panics with the error's message
//! and the component traps. Where that will not do, ask first ([`HostHash::try_new`], `try_new` of the others) or use the
//! types of this crate's root, which return every error. Encryption and decryption return `aead`'s opaque error for
//! everything.

mod aead_impl;
mod hash_impl;
mod mac_impl;

pub use aead_impl::{
    AeadAlgorithm, Aes128Gcm, Aes256Gcm, Aes256GcmSiv, ChaCha20Poly1305, HostAead,
    XChaCha20Poly1305,
};
pub use hash_impl::{
    HashAlgorithm, HostHash, Sha3_256, Sha3_512, Sha256, Sha384, Sha512, Sha512_256,
};
pub use mac_impl::{HmacSha256, HmacSha384, HmacSha512, HostMac, MacAlgorithm};

/// The `aead` crate whose traits are implemented.
pub use ::aead;
/// The `digest` crate whose traits are implemented.
pub use ::digest;

/// The value, or a panic with the host's reason.
fn or_panic<T>(result: crate::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("the host's cryptography failed: {error}"))
}
