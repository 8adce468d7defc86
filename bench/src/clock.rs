//! Time, and what many measurements of it say.

use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// Which time is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// That this thread spends on a processor: what others do on the machine disturbs it little.
    Processor,
    /// That passes, for work on several threads.
    Wall,
}

impl Clock {
    /// How many nanoseconds `work` takes.
    pub fn measure<E>(self, work: impl FnOnce() -> Result<(), E>) -> Result<f64, E> {
        match self {
            Self::Wall => {
                let start = Instant::now();
                work()?;
                Ok(start.elapsed().as_nanos() as f64)
            }
            Self::Processor => {
                let start = processor();
                work()?;
                Ok(processor() - start)
            }
        }
    }
}

fn processor() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// What a series of measurements says.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Summary {
    /// The middle one, in nanoseconds.
    pub median: f64,
    /// Half of them lie within this many percent of the median around it: the distance of the quartiles.
    pub spread: f64,
}

impl Summary {
    pub fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = samples.len().saturating_sub(1) as f64;
            samples
                .get((last * share).round() as usize)
                .copied()
                .unwrap_or(f64::NAN)
        };
        let median = at(0.5);
        Self {
            median,
            spread: 100.0 * (at(0.75) - at(0.25)) / median,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_moves_neither_median_nor_spread() {
        let summary = Summary::of(vec![10.0, 11.0, 12.0, 13.0, 1000.0]);
        assert_eq!(summary.median, 12.0);
        assert!((summary.spread - 100.0 * 2.0 / 12.0).abs() < 1e-9);
    }
}
