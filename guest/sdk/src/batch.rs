//! Many operations in one call.
//!
//! A batch costs one crossing into the host instead of one for each entry, and lets the host use several processors. Each
//! function takes anything that yields its entries (an array, a vector, an iterator) and returns the results in the order
//! of the entries. Entries are independent: one that fails has its own error and changes nothing for the others. A state
//! may appear more than once; its entries are then done in order.
//!
//! A batch that exceeds the host's limits is refused whole, with [`Overflow`](crate::CryptoErrno::Overflow).
//!
//! Entries refer to anything that is a [`State`] beneath: a [`Hash`](struct@crate::Hash), a [`Mac`](crate::Mac), a
//! [`Session`](crate::Session).
//!
//! ```no_run
//! use wasi_crypto_sdk::{Hash, Result, batch};
//!
//! # fn main() -> Result<()> {
//! let mut hashes = Vec::new();
//! for document in ["one", "two", "three"] {
//!     let mut hash = Hash::new("SHA-256")?;
//!     hash.update(document)?;
//!     hashes.push(hash);
//! }
//! let digests: Result<Vec<_>> = batch::squeeze(hashes.iter().map(|hash| (hash, 32)))?.into_iter().collect();
//! # Ok(()) }
//! ```

use crate::bindings::wasi_ephemeral::crypto::symmetric_batch as raw;
use crate::{CryptoErrno, Error, Result, State, Tag};

/// What each entry has come to, in the order of the entries.
pub type Results<T> = Result<Vec<Result<T>>>;

/// Squeezes the given number of bytes out of each state.
pub fn squeeze<'a, S: AsRef<State> + 'a>(
    entries: impl IntoIterator<Item = (&'a S, usize)>,
) -> Results<Vec<u8>> {
    let entry = |(state, len): (&'a S, usize)| raw::SqueezeParams {
        state: state.as_ref().as_raw(),
        len: len as u64,
    };
    let entries: Vec<_> = entries.into_iter().map(entry).collect();
    results(raw::squeeze(&entries), |bytes| bytes)
}

/// Squeezes a tag out of each state.
pub fn squeeze_tag<'a, S: AsRef<State> + 'a>(
    states: impl IntoIterator<Item = &'a S>,
) -> Results<Tag> {
    let states = states.into_iter().map(|state| state.as_ref().as_raw());
    let states: Vec<_> = states.collect();
    results(raw::squeeze_tag(&states), Tag::from_raw)
}

/// Encrypts with each state; ciphertext and tag together.
pub fn encrypt<'a, S: AsRef<State> + 'a, D: AsRef<[u8]> + ?Sized + 'a>(
    entries: impl IntoIterator<Item = (&'a S, &'a D)>,
) -> Results<Vec<u8>> {
    results(raw::encrypt(&to_encrypt(entries)), |bytes| bytes)
}

/// Encrypts with each state; ciphertext and tag apart.
pub fn encrypt_detached<'a, S: AsRef<State> + 'a, D: AsRef<[u8]> + ?Sized + 'a>(
    entries: impl IntoIterator<Item = (&'a S, &'a D)>,
) -> Results<(Vec<u8>, Tag)> {
    results(raw::encrypt_detached(&to_encrypt(entries)), |entry| {
        (entry.ciphertext, Tag::from_raw(entry.tag))
    })
}

/// Decrypts with each state a ciphertext with its tag.
pub fn decrypt<'a, S: AsRef<State> + 'a, D: AsRef<[u8]> + ?Sized + 'a>(
    entries: impl IntoIterator<Item = (&'a S, &'a D)>,
) -> Results<Vec<u8>> {
    let entry = |(state, data): (&'a S, &'a D)| raw::DecryptParamsParam {
        state: state.as_ref().as_raw(),
        data: data.as_ref(),
    };
    let entries: Vec<_> = entries.into_iter().map(entry).collect();
    results(raw::decrypt(&entries), |bytes| bytes)
}

/// Decrypts with each state a ciphertext whose tag is apart: entries are state, ciphertext, tag.
pub fn decrypt_detached<'a, S, D, T>(
    entries: impl IntoIterator<Item = (&'a S, &'a D, &'a T)>,
) -> Results<Vec<u8>>
where
    S: AsRef<State> + 'a,
    D: AsRef<[u8]> + ?Sized + 'a,
    T: AsRef<[u8]> + ?Sized + 'a,
{
    let entry = |(state, data, tag): (&'a S, &'a D, &'a T)| raw::DecryptDetachedParamsParam {
        state: state.as_ref().as_raw(),
        data: data.as_ref(),
        raw_tag: tag.as_ref(),
    };
    let entries: Vec<_> = entries.into_iter().map(entry).collect();
    results(raw::decrypt_detached(&entries), |bytes| bytes)
}

fn to_encrypt<'a, S: AsRef<State> + 'a, D: AsRef<[u8]> + ?Sized + 'a>(
    entries: impl IntoIterator<Item = (&'a S, &'a D)>,
) -> Vec<raw::EncryptParamsParam<'a>> {
    let entry = |(state, data): (&'a S, &'a D)| raw::EncryptParamsParam {
        state: state.as_ref().as_raw(),
        data: data.as_ref(),
    };
    entries.into_iter().map(entry).collect()
}

type Raw<T> = std::result::Result<Vec<std::result::Result<T, CryptoErrno>>, CryptoErrno>;

fn results<T, U>(raw: Raw<T>, convert: impl Fn(T) -> U) -> Results<U> {
    let entries = raw?.into_iter();
    Ok(entries
        .map(|entry| entry.map(&convert).map_err(Error::from))
        .collect())
}
