//! Turns bytes into operations on the engine. Whatever the bytes are, nothing may panic, no failed decryption may leave
//! anything but zeros, and both back ends have to agree.

pub mod modules;

use arbitrary::{Result, Unstructured};
use wasi_crypto_engine::registry::{ALGORITHMS, Kind};
use wasi_crypto_engine::{
    Algorithm, Backend, Category, Engine, Error, Key, Limits, OptionType, Options, Policy, State,
};

/// States that one input has at a time.
const STATES: usize = 4;

/// Plays `data` on an algorithm of one of the `kinds`, on both back ends.
pub fn drive(kinds: &[Kind], data: &[u8]) {
    let rows: Vec<&'static Algorithm> = ALGORITHMS
        .iter()
        .filter(|row| kinds.contains(&row.kind))
        .collect();
    let results = [Backend::Native, Backend::Portable].map(|backend| {
        let mut results = Vec::new();
        // The end of the data is the end of the input, not a failure.
        let _ = play(&rows, backend, &mut Unstructured::new(data), &mut results);
        results
    });
    // Generated keys, nonces and salts differ by design; an input that has none gets the same from both.
    let [native, portable] = results;
    for (native, portable) in native.iter().zip(&portable) {
        match (native, portable) {
            (Output::Same(native), Output::Same(portable)) => assert_eq!(native, portable),
            (Output::Random, Output::Random) => {}
            _ => panic!("the back ends disagree"),
        }
    }
}

/// What one operation gave.
enum Output {
    Same(std::result::Result<Vec<u8>, Error>),
    Random,
}

struct Player<'a> {
    engine: Engine,
    random: bool,
    /// The options that were set.
    set: Vec<&'static str>,
    results: &'a mut Vec<Output>,
}

fn play(
    rows: &[&'static Algorithm],
    backend: Backend,
    input: &mut Unstructured<'_>,
    results: &mut Vec<Output>,
) -> Result<()> {
    let row = *input.choose(rows)?;
    let mut player = Player {
        engine: Engine::new(backend, limits(), Policy::default()),
        random: false,
        set: Vec::new(),
        results,
    };
    let key = player.key(row, input)?;
    let options = player.options(row, input)?;
    let opened = player.engine.open(row.name, key.as_ref(), Some(&options));
    let mut states = match opened {
        Ok(state) => vec![state],
        Err(error) => {
            player.report(Err(error));
            return Ok(());
        }
    };
    // Whatever was not given and has a value now was generated.
    player.random |= ["nonce", "salt"]
        .iter()
        .any(|name| states[0].option(name).is_ok() && !player.set.contains(name));
    while !input.is_empty() && !states.is_empty() {
        player.step(&mut states, input)?;
    }
    Ok(())
}

/// Cheap enough for thousands of inputs a second.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.buffered_bytes = 1 << 20;
    limits.squeeze_bytes = 1 << 16;
    limits.password_memory = 1 << 18;
    limits.password_work = 1 << 19;
    limits.scrypt_work = 1 << 8;
    limits.pbkdf2_iterations = 50;
    limits
}

impl Player<'_> {
    fn report(&mut self, result: std::result::Result<Vec<u8>, Error>) {
        if let Err(error) = &result {
            assert!(
                !matches!(error, Error::InternalError | Error::AlgorithmFailure),
                "{error:?}"
            );
        }
        // Not even failures are the same then: unauthenticated padding is right by chance.
        let output = if self.random {
            Output::Random
        } else {
            Output::Same(result)
        };
        self.results.push(output);
    }

    fn key(&mut self, row: &Algorithm, input: &mut Unstructured<'_>) -> Result<Option<Key>> {
        let key = match input.int_in_range(0..=3)? {
            0 => return Ok(None),
            1 => self.engine.import_key(row.name, bytes(input, 200)?),
            _ => {
                let raw = vec![input.arbitrary()?; row.key.generated().unwrap_or(0)];
                self.engine.import_key(row.name, &raw)
            }
        };
        self.report(key.as_ref().map(|_| Vec::new()).map_err(|error| *error));
        Ok(key.ok())
    }

    fn options(&mut self, row: &Algorithm, input: &mut Unstructured<'_>) -> Result<Options> {
        let mut options = self.engine.options(Category::Symmetric);
        for name in row.options {
            if input.ratio(1, 2)? {
                continue;
            }
            let name_text = name.as_str();
            let set = match name.option_type() {
                OptionType::Bytes => {
                    let exact = *input.choose(&[0, 8, 12, 16, 24, 32])?;
                    let value = if input.ratio(3, 4)? {
                        vec![input.arbitrary()?; exact]
                    } else {
                        bytes(input, 300)?.to_vec()
                    };
                    options.set(name_text, &value)
                }
                OptionType::Integer => options.set_u64(name_text, integer(input)?),
                OptionType::Buffer => options.set_guest_buffer(name_text, integer(input)?),
            };
            if set.is_ok() {
                self.set.push(name_text);
            }
            self.report(set.map(|()| Vec::new()));
        }
        Ok(options)
    }

    fn step(&mut self, states: &mut Vec<State>, input: &mut Unstructured<'_>) -> Result<()> {
        let index = input.choose_index(states.len())?;
        let operation = input.int_in_range(0..=11)?;
        let data = bytes(input, 4096)?;
        let state = &mut states[index];
        let result = match operation {
            0 => state.absorb(data).map(|()| Vec::new()),
            1 => state.squeeze(data.len() as u64).map(|out| out.to_vec()),
            2 => state.squeeze(input.arbitrary()?).map(|out| out.to_vec()),
            3 => state.squeeze_tag().map(|tag| {
                assert!(tag.verify(tag.as_bytes()).is_ok());
                tag.as_bytes().to_vec()
            }),
            4 => {
                let target = input.choose(ALGORITHMS)?;
                state.squeeze_key(target.name).map(|_| Vec::new())
            }
            5 => state.encrypt(data),
            6 => state.encrypt_detached(data).map(|(mut out, tag)| {
                out.extend_from_slice(tag.as_bytes());
                out
            }),
            7 => decrypt(state, data),
            8 => {
                let tag = bytes(input, 40)?;
                state.decrypt_detached(data, tag).map(|out| out.to_vec())
            }
            9 => state.ratchet().map(|()| Vec::new()),
            10 => match state.try_clone() {
                Ok(clone) => {
                    if states.len() < STATES {
                        states.push(clone);
                    }
                    Ok(Vec::new())
                }
                Err(error) => Err(error),
            },
            _ => {
                states.swap_remove(index);
                Ok(Vec::new())
            }
        };
        self.report(result);
        Ok(())
    }
}

fn decrypt(state: &mut State, data: &[u8]) -> std::result::Result<Vec<u8>, Error> {
    let len = state.message_len(data.len())?;
    let mut out = vec![0xee; len];
    match state.decrypt_into(data, &mut out) {
        Ok(len) => {
            out.truncate(len);
            Ok(out)
        }
        Err(error) => {
            assert!(out.iter().all(|byte| *byte == 0), "plaintext left behind");
            Err(error)
        }
    }
}

fn bytes<'a>(input: &mut Unstructured<'a>, most: usize) -> Result<&'a [u8]> {
    let len = input.int_in_range(0..=most)?.min(input.len());
    input.bytes(len)
}

fn integer(input: &mut Unstructured<'_>) -> Result<u64> {
    const EDGES: [u64; 11] = [0, 1, 2, 3, 8, 16, 32, 8192, 1 << 16, 1 << 32, u64::MAX];
    if input.ratio(3, 4)? {
        input.choose(&EDGES).copied()
    } else {
        input.arbitrary()
    }
}
