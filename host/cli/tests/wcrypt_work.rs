//! How much wcrypt computes by itself for each byte: what the host does is not counted. wasmtime counts instructions, the
//! same ones in each run.

mod common;

use std::sync::OnceLock;

use common::Folder;
use wasi_crypto_host::WasiCryptoCtx;
use wasi_crypto_test_harness::Host;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine};
use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::p2::pipe::SinkOutputStream;
use wasmtime_wasi::{FsPerms, WasiCtx};

fn compiled() -> &'static (Engine, Component) {
    static COMPILED: OnceLock<(Engine, Component)> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let mut config = Config::new();
        config.consume_fuel(true);
        let engine = Engine::new(&config).expect("an engine");
        let guest = common::guest("wcrypt.wasm");
        let component = Component::from_file(&engine, guest).expect("a component");
        (engine, component)
    })
}

/// Runs wcrypt in the folder, and returns how many instructions that took.
fn instructions(folder: &Folder, args: &[&str]) -> f64 {
    let (engine, component) = compiled();
    let mut linker: Linker<Host> = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker).expect("WASI");
    wasi_crypto_host::add_to_linker(&mut linker).expect("wasi-crypto");
    let mut wasi = WasiCtx::builder();
    wasi.stdout(SinkOutputStream)
        .env("WCRYPT_PASSWORD", "correct horse")
        .arg("wcrypt")
        .args(args);
    wasi.preopened_dir(folder.path("."), ".", FsPerms::ReadWrite)
        .expect("a folder");
    let mut store = Host::store(engine, wasi.build(), WasiCryptoCtx::default());
    store.set_fuel(u64::MAX).expect("fuel");
    let command = Command::instantiate(&mut store, component, &linker).expect("an instance");
    let ended = command.wasi_cli_run().call_run(&mut store);
    assert!(ended.expect("an end").is_ok(), "{args:?} failed");
    (u64::MAX - store.get_fuel().expect("fuel")) as f64
}

/// What `args` with a large file takes more than with a small one, for each byte.
fn for_each_byte(folder: &Folder, args: &[&str], replaced: usize) -> f64 {
    let mut costs = [("small", 0.0), ("large", 0.0)];
    for (name, cost) in &mut costs {
        let name = format!("{name}{}", args[replaced]);
        let mut args = args.to_vec();
        args[replaced] = &name;
        *cost = instructions(folder, &args);
    }
    (costs[1].1 - costs[0].1) / (LARGE - SMALL) as f64
}

const SMALL: usize = 1 << 20;
const LARGE: usize = 3 << 20;

#[test]
fn bytes_of_files_are_only_copied_and_wiped_and_that_in_bulk() {
    let folder = Folder::new();
    // All zeros, and so without any line ends.
    folder.write("small", vec![0; SMALL]);
    folder.write("large", vec![0; LARGE]);
    let cheap = ["--memory-kib", "64", "--passes", "1", "--parallelism", "1"];
    let encrypt = [&["encrypt"], &cheap[..]].concat();
    for name in ["small", "large"] {
        let encrypted = format!("{name}.enc");
        instructions(&folder, &[&encrypt[..], &[name, &encrypted]].concat());
    }
    let key = "0707070707070707070707070707070707070707070707070707070707070707";
    // To copy or fill memory in bulk counts as one instruction for each byte: everything is copied once as it is read, and
    // plaintext is wiped; what is held in whole is cleared before, and wiped after. A loop would take several.
    for (args, replaced, most) in [
        (vec!["hash", "-a", "SHA-256", ""], 3, 1.0),
        (vec!["mac", "-a", "BLAKE3", "--key-hex", key, ""], 5, 1.0),
        ([&encrypt[..], &["", "-"]].concat(), 7, 1.0),
        ([&encrypt[..], &["", "out"]].concat(), 7, 1.0),
        (vec!["decrypt", ".enc", "-"], 1, 2.0),
        (vec!["decrypt", ".enc", "out"], 1, 4.0),
        (vec!["hash", "-a", "TupleHash128", ""], 3, 3.0),
    ] {
        let cost = for_each_byte(&folder, &args, replaced);
        // And some hundred for each call and each chunk.
        assert!(cost < most + 0.1, "{args:?}: {cost}");
    }
}

#[test]
fn another_small_file_takes_no_more_than_its_calls() {
    let folder = Folder::new();
    folder.write("file", "content");
    let hash = ["hash", "-a", "SHA-256"];
    let times = |count| instructions(&folder, &[&hash[..], &vec!["file"; count]].concat());
    let cost = (times(30) - times(10)) / 20.0;
    // To make and wipe a buffer for each would take hundred thousands.
    assert!(cost < 50_000.0, "{cost}");
}
