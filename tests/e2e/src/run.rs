//! One run of a guest.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use wasi_crypto_compose::{compose, compose_with};
use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxBuilder, WasiCryptoCtxView, WasiCryptoView};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::Outcome;

/// The most that a guest may print, in bytes.
const PRINTED: usize = 16 << 20;

/// Which of the host's sets of functions is linked, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Linking {
    /// The one that reads guest memory in place and writes results straight into it.
    ZeroCopy,
    /// The one that reads guest memory in place and copies results into it.
    Reading,
    /// The one that `bindgen!` generates alone.
    Copying,
    /// None: the guest is composed with the provider component, and there is nothing but WASI.
    Composed,
    /// None: the guest is composed with the provider, and an auditing component is between them.
    Audited,
}

impl Linking {
    /// All of the host's.
    pub const ALL: [Linking; 3] = [Linking::ZeroCopy, Linking::Reading, Linking::Copying];

    /// Those of the host, and the provider component in its place.
    pub const EVERYWHERE: [Linking; 4] = [
        Linking::ZeroCopy,
        Linking::Reading,
        Linking::Copying,
        Linking::Composed,
    ];
}

/// A guest, and what it is run with.
pub struct Run {
    guest: &'static str,
    linking: Linking,
    crypto: WasiCryptoCtxBuilder,
    args: Vec<String>,
    stdin: String,
    hostcall_fuel: Option<usize>,
}

impl Run {
    /// Prepares a run of the guest that is the file `guest.wasm`, with the host's default limits and policy.
    pub fn new(guest: &'static str, linking: Linking) -> Self {
        Self {
            guest,
            linking,
            crypto: WasiCryptoCtx::builder(),
            args: Vec::new(),
            stdin: String::new(),
            hostcall_fuel: None,
        }
    }

    /// Sets limits, policy and back end of the host.
    pub fn crypto(mut self, crypto: WasiCryptoCtxBuilder) -> Self {
        self.crypto = crypto;
        self
    }

    /// Adds arguments after the name of the program.
    pub fn args<A: Into<String>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets what the guest reads from its standard input.
    pub fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Sets how many bytes of lists and strings the guest may pass in one call before wasmtime stops it.
    pub fn hostcall_fuel(mut self, bytes: usize) -> Self {
        self.hostcall_fuel = Some(bytes);
        self
    }

    /// Runs the guest to its end.
    ///
    /// # Panics
    ///
    /// If the guest has not been built, or cannot be instantiated.
    pub fn finish(self) -> Outcome {
        let linker = linker(self.linking).expect("the host's functions can be linked");
        let component = component(self.guest, self.linking);
        let name = self.guest;
        let (mut store, printed) = self.store();
        let command = Command::instantiate(&mut store, &component, &linker)
            .unwrap_or_else(|error| panic!("{name} cannot be instantiated: {error:?}"));
        let end = command.wasi_cli_run().call_run(&mut store);
        printed.outcome(end, store.into_data())
    }

    /// Runs the guest to its end asynchronously, within a tokio runtime and with the linker that is made for that,
    /// whichever was named.
    ///
    /// # Panics
    ///
    /// If the guest has not been built, or cannot be instantiated.
    pub async fn finish_asynchronously(self) -> Outcome {
        let mut linker = Linker::<Host>::new(&ENGINE);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI");
        wasi_crypto_host::add_to_linker_async(&mut linker).expect("wasi-crypto");
        let component = component(self.guest, self.linking);
        let (mut store, printed) = self.store();
        let command = wasmtime_wasi::p2::bindings::Command::instantiate_async(
            &mut store, &component, &linker,
        )
        .await
        .expect("an instance");
        let end = command.wasi_cli_run().call_run(&mut store).await;
        printed.outcome(end, store.into_data())
    }

    fn store(self) -> (Store<Host>, Printed) {
        let printed = Printed {
            stdout: MemoryOutputPipe::new(PRINTED),
            stderr: MemoryOutputPipe::new(PRINTED),
        };
        let wasi = WasiCtx::builder()
            .arg(self.guest)
            .args(&self.args)
            .stdin(MemoryInputPipe::new(self.stdin))
            .stdout(printed.stdout.clone())
            .stderr(printed.stderr.clone())
            .build();
        let mut store = Store::new(&ENGINE, Host::new(wasi, self.crypto.build()));
        if let Some(bytes) = self.hostcall_fuel {
            store.set_hostcall_fuel(bytes);
        }
        (store, printed)
    }
}

