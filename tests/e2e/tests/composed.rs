//! Components that bring their cryptography along, on a host that has WASI and nothing else, do what they do on ours.

use wasi_crypto_engine::registry::ALGORITHMS;
use wasi_crypto_host::{Backend, WasiCryptoCtx};
use wasi_crypto_tests::{Linking, Outcome, Run};
use wasi_crypto_vectors::{files, parse};

/// What the interposer refuses.
const REFUSED: &str = "AES-128-CBC";

/// Plays a vector file; gives how many cases there are, and those that go wrong.
fn play(script: &str, linking: Linking) -> (usize, Vec<String>, Outcome) {
    let expected = parse(script).expect("a script").len();
    let outcome = Run::new("vectors", linking).stdin(script).finish();
    outcome.assert_success();
    assert_eq!(outcome.value("cases"), expected.to_string());
    let failed = outcome.values("mismatch").map(str::to_owned).collect();
    (expected, failed, outcome)
}

#[test]
fn the_provider_gives_the_known_answers() {
    let mut played = 0;
    for (file, script) in files() {
        let (cases, failed, _) = play(script, Linking::Composed);
        assert!(failed.is_empty(), "{file}: {failed:#?}");
        played += cases;
    }
    assert!(played > 0, "there are no vectors");
}

#[test]
fn through_an_interposer_come_the_known_answers_but_for_what_it_refuses() {
    for (file, script) in files() {
        let (_, failed, outcome) = play(script, Linking::Interposed);
        let refused = script.contains(REFUSED);
        if !refused {
            assert!(failed.is_empty(), "{file}: {failed:#?}");
            continue;
        }
        assert!(!failed.is_empty(), "{file} passes without {REFUSED}");
        assert!(
            outcome.stderr.contains(&format!("{REFUSED} refused")),
            "{file}: {}",
            outcome.stderr
        );
        for case in failed {
            assert!(case.contains("unsupported_algorithm"), "{file}: {case}");
        }
    }
}

#[test]
fn an_interposer_counts_what_passes() {
    let run = |linking| Run::new("patterns", linking).args(["mac"]).finish();
    let outcome = run(Linking::Interposed);
    assert_eq!(outcome.stdout, run(Linking::ZeroCopy).stdout);
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
