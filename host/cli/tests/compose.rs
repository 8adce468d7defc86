//! `wasi-crypto compose`: what comes out needs no host of ours, and does the same.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::{Folder, Outcome, WASI_CRYPTO, built, guest};
use wasmtime::component::Component;
use wasmtime::{Config, Engine};

/// A component of text.
fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a component")
}

impl Folder {
    /// Composes a file with the provider, or with another one.
    fn compose(&self, file: &Path, provider: Option<&str>, output: &str) -> Outcome {
        let mut command = self.command();
        command.arg("compose").arg(file).args(["-o", output]);
        if let Some(provider) = provider {
            command.args(["--provider", provider]);
        }
        Outcome::of(&mut command)
    }

    /// What a component in the folder imports.
    fn imports(&self, name: &str) -> Vec<String> {
        let engine = Engine::new(&Config::new()).expect("an engine");
        let component = Component::new(&engine, self.read(name)).expect("a component");
        let ty = component.component_type();
        let imports = ty.imports(&engine).map(|(name, _)| name.to_owned());
        imports.collect()
    }
}

fn wcrypt_in(folder: &Folder) {
    let composed = folder.compose(&guest("wcrypt.wasm"), None, "wcrypt.wasm");
    assert_eq!(composed.success(), "");
}

#[test]
fn a_composed_component_imports_nothing_but_wasi() {
    let folder = Folder::new();
    wcrypt_in(&folder);
    let imports = folder.imports("wcrypt.wasm");
    assert!(
        imports.iter().all(|name| name.starts_with("wasi:")),
        "{imports:?}"
    );
    let random = |name: &String| name.starts_with("wasi:random/random@0.2.");
    assert!(imports.iter().any(random), "{imports:?}");
}

#[test]
fn the_demonstration_succeeds_with_a_composed_component() {
    let folder = Folder::new();
    wcrypt_in(&folder);
    let mut demo = Command::new("sh");
    demo.arg("tests/demo.sh")
        .arg(WASI_CRYPTO)
        .arg(folder.path("wcrypt.wasm"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    let printed = Outcome::of(&mut demo).success();
    assert!(printed.contains("decrypted to what it was"), "{printed}");
}

#[test]
fn what_the_host_encrypts_a_composed_component_decrypts() {
    let folder = Folder::new();
    wcrypt_in(&folder);
    folder.write("message", "attack at dawn");
    folder
        .wcrypt(&["encrypt", "message", "encrypted"])
        .success();
    let mut command = folder.command();
    command
        .env("WCRYPT_PASSWORD", "correct horse")
        .args(["run", "--dir", ".", "--env", "WCRYPT_PASSWORD"])
        .args(["wcrypt.wasm", "decrypt", "encrypted", "decrypted"]);
    Outcome::of(&mut command).success();
    assert_eq!(folder.read("decrypted"), b"attack at dawn");
}

#[test]
fn a_core_module_is_adapted_first() {
    let folder = Folder::new();
    let module = built("wasm32-wasip1/release/witx-vectors.wasm");
    folder.compose(&module, None, "composed.wasm").success();
    let imports = folder.imports("composed.wasm");
    assert!(
        imports.iter().all(|name| name.starts_with("wasi:")),
        "{imports:?}"
    );
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/data");
    for file in ["sha2.vec", "aes-gcm.vec", "aegis.vec", "xoodyak.vec"] {
        let run = |program: &Path| {
            let script = std::fs::File::open(data.join(file)).expect("vectors");
            let mut command = folder.command();
            command.arg("run").arg(program).stdin(Stdio::from(script));
            Outcome::of(&mut command).success()
        };
        let printed = run(Path::new("composed.wasm"));
        assert_eq!(printed, run(&module), "{file}");
        assert!(printed.contains("cases: "), "{file}: {printed}");
        assert!(!printed.contains("mismatch"), "{file}: {printed}");
    }
}

#[test]
fn a_component_that_imports_and_exports_the_package_stands_between_two_others() {
    let folder = Folder::new();
    folder.write("file", "content");
    let interposer = guest("wasi_crypto_test_interposer.wasm");
    folder.compose(&interposer, None, "audited.wasm").success();
    folder
        .compose(&guest("wcrypt.wasm"), Some("audited.wasm"), "wcrypt.wasm")
        .success();

    let run = |args: &[&str]| {
        let args = ["run", "--dir", ".", "wcrypt.wasm"].iter().chain(args);
        folder.wasi_crypto(args)
    };
    let outcome = run(&["hash", "-a", "SHA-256", "file"]);
    assert_eq!(
        outcome.stdout,
        folder.wcrypt(&["hash", "-a", "SHA-256", "file"]).success()
    );
    let audited = |line: &str| line.starts_with("audit ") && line.ends_with(": open SHA-256");
    assert!(outcome.stderr.lines().any(audited), "{outcome:?}");

    let key = "07".repeat(16);
    let seal = |algorithm: &str, nonce: usize| {
        let nonce = "09".repeat(nonce);
        let args = ["seal", "-a", algorithm, "--key-hex", &key];
        run(&[&args[..], &["--nonce-hex", &nonce, "file", "sealed"]].concat())
    };
    assert_eq!(seal("AES-128-GCM", 12).code, 0);
    let refused = seal("AES-128-CBC", 16);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.stderr.contains("AES-128-CBC refused"),
        "{refused:?}"
    );
}

/// Holds that a component cannot be composed, and that the one line about it says this.
#[track_caller]
fn refused(text: &str, says: &[&str]) {
    let folder = Folder::new();
    let file = folder.write("app.wasm", component(text));
    let line = folder.compose(&file, None, "out.wasm").failure(126);
    for part in says {
        assert!(line.contains(part), "{line}");
    }
    assert!(line.contains("app.wasm"), "{line}");
    assert!(!folder.files().contains(&"out.wasm".to_owned()));
}

#[test]
fn a_component_that_does_not_import_the_package_needs_no_provider() {
    refused("(component)", &["does not import wasi-ephemeral:crypto"]);
}

#[test]
fn a_component_that_exports_the_package_is_a_provider() {
    refused(
        r#"(component
            (instance $empty)
            (export "wasi-ephemeral:crypto/common@0.1.0" (instance $empty)))"#,
        &["exports wasi-ephemeral:crypto", "provider itself"],
    );
}

