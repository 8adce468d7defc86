//! Each allocation whose size a guest decides fails in turn, for every algorithm: an errno, and never the end of the process.

use std::process::Command;

use wasi_crypto_engine::registry::{ALGORITHMS, KeyRule, Kind, NonceRule, Operation};
use wasi_crypto_engine::{
    Algorithm, Backend, Category, Engine, Error, Key, Limits, OptionName, Options, Policy, Result,
    State,
};
use wasi_crypto_test_allocators::{Failing, SMALL, with_failing};

/// What a guest gives and asks for here.
const LARGE: usize = 20_000;
static DATA: [u8; LARGE] = [b'a'; LARGE];

#[global_allocator]
static ALLOCATOR: Failing = Failing;

/// Has each large allocation of `operation` fail in turn, up to the `most`-th, until it succeeds with none failing; each time
/// on what `setup` has made. Returns how many there are.
fn each_fails<S, R>(
    name: &str,
    most: usize,
    setup: impl Fn() -> S,
    operation: impl Fn(&mut S) -> Result<R>,
) -> usize {
    for failing in 1..=most {
        let mut subject = setup();
        // In case the process ends: this is what it did last.
        eprintln!("{name}: {failing}");
        let (result, failed) = with_failing(failing, || operation(&mut subject));
        if !failed {
            assert!(result.is_ok(), "{name}: {:?}", result.err());
            return failing - 1;
        }
        assert_eq!(result.err(), Some(Error::Overflow), "{name}: {failing}");
    }
    most
}

/// What the tests do to a row: it has the largest of everything that it takes.
struct Subject {
    engine: Engine,
    row: &'static Algorithm,
}

