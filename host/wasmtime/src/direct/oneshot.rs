//! The interface `symmetric-oneshot`.

use wasi_crypto_engine::{Error, Result as EngineResult};
use wasmtime::component::{ComponentType, Lift, Lower, Resource, WasmStr};

use super::{Instance, verified};
use crate::SymmetricKey;
use crate::error::{Result, errno};
use crate::host::BatchCost;
use crate::lowering::{Elements, Entry, Guest, List, Memory, Payload, Region};
use crate::parallel::{self, Share};
use crate::room::{Collect, append, room};
use crate::zero_copy::Call;

type KeyHandle = Resource<SymmetricKey>;

/// Nonce, associated data and data.
type Parts<'a> = (Option<&'a [u8]>, &'a [u8], &'a [u8]);

/// A message.
#[derive(ComponentType, Lift)]
#[component(record)]
struct Message {
    nonce: Option<Region>,
    #[component(name = "associated-data")]
    associated_data: Region,
    data: Region,
}

/// An encrypted message.
#[derive(ComponentType, Lower)]
#[component(record)]
struct Sealed {
    nonce: Option<Region>,
    ciphertext: Region,
}

impl Payload for Sealed {
    fn write(&self, place: &mut [u8]) -> bool {
        // The case of the option, its list, and the other list; lists are aligned to four bytes and have eight.
        let Some((case, lists)) = place.split_at_mut_checked(4) else {
            return false;
        };
        let Some((nonce, ciphertext)) = lists.split_at_mut_checked(8) else {
            return false;
        };
        case.copy_from_slice(&u32::from(self.nonce.is_some()).to_le_bytes());
        self.nonce.is_none_or(|list| list.write(nonce)) && self.ciphertext.write(ciphertext)
    }
}

/// Many encrypted messages.
#[derive(ComponentType, Lower)]
#[component(record)]
struct SealedMessages {
    lengths: List<u64>,
    ciphertexts: Region,
    nonces: Region,
}

/// Many decrypted messages.
#[derive(ComponentType, Lower)]
#[component(record)]
struct OpenedMessages {
    lengths: List<u64>,
    messages: Region,
}

impl Payload for SealedMessages {}

impl Payload for OpenedMessages {}

impl Message {
    fn size(&self) -> usize {
        self.regions()
            .map(Region::len)
            .into_iter()
            .fold(0, usize::saturating_add)
    }

    /// What it is made of; where there is no nonce, an empty part takes its place.
    fn regions(&self) -> [Region; 3] {
        [
            self.nonce.unwrap_or_default(),
            self.associated_data,
            self.data,
        ]
    }

    fn parts<'a>(&self, memory: Memory<'a>) -> Result<Parts<'a>> {
        let nonce = match self.nonce {
            Some(nonce) => Some(memory.get(nonce)?),
            None => None,
        };
        Ok((
            nonce,
            memory.get(self.associated_data)?,
            memory.get(self.data)?,
        ))
    }
}

