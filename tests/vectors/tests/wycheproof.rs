//! What becomes of Project Wycheproof's tests.

use std::collections::BTreeSet;

use wasi_crypto_vectors::{coverage, parse, wycheproof::suites};

#[test]
fn each_test_becomes_a_case_and_the_refused_ones_are_counted() {
    // Algorithm, tests that it takes, tests that are refused: 192-bit keys, other nonce sizes, too long an output.
    let counts: Vec<(&str, usize, usize)> = suites()
        .iter()
        .map(|suite| {
            (
                suite.algorithm,
                suite.cases.len() - suite.refused,
                suite.refused,
            )
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("AES-128-GCM", 67, 41),
            ("AES-256-GCM", 66, 142),
            ("AES-128-GCM-SIV", 99, 0),
            ("AES-256-GCM-SIV", 103, 0),
            ("CHACHA20-POLY1305", 316, 9),
            ("XCHACHA20-POLY1305", 306, 9),
            ("AES-128-SIV", 300, 0),
            ("AES-256-SIV", 300, 300),
            ("AEGIS-128L", 479, 0),
            ("AEGIS-256", 472, 0),
            ("ASCON-AEAD", 252, 0),
            ("HMAC/SHA-256", 174, 0),
            ("HMAC/SHA-384", 174, 0),
            ("HMAC/SHA-512", 174, 0),
            ("AES-128-CMAC", 102, 0),
            ("AES-256-CMAC", 102, 107),
            ("KMAC-128", 174, 0),
            ("KMAC-256", 261, 0),
            ("HKDF-EXTRACT/SHA-256", 83, 3),
            ("HKDF-EXTRACT/SHA-512", 80, 3),
            ("PBKDF2/SHA-256", 60, 0),
            ("PBKDF2/SHA-512", 58, 0),
            ("AES-128-CBC", 72, 0),
            ("AES-256-CBC", 72, 72),
        ]
    );
}

#[test]
fn each_suite_compares_output_of_its_algorithm_and_of_no_other_but_hkdf() {
    for suite in suites() {
        let covered: BTreeSet<&str> = coverage(&suite.cases);
        assert!(covered.contains(suite.algorithm), "{}", suite.algorithm);
        let others = covered
            .iter()
            .filter(|name| !name.starts_with("HKDF-EXPAND/"));
        assert_eq!(others.count(), 1, "{}", suite.algorithm);
    }
}

#[test]
fn each_case_can_be_written_and_parsed_like_the_vectors_of_the_files() {
    for suite in suites() {
        for case in suite.cases {
            let text = case.to_string();
            assert_eq!(parse(&text).unwrap()[0].to_string(), text);
        }
    }
}
