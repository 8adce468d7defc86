//! The interface `symmetric-batch`.
//!
//! A state can occur more than once in a batch and has to see its entries in order: only its first entry is worked on
//! together with those of the others, and what is left comes afterwards, one by one.

use wasi_crypto_engine::{Error, Result as EngineResult, State, Tag};
use wasmtime::component::{ComponentType, Lift, Lower, Resource};

use super::{Entry, Handle, Instance};
use crate::SymmetricTag;
use crate::error::{Result, errno, lift_errno};
use crate::host::{Taken, put_back, take_states};
use crate::lowering::{Elements, Guest, List, Region};
use crate::parallel::{self, Share};
use crate::scratch::Scratch;
use crate::zero_copy::Call;
use crate::zero_copy::batch::{SqueezeParams, squeeze_share};

/// An encryption or a decryption.
#[derive(ComponentType, Lift)]
#[component(record)]
struct CryptParams {
    state: Handle,
    data: Region,
}

/// A detached decryption.
#[derive(ComponentType, Lift)]
#[component(record)]
struct DecryptDetachedParams {
    state: Handle,
    data: Region,
    #[component(name = "raw-tag")]
    raw_tag: Region,
}

/// What a detached encryption gives.
#[derive(ComponentType, Lower)]
#[component(record)]
struct DetachedCiphertext {
    ciphertext: Region,
    tag: Resource<SymmetricTag>,
}

pub(super) fn functions<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    instance.func(
        "squeeze",
        |call, (batch,): (Elements<SqueezeParams>,)| {
            let entries = call.elements(batch)?;
            let share = squeeze_share(call, &entries)?;
            Ok((entries, share))
        },
        |guest, (entries, share)| {
            let operation = Operation {
                state: |params: &SqueezeParams| &params.state,
                inputs: |_| [],
                room: |state, params| state.check_squeeze(params.len),
                work: |state, [], out| state.squeeze_into(out),
                single: |guest, params| super::squeeze(guest, &params.state, params.len),
            };
            operation.write_each(guest, entries, *share, |_, out, ()| Ok(out))
        },
    )?;
    instance.func("encrypt", crypt_entries, |guest, (entries, share)| {
        let operation = Operation {
            state: |params: &CryptParams| &params.state,
            inputs: |params| [params.data],
            room: |state, params| state.check_encrypt(params.data.len()),
            work: |state, [data], out| state.encrypt_into(data, out),
            single: |guest, params| super::encrypt(guest, &params.state, params.data),
        };
        operation.write_each(guest, entries, *share, |_, out, ()| Ok(out))
    })?;
    instance.func(
        "encrypt-detached",
        |call, arguments| {
            let (entries, share) = crypt_entries(call, arguments)?;
            call.view().check_room(entries.len())?;
            Ok((entries, share))
        },
        |guest, (entries, share)| {
            let operation = Operation {
                state: |params: &CryptParams| &params.state,
                inputs: |params| [params.data],
                room: |state, params| {
                    state.check_encrypt_detached()?;
                    Ok(params.data.len())
                },
                work: |state, [data], out| state.encrypt_detached_into(data, out),
                single: |guest, params| {
                    let (ciphertext, tag) =
                        super::encrypt_detached(guest, &params.state, params.data)?;
                    Ok(DetachedCiphertext { ciphertext, tag })
                },
            };
            operation.write_each(guest, entries, *share, |guest, ciphertext, tag: Tag| {
                let tag = guest.view().push(SymmetricTag(tag))?;
                Ok(DetachedCiphertext { ciphertext, tag })
            })
        },
    )?;
    instance.func("decrypt", crypt_entries, |guest, (entries, share)| {
        let operation = Operation {
            state: |params: &CryptParams| &params.state,
            inputs: |params| [params.data],
            room: |state, params| state.message_len(params.data.len()),
            work: |state, [data], out| state.decrypt_into(data, out),
            single: |guest, params| super::decrypt(guest, &params.state, params.data),
        };
        operation.verify_each(guest, entries, *share)
    })?;
    instance.func(
        "decrypt-detached",
        |call, (batch,): (Elements<DecryptDetachedParams>,)| {
            entries(call, batch, |params| (&params.state, params.data))
        },
        |guest, (entries, share)| {
            let operation = Operation {
                state: |params: &DecryptDetachedParams| &params.state,
                inputs: |params| [params.data, params.raw_tag],
                room: |_, params| Ok(params.data.len()),
                work: |state, [data, tag], out| {
                    state.decrypt_detached_into(data, tag, out)?;
                    Ok(out.len())
                },
                single: |guest, params| {
                    super::decrypt_detached(guest, &params.state, params.data, params.raw_tag)
                },
            };
            operation.verify_each(guest, entries, *share)
        },
    )
}

