//! Keys that expire.

use wasi_crypto_host::WasiCryptoCtx;
use wasi_crypto_test_harness::Linking;

use super::store::{START, Store};
use super::{run, run_with};

#[test]
fn a_key_works_until_it_expires_and_does_nothing_after() {
    let with_key = [
        "open",
        "encrypt",
        "decrypt",
        "encrypt-many",
        "decrypt-many",
        "export",
    ];
    let others = [
        "authenticate",
        "verify",
        "derive",
        "fetch",
        "fetch-exact",
        "store",
        "replace",
    ];
    let operations: Vec<_> = [&with_key[..], &with_key, &others].concat();
    for linking in Linking::ALL {
        // Far enough for everything to be done once: the clock shows a second more whenever it is read.
        let end = (START + 5_000).to_string();
        let secrets = Store::new().secrets().export_keys(true);
        let crypto = WasiCryptoCtx::builder().secrets(secrets);
        let outcome = run_with(linking, crypto, &["expiry", &end]);
        outcome.assert_success();

        let mut expected: Vec<(String, &str)> = Vec::new();
        for name in &operations {
            expected.push((format!("before {name}"), "ok"));
        }
        expected.push(("before another id".into(), "true"));
        expected.push(("in the end".into(), "expired"));
        for name in &operations {
            expected.push((format!("after {name}"), "expired"));
        }
        for (name, value) in [
            ("state that is open", "ok"),
            ("identified", "true"),
            ("replaced", "2"),
            ("latest", "ok"),
            ("first", "expired"),
            ("invalidated", "ok"),
            ("and gone", "not-found"),
            ("all", "ok"),
        ] {
            expected.push((name.into(), value));
        }
        let lines: Vec<_> = outcome.lines().collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value)| (&**name, *value))
            .collect();
        assert_eq!(lines, expected);
    }
}

#[test]
fn an_expiration_in_the_past_makes_a_key_that_has_expired() {
    for linking in Linking::ALL {
        for end in [0, 1, START] {
            run(
                linking,
                &Store::new(),
                &["expired-at-once", &end.to_string()],
            )
            .assert_lines(&[
                ("encrypt", "expired"),
                ("version", "1"),
                ("fetch", "expired"),
            ]);
        }
    }
}
