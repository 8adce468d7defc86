//! The vectors, through the adapter.

use std::sync::LazyLock;

use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_tests::Linking;
use wasi_crypto_vectors::{files, parse};

#[test]
fn a_core_module_gives_what_the_vectors_say() {
    play(Linking::ZeroCopy);
}

#[test]
fn a_core_module_gives_what_the_vectors_say_where_the_host_has_results_copied() {
    play(Linking::Reading);
}

#[test]
fn a_core_module_gives_what_the_vectors_say_where_the_host_has_all_copied() {
    play(Linking::Copying);
}

static PLAYER: LazyLock<Legacy> = LazyLock::new(|| Legacy::guest("witx-vectors"));

fn play(linking: Linking) {
    let mut mismatches = Vec::new();
    let mut played = 0;
    for (file, script) in files() {
        let cases = parse(script).unwrap_or_else(|error| panic!("{file}: {error}"));
        let printed = PLAYER
            .run()
            .linking(linking)
            .stdin(*script)
            .finish()
            .success();
        assert!(
            printed.ends_with(&format!("cases: {}\n", cases.len())),
            "{file}: {printed}"
        );
        let differences = printed.lines().filter(|line| line.starts_with("mismatch"));
        mismatches.extend(differences.map(|line| format!("{file}: {line}")));
        played += cases.len();
    }
    assert!(
        mismatches.is_empty(),
        "{} of {played} cases fail:\n{}",
        mismatches.len(),
        mismatches.join("\n")
    );
    assert!(played > 0, "there are no vectors");
}
