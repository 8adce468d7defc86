//! The known-answer vectors, on both back ends.

use std::collections::BTreeSet;

use wasi_crypto_engine::registry::Absorb;
use wasi_crypto_engine::{Backend, registry};
use wasi_crypto_vectors::player::Report;
use wasi_crypto_vectors::{Action, Case, Expect, coverage, files, parse, wycheproof};

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

#[test]
fn project_wycheproof_agrees_on_both_back_ends() {
    let suites = wycheproof::suites();
    for backend in BACKENDS {
        let cases = suites.iter().flat_map(|suite| {
            assert!(
                registered(suite.algorithm).is_some(),
                "no algorithm {}",
                suite.algorithm
            );
            suite.cases.iter().map(|case| (suite.algorithm, case))
        });
        play(backend, cases);
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
