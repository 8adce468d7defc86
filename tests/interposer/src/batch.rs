//! The interface `symmetric-batch`.

use crate::Interposer;
use crate::audit::{Result, count};
use crate::bindings::exports::wasi_ephemeral::crypto::symmetric_batch::{
    DecryptDetachedParams, DecryptParams, DetachedCiphertext, EncryptParams, Guest, SqueezeParams,
    SymmetricStateBorrow, SymmetricTag,
};
use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno as InnerErrno;
use crate::bindings::wasi_ephemeral::crypto::symmetric_batch as inner;
use crate::symmetric::{State, Tag};

fn state<'a>(handle: &'a SymmetricStateBorrow<'_>) -> &'a inner::SymmetricState {
    &handle.get::<State>().0
}

/// The entries' results, in terms of what is exported.
fn each<T, U>(
    results: Vec<std::result::Result<T, InnerErrno>>,
    outer: impl Fn(T) -> U,
) -> Vec<Result<U>> {
    results
        .into_iter()
        .map(|result| Ok(outer(result?)))
        .collect()
}

fn tag(tag: inner::SymmetricTag) -> SymmetricTag {
    SymmetricTag::new(Tag(tag))
}

fn encrypt_params<'a>(batch: &'a [EncryptParams<'_>]) -> Vec<inner::EncryptParams<'a>> {
    let each = batch.iter().map(|entry| inner::EncryptParams {
        state: state(&entry.state),
        data: entry.data.clone(),
    });
    each.collect()
}

impl Guest for Interposer {
    fn squeeze(batch: Vec<SqueezeParams<'_>>) -> Result<Vec<Result<Vec<u8>>>> {
        count();
        let params = batch.iter().map(|entry| inner::SqueezeParams {
            state: state(&entry.state),
            len: entry.len,
        });
        let results = inner::squeeze(&params.collect::<Vec<_>>())?;
        Ok(each(results, |out| out))
    }

    fn squeeze_tag(states: Vec<SymmetricStateBorrow<'_>>) -> Result<Vec<Result<SymmetricTag>>> {
        count();
        let states: Vec<_> = states.iter().map(state).collect();
        Ok(each(inner::squeeze_tag(&states)?, tag))
    }

    fn encrypt(batch: Vec<EncryptParams<'_>>) -> Result<Vec<Result<Vec<u8>>>> {
        count();
        let results = inner::encrypt(&encrypt_params(&batch))?;
        Ok(each(results, |out| out))
    }

    fn encrypt_detached(batch: Vec<EncryptParams<'_>>) -> Result<Vec<Result<DetachedCiphertext>>> {
        count();
        let results = inner::encrypt_detached(&encrypt_params(&batch))?;
        Ok(each(results, |out| DetachedCiphertext {
            ciphertext: out.ciphertext,
            tag: tag(out.tag),
        }))
    }

    fn decrypt(batch: Vec<DecryptParams<'_>>) -> Result<Vec<Result<Vec<u8>>>> {
        count();
        let params = batch.iter().map(|entry| inner::DecryptParams {
            state: state(&entry.state),
            data: entry.data.clone(),
        });
        let results = inner::decrypt(&params.collect::<Vec<_>>())?;
        Ok(each(results, |out| out))
    }

    fn decrypt_detached(batch: Vec<DecryptDetachedParams<'_>>) -> Result<Vec<Result<Vec<u8>>>> {
        count();
        let params = batch.iter().map(|entry| inner::DecryptDetachedParams {
            state: state(&entry.state),
            data: entry.data.clone(),
            raw_tag: entry.raw_tag.clone(),
        });
        let results = inner::decrypt_detached(&params.collect::<Vec<_>>())?;
        Ok(each(results, |out| out))
    }
}
