//! Each large allocation of a batch fails in turn, and the guest gets an errno for the batch or for one of its entries.

use wasi_crypto_engine::{Category, Error};
use wasi_crypto_test_allocators::{Failing, with_failing};
use wasmtime::component::{Resource, ResourceTable};

use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::bindings::wasi_ephemeral::crypto::symmetric::HostSymmetricState;
use crate::bindings::wasi_ephemeral::crypto::symmetric_batch::{
    DecryptDetachedParams, DecryptParams, EncryptParams, Host as Batch, SqueezeParams,
};
use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot::{Host as OneShot, Message};
use crate::error::CryptoError;
use crate::error::Result;
use crate::{Options, SymmetricKey, SymmetricState, WasiCryptoCtx, WasiCryptoCtxView};

const LARGE: usize = 20_000;

#[global_allocator]
static ALLOCATOR: Failing = Failing;

struct Guest {
    ctx: WasiCryptoCtx,
    table: ResourceTable,
}

impl Guest {
    fn new() -> Self {
        Self {
            ctx: WasiCryptoCtx::default(),
            table: ResourceTable::new(),
        }
    }

    fn view(&mut self) -> WasiCryptoCtxView<'_> {
        WasiCryptoCtxView {
            ctx: &mut self.ctx,
            table: &mut self.table,
        }
    }

    fn state(&mut self, algorithm: &str) -> Resource<SymmetricState> {
        let engine = self.ctx.engine.clone();
        let key = engine.generate_key(algorithm, None).ok();
        let mut options = engine.options(Category::Symmetric);
        if algorithm == KEYED {
            options.set("nonce", &[7; 24]).unwrap();
        }
        let state = engine.open(algorithm, key.as_ref(), Some(&options));
        self.view()
            .push(SymmetricState(Some(state.unwrap())))
            .unwrap()
    }

    fn key(&mut self) -> Resource<SymmetricKey> {
        let key = self.ctx.engine.import_key(KEYED, &[1; 32]).unwrap();
        self.view().push(SymmetricKey::new(key)).unwrap()
    }
}

const KEYED: &str = "XCHACHA20-POLY1305";

/// How many entries, and of how many bytes each: the lists are large, or what is in them is.
const SIZES: [(usize, usize); 2] = [(1000, 30), (3, LARGE)];

type Entries<R> = Vec<std::result::Result<R, CryptoErrno>>;

/// Has each large allocation of `call` fail in turn, each time on what `setup` has made.
fn each_fails<S, R>(
    name: &str,
    setup: impl Fn() -> S,
    call: impl Fn(S) -> Result<R>,
    errors: impl Fn(&R) -> Vec<CryptoErrno>,
) {
    for failing in 1.. {
        let subject = setup();
        let (result, failed) = with_failing(failing, || call(subject));
        let errors = match &result {
            Ok(result) => errors(result),
            Err(CryptoError::Errno(Error::Overflow)) => vec![CryptoErrno::Overflow],
            Err(error) => panic!("{name}: {failing}: {error}"),
        };
        if !failed {
            assert!(errors.is_empty(), "{name}: {errors:?}");
            assert!(failing > 1, "{name}: nothing large was allocated");
            return;
        }
        assert!(!errors.is_empty(), "{name}: {failing}");
        assert!(errors.iter().all(|error| *error == CryptoErrno::Overflow));
    }
}

fn errors_of<R>(entries: &Entries<R>) -> Vec<CryptoErrno> {
    entries
        .iter()
        .filter_map(|entry| entry.as_ref().err().copied())
        .collect()
}

#[test]
fn a_batch_that_finds_no_memory_is_an_errno() {
    for (entries, len) in SIZES {
        let squeezes = || {
            let mut guest = Guest::new();
            let each = (0..entries).map(|_| SqueezeParams {
                state: guest.state("SHAKE-128"),
                len: len as u64,
            });
            let batch: Vec<_> = each.collect();
            (guest, batch)
        };
        each_fails(
            "squeeze",
            squeezes,
            |(mut guest, batch)| Batch::squeeze(&mut guest.view(), batch),
            errors_of,
        );
        let encrypts = || {
            let mut guest = Guest::new();
            let each = (0..entries).map(|_| EncryptParams {
                state: guest.state(KEYED),
                data: vec![1; len],
            });
            let batch: Vec<_> = each.collect();
            (guest, batch)
        };
        each_fails(
            "encrypt",
            encrypts,
            |(mut guest, batch)| Batch::encrypt(&mut guest.view(), batch),
            errors_of,
        );
        let decrypts = || {
            let (mut guest, batch) = encrypts();
            let states: Vec<_> = batch.iter().map(|entry| entry.state.rep()).collect();
            let sealed = Batch::encrypt(&mut guest.view(), batch).unwrap();
            let each = states.into_iter().zip(sealed);
            let batch: Vec<_> = each
                .map(|(state, data)| DecryptParams {
                    state: Resource::new_borrow(state),
                    data: data.unwrap(),
                })
                .collect();
            (guest, batch)
        };
        each_fails(
            "decrypt",
            decrypts,
            |(mut guest, batch)| Batch::decrypt(&mut guest.view(), batch),
            errors_of,
        );
        let detached = || {
            let (guest, batch) = decrypts();
            let each = batch.into_iter().map(|mut entry| DecryptDetachedParams {
                state: entry.state,
                raw_tag: entry.data.split_off(len),
                data: entry.data,
            });
            (guest, each.collect::<Vec<_>>())
        };
        each_fails(
            "decrypt-detached",
            detached,
            |(mut guest, batch)| Batch::decrypt_detached(&mut guest.view(), batch),
            errors_of,
        );
    }
}

#[test]
fn many_messages_that_find_no_memory_are_an_errno() {
    for (entries, len) in SIZES {
        let messages = || {
            let mut guest = Guest::new();
            let key = guest.key();
            let each = (0..entries).map(|_| Message {
                nonce: Some(vec![7; 24]),
                associated_data: Vec::new(),
                data: vec![1; len],
            });
            let messages: Vec<_> = each.collect();
            (guest, key, messages)
        };
        each_fails(
            "encrypt-many",
            messages,
            |(mut guest, key, messages)| guest.view().encrypt_many(key, messages),
            |sealed| errors_of(&sealed.lengths),
        );
        let sealed = || {
            let (mut guest, key, messages) = messages();
            let rep = key.rep();
            let mut sealed = guest.view().encrypt_many(key, messages).unwrap();
            let each = (0..entries).map(|_| Message {
                nonce: Some(vec![7; 24]),
                associated_data: Vec::new(),
                data: sealed.ciphertexts.drain(..len + 16).collect(),
            });
            let messages: Vec<_> = each.collect();
            (guest, Resource::new_borrow(rep), messages)
        };
        each_fails(
            "decrypt-many",
            sealed,
            |(mut guest, key, messages)| guest.view().decrypt_many(key, messages),
            |opened| errors_of(&opened.lengths),
        );
    }
}

#[test]
fn an_option_that_finds_no_memory_is_an_errno() {
    let state = || {
        let mut guest = Guest::new();
        let engine = guest.ctx.engine.clone();
        let mut options = engine.options(Category::Symmetric);
        options.set("context", &[1; LARGE]).unwrap();
        let state = engine.open("CSHAKE-128", None, Some(&options)).unwrap();
        let state = guest.view().push(SymmetricState(Some(state))).unwrap();
        let _ = guest.view().push(Options(options)).unwrap();
        (guest, state)
    };
    each_fails(
        "options-get",
        state,
        |(mut guest, state)| guest.view().options_get(state, "context".into()),
        |_| Vec::new(),
    );
}