impl Subject {
    fn raw_key(&self) -> Option<&'static [u8]> {
        let len = match self.row.key {
            KeyRule::Optional { max, .. } | KeyRule::Required { max, .. } => max.min(LARGE),
            _ => return None,
        };
        Some(&DATA[..len])
    }

    fn key(&self) -> Option<Key> {
        let raw = self.raw_key()?;
        Some(self.engine.import_key(self.row.name, raw).unwrap())
    }

    fn takes(&self, name: OptionName) -> bool {
        self.row.options.contains(&name)
    }

    fn nonce(&self) -> Option<&'static [u8]> {
        match self.row.nonce {
            NonceRule::Required(len) | NonceRule::Generated(len) => Some(&DATA[..len]),
            NonceRule::Optional { max } => Some(&DATA[..max]),
            NonceRule::Any => Some(&DATA),
            _ => None,
        }
    }

    fn options(&self) -> Result<Options> {
        let mut options = self.engine.options(Category::Symmetric);
        if let Some(nonce) = self.nonce() {
            options.set("nonce", nonce)?;
        }
        let family = |name: &str| self.row.name.starts_with(name);
        // BLAKE2b and Argon2 take a few bytes; BLAKE3 takes a context or a key.
        if self.takes(OptionName::Context) && !family("BLAKE") && !family("ARGON2") {
            options.set("context", &DATA)?;
        }
        if self.row.kind == Kind::PasswordHash {
            options.set("salt", &DATA)?;
            if family("ARGON2") {
                options.set_u64("memory_limit", 64 << 10)?;
                options.set_u64("parallelism", 2)?;
            }
            let work = if family("SCRYPT") { 64 } else { 2 };
            options.set_u64("ops_limit", work)?;
        }
        Ok(options)
    }

    fn open(&self) -> State {
        self.try_open().expect(self.row.name)
    }

    fn try_open(&self) -> Result<State> {
        let raw = self.raw_key();
        let key = raw.map(|raw| self.engine.import_key(self.row.name, raw));
        let (key, options) = (key.transpose()?, self.options()?);
        self.engine
            .open(self.row.name, key.as_ref(), Some(&options))
    }

    fn absorbed(&self) -> State {
        let mut state = self.open();
        if self.row.has(Operation::Absorb) {
            state.absorb(&DATA).unwrap();
        }
        state
    }

    /// How many allocations come before those of scrypt's crate, which ends the process where it gets no memory; SECURITY.md
    /// says so.
    fn before_scrypt(&self, most: usize) -> usize {
        if self.row.name == "SCRYPT" {
            most
        } else {
            usize::MAX
        }
    }

    fn run(&self) {
        let name = |operation| {
            let (row, backend) = (self.row.name, self.engine.backend());
            format!("{row} on {backend:?}, {operation}")
        };
        let has = |operation| self.row.has(operation);
        let all = usize::MAX;

        each_fails(&name("open"), all, || (), |()| self.try_open());
        if self.raw_key().is_some() {
            let key = || self.key().unwrap();
            let other = Engine::new(self.engine.backend(), Limits::default(), Policy::default());
            each_fails(&name("export"), all, key, |key| self.engine.export_key(key));
            each_fails(&name("store"), all, key, |key| {
                self.engine.key_to_store(key)
            });
            each_fails(&name("admit"), all, key, |key| other.admit_key(key));
        }
        if has(Operation::Absorb) {
            let open = || self.open();
            each_fails(&name("absorb"), all, open, |state| {
                state.absorb(&DATA)?;
                state.absorb(&DATA)
            });
        }
        each_fails(
            &name("clone"),
            all,
            || self.absorbed(),
            |state| match state.try_clone() {
                // It could only repeat a key stream.
                Err(Error::UnsupportedFeature) => Ok(()),
                cloned => cloned.map(drop),
            },
        );
        self.outputs(&name);
        self.ciphers(&name);
        self.in_one_call(&name);
    }

    fn outputs(&self, name: &impl Fn(&'static str) -> String) {
        let absorbed = || self.absorbed();
        let longest = [LARGE, 8000, 64, 32].into_iter().find(|&len| {
            let known = absorbed().check_squeeze(len as u64);
            known.is_ok()
        });
        if let Some(len) = longest {
            each_fails(&name("squeeze"), self.before_scrypt(2), absorbed, |state| {
                state.squeeze(len as u64)
            });
            if !matches!(self.row.kind, Kind::PasswordHash) {
                let squeezed = || {
                    let mut state = absorbed();
                    state.squeeze(16).unwrap();
                    state
                };
                each_fails(
                    &name("clone of a squeezed one"),
                    usize::MAX,
                    squeezed,
                    |state| match state.try_clone() {
                        Err(Error::UnsupportedFeature) => Ok(()),
                        cloned => cloned.map(drop),
                    },
                );
            }
        }
        // An unkeyed BLAKE3 has none, but here it has a key.
        if self.row.has(Operation::SqueezeTag) && self.row.kind != Kind::PasswordHash {
            each_fails(&name("tag"), usize::MAX, absorbed, State::squeeze_tag);
        }
        if self.row.has(Operation::SqueezeKey) {
            let target = match self.row.kind {
                Kind::Extract => self.row.name.replace("EXTRACT", "EXPAND"),
                _ => "HMAC/SHA-512".to_owned(),
            };
            each_fails(&name("key"), usize::MAX, absorbed, |state| {
                state.squeeze_key(&target)
            });
        }
        if self.row.kind == Kind::PasswordHash {
            self.stored(name);
        }
    }

    /// A stored string whose salt and hash are long.
    fn stored(&self, name: &impl Fn(&'static str) -> String) {
        let head = match self.row.name {
            "ARGON2-D-13" => "$argon2d$v=19$m=64,t=1,p=2",
            "ARGON2-I-13" => "$argon2i$v=19$m=64,t=1,p=2",
            "ARGON2-ID-13" => "$argon2id$v=19$m=64,t=1,p=2",
            "SCRYPT" => "$scrypt$ln=6,r=8,p=1",
            "PBKDF2/SHA-256" => "$pbkdf2-sha256$i=2",
            "PBKDF2/SHA-512" => "$pbkdf2-sha512$i=2",
            other => panic!("{other} is a password hash without an example here"),
        };
        let base64 = "A".repeat(LARGE);
        let phc = format!("{head}${base64}${base64}");
        let open = || {
            let mut options = self.engine.options(Category::Symmetric);
            options.set("phc", phc.as_bytes())?;
            self.engine.open(self.row.name, None, Some(&options))
        };
        each_fails(&name("open stored"), usize::MAX, || (), |()| open());
        each_fails(
            &name("verify stored"),
            self.before_scrypt(2),
            || open().unwrap(),
            State::squeeze_tag,
        );
    }

    fn ciphers(&self, name: &impl Fn(&'static str) -> String) {
        let has = |operation| self.row.has(operation);
        let absorbed = || self.absorbed();
        if has(Operation::Encrypt) {
            each_fails(&name("encrypt"), usize::MAX, absorbed, |state| {
                state.encrypt(&DATA)
            });
            let ciphertext = absorbed().encrypt(&DATA).unwrap();
            each_fails(&name("decrypt"), usize::MAX, absorbed, |state| {
                state.decrypt(&ciphertext)
            });
        }
        if has(Operation::EncryptDetached) {
            each_fails(&name("detached"), usize::MAX, absorbed, |state| {
                state.encrypt_detached(&DATA)
            });
            let (ciphertext, tag) = absorbed().encrypt_detached(&DATA).unwrap();
            each_fails(&name("decrypt detached"), usize::MAX, absorbed, |state| {
                state.decrypt_detached(&ciphertext, tag.as_bytes())
            });
        }
        if has(Operation::Ratchet) {
            each_fails(&name("ratchet"), usize::MAX, absorbed, State::ratchet);
        }
    }

    fn in_one_call(&self, name: &impl Fn(&'static str) -> String) {
        let engine = &self.engine;
        let all = usize::MAX;
        // STROBE wants a context, and the others have refused, or want keys.
        for len in [LARGE as u64, 32] {
            if engine.hash(self.row.name, &DATA, len).is_ok() {
                each_fails(
                    &name("hash"),
                    all,
                    || (),
                    |()| engine.hash(self.row.name, &DATA, len),
                );
            }
        }
        let Some(key) = self.key() else {
            return;
        };
        if let Ok(tag) = engine.authenticate(&key, &DATA) {
            each_fails(
                &name("authenticate"),
                all,
                || (),
                |()| engine.authenticate(&key, &DATA),
            );
            each_fails(
                &name("verify"),
                all,
                || (),
                |()| engine.verify(&key, &DATA, tag.as_bytes()),
            );
        }
        for len in [LARGE as u64, 8000] {
            if engine.derive(&key, &DATA, len).is_ok() {
                each_fails(
                    &name("derive"),
                    all,
                    || (),
                    |()| engine.derive(&key, &DATA, len),
                );
            }
        }
        if let Ok(sealed) = engine.encrypt(&key, self.nonce(), &DATA, &DATA) {
            each_fails(
                &name("seal"),
                all,
                || (),
                |()| engine.encrypt(&key, self.nonce(), &DATA, &DATA),
            );
            each_fails(
                &name("unseal"),
                all,
                || (),
                |()| engine.decrypt(&key, self.nonce(), &DATA, &sealed.ciphertext),
            );
        }
    }
}

const CHILD: &str = "WASI_CRYPTO_TEST_EXHAUSTION";

#[test]
fn the_allocator_fails_where_it_is_told_to() {
    let count = each_fails(
        "vectors",
        usize::MAX,
        || (),
        |()| {
            let mut vectors = [Vec::<u8>::new(), Vec::new(), Vec::new()];
            for vector in &mut vectors {
                let reserved = vector.try_reserve_exact(SMALL + 1);
                reserved.map_err(|_| Error::Overflow)?;
            }
            Ok(vectors)
        },
    );
    assert_eq!(count, 3);
}

/// Has the threads started that fill the lanes of Argon2. What the library takes for them is more the more cores there are, is
/// taken once, and is no guest's to decide.
fn start_threads() {
    let engine = Engine::default();
    let mut options = engine.options(Category::Symmetric);
    options.set_u64("parallelism", 2).unwrap();
    options.set_u64("memory_limit", 16 << 10).unwrap();
    let mut state = engine.open("ARGON2-ID-13", None, Some(&options)).unwrap();
    state.absorb(b"password").unwrap();
    state.squeeze(32).unwrap();
}

#[test]
fn every_large_allocation_can_fail() {
    if std::env::var_os(CHILD).is_some() {
        start_threads();
        for backend in [Backend::Native, Backend::Portable] {
            for row in ALGORITHMS {
                let engine = Engine::new(backend, Limits::default(), Policy::default());
                Subject { engine, row }.run();
            }
        }
        return;
    }
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program)
        .args(["every_large_allocation_can_fail", "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = errors.lines().collect();
    let last = lines[lines.len().saturating_sub(12)..].join("\n");
    assert!(output.status.success(), "{}\n{last}", output.status);
    assert!(said.contains("1 passed"), "{last}");
}
