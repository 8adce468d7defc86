//! `wasi-crypto run` and `algorithms`: what goes wrong is one clear line and an exit code.

mod common;

use std::path::Path;

use common::{Folder, Outcome, built, guest};

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("valid text")
}

#[test]
fn a_missing_file_is_named() {
    let line = Folder::new()
        .wasi_crypto(["run", "nowhere.wasm"])
        .failure(127);
    assert!(line.contains("nowhere.wasm"), "{line}");
}

#[test]
fn a_file_that_is_no_wasm_is_not_run() {
    let folder = Folder::new();
    folder.write("picture.wasm", "GIF89a");
    folder.write("empty.wasm", "");
    for name in ["picture.wasm", "empty.wasm"] {
        let line = folder.wasi_crypto(["run", name]).failure(126);
        assert!(line.contains("no WebAssembly file"), "{line}");
    }
}

#[test]
fn a_malformed_component_is_not_run() {
    let folder = Folder::new();
    let mut bytes = std::fs::read(guest("wcrypt.wasm")).expect("wcrypt");
    bytes.truncate(bytes.len() / 2);
    folder.write("half.wasm", &bytes);
    let line = folder.wasi_crypto(["run", "half.wasm"]).failure(126);
    assert!(line.contains("half.wasm is no valid component"), "{line}");
}

#[test]
fn a_core_module_is_adapted_and_its_exit_code_kept() {
    let folder = Folder::new();
    let text = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (call $exit (i32.const 42))))"#;
    folder.write("exits.wasm", component(text));
    let outcome = folder.wasi_crypto(["run", "exits.wasm"]);
    assert_eq!(outcome.code, 42, "{outcome:?}");
    assert_eq!(outcome.stderr, "");

    let adapt = |args: &[&str]| {
        let args = [&["adapt", "exits.wasm", "-o", "out.wasm"], args].concat();
        folder.wasi_crypto(args).success();
        folder.wasi_crypto(["run", "out.wasm"]).code
    };
    assert_eq!(adapt(&[]), 1);
    assert_eq!(adapt(&["--exit-codes"]), 42);
}

#[test]
fn clients_of_the_witx_modules_run_as_they_are() {
    let folder = Folder::new();
    for client in [
        "wasm32-wasip1/release/examples/witx-client.wasm",
        "assemblyscript/client-incremental.wasm",
        "assemblyscript/client-stub.wasm",
    ] {
        let file = built(client);
        let file = file.to_str().expect("a path in UTF-8");
        let direct = folder.wasi_crypto(["run", file]).success();
        assert!(direct.contains("hash: 9f86d081884c7d65"), "{direct}");
        folder
            .wasi_crypto(["adapt", file, "--output", "out.wasm"])
            .success();
        assert_eq!(folder.wasi_crypto(["run", "out.wasm"]).success(), direct);
        // A limit leaves the module less room, and not none.
        let limited = ["run", "--max-memory", "32", file];
        assert_eq!(folder.wasi_crypto(limited).success(), direct);
    }
}

#[test]
fn a_core_module_reads_files_that_it_is_given() {
    let folder = Folder::new();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/data/sha2.vec");
    folder.write("sha2.vec", std::fs::read(vectors).expect("vectors"));
    let module = built("wasm32-wasip1/release/witx-vectors.wasm");
    let module = module.to_str().expect("a path in UTF-8");
    let printed = folder
        .wasi_crypto(["run", "--dir", ".", module, "sha2.vec"])
        .success();
    assert!(printed.starts_with("cases: "), "{printed}");
    let outcome = folder.wasi_crypto(["run", module, "sha2.vec"]);
    assert_eq!(outcome.code, 1, "it has no folder: {outcome:?}");
}

#[test]
fn a_core_module_can_be_given_a_contiguous_heap() {
    let folder = Folder::new();
    let text = r#"(module
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (drop (call $yield))
            (if (i32.ne (i32.shl (memory.grow (i32.const 16)) (i32.const 16)) (i32.const 0x10000))
                (then unreachable))))"#;
    folder.write("contiguous.wasm", component(text));
    let adapt = |args: &[&str]| {
        let args = [&["adapt", "contiguous.wasm", "-o", "out.wasm"], args].concat();
        folder.wasi_crypto(args).success();
        folder.wasi_crypto(["run", "out.wasm"]).code
    };
    assert_ne!(adapt(&[]), 0, "the adapter has pages in between");
    assert_eq!(adapt(&["--contiguous-heap", "1"]), 0);
}

