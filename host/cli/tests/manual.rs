//! docs/keys.md keeps its promises: its commands run, one after the other, and print what it shows.

mod common;

use std::path::Path;
use std::process::Command;

use common::{Folder, Outcome, WASI_CRYPTO, guest};

/// Between what one command prints and what the next does.
const END: &str = "\u{1}";

/// Identifiers and points in time are others each time.
fn normalized(text: &str) -> String {
    let is_time = |word: &str| word.len() == 20 && word.ends_with('Z') && word.contains("T");
    let is_id = |word: &str| word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != ':');
    let one = |word: &str| {
        let end = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let rest = &word[end.len()..];
        if is_id(end) {
            format!("ID{rest}")
        } else if is_time(end) {
            format!("TIME{rest}")
        } else {
            word.to_owned()
        }
    };
    words.map(one).collect()
}

#[test]
fn the_commands_of_the_manual_print_what_is_shown() {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/keys.md");
    let manual = std::fs::read_to_string(manual).expect("the manual");
    let mut script = String::from("exec 2>&1\n");
    let mut shown: Vec<(&str, String)> = Vec::new();
    for block in manual.split("<!-- manual -->\n```console\n").skip(1) {
        let (block, _) = block.split_once("```").expect("its end");
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                script.push_str(&format!("{command}\nprintf '{END}'\n"));
                shown.push((command, String::new()));
            } else {
                let (_, output) = shown.last_mut().expect("a command before its output");
                output.push_str(&format!("{line}\n"));
            }
        }
    }
    assert!(shown.len() > 10, "{shown:?}");

    let folder = Folder::new();
    std::fs::copy(guest("examples/vault.wasm"), folder.path("vault.wasm")).expect("a copy");
    let bin = Path::new(WASI_CRYPTO).parent().expect("a folder");
    let before = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&before));
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &script])
        .current_dir(folder.path("."))
        .env("PATH", std::env::join_paths(path).expect("a PATH"));
    let printed = Outcome::of(&mut shell).stdout;
    let printed: Vec<&str> = printed.split(END).collect();
    for ((command, shown), printed) in shown.iter().zip(&printed) {
        assert_eq!(normalized(printed), normalized(shown), "{command}");
    }
    assert_eq!(printed.len(), shown.len() + 1, "{printed:?}");
}
