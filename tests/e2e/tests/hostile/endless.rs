//! Too much: to give, to take, to keep.

use crate::hostile;

#[test]
fn a_squeeze_of_gigabytes_is_refused_and_the_state_goes_on() {
    hostile(
        "huge-squeezes",
        &[
            ("SHAKE-128", "overflow, overflow, ok"),
            ("KT128", "overflow, overflow, ok"),
            ("BLAKE3", "overflow, overflow, ok"),
            ("TupleHash128", "overflow, overflow, ok"),
            ("TupleHashXOF256", "overflow, overflow, ok"),
            ("XOODYAK-128", "overflow, overflow, ok"),
            ("SHA-256", "invalid-length, invalid-length, ok"),
            ("KMAC-256", "overflow, overflow, ok"),
            ("AES-256-CTR", "overflow, overflow, ok"),
            ("HKDF-EXPAND/SHA-256", "invalid-length, invalid-length, ok"),
            ("HMAC-DRBG/SHA-256", "invalid-length, invalid-length, ok"),
        ],
    );
}

#[test]
fn associated_data_is_counted_against_the_guest_over_all_states_and_given_back() {
    hostile(
        "endless-associated-data",
        &[
            ("64 MiB", "overflow 64"),
            ("16 MiB", "ok 3, overflow 61"),
            ("still", "ok"),
            ("another's", "overflow"),
            ("afterwards", "ok"),
        ],
    );
}

#[test]
fn whatever_is_kept_is_counted() {
    hostile(
        "endless-buffers",
        &[
            ("AES-128-SIV", "ok 3, overflow 61"),
            ("HKDF-EXPAND/SHA-256", "ok 3, overflow 61"),
            ("HKDF-EXTRACT/SHA-256", "ok 3, overflow 61"),
            ("ARGON2-ID-13", "ok 3, overflow 61"),
            ("SCRYPT", "ok 3, overflow 61"),
            ("PBKDF2/SHA-256", "ok 3, overflow 61"),
            ("options", "4"),
            ("keys", "4"),
        ],
    );
}

#[test]
fn input_that_would_be_gone_through_again_and_again_is_refused() {
    hostile(
        "repeated-input",
        &[
            ("info for 255 blocks", "overflow"),
            ("info for 1000 entries", "overflow"),
            ("info for a block", "ok"),
            ("PBKDF2/SHA-256", "overflow"),
            ("SCRYPT", "overflow"),
            ("ASCON-AEAD", "overflow"),
            ("afterwards", "ok"),
            ("AES-256-SIV", "overflow"),
            ("afterwards", "ok"),
        ],
    );
}

#[test]
fn a_byte_more_than_a_call_may_bring_is_refused() {
    let over = [
        "absorb a byte more",
        "absorb 65 MiB",
        "encrypt",
        "encrypt detached",
        "decrypt",
        "decrypt detached",
        "import",
        "set",
        "hash",
        "one shot",
        "many",
        "authenticate",
        "verify",
        "derive",
    ];
    let mut lines = vec![("absorb 64 MiB", "ok")];
    lines.extend(over.map(|label| (label, "overflow")));
    hostile("over-call-bytes", &lines);
}

#[test]
fn there_can_be_so_many_objects_and_closing_makes_room() {
    hostile(
        "too-many-handles",
        &[
            ("states", "16384"),
            ("one more", "too-many-handles"),
            ("options", "too-many-handles"),
            ("key", "too-many-handles"),
            ("clone", "too-many-handles"),
            ("after closing one", "1"),
            ("after closing all", "16384"),
            ("tags beside a key and a state", "16382"),
            ("one more", "too-many-handles"),
            ("tag", "32"),
            ("options beside a key and a state", "16382"),
        ],
    );
}

#[test]
fn opening_and_closing_leaves_nothing_behind() {
    hostile("open-and-close", &[("cycles", "100000")]);
}
