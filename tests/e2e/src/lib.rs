//! Tests of components on the host and on the provider, from end to end. They use `tests/harness`.

/// The code that the README shows, so that it is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
