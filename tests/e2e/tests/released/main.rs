//! What was built for 0.1.0 of the package at an earlier commit does what it did then: on the host, however it is linked, and composed with the
//! provider. `tests/fixtures` has the programs, and transcripts of what they did.

mod coverage;
mod programs;
mod transcript;
mod way;

use std::path::PathBuf;

use programs::{adapted, components, modules, store};
use way::Way;

/// A file of the fixtures.
fn fixture(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/0.1.0")
        .join(file)
}

macro_rules! ways {
    ($($name:ident: $way:ident;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn components_do_what_they_did() {
                components(Way::$way);
            }

            #[test]
            fn core_modules_do_what_they_did() {
                modules(Way::$way);
            }

            #[test]
            fn what_was_adapted_then_does_what_it_did() {
                adapted(Way::$way);
            }
        }
    )*};
}

ways! {
    on_the_host: Direct;
    on_a_host_that_has_results_copied: Reading;
    on_a_host_that_has_all_copied: Copying;
    on_a_host_that_runs_guests_asynchronously: Asynchronous;
    composed: Composed;
}

#[test]
fn components_go_through_an_interposer_of_that_time() {
    programs::interposed();
}

#[test]
fn a_store_of_that_time_opens_and_its_keys_do_what_they_did() {
    for way in Way::ON_THE_HOST {
        store(way);
    }
}
