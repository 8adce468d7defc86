//! The README keeps its promises: its commands run, and what it shows is what they print.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Folder, Outcome, WASI_CRYPTO, guest};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn readme() -> String {
    std::fs::read_to_string(repository().join("README.md")).expect("the README")
}

/// The content of the first code block after `marker`.
fn block_after<'a>(text: &'a str, marker: &str) -> &'a str {
    let (_, after) = text.split_once(marker).expect(marker);
    let (_, block) = after.split_once("```").expect("a code block");
    let (_, block) = block.split_once('\n').expect("a line for the language");
    let (block, _) = block.split_once("```").expect("the end of the block");
    block
}

/// The commands of a console block, each with the output that follows it.
fn commands(block: &str) -> Vec<(&str, String)> {
    let mut commands: Vec<(&str, String)> = Vec::new();
    for line in block.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => commands.push((command, String::new())),
            None => {
                let (_, output) = commands.last_mut().expect("a command before its output");
                output.push_str(line);
                output.push('\n');
            }
        }
    }
    commands
}

#[test]
fn the_list_of_algorithms_is_current() {
    let path = repository().join("README.md");
    let text = readme();
    let table = Folder::new().wasi_crypto(["algorithms"]).success();
    let shown = block_after(&text, "<!-- wasi-crypto algorithms -->");
    if std::env::var_os("UPDATE_README").is_some() {
        let before = text
            .split("<!-- wasi-crypto algorithms -->")
            .next()
            .expect("a beginning");
        let start = before.len()
            + text[before.len()..].find("```text\n").expect("a block")
            + "```text\n".len();
        let updated = format!("{}{table}{}", &text[..start], &text[start + shown.len()..]);
        std::fs::write(path, updated).expect("the README to write");
        return;
    }
    assert_eq!(
        shown, table,
        "run UPDATE_README=1 ./just test -p wasi-crypto-cli --test readme"
    );
}

#[test]
fn the_component_of_the_readme_is_the_example_of_the_sdk() {
    let example = repository().join("guest/sdk/examples/hello.rs");
    let source = std::fs::read_to_string(example).expect("the example");
    assert!(
        source.ends_with(block_after(&readme(), "<!-- file src/main.rs -->")),
        "the README shows another program than guest/sdk/examples/hello.rs"
    );
}

#[test]
fn the_operators_commands_print_what_is_shown() {
    let text = readme();
    let folder = Folder::new();
    std::fs::copy(repository().join("LICENSE"), folder.path("LICENSE")).expect("a copy");
    std::fs::copy(guest("wcrypt.wasm"), folder.path("wcrypt.wasm")).expect("a copy");
    let (_, operators) = text.split_once("## For operators").expect("the section");
    let (_, console) = operators
        .split_once("```console\n")
        .expect("a console block");
    run_commands(&folder, console.split("```").next().expect("its end"));
}

/// Runs the commands of a console block in a folder, and holds that they print what it shows.
fn run_commands(folder: &Folder, console: &str) {
    let bin = Path::new(WASI_CRYPTO).parent().expect("a folder");
    let path = std::env::join_paths(std::iter::once(bin.to_path_buf()).chain(
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()),
    ));
    let path = path.expect("a PATH");
    let commands = commands(console);
    assert!(!commands.is_empty());
    for (command, shown) in commands {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .current_dir(folder.path("."))
            .env("PATH", &path);
        let printed = Outcome::of(&mut shell).success();
        assert_eq!(printed, shown, "{command}");
    }
}

#[test]
fn the_commands_for_composing_print_what_is_shown() {
    let text = readme();
    let folder = Folder::new();
    std::fs::copy(repository().join("LICENSE"), folder.path("LICENSE")).expect("a copy");
    std::fs::copy(guest("wcrypt.wasm"), folder.path("wcrypt.wasm")).expect("a copy");
    run_commands(&folder, block_after(&text, "<!-- wasi-crypto compose -->"));
}

#[test]
fn the_demonstration_of_just_run_succeeds() {
    let mut demo = Command::new("sh");
    demo.arg("tests/demo.sh")
        .arg(WASI_CRYPTO)
        .arg(guest("wcrypt.wasm"))
        .current_dir(repository());
    let printed = Outcome::of(&mut demo).success();
    assert!(printed.contains("equal"), "{printed}");
    assert!(printed.contains("decrypted to what it was"), "{printed}");
}