pub(super) fn functions<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    instance.deferred(
        "hash",
        |call, (algorithm, data, len): (WasmStr, Region, u64)| {
            call.view().ctx.check_input(data.len())?;
            Ok((call.row(&algorithm)?, data, len))
        },
        |guest, (algorithm, data, len)| {
            let hashing = guest.read(|view, memory| -> Result<_> {
                let engine = &view.ctx.engine;
                Ok(engine.prepare_hash(algorithm, memory.get(*data)?, *len)?)
            })?;
            let out = guest.allocate(hashing.len())?;
            guest.fill([*data], out, |_, memory, out| {
                Ok(hashing.hash_into(memory.get(*data)?, out)?)
            })?;
            Ok(out)
        },
    )?;
    instance.deferred(
        "derive",
        |_, arguments| Ok(arguments),
        |guest, (key, context, len): &(KeyHandle, Region, u64)| {
            let mut state = guest.read(|view, memory| -> Result<_> {
                view.ctx.check_input(context.len())?;
                let (engine, key) = view.engine_and_key(key)?;
                Ok(engine.absorb_once_keyed(key, memory.get(*context)?)?)
            })?;
            let out = guest.allocate(state.check_squeeze(*len)?)?;
            guest.fill([], out, |_, _, out| Ok(state.squeeze_into(out)?))?;
            Ok(out)
        },
    )?;
    instance.deferred(
        "authenticate",
        |_, arguments| Ok(arguments),
        |guest, (key, data): &(KeyHandle, Region)| {
            let tag = guest.read(|view, memory| -> Result<_> {
                view.ctx.check_input(data.len())?;
                let (engine, key) = view.engine_and_key(key)?;
                Ok(engine.authenticate(key, memory.get(*data)?)?)
            })?;
            guest.give(tag.as_bytes())
        },
    )?;
    instance.deferred(
        "encrypt",
        |_, arguments| Ok(arguments),
        |guest, (key, message): &(KeyHandle, Message)| encrypt(guest, key, message),
    )?;
    instance.deferred(
        "decrypt",
        |_, arguments| Ok(arguments),
        |guest, (key, message): &(KeyHandle, Message)| {
            let view = guest.view();
            view.ctx.check_input(message.size())?;
            let (engine, key_of) = view.engine_and_key(key)?;
            let nonce = message.nonce.map(Region::len);
            let room = engine.prepare_decryption(key_of, nonce, message.data.len())?;
            verified(guest, room, |view, memory, out| {
                let (engine, key) = view.engine_and_key(key)?;
                let (nonce, ad, data) = message.parts(memory)?;
                Ok(engine.decrypt_into(key, nonce, ad, data, out)?)
            })
        },
    )?;
    instance.deferred("encrypt-many", messages, |guest, (key, messages, share)| {
        encrypt_many(guest, key, messages, *share)
    })?;
    instance.deferred("decrypt-many", messages, |guest, (key, messages, share)| {
        decrypt_many(guest, key, messages, *share)
    })
}

fn messages<T>(
    call: &mut Call<'_, T>,
    (key, messages): (KeyHandle, Elements<Message>),
) -> Result<(KeyHandle, Vec<Message>, Share)> {
    // Opening a state with the key is the first step.
    call.view().engine_and_key(&key)?;
    let messages = call.elements(messages)?;
    let view = call.view();
    let algorithm = view.engine_and_key(&key)?.1.algorithm();
    let mut cost = BatchCost::default();
    for message in &messages {
        cost.add_entry();
        cost.add_input(message.size());
        cost.add_time(algorithm.estimated_nanoseconds(message.data.len()));
    }
    cost.check(view.ctx)?;
    Ok((key, messages, cost.share(view.ctx)))
}

fn encrypt<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    key: &KeyHandle,
    message: &Message,
) -> Result<Sealed> {
    let encryption = guest.read(|view, memory| -> Result<_> {
        view.ctx.check_input(message.size())?;
        let (engine, key) = view.engine_and_key(key)?;
        let (nonce, ad, data) = message.parts(memory)?;
        Ok(engine.prepare_encryption(key, nonce, ad, data.len())?)
    })?;
    let nonce = match encryption.generated_nonce() {
        [] => None,
        generated => Some(guest.give(generated)?),
    };
    let ciphertext = guest.allocate(encryption.ciphertext_len())?;
    guest.fill(message.regions(), ciphertext, |view, memory, out| {
        let (_, key) = view.engine_and_key(key)?;
        let (nonce, ad, data) = message.parts(memory)?;
        Ok(encryption.encrypt_into(key, nonce, ad, data, out)?)
    })?;
    Ok(Sealed { nonce, ciphertext })
}

