//! A guest that calls anything with anything gets errnos, never a trap, and leaves nothing behind. What it gets does not
//! depend on the back end, nor on whether its memory is copied.

use wasi_crypto_engine::registry::ALGORITHMS;
use wasi_crypto_host::{Backend, Limits, WasiCryptoCtx, WasiCryptoCtxBuilder};
use wasi_crypto_test_harness::{Linking, Outcome, Run};

const STEPS: u64 = 300_000;

/// Limits so tight that the guest runs into all of them, and that no password hash takes long.
fn tight() -> WasiCryptoCtxBuilder {
    let mut limits = Limits::default();
    limits.buffered_bytes = 256 << 10;
    limits.squeeze_bytes = 64 << 10;
    limits.password_memory = 1 << 20;
    limits.password_work = 2 << 20;
    limits.scrypt_work = 1 << 12;
    limits.pbkdf2_iterations = 1000;
    WasiCryptoCtx::builder()
        .limits(limits)
        .max_handles(80)
        .max_call_bytes(64 << 10)
        .max_batch_entries(500)
}

fn run(seed: u64, steps: u64, linking: Linking, crypto: WasiCryptoCtxBuilder) -> Outcome {
    let outcome = Run::new("arbitrary", linking)
        .crypto(crypto)
        .args([seed.to_string(), steps.to_string()])
        .args(ALGORITHMS.iter().map(|row| row.name))
        .finish();
    outcome.assert_success();
    outcome
}

#[test]
fn nothing_traps_and_every_host_answers_the_same() {
    for seed in 1..=4 {
        let mut answers = Vec::new();
        for backend in [Backend::Native, Backend::Portable] {
            for linking in Linking::ALL {
                let outcome = run(seed, STEPS, linking, tight().backend(backend));
                answers.push((outcome.value("digest").to_owned(), backend, linking));
            }
        }
        assert!(
            answers.iter().all(|(digest, ..)| *digest == answers[0].0),
            "seed {seed}: {answers:?}"
        );
    }
}

#[test]
fn nothing_traps_within_the_default_limits() {
    for linking in Linking::ALL {
        run(5, 1500, linking, WasiCryptoCtx::builder());
    }
}

#[test]
fn every_function_is_called_in_vain_and_with_success() {
    let outcome = run(6, STEPS, Linking::Direct, tight());
    let calls: Vec<_> = outcome
        .lines()
        .filter(|(function, _)| *function != "digest")
        .collect();
    assert_eq!(calls.len(), 38, "{calls:?}");
    for (function, counts) in calls {
        let (succeeded, failed) = counts.split_once(' ').expect("two numbers");
        let never_fails = [
            "symmetric-key.export",
            "symmetric-tag.pull",
            "one-shot.decrypt-many",
        ];
        // Nothing but what another call has returned would be accepted.
        let may_not_succeed = [
            "one-shot.decrypt",
            "one-shot.verify",
            "symmetric-tag.verify",
        ];
        assert!(
            succeeded != "0" || may_not_succeed.contains(&function),
            "{function} never succeeded"
        );
        assert!(
            failed != "0" || never_fails.contains(&function),
            "{function} never failed"
        );
    }
}
