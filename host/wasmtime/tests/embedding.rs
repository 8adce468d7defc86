//! A host that does not know the type of its stores' data links by a function that finds the guest's part in it.

use std::path::Path;

use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxView, add_to_linker_with};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Result, Store};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WORLD: &str = "
    package test:embedding;
    world guest {
        import wasi-ephemeral:crypto/common@0.1.0;
        import wasi-ephemeral:crypto/symmetric@0.1.0;
        import wasi-ephemeral:crypto/symmetric-oneshot@0.1.0;
        export run: func() -> u32;
    }";

/// Opens options, generates a key, and returns the first byte of a digest; 0 where one of them fails. The three functions
/// differ in what they take and return, and are linked in different ways.
const GUEST: &str = r#"
    (module
        (import "wasi-ephemeral:crypto/common@0.1.0" "[static]options.open" (func $options (param i32 i32)))
        (import "wasi-ephemeral:crypto/symmetric@0.1.0" "[static]symmetric-key.generate"
            (func $generate (param i32 i32 i32 i32 i32)))
        (import "wasi-ephemeral:crypto/symmetric-oneshot@0.1.0" "hash"
            (func $hash (param i32 i32 i32 i32 i64 i32)))
        (memory (export "memory") 1)
        (data (i32.const 16) "SHA-256")
        (data (i32.const 32) "HMAC/SHA-256")
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "run") (result i32)
            (call $options (i32.const 1) (i32.const 64))
            (call $generate (i32.const 32) (i32.const 12) (i32.const 0) (i32.const 0) (i32.const 80))
            (call $hash (i32.const 16) (i32.const 7) (i32.const 16) (i32.const 0) (i64.const 32) (i32.const 96))
            (if (i32.or (i32.or (i32.load8_u (i32.const 64)) (i32.load8_u (i32.const 80))) (i32.load8_u (i32.const 96)))
                (then (return (i32.const 0))))
            (i32.load8_u (i32.const 1024))))"#;

/// The first byte of the SHA-256 of nothing (FIPS 180-4).
const FIRST: u32 = 0xe3;

/// What a plug-in keeps in a store, of whatever type the rest of that is.
#[derive(Default)]
struct Part {
    crypto: WasiCryptoCtx,
    table: ResourceTable,
}

/// What a plug-in is told of the stores: how to find its part.
trait Finds {
    type Data: Send + 'static;

    fn part(data: &mut Self::Data) -> &mut Part;
}

fn view<F: Finds>(data: &mut F::Data) -> WasiCryptoCtxView<'_> {
    let part = F::part(data);
    WasiCryptoCtxView {
        ctx: &mut part.crypto,
        table: &mut part.table,
    }
}

/// A plug-in.
fn link<F: Finds>(linker: &mut Linker<F::Data>) -> Result<()> {
    add_to_linker_with(linker, view::<F>)
}

/// What the host that has the plug-in has in its stores. It is no `WasiCryptoView`.
#[derive(Default)]
struct Data {
    part: Part,
}

struct Plugged;

impl Finds for Plugged {
    type Data = Data;

    fn part(data: &mut Data) -> &mut Part {
        &mut data.part
    }
}

fn component(engine: &Engine) -> Component {
    let mut resolve = Resolve::new();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit");
    resolve.push_dir(wit).unwrap();
    let package = resolve.push_str("world.wit", WORLD).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(GUEST).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let mut encoder = ComponentEncoder::default();
    let encoder = encoder.validate(true).module(&module).unwrap();
    Component::new(engine, encoder.encode().unwrap()).unwrap()
}

#[test]
fn a_function_that_finds_the_context_is_all_that_linking_needs() -> Result<()> {
    let engine = Engine::new(&Config::new())?;
    let mut linker = Linker::new(&engine);
    link::<Plugged>(&mut linker)?;
    let mut store = Store::new(&engine, Data::default());
    let instance = linker.instantiate(&mut store, &component(&engine))?;
    let run = instance.get_typed_func::<(), (u32,)>(&mut store, "run")?;
    assert_eq!(run.call(&mut store, ())?, (FIRST,));
    assert_eq!(store.data().part.crypto.open_handles(), 2);
    Ok(())
}

#[cfg(feature = "async")]
#[test]
fn a_function_that_finds_the_context_is_all_that_asynchronous_linking_needs() -> Result<()> {
    let engine = Engine::new(&Config::new())?;
    let mut linker = Linker::new(&engine);
    wasi_crypto_host::add_to_linker_async_with(&mut linker, view::<Plugged>)?;
    let mut store = Store::new(&engine, Data::default());
    let called = async {
        let instance = linker
            .instantiate_async(&mut store, &component(&engine))
            .await?;
        let run = instance.get_typed_func::<(), (u32,)>(&mut store, "run")?;
        run.call_async(&mut store, ()).await
    };
    assert_eq!(finished(called)?, (FIRST,));
    assert_eq!(store.data().part.crypto.open_handles(), 2);
    Ok(())
}

/// Polls until the future is ready.
#[cfg(feature = "async")]
fn finished<F: Future>(future: F) -> F::Output {
    use std::task::{Context, Poll, Waker};

    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::yield_now();
    }
}
