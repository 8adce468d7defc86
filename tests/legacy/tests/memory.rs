//! Modules whose allocators know nothing of adapters keep every byte.

use wasi_crypto_componentize::{Heap, Options};
use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_legacy_tests::text::{module, run};

/// A module with a memory, and functions that write a pattern over memory, hold that it is there, and call both adapters.
fn with_memory(memory: &str, functions: &str) -> String {
    let text = wasi_crypto_legacy_tests::text::hashing(&format!(
        r#"(memory (export "memory") {memory})
        (func $fill (param $from i32) (param $to i32)
            (memory.fill (local.get $from) (i32.const 0x5a)
                (i32.sub (local.get $to) (local.get $from))))
        (func $check (param $from i32) (param $to i32)
            (loop $next
                (if (i32.ne (i32.load8_u (local.get $from)) (i32.const 0x5a)) (then unreachable))
                (local.set $from (i32.add (local.get $from) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $from) (local.get $to)))))
        (func $expect (param $found i32) (param $expected i32)
            (if (i32.ne (local.get $found) (local.get $expected)) (then unreachable)))
        (func $call_both (call $hash) (drop (call $yield)))
        {END}
        {functions}"#
    ));
    // Imports come first.
    text.replacen(
        "(module",
        r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))"#,
        1,
    )
}

const END: &str = "(func $end (result i32) (i32.shl (memory.size) (i32.const 16)))";

/// So does the old dlmalloc: it takes all that there is when it is first used, and then what it has grown by.
const OLD_DLMALLOC: &str = r#"
    (func $allocate (param $known i32) (local $first i32) (local $second i32) (local $i i32)
        (local.set $first (call $end))
        (if (local.get $known) (then (call $expect (local.get $first) (local.get $known))))
        (call $fill (i32.const 1024) (local.get $first))
        (call $call_both)
        (local.set $second (i32.shl (memory.grow (i32.const 3)) (i32.const 16)))
        (call $expect (call $end) (i32.add (local.get $second) (i32.const 0x30000)))
        (call $fill (local.get $second) (call $end))
        (loop $again
            (call $call_both)
            (call $check (i32.const 1024) (local.get $first))
            (call $check (local.get $second) (call $end))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 3)))))"#;

#[test]
fn an_allocator_that_takes_all_memory_before_the_first_call_keeps_every_byte() {
    let start = r#"(func (export "_start") (call $allocate (i32.const 0x10000)))"#;
    run(&with_memory("1", &format!("{OLD_DLMALLOC} {start}"))).success();
}

#[test]
fn an_allocator_that_takes_all_memory_after_the_first_call_keeps_every_byte() {
    // The host reads names and writes digests in the first page, before there is an allocator.
    let start =
        r#"(func (export "_start") (call $call_both) (call $allocate (i32.const 0x10000)))"#;
    run(&with_memory("1", &format!("{OLD_DLMALLOC} {start}"))).success();
}

/// Takes new pages to be where the old ones end, whoever else has grown memory.
fn blind(grow: &str) -> String {
    // Only where it is called: each way is to be recognized by itself.
    let returned = if grow.contains("$returned") {
        "(func $returned (result i32) (memory.grow (i32.const 2)))"
    } else {
        ""
    };
    format!(
        r#"{returned}
        (global $aside (mut i32) (i32.const 0))
        (func $allocate (local $end i32) (local $first i32) (local $i i32)
            (loop $again
                (local.set $end (call $end))
                {grow}
                (call $expect (call $end) (i32.add (local.get $end) (i32.const 0x20000)))
                (call $fill (i32.const 1024) (call $end))
                (call $call_both)
                (call $check (i32.const 1024) (call $end))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 5)))))"#
    )
}

/// As AssemblyScript's runtimes do it.
const COMPARED: &str =
    "(if (i32.lt_s (memory.grow (i32.const 2)) (i32.const 0)) (then unreachable))";

#[test]
fn an_allocator_that_expects_new_pages_behind_the_old_ones_gets_them_there() {
    for grow in [
        COMPARED,
        "(drop (memory.grow (i32.const 2)))",
        "(if (i32.eq (memory.grow (i32.const 2)) (i32.const -1)) (then unreachable))",
        // As Go's, and as one that is compiled without optimization.
        "(i32.store (i32.const 512) (memory.grow (i32.const 2)))",
        "(drop (call $returned))",
        "(if (i32.eq (local.tee $first (memory.grow (i32.const 2))) (i32.const -1)) (then unreachable))",
        "(global.set $aside (memory.grow (i32.const 2)))
            (if (i32.eq (global.get $aside) (i32.const -1)) (then unreachable))",
    ] {
        for start in [
            r#"(func (export "_start") (call $allocate) (call $expect (memory.size) (i32.const 11)))"#,
            r#"(func (export "_start") (call $call_both) (call $allocate))"#,
        ] {
            run(&with_memory("1", &format!("{} {start}", blind(grow)))).success();
        }
    }
}

