//! The engine, called directly.

use std::hint::black_box;

use wasi_crypto_engine::registry::{ALGORITHMS, Kind, NonceRule, Operation};
use wasi_crypto_engine::{
    Algorithm, Backend, Category, Engine, Key, Limits, Options, Policy, registry,
};

use crate::{Contender, SIZES, Task, Who, Work};

/// Bytes of what is squeezed where a message is absorbed.
const OUTPUT: usize = 32;
/// Bytes that HMAC_DRBG gives at once.
const LARGEST_REQUEST: usize = 1 << 16;
/// The cost of a password hash that takes iterations.
const ITERATIONS: u64 = 1000;
/// The memory of Argon2.
const MEMORY: u64 = 1 << 20;

/// Everything that is measured.
pub(crate) fn tasks() -> impl Iterator<Item = Task> {
    ALGORITHMS.iter().flat_map(|row| {
        let sizes = SIZES.iter().filter(move |size| takes(row, **size));
        sizes.flat_map(move |&size| {
            operations(row).iter().map(move |operation| Task {
                row: row.name,
                operation,
                size,
            })
        })
    })
}

fn takes(row: &Algorithm, size: usize) -> bool {
    match row.kind {
        // Its output ends, and a password has no size that matters.
        Kind::Expand | Kind::PasswordHash => size == SIZES[0],
        Kind::Generator => size <= LARGEST_REQUEST,
        _ => true,
    }
}

fn operations(row: &Algorithm) -> &'static [&'static str] {
    match row.kind {
        Kind::Aead => &["encrypt", "decrypt", "state: encrypt"],
        Kind::BlockMode => &["encrypt", "decrypt"],
        Kind::StreamCipher => &["encrypt", "decrypt", "open state: encrypt"],
        Kind::Session => &["encrypt", "state: hash"],
        Kind::Mac => &["authenticate", "state: authenticate"],
        Kind::Hash | Kind::Xof | Kind::TupleHash => &["hash", "state: hash"],
        Kind::Expand | Kind::Generator => &["squeeze"],
        Kind::PasswordHash => &["hash"],
        _ => &["extract"],
    }
}

/// The engine on both of its back ends.
pub(crate) fn contenders(task: &Task) -> Vec<Contender> {
    [
        (Who::Native, Backend::Native),
        (Who::Portable, Backend::Portable),
    ]
    .into_iter()
    .map(|(who, backend)| Contender::new(who, work(task, backend)))
    .collect()
}

fn work(task: &Task, backend: Backend) -> Work {
    let engine = Engine::new(backend, Limits::default(), Policy::default());
    let row = registry::find(task.row).expect("a row of the registry");
    let key = row.key.generated().map(|len| {
        engine
            .import_key(row.name, &vec![7; len])
            .expect("a key of the generated length")
    });
    let subject = Subject {
        engine,
        row,
        key,
        data: vec![0x5a; task.size],
    };
    match task.operation {
        "encrypt" => subject.encrypt(),
        "decrypt" => subject.decrypt(),
        "state: encrypt" => subject.encrypt_in_a_state(),
        "open state: encrypt" => subject.encrypt_in_one_state(),
        "hash" if row.kind == Kind::PasswordHash => subject.hash_a_password(),
        "hash" => subject.hash(),
        "state: hash" => subject.hash_in_a_state(),
        "authenticate" => subject.authenticate(),
        "state: authenticate" => subject.authenticate_in_a_state(),
        "squeeze" => subject.squeeze(),
        "extract" => subject.extract(),
        other => unreachable!("no operation {other}"),
    }
}

/// Why something that the registry lists cannot fail.
const LISTED: &str = "the row lists the operation";

struct Subject {
    engine: Engine,
    row: &'static Algorithm,
    key: Option<Key>,
    data: Vec<u8>,
}

impl Subject {
    fn nonce(&self) -> Option<Vec<u8>> {
        match self.row.nonce {
            NonceRule::Required(len) | NonceRule::Generated(len) => Some(vec![9; len]),
            NonceRule::Optional { .. } | NonceRule::Any => Some(vec![9; 16]),
            _ => None,
        }
    }

    fn options(&self) -> Options {
        let mut options = self.engine.options(Category::Symmetric);
        if let Some(nonce) = self.nonce() {
            options.set("nonce", &nonce).expect("a nonce");
        }
        self.label(&mut options);
        options
    }

    fn label(&self, options: &mut Options) {
        if self.row.name.starts_with("STROBE") {
            options.set("context", b"benchmark").expect("a label");
        }
    }

    fn key(&self) -> &Key {
        self.key.as_ref().expect("the row takes a key")
    }

    fn encrypt(self) -> Work {
        // STROBE needs its label, which the one-shot form has no place for.
        if self.nonce().is_none() {
            return self.encrypt_in_a_state();
        }
        let nonce = self.nonce();
        let len = self.sealed_len();
        let mut out = vec![0; len];
        Box::new(move || {
            let Self { engine, data, .. } = &self;
            let nonce = nonce.as_deref();
            let encryption = engine
                .prepare_encryption(self.key(), nonce, &[], data.len())
                .expect(LISTED);
            encryption
                .encrypt_into(self.key(), nonce, &[], black_box(data), &mut out)
                .expect(LISTED);
            black_box(&out);
        })
    }

