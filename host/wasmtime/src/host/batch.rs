//! The interface `symmetric-batch`.

use wasi_crypto_engine::State;
use wasmtime::component::Resource;

use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::bindings::wasi_ephemeral::crypto::symmetric_batch::{
    DecryptDetachedParams, DecryptParams, DetachedCiphertext, EncryptParams, Host, SqueezeParams,
};
use crate::error::{Result, lift_errno};
use crate::parallel::Share;
use crate::room::{Collect, room};
use crate::{SymmetricState, SymmetricTag, WasiCryptoCtx, WasiCryptoCtxView};

/// What one entry of a batch gives.
type Entry<T> = std::result::Result<T, CryptoErrno>;

/// What a call costs over all of its entries, added up entry by entry before anything is done.
#[derive(Default)]
pub(crate) struct BatchCost {
    cost: wasi_crypto_engine::CallCost,
    /// How long it takes one thread.
    nanoseconds: u64,
    /// The most memory that one entry fills.
    memory: u64,
}

impl BatchCost {
    pub(crate) fn add_entry(&mut self) {
        self.cost.add_entry();
    }

    pub(crate) fn add_input(&mut self, bytes: usize) {
        self.cost.add_input(bytes);
    }

    /// Adds a message of `len` bytes to encrypt or decrypt.
    pub(crate) fn add_message(&mut self, state: &State, len: usize) {
        self.cost.add_message(state, len);
        self.add_time(state.estimated_nanoseconds(len));
    }

    /// Adds the squeeze of `len` bytes.
    pub(crate) fn add_squeeze(&mut self, state: &State, len: u64) {
        self.cost.add_squeeze(state, len);
        self.add_output(state, state.squeeze_work(len), len);
    }

    /// Adds the squeeze of a tag.
    pub(crate) fn add_tag(&mut self, state: &State) {
        self.cost.add_tag(state);
        self.add_output(state, state.squeeze_tag_work(), 0);
    }

    fn add_output(&mut self, state: &State, work: f64, len: u64) {
        self.memory = self.memory.max(state.squeeze_memory());
        self.add_time(match work {
            0.0 => state.estimated_nanoseconds(usize::try_from(len).unwrap_or(usize::MAX)),
            // Password hashes are the longest calls there are.
            _ => u64::from(u32::MAX),
        });
    }

    /// Adds what some work takes one thread.
    pub(crate) fn add_time(&mut self, nanoseconds: u64) {
        self.nanoseconds = self.nanoseconds.saturating_add(nanoseconds);
    }

    /// Refuses a batch that asks for more than a single call could.
    pub(crate) fn check(&self, ctx: &WasiCryptoCtx) -> Result<()> {
        Ok(self.cost.check(&ctx.calls, ctx.engine.limits())?)
    }

    /// How the work is to be shared.
    pub(crate) fn share(&self, ctx: &mut WasiCryptoCtx) -> Share {
        // Hashes that run at the same time fill no more memory than one may.
        let at_once = ctx
            .engine
            .limits()
            .password_memory
            .checked_div(self.memory)
            .unwrap_or(u64::MAX);
        let threads = usize::try_from(at_once).unwrap_or(usize::MAX);
        let threads = ctx.max_threads.min(threads);
        ctx.pace.share(threads, self.nanoseconds)
    }
}

/// A state that was taken out of the table for its first entry in a batch.
pub(crate) struct Taken {
    /// Which entry that is.
    pub(crate) entry: usize,
    pub(crate) state: State,
}

/// Takes the states of a batch out of the table, each once.
pub(crate) fn take_states<'a>(
    view: &mut WasiCryptoCtxView<'_>,
    states: impl ExactSizeIterator<Item = &'a Resource<SymmetricState>>,
) -> Result<Vec<Taken>> {
    let mut taken = room(states.len())?;
    for (entry, handle) in states.enumerate() {
        // A state that is gone was taken for an earlier entry.
        if let Some(state) = view.table.get_mut(handle)?.0.take() {
            taken.push(Taken { entry, state });
        }
    }
    Ok(taken)
}

/// Puts states back; `states` are the same handles as in [`take_states`].
pub(crate) fn put_back<'a>(
    view: &mut WasiCryptoCtxView<'_>,
    states: impl Iterator<Item = &'a Resource<SymmetricState>>,
    taken: Vec<Taken>,
) -> Result<()> {
    let mut taken = taken.into_iter().peekable();
    for (entry, handle) in states.enumerate() {
        if let Some(taken) = taken.next_if(|taken| taken.entry == entry) {
            view.table.get_mut(handle)?.0 = Some(taken.state);
        }
    }
    Ok(())
}

