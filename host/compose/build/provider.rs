//! The core module of the provider.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

const CRATE: &str = "wasi-crypto-provider";
/// The file that cargo makes of it.
const FILE: &str = "wasi_crypto_provider.wasm";
/// Its standard library imports nothing.
const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "provider";
/// Randomness comes from the function that the provider has for it. Whatever runs components knows SIMD.
const FLAGS: [&str; 2] = [
    "--cfg=getrandom_backend=\"custom\"",
    "-Ctarget-feature=+simd128",
];

/// What it is made of, relative to the workspace.
const SOURCES: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "guest/provider",
    "host/engine/Cargo.toml",
    "host/engine/src",
    "rust-toolchain.toml",
    "wit",
];

/// What the user's settings for cargo in the environment begin with. All else that begins with `CARGO_` is what cargo tells
/// this build script, of another crate.
const SETTINGS: [&str; 6] = [
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_MAKEFLAGS",
    "CARGO_NET_",
    "CARGO_REGISTR",
    "CARGO_SOURCE_",
];

/// What cargo tells build scripts besides.
const TOLD: [&str; 12] = [
    "DEBUG",
    "HOST",
    "LD_LIBRARY_PATH",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "TARGET",
];

/// Builds the module and reads it.
pub fn module(workspace: &Path, out: &Path) -> Result<Vec<u8>> {
    for source in SOURCES {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(source).display()
        );
    }
    // The folder for this build script's output is four folders deep in the target folder.
    let target = out.ancestors().nth(4).unwrap_or(out).join("provider");
    compile(workspace, &target)?;
    let file = target.join(TARGET).join(PROFILE).join(FILE);
    std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
}

fn compile(workspace: &Path, target: &Path) -> Result<()> {
    let mut cargo = Command::new(env::var("CARGO")?);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let setting = SETTINGS.iter().any(|prefix| name.starts_with(prefix));
        if name.starts_with("CARGO_") && !setting || TOLD.contains(&&*name) {
            cargo.env_remove(&*name);
        }
    }
    cargo
        .current_dir(workspace)
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"))
        .args(["build", "--locked", "--package", CRATE])
        .args(["--profile", PROFILE, "--target", TARGET, "--target-dir"])
        .arg(target);
    let output = cargo.output().context("cannot run cargo")?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        // Cargo shows one line of an error, and this on request.
        eprintln!("{complaint}");
        let first = complaint.lines().find(|line| line.starts_with("error"));
        bail!(
            "{} (if it is the target that is missing, `rustup target add {TARGET}` adds it)",
            first.unwrap_or("cargo fails")
        );
    }
    Ok(())
}