#[test]
fn what_a_component_imports_of_a_newer_version_is_named() {
    refused(
        r#"(component (import "wasi-ephemeral:crypto/common@0.1.7"
            (instance (export "wipe" (func)))))"#,
        &[
            "`wipe` of wasi-ephemeral:crypto/common@0.1.7",
            "common@0.1.0 does not have",
            "newer provider",
        ],
    );
}

#[test]
fn a_component_that_imports_another_version_is_told_so() {
    for version in ["@0.2.0", "@1.0.0", "@0.1.0-draft", ""] {
        refused(
            &format!(r#"(component (import "wasi-ephemeral:crypto/common{version}" (instance)))"#),
            &["not compatible", "0.1.0"],
        );
    }
}

#[test]
fn an_interface_that_the_provider_does_not_have_is_named() {
    refused(
        r#"(component (import "wasi-ephemeral:crypto/signatures@0.1.0" (instance)))"#,
        &["wasi-ephemeral:crypto/signatures@0.1.0", "does not export"],
    );
    refused(
        r#"(component (import "wasi-ephemeral:crypto/symmetric-oneshot@0.1.0"
            (instance (export "hash" (func)))))"#,
        &["symmetric-oneshot@0.1.0", "of another type", "hash"],
    );
}

#[test]
fn an_import_that_uses_the_package_cannot_be_left_behind() {
    refused(
        r#"(component
            (import "wasi-ephemeral:crypto/common@0.1.0" (instance $common
                (export "options" (type (sub resource)))))
            (alias export $common "options" (type $options))
            (import "example:safe/safe@1.0.0" (instance
                (alias outer 1 $options (type $outer))
                (export "options" (type $inner (eq $outer)))
                (export "keep" (func (param "options" (own $inner)))))))"#,
        &[
            "example:safe/safe@1.0.0",
            "wasi-ephemeral:crypto/common@0.1.0",
        ],
    );
}

#[test]
fn what_is_no_component_or_no_provider_is_named() {
    let folder = Folder::new();
    folder.write("text.wasm", "no wasm at all");
    folder.write("empty.wasm", component("(component)"));
    folder.write(
        "aborts.wasm",
        component(r#"(module (import "env" "abort" (func)))"#),
    );
    let compose = |file: &str, provider| folder.compose(Path::new(file), provider, "out.wasm");
    let line = compose("nowhere.wasm", None).failure(127);
    assert!(line.contains("cannot read nowhere.wasm"), "{line}");
    let line = compose("text.wasm", None).failure(126);
    assert!(line.contains("no WebAssembly file"), "{line}");
    let line = compose("aborts.wasm", None).failure(126);
    assert!(line.contains("`abort` from `env`"), "{line}");

    let wcrypt = guest("wcrypt.wasm");
    let wcrypt = wcrypt.to_str().expect("a path in UTF-8");
    let line = compose(wcrypt, Some("nowhere.wasm")).failure(127);
    assert!(line.contains("cannot read nowhere.wasm"), "{line}");
    let line = compose(wcrypt, Some("text.wasm")).failure(126);
    assert!(line.contains("provider is no valid component"), "{line}");
    let line = compose(wcrypt, Some("empty.wasm")).failure(126);
    assert!(
        line.contains("does not export wasi-ephemeral:crypto"),
        "{line}"
    );
    let interposer = guest("wasi_crypto_test_interposer.wasm");
    let line = compose(wcrypt, interposer.to_str()).failure(126);
    assert!(
        line.contains("imports wasi-ephemeral:crypto itself"),
        "{line}"
    );
    assert!(!folder.files().contains(&"out.wasm".to_owned()));
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let folder = Folder::new();
    let output = "no/such/folder/out.wasm";
    let line = folder
        .compose(&guest("wcrypt.wasm"), None, output)
        .failure(125);
    assert!(line.contains(output), "{line}");
}
