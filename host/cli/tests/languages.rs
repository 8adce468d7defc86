//! The examples in other languages do what the same program does in each, and play the vectors that everything plays.

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use wit_component::DecodedWasm;

use common::{Folder, Outcome, built};

const KEY: &[u8; 32] = b"a key for the tests of languages";

/// A guest, and what it is built to.
#[derive(Clone, Copy)]
enum Language {
    JavaScript,
    Python,
    C,
}

impl Language {
    /// The component, as its toolchain makes it; that of C has to be adapted, and is put into the folder.
    fn component(self, folder: &Folder) -> PathBuf {
        match self {
            Self::JavaScript => built("languages/javascript/seal.wasm"),
            Self::Python => built("languages/python/seal.wasm"),
            Self::C => {
                let adapted = folder.path("c.wasm");
                let mut adapt = folder.command();
                adapt
                    .arg("adapt")
                    .arg(built("languages/c/seal.core.wasm"))
                    .arg("-o")
                    .arg(&adapted);
                Outcome::of(&mut adapt).success();
                adapted
            }
        }
    }

    fn run(self, folder: &Folder, dirs: &[&str], args: &[&str]) -> Outcome {
        let component = self.component(folder);
        let mut command = folder.command();
        command.arg("run");
        for dir in dirs {
            command.args(["--dir", dir]);
        }
        Outcome::of(command.arg(component).args(args))
    }
}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/data")
}

