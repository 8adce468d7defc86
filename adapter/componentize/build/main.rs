//! Builds the adapter module from its source, so that its bytes can be in the library.
//!
//! It takes one call of rustc, since the adapter has no dependencies. Cargo is not asked to do it: it would wait for
//! itself. What is needed beyond Rust is the target `wasm32-unknown-unknown`.

// Standard output is how a build script speaks to cargo.
#![allow(clippy::print_stdout)]

mod check;
mod inline;
mod object;
#[path = "../src/splice.rs"]
mod splice;
mod witx;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use wit_component::StringEncoding;
use wit_parser::Resolve;

const TARGET: &str = "wasm32-unknown-unknown";
/// The world with everything that the adapter may import; what a component does not need is left out of it.
const WORLD: &str = "imports-with-secrets";

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/splice.rs");
    if let Err(problem) = build() {
        println!("cargo::error=the adapter cannot be built: {problem}");
    }
}

fn build() -> Result<(), String> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let source = here.join("../core/src");
    let wit = here.join("../../wit");
    println!("cargo::rerun-if-changed={}", source.display());
    println!("cargo::rerun-if-changed={}", wit.display());

    let object = out.join("object.o");
    write(&object, &object::encode())?;
    let module = out.join("module.wasm");
    compile(&source.join("lib.rs"), &object, &module)?;
    let linked = std::fs::read(&module)
        .map_err(|error| format!("cannot read {}: {error}", module.display()))?;
    let mut bytes = inline::inline(&linked, object::inlined())
        .map_err(|error| format!("the linker's output cannot be read: {error}"))?;
    check::check(&bytes).map_err(|problem| format!("the module is not an adapter: {problem}"))?;
    embed_world(&mut bytes, &wit)?;
    write(&out.join("adapter.wasm"), &bytes)
}

fn compile(source: &Path, object: &Path, module: &Path) -> Result<(), String> {
    let rustc = variable("RUSTC")?;
    check_target(&rustc)?;
    let mut command = Command::new(&rustc);
    command
        .args([
            "--crate-name",
            "wasi_crypto_adapter",
            "--crate-type",
            "cdylib",
        ])
        .args(["--edition", "2024", "--target", TARGET])
        // A table of jump targets would be static data.
        .args([
            "-Copt-level=3",
            "-Clto=fat",
            "-Cpanic=abort",
            "-Cjump-tables=no",
        ])
        // Its stack is in the guest's memory, and wit-component finds the pointer to it by its name.
        .args([
            "-Cstrip=none",
            "-Clink-arg=--import-memory",
            "-Clink-arg=-zstack-size=0",
        ])
        .arg(format!("-Clink-arg={}", object.display()))
        .arg("-o")
        .arg(module)
        .arg(source);
    let output = command
        .output()
        .map_err(|error| format!("cannot run {rustc}: {error}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        // Cargo shows one line of an error, and this on request.
        eprintln!("{complaint}");
        let first = complaint.lines().find(|line| !line.trim().is_empty());
        return Err(format!(
            "rustc fails: {}",
            first.unwrap_or("without a word")
        ));
    }
    Ok(())
}

/// Says what is missing, where rustc would say `can't find crate for core`.
fn check_target(rustc: &str) -> Result<(), String> {
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error| format!("cannot run {rustc}: {error}"))?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || folder.is_empty() || !Path::new(&folder).is_dir() {
        return Err(format!(
            "Rust's target {TARGET} is missing; `rustup target add {TARGET}` adds it"
        ));
    }
    Ok(())
}

fn embed_world(module: &mut Vec<u8>, wit: &Path) -> Result<(), String> {
    let mut embed = || {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(wit)?;
        let world = resolve.select_world(&[package], Some(WORLD))?;
        wit_component::embed_component_metadata(
            module,
            &resolve,
            world,
            StringEncoding::UTF8,
            false,
        )
    };
    embed().map_err(|error| format!("the world {WORLD} of {}: {error:#}", wit.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}
