//! Password hashing gives the same where no thread can be started, and in a forked process.

// Elsewhere there is no such limit to set; the native back end is the one with threads.
#![cfg(all(target_os = "linux", feature = "native"))]

use wasi_crypto_engine::{Category, Engine};
use wasi_crypto_test_process::{succeeds_in_a_fork, without_threads};

/// The tags of RFC 9106, section 5: Argon2d, Argon2i, Argon2id.
const TAGS: [(&str, &str); 3] = [
    (
        "ARGON2-D-13",
        "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb",
    ),
    (
        "ARGON2-I-13",
        "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8",
    ),
    (
        "ARGON2-ID-13",
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
    ),
];

/// Holds that hashes with several lanes are the standard's, and that one lane works too.
fn hashes_are_right() {
    let engine = Engine::default();
    for (algorithm, expected) in TAGS {
        let key = engine.import_key(algorithm, &[3; 8]).expect("a secret");
        let mut options = engine.options(Category::Symmetric);
        options.set("salt", &[2; 16]).expect("a salt");
        options.set("context", &[4; 12]).expect("associated data");
        options.set_u64("memory_limit", 32 << 10).expect("memory");
        options.set_u64("ops_limit", 3).expect("passes");
        for (lanes, expected) in [(4, Some(expected)), (1, None)] {
            options.set_u64("parallelism", lanes).expect("lanes");
            let state = engine.open(algorithm, Some(&key), Some(&options));
            let mut state = state.expect(algorithm);
            state.absorb(&[1; 32]).expect("a password");
            let hash = state.squeeze(32).expect(algorithm);
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(expected.is_none_or(|expected| expected == hex), "{hex}");
        }
    }
}

#[test]
fn lanes_are_filled_where_no_thread_can_be_started() {
    without_threads(
        "lanes_are_filled_where_no_thread_can_be_started",
        hashes_are_right,
    );
}

#[test]
fn lanes_are_filled_in_a_forked_process() {
    // The threads that this starts are none of the child's.
    hashes_are_right();
    assert!(succeeds_in_a_fork(hashes_are_right));
}
