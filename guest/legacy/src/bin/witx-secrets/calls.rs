//! The functions for managed keys, with arguments of Rust.

use wasi_crypto_legacy_guests::errno::Errno;
use wasi_crypto_legacy_guests::lent::{Guarded, address, address_mut, done, result, size};
use wasi_crypto_legacy_guests::raw;
use wasi_crypto_legacy_guests::state::{Optional, aead_with, close, encrypt_into};

pub const AEAD: &str = "AES-256-GCM-SIV";

// The versions that the witx modules reserve.
pub const UNSPECIFIED: u64 = 0xff00_0000_0000_0000;
pub const LATEST: u64 = 0xff00_0000_0000_0001;
pub const ALL: u64 = 0xff00_0000_0000_0002;

pub type Id = [u8; 16];

pub fn manager() -> Result<i32, Errno> {
    let none = Optional::new(None);
    result(|out| raw::secrets_manager_open(address(&none), out))
}

pub fn generate(manager: i32, algorithm: &str, options: Option<i32>) -> Result<i32, Errno> {
    let options = Optional::new(options);
    let (name, len) = (address(algorithm), size(algorithm.as_bytes()));
    result(|out| raw::symmetric_key_generate_managed(manager, name, len, address(&options), out))
}

pub fn generate_unmanaged(algorithm: &str, options: Option<i32>) -> Result<i32, Errno> {
    let options = Optional::new(options);
    let (name, len) = (address(algorithm), size(algorithm.as_bytes()));
    result(|out| raw::symmetric_key_generate(name, len, address(&options), out))
}

pub fn store(manager: i32, key: i32, id: &mut Guarded) -> Result<(), Errno> {
    let (at, len) = (id.at(), id.len());
    done(raw::symmetric_key_store_managed(manager, key, at, len))
}

pub fn replace(manager: i32, old: i32, new: i32) -> Result<u64, Errno> {
    result(|out| raw::symmetric_key_replace_managed(manager, old, new, out))
}

/// The length that was written, and the version.
pub fn key_id_into(key: i32, id: &mut Guarded) -> Result<(u32, u64), Errno> {
    let (at, max_len) = (id.at(), id.len());
    let mut version = 0u64;
    let version_at = address_mut(&mut version);
    let len = result(|out| raw::symmetric_key_id(key, at, max_len, out, version_at))?;
    Ok((len, std::hint::black_box(version)))
}

pub fn key_id(key: i32) -> Result<(Id, u64), Errno> {
    let mut buffer = Guarded::new(16, 0);
    let (len, version) = key_id_into(key, &mut buffer)?;
    assert_eq!(len, 16);
    Ok((buffer.bytes().try_into().expect("16 bytes"), version))
}

pub fn from_id(manager: i32, id: &[u8], version: u64) -> Result<i32, Errno> {
    let (at, len) = (address(id), size(id));
    result(|out| raw::symmetric_key_from_id(manager, at, len, version.cast_signed(), out))
}

pub fn invalidate(manager: i32, id: &[u8], version: u64) -> Result<(), Errno> {
    let version = version.cast_signed();
    done(raw::secrets_manager_invalidate(
        manager,
        address(id),
        size(id),
        version,
    ))
}

pub fn set_u64(options: i32, name: &str, value: i64) -> Result<(), Errno> {
    let (at, len) = (address(name), size(name.as_bytes()));
    done(raw::options_set_u64(options, at, len, value))
}

/// A message, always the same, encrypted under a nonce of zeros.
pub fn encrypt(key: i32) -> Vec<u8> {
    let state = aead_with(AEAD, key, 12).expect("a state");
    let mut out = Guarded::new(14 + 16, 0);
    encrypt_into(state, &mut out, b"attack at dawn").expect("a ciphertext");
    close(state);
    out.bytes().to_vec()
}
