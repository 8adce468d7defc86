//! Modules of all shapes become components that do what the modules did; others are refused, for a reason that is given.

use wasi_crypto_componentize::{ADAPTER, Error, MAX_MODULE_SIZE, componentize};
use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_legacy_tests::text::{hashing, module, run};

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
    assert_eq!((outcome.code, outcome.trap), (1, None));
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
fn a_feature_that_is_not_taken_is_named() {
    let cases = [
        ("(memory 1 2 shared)", "shared between threads"),
        (
            r#"(import "env" "memory" (memory 1 2 shared))"#,
            "shared between threads",
        ),
        ("(memory i64 1)", "64-bit addresses"),
        (
            r#"(import "env" "memory" (memory i64 1))"#,
            "64-bit addresses",
        ),
        ("(memory 1) (memory 1)", "2 memories"),
        ("(memory 1 (pagesize 1))", "pages of another size"),
        ("(func try catch_all end)", "exception handling as it was"),
        ("(type $f (func)) (type (cont $f))", "stack switching"),
        (
            "(global (shared i32) (i32.const 0))",
            "shared-everything threads",
        ),
        (
            "(memory 1) (func (memory.discard (i32.const 0) (i32.const 0)))",
            "memory control",
        ),
    ];
    for (text, feature) in cases {
        let text = format!("(module {text})");
        let reason = refused(&module(&text));
        assert!(reason.contains(feature), "{text}: {reason}");
    }
    // More than one, and one in a module that is not valid otherwise, either.
    let two = "(module (memory 1) (func try catch_all end)
        (func (memory.discard (i32.const 0) (i32.const 0))))";
    assert!(refused(&module(two)).contains("exception handling"));
    let invalid = "(module (func try catch_all end) (func (drop (i32.const 1)) (drop)))";
    assert!(refused(&module(invalid)).contains("no valid module"));
}

#[test]
fn features_that_every_host_has_are_taken() {
    let text = r#"(module (memory 1) (table 1 funcref) (global i32 (i32.add (i32.const 1) (i32.const 2)))
        (func $two (result i32 i32) (i32.const 1) (i32.const 2))
        (func $tail (result i32 i32) (return_call $two))
        (func (export "_start")
            (call $tail) (drop) (drop)
            (table.set (i32.const 0) (ref.func $two))
            (memory.fill (i32.const 0) (i32.const 1) (i32.const 16))
            (drop (i32x4.relaxed_trunc_f32x4_s (v128.load (i32.const 0))))
            (drop (i32.trunc_sat_f32_s (f32.const 1)))
            (drop (i32.extend8_s (i32.const 1))))
        (elem declare func $two))"#;
    run(text).success();
}

#[test]
fn a_panic_of_the_library_that_reads_descriptions_is_an_error() {
    let malformed = include_bytes!("data/malformed-component-type.wasm");
    let error = componentize(malformed).expect_err("it is malformed");
    assert!(matches!(error, Error::Panic(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("a library that reads it fails"), "{text}");
    assert!(!text.contains('\n'), "{text}");
}

#[test]
fn a_module_beyond_a_limit_is_refused_and_the_limit_named() {
    let import = r#"(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))"#;
    let many = |items: &str, times| {
        let start = r#"(func (export "_start"))"#;
        module(&format!("(module {} {start})", items.repeat(times)))
    };
    assert!(componentize(&many(import, 2000)).is_ok());
    let reason = refused(&many(import, 2001));
    assert!(
        reason.contains("2001 imports, and at most 2000"),
        "{reason}"
    );
    let description = r#"(@custom "component-type" "")"#;
    let reason = refused(&many(description, 101));
    assert!(
        reason.contains("101 descriptions by WIT, and at most 100"),
        "{reason}"
    );
    let nested = format!(
        "(func {} {})",
        "block ".repeat(50_001),
        "end ".repeat(50_001)
    );
    let reason = refused(&many(&nested, 1));
    assert!(
        reason.contains("50001 blocks nested in each other, and at most 50000"),
        "{reason}"
    );
    // The system gives no memory for zeros that nobody writes.
    let reason = refused(&vec![0; MAX_MODULE_SIZE as usize + 1]);
    assert!(
        reason.contains("268435457 bytes, and at most 268435456"),
        "{reason}"
    );
}

#[test]
fn blocks_that_are_nested_as_deep_as_they_may_be_run() {
    let nested = format!("{} {}", "block ".repeat(50_000), "end ".repeat(50_000));
    run(&format!(r#"(module (func (export "_start") {nested}))"#)).success();
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
