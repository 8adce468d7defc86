//! What the adapter makes of buffers, handles, pointers and batches. The modules judge for themselves, and panic.

use std::sync::LazyLock;

use wasi_crypto_host::WasiCryptoCtx;
use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_test_harness::Linking;

static RULES: LazyLock<Legacy> = LazyLock::new(|| Legacy::guest("witx-rules"));
static BATCHES: LazyLock<Legacy> = LazyLock::new(|| Legacy::guest("witx-batches"));

macro_rules! routines {
    ($module:ident: $($test:ident = $routine:literal;)*) => {$(
        #[test]
        fn $test() {
            for linking in Linking::ALL {
                let outcome = $module.run().linking(linking).arg($routine).finish();
                // Nothing is left open, either.
                outcome.success();
            }
        }
    )*};
}

routines! { RULES:
    an_output_of_another_length_is_refused_and_nothing_encrypted = "encrypt-lengths";
    an_output_of_another_length_is_refused_and_nothing_decrypted = "decrypt-lengths";
    padding_gives_the_output_a_range_of_lengths = "padded-lengths";
    detached_outputs_are_as_long_as_their_inputs = "detached-lengths";
    options_and_tags_take_larger_buffers = "lengths-that-may-be-larger";
    output_may_overlap_input = "overlapping";
    pointers_need_no_alignment = "unaligned";
    address_0_is_one_as_any_other = "null";
    a_pointer_outside_of_memory_is_a_guest_error = "out-of-bounds";
    a_bad_handle_is_an_errno = "handles";
    every_function_refuses_a_bad_handle = "every-handle";
    array_outputs_are_pulled_piece_by_piece = "array-output";
    a_name_that_is_no_text_is_an_unknown_name = "names";
    nothing_behind_a_name_is_read = "at-the-end";
    lengths_that_are_known_of_one_state_are_not_taken_for_anothers = "lengths-of-others";
    a_tag_that_means_nothing_is_a_guest_error = "unions";
    a_lent_buffer_is_a_permission_and_comes_back_empty = "guest-buffer";
    functions_of_other_modules_are_not_implemented = "not-implemented";
    a_host_without_managed_keys_says_so = "secrets";
    results_are_written_only_on_success = "failed-calls-leave-results";
}

routines! { BATCHES:
    entries_of_a_batch_fail_by_themselves = "encrypt";
    detached_tags_go_through_a_batch = "detached";
    a_batch_squeezes_into_each_buffer = "squeeze";
    a_state_sees_its_entries_of_a_batch_in_order = "repeated";
    a_batch_makes_handles_for_tags = "tags";
    two_lengths_that_differ_fail_the_entry = "lengths-twice";
    entries_see_memory_as_it_was_before_the_batch = "chained";
    an_empty_batch_succeeds = "empty";
    a_batch_can_have_ten_thousand_entries = "ten-thousand";
    ten_thousand_handles_can_be_open = "open-at-once";
}

/// The memory that a routine takes when it does something so often.
fn memory(linking: Linking, routine: &str, times: u32) -> usize {
    let run = BATCHES.run().linking(linking).arg(routine);
    let outcome = run.arg(&times.to_string()).finish();
    let memory = outcome.memory;
    outcome.success();
    memory
}

#[test]
fn closed_handles_take_no_memory() {
    let once = memory(Linking::Direct, "open-and-close", 1);
    assert_eq!(memory(Linking::Direct, "open-and-close", 100_000), once);
}

#[test]
fn consumed_array_outputs_take_no_memory() {
    let once = memory(Linking::Direct, "exports", 1);
    assert_eq!(memory(Linking::Direct, "exports", 10_000), once);
}

#[test]
fn results_take_no_memory_but_that_of_the_guests_buffers() {
    for linking in Linking::ALL {
        // The guest itself has two copies.
        let copies = 2 * ((1 << 20) - 1000);
        let small = memory(linking, "in-buffers", 1000);
        let large = memory(linking, "in-buffers", 1 << 20);
        assert!(
            large <= small + copies + (256 << 10),
            "{linking:?}: {small}, {large}"
        );
    }
}

#[test]
fn results_of_a_batch_take_no_memory_but_that_of_the_guests_buffers() {
    // Each says of which entry a list is before it asks for memory for it.
    for linking in Linking::ALL {
        let small = memory(linking, "large", 1);
        assert_eq!(memory(linking, "large", 1 << 20), small, "{linking:?}");
    }
}

#[test]
fn ten_thousand_open_handles_take_little_memory() {
    let few = BATCHES.run().arg("tags").finish().memory;
    let many = BATCHES.run().arg("open-at-once").finish().memory;
    assert!(many <= few + (1 << 20), "{few}, {many}");
}

#[test]
fn a_batch_over_the_hosts_limit_is_refused_whole() {
    for linking in Linking::ALL {
        let crypto = WasiCryptoCtx::builder().max_batch_entries(10);
        let run = BATCHES.run().linking(linking).crypto(crypto);
        run.arg("too-long").finish().success();
    }
}

#[test]
fn the_hosts_limit_of_handles_is_an_errno() {
    let crypto = WasiCryptoCtx::builder().max_handles(100);
    BATCHES
        .run()
        .crypto(crypto)
        .arg("too-many")
        .finish()
        .success();
}

#[test]
fn memory_that_cannot_grow_is_an_errno() {
    let crypto = WasiCryptoCtx::builder().max_handles(usize::MAX);
    let run = BATCHES.run().crypto(crypto).max_memory(3 << 20);
    run.arg("no-memory").finish().success();
}
