//! The registry: the rows of all families, one for each algorithm, and everything else is derived from it.

use std::sync::LazyLock;

use crate::symmetric;
use crate::{Error, Result};

pub use crate::contract::{Crates, KeyRule};
pub use crate::symmetric::{Absorb, Algorithm, Kind, NonceRule, Operation};

/// Every algorithm.
pub static ALGORITHMS: &[Algorithm] =
    &concatenate::<{ count(symmetric::FAMILIES) }>(symmetric::FAMILIES);

const fn count(families: &[&[&[Algorithm]]]) -> usize {
    let mut count = 0;
    let mut family = 0;
    while family < families.len() {
        let mut part = 0;
        while part < families[family].len() {
            count += families[family][part].len();
            part += 1;
        }
        family += 1;
    }
    count
}

const fn concatenate<const COUNT: usize>(families: &[&[&[Algorithm]]]) -> [Algorithm; COUNT] {
    let mut rows = [Algorithm::UNKEYED; COUNT];
    let mut end = 0;
    let mut family = 0;
    while family < families.len() {
        let mut part = 0;
        while part < families[family].len() {
            let mut row = 0;
            while row < families[family][part].len() {
                rows[end] = Algorithm {
                    ..families[family][part][row]
                };
                end += 1;
                row += 1;
            }
            part += 1;
        }
        family += 1;
    }
    rows
}

/// Finds an algorithm by its name, without regard to case.
///
/// # Errors
///
/// [`Error::UnsupportedAlgorithm`] for a name that is not in the registry.
pub fn find(name: &str) -> Result<&'static Algorithm> {
    static INDEX: LazyLock<[Vec<&'static Algorithm>; BUCKETS]> = LazyLock::new(|| {
        let mut index = [const { Vec::new() }; BUCKETS];
        for row in ALGORITHMS {
            if let Some(bucket) = index.get_mut(bucket(row.name)) {
                bucket.push(row);
            }
        }
        index
    });
    INDEX
        .get(bucket(name))
        .into_iter()
        .flatten()
        .find(|row| row.name.eq_ignore_ascii_case(name))
        .copied()
        .ok_or(Error::UnsupportedAlgorithm)
}

/// More than there are algorithms, so that few share one.
const BUCKETS: usize = 256;

/// Where in the index a name is. Names differ at their ends: in sizes, and in what is combined.
fn bucket(name: &str) -> usize {
    let end = name.as_bytes().iter().rev().take(12);
    let hash = end.fold(name.len() as u32, |hash, byte| {
        hash.wrapping_mul(31)
            .wrapping_add(u32::from(byte.to_ascii_lowercase()))
    });
    hash as usize % BUCKETS
}
