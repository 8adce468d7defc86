//! The interface `symmetric-batch`.
//!
//! A state can occur more than once in a batch and has to see its entries in order: then they are all worked on one by one.

use wasi_crypto_engine::{Error, Result as EngineResult, State, Tag};
use wasmtime::component::{ComponentType, Lift, Lower, Resource};

use super::Handle;
use crate::SymmetricTag;
use crate::error::{Result, errno, lift_errno};
use crate::host::{Taken, put_back, take_states};
use crate::lowering::{Elements, Guest, List, Payload, Region};
use crate::parallel::{self, Share};
use crate::room::{Collect, room};
use crate::scratch::Scratch;
use crate::zero_copy::batch::{SqueezeParams, squeeze_share};
use crate::zero_copy::{Call, Instance};

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

impl Payload for DetachedCiphertext {}

pub(super) fn functions<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    instance.deferred(
        "squeeze",
        |call, (batch,): (Elements<SqueezeParams>,)| {
            let entries = call.elements(batch)?;
            let share = squeeze_share(call, &entries)?;
            let mut view = call.view();
            let mut fills_memory = false;
            for params in &entries {
                fills_memory |= view.state(&params.state)?.squeeze_memory() > 0;
            }
            Ok((entries, share, fills_memory))
        },
        |guest, (entries, share, fills_memory)| {
            let operation = Operation {
                state: |params: &SqueezeParams| &params.state,
                inputs: |_| [],
                room: |state, params| state.check_squeeze(params.len),
                work: |state, [], out| {
                    state.squeeze_into(out)?;
                    Ok(out.len())
                },
            };
            // Password hashes can fail for want of memory.
            if *fills_memory {
                return operation.verify_each(guest, entries, *share);
            }
            operation.write_each(guest, entries, *share, |_, out, _| Ok(out))
        },
    )?;
    instance.deferred("encrypt", crypt_entries, |guest, (entries, share)| {
        let operation = Operation {
            state: |params: &CryptParams| &params.state,
            inputs: |params| [params.data],
            room: |state, params| state.check_encrypt(params.data.len()),
            work: |state, [data], out| state.encrypt_into(data, out),
        };
        operation.write_each(guest, entries, *share, |_, out, ()| Ok(out))
    })?;
    instance.deferred(
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
            };
            operation.write_each(guest, entries, *share, |guest, ciphertext, tag: Tag| {
                let tag = guest.view().push(SymmetricTag(tag))?;
                Ok(DetachedCiphertext { ciphertext, tag })
            })
        },
    )?;
    instance.deferred("decrypt", crypt_entries, |guest, (entries, share)| {
        let operation = Operation {
            state: |params: &CryptParams| &params.state,
            inputs: |params| [params.data],
            room: |state, params| state.message_len(params.data.len()),
            work: |state, [data], out| state.decrypt_into(data, out),
        };
        operation.verify_each(guest, entries, *share)
    })?;
    instance.deferred(
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
struct Operation<P, D, const N: usize> {
    state: fn(&P) -> &Handle,
    inputs: fn(&P) -> [Region; N],
    /// The length of the result, or the longest that it can have; fails where the operation would.
    room: fn(&mut State, &P) -> EngineResult<usize>,
    work: Work<D, N>,
}

impl<P, D: Send, const N: usize> Operation<P, D, N> {
    /// Has the guest allocate for each entry, and works straight into that.
    fn write_each<T: 'static, R: Payload>(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        share: Share,
        finish: impl Fn(&mut Guest<'_, '_, T>, Region, D) -> Result<R>,
    ) -> Result<List<R>> {
        let mut list = guest.allocate_list(entries.len())?;
        if !share.is_among_several() || self.repeats(entries)? {
            self.write_in_turn(guest, entries, finish, &mut list)?;
            return Ok(list);
        }
        let (rooms, (regions, done)) =
            self.with_states(guest, entries, |guest, states, rooms| {
                let mut regions = room(entries.len())?;
                let mut results = room(entries.len())?;
                for (at, (params, room)) in entries.iter().zip(rooms).enumerate() {
                    guest.announce(&list, at, room.is_ok())?;
                    if let Ok(room) = room {
                        regions.push(((self.inputs)(params), guest.allocate(*room)?));
                    }
                }
                let done = guest.fill_many(&regions, |views| -> Result<_> {
                    let able = states
                        .iter_mut()
                        .zip(rooms)
                        .filter(|(_, room)| room.is_ok());
                    let mut work = able
                        .zip(views)
                        .map(|((taken, _), views)| (&mut taken.state, views, None))
                        .collected()?;
                    parallel::for_each(&mut work, share, |(state, views, done)| {
                        *done = Some((self.work)(state, views.inputs, views.out));
                    });
                    let done = work.into_iter().map(|(.., done)| done);
                    results.extend(done.map(|done| done.unwrap_or(Err(Error::InternalError))));
                    Ok(results)
                })??;
                Ok((regions, done))
            })?;

        let mut done = regions.iter().map(|(_, out)| *out).zip(done);
        for room in rooms {
            let result = match room {
                Err(error) => Err(errno(error)),
                Ok(_) => match done.next().ok_or(Error::InternalError)? {
                    (out, Ok(value)) => lift_errno(finish(guest, out, value))?,
                    (_, Err(error)) => Err(errno(error)),
                },
            };
            list.elements.push(result);
        }
        Ok(list)
    }

    /// Does one entry after the other, all on this thread.
    fn write_in_turn<T: 'static, R: Payload>(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        finish: impl Fn(&mut Guest<'_, '_, T>, Region, D) -> Result<R>,
        list: &mut List<R>,
    ) -> Result<()> {
        let inputs = entries.iter().map(self.inputs);
        let inputs = Region::around(inputs.map(|each| Region::around(each.into_iter())));
        // What the entries from here on read, once a result has come to lie where some of that may be.
        let mut copies = None;
        for (at, params) in entries.iter().enumerate() {
            let mut copy = copies.as_mut().and_then(Iterator::next);
            let mut entry = || {
                let room = (self.room)(guest.view().state((self.state)(params))?, params);
                guest.announce(list, at, room.is_ok())?;
                let out = guest.allocate(room?)?;
                if copies.is_none() && !out.is_apart_from(inputs) {
                    let rest = entries.iter().skip(at).map(self.inputs);
                    let mut rest = guest.copies(rest)?.into_iter();
                    copy = rest.next();
                    copies = Some(rest);
                }
                let done = guest.fill([], out, |mut view, memory, out| {
                    let state = view.state((self.state)(params))?;
                    let inputs = match &copy {
                        Some(copy) => copy.each_ref().map(|copy| &**copy),
                        None => memory.get_all((self.inputs)(params))?,
                    };
                    Ok((self.work)(state, inputs, out)?)
                })?;
                finish(guest, out, done)
            };
            let result = lift_errno(entry())?;
            list.elements.push(result);
        }
        Ok(())
    }

    /// Whether a state has more than one entry.
    fn repeats(&self, entries: &[P]) -> Result<bool> {
        let states = entries.iter().map(|params| (self.state)(params).rep());
        let mut states = states.collected()?;
        states.sort_unstable();
        Ok(states.windows(2).any(|pair| pair[0] == pair[1]))
    }

    /// Takes the states, which are all different, out of the table for the time of `work`, whether or not that succeeds;
    /// says what room the entries need.
    fn with_states<T: 'static, V>(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        work: impl FnOnce(&mut Guest<'_, '_, T>, &mut [Taken], &[EngineResult<usize>]) -> Result<V>,
    ) -> Result<(Vec<EngineResult<usize>>, V)> {
        // Once the states are taken, nothing fails before they are back.
        let mut rooms = room(entries.len())?;
        let mut taken = take_states(&mut guest.view(), entries.iter().map(self.state))?;
        let each = taken.iter_mut().zip(entries);
        rooms.extend(each.map(|(taken, params)| (self.room)(&mut taken.state, params)));
        let done = work(guest, &mut taken, &rooms);
        put_back(&mut guest.view(), entries.iter().map(self.state), taken)?;
        Ok((rooms, done?))
    }
}

