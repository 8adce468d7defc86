//! A host that knows neither its guests' part of the store nor its type links by a function that finds it.

use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxView};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Config, Engine, Result};

/// What a plug-in keeps in a store, of whatever type the rest of that is.
#[derive(Default)]
struct Part {
    crypto: WasiCryptoCtx,
    table: ResourceTable,
}

/// Data of a store that is no `WasiCryptoView`.
struct Data<P> {
    part: P,
}

fn view(data: &mut Data<Part>) -> WasiCryptoCtxView<'_> {
    WasiCryptoCtxView {
        ctx: &mut data.part.crypto,
        table: &mut data.part.table,
    }
}

#[test]
fn a_function_that_finds_the_context_is_all_that_linking_needs() -> Result<()> {
    let engine = Engine::new(&Config::new())?;
    let mut linker = Linker::<Data<Part>>::new(&engine);
    wasi_crypto_host::add_to_linker_with(&mut linker, view)?;
    #[cfg(feature = "async")]
    wasi_crypto_host::add_to_linker_async_with(&mut Linker::<Data<Part>>::new(&engine), view)?;
    Ok(())
}