#[test]
fn a_core_module_that_cannot_be_adapted_is_not_run() {
    let folder = Folder::new();
    let text = r#"(module (import "env" "abort" (func)))"#;
    folder.write("aborts.wasm", component(text));
    folder.write("component.wasm", component("(component)"));
    let line = folder.wasi_crypto(["run", "aborts.wasm"]).failure(126);
    assert!(line.contains("`abort` from `env`"), "{line}");
    let adapt = |name: &str| folder.wasi_crypto(["adapt", name, "-o", "out.wasm"]);
    let line = adapt("aborts.wasm").failure(126);
    assert!(line.contains("`abort` from `env`"), "{line}");
    let line = adapt("component.wasm").failure(126);
    assert!(line.contains("component already"), "{line}");
    let line = adapt("nowhere.wasm").failure(127);
    assert!(line.contains("nowhere.wasm"), "{line}");
    assert!(!folder.files().contains(&"out.wasm".to_owned()));
}

#[test]
fn a_core_module_that_does_nothing_is_no_command() {
    let folder = Folder::new();
    folder.write("core.wasm", component("(module)"));
    let line = folder.wasi_crypto(["run", "core.wasm"]).failure(126);
    assert!(line.contains("wasi:cli/run"), "{line}");
}

#[test]
fn an_import_that_the_host_lacks_is_named() {
    let folder = Folder::new();
    let text =
        r#"(component (import "example:printer/paper@1.2.3" (instance (export "jam" (func)))))"#;
    folder.write("printer.wasm", component(text));
    let line = folder.wasi_crypto(["run", "printer.wasm"]).failure(126);
    assert!(line.contains("example:printer/paper@1.2.3"), "{line}");
}

#[test]
fn a_component_that_is_no_command_is_not_run() {
    let folder = Folder::new();
    folder.write("library.wasm", component("(component)"));
    let line = folder.wasi_crypto(["run", "library.wasm"]).failure(126);
    assert!(line.contains("wasi:cli/run"), "{line}");
}

#[test]
fn a_trap_is_told_from_an_exit() {
    let folder = Folder::new();
    let text = r#"(component
        (core module $m (func (export "run") (result i32) unreachable))
        (core instance $i (instantiate $m))
        (func $run (result (result)) (canon lift (core func $i "run")))
        (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))"#;
    folder.write("trap.wasm", component(text));
    let line = folder.wasi_crypto(["run", "trap.wasm"]).failure(134);
    assert!(line.contains("trapped"), "{line}");
    assert!(line.contains("unreachable"), "{line}");
}

#[test]
fn the_guests_failure_is_the_commands() {
    let folder = Folder::new();
    let text = r#"(component
        (core module $m (func (export "run") (result i32) i32.const 1))
        (core instance $i (instantiate $m))
        (func $run (result (result)) (canon lift (core func $i "run")))
        (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))"#;
    folder.write("fails.wasm", component(text));
    let outcome = folder.wasi_crypto(["run", "fails.wasm"]);
    assert_eq!(outcome.code, 1);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_directory_or_variable_that_does_not_exist_is_named() {
    let folder = Folder::new();
    let wcrypt = guest("wcrypt.wasm");
    let wcrypt = wcrypt.to_str().expect("a path in UTF-8");
    let line = folder
        .wasi_crypto(["run", "--dir", "nowhere", wcrypt])
        .failure(125);
    assert!(line.contains("nowhere"), "{line}");
    let line = folder
        .wasi_crypto(["run", "--env", "NO_SUCH_VARIABLE", wcrypt])
        .failure(125);
    assert!(line.contains("NO_SUCH_VARIABLE=VALUE"), "{line}");
}

