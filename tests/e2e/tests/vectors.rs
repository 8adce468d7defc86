//! The known answers come out of a component too: on both back ends, with and without copies.

use wasi_crypto_engine::Backend;
use wasi_crypto_host::WasiCryptoCtx;
use wasi_crypto_tests::{Linking, Run};
use wasi_crypto_vectors::{files, parse};

fn play(backend: Backend, linking: Linking) {
    let mut failed = Vec::new();
    let mut played = 0;
    for (file, script) in files() {
        let expected = parse(script).unwrap_or_else(|error| panic!("{file}: {error}"));
        let outcome = Run::new("vectors", linking)
            .crypto(WasiCryptoCtx::builder().backend(backend))
            .stdin(*script)
            .finish();
        outcome.assert_success();
        assert_eq!(outcome.value("cases"), expected.len().to_string(), "{file}");
        failed.extend(
            outcome
                .values("mismatch")
                .map(|case| format!("{file}: {case}")),
        );
        played += expected.len();
    }
    assert!(
        failed.is_empty(),
        "{} of {played} cases fail on {backend:?}, {linking:?}:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(played > 0, "there are no vectors");
}

#[test]
fn native_zero_copy() {
    play(Backend::Native, Linking::ZeroCopy);
}

#[test]
fn native_reading() {
    play(Backend::Native, Linking::Reading);
}

#[test]
fn native_copying() {
    play(Backend::Native, Linking::Copying);
}

#[test]
fn portable_zero_copy() {
    play(Backend::Portable, Linking::ZeroCopy);
}

#[test]
fn portable_reading() {
    play(Backend::Portable, Linking::Reading);
}

#[test]
fn portable_copying() {
    play(Backend::Portable, Linking::Copying);
}

#[test]
fn a_wrong_answer_is_noticed() {
    let script =
        "case wrong\nopen SHA-256\nsqueeze = 00*32\ncase refused\nopen SHA-256 = !key_required\n";
    let outcome = Run::new("vectors", Linking::ZeroCopy)
        .stdin(script)
        .finish();
    assert_eq!(outcome.values("mismatch").count(), 2, "{outcome:?}");
    assert_eq!(outcome.value("cases"), "2");
}
