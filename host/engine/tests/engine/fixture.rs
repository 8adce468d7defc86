//! Engines, keys, options and states for any row.

use wasi_crypto_engine::registry::{ALGORITHMS, Kind, NonceRule, Operation};
use wasi_crypto_engine::{
    Algorithm, Backend, Category, Engine, Key, Limits, Options, Policy, State,
};

/// Both back ends. Without the feature `native` they are the same one.
pub const BACKENDS: [Backend; 2] = [Backend::Native, Backend::Portable];

pub fn engine(backend: Backend) -> Engine {
    Engine::new(backend, Limits::default(), Policy::default())
}

/// Every row with every back end.
pub fn rows() -> impl Iterator<Item = (Engine, &'static Algorithm)> {
    BACKENDS.into_iter().flat_map(|backend| {
        let engine = engine(backend);
        ALGORITHMS.iter().map(move |row| (engine.clone(), row))
    })
}

/// The rows that have `operation`.
pub fn rows_with(operation: Operation) -> impl Iterator<Item = (Engine, &'static Algorithm)> {
    rows().filter(move |(_, row)| row.has(operation))
}

/// The rows that use a nonce up by encrypting.
pub fn rows_that_encrypt_once() -> impl Iterator<Item = (Engine, &'static Algorithm)> {
    rows().filter(|(_, row)| matches!(row.kind, Kind::Aead | Kind::BlockMode))
}

/// The same key each time, of the length that the row generates; none for an unkeyed row.
pub fn key(engine: &Engine, row: &Algorithm) -> Option<Key> {
    let raw: Vec<u8> = (0..row.key.generated()?).map(|i| i as u8).collect();
    Some(engine.import_key(row.name, &raw).expect(row.name))
}

/// A nonce that the row takes; none where it takes none.
pub fn nonce(row: &Algorithm) -> Option<Vec<u8>> {
    match row.nonce {
        NonceRule::Required(len) | NonceRule::Generated(len) => Some(vec![7; len]),
        NonceRule::Optional { .. } | NonceRule::Any => Some(vec![7; 16]),
        _ => None,
    }
}

/// Options under which two states of the row do the same, cheaply.
pub fn options(engine: &Engine, row: &Algorithm) -> Options {
    let mut options = engine.options(Category::Symmetric);
    if let Some(nonce) = nonce(row) {
        options.set("nonce", &nonce).unwrap();
    }
    match row.kind {
        Kind::PasswordHash => {
            options.set("salt", b"sixteen bytes ok").unwrap();
            for &(name, value) in cheap_costs(row) {
                options.set_u64(name, value).unwrap();
            }
        }
        Kind::Session if row.name.starts_with("STROBE") => {
            options.set("context", b"test protocol").unwrap();
        }
        _ => {}
    }
    options
}

fn cheap_costs(row: &Algorithm) -> &'static [(&'static str, u64)] {
    if row.name.starts_with("ARGON2") {
        &[("memory_limit", 64 << 10), ("ops_limit", 1)]
    } else if row.name == "SCRYPT" {
        &[("ops_limit", 16)]
    } else {
        &[("ops_limit", 2)]
    }
}

/// A state with [`key`] and [`options`].
pub fn open(engine: &Engine, row: &Algorithm) -> State {
    open_with(engine, row, &options(engine, row))
}

/// A state with [`key`] and other options.
pub fn open_with(engine: &Engine, row: &Algorithm, options: &Options) -> State {
    let key = key(engine, row);
    engine
        .open(row.name, key.as_ref(), Some(options))
        .unwrap_or_else(|error| panic!("{}: {error}", row.name))
}

/// A state without a key where the row takes one or none; otherwise with one.
pub fn open_unkeyed(engine: &Engine, row: &Algorithm) -> Option<State> {
    if row.key.is_required() {
        return None;
    }
    let mut options = engine.options(Category::Symmetric);
    if row.name.starts_with("STROBE") {
        options.set("context", b"test protocol").unwrap();
    }
    Some(engine.open(row.name, None, Some(&options)).expect(row.name))
}

/// The row whose keys an extract row makes.
pub fn counterpart(extract: &Algorithm) -> String {
    extract.name.replace("EXTRACT", "EXPAND")
}

/// As many bytes as `state` squeezes, 32 at most.
pub fn squeeze(state: &mut State) -> Vec<u8> {
    let fits = |len: &u64| state.check_squeeze(*len).is_ok();
    let len = (1..=32).rev().find(fits).expect("a row that squeezes");
    state.squeeze(len).unwrap().to_vec()
}

/// Bytes that depend on all that `state` has absorbed, by whichever operation the row has.
pub fn outcome(engine: &Engine, state: &mut State) -> Vec<u8> {
    let row = state.algorithm();
    if row.has(Operation::Squeeze) {
        squeeze(state)
    } else if row.has(Operation::SqueezeTag) {
        state.squeeze_tag().expect(row.name).as_bytes().to_vec()
    } else if row.has(Operation::Encrypt) {
        state.encrypt(b"a message").expect(row.name)
    } else {
        let key = state.squeeze_key(&counterpart(row)).expect(row.name);
        engine.export_key(&key).expect(row.name).to_vec()
    }
}

/// The outcome of absorbing each of `parts`.
pub fn outcome_of(engine: &Engine, row: &Algorithm, parts: &[&[u8]]) -> Vec<u8> {
    let mut state = open(engine, row);
    for part in parts {
        state.absorb(part).expect(row.name);
    }
    outcome(engine, &mut state)
}

/// Bytes that are the same on each run, and look like any.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    (0..len).map(|_| random.next() as u8).collect()
}

/// A small generator (xorshift64*), so that a failing test can be run again.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