#[cfg(unix)]
#[test]
fn a_variable_that_a_guest_cannot_get_is_told_from_one_that_there_is_not() {
    use std::os::unix::ffi::OsStringExt;
    let folder = Folder::new();
    let wcrypt = guest("wcrypt.wasm");
    let mut command = folder.command();
    command.env("LATIN1", std::ffi::OsString::from_vec(b"caf\xe9".to_vec()));
    command.args(["run", "--env", "LATIN1"]).arg(&wcrypt);
    let line = Outcome::of(&mut command).failure(125);
    assert!(line.contains("LATIN1: its value is not UTF-8"), "{line}");
    for nameless in ["", "=value"] {
        let mut command = folder.command();
        command.args(["run", "--env", nameless]).arg(&wcrypt);
        let line = Outcome::of(&mut command).failure(125);
        assert!(line.contains("a variable has a name"), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_limit_on_addresses_is_named() {
    let folder = Folder::new();
    let mut command = std::process::Command::new("sh");
    command
        .current_dir(folder.path("."))
        .args([
            "-c",
            "ulimit -v 4000000 && exec \"$@\"",
            "sh",
            common::WASI_CRYPTO,
        ])
        .args(["run", "--no-cache"])
        .arg(guest("wcrypt.wasm"))
        .arg("--version");
    let line = Outcome::of(&mut command).failure(125);
    assert!(line.contains("limited to 4000000 KiB"), "{line}");
    assert!(line.contains("RLIMIT_AS"), "{line}");
    assert!(line.contains("--max-memory"), "{line}");
}

#[test]
fn names_in_a_component_reach_no_terminal() {
    let folder = Folder::new();
    let text = "(module (import \"env\" \"\\1b]0;title\\07\\u{9b}2J\\0a\" (func)))";
    folder.write("escapes.wasm", component(text));
    let line = folder.wasi_crypto(["run", "escapes.wasm"]).failure(126);
    assert!(!line.trim_end().contains(char::is_control), "{line:?}");
}

#[cfg(unix)]
#[test]
fn files_of_a_guest_get_the_permissions_that_the_umask_leaves() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.write("file", "content");
    let wcrypt = guest("wcrypt.wasm");
    let wcrypt = wcrypt.to_str().expect("a path in UTF-8");
    for (umask, mode) in [
        ("077", 0o600),
        ("0022", 0o644),
        ("0", 0o666),
        ("137", 0o640),
    ] {
        let out = format!("out-{umask}");
        let key = "07".repeat(32);
        let seal = [
            "seal",
            "-a",
            "XCHACHA20-POLY1305",
            "--key-hex",
            &key,
            "file",
            &out,
        ];
        let run = ["run", "--umask", umask, "--dir", ".", wcrypt];
        folder.wasi_crypto(run.iter().chain(&seal)).success();
        let file = std::fs::metadata(folder.path(&out)).expect("a file");
        assert_eq!(file.permissions().mode() & 0o777, mode, "{umask}");
    }
    for wrong in ["8", "1000", "-1", "+7", "rwx", ""] {
        let outcome = folder.wasi_crypto(["run", &format!("--umask={wrong}"), wcrypt]);
        assert_eq!(outcome.code, 2, "{outcome:?}");
    }
}

#[test]
fn an_operator_sets_the_limits_of_cryptography() {
    let folder = Folder::new();
    folder.write("file", vec![7; 300_000]);
    let wcrypt = guest("wcrypt.wasm");
    let wcrypt = wcrypt.to_str().expect("a path in UTF-8");
    let run = |limits: &[&str], args: &[&str]| {
        let run = [
            "run",
            "--dir",
            ".",
            "--env",
            "WCRYPT_PASSWORD=correct horse",
        ];
        folder
            .wasi_crypto([&run, limits, &[wcrypt], args].concat())
            .code
    };
    let hash = ["hash", "-a", "SHAKE-256", "-l", "64", "file"];
    let argon2 = ["password", "hash", "--memory-kib", "2048", "--passes", "3"];
    let scrypt = ["password", "hash", "-a", "SCRYPT", "--passes", "1024"];
    let pbkdf2 = [
        "password",
        "hash",
        "-a",
        "PBKDF2/SHA-256",
        "--passes",
        "20000",
    ];
    for (limit, enough, too_little, args) in [
        ("--max-handles", "100", "0", &hash[..]),
        ("--max-call-size", "300KiB", "1KiB", &hash),
        ("--max-output", "64", "63", &hash),
        ("--max-password-memory", "8MiB", "1MiB", &argon2),
        ("--max-password-work", "16MiB", "2MiB", &argon2),
        ("--max-scrypt-work", "1000000", "1000", &scrypt),
        ("--max-pbkdf2-iterations", "20000", "19999", &pbkdf2),
    ] {
        assert_eq!(run(&[limit, enough], args), 0, "{limit} {enough}");
        assert_eq!(run(&[limit, too_little], args), 1, "{limit} {too_little}");
    }
    assert_eq!(
        run(&["--max-threads", "1", "--max-batch-entries", "7"], &hash),
        0
    );
    assert_eq!(run(&["--max-output", "64MB"], &hash), 2);
}

#[test]
fn a_guest_sees_no_directory_that_it_was_not_given() {
    let folder = Folder::new();
    folder.write("file", "content");
    let wcrypt = guest("wcrypt.wasm");
    let wcrypt = wcrypt.to_str().expect("a path in UTF-8");
    let outcome = folder.wasi_crypto(["run", wcrypt, "hash", "-a", "SHA-256", "file"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert_eq!(outcome.stdout, "");
}

#[test]
fn the_policy_leaves_algorithms_out() {
    let folder = Folder::new();
    folder.write("file", "content");
    let wcrypt = guest("wcrypt.wasm");
    let wcrypt = wcrypt.to_str().expect("a path in UTF-8");
    let run = |policy: &[&str], algorithm: &str| {
        let mut args = vec!["run", "--dir", "."];
        args.extend(policy);
        args.extend([wcrypt, "hash", "-a", algorithm, "file"]);
        folder.wasi_crypto(args).code
    };
    assert_eq!(run(&["--allow", "sha-256"], "SHA-256"), 0);
    assert_eq!(run(&["--allow", "sha-256"], "SHA-512"), 1);
    assert_eq!(run(&["--fips-approved-only"], "SHA-256"), 0);
    assert_eq!(run(&["--fips-approved-only"], "BLAKE3"), 1);
    let unknown = ["run", "--allow", "SHA-256", "--allow", "SHA-257", wcrypt];
    let line = folder.wasi_crypto(unknown).failure(125);
    assert!(line.contains("--allow SHA-257: there is no such"), "{line}");
}

#[test]
fn both_back_ends_print_the_same() {
    let folder = Folder::new();
    folder.write("file", "content");
    let wcrypt = guest("wcrypt.wasm");
    let wcrypt = wcrypt.to_str().expect("a path in UTF-8");
    let run = |backend: &str| {
        let args = ["run", "--backend", backend, "--dir", ".", wcrypt];
        let seal = [
            "seal",
            "-a",
            "AES-256-GCM",
            "--key-hex",
            &"07".repeat(32),
            "--nonce-hex",
            &"09".repeat(12),
        ];
        folder
            .wasi_crypto(args.iter().chain(&seal).chain(&["file", "sealed"]))
            .success();
        folder.read("sealed")
    };
    assert_eq!(run("native"), run("portable"));
}

#[test]
fn the_list_of_algorithms_is_the_registry() {
    let folder = Folder::new();
    let table = folder.wasi_crypto(["algorithms"]).success();
    let json = folder.wasi_crypto(["algorithms", "--json"]).success();
    let rows: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let rows = rows.as_array().expect("a list");
    let registry = wasi_crypto_engine::registry::ALGORITHMS;
    assert_eq!(rows.len(), registry.len());
    for (row, algorithm) in rows.iter().zip(registry) {
        assert_eq!(row["name"], algorithm.name);
        assert_eq!(row["fips_approved"], algorithm.fips_approved);
        assert!(
            table
                .lines()
                .any(|line| line.split_whitespace().next() == Some(algorithm.name))
        );
    }
}

#[test]
fn flags_after_the_file_are_the_guests() {
    let folder = Folder::new();
    let wcrypt = guest("wcrypt.wasm");
    let wcrypt = wcrypt.to_str().expect("a path in UTF-8");
    let help = folder.wasi_crypto(["run", wcrypt, "--help"]).success();
    assert!(help.contains("wcrypt"), "{help}");
    let help = folder
        .wasi_crypto(["run", wcrypt, "hash", "--help"])
        .success();
    assert!(help.contains("sha256sum"), "{help}");
    let wrong = folder.wasi_crypto(["run", "--fly", wcrypt]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("--fly"), "{wrong:?}");
}

#[test]
fn every_command_explains_itself() {
    let folder = Folder::new();
    for args in [
        &["--help"][..],
        &["run", "--help"],
        &["adapt", "--help"],
        &["compose", "--help"],
        &["wit", "--help"],
        &["algorithms", "--help"],
        &["keys", "--help"],
        &["keys", "rekey", "--help"],
    ] {
        let help = folder.wasi_crypto(args).success();
        assert!(help.contains("Usage:"), "{help}");
    }
    assert!(
        folder
            .wasi_crypto(["--help"])
            .success()
            .contains("Exit codes:")
    );
    let wrong = Outcome::of(folder.command().arg("fly"));
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("fly"), "{wrong:?}");
}
