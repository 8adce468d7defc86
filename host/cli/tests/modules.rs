//! `run`, `adapt` and `compose` on modules and components of strangers.

mod common;

use std::path::Path;

use common::{Folder, Outcome, guest};
use wasi_crypto_compose::PROVIDER;

const MODULE: &str = r#"(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (call $exit (i32.const 7))))"#;

fn wasi_crypto(folder: &Folder, args: &[&str]) -> Outcome {
    folder.wasi_crypto(args.iter().copied())
}

#[test]
fn text_is_taken_where_the_binary_format_is() {
    let folder = Folder::new();
    folder.write("module.wat", format!(";; a comment\n{MODULE}"));
    assert_eq!(wasi_crypto(&folder, &["run", "module.wat"]).code, 7);
    wasi_crypto(&folder, &["adapt", "module.wat", "-o", "adapted.wasm"]).success();
    assert_eq!(wasi_crypto(&folder, &["run", "adapted.wasm"]).code, 1);

    let import = r#"(component (import "wasi-ephemeral:crypto/common@0.1.0" (instance)))"#;
    folder.write("app.wat", import);
    let compose = ["compose", "app.wat", "-o", "composed.wasm"];
    wasi_crypto(&folder, &compose).success();
    folder.write(
        "provider.wat",
        r#"(component (instance $i)
        (export "wasi-ephemeral:crypto/common@0.1.0" (instance $i)))"#,
    );
    let with = [&compose[..], &["--provider", "provider.wat"]].concat();
    wasi_crypto(&folder, &with).success();

    folder.write("broken.wat", "(module\n  (func (export 7)))");
    for args in [
        &["run", "broken.wat"][..],
        &["adapt", "broken.wat", "-o", "out.wasm"],
        &["compose", "broken.wat", "-o", "out.wasm"],
    ] {
        let line = wasi_crypto(&folder, args).failure(126);
        assert!(line.contains("broken.wat is no WebAssembly text"), "{line}");
        assert!(line.contains(":2:"), "{line}");
    }
    folder.write("text.wat", "neither text nor binary");
    let line = wasi_crypto(&folder, &["run", "text.wat"]).failure(126);
    assert!(line.contains("text.wat is no WebAssembly file"), "{line}");
}

#[test]
fn a_panic_of_a_library_is_one_line() {
    let folder = Folder::new();
    let module = "../../tests/legacy/tests/data/malformed-component-type.wasm";
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join(module);
    folder.write("bad.wasm", std::fs::read(module).expect("the module"));
    for args in [
        &["run", "bad.wasm"][..],
        &["adapt", "bad.wasm", "-o", "out.wasm"],
        &["compose", "bad.wasm", "-o", "out.wasm"],
    ] {
        let line = wasi_crypto(&folder, args).failure(126);
        assert!(line.contains("bad.wasm"), "{line}");
        assert!(line.contains("a library that reads it fails"), "{line}");
    }
}

#[test]
fn a_feature_that_the_host_does_not_have_is_named() {
    let cases = [
        (
            "exceptions",
            r#"(tag $t) (func (export "_start") (throw $t))"#,
        ),
        (
            "gc",
            r#"(type $s (struct)) (func (export "_start") (drop (struct.new $s)))"#,
        ),
        (
            "threads",
            r#"(memory 1) (func (export "_start") (drop (i32.atomic.load (i32.const 0))))"#,
        ),
        (
            "wide arithmetic",
            r#"(func (export "_start") (drop (drop (i64.mul_wide_u (i64.const 0) (i64.const 0)))))"#,
        ),
    ];
    let folder = Folder::new();
    for (feature, text) in cases {
        folder.write("module.wat", format!("(module {text})"));
        let line = wasi_crypto(&folder, &["run", "module.wat"]).failure(126);
        assert!(line.contains("module.wat"), "{line}");
        assert!(line.contains(feature), "{feature}: {line}");
    }
}

/// A component with all that it has of the package by another patch version.
fn as_version(mut component: Vec<u8>, from: &[u8; 5], to: &[u8; 5]) -> Vec<u8> {
    const PACKAGE: &[u8] = b"wasi-ephemeral:crypto/";
    let mut changed = 0;
    for at in 0..component.len() {
        if !component[at..].starts_with(PACKAGE) {
            continue;
        }
        let name = &component[at..(at + 64).min(component.len())];
        let Some(version) = name.iter().position(|byte| *byte == b'@') else {
            continue;
        };
        let place = at + version + 1;
        if component[place..].starts_with(from) {
            component[place..place + to.len()].copy_from_slice(to);
            changed += 1;
        }
    }
    assert!(changed > 0, "it has nothing of that version");
    component
}

#[test]
fn wcrypt_and_the_provider_fit_together_as_0_1_0_and_0_1_1_both_ways() {
    let folder = Folder::new();
    let wcrypt = std::fs::read(guest("wcrypt.wasm")).expect("wcrypt");
    folder.write("file", "content");
    let expected = folder.wcrypt(&["hash", "-a", "SHA-256", "file"]).success();
    folder.write("old.wasm", &wcrypt);
    folder.write("new.wasm", as_version(wcrypt, b"0.1.0", b"0.1.1"));
    folder.write("old-provider.wasm", PROVIDER);
    folder.write(
        "new-provider.wasm",
        as_version(PROVIDER.to_vec(), b"0.1.0", b"0.1.1"),
    );
    for app in ["old.wasm", "new.wasm"] {
        for provider in ["old-provider.wasm", "new-provider.wasm"] {
            let compose = [
                "compose",
                app,
                "--provider",
                provider,
                "-o",
                "composed.wasm",
            ];
            wasi_crypto(&folder, &compose).success();
            let run = [
                "run",
                "--dir",
                ".",
                "composed.wasm",
                "hash",
                "-a",
                "SHA-256",
                "file",
            ];
            let hash = wasi_crypto(&folder, &run).success();
            assert_eq!(hash, expected, "{app} {provider}");
        }
    }
    // So does the host link it.
    let run = [
        "run", "--dir", ".", "new.wasm", "hash", "-a", "SHA-256", "file",
    ];
    assert_eq!(wasi_crypto(&folder, &run).success(), expected);
}
