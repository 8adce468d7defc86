//! Arbitrary sequences of operations, over all algorithms: none panics, and none gets a key stream twice.

use std::collections::HashSet;

use wasi_crypto_engine::registry::{ALGORITHMS, Kind, NonceRule};
use wasi_crypto_engine::{Algorithm, Engine, Error, Limits, OptionType, Options, Policy, State};

use crate::fixture::{BACKENDS, Random, counterpart, key, noise, options, rows};

/// Sequences for each row and back end.
const SEQUENCES: u64 = 40;
/// Operations in a sequence.
const STEPS: usize = 40;
/// States of one sequence at a time.
const STATES: usize = 5;

/// Bytes of key stream that never come twice by accident.
const BLOCK: usize = 16;

const LENGTHS: [usize; 14] = [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 64, 65, 168, 300];

/// All states that were cloned from one, and that one.
struct Family {
    engine: Engine,
    row: &'static Algorithm,
    states: Vec<State>,
    /// What was encrypted last, for someone to decrypt.
    ciphertext: Vec<u8>,
    encryptions: usize,
    key_stream: HashSet<Vec<u8>>,
}

impl Family {
    fn step(&mut self, random: &mut Random) {
        let index = random.below(self.states.len());
        let len = LENGTHS[random.below(LENGTHS.len())];
        let data = noise(random.next(), len);
        let operation = random.below(14);
        let count = self.states.len();
        let Some(state) = self.states.get_mut(index) else {
            return;
        };
        let error = match operation {
            0 => state.absorb(&data).err(),
            // Of a stream cipher, what is squeezed is key stream too.
            1 if self.row.kind == Kind::StreamCipher => self.reveal(index, len, |state, zeros| {
                let stream = state.squeeze(zeros.len() as u64)?;
                Ok(stream.to_vec())
            }),
            1 => state.squeeze(len as u64).err(),
            2 => state.squeeze_tag().err(),
            3 => {
                let target = match self.row.kind {
                    Kind::Extract if random.below(2) == 0 => counterpart(self.row),
                    _ => ALGORITHMS[random.below(ALGORITHMS.len())].name.to_owned(),
                };
                state.squeeze_key(&target).err()
            }
            4 => state.max_tag_len().err(),
            5 => self.reveal(index, len, |state, zeros| state.encrypt(zeros)),
            6 => self.reveal(index, len, |state, zeros| {
                let (mut ciphertext, tag) = state.encrypt_detached(zeros)?;
                ciphertext.extend_from_slice(tag.as_bytes());
                Ok(ciphertext)
            }),
            7 => self.decrypt(index, &data),
            8 => {
                let ciphertext = self.ciphertext.clone();
                self.decrypt(index, &ciphertext)
            }
            9 => state.decrypt_detached(&data, &[0; 16]).err(),
            10 => state.ratchet().err(),
            11 => match state.try_clone() {
                Ok(clone) if count < STATES => {
                    self.states.push(clone);
                    None
                }
                cloned => cloned.err(),
            },
            12 if count > 1 => {
                self.states.swap_remove(index);
                None
            }
            _ => state.encrypt_into(&data, &mut vec![0; len / 2]).err(),
        };
        assert!(
            !matches!(
                error,
                Some(Error::InternalError | Error::AlgorithmFailure | Error::RngError)
            ),
            "{} {operation}: {error:?}",
            self.row.name
        );
    }

    /// Encrypts zeros, which shows the key stream.
    fn reveal(
        &mut self,
        index: usize,
        len: usize,
        encrypt: impl FnOnce(&mut State, &[u8]) -> Result<Vec<u8>, Error>,
    ) -> Option<Error> {
        match encrypt(&mut self.states[index], &vec![0; len]) {
            Err(error) => Some(error),
            Ok(out) => {
                self.encryptions += 1;
                for block in out[..len].chunks_exact(BLOCK) {
                    let fresh = self.key_stream.insert(block.to_vec());
                    assert!(fresh, "{}: key stream twice", self.row.name);
                }
                self.ciphertext = out;
                None
            }
        }
    }

