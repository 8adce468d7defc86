//! The README's section for component authors, followed to the letter: in an empty folder, each part's files are written
//! and its commands are run, in their order.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Folder, Outcome, WASI_CRYPTO, built, target};

/// What a part of the section tells its reader to do.
#[derive(Debug)]
enum Step<'a> {
    /// `<!-- file NAME -->`, and then a block: the content of a file.
    File(&'a str, String),
    /// A line of a console block that begins with `$ `, and the lines up to the next: what it prints. A command that is
    /// shown to print nothing may print what it likes.
    Command(&'a str, String),
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The part of the section that has this heading, up to the next heading.
fn part<'a>(readme: &'a str, language: &str) -> &'a str {
    let (_, section) = readme
        .split_once("\n## For component authors\n")
        .expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let (_, part) = section
        .split_once(&format!("\n### {language}\n"))
        .expect(language);
    part.split("\n### ").next().expect("a part")
}

fn steps(part: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut file = None;
    let mut lines = part.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("<!-- file ") {
            file = Some(name.strip_suffix(" -->").expect("the end of the comment"));
        } else if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match (language, file.take()) {
                (_, Some(name)) => steps.push(Step::File(name, block.join("\n") + "\n")),
                ("console", None) => steps.extend(commands(&block)),
                _ => panic!("a block that is neither a file nor commands: {block:?}"),
            }
        }
    }
    steps
}

fn commands<'a>(block: &[&'a str]) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step::Command(command, String::new())),
            (None, Some(Step::Command(_, output))) => {
                output.push_str(line);
                output.push('\n');
            }
            _ => panic!("output before its command: {line}"),
        }
    }
    steps
}

/// A shell in which the tools that the tests have installed are found, so that installing them again has nothing to do.
fn shell(folder: &Path, command: &str) -> Command {
    let languages = built("languages");
    let mut path = vec![
        Path::new(WASI_CRYPTO)
            .parent()
            .expect("a folder")
            .to_path_buf(),
        languages.join("tools/bin"),
    ];
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    path.extend(std::env::split_paths(&inherited));
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(path).expect("a PATH"))
        .env("CARGO_INSTALL_ROOT", languages.join("tools"))
        .env("ZIG_GLOBAL_CACHE_DIR", languages.join("zig-cache"))
        .env("PIP_CACHE_DIR", languages.join("pip-cache"))
        .env("XDG_CACHE_HOME", target().join("tmp/cache"))
        .env("npm_config_prefer_offline", "true")
        .env_remove("CARGO_TARGET_DIR");
    shell
}

/// Follows a part in `wasi-crypto`'s sister folder `hello`, and gives what its commands were shown, and seen, to print.
fn follow(language: &str, prepare: impl Fn(&Path)) -> String {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let folder = Folder::new();
    let repository = repository().canonicalize().expect("the repository");
    std::os::unix::fs::symlink(repository, folder.path("wasi-crypto")).expect("a link");
    let hello = folder.path("hello");
    std::fs::create_dir(&hello).expect("a folder");
    prepare(&hello);
    let mut printed = String::new();
    for step in steps(part(&readme, language)) {
        match step {
            Step::File(name, content) => {
                let path = hello.join(name);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                std::fs::write(path, content).expect("a file");
            }
            Step::Command(command, shown) => {
                let outcome = Outcome::of(&mut shell(&hello, command));
                assert_eq!(outcome.code, 0, "{command}: {outcome:?}");
                if !shown.is_empty() {
                    assert_eq!(outcome.stdout, shown, "{command}");
                    printed.push_str(&shown);
                }
            }
        }
    }
    printed
}

const HELLO: &str = "SHA-256 of hello begins with [2c, f2, 4d, ba]\nsealed and opened 14 bytes\n";

#[test]
fn a_component_in_rust_starts_from_nothing() {
    let printed = follow("Rust", |hello| {
        // What is compiled stays for the next time.
        let target = built("languages").join("hello-rust");
        std::fs::create_dir_all(&target).expect("a folder");
        std::os::unix::fs::symlink(target, hello.join("target")).expect("a link");
    });
    let digest = HELLO.lines().next().expect("a line");
    assert_eq!(printed, format!("{HELLO}{digest}\n"));
}

#[test]
fn a_component_in_javascript_starts_from_nothing() {
    assert_eq!(follow("JavaScript", |_| ()), HELLO);
}

#[test]
fn a_component_in_python_starts_from_nothing() {
    assert_eq!(follow("Python", |_| ()), HELLO);
}

#[test]
fn a_component_in_c_starts_from_nothing() {
    assert_eq!(follow("C", |_| ()), HELLO);
}
