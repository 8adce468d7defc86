//! Runs core modules in process: made components by the adapter, on wasmtime, with WASI and our cryptography.

#![deny(missing_docs)]

pub mod text;

use std::path::PathBuf;
use std::sync::LazyLock;

use wasi_crypto_componentize::{Options, componentize_with};
use wasi_crypto_host::{WasiCryptoCtx, WasiCryptoCtxBuilder, WasiCryptoCtxView, WasiCryptoView};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, ResourceLimiter, Store};
use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{I32Exit, WasiCtx, WasiCtxView, WasiView};

/// The most that a guest may print, in bytes.
const PRINTED: usize = 16 << 20;

/// A core module that was made a component and compiled.
#[derive(Clone)]
pub struct Legacy(Component);

impl Legacy {
    /// Adapts a module.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn new(module: &[u8]) -> Self {
        Self::with(module, Options::default())
    }

    /// Adapts a module, with a choice.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn with(module: &[u8], options: Options) -> Self {
        let component =
            componentize_with(module, options).unwrap_or_else(|error| panic!("{error}"));
        let component = Component::new(&ENGINE, component)
            .unwrap_or_else(|error| panic!("what was made is no component: {error:?}"));
        Self(component)
    }

    /// Adapts a guest that is built for wasm32-wasip1.
    ///
    /// # Panics
    ///
    /// If it has not been built.
    pub fn guest(name: &str) -> Self {
        Self::new(&built(&format!("wasm32-wasip1/release/{name}.wasm")))
    }

    /// Prepares a run, with the host's default limits and policy.
    pub fn run(&self) -> Run {
        Run {
            component: self.0.clone(),
            crypto: WasiCryptoCtx::builder(),
            args: Vec::new(),
            stdin: String::new(),
            linking: Linking::Direct,
            max_memory: usize::MAX,
        }
    }
}

/// A file in the target folder.
///
/// # Panics
///
/// If it has not been built.
pub fn built(path: &str) -> Vec<u8> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        // Relative to where cargo was called, which for a test can only be guessed.
        Some(dir) => workspace.join(dir),
        None => workspace.join("target"),
    };
    let file = target.join(path);
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; ./just test builds the guests first",
            file.display()
        )
    })
}

/// A module, and what it is run with.
pub struct Run {
    component: Component,
    crypto: WasiCryptoCtxBuilder,
    args: Vec<String>,
    stdin: String,
    linking: Linking,
    max_memory: usize,
}

impl Run {
    /// Sets limits, policy and back end.
    pub fn crypto(mut self, crypto: WasiCryptoCtxBuilder) -> Self {
        self.crypto = crypto;
        self
    }

    /// Adds an argument after the name of the program.
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// Sets what the guest reads from its standard input.
    pub fn stdin(mut self, text: &str) -> Self {
        self.stdin = text.to_owned();
        self
    }

    /// Sets how the host is linked.
    pub fn linking(mut self, linking: Linking) -> Self {
        self.linking = linking;
        self
    }

    /// Limits the guest's memory, in bytes.
    pub fn max_memory(mut self, bytes: usize) -> Self {
        self.max_memory = bytes;
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// If it cannot be instantiated as a command.
    pub fn finish(self) -> Outcome {
        self.try_finish()
            .unwrap_or_else(|error| panic!("it cannot be instantiated: {error:?}"))
    }

    /// Runs it to its end.
    ///
    /// # Errors
    ///
    /// If it cannot be instantiated as a command.
    ///
    /// # Panics
    ///
    /// If it cannot be linked.
    pub fn try_finish(self) -> wasmtime::Result<Outcome> {
        self.go(|store, linker, component| {
            let command = Command::instantiate(&mut *store, component, linker)?;
            Ok(command.wasi_cli_run().call_run(store))
        })
    }

    /// Instantiates it, and calls nothing.
    ///
    /// # Errors
    ///
    /// If that fails.
    ///
    /// # Panics
    ///
    /// If it cannot be linked.
    pub fn instantiate(self) -> wasmtime::Result<Outcome> {
        self.go(|store, linker, component| {
            linker.instantiate(store, component)?;
            Ok(Ok(Ok(())))
        })
    }

    fn go(
        self,
        work: impl FnOnce(&mut Store<Host>, &Linker<Host>, &Component) -> wasmtime::Result<Return>,
    ) -> wasmtime::Result<Outcome> {
        let stdout = MemoryOutputPipe::new(PRINTED);
        let stderr = MemoryOutputPipe::new(PRINTED);
        let wasi = WasiCtx::builder()
            .arg("legacy")
            .args(&self.args)
            .stdin(MemoryInputPipe::new(self.stdin))
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .build();
        let host = Host {
            wasi,
            crypto: self.crypto.build(),
            table: ResourceTable::new(),
            memory: Memory {
                most: self.max_memory,
                taken: 0,
            },
        };
        let mut store = Store::new(&ENGINE, host);
        store.limiter(|host| &mut host.memory);
        let mut linker = Linker::new(&ENGINE);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker).expect("WASI");
        match self.linking {
            Linking::Direct => wasi_crypto_host::add_to_linker(&mut linker),
            Linking::Reading => wasi_crypto_host::add_reading_to_linker(&mut linker),
            Linking::Copying => wasi_crypto_host::add_copying_to_linker(&mut linker),
        }
        .expect("wasi-crypto");
        let end = work(&mut store, &linker, &self.component)?;
        let Host { crypto, memory, .. } = store.into_data();
        Ok(Outcome {
            stdout: String::from_utf8_lossy(&stdout.contents()).into_owned(),
            stderr: String::from_utf8_lossy(&stderr.contents()).into_owned(),
            end: match end {
                Ok(Ok(())) => End::Exit(0),
                Ok(Err(())) => End::Exit(1),
                Err(error) => match error.downcast_ref::<I32Exit>() {
                    Some(exit) => End::Exit(exit.0),
                    None => End::Trap(format!("{error:?}")),
                },
            },
            open_handles: crypto.open_handles(),
            memory: memory.taken,
        })
    }
}

/// What `wasi:cli/run` returns.
type Return = wasmtime::Result<Result<(), ()>>;

/// How the host gets at the memory of a component, and asks it for more.
#[derive(Clone, Copy, Debug)]
pub enum Linking {
    /// It reads and writes in place. Of a list of lists, it asks for memory for the inner ones first.
    Direct,
    /// It reads in place, and has wasmtime write.
    Reading,
    /// It has wasmtime read and write: of a list of lists, that asks for memory for the outer one first.
    Copying,
}

impl Linking {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Reading, Self::Copying];
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The guest returned, or exited with this code.
    Exit(i32),
    /// The guest was stopped, for this reason.
    Trap(String),
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What the guest printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
    /// How it ended.
    pub end: End,
    /// Options, keys, states and tags that it did not close.
    pub open_handles: usize,
    /// The size of its memory at the end, with the adapters' pages, in bytes.
    pub memory: usize,
}

impl Outcome {
    /// Holds that the guest came to its end, and gives what it printed.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn success(self) -> String {
        assert!(self.end == End::Exit(0), "the guest failed: {self:#?}");
        assert_eq!(self.open_handles, 0, "handles are left open: {self:#?}");
        self.stdout
    }
}

struct Host {
    wasi: WasiCtx,
    crypto: WasiCryptoCtx,
    table: ResourceTable,
    memory: Memory,
}

struct Memory {
    most: usize,
    taken: usize,
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.most;
        if allowed {
            self.taken = self.taken.max(desired);
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
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

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.concurrency_support(false);
    Engine::new(&config).expect("this machine can run wasm")
});
