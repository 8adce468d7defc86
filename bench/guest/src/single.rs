//! Single calls to the host, and pairs of them, which the core module makes through the adapter, too.

use std::hint::black_box;

use wasi_crypto_sdk::{Key, Options, State};

use crate::{Case, Subject};

pub(crate) fn case(name: &str, subject: &Subject) -> Option<Case> {
    let Subject {
        algorithm, data, ..
    } = subject;
    let (algorithm, data) = (algorithm.clone(), data.clone());
    let key = match algorithm.as_str() {
        "SHA-256" => None,
        name => Some(Key::import(name, [1; 32]).ok()?),
    };
    let open = move |options: &Options| State::open(&algorithm, key.as_ref(), options);
    let plain = Options::new();
    Some(match name {
        "absorb" => {
            let state = open(&plain).ok()?;
            Box::new(move || state.absorb(black_box(&data)).unwrap())
        }
        "squeeze" => {
            let state = open(&plain).ok()?;
            Box::new(move || drop(black_box(state.squeeze(data.len()).unwrap())))
        }
        "open and close" => Box::new(move || drop(open(&plain).unwrap())),
        "tag" => {
            let state = open(&plain).ok()?;
            Box::new(move || drop(black_box(state.squeeze_tag().unwrap().into_bytes())))
        }
        "decrypt" => {
            let opened = || {
                let state = open(&Options::new().nonce([3; 12])).ok()?;
                state.absorb("header").ok()?;
                Some(state)
            };
            let sealed = opened()?.encrypt(&data).ok()?;
            let state = opened()?;
            Box::new(move || drop(black_box(state.decrypt(black_box(&sealed)).unwrap())))
        }
        _ => return None,
    })
}
