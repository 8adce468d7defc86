//! Composed components on runtimes that are not ours: Node and a browser, by jco.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{Folder, Outcome, WASI_CRYPTO, built, guest};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder where Node finds the packages that the recipe `javascript` has installed.
fn folder() -> Folder {
    Folder::within(&built("javascript"))
}

impl Folder {
    /// Node with one of the scripts, which have to be where it finds packages.
    fn node(&self, script: &str) -> Command {
        let source = repository().join("tests/js").join(script);
        std::fs::copy(source, self.path(script)).expect("a copy");
        let mut command = Command::new("node");
        command.arg(self.path(script));
        command
    }

    /// Composes a component or core module and makes JavaScript of it, in a folder of its own; gives what that imports.
    fn transpile(&self, program: &Path, name: &str, options: &[&str]) -> String {
        let composed = format!("{name}.wasm");
        let mut compose = Command::new(WASI_CRYPTO);
        compose
            .arg("compose")
            .arg(program)
            .arg("-o")
            .arg(self.path(&composed));
        Outcome::of(&mut compose).success();
        let mut transpile = self.node("transpile.mjs");
        transpile
            .arg(self.path(&composed))
            .arg(self.path(name))
            .arg(name)
            .args(options);
        Outcome::of(&mut transpile).success()
    }

    /// Runs what was transpiled under Node; it sees this folder.
    fn run_in_node(&self, name: &str, args: &[&str], stdin: Stdio) -> Outcome {
        let mut run = self.node("run.mjs");
        run.arg(self.path(&format!("{name}/{name}.js")))
            .args(args)
            .env("WCRYPT_PASSWORD", "correct horse")
            .current_dir(self.path("."))
            .stdin(stdin);
        Outcome::of(&mut run)
    }
}

#[test]
fn under_node_a_component_prints_what_it_prints_on_the_host() {
    let folder = folder();
    folder.transpile(&guest("wcrypt.wasm"), "wcrypt", &[]);
    folder.write("file", "attack at dawn".repeat(10_000));
    let key = "07".repeat(32);
    let nonce = "09".repeat(12);
    let sealing = [
        "-a",
        "AES-256-GCM",
        "--key-hex",
        &key,
        "--nonce-hex",
        &nonce,
    ];
    let seal = [&["seal"], &sealing[..], &["file", "sealed"]].concat();
    let open = [&["open"], &sealing[..], &["sealed", "opened"]].concat();
    let kdf = ["derive", "-a", "HKDF-EXPAND/SHA-256", "--key-hex", &key];
    for args in [
        &["hash", "-a", "SHA-256", "file"][..],
        &["hash", "-a", "BLAKE3", "-l", "64", "file"],
        &["hash", "-a", "TupleHash128", "-l", "32", "file", "file"],
        &["mac", "-a", "KMAC-256", "--key-hex", &key, "file"],
        &[&kdf[..], &["--info-hex", "cafe", "-l", "48"]].concat(),
        &seal,
        &open,
    ] {
        let ours = folder.wcrypt(args).success();
        let sealed = folder.files().contains(&"sealed".to_owned());
        let before = sealed.then(|| folder.read("sealed"));
        let outcome = folder.run_in_node("wcrypt", args, Stdio::null());
        assert_eq!(outcome.code, 0, "{args:?}: {outcome:?}");
        assert_eq!(outcome.stdout, ours, "{args:?}");
        assert_eq!(sealed.then(|| folder.read("sealed")), before, "{args:?}");
    }
    assert_eq!(folder.read("opened"), folder.read("file"));

    // What Node encrypts, the host decrypts; and a changed file is an error there, too.
    let encrypt = ["encrypt", "file", "encrypted"];
    let outcome = folder.run_in_node("wcrypt", &encrypt, Stdio::null());
    assert_eq!(outcome.code, 0, "{outcome:?}");
    folder
        .wcrypt(&["decrypt", "encrypted", "decrypted"])
        .success();
    assert_eq!(folder.read("decrypted"), folder.read("file"));
    let mut damaged = folder.read("encrypted");
    *damaged.last_mut().expect("a byte") ^= 1;
    folder.write("damaged", damaged);
    let outcome = folder.run_in_node("wcrypt", &["decrypt", "damaged", "bad"], Stdio::null());
    assert_ne!(outcome.code, 0, "{outcome:?}");
    assert!(!folder.files().contains(&"bad".to_owned()));
}