    fn sealed_len(&self) -> usize {
        let nonce = self.nonce();
        self.engine
            .prepare_encryption(self.key(), nonce.as_deref(), &[], self.data.len())
            .expect(LISTED)
            .ciphertext_len()
    }

    fn decrypt(self) -> Work {
        let nonce = self.nonce().expect("a nonce");
        let sealed = self
            .engine
            .encrypt(self.key(), Some(&nonce), &[], &self.data)
            .expect(LISTED)
            .ciphertext;
        let room = self
            .engine
            .prepare_decryption(self.key(), Some(nonce.len()), sealed.len())
            .expect(LISTED);
        let mut out = vec![0; room];
        Box::new(move || {
            self.engine
                .decrypt_into(self.key(), Some(&nonce), &[], black_box(&sealed), &mut out)
                .expect(LISTED);
            black_box(&out);
        })
    }

    fn encrypt_in_a_state(self) -> Work {
        let options = self.options();
        let mut out = Vec::new();
        Box::new(move || {
            let mut state = self
                .engine
                .open(self.row.name, self.key.as_ref(), Some(&options))
                .expect(LISTED);
            out.resize(state.ciphertext_len(self.data.len()).expect(LISTED), 0);
            state
                .encrypt_into(black_box(&self.data), &mut out)
                .expect(LISTED);
            black_box(&out);
        })
    }

    fn encrypt_in_one_state(self) -> Work {
        let options = self.options();
        let mut state = self
            .engine
            .open(self.row.name, self.key.as_ref(), Some(&options))
            .expect(LISTED);
        let mut out = vec![0; self.data.len()];
        Box::new(move || {
            state
                .encrypt_into(black_box(&self.data), &mut out)
                .expect(LISTED);
            black_box(&out);
        })
    }

    fn hash(self) -> Work {
        let mut out = [0; OUTPUT];
        Box::new(move || {
            let Self { engine, data, .. } = &self;
            let hashing = engine
                .prepare_hash(self.row, black_box(data), out.len() as u64)
                .expect(LISTED);
            hashing.hash_into(data, &mut out).expect(LISTED);
            black_box(&out);
        })
    }

    fn hash_in_a_state(self) -> Work {
        let options = self.options();
        // A hash is measured without a key where both will do.
        let key = self.row.key.is_required() || self.row.kind == Kind::Session;
        let key = self.key.clone().filter(|_| key);
        let mut out = [0; OUTPUT];
        Box::new(move || {
            let mut state = self
                .engine
                .open(self.row.name, key.as_ref(), Some(&options))
                .expect(LISTED);
            state.absorb(black_box(&self.data)).expect(LISTED);
            state.squeeze_into(&mut out).expect(LISTED);
            black_box(&out);
        })
    }

    fn hash_a_password(self) -> Work {
        let mut options = self.engine.options(Category::Symmetric);
        options.set("salt", &[3; 16]).expect("a salt");
        let cost = if self.row.name.starts_with("ARGON2") {
            options.set_u64("memory_limit", MEMORY).expect("memory");
            1
        } else if self.row.name == "SCRYPT" {
            1024
        } else {
            ITERATIONS
        };
        options.set_u64("ops_limit", cost).expect("a cost");
        let mut out = [0; OUTPUT];
        Box::new(move || {
            let mut state = self
                .engine
                .open(self.row.name, None, Some(&options))
                .expect(LISTED);
            state.absorb(black_box(&self.data)).expect(LISTED);
            state.squeeze_into(&mut out).expect(LISTED);
            black_box(&out);
        })
    }

    fn authenticate(self) -> Work {
        Box::new(move || {
            let tag = self.engine.authenticate(self.key(), black_box(&self.data));
            black_box(tag.expect(LISTED));
        })
    }

    fn authenticate_in_a_state(self) -> Work {
        Box::new(move || {
            let mut state = self
                .engine
                .open(self.row.name, self.key.as_ref(), None)
                .expect(LISTED);
            state.absorb(black_box(&self.data)).expect(LISTED);
            black_box(state.squeeze_tag().expect(LISTED));
        })
    }

    fn squeeze(self) -> Work {
        let mut out = vec![0; self.data.len()];
        let generator = self.row.kind == Kind::Generator;
        let open = move || {
            self.engine
                .open(self.row.name, self.key.as_ref(), None)
                .expect(LISTED)
        };
        let mut one = open();
        Box::new(move || {
            if generator {
                one.squeeze_into(&mut out).expect(LISTED);
            } else {
                open().squeeze_into(&mut out).expect(LISTED);
            }
            black_box(&out);
        })
    }

    fn extract(self) -> Work {
        let target = self.row.name.replace("EXTRACT", "EXPAND");
        assert!(self.row.has(Operation::SqueezeKey));
        Box::new(move || {
            let mut state = self
                .engine
                .open(self.row.name, self.key.as_ref(), None)
                .expect(LISTED);
            state.absorb(black_box(&self.data)).expect(LISTED);
            black_box(state.squeeze_key(&target).expect(LISTED));
        })
    }
}
