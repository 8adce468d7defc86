//! What the calls work on, and the calls for one object at a time.

use wasi_crypto_test_guests::Result;
use wasi_crypto_test_guests::common::{AlgorithmType, CryptoErrno, Options};
use wasi_crypto_test_guests::symmetric::{SymmetricKey, SymmetricState, SymmetricTag};

use crate::data::Random;
use crate::record::Record;

/// More objects of a kind than this are dropped again.
const POOL: usize = 24;

pub struct World {
    pub random: Random,
    pub algorithms: Vec<String>,
    pub options: Vec<Options>,
    pub keys: Vec<(String, SymmetricKey)>,
    pub states: Vec<SymmetricState>,
    pub tags: Vec<SymmetricTag>,
    /// The last ciphertext and the last tag, so that some decryptions succeed.
    pub ciphertext: Vec<u8>,
    pub raw_tag: Vec<u8>,
    pub record: Record,
}

impl World {
    pub fn new(random: Random, algorithms: Vec<String>) -> Self {
        Self {
            random,
            algorithms,
            options: Vec::new(),
            keys: Vec::new(),
            states: Vec::new(),
            tags: Vec::new(),
            ciphertext: Vec::new(),
            raw_tag: Vec::new(),
            record: Record::default(),
        }
    }

    /// Drops everything.
    pub fn close(self) -> Record {
        self.record
    }

    /// Makes one call.
    pub fn step(&mut self) {
        match self.random.below(40) {
            0 => self.open_options(),
            1 | 2 => self.set_option(),
            3 => self.set_option_u64(),
            4 => self.set_buffer(),
            5..8 => self.generate(),
            8 => self.import(),
            9 => self.export(),
            10..14 => self.open(),
            14..34 => self.use_state(),
            34 => self.use_tag(),
            35 | 36 => self.batch(),
            37 => self.one_shot(),
            _ => self.round_trip(),
        }
    }

    pub fn algorithm(&mut self) -> String {
        if self.random.once_in(50) {
            return "NO-SUCH-ALGORITHM".to_owned();
        }
        let name = self.random.pick(&self.algorithms).cloned();
        let name = name.unwrap_or_default();
        if self.random.once_in(10) {
            return name.to_lowercase();
        }
        name
    }

    pub fn data(&mut self) -> Vec<u8> {
        if self.random.once_in(3) {
            self.ciphertext.clone()
        } else {
            self.random.bytes()
        }
    }

    fn open_options(&mut self) {
        let category = match self.random.below(20) {
            0 => AlgorithmType::Signatures,
            1 => AlgorithmType::KeyExchange,
            _ => AlgorithmType::Symmetric,
        };
        let options = Options::open(category);
        self.record.add("options.open", &options, |_| 0);
        keep(&mut self.random, &mut self.options, options);
    }

    fn set_option(&mut self) {
        let (name, value) = (self.random.option(), self.random.bytes());
        if let Some(options) = self.random.pick(&self.options) {
            self.record
                .add("options.set", &options.set(name, &value), |()| 0);
        }
    }

    fn set_option_u64(&mut self) {
        let (name, value) = (self.random.option(), self.random.integer());
        if let Some(options) = self.random.pick(&self.options) {
            self.record
                .add("options.set-u64", &options.set_u64(name, value), |()| 0);
        }
    }

    fn set_buffer(&mut self) {
        let (name, value) = (self.random.option(), self.random.integer());
        if let Some(options) = self.random.pick(&self.options) {
            let set = options.set_guest_buffer(name, value);
            self.record.add("options.set-guest-buffer", &set, |()| 0);
        }
    }

    fn generate(&mut self) {
        let algorithm = self.algorithm();
        let options = some(&mut self.random, &self.options, 8);
        let key = SymmetricKey::generate(&algorithm, options);
        self.record.add("symmetric-key.generate", &key, |_| 0);
        let key = key.map(|key| (algorithm, key));
        keep(&mut self.random, &mut self.keys, key);
    }

    fn import(&mut self) {
        let (algorithm, raw) = (self.algorithm(), self.random.bytes());
        let key = SymmetricKey::import(&algorithm, &raw);
        self.record.add("symmetric-key.import", &key, |_| 0);
        let key = key.map(|key| (algorithm, key));
        keep(&mut self.random, &mut self.keys, key);
    }

    fn export(&mut self) {
        if let Some((_, key)) = self.random.pick(&self.keys) {
            self.record
                .add("symmetric-key.export", &key.export(), Vec::len);
        }
    }

