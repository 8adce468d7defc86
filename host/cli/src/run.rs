//! `wasi-crypto run`

use std::env::VarError;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use wasi_crypto_componentize::{ExitCodes, Heap, Options};
use wasi_crypto_engine::{Backend, Policy};
use wasi_crypto_host::{Secrets, WasiCryptoCtx, WasiCryptoCtxView, WasiCryptoView};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Cache, CacheConfig, Config, Engine, Store, StoreLimits, StoreLimitsBuilder, Trap};

use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxView, WasiView};

use crate::adapt;
use crate::audit::{AuditArgs, Who};
use crate::exit::{Failure, one_line, out_of_memory};
use crate::keys::{Missing, StoreArgs};
use crate::lent::{Lent, Secret};
use crate::limits::LimitArgs;
use crate::quiet::caught;
use crate::stdio::Output;

/// The interface of managed keys, in all its versions.
const SECRETS: &str = "wasi-ephemeral:crypto/secrets";

/// The most memories and tables that a guest's instances may have, all together.
const MAX_MEMORIES: usize = 16;

/// Runs a `wasi:cli` component with our cryptography; its exit code is the command's. A core module is adapted first.
#[derive(Args)]
pub struct Run {
    /// Lets the guest use a directory, under the same path or under GUEST. A key store or a key-encryption key in there is an
    /// error.
    #[arg(long = "dir", value_name = "HOST[::GUEST]")]
    dirs: Vec<String>,

    /// Sets an environment variable for the guest; without a value, to that of the caller's.
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<String>,

    /// Allows only this algorithm; can be given more than once.
    #[arg(long = "allow", value_name = "ALGORITHM")]
    allow: Vec<String>,

    /// Allows only algorithms that are FIPS-approved; this says nothing of their implementation here.
    #[arg(long, conflicts_with = "allow")]
    fips_approved_only: bool,

    /// Forbids the guest to export keys.
    #[arg(long)]
    no_key_export: bool,

    #[command(flatten)]
    store: StoreArgs,

    /// Names the namespace that the guest's managed keys are in; without, it is the SHA-256 of FILE.wasm.
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,

    /// Allows the guest to export managed keys: those that it makes, and others that were stored to be exported.
    #[arg(long)]
    allow_managed_export: bool,

    /// Forbids the guest to store keys that the secrets manager did not make.
    #[arg(long)]
    no_imported_keys: bool,

    #[command(flatten)]
    audit: AuditArgs,

    /// Sets the permissions that files of the guest's do not get, in octal digits, as umask(1) does: 077 for secrets.
    #[arg(long, value_name = "OCTAL", value_parser = umask)]
    umask: Option<u32>,

    /// Chooses who computes: the fastest for this machine, or pure Rust.
    #[arg(long, value_enum, default_value_t)]
    backend: BackendArg,

    /// Limits each of the guest's memories, in MiB; there can be 16 of them.
    #[arg(long, value_name = "MIB")]
    max_memory: Option<usize>,

    /// Compiles the component anew, and leaves nothing in the cache.
    #[arg(long)]
    no_cache: bool,

    /// The component or core module, and then its arguments.
    // One list, so that flags after the file are the guest's.
    #[arg(value_names = ["FILE.wasm", "ARGS"], required = true, num_args = 1.., trailing_var_arg = true)]
    guest: Vec<String>,

