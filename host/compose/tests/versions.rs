//! Components and providers of different versions fit together as far as what is imported is there.

use wasi_crypto_compose::{Error, compose, compose_with};

/// A component that imports functions of an interface, each of which takes and gives nothing.
fn app(interface: &str, functions: &[&str]) -> Vec<u8> {
    let exports: String = functions
        .iter()
        .map(|name| format!(r#"(export "{name}" (func))"#))
        .collect();
    let text =
        format!(r#"(component (import "wasi-ephemeral:crypto/{interface}" (instance {exports})))"#);
    wat::parse_str(text).expect("a component")
}

/// A component that exports interfaces with such functions.
fn provider(interfaces: &[(&str, &[&str])]) -> Vec<u8> {
    let mut text = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))"#
        .to_owned();
    for (interface, functions) in interfaces {
        let exports: String = functions
            .iter()
            .map(|name| format!(r#"(export "{name}" (func $f))"#))
            .collect();
        text += &format!(
            r#"(instance ${interface} {exports})
            (export "wasi-ephemeral:crypto/{interface}" (instance ${interface}))"#
        );
    }
    wat::parse_str(text + ")").expect("a component")
}

const OLD: &str = "common@0.1.0";
const NEW: &str = "common@0.1.1";

#[test]
fn a_newer_component_takes_an_older_provider_that_has_what_it_imports() {
    let old = provider(&[(OLD, &["open", "close"])]);
    for functions in [&[][..], &["open"], &["open", "close"]] {
        compose_with(&app(NEW, functions), &old).expect("it is all there");
    }
}

#[test]
fn what_an_older_provider_lacks_is_named() {
    let old = provider(&[(OLD, &["open"])]);
    let error = compose_with(&app(NEW, &["open", "wipe"]), &old).expect_err("it is not there");
    assert!(matches!(error, Error::MissingItem { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("`wipe` of wasi-ephemeral:crypto/common@0.1.1"),
        "{text}"
    );
    assert!(
        text.contains("wasi-ephemeral:crypto/common@0.1.0 does not have"),
        "{text}"
    );
    // So it is with the built-in one, and with a method.
    let text = r#"(component (import "wasi-ephemeral:crypto/common@0.1.9" (instance
        (export "options" (type $options (sub resource)))
        (export "[method]options.wipe" (func (param "self" (borrow $options)))))))"#;
    let error = compose(&wat::parse_str(text).expect("a component")).expect_err("it is not there");
    let text = error.to_string();
    assert!(
        text.contains("`options.wipe` of wasi-ephemeral:crypto/common@0.1.9"),
        "{text}"
    );
}

#[test]
fn an_older_component_takes_a_newer_provider() {
    let new = provider(&[(NEW, &["open", "wipe"])]);
    compose_with(&app(OLD, &["open"]), &new).expect("it is all there");
    compose_with(&app(NEW, &["open", "wipe"]), &new).expect("it is all there");
    let error = compose_with(&app(OLD, &["close"]), &new).expect_err("it is not there");
    assert!(error.to_string().contains("`close`"), "{error}");
}

#[test]
fn of_several_versions_the_same_is_taken_and_else_the_newest_of_the_line() {
    let several = provider(&[
        (OLD, &["open"]),
        ("common@0.1.4", &["open", "wipe"]),
        (NEW, &["close"]),
        ("common@0.2.0", &["other"]),
    ]);
    compose_with(&app(OLD, &["open"]), &several).expect("the same");
    compose_with(&app(NEW, &["close"]), &several).expect("the same");
    compose_with(&app("common@0.1.3", &["wipe"]), &several).expect("the newest");
    compose_with(&app("common@0.1.9", &["wipe"]), &several).expect("the newest");
    compose_with(&app(OLD, &["wipe"]), &several).expect_err("the same has no such function");
    compose_with(&app("common@0.1.3", &["other"]), &several).expect_err("another line");
}

#[test]
fn a_function_of_another_type_does_not_do() {
    let old = provider(&[(OLD, &["open"])]);
    let text = r#"(component (import "wasi-ephemeral:crypto/common@0.1.1"
        (instance (export "open" (func (param "a" u8))))))"#;
    let other = wat::parse_str(text).expect("a component");
    let error = compose_with(&other, &old).expect_err("another type");
    assert!(matches!(error, Error::Mismatch { .. }), "{error:?}");
    assert!(error.to_string().contains("`open`"), "{error}");
}

#[test]
fn a_version_of_another_line_and_a_draft_do_not_do() {
    let old = provider(&[(OLD, &["open"])]);
    for version in ["@0.2.0", "@1.0.0", "@0.1.1-draft", ""] {
        let error = compose_with(&app(&format!("common{version}"), &[]), &old);
        let error = error.expect_err("another line");
        assert!(matches!(error, Error::OtherVersion { .. }), "{error:?}");
    }
    let error = compose_with(&app("commons@0.1.0", &[]), &old).expect_err("another name");
    assert!(matches!(error, Error::Missing(_)), "{error:?}");
}