fn crypt_entries<T>(
    call: &mut Call<'_, T>,
    (batch,): (Elements<CryptParams>,),
) -> Result<(Vec<CryptParams>, Share)> {
    entries(call, batch, |params| (&params.state, params.data))
}

/// The entries of a batch, when its cost is within the limits.
fn entries<T, P: Lift + 'static>(
    call: &mut Call<'_, T>,
    batch: Elements<P>,
    message: fn(&P) -> (&Handle, Region),
) -> Result<(Vec<P>, Share)> {
    let entries = call.elements(batch)?;
    let share = call.check_batch(&entries, |cost, view, params| {
        let (state, data) = message(params);
        cost.add_message(view.state(state)?, data.len());
        Ok(())
    })?;
    Ok((entries, share))
}

/// What is done with the inputs of an entry, into its output.
type Work<D, const N: usize> = fn(&mut State, [&[u8]; N], &mut [u8]) -> EngineResult<D>;

/// What a batch does with each of its entries.
struct Operation<T: 'static, P, D, R, const N: usize> {
    state: fn(&P) -> &Handle,
    inputs: fn(&P) -> [Region; N],
    /// The length of the result, or the longest that it can have; fails where the operation would.
    room: fn(&mut State, &P) -> EngineResult<usize>,
    work: Work<D, N>,
    /// The whole operation for one entry.
    single: fn(&mut Guest<'_, '_, T>, &P) -> Result<R>,
}

impl<T: 'static, P, D: Send, R: Lower, const N: usize> Operation<T, P, D, R, N> {
    /// Has the guest allocate for each entry, and works straight into that.
    fn write_each(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        share: Share,
        finish: impl Fn(&mut Guest<'_, '_, T>, Region, D) -> Result<R>,
    ) -> Result<List<Entry<R>>> {
        let mut list = guest.allocate_list(entries.len())?;
        if !share.is_worthwhile() {
            self.write_in_turn(guest, entries, finish, &mut list)?;
            return Ok(list);
        }
        let (firsts, rooms, (regions, done)) =
            self.with_states(guest, entries, |guest, taken, rooms| {
                let mut regions = Vec::with_capacity(taken.len());
                for (taken, room) in taken.iter().zip(rooms) {
                    if let (Ok(room), Some(params)) = (room, entries.get(taken.entry)) {
                        regions.push(((self.inputs)(params), guest.allocate(*room)?));
                    }
                }
                let done = guest.fill_many(&regions, |views| {
                    let able = taken.iter_mut().zip(rooms).filter(|(_, room)| room.is_ok());
                    let mut work: Vec<_> = able
                        .zip(views)
                        .map(|((taken, _), views)| (&mut taken.state, views, None))
                        .collect();
                    parallel::for_each(&mut work, share, |(state, views, done)| {
                        *done = Some((self.work)(state, views.inputs, views.out));
                    });
                    work.into_iter()
                        .map(|(.., done)| done.unwrap_or(Err(Error::InternalError)))
                        .collect::<Vec<_>>()
                })?;
                Ok((regions, done))
            })?;

        let mut done = regions.iter().map(|(_, out)| *out).zip(done);
        let mut results = Vec::with_capacity(entries.len());
        for room in rooms {
            results.push(match room {
                Err(error) => Err(errno(error)),
                Ok(_) => match done.next().ok_or(Error::InternalError)? {
                    (out, Ok(value)) => Ok(finish(guest, out, value)?),
                    (_, Err(error)) => Err(errno(error)),
                },
            });
        }
        list.elements = self.with_repeats(guest, entries, firsts, results)?;
        Ok(list)
    }

    /// Does one entry after the other, all on this thread.
    fn write_in_turn(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        finish: impl Fn(&mut Guest<'_, '_, T>, Region, D) -> Result<R>,
        list: &mut List<Entry<R>>,
    ) -> Result<()> {
        let inputs = Region::around(entries.iter().flat_map(self.inputs));
        // What the entries from here on read, once a result has come to lie where some of that may be.
        let mut copies = None;
        for (at, params) in entries.iter().enumerate() {
            let mut copy = copies.as_mut().and_then(Iterator::next);
            let mut entry = || {
                let room = (self.room)(guest.view().state((self.state)(params))?, params)?;
                let out = guest.allocate(room)?;
                if copies.is_none() && !out.is_apart_from(inputs) {
                    let rest = entries.iter().skip(at).map(self.inputs);
                    let mut rest = guest.copies(rest)?.into_iter();
                    copy = rest.next();
                    copies = Some(rest);
                }
                let done = guest.fill([], out, |mut view, memory, out| {
                    let state = view.state((self.state)(params))?;
                    let mut views = [&[][..]; N];
                    match &copy {
                        Some(copy) => views = copy.each_ref().map(|copy| &**copy),
                        None => {
                            for (view, input) in views.iter_mut().zip((self.inputs)(params)) {
                                *view = memory.get(input)?;
                            }
                        }
                    }
                    Ok((self.work)(state, views, out)?)
                })?;
                finish(guest, out, done)
            };
            list.elements.push(lift_errno(entry())?);
        }
        Ok(())
    }

    /// Puts the results of first entries into their places, and works on the others.
    fn with_repeats(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        firsts: Vec<usize>,
        results: Vec<Entry<R>>,
    ) -> Result<Vec<Entry<R>>> {
        if firsts.len() == entries.len() {
            return Ok(results);
        }
        let mut firsts = firsts.into_iter().zip(results).peekable();
        let each = entries.iter().enumerate().map(|(at, params)| {
            match firsts.next_if(|(first, _)| *first == at) {
                Some((_, result)) => Ok(result),
                None => Ok(lift_errno((self.single)(guest, params))?),
            }
        });
        each.collect()
    }
}