    // The last one: what follows it in the help would stand under its heading.
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum BackendArg {
    #[default]
    Native,
    Portable,
}

/// What the store holds.
struct Host {
    wasi: WasiCtx,
    crypto: WasiCryptoCtx,
    table: ResourceTable,
    limits: StoreLimits,
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

/// Compiles a component.
fn compile(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Component> {
    caught(|| Component::new(engine, bytes)).unwrap_or_else(|| {
        Err(wasmtime::format_err!(
            "the compiler fails on it, which is a defect of the compiler"
        ))
    })
}

impl Run {
    pub fn execute(self) -> Result<ExitCode, Failure> {
        self.check_flags()?;
        self.check_lent(self.secrets_named())?;
        let bytes = std::fs::read(self.name()).map_err(|error| {
            Failure::Unreadable(format!("cannot read {}: {error}", self.name()))
        })?;
        // Only guests with managed keys are known by the digest of their file, and which those are is not known yet.
        let file = bytes.clone();
        let bytes = adapt::component(self.name(), bytes, self.adaptation())?;
        let engine = engine(!self.no_cache).map_err(|error| Failure::Host(one_line(&error)))?;
        let component = compile(&engine, &bytes).map_err(|error| {
            out_of_memory(&error).unwrap_or_else(|| {
                Failure::NotRunnable(format!(
                    "{} is no valid component: {}",
                    self.name(),
                    one_line(&error)
                ))
            })
        })?;
        let linker = linker(&engine).map_err(|error| Failure::Host(one_line(&error)))?;
        let pre = linker.instantiate_pre(&component).map_err(|error| {
            Failure::NotRunnable(format!(
                "{} imports what this host does not have, which is WASI 0.2 and wasi-ephemeral:crypto 0.1: {}",
                self.name(),
                one_line(&error)
            ))
        })?;
        let command = wasmtime_wasi::p2::bindings::sync::CommandPre::new(pre).map_err(|_| {
            Failure::NotRunnable(format!(
                "{} cannot be run: it does not export wasi:cli/run@0.2, as a command does; perhaps it is a library",
                self.name()
            ))
        })?;
        // For others, nothing is opened, locked or asked for: two of them may run at once, and no store is needed.
        let secrets = if uses_managed_keys(&component, &engine) {
            self.secrets(digest(&file)?)?
        } else {
            None
        };
        let mut store = self.store(&engine, secrets)?;
        self.set_umask();
        let command: Command = match command.instantiate(&mut store) {
            Ok(command) => command,
            // It has begun: a module's start function runs here.
            Err(error) if error.is::<Trap>() || error.is::<I32Exit>() => {
                return exit_code(Err(error));
            }
            Err(error) => {
                return Err(out_of_memory(&error).unwrap_or_else(|| {
                    Failure::Host(format!("the guest cannot be started: {}", one_line(&error)))
                }));
            }
        };
        exit_code(command.wasi_cli_run().call_run(&mut store))
    }

    /// The path of the component, as it was given.
    fn name(&self) -> &str {
        // clap has seen to it that there is one.
        self.guest.first().map_or("", String::as_str)
    }

    fn adaptation(&self) -> Options {
        let mut room = Heap::DEFAULT_ROOM;
        if let Some(mib) = self.max_memory {
            // The other half is for what the module has from the beginning, and for the adapters.
            room = room.min((mib as u64).saturating_mul(1 << 19));
        }
        Options::default()
            .exit_codes(ExitCodes::Exact)
            .heap(Heap::Detect { room })
    }

    fn store(&self, engine: &Engine, secrets: Option<Secrets>) -> Result<Store<Host>, Failure> {
        let mut limits = StoreLimitsBuilder::new()
            .memories(MAX_MEMORIES)
            .tables(MAX_MEMORIES);
        if let Some(mib) = self.max_memory {
            limits = limits.memory_size(mib.saturating_mul(1 << 20));
        }
        let host = Host {
            wasi: self.wasi()?,
            crypto: self.crypto(secrets)?,
            table: ResourceTable::new(),
            limits: limits.build(),
        };
        let mut store = Store::new(engine, host);
        store.limiter(|host| &mut host.limits);
        store.set_hostcall_fuel(self.limits.hostcall_fuel());
        Ok(store)
    }

    fn wasi(&self) -> Result<WasiCtx, Failure> {
        let mut wasi = WasiCtx::builder();
        // Nothing else runs on this thread, so files need no other threads.
        wasi.allow_blocking_current_thread(true)
            .stdout(Output(std::io::stdout()))
            .stderr(Output(std::io::stderr()));
        // What has a key-encryption key in it is no guest's, whether or not the key is needed.
        if !self.store.reads_standard_input() {
            wasi.inherit_stdin();
        }
        let program = Path::new(self.name()).file_name().unwrap_or_default();
        wasi.arg(program.to_string_lossy())
            .args(self.guest.get(1..).unwrap_or_default());
        for variable in &self.env {
            let (name, value) = environment(variable)?;
            wasi.env(name, value);
        }
        for Lent { host, guest, .. } in self.lent() {
            wasi.preopened_dir(host, guest, FsPerms::ReadWrite)
                .map_err(|error| {
                    Failure::Host(format!(
                        "--dir: cannot open the directory {}: {error}",
                        host.display()
                    ))
                })?;
        }
        Ok(wasi.build())
    }

    fn lent(&self) -> impl Iterator<Item = Lent<'_>> {
        self.dirs.iter().map(|flag| Lent::parse(flag))
    }

    /// Checks that flags which only managed keys have a use for come with a store.
    fn check_flags(&self) -> Result<(), Failure> {
        if self.store.is_given() {
            return Ok(());
        }
        let flags = [
            (self.namespace.is_some(), "--namespace"),
            (self.allow_managed_export, "--allow-managed-export"),
            (self.no_imported_keys, "--no-imported-keys"),
            (self.store.names_a_key(), "--key-encryption-key"),
        ];
        let given = flags.iter().find(|(given, _)| *given);
        let given = given.map(|(_, flag)| *flag).or(self.audit.given());
        match given {
            Some(flag) => Err(Failure::Usage(format!(
                "{flag} is for managed keys, and no key store is named: give --keys FILE, or set WASI_CRYPTO_KEYS"
            ))),
            None => Ok(()),
        }
    }

    /// The files that flags name and that no guest may reach.
    fn secrets_named(&self) -> Vec<Secret> {
        let mut secrets = self.store.files_named();
        secrets.extend(self.audit.file().map(|path| Secret {
            what: "the audit file",
            named_by: "--audit-file",
            path: path.clone(),
        }));
        secrets
    }

    fn check_lent(&self, secrets: Vec<Secret>) -> Result<(), Failure> {
        self.lent().try_for_each(|lent| lent.check(&secrets))
    }

    /// The managed keys that a guest in a file with this digest gets.
    fn secrets(&self, digest: String) -> Result<Option<Secrets>, Failure> {
        if !self.store.is_given() {
            return Ok(None);
        }
        self.check_lent(self.store.file_in_environment().into_iter().collect())?;
        self.lent().try_for_each(|lent| lent.check_processes())?;
        let namespace = self.namespace.clone().unwrap_or_else(|| digest.clone());
        self.audit.start(Who::Guest {
            namespace: namespace.clone(),
            component: digest,
        })?;
        let manager = self.store.open(Missing::Make)?;
        let secrets = Secrets::new(manager.namespace(&namespace))
            .export_keys(self.allow_managed_export)
            .store_other_keys(!self.no_imported_keys);
        Ok(Some(secrets))
    }

    #[cfg(unix)]
    fn set_umask(&self) {
        if let Some(umask) = self.umask {
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(umask));
        }
    }

