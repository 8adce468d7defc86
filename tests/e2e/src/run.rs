//! One run of a guest.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use wasi_crypto_compose::{compose, compose_with};
use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxBuilder};
use wasmtime::Store;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};

use crate::host::{ENGINE, Host};
use crate::outcome::{End, Outcome};

/// The most that a guest may print, in bytes.
const PRINTED: usize = 16 << 20;

/// Which of the host's sets of functions is linked, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Linking {
    /// The one that reads guest memory in place and writes results straight into it. Of a list of lists, it asks for memory
    /// for the inner ones first.
    ZeroCopy,
    /// The one that reads guest memory in place and has wasmtime copy results into it.
    Reading,
    /// The one that `bindgen!` generates alone. Of a list of lists, wasmtime asks for memory for the outer one first.
    Copying,
    /// None: the guest is composed with the provider component, and there is nothing but WASI.
    Composed,
    /// None: the guest is composed with the provider, and an interposer (`tests/interposer`) is between them.
    Interposed,
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
    name: &'static str,
    component: Component,
    linking: Linking,
    crypto: WasiCryptoCtxBuilder,
    args: Vec<String>,
    stdin: String,
    hostcall_fuel: Option<usize>,
    max_memory: usize,
}

impl Run {
    /// Prepares a run of the guest that is the file `guest.wasm`, with the host's default limits and policy.
    ///
    /// # Panics
    ///
    /// If the guest has not been built.
    pub fn new(guest: &'static str, linking: Linking) -> Self {
        Self::of(guest, component(guest, linking), linking)
    }

    /// Prepares a run of a component that [`compile`] has made.
    pub fn of(name: &'static str, component: Component, linking: Linking) -> Self {
        Self {
            name,
            component,
            linking,
            crypto: WasiCryptoCtx::builder(),
            args: Vec::new(),
            stdin: String::new(),
            hostcall_fuel: None,
            max_memory: usize::MAX,
        }
    }

