//! Many handles.

use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{Guarded, result};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{absorb, close, key, open};

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

/// Run with little memory, and a host that allows many handles.
pub fn no_memory() {
    let most = 200_000;
    let mut states = Vec::with_capacity(most);
    let errno = loop {
        assert!(states.len() < most, "there is more memory than expected");
        match open("SHA-256", None, None) {
            Ok(state) => states.push(state),
            Err(errno) => break errno,
        }
    };
    assert_eq!(errno, TOO_MANY_HANDLES);
    assert!(states.len() > 1000);
    absorb(states[0], b"data").expect("what is open works");
    close(states.swap_remove(0));
    close(open("SHA-256", None, None).expect("room again"));
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

/// Squeezes megabytes through each batch, into buffers that are there before.
pub fn large() {
    let states = [(); 4].map(|()| open("SHAKE-128", None, None).expect("a state"));
    let mut outs = [(); 4].map(|()| Guarded::new(1 << 20, 0));
    for _ in 0..times() {
        let mut entries: Vec<super::Squeeze> = Vec::new();
        for (state, out) in states.iter().zip(&mut outs) {
            let (at, len) = (out.at(), out.len());
            entries.push(super::Squeeze {
                state: *state,
                out: at,
                out_len: len,
                out_len_again: len,
            });
        }
        let results: Vec<u16> =
            super::batch(batch_symmetric_state_squeeze, &entries).expect("a batch");
        assert_eq!(results, [0; 4]);
        for out in &outs {
            assert!(out.bytes().iter().any(|byte| *byte != 0));
        }
    }
    states.into_iter().for_each(close);
}