    #[cfg(not(unix))]
    fn set_umask(&self) {}

    /// The first of the allowed algorithms that there is not.
    fn unknown(&self) -> Option<&str> {
        let unknown = |name: &&str| Policy::default().allow_only([*name]).is_err();
        self.allow.iter().map(String::as_str).find(unknown)
    }

    fn crypto(&self, secrets: Option<Secrets>) -> Result<WasiCryptoCtx, Failure> {
        let mut policy = Policy::default().export_keys(!self.no_key_export);
        if self.fips_approved_only {
            policy = policy.allow_only_fips_approved();
        } else if !self.allow.is_empty() {
            policy = policy
                .allow_only(self.allow.iter().map(String::as_str))
                .map_err(|_| {
                    Failure::Host(format!(
                        "--allow {}: there is no such algorithm; `wasi-crypto algorithms` lists them",
                        self.unknown().unwrap_or_default()
                    ))
                })?;
        }
        let backend = match self.backend {
            BackendArg::Native => Backend::Native,
            BackendArg::Portable => Backend::Portable,
        };
        let crypto = WasiCryptoCtx::builder().policy(policy).backend(backend);
        let mut crypto = self.limits.apply(crypto);
        if let Some(secrets) = secrets {
            crypto = crypto.secrets(secrets);
        }
        Ok(crypto.build())
    }
}

/// The SHA-256 of a file, in hexadecimal digits.
fn digest(bytes: &[u8]) -> Result<String, Failure> {
    let digest = wasi_crypto_engine::Engine::default().hash("SHA-256", bytes, 32);
    let digest = digest.map_err(|error| Failure::Host(error.to_string()))?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Reads `NAME=VALUE`, or finds the value of `NAME`.
fn environment(variable: &str) -> Result<(&str, String), Failure> {
    let failed = |problem: String| Err(Failure::Host(format!("--env {variable}: {problem}")));
    match variable.split_once('=') {
        Some(("", _)) | None if variable.is_empty() || variable.starts_with('=') => {
            failed("a variable has a name; give it as NAME or NAME=VALUE".into())
        }
        Some((name, value)) => Ok((name, value.to_owned())),
        None => match std::env::var(variable) {
            Ok(value) => Ok((variable, value)),
            Err(VarError::NotPresent) => failed(format!(
                "no such variable here; give its value as {variable}=VALUE"
            )),
            Err(VarError::NotUnicode(_)) => failed(format!(
                "its value is not UTF-8, and a guest gets no other; give it as {variable}=VALUE"
            )),
        },
    }
}

/// Reads the permissions that new files do not get.
fn umask(text: &str) -> Result<u32, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let mask = u32::from_str_radix(text, 8).ok();
    mask.filter(|mask| digits && *mask <= 0o777)
        .ok_or_else(|| "a umask is 000 to 777, in octal digits".into())
}

/// Whether the component imports the interface of managed keys.
fn uses_managed_keys(component: &Component, engine: &Engine) -> bool {
    let ty = component.component_type();
    ty.imports(engine)
        .any(|(name, ..)| name.split('@').next() == Some(SECRETS))
}

fn engine(cached: bool) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    // Only hosts of asynchronous WIT functions need it, and it costs every call some 100 ns.
    config.concurrency_support(false);
    // Where in a component its code comes from, and how to unwind it, is most of what there is to load beside the code.
    config.generate_address_map(false);
    #[cfg(not(windows))]
    config.native_unwind_info(false);
    // wasmtime's own: under the user's cache directory, found by the component's bytes, the compiler and its settings.
    // Where there is no such directory, or it cannot be written to, things take longer.
    if cached && let Ok(cache) = Cache::new(CacheConfig::new()) {
        config.cache(Some(cache));
    }
    Engine::new(&config)
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    wasi_crypto_host::add_to_linker(&mut linker)?;
    Ok(linker)
}

fn exit_code(outcome: wasmtime::Result<Result<(), ()>>) -> Result<ExitCode, Failure> {
    match outcome {
        Ok(Ok(())) => Ok(ExitCode::SUCCESS),
        Ok(Err(())) => Ok(ExitCode::FAILURE),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => Ok(ExitCode::from(u8::try_from(exit.0).unwrap_or(u8::MAX))),
            None => Err(Failure::Trap(format!(
                "the guest trapped: {}",
                one_line(&error)
            ))),
        },
    }
}
