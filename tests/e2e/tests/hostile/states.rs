//! What states must refuse, or keep apart.

use crate::{hostile, hostile_all};

#[test]
fn what_a_clone_absorbs_does_not_reach_the_original() {
    hostile_all(
        "clone-and-absorb",
        &["SHA-256", "SHA3-512", "SHAKE-256", "BLAKE3", "XOODYAK-128"],
        "independent",
    );
}

#[test]
fn a_clone_never_repeats_the_key_stream() {
    hostile(
        "clone-and-encrypt",
        &[
            ("AES-256-GCM", "nonce-required"),
            ("CHACHA20-POLY1305", "nonce-required"),
            ("XCHACHA20-POLY1305", "nonce-required"),
            ("AES-128-GCM-SIV", "nonce-required"),
            ("AEGIS-128L", "nonce-required"),
            ("AES-128-CBC", "nonce-required"),
            ("XOODYAK-128", "nonce-required"),
            ("STROBE-128", "nonce-required"),
            ("AES-128-CTR", "unsupported-feature"),
            ("HMAC-DRBG/SHA-256", "unsupported-feature"),
        ],
    );
}

#[test]
fn a_tag_of_another_length_decrypts_nothing() {
    let each = [
        ("none", "invalid-tag"),
        ("8 bytes", "invalid-tag"),
        ("15 bytes", "invalid-tag"),
        ("17 bytes", "invalid-tag"),
        ("16 bytes", "ok"),
    ];
    hostile("short-tags", &[each; 5].concat());
}

#[test]
fn no_tag_verifies_against_nothing() {
    hostile_all(
        "empty-expected-tags",
        &[
            "HMAC/SHA-256",
            "HMAC/SHA-512",
            "AES-128-CMAC",
            "KMAC-128",
            "TupleHash128",
            "AES-256-GCM",
        ],
        "invalid-tag",
    );
}

#[test]
fn each_state_of_one_empty_set_of_options_gets_a_nonce_of_its_own() {
    hostile(
        "empty-options-twice",
        &[("nonce-len", "24"), ("nonces", "different")],
    );
}

#[test]
fn a_nonce_encrypts_once_and_not_after_a_decryption_whether_it_failed_or_not() {
    let labels = [
        ["AES-256-GCM"; 3],
        ["CHACHA20-POLY1305"; 3],
        ["XCHACHA20-POLY1305"; 3],
        ["AES-128-GCM-SIV"; 3],
        ["AEGIS-128L"; 3],
        ["AES-128-CBC"; 3],
    ];
    hostile_all("encrypt-after-decrypt", &labels.concat(), "nonce-required");
}

#[test]
fn a_state_keeps_the_options_that_it_was_opened_with() {
    hostile_all(
        "options-changed-after-open",
        &["before", "after", "later"],
        "true",
    );
}

#[test]
fn options_for_another_category_are_refused_even_if_none_is_set() {
    hostile_all(
        "another-categorys-options",
        &[["signatures"; 3], ["key-exchange"; 3]].concat(),
        "unsupported-option",
    );
}

#[test]
fn a_host_without_managed_keys_says_so() {
    hostile_all(
        "no-secrets-manager",
        &["open", "open with options", "id"],
        "unsupported-feature",
    );
}