#[test]
fn under_node_the_vectors_come_out_right() {
    let folder = folder();
    folder.transpile(&guest("vectors.wasm"), "vectors", &[]);
    let data = repository().join("tests/vectors/data");
    for file in ["sha3.vec", "blake3.vec", "aes-gcm-siv.vec", "strobe.vec"] {
        let script = std::fs::File::open(data.join(file)).expect("vectors");
        let outcome = folder.run_in_node("vectors", &[], Stdio::from(script));
        assert_eq!(outcome.code, 0, "{file}: {outcome:?}");
        let mut lines = outcome.stdout.lines();
        let cases = lines.next().and_then(|line| line.strip_prefix("cases: "));
        let cases = cases.and_then(|cases| cases.parse::<u32>().ok());
        assert!(cases.is_some_and(|cases| cases > 0), "{file}: {outcome:?}");
        assert_eq!(lines.next(), None, "{file}: {outcome:?}");
    }
}

#[test]
fn under_node_an_adapted_core_module_prints_what_it_prints_on_the_host() {
    let folder = folder();
    let client = built("wasm32-wasip1/release/examples/witx-client.wasm");
    folder.transpile(&client, "client", &[]);
    let outcome = folder.run_in_node("client", &[], Stdio::null());
    let ours = Outcome::of(Command::new(WASI_CRYPTO).arg("run").arg(client)).success();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(outcome.stdout, ours);
}

/// The browser that the recipe `javascript` has seen to.
fn chromium() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("chromium"))
        .find(|file| file.exists())
        .expect("chromium is missing: run ./just test, which installs it as root on Debian")
}

#[test]
fn in_a_browser_a_visitors_file_is_hashed_and_encrypted() {
    let folder = folder();
    let page = built("wasm32-unknown-unknown/release/wasi_crypto_browser_example.wasm");
    let imports = folder.transpile(&page, "vault", &["--ask"]);
    assert_eq!(imports, "wasi:random/random\n");
    for file in ["index.html", "page.js"] {
        let source = repository().join("examples/browser").join(file);
        std::fs::copy(source, folder.path(file)).expect("a copy");
    }
    let content: Vec<u8> = (0..300_000u32).map(|at| (at % 251) as u8).collect();
    folder.write("file", &content);

    let mut browser = folder.node("browser.mjs");
    browser
        .arg(folder.path("."))
        .arg(folder.path("file"))
        .arg("correct horse")
        .arg(folder.path("encrypted"))
        .arg(chromium());
    let shown = Outcome::of(&mut browser).success();
    let digest = |algorithm: &str| {
        let line = folder.wcrypt(&["hash", "-a", algorithm, "file"]).success();
        line.split(' ').next().expect("a digest").to_owned()
    };
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], format!("SHA-256: {}", digest("SHA-256")));
    assert_eq!(lines[1], format!("BLAKE3: {}", digest("BLAKE3")));
    assert_eq!(lines[2], "decrypted: same");
    assert!(
        lines[3].starts_with("another password: AES-256-GCM"),
        "{shown}"
    );
    assert_eq!(lines[4], "asked elsewhere: 0");

    // Node's own cryptography, which is OpenSSL, decrypts what the page gave.
    let mut decrypt = folder.node("decrypt.mjs");
    decrypt
        .arg(folder.path("encrypted"))
        .arg("correct horse")
        .arg(folder.path("decrypted"));
    Outcome::of(&mut decrypt).success();
    assert_eq!(folder.read("decrypted"), content);
}

#[test]
fn the_provider_leaves_no_secret_in_its_memory() {
    let folder = folder();
    let page = built("wasm32-unknown-unknown/release/wasi_crypto_browser_example.wasm");
    folder.transpile(&page, "vault", &["--ask"]);
    let mut look = folder.node("wiped.mjs");
    look.arg(folder.path("vault/vault.js"));
    let found = Outcome::of(&mut look).success();
    // What uses the package wipes nothing, which shows that there is something to find.
    assert_eq!(found, "decrypted: same\nuser: 2 left\nprovider: 0 left\n");
}
