//! `witx-batches ROUTINE`: batches, and many handles.

mod many;
mod no_memory;
mod squeezes;

use std::process::ExitCode;

use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{self, Guarded, address, address_mut, result};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{
    self, absorb, aead, close, encrypt_into, key, open, options,
};

fn main() -> ExitCode {
    wasi_crypto_legacy_guests::main(&[
        ("encrypt", encrypt),
        ("detached", detached),
        ("squeeze", squeezes::squeeze),
        ("repeated", squeezes::repeated),
        ("tags", squeezes::tags),
        ("lengths-twice", lengths_twice),
        ("chained", chained),
        ("empty", empty),
        ("ten-thousand", ten_thousand),
        ("open-and-close", many::open_and_close),
        ("open-at-once", many::open_at_once),
        ("too-many", many::too_many),
        ("no-memory", no_memory::handles),
        ("no-memory-option", no_memory::option),
        ("no-memory-batch", no_memory::batch),
        ("no-memory-export", no_memory::export),
        ("exports", many::exports),
        ("large", many::large),
        ("in-buffers", many::in_buffers),
        ("too-long", many::too_long),
    ])
}

/// What the host is given of an entry; the tag is only there in detached decryption.
#[derive(Clone, Copy)]
#[repr(C)]
struct Crypt {
    state: i32,
    out: i32,
    out_len: i32,
    out_len_again: i32,
    data: i32,
    data_len: i32,
    data_len_again: i32,
}

#[repr(C)]
struct Detached {
    crypt: Crypt,
    tag: i32,
    tag_len: i32,
    tag_len_again: i32,
}

#[repr(C)]
struct Squeeze {
    state: i32,
    out: i32,
    out_len: i32,
    out_len_again: i32,
}

/// A size or a tag, and an errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pair {
    value: i32,
    errno: u16,
}

const fn ok(value: i32) -> Pair {
    Pair { value, errno: 0 }
}

fn failed(pair: Pair) -> i32 {
    assert_ne!(pair.errno, 0, "an error was expected");
    pair.errno.into()
}

fn crypt(state: i32, out: &mut Guarded, data: &[u8]) -> Crypt {
    let (len, data_len) = (out.len(), data.len() as i32);
    Crypt {
        state,
        out: out.at(),
        out_len: len,
        out_len_again: len,
        data: address(data),
        data_len,
        data_len_again: data_len,
    }
}

/// Calls a batch function, and reads its results.
fn batch<E, R: Plain>(
    function: impl FnOnce(i32, i32, i32) -> i32,
    entries: &[E],
) -> Result<Vec<R>, i32> {
    let mut pair = [0u32; 2];
    let errno = function(
        address(entries),
        entries.len() as i32,
        address_mut(&mut pair),
    );
    let [at, len] = std::hint::black_box(pair);
    if errno != 0 {
        return Err(errno);
    }
    let bytes = lent::read(at, len * R::SIZE);
    Ok(bytes.chunks_exact(R::SIZE as usize).map(R::of).collect())
}

/// What the results of a batch are made of.
trait Plain {
    const SIZE: u32;
    fn of(bytes: &[u8]) -> Self;
}

impl Plain for Pair {
    const SIZE: u32 = 8;

    fn of(bytes: &[u8]) -> Self {
        let (value, rest) = bytes.split_first_chunk().expect("8 bytes");
        let (errno, _) = rest.split_first_chunk().expect("4 bytes");
        Self {
            value: i32::from_le_bytes(*value),
            errno: u16::from_le_bytes(*errno),
        }
    }
}

impl Plain for u16 {
    const SIZE: u32 = 2;

    fn of(bytes: &[u8]) -> Self {
        Self::from_le_bytes(*bytes.first_chunk().expect("2 bytes"))
    }
}

fn messages() -> Vec<Vec<u8>> {
    [0, 1, 16, 17, 1000].map(|len| vec![len as u8; len]).into()
}

fn sealed(message: &[u8]) -> Vec<u8> {
    let state = aead("AES-256-GCM", 32, 12);
    let mut out = Guarded::new(message.len() + 16, 0);
    encrypt_into(state, &mut out, message).expect("room for the tag");
    close(state);
    out.bytes().to_vec()
}

