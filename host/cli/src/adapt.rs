//! `wasi-crypto adapt`

use std::borrow::Cow;
use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use wasi_crypto_componentize::{ExitCodes, Heap, Options, componentize_with};

use crate::exit::Failure;
use crate::output;
use crate::quiet::{caught, quietly};

/// Makes a component of a core module that imports the witx functions of wasi-crypto.
///
/// The component imports WASI 0.2 and the package wasi-ephemeral:crypto. `run` does this by itself.
#[derive(Args)]
pub struct Adapt {
    /// The core module, in the binary format or as text; `-` is standard input.
    #[arg(value_name = "LEGACY.wasm")]
    module: PathBuf,

    /// Where the component goes; `-` is standard output.
    #[arg(short, long, value_name = "OUT.wasm")]
    output: PathBuf,

    /// Keeps exit codes other than 0 and 1; hosts older than WASI 0.2.12 cannot run the component then.
    #[arg(long)]
    exit_codes: bool,

    /// Has the module's memory begin with this much room, in MiB, behind which the adapters live.
    ///
    /// It is for modules that take all memory behind their own for theirs. Most of them are recognized, and get 256 MiB; a
    /// limit on memory counts that.
    #[arg(long, value_name = "MIB")]
    contiguous_heap: Option<u32>,
}

impl Adapt {
    pub fn execute(self) -> Result<ExitCode, Failure> {
        let name = output::input_name(&self.module);
        let module = output::read(&self.module)?;
        let exit_codes = if self.exit_codes {
            ExitCodes::Exact
        } else {
            ExitCodes::Portable
        };
        let heap = self
            .contiguous_heap
            .map_or_else(Heap::default, |mib| Heap::Contiguous {
                room: u64::from(mib) << 20,
            });
        let options = Options::default().exit_codes(exit_codes).heap(heap);
        let module = binary(&name, module)?;
        let component = quietly(|| componentize_with(&module, options)).map_err(|error| {
            Failure::NotRunnable(format!("{name} cannot be adapted: {}", one_line(&error)))
        })?;
        output::write(&self.output, &component)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The binary format of a file, which may be text; `name` is the file's, for what is said of it.
pub fn binary(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    if !matches!(wat::Detect::from_bytes(&bytes), wat::Detect::WasmText) {
        return Ok(bytes);
    }
    let reason = match caught(|| wat::parse_bytes(&bytes).map(Cow::into_owned)) {
        Some(Ok(binary)) => return Ok(binary),
        Some(Err(error)) => one_line(&error),
        None => "the library that reads it fails, which is a defect of that library".to_owned(),
    };
    Err(Failure::NotRunnable(format!(
        "{name} is no WebAssembly text: {reason}"
    )))
}

/// The component that a file is, or that a core module becomes; `name` is the file's, for what is said of it.
pub fn component(name: &str, bytes: Vec<u8>, options: Options) -> Result<Vec<u8>, Failure> {
    let bytes = binary(name, bytes)?;
    // After the magic number, a core module says version 1, layer 0, and a component layer 1.
    match bytes.as_slice() {
        [0, b'a', b's', b'm', _, _, 1, 0, ..] => match wasi_crypto_compose::check(&bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(Failure::NotRunnable(format!(
                "{name} is no valid component: {}",
                one_line(&error)
            ))),
        },
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => quietly(|| componentize_with(&bytes, options))
            .map_err(|error| {
                Failure::NotRunnable(format!(
                    "{name} is a core module and cannot be adapted: {}",
                    one_line(&error)
                ))
            }),
        _ => Err(Failure::NotRunnable(format!(
            "{name} is no WebAssembly file: it does not begin with its magic number"
        ))),
    }
}

/// An error on one line.
fn one_line(error: &impl Display) -> String {
    let text = error.to_string();
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
