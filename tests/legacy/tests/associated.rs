//! Empty associated data and none, through the adapter: what a core module gets is what the engine's functions for whole
//! messages give.

use std::fmt::Write;

use wasi_crypto_engine::registry::{ALGORITHMS, Absorb, NonceRule, Operation};
use wasi_crypto_engine::{Algorithm, Engine};
use wasi_crypto_legacy_tests::Legacy;
use wasi_crypto_vectors::player::Report;

const DATA: &[u8] = b"a message";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Cases in the language of the vectors, of one row; how many there are.
fn cases(engine: &Engine, row: &Algorithm, script: &mut String) -> usize {
    let raw: Vec<u8> = (0..row.key.generated().expect("a key") as u8).collect();
    let nonce = match row.nonce {
        NonceRule::Required(len) | NonceRule::Generated(len) => vec![3; len],
        _ => vec![3; 16],
    };
    let key = engine.import_key(row.name, &raw).expect(row.name);
    let sealed = |associated_data: &[u8]| {
        let sealed = engine.encrypt(&key, Some(&nonce), associated_data, DATA);
        sealed.expect(row.name).ciphertext
    };
    let (empty, some) = (sealed(b""), sealed(b"header"));
    let mut cases = vec![
        ("one empty absorb", "absorb -\n", &empty),
        ("one absorb", "absorb \"header\"\n", &some),
    ];
    if row.absorb == Absorb::Concatenates {
        cases.extend([
            ("no absorb", "", &empty),
            ("two empty absorbs", "absorb -\nabsorb -\n", &empty),
            (
                "an empty absorb before",
                "absorb -\nabsorb \"header\"\n",
                &some,
            ),
            (
                "an empty absorb between",
                "absorb \"hea\"\nabsorb -\nabsorb \"der\"\n",
                &some,
            ),
        ]);
    }
    for (name, absorbs, sealed) in &cases {
        let open = format!("open {}\n{absorbs}", row.name);
        let (ciphertext, tag) = sealed.split_at(DATA.len());
        let (data, sealed) = (hex(DATA), hex(sealed));
        let (ciphertext, tag) = (hex(ciphertext), hex(tag));
        write!(
            script,
            "case {}-{}\nkey {} {}\noption nonce {}\n\
             {open}encrypt {data} = {sealed}\n{open}encrypt-detached {data} = {ciphertext} {tag}\n\
             {open}decrypt {sealed} = {data}\n{open}decrypt-detached {ciphertext} {tag} = {data}\n\n",
            row.name.to_lowercase(),
            name.replace(' ', "-"),
            row.name,
            hex(&raw),
            hex(&nonce),
        )
        .expect("text takes text");
    }
    cases.len()
}

#[test]
fn a_core_module_gets_what_the_functions_for_whole_messages_give() {
    let engine = Engine::default();
    let mut script = String::new();
    let mut expected = 0;
    for row in ALGORITHMS {
        let whole = row.has(Operation::EncryptDetached) && row.has(Operation::Absorb);
        if whole && row.nonce != NonceRule::None {
            expected += cases(&engine, row, &mut script);
        }
    }
    assert!(expected > 60);
    // That the lines below compare anything.
    script.push_str("case wrong\nopen SHA-256\nsqueeze = 00*32\n");
    let printed = Legacy::guest("witx-vectors")
        .run()
        .stdin(script)
        .finish()
        .success();
    let report = Report::read(&printed).expect("a report");
    assert_eq!(report.cases, expected + 1, "{report}");
    assert_eq!(report.mismatches.len(), 1, "{report}");
    assert!(report.mismatches[0].contains("wrong"), "{report}");
}
