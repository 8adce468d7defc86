//! The interface `symmetric-oneshot`.

use wasi_crypto_engine::{
    BatchCost, Encryption, Engine, Error, Key, Result as EngineResult, State,
};
use wasmtime::component::{ComponentType, Lift, Lower, Resource, WasmList, WasmStr};

use super::{Entry, Instance, verified};
use crate::SymmetricKey;
use crate::error::{Result, errno, lift_errno};
use crate::lowering::{Guest, Region};
use crate::parallel;
use crate::scratch::Scratch;
use crate::zero_copy::Call;

type KeyHandle = Resource<SymmetricKey>;

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

impl Message {
    fn size(&self) -> usize {
        let nonce = self.nonce.map_or(0, Region::len);
        let parts = [nonce, self.associated_data.len(), self.data.len()];
        parts.into_iter().fold(0, usize::saturating_add)
    }

    /// What it is made of; where there is no nonce, an empty part takes its place.
    fn parts(&self) -> [Region; 3] {
        [
            self.nonce.unwrap_or_default(),
            self.associated_data,
            self.data,
        ]
    }

    fn nonce<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        self.nonce.map(|_| bytes)
    }
}

pub(super) fn functions<T>(instance: &mut Instance<'_, T>) -> wasmtime::Result<()> {
    instance.func(
        "hash",
        |call, (algorithm, data, len): (WasmStr, Region, u64)| {
            Ok((call.algorithm(&algorithm)?, data, len))
        },
        |guest, (algorithm, data, len)| {
            let ctx = guest.view().ctx;
            ctx.check_input(data.len())?;
            let engine = ctx.engine.clone();
            let state = engine.absorb_once(algorithm, guest.memory().get(*data)?)?;
            squeeze(guest, state, *len)
        },
    )?;
    instance.func(
        "derive",
        |_, arguments| Ok(arguments),
        |guest, (key, context, len): &(KeyHandle, Region, u64)| {
            let (engine, key) = engine_and_key(guest, key, context.len())?;
            let state = engine.absorb_once_keyed(&key, guest.memory().get(*context)?)?;
            squeeze(guest, state, *len)
        },
    )?;
    instance.func(
        "authenticate",
        |_, arguments| Ok(arguments),
        |guest, (key, data): &(KeyHandle, Region)| {
            let (engine, key) = engine_and_key(guest, key, data.len())?;
            let tag = engine.authenticate(&key, guest.memory().get(*data)?)?;
            guest.give(tag.as_bytes())
        },
    )?;
    instance.func(
        "encrypt",
        |_, arguments| Ok(arguments),
        |guest, (key, message): &(KeyHandle, Message)| {
            let (engine, key) = engine_and_key(guest, key, message.size())?;
            encrypt(guest, &engine, &key, message)
        },
    )?;
    instance.func(
        "decrypt",
        |_, arguments| Ok(arguments),
        |guest, (key, message): &(KeyHandle, Message)| {
            let (engine, key) = engine_and_key(guest, key, message.size())?;
            let room = prepare_decryption(guest, &engine, &key, message)??;
            verified(guest, room, |guest, out| {
                let memory = guest.memory();
                let [nonce, ad, data] = message.parts().map(|part| memory.get(part));
                let nonce = message.nonce(nonce?);
                Ok(engine.decrypt_into(&key, nonce, ad?, data?, out)?)
            })
        },
    )?;
    instance.func("encrypt-many", messages, |guest, (key, messages)| {
        encrypt_many(guest, key, messages)
    })?;
    instance.func("decrypt-many", messages, |guest, (key, messages)| {
        decrypt_many(guest, key, messages)
    })
}

fn messages<T>(
    call: &mut Call<'_, T>,
    (key, messages): (KeyHandle, WasmList<Message>),
) -> Result<(KeyHandle, Vec<Message>)> {
    let messages = call.entries(&messages)?;
    let mut cost = BatchCost::default();
    for message in &messages {
        cost.add_entry();
        cost.add_input(message.size());
    }
    call.view().ctx.check_batch(&cost)?;
    Ok((key, messages))
}

/// An engine and a key that do not borrow the store; both are shared, not copied.
fn engine_and_key<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    key: &KeyHandle,
    input: usize,
) -> Result<(Engine, Key)> {
    let view = guest.view();
    view.ctx.check_input(input)?;
    let (engine, key) = view.engine_and_key(key)?;
    Ok((engine.clone(), key.clone()))
}

fn squeeze<T: 'static>(guest: &mut Guest<'_, '_, T>, mut state: State, len: u64) -> Result<Region> {
    let out = guest.allocate(state.check_squeeze(len)?)?;
    guest.fill([], out, |[], out| state.squeeze_into(out))??;
    Ok(out)
}

fn prepare_encryption<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    engine: &Engine,
    key: &Key,
    message: &Message,
) -> Result<Encryption> {
    let memory = guest.memory();
    let [nonce, ad, _] = message.parts().map(|part| memory.get(part));
    let nonce = message.nonce(nonce?);
    Ok(engine.prepare_encryption(key, nonce, ad?, message.data.len())?)
}

