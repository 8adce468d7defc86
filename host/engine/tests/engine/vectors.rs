//! The known-answer vectors, on both back ends.

use std::collections::BTreeSet;

use wasi_crypto_engine::registry::{Absorb, NonceRule};
use wasi_crypto_engine::{Backend, registry};
use wasi_crypto_vectors::player::Report;
use wasi_crypto_vectors::wycheproof::{self, Takes};
use wasi_crypto_vectors::{Action, Case, Expect, coverage, files, parse};

use crate::fixture::BACKENDS;
use crate::subject::EngineSubject;

fn cases() -> impl Iterator<Item = (&'static str, Vec<Case>)> {
    files().iter().map(|(file, text)| {
        let cases = parse(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        (*file, cases)
    })
}

/// The spelling of the registry, or none for an algorithm that it does not have.
fn registered(name: &str) -> Option<&'static str> {
    registry::find(name).ok().map(|row| row.name)
}

fn opened(case: &Case) -> impl Iterator<Item = &str> {
    case.steps.iter().filter_map(|step| match &step.action {
        Action::Open { algorithm, .. } => Some(algorithm.as_str()),
        _ => None,
    })
}

/// Plays `cases` on `backend`; all of them come out right.
fn play<'a>(backend: Backend, cases: impl IntoIterator<Item = (&'a str, &'a Case)>) -> usize {
    let mut subject = EngineSubject::new(backend);
    let mut all = Report::default();
    for (source, case) in cases {
        all.add(source, Report::of_case(case, &mut subject));
    }
    all.assert_right(&format!("on {backend:?}"));
    all.cases
}

#[test]
fn every_known_answer_comes_out_on_both_back_ends() {
    let files: Vec<_> = cases().collect();
    let flat = || {
        files
            .iter()
            .flat_map(|(file, cases)| cases.iter().map(|case| (*file, case)))
    };
    for backend in BACKENDS {
        assert_eq!(play(backend, flat()), flat().count());
    }
}

#[test]
fn known_answers_come_out_however_absorbs_are_cut_where_they_concatenate() {
    let files: Vec<_> = cases().collect();
    for piece in [7, 64, 1000] {
        let cut: Vec<(&str, Case)> = files
            .iter()
            .flat_map(|(file, cases)| cases.iter().map(|case| (*file, case)))
            .filter(|(_, case)| opened(case).all(concatenates))
            .map(|(file, case)| (file, case.with_split_absorbs(piece)))
            .collect();
        for backend in BACKENDS {
            play(backend, cut.iter().map(|(file, case)| (*file, case)));
        }
    }
}

fn concatenates(name: &str) -> bool {
    registry::find(name).is_ok_and(|row| row.absorb == Absorb::Concatenates)
}

#[test]
fn every_row_has_a_known_answer() {
    let files: Vec<_> = cases().collect();
    let covered: BTreeSet<&str> = files
        .iter()
        .flat_map(|(_, cases)| coverage(cases))
        .filter_map(registered)
        .collect();
    let uncovered: Vec<&str> = registry::ALGORITHMS
        .iter()
        .map(|row| row.name)
        .filter(|name| !covered.contains(name))
        .collect();
    assert!(uncovered.is_empty(), "no known answer for {uncovered:?}");
}

#[test]
fn no_vector_is_of_an_algorithm_that_the_registry_lacks() {
    for (file, cases) in cases() {
        for case in &cases {
            for algorithm in opened(case) {
                let expected_to_fail = case.steps.iter().any(|step| {
                    matches!(
                        &step.action,
                        Action::Open {
                            expect: Expect::Fails(_),
                            ..
                        }
                    )
                });
                assert!(
                    registered(algorithm).is_some() || expected_to_fail,
                    "{file}, {}: no algorithm {algorithm}",
                    case.name
                );
            }
        }
    }
}

/// How many of Project Wycheproof's tests each algorithm takes, and how many it refuses: keys of 192 bits, other nonces, too
/// long an output. Which ones those are follows from the row, so that a wrong row would refuse what it should compute. Other
/// rows that Project Wycheproof knows are tested, too.
const TESTED: [(&str, usize, usize); 24] = [
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
];

/// What a row takes.
fn takes(name: &str) -> Option<Takes> {
    let row = registry::find(name).ok()?;
    let nonce = match row.nonce {
        NonceRule::Required(len) | NonceRule::Generated(len) => Some(len),
        _ => None,
    };
    Some(Takes {
        nonce,
        tag: row.tag_len,
    })
}

#[test]
fn project_wycheproof_agrees_on_both_back_ends() {
    let suites = wycheproof::suites(&takes);
    for backend in BACKENDS {
        let cases = suites.iter().flat_map(|suite| {
            let algorithm = suite.algorithm.as_str();
            suite.cases.iter().map(move |case| (algorithm, case))
        });
        play(backend, cases);
    }
    for (name, taken, refused) in TESTED {
        let suite = suites.iter().find(|suite| suite.algorithm == name);
        let suite = suite.unwrap_or_else(|| panic!("no tests for {name}"));
        let counts = (suite.cases.len() - suite.refused, suite.refused);
        assert_eq!(counts, (taken, refused), "{name}");
    }
    for suite in &suites {
        // Refused cases expect an error and were played too; a suite of nothing else would test nothing.
        assert!(
            suite.cases.len() > suite.refused,
            "{} has no case that the algorithm takes",
            suite.algorithm
        );
    }
}

#[test]
fn each_suite_compares_output_of_its_algorithm_and_of_no_other_but_hkdf() {
    for suite in wycheproof::suites(&takes) {
        let covered: BTreeSet<&str> = coverage(&suite.cases);
        assert!(
            covered.contains(suite.algorithm.as_str()),
            "{}",
            suite.algorithm
        );
        let others = covered
            .iter()
            .filter(|name| !name.starts_with("HKDF-EXPAND/"));
        assert_eq!(others.count(), 1, "{}", suite.algorithm);
    }
}
