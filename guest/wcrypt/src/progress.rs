//! How far a long job is.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// A job smaller than this is over before anyone has read anything about it.
const WORTH_SHOWING: u64 = 8 << 20;

const BETWEEN_UPDATES: Duration = Duration::from_millis(100);

const BAR_WIDTH: u64 = 30;

/// A bar on standard error, if that is a terminal and the job is large; it is gone when the job is over.
pub struct Progress {
    total: u64,
    done: u64,
    started: Instant,
    drawn: Option<Instant>,
    shown: bool,
}

impl Progress {
    /// For a job of `total` bytes, if that is known.
    pub fn new(total: Option<u64>) -> Self {
        let total = total.unwrap_or(0);
        Self {
            total,
            done: 0,
            started: Instant::now(),
            drawn: None,
            shown: total >= WORTH_SHOWING && io::stderr().is_terminal(),
        }
    }

    /// Another `bytes` are done.
    pub fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        if !self.shown || self.drawn.is_some_and(|at| at.elapsed() < BETWEEN_UPDATES) {
            return;
        }
        self.drawn = Some(Instant::now());
        // Whether it can be drawn must not matter to the job.
        let bar = bar(self.done, self.total, self.started.elapsed());
        let _ = write!(io::stderr(), "\r{bar}\x1b[K");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn bar(done: u64, total: u64, elapsed: Duration) -> String {
    let done = done.min(total);
    let of = |width: u64| (u128::from(done) * u128::from(width) / u128::from(total.max(1))) as u64;
    let filled = of(BAR_WIDTH) as usize;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    format!(
        "{:3}% [{}{}] {:.0} of {:.0} MiB, {:.0} MiB/s",
        of(100),
        "#".repeat(filled),
        "-".repeat(BAR_WIDTH as usize - filled),
        mib(done),
        mib(total),
        mib(done) / elapsed.as_secs_f64().max(1e-3),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shows_share_amount_and_rate() {
        assert_eq!(
            bar(512 << 20, 1 << 30, Duration::from_secs(2)),
            " 50% [###############---------------] 512 of 1024 MiB, 256 MiB/s"
        );
    }

    #[test]
    fn a_file_that_grows_meanwhile_or_is_empty_does_no_harm() {
        assert!(bar(20, 10, Duration::ZERO).starts_with("100% [##############################]"));
        assert!(bar(0, 0, Duration::ZERO).starts_with("  0% [-"));
    }
}