    fn decrypt(&mut self, index: usize, data: &[u8]) -> Option<Error> {
        let state = &mut self.states[index];
        let len = state.message_len(data.len()).unwrap_or(data.len());
        let mut out = vec![0xee; len];
        let decrypted = state.decrypt_into(data, &mut out);
        if decrypted.is_err() {
            assert_eq!(out, vec![0; len], "{}", self.row.name);
        }
        decrypted.err()
    }

    fn check(&self) {
        if matches!(self.row.kind, Kind::Aead | Kind::BlockMode) {
            assert!(self.encryptions <= 1, "{} encrypted twice", self.row.name);
        }
    }
}

#[test]
fn no_sequence_panics_or_gets_a_key_stream_twice() {
    for (engine, row) in rows() {
        for seed in 0..SEQUENCES {
            let mut random = Random::new(seed);
            let mut family = Family {
                states: vec![crate::fixture::open(&engine, row)],
                engine: engine.clone(),
                row,
                ciphertext: Vec::new(),
                encryptions: 0,
                key_stream: HashSet::new(),
            };
            for _ in 0..STEPS {
                family.step(&mut random);
                family.check();
            }
            let engine = family.engine.clone();
            drop(family);
            assert_eq!(engine.buffered_bytes(), 0, "{} leaks", row.name);
        }
    }
}

#[test]
fn no_set_of_options_panics() {
    let mut opened = 0;
    for backend in BACKENDS {
        let mut limits = Limits::default();
        // Whatever opens is also used, so it has to be cheap.
        limits.password_memory = 1 << 20;
        limits.password_work = 1 << 21;
        limits.scrypt_work = 1 << 10;
        limits.pbkdf2_iterations = 100;
        let engine = Engine::new(backend, limits, Policy::default());
        for row in ALGORITHMS {
            for seed in 0..SEQUENCES {
                let mut random = Random::new(seed);
                let key = match random.below(4) {
                    0 => None,
                    1 => {
                        let raw = noise(random.next(), random.below(70));
                        engine.import_key(row.name, &raw).ok()
                    }
                    _ => key(&engine, row),
                };
                let options = arbitrary(&engine, row, &mut random);
                let Ok(mut state) = engine.open(row.name, key.as_ref(), Some(&options)) else {
                    continue;
                };
                opened += 1;
                let _ = state.absorb(b"data");
                let _ = state.squeeze(40);
                let _ = state.squeeze_tag();
                if let Ok(ciphertext) = state.encrypt(b"message") {
                    // Sessions have moved on; all others can undo it.
                    let decrypted = state.decrypt(&ciphertext);
                    if !matches!(row.kind, Kind::Session | Kind::StreamCipher) {
                        assert_eq!(decrypted.expect(row.name).as_slice(), b"message");
                    }
                }
                for name in row.options {
                    let _ = state.option(name.as_str());
                    let _ = state.option_u64(name.as_str());
                }
            }
        }
    }
    assert!(opened > 1000, "{opened}");
}

/// Options that the row knows, with values of all kinds.
fn arbitrary(engine: &Engine, row: &Algorithm, random: &mut Random) -> Options {
    const INTEGERS: [u64; 12] = [0, 1, 2, 7, 8, 16, 31, 32, 64, 4096, 1 << 32, u64::MAX];
    let mut options = options(engine, row);
    for name in row.options {
        if random.below(2) == 0 {
            continue;
        }
        let value = INTEGERS[random.below(INTEGERS.len())];
        let set = match name.option_type() {
            OptionType::Bytes => {
                let right = match row.nonce {
                    NonceRule::Required(len) | NonceRule::Generated(len) => len,
                    _ => 16,
                };
                let len = [right, 0, 1, 8, 64, 300][random.below(6)];
                options.set(name.as_str(), &noise(random.next(), len))
            }
            OptionType::Integer => options.set_u64(name.as_str(), value),
            OptionType::Buffer => options.set_guest_buffer(name.as_str(), value),
        };
        set.unwrap();
    }
    options
}
