//! The known answers come out of a component too: on both back ends, with and without copies.

use wasi_crypto_engine::Backend;
use wasi_crypto_host::WasiCryptoCtx;
use wasi_crypto_test_harness::{Linking, Run};
use wasi_crypto_vectors::player::{Report, play_files};

fn play(backend: Backend, linking: Linking) {
    let report = play_files(|script| {
        let run = Run::new("vectors", linking).crypto(WasiCryptoCtx::builder().backend(backend));
        Report::read(&run.stdin(script).finish().success()).expect("a report")
    });
    report.assert_right(&format!("on {backend:?}, {linking:?}"));
}

#[test]
fn native_direct() {
    play(Backend::Native, Linking::Direct);
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
fn portable_direct() {
    play(Backend::Portable, Linking::Direct);
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
    let outcome = Run::new("vectors", Linking::Direct).stdin(script).finish();
    let report = Report::read(&outcome.success()).expect("a report");
    assert_eq!((report.cases, report.mismatches.len()), (2, 2), "{report}");
}
