//! Empty associated data and none are the same for every AEAD whose absorbs concatenate, on every path of the SDK; where
//! each absorb is an element, an empty one is one, too.

use wasi_crypto_engine::registry::{ALGORITHMS, Absorb, Kind, NonceRule, Operation};
use wasi_crypto_host::{Backend, WasiCryptoCtx};
use wasi_crypto_test_harness::{Linking, Run};

/// The rows that encrypt whole messages with associated data, as the guest takes them.
fn rows() -> Vec<String> {
    let rows = ALGORITHMS.iter().filter(|row| {
        let whole = row.has(Operation::EncryptDetached) && row.has(Operation::Absorb);
        // A session without a nonce has no whole messages.
        whole && !(row.kind == Kind::Session && row.nonce == NonceRule::None)
    });
    let row = |row: &&wasi_crypto_engine::Algorithm| {
        let nonce = match row.nonce {
            NonceRule::Required(len) | NonceRule::Generated(len) => len,
            _ => 16,
        };
        let absorbs = match row.absorb {
            Absorb::Concatenates => "concatenate",
            Absorb::Delimits => "delimit",
        };
        let key = row.key.generated().expect("a key");
        format!("{},{key},{nonce},{absorbs}", row.name)
    };
    rows.collect::<Vec<_>>().iter().map(row).collect()
}

fn run(linking: Linking, backend: Backend) {
    let rows = rows();
    assert!(rows.iter().any(|row| row.ends_with("concatenate")));
    assert!(rows.iter().any(|row| row.starts_with("AES-256-SIV")));
    assert!(rows.iter().any(|row| row.starts_with("XOODYAK-128")));
    for seed in [1, 2, 3] {
        let outcome = Run::new("associated", linking)
            .crypto(WasiCryptoCtx::builder().backend(backend))
            .arg(&format!("{seed}"))
            .args(rows.iter().map(String::as_str))
            .finish();
        outcome.assert_success();
        assert_eq!(outcome.value("tried"), rows.len().to_string());
    }
}

#[test]
fn every_path_agrees_on_the_host() {
    for linking in Linking::ALL {
        run(linking, Backend::Native);
    }
}

#[test]
fn every_path_agrees_on_the_portable_back_end() {
    run(Linking::Direct, Backend::Portable);
}

#[test]
fn every_path_agrees_in_a_composed_component() {
    run(Linking::Composed, Backend::Portable);
}
