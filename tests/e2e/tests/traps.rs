//! A guest is stopped for what the component model forbids, and for nothing else.

use wasi_crypto_test_harness::{Linking, Run, store_and_linker};
use wasmtime::component::{Component, ComponentNamedList, Lift, Lower};

/// What wasmtime says when a call brings more than the store's hostcall fuel.
const TOO_MUCH: &str = "fuel allocated for hostcalls has been exhausted";

fn assert_out_of_fuel(linking: Linking, args: &[&str]) {
    let run = Run::new("hostile", linking).args(args.iter().copied());
    let outcome = run.finish();
    let Some(reason) = &outcome.trap else {
        panic!("{linking:?}: no trap: {outcome:?}");
    };
    assert!(reason.contains(TOO_MUCH), "{linking:?}: {reason}");
    assert_eq!(outcome.stdout, "", "{linking:?}");
}

#[test]
fn a_list_over_the_hostcall_fuel_is_a_trap() {
    for linking in Linking::ALL {
        assert_out_of_fuel(linking, &["over-hostcall-fuel"]);
    }
}

#[test]
fn a_list_over_the_hosts_limit_and_within_the_hostcall_fuel_is_not() {
    for linking in Linking::ALL {
        let run = Run::new("hostile", linking).args(["over-hostcall-fuel"]);
        let outcome = run.hostcall_fuel((128 << 20) + 1).finish();
        outcome.assert_lines(&[("absorbed", "overflow")]);
    }
}

#[test]
fn entries_count_against_the_hostcall_fuel_one_by_one_even_if_they_are_the_same_memory() {
    for linking in Linking::ALL {
        assert_out_of_fuel(linking, &["aliased-batch", "60000"]);
    }
    // With copies they are lifted before anybody can see how many there are.
    assert_out_of_fuel(Linking::Copying, &["aliased-batch", "70000"]);
}

/// Calls an export of `bare.wat`, in a store of its own. What is not the call's own failure is the test's.
fn call<P, R>(linking: Linking, export: &str, params: P) -> wasmtime::Result<R>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift + 'static,
{
    let bytes = wat::parse_str(include_str!("bare.wat")).expect("it can be parsed");
    let (mut store, linker) = store_and_linker(linking);
    let component = Component::new(store.engine(), &bytes).expect("it is valid");
    let instance = linker.instantiate(&mut store, &component);
    let instance = instance.expect("the host has what it imports");
    let function = instance.get_typed_func::<P, R>(&mut store, export);
    function
        .expect("the types are right")
        .call(&mut store, params)
}

/// Where `bare.wat` has the name SHAKE-128, "abc", and two bytes that are no text; and where nothing is.
const NAME: (u32, u32) = (16, 9);
const DATA: (u32, u32) = (64, 3);
const NO_TEXT: (u32, u32) = (128, 2);
const FREE: u32 = 1024;
/// The end of the guest's memory, which is one page.
const END: u32 = 1 << 16;

fn hash(linking: Linking, name: (u32, u32), data: (u32, u32), place: u32) -> wasmtime::Result<u64> {
    let params = (name.0, name.1, data.0, data.1, 16u64, place);
    let (digest,) = call(linking, "hash", params)?;
    Ok(digest)
}

#[test]
fn a_result_may_be_written_over_the_arguments_that_it_was_made_of() {
    // SHAKE128 of "abc", by Python's hashlib.
    let expected = u64::from_le_bytes([0x58, 0x81, 0x09, 0x2d, 0xd8, 0x18, 0xbf, 0x5c]);
    for linking in Linking::ALL {
        for place in [FREE, DATA.0, DATA.0 - 8, NAME.0, END - 16] {
            let digest = hash(linking, NAME, DATA, place).expect("no trap");
            assert_eq!(digest, expected, "{linking:?}, written to {place}");
        }
        let unknown = hash(linking, DATA, DATA, FREE).expect("no trap");
        assert_eq!(unknown, 5, "{linking:?}: not unsupported-algorithm");
    }
}

#[test]
fn a_ciphertext_may_be_written_over_message_and_nonce_and_to_memory_that_grows_meanwhile() {
    const NONCE: u32 = 288;

    // AES-128-GCM of "abc" under zeros, with its tag, by Python's cryptography, which is OpenSSL.
    let expected = u64::from_le_bytes([0x62, 0xea, 0xb9, 0x60, 0x33, 0x35, 0x91, 0x97]);
    for linking in Linking::ALL {
        for pages in [0u32, 1] {
            for place in [
                FREE,
                DATA.0,
                DATA.0 - 2,
                DATA.0 + 2,
                NONCE,
                NONCE + 5,
                END - 19,
            ] {
                let params = (DATA.0, DATA.1, place, pages);
                let sealed = call::<_, (u64,)>(linking, "encrypt", params);
                let (sealed,) = sealed.expect("no trap");
                assert_eq!(sealed, expected, "{linking:?}, written to {place}");
            }
        }
        let beyond = call::<_, (u64,)>(linking, "encrypt", (DATA.0, DATA.1, END - 18, 0u32));
        assert!(beyond.is_err(), "{linking:?}");
        let grown = call::<_, (u64,)>(linking, "encrypt", (DATA.0, DATA.1, END - 18, 1u32));
        assert_eq!(grown.expect("no trap"), (expected,), "{linking:?}");
    }
}

#[test]
fn memory_that_is_not_there_and_text_that_is_none_are_traps() {
    for linking in Linking::ALL {
        for (what, name, data, place) in [
            ("a name outside", (END, 9), DATA, FREE),
            ("a name across the end", (END - 1, 2), DATA, FREE),
            ("an endless name", (16, i32::MAX as u32), DATA, FREE),
            ("a name that is no text", NO_TEXT, DATA, FREE),
            ("data outside", NAME, (u32::MAX, 1), FREE),
            ("data across the end", NAME, (END - 2, 3), FREE),
            ("endless data", NAME, (64, u32::MAX), FREE),
            ("a place outside", NAME, DATA, END),
            ("a place across the end", NAME, DATA, END - 15),
        ] {
            let stopped = hash(linking, name, data, place);
            assert!(stopped.is_err(), "{linking:?}, {what}: {stopped:?}");
        }
    }
}

#[test]
fn handles_and_enumerators_that_do_not_exist_are_traps() {
    for linking in Linking::ALL {
        for handle in [0, 1, 7, u32::MAX] {
            let len = call::<_, (u64,)>(linking, "len", (handle,));
            assert!(len.is_err(), "{linking:?}: len({handle})");
            let dropped = call::<_, ()>(linking, "drop", (handle,));
            assert!(dropped.is_err(), "{linking:?}: drop({handle})");
        }
        for category in [3, 255, u32::MAX] {
            let opened = call::<_, ()>(linking, "open", (category,));
            assert!(opened.is_err(), "{linking:?}: open({category})");
        }
        call::<_, ()>(linking, "open", (1u32,)).expect("a category that exists");
    }
}