/// Where a guest prints.
struct Printed {
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
}

impl Printed {
    fn outcome(self, end: wasmtime::Result<Result<(), ()>>, host: Host) -> Outcome {
        Outcome::new(
            end,
            &self.stdout.contents(),
            &self.stderr.contents(),
            host.crypto.open_handles(),
            host.crypto.engine().buffered_bytes(),
        )
    }
}

/// An empty store, and a linker that has WASI and our cryptography, for components that are no commands.
pub fn store_and_linker(linking: Linking) -> (Store<Host>, Linker<Host>) {
    let host = Host::new(WasiCtx::builder().build(), WasiCryptoCtx::default());
    let linker = linker(linking).expect("the host's functions can be linked");
    (Store::new(&ENGINE, host), linker)
}

/// What a store holds.
pub struct Host {
    wasi: WasiCtx,
    crypto: WasiCryptoCtx,
    table: ResourceTable,
}

impl Host {
    fn new(wasi: WasiCtx, crypto: WasiCryptoCtx) -> Self {
        Self {
            wasi,
            crypto,
            table: ResourceTable::new(),
        }
    }
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiCryptoView for Host {
    fn crypto(&mut self) -> WasiCryptoCtxView<'_> {
        WasiCryptoCtxView {
            ctx: &mut self.crypto,
            table: &mut self.table,
        }
    }
}

/// All runs share an engine, so that a guest is compiled once.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.concurrency_support(false);
    Engine::new(&config).expect("this machine can run wasm")
});

fn component(guest: &'static str, linking: Linking) -> Component {
    static COMPILED: Mutex<BTreeMap<(&str, Option<Linking>), Component>> =
        Mutex::new(BTreeMap::new());
    let composed = match linking {
        Linking::Composed | Linking::Audited => Some(linking),
        Linking::ZeroCopy | Linking::Reading | Linking::Copying => None,
    };
    // A test that panicked here left nothing half done.
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let component = compiled.entry((guest, composed)).or_insert_with(|| {
        let file = guest_path(guest);
        let bytes = std::fs::read(&file).expect("a file to read");
        let bytes = match composed {
            Some(Linking::Audited) => compose_with(&bytes, &audited()),
            Some(_) => compose(&bytes),
            None => Ok(bytes),
        };
        let bytes = bytes.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Component::new(&ENGINE, bytes)
            .unwrap_or_else(|error| panic!("{} is no component: {error:?}", file.display()))
    });
    component.clone()
}

/// The provider behind the component that watches over it: a provider, too.
fn audited() -> Vec<u8> {
    let middle = std::fs::read(guest_path("wasi_crypto_test_middle")).expect("a file to read");
    compose(&middle).unwrap_or_else(|error| panic!("the middle component: {error}"))
}

/// The file of a guest.
///
/// # Panics
///
/// If the guest has not been built.
pub fn guest_path(guest: &str) -> PathBuf {
    let file = guests().join(format!("{guest}.wasm"));
    assert!(
        file.exists(),
        "{} is missing: run ./just test, which builds the guests first",
        file.display()
    );
    file
}

/// Where cargo leaves the guests.
fn guests() -> PathBuf {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        // Relative to where cargo was called, which for a test can only be guessed.
        Some(dir) => workspace.join(dir),
        None => workspace.join("target"),
    };
    target.join("wasm32-wasip2").join("release")
}

fn linker(linking: Linking) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    match linking {
        Linking::ZeroCopy => wasi_crypto_host::add_to_linker(&mut linker)?,
        Linking::Reading => wasi_crypto_host::add_reading_to_linker(&mut linker)?,
        Linking::Copying => wasi_crypto_host::add_copying_to_linker(&mut linker)?,
        Linking::Composed | Linking::Audited => {}
    }
    Ok(linker)
}