#[test]
fn pages_that_are_grown_by_are_empty() {
    let start = r#"(func (export "_start") (local $at i32)
        (call $call_both)
        (local.set $at (call $end))
        (drop (memory.grow (i32.const 2)))
        (loop $next
            (if (i32.load8_u (local.get $at)) (then unreachable))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $at) (call $end)))))"#;
    run(&with_memory("1", start)).success();
}

/// Where the first of `$pages` new pages is, for a module that makes an address of it; -65536 if there are none.
const AT: &str = "(i32.shl (memory.grow (local.get $pages)) (i32.const 16))";

#[test]
fn a_module_sees_no_pages_but_its_own() {
    // One that looks at where new pages are, and one that does not.
    for refused in [
        format!("(call $expect {AT} (i32.const -65536))"),
        "(call $expect (memory.grow (local.get $pages)) (i32.const -1))".to_owned(),
    ] {
        let start = format!(
            r#"(func (export "_start") (local $pages i32)
            (call $call_both)
            (call $expect (memory.grow (i32.const 0)) (i32.const 1))
            (call $expect (memory.size) (i32.const 1))
            (local.set $pages (i32.const -1))
            {refused}
            (local.set $pages (i32.const 4))
            {refused}
            (call $expect (memory.size) (i32.const 1)))"#
        );
        run(&with_memory("1 4", &start)).success();
    }
}

#[test]
fn a_module_that_takes_all_it_may_leaves_the_adapters_their_room() {
    // It keeps a list of the pages, one of which an adapter that is called before comes to lie between.
    let start = |before: &str| {
        format!(
            r#"(func (export "_start") (local $pages i32) (local $at i32) (local $list i32)
            {before}
            (local.set $pages (i32.const 1))
            (local.set $list (i32.const 1024))
            (loop $more
                (local.set $at {AT})
                (if (i32.ne (local.get $at) (i32.const -65536)) (then
                    (call $fill (local.get $at) (i32.add (local.get $at) (i32.const 0x10000)))
                    (i32.store (local.get $list) (local.get $at))
                    (local.set $list (i32.add (local.get $list) (i32.const 4)))
                    (br $more))))
            (call $expect (local.get $list) (i32.const 1184))
            (call $call_both)
            (loop $again
                (local.set $list (i32.sub (local.get $list) (i32.const 4)))
                (local.set $at (i32.load (local.get $list)))
                (call $check (local.get $at) (i32.add (local.get $at) (i32.const 0x10000)))
                (br_if $again (i32.gt_u (local.get $list) (i32.const 1024))))
            (call $expect {AT} (i32.const -65536)))"#
        )
    };
    for before in ["", "(call $call_both)"] {
        let text = with_memory("1 41", &start(before));
        run(&text).success();
        // It does not even ask for the size of its memory.
        assert!(text.contains(END));
        run(&text.replace(END, "")).success();
    }
}

#[test]
fn a_contiguous_heap_ends_at_the_modules_own_maximum() {
    let start = r#"(func (export "_start")
        (call $call_both)
        (if (i32.lt_s (memory.grow (i32.const 3)) (i32.const 0)) (then unreachable))
        (call $expect (memory.size) (i32.const 4))
        (call $expect (memory.grow (i32.const 1)) (i32.const -1))
        (call $expect (memory.size) (i32.const 4)))"#;
    run(&with_memory("1 4", start)).success();
}

#[test]
fn a_contiguous_heap_has_the_room_that_was_asked_for() {
    // It looks at where the new pages are, and expects them behind the old ones all the same; so do Go's modules.
    let start = r#"(func (export "_start") (local $at i32)
        (call $call_both)
        (local.set $at (memory.grow (i32.const 4)))
        (call $expect (local.get $at) (i32.const 2))
        (call $fill (i32.const 1024) (call $end))
        (call $call_both)
        (call $check (i32.const 1024) (call $end))
        (local.set $at (memory.grow (i32.const 1)))
        (call $expect (local.get $at) (i32.const -1))
        (call $expect (memory.size) (i32.const 6)))"#;
    let options = Options::default().heap(Heap::Contiguous { room: 4 << 16 });
    let module = module(&with_memory("2", start));
    Legacy::with(&module, options).run().finish().success();
}

#[test]
fn a_limit_on_memory_counts_the_room_of_a_contiguous_heap() {
    let start = r#"(func (export "_start") (call $call_both) (call $allocate))"#;
    let module = module(&with_memory("1", &format!("{} {start}", blind(COMPARED))));
    let run = |room| {
        let options = Options::default().heap(Heap::Detect { room });
        Legacy::with(&module, options)
            .run()
            .max_memory(8 << 20)
            .try_finish()
    };
    run(1 << 20).expect("it fits").success();
    let error = run(8 << 20).expect_err("it does not fit");
    assert!(error.to_string().contains("memory"), "{error:?}");
}