/// Makes an entry's result of an operation's; a trap ends the whole batch.
pub(crate) fn entry<T>(result: Result<T>) -> Result<Entry<T>> {
    Ok(lift_errno(result)?)
}

impl WasiCryptoCtxView<'_> {
    fn check_batch<E>(
        &mut self,
        batch: &[E],
        state: impl Fn(&E) -> &Resource<SymmetricState>,
        cost: impl Fn(&mut BatchCost, &State, &E),
    ) -> Result<()> {
        let mut total = BatchCost::default();
        for entry in batch {
            total.add_entry();
            cost(&mut total, self.state(state(entry))?, entry);
        }
        total.check(self.ctx)
    }
}

impl Host for WasiCryptoCtxView<'_> {
    fn squeeze(&mut self, batch: Vec<SqueezeParams>) -> Result<Vec<Entry<Vec<u8>>>> {
        self.check_batch(
            &batch,
            |entry| &entry.state,
            |cost, state, entry| cost.add_squeeze(state, entry.len),
        )?;
        let each = batch.into_iter().map(|params| {
            let squeezed = self
                .state(&params.state)?
                .squeeze(params.len)
                .map(|mut out| std::mem::take(&mut *out));
            entry(squeezed.map_err(Into::into))
        });
        each.try_collected()
    }

    fn squeeze_tag(
        &mut self,
        states: Vec<Resource<SymmetricState>>,
    ) -> Result<Vec<Entry<Resource<SymmetricTag>>>> {
        self.check_batch(&states, |state| state, |cost, state, _| cost.add_tag(state))?;
        self.check_room(states.len())?;
        let each = states.into_iter().map(|handle| {
            let tag = self.state(&handle)?.squeeze_tag();
            entry(self.push_tag(tag))
        });
        each.try_collected()
    }

    fn encrypt(&mut self, batch: Vec<EncryptParams>) -> Result<Vec<Entry<Vec<u8>>>> {
        self.check_batch(
            &batch,
            |entry| &entry.state,
            |cost, state, entry| cost.add_message(state, entry.data.len()),
        )?;
        let each = batch.into_iter().map(|params| {
            let encrypted = self.state(&params.state)?.encrypt(&params.data);
            entry(encrypted.map_err(Into::into))
        });
        each.try_collected()
    }

    fn encrypt_detached(
        &mut self,
        batch: Vec<EncryptParams>,
    ) -> Result<Vec<Entry<DetachedCiphertext>>> {
        self.check_batch(
            &batch,
            |entry| &entry.state,
            |cost, state, entry| cost.add_message(state, entry.data.len()),
        )?;
        self.check_room(batch.len())?;
        let each = batch.into_iter().map(|params| {
            let encrypted = self.state(&params.state)?.encrypt_detached(&params.data);
            entry(self.push_detached(encrypted))
        });
        each.try_collected()
    }

    fn decrypt(&mut self, batch: Vec<DecryptParams>) -> Result<Vec<Entry<Vec<u8>>>> {
        self.check_batch(
            &batch,
            |entry| &entry.state,
            |cost, state, entry| cost.add_message(state, entry.data.len()),
        )?;
        let each = batch.into_iter().map(|params| {
            let decrypted = self
                .state(&params.state)?
                .decrypt(&params.data)
                .map(|mut message| std::mem::take(&mut *message));
            entry(decrypted.map_err(Into::into))
        });
        each.try_collected()
    }

    fn decrypt_detached(
        &mut self,
        batch: Vec<DecryptDetachedParams>,
    ) -> Result<Vec<Entry<Vec<u8>>>> {
        self.check_batch(
            &batch,
            |entry| &entry.state,
            |cost, state, entry| cost.add_message(state, entry.data.len()),
        )?;
        let each = batch.into_iter().map(|params| {
            let decrypted = self
                .state(&params.state)?
                .decrypt_detached(&params.data, &params.raw_tag)
                .map(|mut message| std::mem::take(&mut *message));
            entry(decrypted.map_err(Into::into))
        });
        each.try_collected()
    }
}

impl WasiCryptoCtxView<'_> {
    pub(crate) fn push_tag(
        &mut self,
        tag: wasi_crypto_engine::Result<wasi_crypto_engine::Tag>,
    ) -> Result<Resource<SymmetricTag>> {
        self.push(SymmetricTag(tag?))
    }

    pub(crate) fn push_detached(
        &mut self,
        encrypted: wasi_crypto_engine::Result<(Vec<u8>, wasi_crypto_engine::Tag)>,
    ) -> Result<DetachedCiphertext> {
        let (ciphertext, tag) = encrypted?;
        let tag = self.push(SymmetricTag(tag))?;
        Ok(DetachedCiphertext { ciphertext, tag })
    }
}
