//! `wasi-crypto wit`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use wasi_crypto_compose::WIT_PACKAGE;

use crate::exit::Failure;
use crate::output;

/// Writes the WIT package wasi-ephemeral:crypto, documentation included, in its binary form.
///
/// This is what registries take and what generators of bindings read; `wasm-tools component wit` makes text of it.
#[derive(Args)]
pub struct Wit {
    /// Where the package goes; `-` is standard output.
    #[arg(short, long, value_name = "OUT.wasm")]
    output: PathBuf,
}

impl Wit {
    pub fn execute(self) -> Result<ExitCode, Failure> {
        output::write(&self.output, WIT_PACKAGE)?;
        Ok(ExitCode::SUCCESS)
    }
}
