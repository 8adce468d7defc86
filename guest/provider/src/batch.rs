//! The interface `symmetric-batch`. There are no threads: the entries are done one after the other.

use wasi_crypto_engine::{CallCost, State};

use crate::Provider;
use crate::bindings::exports::wasi_ephemeral::crypto::symmetric_batch::{
    DecryptDetachedParams, DecryptParams, DetachedCiphertext, EncryptParams, Guest, SqueezeParams,
    SymmetricStateBorrow, SymmetricTag,
};
use crate::held::{Result, check_batch, check_room, unwrapped};
use crate::symmetric::{HeldState, hold_tag};

/// Does something with the state behind a handle.
fn with<T>(
    state: &SymmetricStateBorrow<'_>,
    operation: impl FnOnce(&mut State) -> wasi_crypto_engine::Result<T>,
) -> Result<T> {
    Ok(operation(&mut *state.get::<HeldState>().get()?)?)
}

/// Refuses a batch of messages that costs too much.
fn check_messages<'a, E>(
    batch: &'a [E],
    message: impl Fn(&'a E) -> (&'a SymmetricStateBorrow<'a>, &'a [u8]),
) -> Result<()> {
    let messages: Vec<_> = batch.iter().map(message).collect();
    check_batch(&messages, |cost, (state, data)| {
        with(state, |state| {
            cost.add_message(state, data.len());
            Ok(())
        })
    })
}

impl Guest for Provider {
    fn squeeze(batch: Vec<SqueezeParams<'_>>) -> Result<Vec<Result<Vec<u8>>>> {
        check_batch(&batch, |cost: &mut CallCost, entry| {
            with(&entry.state, |state| {
                cost.add_squeeze(state, entry.len);
                Ok(())
            })
        })?;
        let each = batch
            .iter()
            .map(|entry| with(&entry.state, |state| state.squeeze(entry.len)).map(unwrapped));
        Ok(each.collect())
    }

    fn squeeze_tag(states: Vec<SymmetricStateBorrow<'_>>) -> Result<Vec<Result<SymmetricTag>>> {
        check_batch(&states, |cost, state| {
            with(state, |state| {
                cost.add_tag(state);
                Ok(())
            })
        })?;
        check_room(states.len())?;
        let each = states
            .iter()
            .map(|state| with(state, State::squeeze_tag).and_then(hold_tag));
        Ok(each.collect())
    }

    fn encrypt(batch: Vec<EncryptParams<'_>>) -> Result<Vec<Result<Vec<u8>>>> {
        check_messages(&batch, |entry| (&entry.state, &entry.data))?;
        let each = batch
            .iter()
            .map(|entry| with(&entry.state, |state| state.encrypt(&entry.data)));
        Ok(each.collect())
    }

    fn encrypt_detached(batch: Vec<EncryptParams<'_>>) -> Result<Vec<Result<DetachedCiphertext>>> {
        check_messages(&batch, |entry| (&entry.state, &entry.data))?;
        check_room(batch.len())?;
        let each = batch.iter().map(|entry| {
            let encrypted = with(&entry.state, |state| state.encrypt_detached(&entry.data));
            let (ciphertext, tag) = encrypted?;
            let tag = hold_tag(tag)?;
            Ok(DetachedCiphertext { ciphertext, tag })
        });
        Ok(each.collect())
    }

    fn decrypt(batch: Vec<DecryptParams<'_>>) -> Result<Vec<Result<Vec<u8>>>> {
        check_messages(&batch, |entry| (&entry.state, &entry.data))?;
        let each = batch
            .iter()
            .map(|entry| with(&entry.state, |state| state.decrypt(&entry.data)).map(unwrapped));
        Ok(each.collect())
    }

    fn decrypt_detached(batch: Vec<DecryptDetachedParams<'_>>) -> Result<Vec<Result<Vec<u8>>>> {
        check_messages(&batch, |entry| (&entry.state, &entry.data))?;
        let each = batch.iter().map(|entry| {
            let decrypted = with(&entry.state, |state| {
                state.decrypt_detached(&entry.data, &entry.raw_tag)
            });
            decrypted.map(unwrapped)
        });
        Ok(each.collect())
    }
}