fn encrypt() {
    let messages = messages();
    let states: Vec<i32> = messages
        .iter()
        .map(|_| aead("AES-256-GCM", 32, 12))
        .collect();
    let mut outs: Vec<Guarded> = messages
        .iter()
        .map(|m| Guarded::new(m.len() + 16, 7))
        .collect();
    let mut small = Guarded::new(19, 7);
    let mut large = Guarded::new(21, 7);
    let mut unused = Guarded::new(20, 7);
    let spare = aead("AES-256-GCM", 32, 12);
    let mut entries: Vec<Crypt> = Vec::new();
    for ((state, out), message) in states.iter().zip(&mut outs).zip(&messages) {
        entries.push(crypt(*state, out, message));
        // Between them, entries that fail, each before it reaches the host or in it.
        match entries.len() {
            1 => entries.push(crypt(12345, &mut unused, b"data")),
            3 => entries.push(crypt(spare, &mut small, b"data")),
            5 => entries.push(crypt(spare, &mut large, b"data")),
            7 => entries.push(Crypt {
                data: i32::MIN,
                ..crypt(spare, &mut unused, b"data")
            }),
            _ => {}
        }
    }
    // A state that has used its nonce up, two entries before.
    entries.push(crypt(states[0], &mut unused, b"data"));
    let results: Vec<Pair> = batch(batch_symmetric_state_encrypt, &entries).expect("a batch");
    let (good, bad): (Vec<Pair>, Vec<Pair>) = results.iter().partition(|pair| pair.errno == 0);
    let lens: Vec<Pair> = messages.iter().map(|m| ok(m.len() as i32 + 16)).collect();
    assert_eq!(good, lens);
    let bad: Vec<i32> = bad.into_iter().map(failed).collect();
    assert_eq!(
        bad,
        [
            INVALID_HANDLE,
            OVERFLOW,
            INVALID_LENGTH,
            GUEST_ERROR,
            NONCE_REQUIRED
        ]
    );
    for (out, message) in outs.iter().zip(&messages) {
        assert_eq!(out.bytes(), sealed(message));
    }
    for out in [&small, &large, &unused] {
        out.assert_untouched(7);
    }
    // And back, in place, with one that is forged.
    let opener: Vec<i32> = messages
        .iter()
        .map(|_| aead("AES-256-GCM", 32, 12))
        .collect();
    let mut boxes: Vec<Vec<u8>> = messages.iter().map(|m| sealed(m)).collect();
    boxes[2][3] ^= 1;
    let forged = boxes[2].clone();
    let entries: Vec<Crypt> = opener
        .iter()
        .zip(&mut boxes)
        .map(|(state, sealed)| {
            let (at, len) = (address_mut(&mut sealed[..]), sealed.len() as i32);
            Crypt {
                state: *state,
                out: at,
                out_len: len - 16,
                out_len_again: len - 16,
                data: at,
                data_len: len,
                data_len_again: len,
            }
        })
        .collect();
    let results: Vec<Pair> = batch(batch_symmetric_state_decrypt, &entries).expect("a batch");
    let boxes = std::hint::black_box(boxes);
    for (index, message) in messages.iter().enumerate() {
        if index == 2 {
            assert_eq!(failed(results[index]), INVALID_TAG);
            assert_eq!(boxes[index], forged, "not a byte of it is released");
        } else {
            assert_eq!(results[index], ok(message.len() as i32));
            assert_eq!(boxes[index][..message.len()], *message);
        }
    }
    for state in states.into_iter().chain(opener).chain([spare]) {
        close(state);
    }
}

fn detached() {
    let messages = messages();
    let states: Vec<i32> = messages
        .iter()
        .map(|_| aead("AES-256-GCM", 32, 12))
        .collect();
    let mut outs: Vec<Guarded> = messages.iter().map(|m| Guarded::new(m.len(), 7)).collect();
    let entries: Vec<Crypt> = states
        .iter()
        .zip(&mut outs)
        .zip(&messages)
        .map(|((state, out), message)| crypt(*state, out, message))
        .collect();
    let results: Vec<Pair> =
        batch(batch_symmetric_state_encrypt_detached, &entries).expect("a batch");
    let mut raw_tags = Vec::new();
    for ((pair, out), message) in results.iter().zip(&outs).zip(&messages) {
        assert_eq!(pair.errno, 0);
        let mut tag = Guarded::new(16, 0);
        let at = tag.at();
        assert_eq!(
            result(|len| symmetric_tag_pull(pair.value, at, 16, len)),
            Ok(16u32)
        );
        assert_eq!([out.bytes(), tag.bytes()].concat(), sealed(message));
        raw_tags.push(tag.bytes().to_vec());
    }
    raw_tags[1][0] ^= 1;
    raw_tags[3].pop();
    let mut plain: Vec<Guarded> = messages.iter().map(|m| Guarded::new(m.len(), 7)).collect();
    let openers: Vec<i32> = messages
        .iter()
        .map(|_| aead("AES-256-GCM", 32, 12))
        .collect();
    let entries: Vec<Detached> = (0..messages.len())
        .map(|index| Detached {
            crypt: crypt(openers[index], &mut plain[index], outs[index].bytes()),
            tag: address(&raw_tags[index][..]),
            tag_len: raw_tags[index].len() as i32,
            tag_len_again: raw_tags[index].len() as i32,
        })
        .collect();
    let results: Vec<Pair> =
        batch(batch_symmetric_state_decrypt_detached, &entries).expect("a batch");
    for (index, message) in messages.iter().enumerate() {
        if index == 1 || index == 3 {
            assert_eq!(failed(results[index]), INVALID_TAG);
            plain[index].assert_untouched(7);
        } else {
            assert_eq!(results[index], ok(message.len() as i32));
            assert_eq!(plain[index].bytes(), message);
        }
    }
    for state in states.into_iter().chain(openers) {
        close(state);
    }
}

