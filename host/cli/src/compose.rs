//! `wasi-crypto compose`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use wasi_crypto_componentize::Options;
use wasi_crypto_compose::{PROVIDER, compose_with};

use crate::adapt;
use crate::exit::Failure;
use crate::output;
use crate::quiet::quietly;

/// Puts our cryptography into a component, so that it runs on any host of WASI 0.2.
///
/// The result imports nothing of the package wasi-ephemeral:crypto any more: a provider component, compiled from the same
/// code as the portable back end of `run`, is in it. A core module is adapted first, as by `adapt`.
#[derive(Args)]
pub struct Compose {
    /// The component or core module, in the binary format or as text; `-` is standard input.
    #[arg(value_name = "APP.wasm")]
    app: PathBuf,

    /// Where the composed component goes; `-` is standard output.
    #[arg(short, long, value_name = "OUT.wasm")]
    output: PathBuf,

    /// Plugs this component in, which exports the package, in place of the built-in one; `-` is standard input.
    #[arg(long, value_name = "FILE.wasm")]
    provider: Option<PathBuf>,
}

impl Compose {
    pub fn execute(self) -> Result<ExitCode, Failure> {
        let standard = |file: &PathBuf| output::is_standard(file);
        if standard(&self.app) && self.provider.as_ref().is_some_and(standard) {
            return Err(Failure::Usage(
                "standard input has one component only: name the other's file".into(),
            ));
        }
        let app = output::read(&self.app)?;
        let provider = match &self.provider {
            Some(file) => adapt::binary(&output::input_name(file), output::read(file)?)?,
            None => PROVIDER.to_vec(),
        };
        let name = output::input_name(&self.app);
        let component = adapt::component(&name, app, Options::default())?;
        let composed = quietly(|| compose_with(&component, &provider)).map_err(|error| {
            let provider = self.provider.as_ref();
            let provider = provider.map_or_else(String::new, |file| {
                format!(" with {}", output::input_name(file))
            });
            Failure::NotRunnable(one_line(&format!(
                "{name} cannot be composed{provider}: {error}"
            )))
        })?;
        output::write(&self.output, &composed)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