/// Three files: nothing, a word, and more than a guest reads at once.
fn three_files() -> (Folder, [(&'static str, Vec<u8>); 3]) {
    let large = (0..300_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let files = [
        ("empty", Vec::new()),
        ("word", b"attack at dawn".to_vec()),
        ("large", large),
    ];
    let folder = Folder::new();
    folder.write("key", KEY);
    for (name, content) in &files {
        folder.write(name, content);
    }
    (folder, files)
}

fn every_vector_comes_out_as_expected(language: Language) {
    let folder = Folder::new();
    let mut args = vec!["selftest".to_owned()];
    let mut expected = String::new();
    let mut all = 0;
    for (name, text) in wasi_crypto_vectors::files() {
        let cases = wasi_crypto_vectors::parse(text)
            .expect("a vector file")
            .len();
        all += cases;
        args.push(format!("vectors/{name}"));
        expected.push_str(&format!("vectors/{name}: {cases} cases\n"));
    }
    assert!(all > 2000, "{all} cases");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let dir = format!("{}::vectors", vectors().display());
    assert_eq!(language.run(&folder, &[&dir], &args).success(), expected);
}

fn a_vector_that_is_wrong_is_found(language: Language) {
    let folder = Folder::new();
    folder.write(
        "right.vec",
        "case abc\nopen SHA-256\nabsorb \"abc\"\nsqueeze 2 = *\n",
    );
    folder.write(
        "wrong.vec",
        "case abc\nopen SHA-256\nabsorb \"abc\"\nsqueeze = ba7817\n",
    );
    let outcome = language.run(&folder, &["."], &["selftest", "right.vec", "wrong.vec"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert_eq!(outcome.stdout, "right.vec: 1 cases\n");
    assert!(
        outcome.stderr.contains("wrong.vec: abc, line 4, squeeze: "),
        "{outcome:?}"
    );
}

fn digests_and_tags_are_those_of_pythons_library(language: Language) {
    const ORACLE: &str = "import hashlib, hmac, sys\n\
        key = open('key', 'rb').read()\n\
        for name in sys.argv[1:]:\n    \
            data = open(name, 'rb').read()\n    \
            print(hashlib.sha256(data).hexdigest(), hmac.new(key, data, 'sha256').hexdigest(), name)\n";
    let (folder, files) = three_files();
    let names = files.each_ref().map(|(name, _)| *name);
    let mut python = Command::new("python3");
    python
        .args(["-c", ORACLE])
        .args(names)
        .current_dir(folder.path("."));
    let (mut digests, mut tags) = (String::new(), String::new());
    for line in Outcome::of(&mut python).success().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [digest, tag, name] = words[..] else {
            panic!("{line}");
        };
        digests.push_str(&format!("{digest}  {name}\n"));
        tags.push_str(&format!("{tag}  {name}\n"));
    }
    let hash = [&["hash"], &names[..]].concat();
    assert_eq!(language.run(&folder, &["."], &hash).success(), digests);
    let mac = [&["mac", "key"], &names[..]].concat();
    assert_eq!(language.run(&folder, &["."], &mac).success(), tags);
}

fn what_is_sealed_opens_in_another_language_and_not_when_it_was_changed(
    language: Language,
    other: Language,
) {
    let (folder, files) = three_files();
    let names = files.each_ref().map(|(name, _)| *name);
    let seal = [&["seal", "key"], &names[..]].concat();
    assert_eq!(language.run(&folder, &["."], &seal).success(), "");

    let oracle = XChaCha20Poly1305::new(KEY.into());
    let mut nonces = BTreeSet::new();
    for (name, content) in &files {
        let sealed = folder.read(&format!("{name}.sealed"));
        assert_eq!(sealed.len(), 24 + content.len() + 16);
        let (nonce, msg) = sealed.split_at(24);
        nonces.insert(nonce.to_vec());
        let aad = name.as_bytes();
        let nonce: &XNonce = nonce.try_into().expect("24 bytes");
        let opened = oracle.decrypt(nonce, Payload { msg, aad });
        assert_eq!(&opened.expect("a sealed file"), content);
        std::fs::remove_file(folder.path(name)).expect("a file to remove");
    }
    assert_eq!(nonces.len(), files.len(), "a nonce was used twice");

    let open = [&["open", "key"], &names[..]].concat();
    assert_eq!(other.run(&folder, &["."], &open).success(), "");
    for (name, content) in &files {
        assert_eq!(&folder.read(name), content);
        std::fs::remove_file(folder.path(name)).expect("a file to remove");
    }

    let mut sealed = folder.read("word.sealed");
    sealed[30] ^= 1;
    folder.write("word.sealed", sealed);
    let line = language.run(&folder, &["."], &open).failure(1);
    assert_eq!(line, "word: invalid-tag\n");
    let left = folder.files();
    assert!(left.contains(&"empty".to_owned()) && left.contains(&"large".to_owned()));
    assert!(!left.contains(&"word".to_owned()), "{left:?}");
}

fn a_file_that_is_not_there_is_named(language: Language) {
    let folder = Folder::new();
    let line = language
        .run(&folder, &["."], &["hash", "no-such-file"])
        .failure(1);
    assert!(line.starts_with("no-such-file: "), "{line}");
}

/// The component imports these packages and no others, and the README's part on the language lists them.
fn imports(language: Language, heading: &str, wasi: &[&str]) {
    let folder = Folder::new();
    let bytes = std::fs::read(language.component(&folder)).expect("a component");
    let Ok(DecodedWasm::Component(resolve, world)) = wit_component::decode(&bytes) else {
        panic!("no component");
    };
    let mut packages = BTreeSet::new();
    for import in resolve.worlds[world].imports.keys() {
        let interface = resolve.name_world_key(import);
        let (package, _) = interface
            .split_once('/')
            .expect("an interface of a package");
        packages.insert(package.to_owned());
    }
    let mut expected: BTreeSet<String> = wasi.iter().map(|name| format!("wasi:{name}")).collect();
    expected.insert("wasi-ephemeral:crypto".to_owned());
    assert_eq!(packages, expected);

    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let (_, part) = readme
        .split_once(&format!("\n### {heading}\n"))
        .expect(heading);
    let words: Vec<&str> = part.split_whitespace().collect();
    let (last, others) = wasi.split_last().expect("imports");
    let list = format!("It imports WASI's `{}` and `{last}`", others.join("`, `"));
    let paragraph = words.join(" ");
    let before_code = paragraph.split("<!-- file").next().expect("a beginning");
    assert!(
        before_code.contains(&list),
        "{heading}: not in the README: {list}"
    );
}

macro_rules! language {
    ($module:ident, $language:ident, $other:ident, $heading:literal, $wasi:expr) => {
        mod $module {
            use super::Language::{$language, $other};

            #[test]
            fn every_vector_comes_out_as_expected() {
                super::every_vector_comes_out_as_expected($language);
            }

            #[test]
            fn a_vector_that_is_wrong_is_found() {
                super::a_vector_that_is_wrong_is_found($language);
            }

            #[test]
            fn digests_and_tags_are_those_of_pythons_library() {
                super::digests_and_tags_are_those_of_pythons_library($language);
            }

            #[test]
            fn what_is_sealed_opens_in_another_language_and_not_when_it_was_changed() {
                super::what_is_sealed_opens_in_another_language_and_not_when_it_was_changed(
                    $language, $other,
                );
            }

            #[test]
            fn a_file_that_is_not_there_is_named() {
                super::a_file_that_is_not_there_is_named($language);
            }

            #[test]
            fn the_component_imports_what_the_readme_says() {
                super::imports($language, $heading, &$wasi);
            }
        }
    };
}

language!(
    javascript,
    JavaScript,
    Python,
    "JavaScript",
    ["cli", "clocks", "filesystem", "io", "random"]
);
language!(
    python,
    Python,
    C,
    "Python",
    ["cli", "clocks", "filesystem", "io", "random", "sockets"]
);
language!(c, C, JavaScript, "C", ["cli", "clocks", "filesystem", "io"]);