    fn open(&mut self) {
        let mut algorithm = self.algorithm();
        // Mostly with a key of the same algorithm, and with the nonce that it wants, or nothing would ever open.
        let key = some(&mut self.random, &self.keys, 2);
        if let Some((name, _)) = key
            && !self.random.once_in(20)
        {
            algorithm.clone_from(name);
        }
        let key = key.map(|(_, key)| key);
        let nonce = Options::open(AlgorithmType::Symmetric);
        let len = [12, 12, 12, 16, 16, 24, 32][self.random.below(7)];
        let nonce = nonce.and_then(|options| {
            options.set("nonce", &vec![3; len])?;
            Ok(options)
        });
        let options = match nonce {
            Ok(ref options) if self.random.once_in(3) => Some(options),
            _ => some(&mut self.random, &self.options, 3),
        };
        let state = SymmetricState::open(&algorithm, key, options);
        self.record.add("symmetric-state.open", &state, |_| 0);
        keep(&mut self.random, &mut self.states, state);
    }

    fn use_state(&mut self) {
        let operation = self.random.below(16);
        let (data, len) = (self.data(), self.random.squeeze_len());
        let (option, target) = (self.random.option(), self.algorithm());
        let Some(state) = self.random.pick(&self.states) else {
            return;
        };
        let record = &mut self.record;
        match operation {
            0 => record.add(
                "symmetric-state.options-get",
                &state.options_get(option),
                Vec::len,
            ),
            1 => {
                let value = state.options_get_u64(option);
                record.add("symmetric-state.options-get-u64", &value, |_| 0);
            }
            2 => {
                let clone = SymmetricState::clone(state);
                record.add("symmetric-state.clone", &clone, |_| 0);
                keep(&mut self.random, &mut self.states, clone);
            }
            3..6 => record.add("symmetric-state.absorb", &state.absorb(&data), |()| 0),
            6 | 7 => record.add("symmetric-state.squeeze", &state.squeeze(len), Vec::len),
            8 => {
                let tag = state.squeeze_tag();
                record.add("symmetric-state.squeeze-tag", &tag, |tag| {
                    tag.len() as usize
                });
                keep(&mut self.random, &mut self.tags, tag);
            }
            9 => {
                let key = state.squeeze_key(&target);
                record.add("symmetric-state.squeeze-key", &key, |_| 0);
                keep(
                    &mut self.random,
                    &mut self.keys,
                    key.map(|key| (target, key)),
                );
            }
            10 => {
                let len = state.max_tag_len();
                record.add("symmetric-state.max-tag-len", &len, |len| *len as usize);
            }
            11 => {
                let ciphertext = state.encrypt(&data);
                record.add("symmetric-state.encrypt", &ciphertext, Vec::len);
                self.ciphertext = ciphertext.unwrap_or_default();
            }
            12 => {
                let encrypted = state.encrypt_detached(&data);
                record.add(
                    "symmetric-state.encrypt-detached",
                    &encrypted,
                    |(text, tag)| text.len() + tag.len() as usize,
                );
                if let Ok((ciphertext, tag)) = encrypted {
                    self.ciphertext = ciphertext;
                    self.raw_tag = SymmetricTag::pull(tag);
                }
            }
            13 => record.add_verified("symmetric-state.decrypt", &state.decrypt(&data)),
            14 => {
                let message = state.decrypt_detached(&data, &self.raw_tag);
                record.add_verified("symmetric-state.decrypt-detached", &message);
            }
            _ => record.add("symmetric-state.ratchet", &state.ratchet(), |()| 0),
        }
    }

    fn use_tag(&mut self) {
        let index = self.random.below(self.tags.len());
        if self.tags.is_empty() {
            return;
        }
        let expected = self.random.bytes();
        let tag = &self.tags[index];
        self.record
            .add_verified("symmetric-tag.verify", &tag.verify(&expected));
        if self.random.once_in(2) {
            let len = tag.len();
            self.raw_tag = SymmetricTag::pull(self.tags.swap_remove(index));
            let pulled = if self.raw_tag.len() as u64 == len {
                Ok(self.raw_tag.len())
            } else {
                Err(CryptoErrno::InternalError)
            };
            self.record.add("symmetric-tag.pull", &pulled, |len| *len);
        }
    }
}

/// One of `from`, or once in so many times none.
fn some<'a, T>(random: &mut Random, from: &'a [T], times: usize) -> Option<&'a T> {
    if random.once_in(times) {
        None
    } else {
        random.pick(from)
    }
}

/// Puts what was made into its pool; when that is full, in the place of another.
pub fn keep<T>(random: &mut Random, pool: &mut Vec<T>, made: Result<T>) {
    if let Ok(made) = made {
        if pool.len() < POOL {
            pool.push(made);
        } else {
            let index = random.below(pool.len());
            pool[index] = made;
        }
    }
}
