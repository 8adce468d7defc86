//! Batches that are too much, and batches whose entries must not disturb each other.

use wasi_crypto_test_harness::{Linking, Run};

use crate::{FUEL, hostile, hostile_all};

/// All functions that take a list of entries with data, over the limit; and nothing was done.
const ALIASED: [(&str, &str); 11] = [
    ("encrypt", "overflow"),
    ("encrypt detached", "overflow"),
    ("decrypt", "overflow"),
    ("decrypt detached", "overflow"),
    ("many nonces", "overflow"),
    ("many nonces", "overflow"),
    ("much associated data", "overflow"),
    ("much associated data", "overflow"),
    ("many messages", "overflow"),
    ("many messages", "overflow"),
    ("afterwards", "ok"),
];

#[test]
fn a_batch_whose_entries_are_all_the_same_megabytes_is_refused_whole() {
    // Too many entries; and, where wasmtime is told to let it through, too many bytes.
    for (entries, fuel) in [("70000", FUEL), ("60000", usize::MAX), ("3", FUEL)] {
        for linking in [Linking::Direct, Linking::Reading] {
            let run = Run::new("hostile", linking).args(["aliased-batch", entries]);
            run.hostcall_fuel(fuel).finish().assert_lines(&ALIASED);
        }
    }
    // With copies there have to be few enough for wasmtime to make them.
    let run = Run::new("hostile", Linking::Copying).args(["aliased-batch", "3"]);
    run.hostcall_fuel(FUEL).finish().assert_lines(&ALIASED);
}

#[test]
fn a_batch_of_too_many_entries_is_refused_whole() {
    hostile(
        "too-many-entries",
        &[
            ("65536", "ok"),
            ("65537", "overflow"),
            ("tags", "overflow"),
            ("messages", "overflow"),
            ("ciphertexts", "overflow"),
        ],
    );
}

#[test]
fn a_batch_that_squeezes_too_much_is_refused_whole() {
    hostile(
        "too-much-output",
        &[
            ("17 MiB", "overflow"),
            ("2^65 - 2", "overflow"),
            ("afterwards", "true"),
            ("16 MiB", "ok"),
        ],
    );
}

#[test]
fn a_batch_that_makes_more_tags_than_there_can_be_is_refused_whole() {
    hostile(
        "tags-without-room",
        &[
            ("16 383 tags", "too-many-handles"),
            ("16 382 tags", "ok"),
            ("ciphertexts", "too-many-handles"),
            ("afterwards", "ok"),
        ],
    );
}

#[test]
fn a_batch_of_password_hashes_may_not_take_longer_than_one() {
    hostile(
        "password-batch",
        &[
            ("tags", "overflow"),
            ("squeezes", "overflow"),
            ("the same twice", "overflow"),
            ("cheap ones", "2"),
        ],
    );
}

#[test]
fn an_entry_that_fails_changes_nothing_for_the_others() {
    hostile(
        "one-bad-entry",
        &[
            ("decrypt", "01010101"),
            ("decrypt", "invalid-tag"),
            ("decrypt", "03030303"),
            ("squeeze", "ok, invalid-length, invalid-operation, ok"),
            ("the same", "true"),
            ("encrypt many", "ok, nonce-required, invalid-nonce, ok"),
        ],
    );
}

#[test]
fn a_state_that_is_twice_in_a_batch_sees_its_entries_in_order() {
    hostile(
        "state-twice",
        &[
            ("AEAD", "ok, nonce-required"),
            ("in order", "true"),
            // AES-128 of sixteen zeros under a key of sixteen zeros is 66e94bd4ef8a2c3b…: its bytes 4 to 9, with "halves"
            // added to them.
            ("second half", "87eb404ded3f"),
        ],
    );
}

#[test]
fn an_empty_batch_gives_nothing() {
    hostile_all(
        "empty-batches",
        &[
            "squeeze",
            "squeeze-tag",
            "encrypt",
            "encrypt-detached",
            "decrypt",
            "decrypt-detached",
            "encrypt-many",
            "decrypt-many",
        ],
        "0",
    );
}
