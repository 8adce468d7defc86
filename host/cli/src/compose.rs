//! `wasi-crypto compose`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use wasi_crypto_componentize::Options;
use wasi_crypto_compose::{PROVIDER, compose_with};

use crate::adapt;
use crate::exit::Failure;
use crate::quiet::quietly;

/// Puts our cryptography into a component, so that it runs on any host of WASI 0.2.
///
/// The result imports nothing of the package wasi-ephemeral:crypto any more: a provider component, compiled from the same
/// code as the portable back end of `run`, is in it. A core module is adapted first, as by `adapt`.
#[derive(Args)]
pub struct Compose {
    /// The component or core module, in the binary format or as text.
    #[arg(value_name = "APP.wasm")]
    app: PathBuf,

    /// Where the composed component goes.
    #[arg(short, long, value_name = "OUT.wasm")]
    output: PathBuf,

    /// Plugs this component in, which exports the package, in place of the built-in one.
    #[arg(long, value_name = "FILE.wasm")]
    provider: Option<PathBuf>,
}

impl Compose {
    pub fn execute(self) -> Result<ExitCode, Failure> {
        let app = read(&self.app)?;
        let provider = match &self.provider {
            Some(file) => adapt::binary(&file.display().to_string(), read(file)?)?,
            None => PROVIDER.to_vec(),
        };
        let name = self.app.display().to_string();
        let component = adapt::component(&name, app, Options::default())?;
        let composed = quietly(|| compose_with(&component, &provider)).map_err(|error| {
            let provider = self.provider.as_ref();
            let provider =
                provider.map_or_else(String::new, |file| format!(" with {}", file.display()));
            Failure::NotRunnable(one_line(&format!(
                "{name} cannot be composed{provider}: {error}"
            )))
        })?;
        write(&self.output, &composed)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .map_err(|error| Failure::Unreadable(format!("cannot read {}: {error}", file.display())))
}

/// Writes what a command has made.
pub fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(file, bytes)
        .map_err(|error| Failure::Host(format!("cannot write {}: {error}", file.display())))
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
