//! Whatever is passed, an error comes back.

use wasi_crypto_compose::{Error, MAX_COMPONENT_SIZE, MAX_NESTING, compose, compose_with};

const IMPORT: &str = r#"(import "wasi-ephemeral:crypto/common@0.1.0" (instance))"#;

/// A component that imports an interface, with others in each other in it.
fn nested(depth: usize) -> Vec<u8> {
    let mut component = wat::parse_str(format!("(component {IMPORT})")).expect("a component");
    let empty = component[..8].to_vec();
    let mut inner = Vec::new();
    for _ in 0..depth {
        inner = section(&[&empty[..], &inner].concat());
    }
    component.extend(inner);
    component
}

/// A section with a component in it.
fn section(component: &[u8]) -> Vec<u8> {
    let len = component.len();
    assert!(len < 1 << 14, "a length of two bytes");
    let mut section = vec![4, (len & 0x7f) as u8 | 0x80, (len >> 7) as u8];
    section.extend_from_slice(component);
    section
}

#[test]
fn components_can_be_nested_as_deep_as_the_limit_says() {
    compose(&nested(MAX_NESTING)).expect("within the limit");
    let error = compose(&nested(MAX_NESTING + 1)).expect_err("beyond the limit");
    assert!(error.to_string().contains("more than 100 deep"), "{error}");
    let app = nested(0);
    let error = compose_with(&app, &nested(MAX_NESTING + 1)).expect_err("beyond the limit");
    assert!(matches!(error, Error::Provider(_)), "{error:?}");
}

#[test]
fn a_component_that_is_too_large_is_refused() {
    let large = vec![0; MAX_COMPONENT_SIZE as usize + 1];
    let error = compose(&large).expect_err("beyond the limit");
    assert!(
        error
            .to_string()
            .contains("268435457 bytes, and at most 268435456"),
        "{error}"
    );
}

#[test]
fn whatever_is_cut_off_or_changed_an_error_or_a_component_comes_back() {
    let component = nested(2);
    for len in 0..component.len() {
        let _ = compose(&component[..len]);
        for bit in 0..8 {
            let mut changed = component.clone();
            changed[len] ^= 1 << bit;
            let _ = compose(&changed);
        }
    }
}

#[test]
fn types_that_are_nested_too_deep_are_refused_on_any_stack() {
    for depth in [3_000_u32, 100_000] {
        // A type of an instance that has a type of an instance that has …
        let mut types = vec![1];
        types.extend([0x42, 1, 1].repeat(depth as usize));
        types.extend([0x42, 0]);
        let mut component = b"\0asm\x0d\0\x01\0\x07".to_vec();
        let mut len = types.len();
        while len > 0x7f {
            component.push((len & 0x7f) as u8 | 0x80);
            len >>= 7;
        }
        component.push(len as u8);
        component.extend(types);
        let whole = nested(0);
        let refused = std::thread::spawn(move || {
            let error = compose(&component).expect_err("beyond the limit");
            assert!(error.to_string().contains("nesting"), "{error}");
            let error = compose_with(&whole, &component).expect_err("beyond the limit");
            assert!(matches!(error, Error::Provider(_)), "{error:?}");
        });
        refused.join().expect("an error");
    }
}
