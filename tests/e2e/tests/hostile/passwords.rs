//! Password hashes that would never end, or fill all memory.

use wasi_crypto_test_harness::{Linking, Run};

use crate::hostile;

#[test]
fn argon2_costs_are_limited() {
    hostile(
        "argon2-costs",
        &[
            ("4 GiB", "overflow"),
            ("all memory", "overflow"),
            ("no memory", "unsupported-option"),
            ("2^32 - 1 passes", "overflow"),
            ("2^64 - 1 passes", "overflow"),
            ("no pass", "unsupported-option"),
            ("2^24 lanes", "unsupported-option"),
            ("2^64 - 1 lanes", "unsupported-option"),
            ("no lane", "unsupported-option"),
            ("2^13 lanes", "ok"),
            ("memory times passes", "overflow"),
            ("4 GiB lent", "overflow"),
            ("all memory lent", "overflow"),
            ("more than lent", "overflow"),
            ("as much as lent", "ok"),
            ("too long", "overflow"),
            ("too short", "invalid-length"),
        ],
    );
}

#[test]
fn scrypt_costs_are_limited() {
    hostile(
        "scrypt-costs",
        &[
            ("N = 2^40", "overflow"),
            ("N = 2^63", "overflow"),
            ("N = 3", "unsupported-option"),
            ("N = 0", "unsupported-option"),
            ("r = 2^32", "overflow"),
            ("r = 0", "unsupported-option"),
            ("p = 2^32", "overflow"),
            ("p = 0", "unsupported-option"),
            ("N = 16", "ok"),
        ],
    );
}

#[test]
fn pbkdf2_costs_are_limited() {
    hostile(
        "pbkdf2-costs",
        &[
            ("2^32 - 1 iterations", "overflow"),
            ("2^64 - 1 iterations", "overflow"),
            ("no iteration", "unsupported-option"),
            ("1 iteration", "ok"),
            ("10^6 iterations for 16 MiB", "overflow"),
        ],
    );
}

#[test]
fn costs_in_a_stored_string_obey_the_limits() {
    hostile(
        "stored-costs",
        &[
            ("memory", "overflow"),
            ("passes", "overflow"),
            ("lanes", "unsupported-option"),
            ("N", "overflow"),
            ("N overflows", "overflow"),
            ("r", "overflow"),
            ("iterations", "overflow"),
            ("another password", "invalid-tag"),
            ("another algorithm", "incompatible-keys"),
        ],
    );
}

#[test]
fn what_is_no_stored_string_is_refused() {
    for linking in Linking::ALL {
        let outcome = Run::new("hostile", linking)
            .args(["malformed-strings"])
            .finish();
        outcome.assert_success();
        let lines: Vec<_> = outcome.lines().collect();
        assert_eq!(lines.len(), 12);
        for (stored, errno) in lines {
            let expected = match stored {
                "empty" => "parameters-missing",
                _ => "unsupported-encoding",
            };
            assert_eq!(errno, expected, "{stored}");
        }
    }
}
