//! Many handles.

use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{Guarded, result};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{absorb, aead, close, encrypt_into, key, open};

/// How often a routine repeats itself: the second argument.
fn times() -> u32 {
    let times = std::env::args().nth(2).and_then(|times| times.parse().ok());
    times.expect("a number of times")
}

pub fn open_and_close() {
    let first = open("SHA-256", None, None).expect("a state");
    close(first);
    for _ in 0..times() {
        let state = open("SHA-256", None, None).expect("a state");
        close(state);
        assert_ne!(state, first, "a number comes back too soon");
    }
}

pub fn open_at_once() {
    let states: Vec<i32> = (0..10_000)
        .map(|index: u32| {
            let state = open("SHA-256", None, None).expect("a state");
            absorb(state, &index.to_le_bytes()).expect("absorbed");
            state
        })
        .collect();
    for (index, state) in (0..10_000u32).zip(&states).step_by(997) {
        let twin = open("SHA-256", None, None).expect("a state");
        absorb(twin, &index.to_le_bytes()).expect("absorbed");
        let digest = |state| {
            let mut out = Guarded::new(32, 0);
            let at = out.at();
            assert_eq!(symmetric_state_squeeze(state, at, 32), SUCCESS);
            out.bytes().to_vec()
        };
        assert_eq!(digest(*state), digest(twin));
        close(twin);
    }
    states.into_iter().for_each(close);
}

/// Run with a host that allows a hundred handles.
pub fn too_many() {
    let mut states = Vec::new();
    let errno = loop {
        match open("SHA-256", None, None) {
            Ok(state) => states.push(state),
            Err(errno) => break errno,
        }
    };
    assert_eq!(errno, TOO_MANY_HANDLES);
    assert_eq!(states.len(), 100);
    close(states.pop().expect("a state"));
    let state = open("SHA-256", None, None).expect("room again");
    close(state);
    states.into_iter().for_each(close);
}

pub fn exports() {
    let raw = vec![3; 5000];
    let key = key("HMAC/SHA-256", &raw).expect("a key");
    for _ in 0..times() {
        let array = result::<i32>(|out| symmetric_key_export(key, out)).expect("an array");
        let mut bytes = Guarded::new(5000, 0);
        let at = bytes.at();
        assert_eq!(
            result(|out| array_output_pull(array, at, 5000, out)),
            Ok(5000u32)
        );
        assert_eq!(bytes.bytes(), raw);
    }
    assert_eq!(symmetric_key_close(key), SUCCESS);
}

/// Squeezes so many bytes into each of four buffers, in batches. The first batches are small: after them, it is known
/// in which order the host asks for memory.
pub fn large() {
    let states = [(); 4].map(|()| open("SHAKE-128", None, None).expect("a state"));
    let mut outs = [(); 4].map(|()| Guarded::new(1 << 20, 0));
    for len in [1, 1, times() as i32, times() as i32] {
        let mut entries: Vec<super::Squeeze> = Vec::new();
        for (state, out) in states.iter().zip(&mut outs) {
            entries.push(super::Squeeze {
                state: *state,
                out: out.at(),
                out_len: len,
                out_len_again: len,
            });
        }
        let results: Vec<u16> =
            super::batch(batch_symmetric_state_squeeze, &entries).expect("a batch");
        assert_eq!(results, [0; 4]);
    }
    for out in &outs {
        let (written, rest) = out.bytes().split_at(times() as usize);
        assert!(written.iter().any(|byte| *byte != 0));
        assert!(rest.iter().all(|byte| *byte == 0));
    }
    states.into_iter().for_each(close);
}

/// Squeezes, encrypts and decrypts so many bytes, into buffers that have the same size each time.
pub fn in_buffers() {
    let len = times() as usize;
    let mut room = Guarded::new(4 << 20, 0);
    let mut sealed = Guarded::new(len + 16, 0);
    let hash = open("SHAKE-128", None, None).expect("a state");
    let at = room.at();
    assert_eq!(symmetric_state_squeeze(hash, at, len as i32), SUCCESS);
    close(hash);
    let state = aead("AES-256-GCM", 32, 12);
    let data = room.bytes()[..len].to_vec();
    encrypt_into(state, &mut sealed, &data).expect("room for the tag");
    let back = result(|written| {
        let (data, data_len) = (sealed.at(), sealed.len());
        symmetric_state_decrypt(state, at, len as i32, data, data_len, written)
    });
    assert_eq!(back, Ok(len as u32));
    assert_eq!(room.bytes()[..len], data);
    close(state);
}

/// Run with a host that takes ten entries.
pub fn too_long() {
    let states = [(); 11].map(|()| open("SHAKE-128", None, None).expect("a state"));
    let mut outs = [(); 11].map(|()| Guarded::new(16, 7));
    let mut entries: Vec<super::Squeeze> = Vec::new();
    for (state, out) in states.iter().zip(&mut outs) {
        entries.push(super::Squeeze {
            state: *state,
            out: out.at(),
            out_len: 16,
            out_len_again: 16,
        });
    }
    let refused = super::batch::<_, u16>(batch_symmetric_state_squeeze, &entries);
    assert_eq!(refused, Err(OVERFLOW));
    outs.iter().for_each(|out| out.assert_untouched(7));
    // Nothing was done: the states have not moved on.
    entries.pop();
    let results: Vec<u16> = super::batch(batch_symmetric_state_squeeze, &entries).expect("a batch");
    assert_eq!(results, [0; 10]);
    let fresh = open("SHAKE-128", None, None).expect("a state");
    let mut first = Guarded::new(16, 7);
    let at = first.at();
    assert_eq!(symmetric_state_squeeze(fresh, at, 16), SUCCESS);
    for out in &outs[..10] {
        assert_eq!(out.bytes(), first.bytes());
    }
    states.into_iter().chain([fresh]).for_each(close);
}