fn encrypt_many<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    key: &KeyHandle,
    messages: &[Message],
    share: Share,
) -> Result<SealedMessages> {
    let mut total = 0usize;
    let mut nonces = Vec::new();
    let prepared = guest.read(|view, memory| {
        let (engine, key) = view.engine_and_key(key)?;
        let each = messages.iter().map(|message| {
            let (nonce, ad, data) = message.parts(memory)?;
            let encryption = engine.prepare_encryption(key, nonce, ad, data.len());
            if let Ok(encryption) = &encryption {
                total = total.saturating_add(encryption.ciphertext_len());
                append(&mut nonces, encryption.generated_nonce())?;
            }
            Ok(encryption)
        });
        each.try_collected()
    })?;
    let lengths = prepared.iter().map(|prepared| match prepared {
        Ok(encryption) => Ok(encryption.ciphertext_len() as u64),
        Err(error) => Err(errno(*error)),
    });
    let lengths = lengths_of(guest, lengths)?;
    let ciphertexts = guest.allocate(total)?;
    let inputs = messages.iter().flat_map(Message::regions);
    guest.fill(inputs, ciphertexts, |view, memory, out| {
        let (_, key) = view.engine_and_key(key)?;
        let mut rest = out;
        let mut work = room(messages.len())?;
        for (message, encryption) in messages.iter().zip(prepared) {
            if let Ok(encryption) = encryption {
                let (out, tail) = rest
                    .split_at_mut_checked(encryption.ciphertext_len())
                    .ok_or(Error::InternalError)?;
                rest = tail;
                work.push((Some(encryption), message.parts(memory)?, out, Ok(())));
            }
        }
        parallel::for_each(&mut work, share, |(encryption, parts, out, done)| {
            if let Some(encryption) = encryption.take() {
                let (nonce, ad, data) = *parts;
                *done = encryption.encrypt_into(key, nonce, ad, data, out);
            }
        });
        // What is prepared fails only for messages that are longer than any memory of a guest: no reason to take the
        // buffer apart.
        work.into_iter().try_for_each(|(.., done)| Ok(done?))
    })?;
    Ok(SealedMessages {
        lengths,
        ciphertexts,
        nonces: guest.give(&nonces)?,
    })
}

fn lengths_of<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    each: impl ExactSizeIterator<Item = Entry<u64>>,
) -> Result<List<u64>> {
    let mut list = guest.allocate_list(each.len())?;
    list.elements.extend(each);
    Ok(list)
}

fn decrypt_many<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    key: &KeyHandle,
    messages: &[Message],
    share: Share,
) -> Result<OpenedMessages> {
    let view = guest.view();
    let (engine, key_of) = view.engine_and_key(key)?;
    let room_for = |message: &Message| {
        let nonce = message.nonce.map(Region::len);
        engine.prepare_decryption(key_of, nonce, message.data.len())
    };
    let rooms = messages.iter().map(room_for).collected()?;
    let total = rooms
        .iter()
        .flatten()
        .fold(0, |sum: usize, room| sum.saturating_add(*room));
    let mut scratch = std::mem::take(&mut guest.view().ctx.scratch).with_len(total)?;

    let opened = guest.read(|view, memory| {
        let (engine, key) = view.engine_and_key(key)?;
        let mut rest = &mut *scratch;
        let mut opened = room(messages.len())?;
        let mut work = room(messages.len())?;
        for (message, len) in messages.iter().zip(rooms) {
            let (out, tail) = rest
                .split_at_mut_checked(len.unwrap_or(0))
                .ok_or(Error::InternalError)?;
            rest = tail;
            work.push((message.parts(memory)?, out, len));
        }
        parallel::for_each(&mut work, share, |((nonce, ad, data), out, len)| {
            if len.is_ok() {
                *len = engine.decrypt_into(key, *nonce, ad, data, out);
            }
        });
        opened.extend(work.into_iter().map(|(_, out, len)| (out.len(), len)));
        Ok(opened)
    });
    let given = opened.and_then(|opened| give_opened(guest, &opened, &scratch));
    guest.view().ctx.scratch = scratch.recycle();
    given
}

/// Gives the guest what was decrypted into `scratch`: each message is at the beginning of its room, of which `opened` has
/// the size, and the message's own or an error.
fn give_opened<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    opened: &[(usize, EngineResult<usize>)],
    scratch: &[u8],
) -> Result<OpenedMessages> {
    let total = opened.iter().flat_map(|(_, len)| len).sum();
    let messages = guest.allocate(total)?;
    guest.fill([], messages, |_, _, out| {
        let (mut from, mut to) = (scratch, out);
        for (room, len) in opened {
            let (message, later) = from.split_at_checked(*room).ok_or(Error::InternalError)?;
            from = later;
            let len = len.unwrap_or(0);
            let (place, rest) = to.split_at_mut_checked(len).ok_or(Error::InternalError)?;
            to = rest;
            place.copy_from_slice(message.get(..len).ok_or(Error::InternalError)?);
        }
        Ok(())
    })?;
    let length = |(_, len): &(usize, EngineResult<usize>)| match len {
        Ok(len) => Ok(*len as u64),
        Err(error) => Err(errno(*error)),
    };
    Ok(OpenedMessages {
        lengths: lengths_of(guest, opened.iter().map(length))?,
        messages,
    })
}
