//! Measures every row of the engine's registry, called directly, beside the libraries that could compute it.
//!
//! All contenders of one row, operation and size run in turns, so that whatever disturbs the machine disturbs them all;
//! `docs/bench-algorithms.md` explains the rest.

mod engine;
mod libraries;
mod openssl;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use rustix::time::{ClockId, clock_gettime};

/// Bytes of the messages.
const SIZES: [usize; 3] = [64, 16 << 10, 1 << 20];
/// One sample takes at least as long, in nanoseconds.
const SAMPLE: f64 = 500_000.0;

/// Something to be run once.
type Work = Box<dyn FnMut()>;

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// The engine on its native back end.
    Native,
    /// The engine on its portable back end.
    Portable,
    /// aws-lc, called directly.
    AwsLc,
    /// The crate of the portable back end, called directly.
    Crate,
    /// The system's OpenSSL, as its own benchmark measures it.
    OpenSsl,
}

/// One way to compute something.
struct Contender {
    who: Who,
    work: Work,
    times: u32,
    samples: Vec<f64>,
}

impl Contender {
    fn new(who: Who, work: Work) -> Self {
        Self {
            who,
            work,
            times: 1,
            samples: Vec::new(),
        }
    }

    /// Finds out how often to run in one sample.
    fn calibrate(&mut self) {
        loop {
            let taken = self.run();
            if taken >= SAMPLE || self.times >= 1 << 20 {
                return;
            }
            self.times = (self.times * 2).max((f64::from(self.times) * SAMPLE / taken) as u32);
        }
    }

    /// Nanoseconds of this thread's time for one sample.
    fn run(&mut self) -> f64 {
        let start = processor();
        for _ in 0..self.times {
            (self.work)();
        }
        processor() - start
    }

    fn sample(&mut self) {
        let taken = self.run() / f64::from(self.times);
        self.samples.push(taken);
    }

    /// The middle sample, in nanoseconds for one run.
    fn median(&mut self) -> f64 {
        self.samples.sort_by(f64::total_cmp);
        self.samples
            .get(self.samples.len() / 2)
            .copied()
            .unwrap_or(f64::NAN)
    }
}

fn processor() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// What a line of the report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Task {
    row: &'static str,
    operation: &'static str,
    size: usize,
}

/// What was measured, in nanoseconds.
struct Line {
    task: Task,
    results: Vec<(Who, f64)>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments
        .next()
        .map_or("target/bench".into(), PathBuf::from);
    let rounds = arguments
        .next()
        .and_then(|rounds| rounds.to_str()?.parse().ok())
        .unwrap_or(15);
    // Only rows whose names contain it.
    let filter = arguments
        .next()
        .and_then(|filter| filter.into_string().ok())
        .unwrap_or_default();
    let lines = engine::tasks()
        .filter(|task| task.row.contains(filter.as_str()))
        .map(|task| measure(task, rounds))
        .collect();
    match report::write(lines, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write the report to {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn measure(task: Task, rounds: u32) -> Line {
    let mut contenders = engine::contenders(&task);
    contenders.extend(libraries::contenders(&task));
    for contender in &mut contenders {
        contender.calibrate();
    }
    for _ in 0..rounds {
        for contender in &mut contenders {
            contender.sample();
        }
    }
    let mut results: Vec<(Who, f64)> = contenders
        .iter_mut()
        .map(|contender| (contender.who, contender.median()))
        .collect();
    results.extend(openssl::measure(&task).map(|taken| (Who::OpenSsl, taken)));
    eprintln!("{task:?} {results:.0?}");
    Line { task, results }
}
