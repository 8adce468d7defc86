//! The vector files themselves: all embedded, all parsed, all what they claim to be.

use std::collections::BTreeSet;

use wasi_crypto_vectors::{Case, coverage, files, parse};

fn cases() -> Vec<(&'static str, Vec<Case>)> {
    let parse = |(name, text): &(&'static str, &str)| match parse(text) {
        Ok(cases) => (*name, cases),
        Err(error) => panic!("{name}: {error}"),
    };
    files().iter().map(parse).collect()
}

#[test]
fn every_file_of_the_data_folder_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    let present: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let embedded: BTreeSet<String> = files().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(embedded, present);
}

#[test]
fn every_file_opens_with_its_source_and_has_cases_that_compare_something() {
    for (name, text) in files() {
        assert!(text.starts_with("# Source: "), "{name}");
    }
    for (name, cases) in cases() {
        assert!(cases.len() >= 10, "{name}");
        assert!(!coverage(&cases).is_empty(), "{name}");
    }
}

#[test]
fn every_case_is_written_as_it_was_parsed() {
    for (name, cases) in cases() {
        for case in cases {
            let text = case.to_string();
            let again =
                parse(&text).unwrap_or_else(|error| panic!("{name}: {}: {error}", case.name));
            assert_eq!(again.len(), 1);
            assert_eq!(again[0].to_string(), text, "{name}");
        }
    }
}

#[test]
fn every_case_does_something() {
    for (name, cases) in cases() {
        for case in cases {
            assert!(!case.steps.is_empty(), "{name}: {}", case.name);
        }
    }
}