    /// Sets which of the host's sets of functions is linked, for a component that is not composed.
    pub fn linking(mut self, linking: Linking) -> Self {
        self.linking = linking;
        self
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

    /// Adds an argument after those that are there.
    pub fn arg(self, arg: &str) -> Self {
        self.args([arg])
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

    /// Limits the guest's memory, in bytes.
    pub fn max_memory(mut self, bytes: usize) -> Self {
        self.max_memory = bytes;
        self
    }

    /// Runs the guest to its end.
    ///
    /// # Panics
    ///
    /// If it cannot be instantiated.
    pub fn finish(self) -> Outcome {
        let name = self.name;
        self.try_finish()
            .unwrap_or_else(|error| panic!("{name} cannot be instantiated: {error:?}"))
    }

    /// Runs the guest to its end.
    ///
    /// # Errors
    ///
    /// If it cannot be instantiated as a command.
    pub fn try_finish(self) -> wasmtime::Result<Outcome> {
        self.go(|store, linker, component| {
            let command = Command::instantiate(&mut *store, component, linker)?;
            Ok(End::of(command.wasi_cli_run().call_run(store)))
        })
    }

    /// Instantiates the guest, and calls nothing.
    ///
    /// # Errors
    ///
    /// If that fails.
    pub fn instantiate(self) -> wasmtime::Result<Outcome> {
        self.go(|store, linker, component| {
            linker.instantiate(store, component)?;
            Ok(End::Exit(0))
        })
    }

    fn go(
        self,
        work: impl FnOnce(&mut Store<Host>, &Linker<Host>, &Component) -> wasmtime::Result<End>,
    ) -> wasmtime::Result<Outcome> {
        let linker = linker(self.linking)?;
        let component = self.component.clone();
        let (mut store, printed) = self.store();
        let end = work(&mut store, &linker, &component)?;
        Ok(printed.outcome(end, store.into_data()))
    }

    /// Runs the guest to its end asynchronously, within a tokio runtime and with the linker that is made for that,
    /// whichever was named.
    ///
    /// # Panics
    ///
    /// If it cannot be instantiated.
    pub async fn finish_asynchronously(self) -> Outcome {
        let mut linker = Linker::<Host>::new(&ENGINE);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI");
        wasi_crypto_host::add_to_linker_async(&mut linker).expect("wasi-crypto");
        let component = self.component.clone();
        let (mut store, printed) = self.store();
        let command = wasmtime_wasi::p2::bindings::Command::instantiate_async(
            &mut store, &component, &linker,
        )
        .await
        .expect("an instance");
        let end = command.wasi_cli_run().call_run(&mut store).await;
        printed.outcome(End::of(end), store.into_data())
    }

    fn store(self) -> (Store<Host>, Printed) {
        let printed = Printed {
            stdout: MemoryOutputPipe::new(PRINTED),
            stderr: MemoryOutputPipe::new(PRINTED),
        };
        let wasi = WasiCtx::builder()
            .arg(self.name)
            .args(&self.args)
            .stdin(MemoryInputPipe::new(self.stdin))
            .stdout(printed.stdout.clone())
            .stderr(printed.stderr.clone())
            .build();
        let mut store = Host::store(wasi, self.crypto.build(), self.max_memory);
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
    fn outcome(self, end: End, host: Host) -> Outcome {
        let text = |pipe: &MemoryOutputPipe| String::from_utf8_lossy(&pipe.contents()).into_owned();
        Outcome {
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
            end,
            open_handles: host.crypto.open_handles(),
            buffered_bytes: host.crypto.engine().buffered_bytes(),
            memory: host.memory(),
        }
    }
}

/// An empty store, and a linker that has WASI and our cryptography, for components that are no commands.
pub fn store_and_linker(linking: Linking) -> (Store<Host>, Linker<Host>) {
    let linker = linker(linking).expect("the host's functions can be linked");
    let (wasi, crypto) = (WasiCtx::builder().build(), WasiCryptoCtx::default());
    (Host::store(wasi, crypto, usize::MAX), linker)
}

/// Compiles a component.
///
/// # Panics
///
/// If it is none.
pub fn compile(name: &str, bytes: &[u8]) -> Component {
    Component::new(&ENGINE, bytes)
        .unwrap_or_else(|error| panic!("{name} is no component: {error:?}"))
}

fn component(guest: &'static str, linking: Linking) -> Component {
    static COMPILED: Mutex<BTreeMap<(&str, Option<Linking>), Component>> =
        Mutex::new(BTreeMap::new());
    let composed = match linking {
        Linking::Composed | Linking::Interposed => Some(linking),
        Linking::ZeroCopy | Linking::Reading | Linking::Copying => None,
    };
    // A test that panicked here left nothing half done.
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let component = compiled.entry((guest, composed)).or_insert_with(|| {
        let bytes = built(&guest_file(guest));
        let bytes = match composed {
            Some(Linking::Interposed) => compose_with(&bytes, &interposed()),
            Some(_) => compose(&bytes),
            None => Ok(bytes),
        };
        compile(
            guest,
            &bytes.unwrap_or_else(|error| panic!("{guest}: {error}")),
        )
    });
    component.clone()
}

/// The provider behind the component that watches over it: a provider, too.
fn interposed() -> Vec<u8> {
    let interposer = built(&guest_file("wasi_crypto_test_interposer"));
    compose(&interposer).unwrap_or_else(|error| panic!("the interposer: {error}"))
}

fn guest_file(guest: &str) -> String {
    format!("wasm32-wasip2/release/{guest}.wasm")
}

/// The file of a guest.
///
/// # Panics
///
/// If the guest has not been built.
pub fn guest_path(guest: &str) -> PathBuf {
    path_of(&guest_file(guest))
}

/// What a file in the target folder holds.
///
/// # Panics
///
/// If it has not been built.
pub fn built(file: &str) -> Vec<u8> {
    std::fs::read(path_of(file)).expect("a file to read")
}

fn path_of(file: &str) -> PathBuf {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        // Relative to where cargo was called, which for a test can only be guessed.
        Some(dir) => workspace.join(dir),
        None => workspace.join("target"),
    };
    let path = target.join(file);
    assert!(
        path.exists(),
        "{} is missing: run ./just test, which builds the guests first",
        path.display()
    );
    path
}

fn linker(linking: Linking) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    match linking {
        Linking::ZeroCopy => wasi_crypto_host::add_to_linker(&mut linker)?,
        Linking::Reading => wasi_crypto_host::add_reading_to_linker(&mut linker)?,
        Linking::Copying => wasi_crypto_host::add_copying_to_linker(&mut linker)?,
        Linking::Composed | Linking::Interposed => {}
    }
    Ok(linker)
}
