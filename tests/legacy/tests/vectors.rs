//! The vectors, through the adapter.

use std::sync::LazyLock;

use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_test_harness::Linking;
use wasi_crypto_vectors::player::{Report, play_files};

#[test]
fn a_core_module_gives_what_the_vectors_say() {
    play(Linking::Direct);
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
    let report = play_files(|script| {
        let run = PLAYER.run().linking(linking).stdin(script);
        Report::read(&run.finish().success()).expect("a report")
    });
    report.assert_right(&format!("through the adapter, {linking:?}"));
}
