//! Calls to the host.

use std::hint::black_box;

use wasi_crypto_sdk::{
    Aead, Hash, Key, Mac, Message, Options, SecretsManager, State, VersionSelector, batch,
};

use crate::{Case, Subject, bindings};

const NONCE: [u8; 12] = [3; 12];
const HEADER: &[u8] = b"header";

pub(crate) fn case(name: &str, subject: Subject) -> Option<Case> {
    let Subject {
        algorithm,
        data,
        count,
    } = subject;
    if name == "bare import" {
        return Some(Box::new(bindings::nothing));
    }
    if name == "call on a state" {
        let state = opened(&aead(&algorithm));
        return Some(Box::new(move || {
            black_box(state.as_raw().max_tag_len()).unwrap();
        }));
    }
    if name == "managed key" {
        let manager = SecretsManager::open(&Options::new()).unwrap();
        let key = manager.generate(&algorithm, &Options::new()).unwrap();
        let (id, _) = SecretsManager::id_of(&key).unwrap();
        let latest = VersionSelector::Latest;
        return Some(Box::new(move || {
            black_box(manager.key(&algorithm, &id, latest)).unwrap();
        }));
    }
    Some(match (name, algorithm.as_str()) {
        ("one-shot", "SHA-256" | "BLAKE3") => Box::new(move || {
            black_box(Hash::digest(&algorithm, black_box(&data), 32).unwrap());
        }),
        ("streaming", "SHA-256" | "BLAKE3") => Box::new(move || {
            let mut hash = Hash::new(&algorithm).unwrap();
            hash.update(black_box(&data)).unwrap();
            black_box(hash.finalize(32).unwrap());
        }),
        ("one-shot", "HMAC/SHA-256") => {
            let key = Key::import(&algorithm, [1; 32]).unwrap();
            Box::new(move || {
                black_box(key.authenticate(black_box(&data)).unwrap());
            })
        }
        ("streaming", "HMAC/SHA-256") => {
            let key = Key::import(&algorithm, [1; 32]).unwrap();
            Box::new(move || {
                let mut mac = Mac::new(&key).unwrap();
                mac.update(black_box(&data)).unwrap();
                black_box(mac.sign().unwrap());
            })
        }
        ("one-shot", _) => {
            let aead = aead(&algorithm);
            Box::new(move || {
                black_box(
                    aead.seal_with_nonce(NONCE, black_box(&data), HEADER)
                        .unwrap(),
                );
            })
        }
        ("streaming", _) => {
            let aead = aead(&algorithm);
            Box::new(move || {
                let state = opened(&aead);
                black_box(state.encrypt(black_box(&data)).unwrap());
            })
        }
        ("one-shot calls", _) => {
            let aead = aead(&algorithm);
            Box::new(move || {
                for _ in 0..count {
                    black_box(
                        aead.seal_with_nonce(NONCE, black_box(&data), HEADER)
                            .unwrap(),
                    );
                }
            })
        }
        ("encrypt-many", _) => {
            let aead = aead(&algorithm);
            Box::new(move || {
                let message = || Message {
                    nonce: Some(&NONCE),
                    associated_data: HEADER,
                    data: black_box(&data),
                };
                let messages: Vec<_> = (0..count).map(|_| message()).collect();
                black_box(aead.seal_many(&messages).unwrap());
            })
        }
        ("streamed calls", _) => {
            let aead = aead(&algorithm);
            Box::new(move || {
                for _ in 0..count {
                    black_box(opened(&aead).encrypt(black_box(&data)).unwrap());
                }
            })
        }
        // States encrypt once: the first run opens them, the second uses them.
        ("encrypt calls", _) => in_turns(aead(&algorithm), count, move |states| {
            for state in states {
                black_box(state.encrypt(black_box(&data)).unwrap());
            }
        }),
        ("symmetric-batch", _) => in_turns(aead(&algorithm), count, move |states| {
            black_box(batch::encrypt(states.iter().map(|state| (state, &data))).unwrap());
        }),
        _ => return None,
    })
}

fn aead(algorithm: &str) -> Aead {
    let len = if algorithm.starts_with("XOODYAK") {
        16
    } else {
        32
    };
    Aead::import(algorithm, vec![1; len]).unwrap()
}

fn opened(aead: &Aead) -> State {
    let options = Options::new().nonce(NONCE);
    let state = State::open(aead.key().algorithm(), Some(aead.key()), &options).unwrap();
    state.absorb(HEADER).unwrap();
    state
}

/// Opens `count` states when called, and does `work` with them when called again; closes them when called once more.
fn in_turns(aead: Aead, count: usize, work: impl Fn(&[State]) + 'static) -> Case {
    let mut states = Vec::new();
    let mut is_ready = false;
    Box::new(move || {
        if is_ready {
            work(&states);
        } else {
            states.clear();
            states.extend((0..count).map(|_| opened(&aead)));
        }
        is_ready = !is_ready;
    })
}
