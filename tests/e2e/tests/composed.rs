//! Components that bring their cryptography along, on a host that has WASI and nothing else, do what they do on ours.

use wasi_crypto_engine::registry::ALGORITHMS;
use wasi_crypto_host::{Backend, WasiCryptoCtx};
use wasi_crypto_test_harness::{Linking, Outcome, Run};
use wasi_crypto_vectors::player::{Report, play_files};

/// What the interposer refuses.
const REFUSED: &str = "AES-128-CBC";

/// Plays a vector file.
fn play(script: &str, linking: Linking) -> (Report, Outcome) {
    let outcome = Run::new("vectors", linking).stdin(script).finish();
    outcome.assert_success();
    let report = Report::read(&outcome.stdout).expect("a report");
    (report, outcome)
}

#[test]
fn the_provider_gives_the_known_answers() {
    play_files(|script| play(script, Linking::Composed).0).assert_right("composed");
}

#[test]
fn through_an_interposer_come_the_known_answers_but_for_what_it_refuses() {
    let report = play_files(|script| {
        let (report, outcome) = play(script, Linking::Interposed);
        let refused = script.contains(REFUSED);
        assert_eq!(report.mismatches.is_empty(), !refused, "{report}");
        let complained = outcome.stderr.contains(&format!("{REFUSED} refused"));
        assert_eq!(complained, refused, "{}", outcome.stderr);
        report
    });
    assert!(!report.mismatches.is_empty(), "no vectors of {REFUSED}");
    for case in report.mismatches {
        assert!(case.contains("unsupported_algorithm"), "{case}");
    }
}

#[test]
fn an_interposer_counts_what_passes() {
    let run = |linking| Run::new("patterns", linking).args(["mac"]).finish();
    let outcome = run(Linking::Interposed);
    assert_eq!(outcome.stdout, run(Linking::Direct).stdout);
    assert_eq!(
        outcome.stderr,
        "audit 1: import HMAC/SHA-512\naudit 2: open HMAC/SHA-512\n"
    );
}

#[test]
fn arbitrary_calls_get_the_same_answers_as_from_the_host() {
    let run = |linking| {
        let outcome = Run::new("arbitrary", linking)
            .crypto(WasiCryptoCtx::builder().backend(Backend::Portable))
            .args(["7", "1500"])
            .args(ALGORITHMS.iter().map(|row| row.name))
            .finish();
        outcome.assert_success();
        outcome.stdout
    };
    assert_eq!(run(Linking::Composed), run(Linking::Copying));
}
