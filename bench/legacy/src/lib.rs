//! The core module that is measured through the adapter: the calls of the witx modules that a component makes by WIT. It
//! has buffers for all results, as those who use these modules must.

mod bindings;

use std::cell::RefCell;
use std::hint::black_box;

use wasi_crypto_legacy_guests::lent::{address, address_mut, done, result, size};
use wasi_crypto_legacy_guests::{raw, state};

/// A case that is ready to run once more.
type Case = Box<dyn FnMut()>;

const NONCE: [u8; 12] = [3; 12];
const HEADER: &[u8] = b"header";

thread_local! {
    static CASE: RefCell<Case> = RefCell::new(Box::new(|| ()));
}

struct Implementation;

impl bindings::Guest for Implementation {
    fn prepare(name: String, algorithm: String, size: u32, _count: u32) -> Result<(), String> {
        let data = vec![7; size as usize];
        let case =
            case(&name, algorithm, data).ok_or_else(|| format!("there is no case `{name}`"))?;
        CASE.with_borrow_mut(|current| *current = case);
        Ok(())
    }

    fn run(times: u32) {
        CASE.with_borrow_mut(|case| {
            for _ in 0..times {
                case();
            }
        });
    }
}

fn case(name: &str, algorithm: String, data: Vec<u8>) -> Option<Case> {
    let key = match algorithm.as_str() {
        "SHA-256" => None,
        name => Some(state::key(name, &[1; 32]).ok()?),
    };
    Some(match (name, algorithm.as_str()) {
        ("absorb", _) => {
            let state = state::open(&algorithm, key, None).ok()?;
            Box::new(move || state::absorb(state, black_box(&data)).unwrap())
        }
        ("squeeze", _) => {
            let state = state::open(&algorithm, key, None).ok()?;
            let mut out = data;
            Box::new(move || squeeze(state, &mut out))
        }
        ("open and close", _) => {
            Box::new(move || state::close(state::open(&algorithm, key, None).unwrap()))
        }
        ("tag", _) => {
            let state = state::open(&algorithm, key, None).ok()?;
            Box::new(move || {
                black_box(tag(state));
            })
        }
        ("decrypt", _) => {
            let sealer = opened(&algorithm, key?);
            let mut sealed = vec![0; data.len() + 16];
            encrypt(sealer, &data, &mut sealed);
            let state = opened(&algorithm, key?);
            let mut out = data;
            Box::new(move || {
                let (at, len) = (address_mut(&mut out[..]), size(&out));
                let (from, from_len) = (address(&sealed[..]), size(&sealed));
                result::<u32>(|written| {
                    raw::symmetric_state_decrypt(state, at, len, from, from_len, written)
                })
                .unwrap();
            })
        }
        ("streaming", "SHA-256") => Box::new(move || {
            let state = state::open(&algorithm, None, None).unwrap();
            state::absorb(state, black_box(&data)).unwrap();
            let mut out = [0; 32];
            squeeze(state, &mut out);
            black_box(out);
            state::close(state);
        }),
        ("streaming", "HMAC/SHA-256") => Box::new(move || {
            let state = state::open(&algorithm, key, None).unwrap();
            state::absorb(state, black_box(&data)).unwrap();
            black_box(tag(state));
            state::close(state);
        }),
        ("streaming", _) => {
            let key = key?;
            let mut out = vec![0; data.len() + 16];
            Box::new(move || {
                let state = opened(&algorithm, key);
                encrypt(state, black_box(&data), &mut out);
                state::close(state);
            })
        }
        _ => return None,
    })
}

fn squeeze(state: i32, out: &mut [u8]) {
    done(raw::symmetric_state_squeeze(
        state,
        address_mut(out),
        size(out),
    ))
    .unwrap();
}

/// The tag of what was absorbed, of 32 bytes.
fn tag(state: i32) -> [u8; 32] {
    let tag: i32 = result(|out| raw::symmetric_state_squeeze_tag(state, out)).unwrap();
    let mut bytes = [0; 32];
    let at = address_mut(&mut bytes[..]);
    result::<u32>(|out| raw::symmetric_tag_pull(tag, at, 32, out)).unwrap();
    bytes
}

/// A state of an AEAD that has the nonce and the associated data.
fn opened(algorithm: &str, key: i32) -> i32 {
    let options = state::options().unwrap();
    state::set(options, "nonce", &NONCE).unwrap();
    let state = state::open(algorithm, Some(key), Some(options)).unwrap();
    done(raw::options_close(options)).unwrap();
    state::absorb(state, HEADER).unwrap();
    state
}

fn encrypt(state: i32, data: &[u8], out: &mut [u8]) {
    let (at, len) = (address_mut(out), size(out));
    result::<u32>(|written| {
        raw::symmetric_state_encrypt(state, at, len, address(data), size(data), written)
    })
    .unwrap();
}
