//! Builds the provider component and the binary WIT package, so that their bytes can be in the library.
//!
//! The provider is compiled by a cargo of its own: for another target, with another profile, and with a source of
//! randomness that nothing else in the workspace may get. It has its own folder in the target folder, which all profiles
//! share, so that it is compiled once.

// Standard output is how a build script speaks to cargo.
#![allow(clippy::print_stdout)]

mod provider;

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wit_component::ComponentEncoder;
use wit_parser::Resolve;

fn main() {
    println!("cargo::rerun-if-changed=build");
    if let Err(problem) = build() {
        println!("cargo::error=the provider component cannot be built: {problem:#}");
    }
}

fn build() -> Result<()> {
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let module = provider::module(&workspace, &out)?;
    let mut encoder = ComponentEncoder::default();
    let component = encoder.validate(true).module(&module)?.encode()?;
    write(&out.join("provider.wasm"), &component)?;

    let wit = workspace.join("wit");
    println!("cargo::rerun-if-changed={}", wit.display());
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(&wit)?;
    let package = wit_component::encode(&resolve, package, false)?;
    write(&out.join("package.wasm"), &package)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
