//! Many objects, at once or one after the other.

use wasi_crypto_test_guests::common::CryptoErrno;
use wasi_crypto_test_guests::symmetric::{SymmetricKey, SymmetricState, SymmetricTag};
use wasi_crypto_test_guests::{Result, Routine, name, options, say, say_result, with_nonce};

pub const ROUTINES: &[Routine] = &[
    ("too-many-handles", too_many_handles),
    ("many-states", many_states),
    ("many-keys", many_keys),
    ("open-and-close", open_and_close),
];

const CYCLES: usize = 100_000;

/// Makes objects until there is an errno.
fn fill<T>(make: impl Fn() -> Result<T>) -> (Vec<T>, CryptoErrno) {
    let mut made = Vec::new();
    loop {
        match make() {
            Ok(object) => made.push(object),
            Err(errno) => return (made, errno),
        }
    }
}

fn too_many_handles() -> Result<()> {
    let hash = || SymmetricState::open("SHA-256", None, None);
    let (mut states, errno) = fill(hash);
    say("states", states.len());
    say("one more", name(errno));
    say_result("options", &options());
    say_result("key", &SymmetricKey::generate("AES-128-GCM", None));
    say_result("clone", &SymmetricState::clone(&states[0]));
    states.pop();
    let (mut again, _) = fill(hash);
    say("after closing one", again.len());
    states.append(&mut again);
    states.clear();
    let (states, _) = fill(hash);
    say("after closing all", states.len());
    drop(states);

    let key = SymmetricKey::generate("HMAC/SHA-256", None)?;
    let mac = SymmetricState::open("HMAC/SHA-256", Some(&key), None)?;
    let (tags, errno) = fill(|| mac.squeeze_tag());
    say("tags beside a key and a state", tags.len());
    say("one more", name(errno));
    let key = SymmetricTag::pull(tags.into_iter().next().ok_or(CryptoErrno::InternalError)?);
    say("tag", key.len());
    let (sets, _) = fill(options);
    say("options beside a key and a state", sets.len());
    Ok(())
}

/// As many states as there can be of each algorithm on the command line, with something absorbed.
fn many_states() -> Result<()> {
    for algorithm in std::env::args().skip(2) {
        let (states, errno) = fill(|| {
            let state = open_somehow(&algorithm)?;
            // Where that is not possible, an empty state will do.
            let _ = state.absorb(b"data");
            Ok(state)
        });
        say(&algorithm, format_args!("{} {}", states.len(), name(errno)));
    }
    Ok(())
}

/// As many keys as there can be of each algorithm on the command line.
fn many_keys() -> Result<()> {
    for algorithm in std::env::args().skip(2) {
        let (keys, errno) = fill(|| SymmetricKey::generate(&algorithm, None));
        say(&algorithm, format_args!("{} {}", keys.len(), name(errno)));
    }
    Ok(())
}

fn open_somehow(algorithm: &str) -> Result<SymmetricState> {
    let key = SymmetricKey::generate(algorithm, None).ok();
    let mut last = CryptoErrno::InternalError;
    for nonce_len in [None, Some(12), Some(16)] {
        let options = match nonce_len {
            None => options()?,
            Some(len) => with_nonce(&vec![0; len])?,
        };
        for context in [false, true] {
            if context {
                options.set("context", b"context")?;
            }
            match SymmetricState::open(algorithm, key.as_ref(), Some(&options)) {
                Ok(state) => return Ok(state),
                Err(CryptoErrno::TooManyHandles) => return Err(CryptoErrno::TooManyHandles),
                Err(errno) => last = errno,
            }
        }
    }
    Err(last)
}

fn open_and_close() -> Result<()> {
    for _ in 0..CYCLES {
        let options = with_nonce(&[0; 12])?;
        let key = SymmetricKey::import("AES-128-GCM", &[0; 16])?;
        let state = SymmetricState::open("AES-128-GCM", Some(&key), Some(&options))?;
        let (_, tag) = state.encrypt_detached(b"")?;
        drop(tag);
    }
    say("cycles", CYCLES);
    Ok(())
}