fn lengths_twice() {
    let state = aead("AES-256-GCM", 32, 12);
    let mut out = Guarded::new(20, 7);
    let good = crypt(state, &mut out, b"data");
    let entries = [
        Crypt {
            out_len_again: 19,
            ..good
        },
        Crypt {
            data_len_again: 5,
            ..good
        },
        good,
    ];
    let results: Vec<Pair> = batch(batch_symmetric_state_encrypt, &entries).expect("a batch");
    assert_eq!(failed(results[0]), INVALID_LENGTH);
    assert_eq!(failed(results[1]), INVALID_LENGTH);
    assert_eq!(results[2], ok(20));
    assert_eq!(out.bytes(), sealed(b"data"));
    close(state);
}

/// The output of one entry is where the input of the next one is: each sees what was there before the batch.
fn chained() {
    let states: Vec<i32> = (0..3).map(|_| aead("AES-256-GCM", 32, 12)).collect();
    let mut memory: Vec<u8> = (0..200).map(|byte| byte as u8).collect();
    let original = memory.clone();
    let base = address_mut(&mut memory[..]);
    let place = |index: i32, out: i32| Crypt {
        state: states[index as usize],
        out: base + out,
        out_len: 46,
        out_len_again: 46,
        data: base + 40 * index,
        data_len: 30,
        data_len_again: 30,
    };
    // The first writes over the input of the second, the second over that of the third.
    let entries = [place(0, 30), place(1, 76), place(2, 122)];
    let results: Vec<Pair> = batch(batch_symmetric_state_encrypt, &entries).expect("a batch");
    assert_eq!(results, [ok(46); 3]);
    let memory = std::hint::black_box(memory);
    for (index, at) in [(0, 30), (1, 76), (2, 122)] {
        let data = &original[40 * index..40 * index + 30];
        assert_eq!(memory[at..at + 46], sealed(data), "entry {index}");
    }
    states.into_iter().for_each(close);

    // The same with one state, which decrypts twice: the first message goes to where the second ciphertext is.
    let state = aead("AES-256-GCM", 32, 12);
    let (first, second) = ([1; 30], [2; 30]);
    let mut memory = [sealed(&first), sealed(&second), vec![0; 30]].concat();
    let base = address_mut(&mut memory[..]);
    let entries = [(0, 46), (46, 92)].map(|(data, out)| Crypt {
        state,
        out: base + out,
        out_len: 30,
        out_len_again: 30,
        data: base + data,
        data_len: 46,
        data_len_again: 46,
    });
    let results: Vec<Pair> = batch(batch_symmetric_state_decrypt, &entries).expect("a batch");
    assert_eq!(results, [ok(30); 2]);
    let memory = std::hint::black_box(memory);
    assert_eq!(memory[46..76], first);
    assert_eq!(memory[92..], second);
    close(state);
}

fn empty() {
    let none: [Crypt; 0] = [];
    let all: [Result<Vec<Pair>, i32>; 6] = [
        batch(batch_symmetric_state_encrypt, &none),
        batch(batch_symmetric_state_encrypt_detached, &none),
        batch(batch_symmetric_state_decrypt, &none),
        batch(batch_symmetric_state_decrypt_detached, &none),
        batch(batch_symmetric_state_squeeze, &none),
        batch(batch_symmetric_state_squeeze_tag, &none),
    ];
    for results in all {
        assert_eq!(results, Ok(Vec::new()));
    }
}

fn ten_thousand() {
    let count = 10_000;
    let key = key("AES-128-GCM", &[1; 16]).expect("a key");
    let states: Vec<i32> = (0..count)
        .map(|index: u64| {
            let set = options().expect("options");
            let nonce = [&index.to_le_bytes()[..], &[0; 4]].concat();
            state::set(set, "nonce", &nonce).expect("a nonce");
            let state = open("AES-128-GCM", Some(key), Some(set)).expect("a state");
            assert_eq!(options_close(set), SUCCESS);
            state
        })
        .collect();
    let mut outs: Vec<Guarded> = states.iter().map(|_| Guarded::new(48, 7)).collect();
    let data = [5; 32];
    let entries: Vec<Crypt> = states
        .iter()
        .zip(&mut outs)
        .map(|(state, out)| crypt(*state, out, &data))
        .collect();
    let results: Vec<Pair> = batch(batch_symmetric_state_encrypt, &entries).expect("a batch");
    assert_eq!(results, vec![ok(48); count as usize]);
    let before = std::hint::black_box(&outs[0]).bytes().to_vec();
    for out in &outs[1..] {
        assert_ne!(out.bytes(), before, "every state has its own nonce");
    }
    states.into_iter().for_each(close);
    assert_eq!(symmetric_key_close(key), SUCCESS);
}
