//! Guests whose allocator fails, lies or hands out memory that is in use get what they deserve, and every way of linking
//! gives it to them alike.

use std::path::Path;
use std::sync::LazyLock;

use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxView, WasiCryptoView};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WORLD: &str = "
    package test:realloc;
    world guest {
        import wasi-ephemeral:crypto/symmetric@0.1.0;
        import wasi-ephemeral:crypto/symmetric-batch@0.1.0;
        import wasi-ephemeral:crypto/symmetric-oneshot@0.1.0;
        export run: func(what: u32, how: u32) -> list<u8>;
    }";

struct Host {
    crypto: WasiCryptoCtx,
    table: ResourceTable,
}

impl WasiCryptoView for Host {
    fn crypto(&mut self) -> WasiCryptoCtxView<'_> {
        WasiCryptoCtxView {
            ctx: &mut self.crypto,
            table: &mut self.table,
        }
    }
}

type Link = fn(&mut Linker<Host>) -> wasmtime::Result<()>;

/// Every way to link the host.
const LINKS: [Link; 3] = [
    wasi_crypto_host::add_to_linker,
    wasi_crypto_host::add_reading_to_linker,
    wasi_crypto_host::add_copying_to_linker,
];

/// What the guest can be told to do.
const CALLS: [&str; 7] = [
    "encrypt",
    "decrypt",
    "encrypt batch",
    "decrypt batch",
    "one-shot encrypt",
    "encrypt-many",
    "hash",
];

/// What its allocator can be told to do.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Works,
    Fails,
    EndsBeyondMemory,
    BeginsBeyondMemory,
    IsTheInput,
    BeginsInTheInput,
    EndsInTheInput,
    IsTheSameEachTime,
    GrowsMemory,
    IsNotAligned,
    CallsTheHost,
}

static COMPONENT: LazyLock<(Engine, Component)> = LazyLock::new(|| {
    let mut config = Config::new();
    config.concurrency_support(false);
    let engine = Engine::new(&config).unwrap();
    let mut resolve = Resolve::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    resolve.push_dir(folder.join("wit")).unwrap();
    let package = resolve.push_str("world.wit", WORLD).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_file(folder.join("tests/realloc/guest.wat")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let mut encoder = ComponentEncoder::default();
    let encoder = encoder.validate(true).module(&module).unwrap();
    let bytes = encoder.encode().unwrap();
    let component = Component::new(&engine, bytes).unwrap();
    (engine, component)
});

/// The bytes that a call gives, or the trap's message.
fn run(link: Link, call: usize, manner: Manner) -> Result<Vec<u8>, String> {
    let (engine, component) = &*COMPONENT;
    let mut linker = Linker::new(engine);
    link(&mut linker).unwrap();
    let host = Host {
        crypto: WasiCryptoCtx::default(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(engine, host);
    let instance = linker.instantiate(&mut store, component).unwrap();
    let run = instance
        .get_typed_func::<(u32, u32), (Vec<u8>,)>(&mut store, "run")
        .unwrap();
    let what = u32::try_from(call).unwrap();
    match run.call(&mut store, (what, manner as u32)) {
        Ok((bytes,)) => Ok(bytes),
        Err(error) => Err(error.root_cause().to_string()),
    }
}

/// What a function answered, once for each entry.
type Answers = Vec<Result<Vec<u8>, String>>;

/// What every way of linking gives for every call.
fn all(manner: Manner) -> Vec<(&'static str, Answers)> {
    let each = CALLS.iter().enumerate();
    each.map(|(call, name)| (*name, LINKS.map(|link| run(link, call, manner)).into()))
        .collect()
}

#[track_caller]
fn assert_traps(manner: Manner, reason: &str) {
    for (call, results) in all(manner) {
        for result in results {
            let trap = result.expect_err(call);
            assert!(trap.contains(reason), "{call}: {trap}");
        }
    }
}

/// Holds that a call gives the same as with an allocator that works.
#[track_caller]
fn assert_works(manner: Manner, calls: &[&str]) {
    for ((call, results), (_, expected)) in all(manner).into_iter().zip(all(Manner::Works)) {
        if calls.contains(&call) {
            assert_eq!(results, expected, "{call}");
        }
    }
}

#[track_caller]
fn assert_alike(manner: Manner) {
    for (call, results) in all(manner) {
        assert!(results[0].is_ok(), "{call}: {results:?}");
        assert!(
            results.iter().all(|result| *result == results[0]),
            "{call}: {results:?}"
        );
    }
}

#[test]
fn an_allocator_that_works_gets_the_same_from_every_host() {
    assert_alike(Manner::Works);
    let (_, results) = all(Manner::Works).swap_remove(1);
    let message = results[0].as_deref().unwrap();
    assert!(message.starts_with(b"This is the first message"));
}

#[test]
fn an_allocator_that_fails_is_a_trap() {
    assert_traps(Manner::Fails, "unreachable");
}

#[test]
fn memory_that_does_not_exist_is_a_trap() {
    assert_traps(Manner::EndsBeyondMemory, "beyond end of memory");
    assert_traps(Manner::BeginsBeyondMemory, "realloc return");
}

#[test]
fn an_allocator_that_calls_the_host_is_a_trap() {
    assert_traps(Manner::CallsTheHost, "cannot leave component instance");
}

#[test]
fn unaligned_memory_is_a_trap_where_alignment_counts() {
    let (bytes, lists): (Vec<_>, Vec<_>) = all(Manner::IsNotAligned)
        .into_iter()
        .partition(|(call, _)| !call.contains("batch") && !call.contains("many"));
    for (call, results) in bytes {
        assert!(results.iter().all(Result::is_ok), "{call}: {results:?}");
    }
    for (call, results) in lists {
        for result in results {
            assert!(result.expect_err(call).contains("not aligned"));
        }
    }
}

#[test]
fn memory_may_grow_while_results_are_written() {
    assert_works(Manner::GrowsMemory, &CALLS);
}

#[test]
fn a_result_in_the_place_of_its_input_is_right() {
    let singles = ["encrypt", "decrypt", "hash"];
    assert_works(Manner::IsTheInput, &singles);
    assert_works(Manner::BeginsInTheInput, &singles);
    assert_works(Manner::EndsInTheInput, &singles);
}

#[test]
fn memory_that_is_in_use_gets_the_same_from_every_host() {
    assert_alike(Manner::IsTheInput);
    assert_alike(Manner::BeginsInTheInput);
    assert_alike(Manner::EndsInTheInput);
    assert_alike(Manner::IsTheSameEachTime);
}
