//! Modules of all shapes become components that do what the modules did; others are refused, for a reason that is given.

use wasi_crypto_componentize::{ADAPTER, Error, componentize};
use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_legacy_tests::text::{hashing, module, run};
use wasi_crypto_tests::End;

#[track_caller]
fn refused(bytes: &[u8]) -> String {
    match componentize(bytes) {
        Ok(_) => panic!("it was adapted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_module_without_preview_1_runs() {
    let text = hashing(r#"(memory (export "memory") 1) (export "_start" (func $hash))"#);
    run(&text).success();
}

#[test]
fn a_memory_by_another_name_is_found() {
    let text = hashing(r#"(memory (export "mem") 1) (export "_start" (func $hash))"#);
    run(&text).success();
}

#[test]
fn a_memory_that_is_not_exported_is_found() {
    let text = hashing(r#"(memory 1) (export "_start" (func $hash))"#);
    run(&text).success();
}

#[test]
fn something_else_may_be_called_memory() {
    let text = hashing(
        r#"(memory (export "data") 1) (global (export "memory") i32 (i32.const 0))
        (export "_start" (func $hash))"#,
    );
    run(&text).success();
}

#[test]
fn a_memory_that_may_not_grow_leaves_room_for_the_adapter() {
    let text = hashing(r#"(memory (export "memory") 1 1) (export "_start" (func $hash))"#);
    run(&text).success();
}

#[test]
fn a_start_function_can_call_the_host() {
    // Before `_start`, and, where there is none, instead of it.
    let text = hashing(
        r#"(memory (export "memory") 1) (start $hash)
        (func (export "_start")
            (if (i32.ne (i32.load (i32.const 96)) (i32.const 0x42c4b0e3)) (then unreachable)))"#,
    );
    run(&text).success();
    let text = hashing(r#"(memory (export "memory") 1) (start $hash)"#);
    run(&text).success();
}

#[test]
fn a_start_function_goes_before_an_initializer() {
    let text = hashing(
        r#"(memory (export "memory") 1) (start $hash)
        (func (export "_initialize")
            (if (i32.ne (i32.load (i32.const 96)) (i32.const 0x42c4b0e3)) (then unreachable))
            (i32.store (i32.const 200) (i32.const 5)))
        (func (export "_start")
            (if (i32.ne (i32.load (i32.const 200)) (i32.const 5)) (then unreachable)))"#,
    );
    run(&text).success();
}

#[test]
fn a_reactor_is_initialized() {
    let reactor = |memory: &str, body: &str| {
        let text = hashing(&format!(
            r#"(memory (export "memory") 1) {memory} (func (export "_initialize") {body})"#
        ));
        Legacy::new(&module(&text)).run().instantiate()
    };
    let outcome = reactor("", "(call $hash)").expect("it hashes");
    assert_eq!(outcome.open_handles, 0);
    reactor("", "(call $hash) unreachable").expect_err("its initializer traps");
    // The start function comes before.
    let start = "(start $first) (func $first (i32.store8 (i32.const 200) (i32.const 1)))";
    reactor(
        start,
        "(if (i32.eqz (i32.load8_u (i32.const 200))) (then unreachable)) (call $hash)",
    )
    .expect("it was started");
}

#[test]
fn a_reactor_imports_nothing_that_it_does_not_use() {
    let reactor = hashing(r#"(memory (export "memory") 1) (export "_initialize" (func $hash))"#);
    let component = componentize(&module(&reactor)).expect("a component");
    let text = String::from_utf8_lossy(&component).into_owned();
    assert!(text.contains("wasi-ephemeral:crypto/symmetric@0.1.0"));
    assert!(!text.contains("wasi:cli/run"));
    assert!(!text.contains("wasi:filesystem"));
}

#[test]
fn a_module_with_realloc_of_its_own_runs() {
    let text = hashing(
        r#"(memory (export "memory") 1) (export "_start" (func $hash))
        (global $next (mut i32) (i32.const 4096))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (global.get $next)
            (global.set $next (i32.add (global.get $next) (local.get 3))))"#,
    );
    run(&text).success();
}

#[test]
fn a_module_without_imports_runs() {
    run(r#"(module (func (export "_start")))"#).success();
}

#[test]
fn a_nonzero_exit_is_a_failure() {
    let outcome = run(r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (call $exit (i32.const 7))))"#);
    assert_eq!(outcome.end, End::Exit(1));
}

#[test]
fn both_spellings_of_the_integer_options_are_there() {
    let text = r#"(module
        (import "wasi_ephemeral_crypto_common" "options_set_u64"
            (func $a (param i32 i32 i32 i64) (result i32)))
        (import "wasi_ephemeral_crypto_common" "options_set_u_64"
            (func $b (param i32 i32 i32 i64) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (if (i32.ne (call $a (i32.const 5) (i32.const 0) (i32.const 0) (i64.const 1)) (i32.const 15))
                (then unreachable))
            (if (i32.ne (call $b (i32.const 5) (i32.const 0) (i32.const 0) (i64.const 1)) (i32.const 15))
                (then unreachable))))"#;
    run(text).success();
}

#[test]
fn code_stays_as_it_is_but_for_the_size_of_memory() {
    let asks = "(func (drop (memory.grow (memory.size))))";
    let bodies = |bytes: &[u8]| -> Vec<Vec<u8>> {
        wasmparser::Parser::new(0)
            .parse_all(bytes)
            .filter_map(|payload| match payload.expect("valid") {
                wasmparser::Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
                _ => None,
            })
            .collect()
    };
    for (more, changed) in [("", 0), (asks, 1)] {
        let text = hashing(&format!(
            r#"(memory 1) (export "_start" (func $hash)) {more}"#
        ));
        let original = module(&text);
        let adapted = bodies(&componentize(&original).expect("a component"));
        let original = bodies(&original);
        let missing = original.iter().filter(|body| !adapted.contains(body));
        assert_eq!(missing.count(), changed);
    }
}

#[test]
fn what_cannot_be_adapted_is_refused_with_a_reason() {
    let cases = [
        ("(component)", "component already"),
        ("(module (memory 1 2 shared))", "shared between threads"),
        ("(module (memory i64 1))", "64-bit addresses"),
        ("(module (memory 1) (memory 1))", "2 memories"),
        ("(module (memory 65536))", "no room"),
        (
            r#"(module (import "env" "memory" (memory 1)))"#,
            "imports a memory, `memory` from `env`",
        ),
        (
            r#"(module (import "env" "abort" (func)))"#,
            "`abort` from `env`",
        ),
        (
            r#"(module (import "env" "table" (table 1 funcref)))"#,
            "imports a table",
        ),
        (
            r#"(module (import "wasi_ephemeral_crypto_quantum" "q" (func)))"#,
            "`q` from `wasi_ephemeral_crypto_quantum`",
        ),
        (
            r#"(module (import "wasi_ephemeral_crypto_symmetric" "symmetric_state_fly" (func)))"#,
            "`symmetric_state_fly`",
        ),
        (
            r#"(module (import "wasi_ephemeral_crypto_symmetric" "symmetric_state_close" (func)))"#,
            "as (func); it is (func (param i32) (result i32))",
        ),
        (
            r#"(module (import "wasi_snapshot_preview1" "fly" (func)))"#,
            "no function of WASI preview 1",
        ),
        (
            r#"(module (import "wasi_unstable" "proc_exit" (func (param i32))))"#,
            "before preview 1",
        ),
        (
            r#"(module (func (export "_start") (param i32)))"#,
            "`_start` is no function without parameters",
        ),
    ];
    for (text, expected) in cases {
        let reason = refused(&module(text));
        assert!(reason.contains(expected), "{text}: {reason}");
    }
    assert!(matches!(componentize(b"GIF89a"), Err(Error::NotWasm)));
    assert!(matches!(componentize(b""), Err(Error::NotWasm)));
}

#[test]
fn a_module_that_is_cut_short_is_refused() {
    let whole = module(&hashing("(memory 1)"));
    let accepted = (8..whole.len()).filter(|len| componentize(&whole[..*len]).is_ok());
    // Nothing at all, and what ends after types, imports, code, or data, are modules by themselves.
    assert_eq!(accepted.count(), 5);
}

#[test]
fn the_adapter_is_small() {
    assert!(ADAPTER.len() < 64 << 10, "{} bytes", ADAPTER.len());
}