impl<T: 'static, P, D, R, const N: usize> Operation<T, P, D, R, N> {
    /// Takes the states out of the table for the time of `work`, whether or not that succeeds; says which entries they are
    /// the first for, and what room those need.
    fn with_states<V>(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        work: impl FnOnce(&mut Guest<'_, '_, T>, &mut [Taken], &[EngineResult<usize>]) -> Result<V>,
    ) -> Result<(Vec<usize>, Vec<EngineResult<usize>>, V)> {
        let mut taken = take_states(&mut guest.view(), entries.iter().map(self.state))?;
        let room = |taken: &mut Taken| {
            let params = entries.get(taken.entry).ok_or(Error::InternalError)?;
            (self.room)(&mut taken.state, params)
        };
        let rooms: Vec<_> = taken.iter_mut().map(room).collect();
        let done = work(guest, &mut taken, &rooms);
        let firsts = taken.iter().map(|taken| taken.entry).collect();
        put_back(&mut guest.view(), entries.iter().map(self.state), taken)?;
        Ok((firsts, rooms, done?))
    }
}

impl<T: 'static, P, const N: usize> Operation<T, P, usize, Region, N> {
    /// Works into memory of the host, and gives the guest what succeeds.
    fn verify_each(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        share: Share,
    ) -> Result<List<Entry<Region>>> {
        let mut list = guest.allocate_list(entries.len())?;
        let (firsts, rooms, (scratch, lens)) =
            self.with_states(guest, entries, |guest, taken, rooms| {
                let total = rooms
                    .iter()
                    .flatten()
                    .fold(0, |sum: usize, room| sum.saturating_add(*room));
                let mut scratch = std::mem::take(&mut guest.view().ctx.scratch).with_len(total)?;
                let lens = guest.read(|_, memory| -> Result<Vec<_>> {
                    let mut rest = &mut *scratch;
                    let mut work = Vec::with_capacity(taken.len());
                    for (taken, room) in taken.iter_mut().zip(rooms) {
                        if let (Ok(room), Some(params)) = (room, entries.get(taken.entry)) {
                            let (out, tail) = rest
                                .split_at_mut_checked(*room)
                                .ok_or(Error::InternalError)?;
                            rest = tail;
                            let mut inputs = [&[][..]; N];
                            for (input, region) in inputs.iter_mut().zip((self.inputs)(params)) {
                                *input = memory.get(region)?;
                            }
                            work.push((&mut taken.state, inputs, out, Ok(0)));
                        }
                    }
                    parallel::for_each(&mut work, share, |(state, inputs, out, len)| {
                        *len = (self.work)(state, *inputs, out);
                    });
                    Ok(work.into_iter().map(|(.., len)| len).collect())
                })?;
                Ok((scratch, lens))
            })?;

        let results = give_each(guest, &rooms, lens, &scratch);
        guest.view().ctx.scratch = scratch.recycle();
        list.elements = self.with_repeats(guest, entries, firsts, results?)?;
        Ok(list)
    }
}

/// Gives the guest what was decrypted into `scratch`: one message after the other, each at the beginning of its room.
fn give_each<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    rooms: &[EngineResult<usize>],
    lens: Vec<EngineResult<usize>>,
    scratch: &Scratch,
) -> Result<Vec<Entry<Region>>> {
    let mut lens = lens.into_iter();
    let mut offset = 0;
    let each = rooms.iter().map(|room| {
        let room = match room {
            Ok(room) => *room,
            Err(error) => return Ok(Err(errno(*error))),
        };
        let start = offset;
        offset += room;
        match lens.next().unwrap_or(Err(Error::InternalError)) {
            Ok(len) => {
                let message = scratch.get(start..start + len);
                guest.give(message.unwrap_or_default()).map(Ok)
            }
            Err(error) => Ok(Err(errno(error))),
        }
    });
    each.collect()
}
