//! One run of a guest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use wasi_crypto_compose::{compose, compose_with};
use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxBuilder};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{FsPerms, WasiCtx};

use crate::{Host, Outcome, guest};

/// All runs share an engine, so that a guest is compiled once.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.concurrency_support(false);
    Engine::new(&config).expect("this machine can run wasm")
});

/// The most that a guest may print, in bytes.
const PRINTED: usize = 16 << 20;

/// Which of the host's sets of functions is linked, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Linking {
    /// The one that reads guest memory in place and writes results straight into it. Of a list of lists, it asks for memory
    /// for the inner ones first.
    Direct,
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
    pub const ALL: [Linking; 3] = [Linking::Direct, Linking::Reading, Linking::Copying];

    /// Those of the host, and the provider component in its place.
    pub const EVERYWHERE: [Linking; 4] = [
        Linking::Direct,
        Linking::Reading,
        Linking::Copying,
        Linking::Composed,
    ];
}

/// A guest, and what it is run with.
pub struct Run {
    name: String,
    component: Component,
    linking: Linking,
    crypto: WasiCryptoCtxBuilder,
    args: Vec<String>,
    env: Vec<(&'static str, &'static str)>,
    dir: Option<PathBuf>,
    stdin: Vec<u8>,
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
    pub fn of(name: &str, component: Component, linking: Linking) -> Self {
        Self {
            name: name.to_owned(),
            component,
            linking,
            crypto: WasiCryptoCtx::builder(),
            args: Vec::new(),
            env: Vec::new(),
            dir: None,
            stdin: Vec::new(),
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
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }

    /// Lets the guest use a folder, as its current one.
    pub fn dir(mut self, folder: &Path) -> Self {
        self.dir = Some(folder.to_owned());
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
        let name = self.name.clone();
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
            Ok(command.wasi_cli_run().call_run(store))
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
            Ok(Ok(Ok(())))
        })
    }

    fn go(
        self,
        work: impl FnOnce(&mut Store<Host>, &Linker<Host>, &Component) -> wasmtime::Result<Returned>,
    ) -> wasmtime::Result<Outcome> {
        let linker = linker(self.linking)?;
        let component = self.component.clone();
        let (mut store, printed) = self.store();
        let returned = work(&mut store, &linker, &component)?;
        Ok(printed.outcome(returned, &store.into_data()))
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
        let returned = command.wasi_cli_run().call_run(&mut store).await;
        printed.outcome(returned, &store.into_data())
    }

    fn store(self) -> (Store<Host>, Printed) {
        let printed = Printed {
            stdout: MemoryOutputPipe::new(PRINTED),
            stderr: MemoryOutputPipe::new(PRINTED),
        };
        let mut wasi = WasiCtx::builder();
        wasi.arg(&self.name)
            .args(&self.args)
            .envs(&self.env)
            .stdin(MemoryInputPipe::new(self.stdin))
            .stdout(printed.stdout.clone())
            .stderr(printed.stderr.clone());
        if let Some(folder) = &self.dir {
            wasi.preopened_dir(folder, ".", FsPerms::ReadWrite)
                .expect("a folder");
        }
        let mut store =
            Host::store_with(&ENGINE, wasi.build(), self.crypto.build(), self.max_memory);
        if let Some(bytes) = self.hostcall_fuel {
            store.set_hostcall_fuel(bytes);
        }
        (store, printed)
    }
}

/// What the run of a command gives: an error where it exited or was stopped.
type Returned = wasmtime::Result<Result<(), ()>>;

/// Where a guest prints.
struct Printed {
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
}

impl Printed {
    fn outcome(self, returned: Returned, host: &Host) -> Outcome {
        let text = |pipe: &MemoryOutputPipe| String::from_utf8_lossy(&pipe.contents()).into_owned();
        Outcome::in_process(returned, text(&self.stdout), text(&self.stderr), host)
    }
}

/// An empty store, and a linker that has WASI and our cryptography, for components that are no commands.
pub fn store_and_linker(linking: Linking) -> (Store<Host>, Linker<Host>) {
    let linker = linker(linking).expect("the host's functions can be linked");
    let (wasi, crypto) = (WasiCtx::builder().build(), WasiCryptoCtx::default());
    (Host::store(&ENGINE, wasi, crypto), linker)
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
        Linking::Direct | Linking::Reading | Linking::Copying => None,
    };
    // A test that panicked here left nothing half done.
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let component = compiled.entry((guest, composed)).or_insert_with(|| {
        let bytes = component_file(guest);
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
    let interposer = component_file("wasi_crypto_test_interposer");
    compose(&interposer).unwrap_or_else(|error| panic!("the interposer: {error}"))
}

fn component_file(name: &str) -> Vec<u8> {
    std::fs::read(guest(&format!("{name}.wasm"))).expect("a file to read")
}

fn linker(linking: Linking) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    match linking {
        Linking::Direct => wasi_crypto_host::add_to_linker(&mut linker)?,
        Linking::Reading => wasi_crypto_host::add_reading_to_linker(&mut linker)?,
        Linking::Copying => wasi_crypto_host::add_copying_to_linker(&mut linker)?,
        Linking::Composed | Linking::Interposed => {}
    }
    Ok(linker)
}
