//! What becomes of Project Wycheproof's tests, for an implementation that has two algorithms. That every test of a file
//! becomes a case is checked where the file is read.

use wasi_crypto_vectors::parse;
use wasi_crypto_vectors::wycheproof::{Suite, Takes, suites};

fn two(name: &str) -> Option<Takes> {
    let nonce = Some(12);
    match name {
        "AES-256-GCM" => Some(Takes { nonce, tag: 16 }),
        "HMAC/SHA-256" => Some(Takes {
            nonce: None,
            tag: 32,
        }),
        _ => None,
    }
}

fn numbers(suites: &[Suite]) -> Vec<(&str, usize, usize)> {
    let numbers = |suite: &Suite| (suite.cases.len() - suite.refused, suite.refused);
    suites
        .iter()
        .map(|suite| (suite.algorithm.as_str(), numbers(suite).0, numbers(suite).1))
        .collect()
}

#[test]
fn only_algorithms_that_the_implementation_has_are_tested_and_other_sizes_are_refused() {
    // Keys of 128 and 192 bits, and nonces that are not of 96.
    let expected = [("AES-256-GCM", 66, 250), ("HMAC/SHA-256", 174, 0)];
    assert_eq!(numbers(&suites(&two)), expected);
}

#[test]
fn an_algorithm_of_another_tag_size_refuses_every_tag() {
    let short = |name: &str| two(name).map(|takes| Takes { tag: 8, ..takes });
    let suites = suites(&short);
    assert_eq!(numbers(&suites)[0], ("AES-256-GCM", 0, 316));
}

#[test]
fn each_case_can_be_written_and_parsed_like_the_vectors_of_the_files() {
    for suite in suites(&two) {
        for case in suite.cases {
            let text = case.to_string();
            assert_eq!(parse(&text).unwrap()[0].to_string(), text);
        }
    }
}