fn prepare_decryption<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    engine: &Engine,
    key: &Key,
    message: &Message,
) -> Result<EngineResult<usize>> {
    let memory = guest.memory();
    let nonce = match message.nonce {
        Some(nonce) => Some(memory.get(nonce)?),
        None => None,
    };
    Ok(engine.prepare_decryption(key, nonce, message.data.len()))
}

fn encrypt<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    engine: &Engine,
    key: &Key,
    message: &Message,
) -> Result<Sealed> {
    let encryption = prepare_encryption(guest, engine, key, message)?;
    let sealed = allocate(guest, &encryption)?;
    guest.fill(
        message.parts(),
        sealed.ciphertext,
        |[nonce, ad, data], out| encryption.encrypt_into(key, message.nonce(nonce), ad, data, out),
    )??;
    Ok(sealed)
}

/// Allocates what an encryption gives, and writes the nonce.
fn allocate<T: 'static>(guest: &mut Guest<'_, '_, T>, encryption: &Encryption) -> Result<Sealed> {
    let nonce = match encryption.generated_nonce() {
        [] => None,
        generated => Some(guest.give(generated)?),
    };
    Ok(Sealed {
        nonce,
        ciphertext: guest.allocate(encryption.ciphertext_len())?,
    })
}

fn encrypt_many<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    key: &KeyHandle,
    messages: &[Message],
) -> Result<Vec<Entry<Sealed>>> {
    let (engine, key) = engine_and_key(guest, key, 0)?;
    let threads = guest.view().ctx.max_threads;
    let mut results = Vec::with_capacity(messages.len());
    let mut encryptions = Vec::with_capacity(messages.len());
    let mut regions = Vec::with_capacity(messages.len());
    let mut nanoseconds = 0u64;
    for message in messages {
        let prepared = prepare_encryption(guest, &engine, &key, message);
        results.push(match lift_errno(prepared)? {
            Ok(encryption) => {
                let sealed = allocate(guest, &encryption)?;
                let estimate = key.algorithm().estimated_nanoseconds(message.data.len());
                nanoseconds = nanoseconds.saturating_add(estimate);
                regions.push((message.parts(), sealed.ciphertext));
                encryptions.push((encryption, message));
                Ok(sealed)
            }
            Err(errno) => Err(errno),
        });
    }
    let failed = guest.fill_many(&regions, |views| {
        let mut work: Vec<_> = encryptions
            .into_iter()
            .zip(views)
            .map(|work| (Some(work), Ok(())))
            .collect();
        parallel::for_each(&mut work, threads, nanoseconds, |(work, result)| {
            if let Some(((encryption, message), views)) = work.take() {
                let [nonce, ad, data] = views.inputs;
                let nonce = message.nonce(nonce);
                *result = encryption.encrypt_into(&key, nonce, ad, data, views.out);
            }
        });
        work.into_iter()
            .map(|(_, result)| result)
            .collect::<Vec<_>>()
    })?;
    let succeeded = results.iter_mut().filter(|result| result.is_ok());
    for (result, done) in succeeded.zip(failed) {
        if let Err(error) = done {
            *result = Err(errno(error));
        }
    }
    Ok(results)
}

fn decrypt_many<T: 'static>(
    guest: &mut Guest<'_, '_, T>,
    key: &KeyHandle,
    messages: &[Message],
) -> Result<Vec<Entry<Region>>> {
    let (engine, key) = engine_and_key(guest, key, 0)?;
    let threads = guest.view().ctx.max_threads;
    let mut rooms = Vec::with_capacity(messages.len());
    let (mut total, mut nanoseconds) = (0usize, 0u64);
    for message in messages {
        let room = prepare_decryption(guest, &engine, &key, message)?;
        total = total.saturating_add(room.unwrap_or(0));
        let estimate = key.algorithm().estimated_nanoseconds(room.unwrap_or(0));
        nanoseconds = nanoseconds.saturating_add(estimate);
        rooms.push(room);
    }
    let mut scratch = std::mem::take(&mut guest.view().ctx.scratch).with_len(total)?;
    let memory = guest.memory();
    let mut work = Vec::with_capacity(messages.len());
    let mut rest = &mut *scratch;
    for (message, room) in messages.iter().zip(&rooms) {
        if let Ok(room) = room {
            let (out, tail) = rest
                .split_at_mut_checked(*room)
                .ok_or(Error::InternalError)?;
            rest = tail;
            let [nonce, ad, data] = message.parts().map(|part| memory.get(part));
            work.push((message.nonce(nonce?), ad?, data?, out, Ok(0)));
        }
    }
    parallel::for_each(
        &mut work,
        threads,
        nanoseconds,
        |(nonce, ad, data, out, len)| {
            *len = engine.decrypt_into(&key, *nonce, ad, data, out);
        },
    );
    let lens: Vec<_> = work.into_iter().map(|(.., len)| len).collect();
    let results = give_each(guest, &rooms, lens, &scratch);
    guest.view().ctx.scratch = scratch.recycle();
    results
}

/// Gives the guest what was decrypted into `scratch`: one message after the other, each at the beginning of its room.
pub(super) fn give_each<T: 'static>(
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