impl<P, const N: usize> Operation<P, usize, N> {
    /// Works into memory of the host, and gives the guest what succeeds: for what can fail until it is done.
    fn verify_each<T: 'static>(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
        share: Share,
    ) -> Result<List<Region>> {
        let mut list = guest.allocate_list(entries.len())?;
        let (lens, scratch) = if self.repeats(entries)? {
            self.verify_in_turn(guest, entries)?
        } else {
            let (_, done) = self.with_states(guest, entries, |guest, states, rooms| {
                let mut scratch = self.scratch(guest, rooms)?;
                let lens = guest.read(|_, memory| -> Result<Vec<_>> {
                    let mut rest = &mut *scratch;
                    let mut lens = room(entries.len())?;
                    let mut work = room(entries.len())?;
                    for ((taken, room), params) in states.iter_mut().zip(rooms).zip(entries) {
                        let out = split_off(&mut rest, room.unwrap_or(0))?;
                        let inputs = memory.get_all((self.inputs)(params))?;
                        work.push((&mut taken.state, inputs, out, *room));
                    }
                    parallel::for_each(&mut work, share, |(state, inputs, out, len)| {
                        if len.is_ok() {
                            *len = (self.work)(state, *inputs, out);
                        }
                    });
                    let each = work.into_iter();
                    lens.extend(each.map(|(.., out, len)| (out.len(), len)));
                    Ok(lens)
                })?;
                Ok((lens, scratch))
            })?;
            done
        };
        let given = give_each(guest, &mut list, &lens, &scratch);
        guest.view().ctx.scratch = scratch.recycle();
        given?;
        Ok(list)
    }

    /// Does one entry after the other, since a state has several.
    fn verify_in_turn<T: 'static>(
        &self,
        guest: &mut Guest<'_, '_, T>,
        entries: &[P],
    ) -> Result<(Vec<Room>, Scratch)> {
        let mut view = guest.view();
        let each = entries.iter().map(|params| {
            let state = view.state((self.state)(params))?;
            Ok((self.room)(state, params))
        });
        let rooms = each.try_collected()?;
        let mut scratch = self.scratch(guest, &rooms)?;
        let lens = guest.read(|mut view, memory| {
            let mut rest = &mut *scratch;
            let each = entries.iter().zip(rooms).map(|(params, room)| {
                let out = split_off(&mut rest, room.unwrap_or(0))?;
                let len = match room {
                    Ok(_) => {
                        let state = view.state((self.state)(params))?;
                        (self.work)(state, memory.get_all((self.inputs)(params))?, out)
                    }
                    Err(error) => Err(error),
                };
                Ok((out.len(), len))
            });
            each.try_collected()
        })?;
        Ok((lens, scratch))
    }

    fn scratch<T: 'static>(
        &self,
        guest: &mut Guest<'_, '_, T>,
        rooms: &[EngineResult<usize>],
    ) -> Result<Scratch> {
        let rooms = rooms.iter().flatten();
        let total = rooms.fold(0, |sum: usize, room| sum.saturating_add(*room));
        std::mem::take(&mut guest.view().ctx.scratch).with_len(total)
    }
}

/// How much room there was for the result of an entry, and how long it is, or why there is none.
type Room = (usize, EngineResult<usize>);

fn split_off<'a>(rest: &mut &'a mut [u8], len: usize) -> Result<&'a mut [u8]> {
    let all = std::mem::take(rest);
    let (part, later) = all.split_at_mut_checked(len).ok_or(Error::InternalError)?;
    *rest = later;
    Ok(part)
}

/// Gives the guest what is in `scratch`: one result after the other, each at the beginning of its room.
fn give_each<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    list: &mut List<Region>,
    lens: &[Room],
    scratch: &[u8],
) -> Result<()> {
    let mut rest = scratch;
    for (at, (room, len)) in lens.iter().enumerate() {
        let (message, later) = rest.split_at_checked(*room).ok_or(Error::InternalError)?;
        rest = later;
        guest.announce(list, at, len.is_ok())?;
        let given = match len {
            Ok(len) => Ok(guest.give(message.get(..*len).ok_or(Error::InternalError)?)?),
            Err(error) => Err(errno(*error)),
        };
        list.elements.push(given);
    }
    Ok(())
}
