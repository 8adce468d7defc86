//! The native and the portable back end do the same.

use wasi_crypto_engine::registry::{ALGORITHMS, Operation};
use wasi_crypto_engine::{Algorithm, Backend, Engine, Error, State};

use crate::fixture::{Random, engine, noise, nonce, options, outcome};

/// Lengths around the boundaries of blocks, of the strides that fast code takes, and none.
fn lengths() -> Vec<usize> {
    let boundaries = [
        16, 32, 48, 64, 96, 128, 136, 168, 192, 256, 384, 512, 1024, 4096, 16_384,
    ];
    let mut lengths: Vec<usize> = (0..40).collect();
    for boundary in boundaries {
        lengths.extend([boundary - 1, boundary, boundary + 1]);
    }
    lengths
}

fn back_ends() -> [Engine; 2] {
    [engine(Backend::Native), engine(Backend::Portable)]
}

fn open(engine: &Engine, row: &Algorithm, random: &mut Random) -> State {
    let mut options = options(engine, row);
    if let Some(nonce) = nonce(row) {
        options
            .set("nonce", &noise(random.next(), nonce.len()))
            .unwrap();
    }
    let key = row.key.generated().map(|len| {
        let raw = noise(random.next(), len);
        engine.import_key(row.name, &raw).expect(row.name)
    });
    engine
        .open(row.name, key.as_ref(), Some(&options))
        .expect(row.name)
}

#[test]
fn both_back_ends_encrypt_to_the_same_and_decrypt_each_others_messages() {
    let engines = back_ends();
    for row in ALGORITHMS.iter().filter(|row| row.has(Operation::Encrypt)) {
        for (index, len) in lengths().into_iter().enumerate() {
            let seed = 1000 * len as u64 + index as u64;
            let header = noise(seed + 1, lengths()[(index * 7) % lengths().len()]);
            let message = noise(seed, len);
            let states = || {
                engines.each_ref().map(|engine| {
                    let mut state = open(engine, row, &mut Random::new(seed));
                    if row.has(Operation::Absorb) {
                        state.absorb(&header).expect(row.name);
                    }
                    state
                })
            };
            let [native, portable] = states().map(|mut state| state.encrypt(&message).unwrap());
            assert!(native == portable, "{} of {len} bytes", row.name);
            let [by_native, by_portable] = states().map(|mut state| state.decrypt(&native));
            assert_eq!(by_native.expect(row.name).as_slice(), message);
            assert_eq!(by_portable.expect(row.name).as_slice(), message);
            if row.has(Operation::DecryptDetached) {
                let mut forged = native.clone();
                let at = (seed as usize * 31) % forged.len();
                forged[at] ^= 1;
                for mut state in states() {
                    assert_eq!(
                        state.decrypt(&forged).err(),
                        Some(Error::InvalidTag),
                        "{}",
                        row.name
                    );
                }
            }
        }
    }
}

#[test]
fn both_back_ends_absorb_to_the_same() {
    let engines = back_ends();
    for row in ALGORITHMS.iter().filter(|row| row.has(Operation::Absorb)) {
        for len in lengths() {
            let data = noise(len as u64, len);
            let [native, portable] = engines.each_ref().map(|engine| {
                let mut state = open(engine, row, &mut Random::new(len as u64));
                for piece in data.chunks(1000) {
                    state.absorb(piece).expect(row.name);
                }
                outcome(engine, &mut state)
            });
            assert_eq!(native, portable, "{} of {len} bytes", row.name);
        }
    }
}

#[test]
fn rows_name_two_crates_where_there_are_two_implementations() {
    let two = ALGORITHMS
        .iter()
        .filter(|row| row.crates.native != row.crates.portable)
        .count();
    assert_eq!(two > 0, cfg!(feature = "native"));
}
