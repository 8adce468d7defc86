//! Keys of the wrong length or algorithm.

use std::ops::RangeInclusive;

use wasi_crypto_engine::registry::{ALGORITHMS, KeyRule};
use wasi_crypto_test_harness::{Linking, Run};

use crate::{hostile, hostile_all};

#[test]
fn an_aes_key_of_five_bytes_is_refused_at_import() {
    hostile_all(
        "short-aes-key",
        &["AES-128-GCM", "AES-256-GCM"],
        "invalid-key",
    );
}

#[test]
fn a_prk_of_64_bytes_becomes_no_aes_key_and_what_is_expanded_from_it_fits() {
    hostile(
        "long-prk",
        &[
            ("extract", "incompatible-keys"),
            ("expanded-len", "32"),
            ("opened", "ok"),
            ("encrypted", "ok"),
            ("opened-as-another", "invalid-key"),
        ],
    );
}

#[test]
fn hkdf_extracts_for_its_own_expansion_only() {
    hostile(
        "extracting-for-others",
        &[
            ("HMAC/SHA-256", "incompatible-keys"),
            ("HMAC/SHA-512", "incompatible-keys"),
            ("AES-128-GCM", "incompatible-keys"),
            ("AES-256-GCM", "incompatible-keys"),
            ("HKDF-EXPAND/SHA-512", "incompatible-keys"),
            ("HKDF-EXTRACT/SHA-256", "incompatible-keys"),
            ("HKDF-EXPAND/SHA-256", "ok"),
        ],
    );
}

#[test]
fn a_key_opens_states_of_its_own_algorithm_only() {
    hostile(
        "another-algorithms-key",
        &[
            ("of the same length", "invalid-key"),
            ("of no algorithm", "unsupported-algorithm"),
            ("of an unkeyed algorithm", "key-not-supported"),
        ],
    );
}

#[test]
fn key_lengths_are_judged_at_import_for_every_algorithm() {
    const LENGTHS: RangeInclusive<usize> = 0..=130;

    let expected: Vec<_> = ALGORITHMS
        .iter()
        .map(|row| (row.name, expected_lengths(row.key, LENGTHS)))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, shown)| (*name, shown.as_str()))
        .collect();
    for linking in Linking::ALL {
        let names = ALGORITHMS.iter().map(|row| row.name);
        let run = Run::new("hostile", linking).args(["key-lengths"]);
        run.args(names).finish().assert_lines(&expected);
    }
}

/// What the guest prints of an algorithm whose row has this rule.
fn expected_lengths(rule: KeyRule, lengths: RangeInclusive<usize>) -> String {
    let (first, last) = (*lengths.start(), *lengths.end());
    let (min, max) = match rule {
        KeyRule::Optional { min, max, .. } | KeyRule::Required { min, max, .. } => (min, max),
        _ => return format!("key-not-supported {first}-{last}"),
    };
    let max = max.min(last);
    let range = |from: usize, to: usize| match to.checked_sub(from) {
        Some(0) => format!(" {from}"),
        Some(_) => format!(" {from}-{to}"),
        None => String::new(),
    };
    let below = min
        .checked_sub(1)
        .map_or(String::new(), |to| range(first, to));
    let refused = match below + &range(max + 1, last) {
        none if none.is_empty() => none,
        some => format!(", invalid-key{some}"),
    };
    format!("ok{}{refused}", range(min, max))
}
