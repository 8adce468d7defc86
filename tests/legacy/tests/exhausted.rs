//! Guests whose memory cannot grow any more get errnos, and live.

use wasi_crypto_componentize::{Heap, Options};
use wasi_crypto_host::WasiCryptoCtx;
use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_legacy_tests::text::{hashing, module};
use wasi_crypto_test_harness::{Linking, Run};

const LIMIT: usize = 4 << 20;

/// Takes a page more, for an allocator that looks at where it is, and for one that does not; with what it gets when there are
/// none.
const LOOKING: (&str, i32) = (
    "(i32.shl (memory.grow (i32.const 1)) (i32.const 16))",
    -65536,
);
const BLIND: (&str, i32) = ("(memory.grow (i32.const 1))", -1);

/// A module that fills memory, and then calls each adapter for the first time.
fn filled(memory: &str, (grow, refused): (&str, i32)) -> Vec<u8> {
    let text = hashing(&format!(
        r#"(memory (export "memory") {memory})
        (func (export "_start") (local $errno i32)
            (loop $more
                (br_if $more (i32.ne {grow} (i32.const {refused}))))
            (i32.store8 (i32.const 32) (i32.const 1))
            (local.set $errno (call $open
                (i32.const 0) (i32.const 7) (i32.const 32) (i32.const 32) (i32.const 64)))
            ;; overflow or too_many_handles, if it is not there that memory is full
            (if (local.get $errno)
                (then (if (i32.and
                        (i32.ne (local.get $errno) (i32.const 16))
                        (i32.ne (local.get $errno) (i32.const 18)))
                    (then unreachable)))
                (else (if (call $close (i32.load (i32.const 64))) (then unreachable))))
            (if (call $random (i32.const 128) (i32.const 32)) (then unreachable))
            (if (i64.eqz (i64.load (i32.const 128))) (then unreachable)))"#
    ));
    // Imports come first.
    module(&text.replacen(
        "(module",
        r#"(module (import "wasi_snapshot_preview1" "random_get"
            (func $random (param i32 i32) (result i32)))"#,
        1,
    ))
}

#[test]
fn a_module_that_fills_memory_before_its_first_call_gets_an_errno() {
    for memory in ["1", "1 60", "1 10000", "30"] {
        for allocator in [LOOKING, BLIND] {
            let options = Options::default().heap(Heap::Detect { room: 1 << 20 });
            let module = Legacy::with(&filled(memory, allocator), options);
            module.run().max_memory(LIMIT).finish().success();
        }
    }
}

#[test]
fn a_module_that_is_left_no_room_for_the_adapters_does_not_begin() {
    let module = Legacy::new(&filled("64", LOOKING));
    let error = module.run().max_memory(LIMIT).try_finish();
    let error = error.expect_err("it does not fit");
    assert!(error.to_string().contains("memory"), "{error:?}");
}

/// A routine of the guest that fills what memory it has with open handles.
fn routine(name: &str, linking: Linking) -> Run {
    let crypto = WasiCryptoCtx::builder().max_handles(usize::MAX);
    let batches = Legacy::guest("witx-batches");
    let run = batches.run().linking(linking).crypto(crypto);
    run.max_memory(4 * LIMIT).arg(name)
}

macro_rules! routines {
    ($($test:ident = $routine:literal;)*) => {$(
        #[test]
        fn $test() {
            for linking in Linking::ALL {
                routine($routine, linking).finish().success();
            }
        }
    )*};
}

routines! {
    an_option_that_is_longer_than_its_buffer_overflows = "no-memory-option";
    a_batch_that_has_a_state_twice_lands_or_overflows = "no-memory-batch";
    a_key_that_was_not_imported_is_exported_or_overflows = "no-memory-export";
}
