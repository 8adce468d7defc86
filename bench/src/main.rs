//! Measures what a call from a component costs, beside native code and pure wasm in the same component.
//!
//! All cases are run in turns, so that whatever disturbs the machine disturbs them all; `docs/bench.md` explains the rest.

mod clock;
mod guest;
mod legacy;
mod native;
mod report;

use std::path::PathBuf;

use clock::{Clock, Summary};
use guest::{Guest, Program};
use wasmtime::Result;

const ALGORITHMS: [&str; 6] = [
    "SHA-256",
    "HMAC/SHA-256",
    "AES-256-GCM",
    "CHACHA20-POLY1305",
    "BLAKE3",
    "XOODYAK-128",
];
const SIZES: [u32; 4] = [64, 1 << 10, 16 << 10, 1 << 20];
/// Batches: how many messages of how many bytes.
const BATCHES: [(u32, u32); 4] = [(64, 64), (64, 1 << 10), (256, 1 << 10), (256, 4 << 10)];
/// One sample takes about as long, in nanoseconds.
const SAMPLE: f64 = 1_500_000.0;
/// As above, where several threads work: long enough that it counts little how they begin.
const SAMPLE_OF_SEVERAL: f64 = 10.0 * SAMPLE;

/// Something to be run once.
pub type Work = Box<dyn FnMut()>;

/// What is measured.
pub struct Case {
    pub name: &'static str,
    pub algorithm: &'static str,
    pub size: u32,
    pub count: u32,
    clock: Clock,
    runner: Runner,
    times: u32,
    samples: Vec<f64>,
}

enum Runner {
    Native(Work),
    Guest(Box<Guest>),
    /// Every second run prepares for the next.
    InTurns(Box<Guest>),
}

impl Case {
    fn sample(&mut self) -> Result<()> {
        let times = self.times;
        let taken = match &mut self.runner {
            Runner::Native(work) => self.clock.measure(|| {
                (0..times).for_each(|_| work());
                Ok(())
            }),
            Runner::Guest(guest) => self.clock.measure(|| guest.run(times)),
            Runner::InTurns(guest) => {
                let mut sum = 0.0;
                for _ in 0..times {
                    guest.run(1)?;
                    sum += self.clock.measure(|| guest.run(1))?;
                }
                Ok(sum)
            }
        }?;
        self.samples.push(taken / f64::from(times));
        Ok(())
    }

    /// Finds out how often to run in one sample.
    fn calibrate(&mut self) -> Result<()> {
        let sample = match self.clock {
            Clock::Processor => SAMPLE,
            Clock::Wall => SAMPLE_OF_SEVERAL,
        };
        self.sample()?;
        while let Some(last) = self.samples.pop() {
            if last * f64::from(self.times) > sample / 8.0 {
                self.times = ((sample / last) as u32).max(1);
                break;
            }
            self.times *= 4;
            self.sample()?;
        }
        Ok(())
    }

    pub fn summary(&self) -> Summary {
        Summary::of(self.samples.clone())
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name,
            algorithm,
            size,
            count,
            ..
        } = self;
        write!(f, "{name}, {algorithm}, {count} × {size}")
    }
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let file = args
        .next()
        .ok_or("usage: wasi-crypto-bench GUEST.wasm LEGACY.wasm FOLDER [ROUNDS [CASES]]")?;
    let core_module = args.next().ok_or("where is the core module?")?;
    let folder = PathBuf::from(args.next().ok_or("where should the report go?")?);
    let rounds: u32 = args.next().map_or(Ok(31), |rounds| rounds.parse())?;

    let program = Program::load(file.as_ref())?;
    let adapted = legacy::Adapted::load(core_module.as_ref())?;
    let mut cases = cases(&program)?;
    cases.extend(legacy::cases(&program, &adapted)?);
    // To profile some of them.
    let parts = args.next();
    if let Some(parts) = &parts {
        let is_wanted = |case: &Case| parts.split(';').any(|part| case.to_string().contains(part));
        cases.retain(is_wanted);
    }
    let start_ups = if parts.is_none() { rounds } else { 1 };
    for case in &mut cases {
        case.calibrate()?;
    }
    for round in 1..=rounds {
        eprint!("\rround {round} of {rounds}");
        for case in &mut cases {
            case.sample()?;
        }
    }
    eprintln!();
    let start_up = start_up(&program, start_ups)?;
    Ok(report::write(&cases, start_up, &adapted, &folder)?)
}

fn cases(program: &Program) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let mut add = |name, algorithm, size, count, clock, runner| {
        cases.push(Case {
            name,
            algorithm,
            size,
            count,
            clock,
            runner,
            times: 1,
            samples: Vec::new(),
        });
    };
    let prepared = |name, algorithm, size, count, threads| -> Result<Box<Guest>> {
        let mut guest = program.instantiate(threads)?;
        guest.prepare(name, algorithm, size, count)?;
        Ok(Box::new(guest))
    };
    for algorithm in ALGORITHMS {
        for size in SIZES {
            if let Some(work) = native::work(algorithm, size) {
                add(
                    "native",
                    algorithm,
                    size,
                    1,
                    Clock::Processor,
                    Runner::Native(work),
                );
            }
            for name in ["streaming", "one-shot", "pure wasm"] {
                let guest = prepared(name, algorithm, size, 1, 1)?;
                add(
                    name,
                    algorithm,
                    size,
                    1,
                    Clock::Processor,
                    Runner::Guest(guest),
                );
            }
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for (count, size) in BATCHES {
        let algorithm = "AES-256-GCM";
        for name in ["streamed calls", "one-shot calls", "encrypt-many"] {
            let guest = prepared(name, algorithm, size, count, 1)?;
            add(
                name,
                algorithm,
                size,
                count,
                Clock::Processor,
                Runner::Guest(guest),
            );
        }
        for name in ["encrypt calls", "symmetric-batch"] {
            let guest = prepared(name, algorithm, size, count, 1)?;
            add(
                name,
                algorithm,
                size,
                count,
                Clock::Processor,
                Runner::InTurns(guest),
            );
        }
        let guest = prepared("one-shot calls", algorithm, size, count, 1)?;
        add(
            "one-shot calls, wall",
            algorithm,
            size,
            count,
            Clock::Wall,
            Runner::Guest(guest),
        );
        let guest = prepared("encrypt-many", algorithm, size, count, threads)?;
        add(
            "encrypt-many, all cores",
            algorithm,
            size,
            count,
            Clock::Wall,
            Runner::Guest(guest),
        );
    }
    for name in ["bare import", "call on a state", "managed key"] {
        let guest = prepared(name, "AES-256-GCM", 0, 1, 1)?;
        add(name, "", 0, 1, Clock::Processor, Runner::Guest(guest));
    }
    Ok(cases)
}

/// How long it takes to instantiate the component.
fn start_up(program: &Program, rounds: u32) -> Result<Summary> {
    let mut samples = Vec::new();
    for _ in 0..rounds {
        let mut times = 0;
        let taken = Clock::Processor.measure(|| {
            while times < 20 {
                drop(program.instantiate(1)?);
                times += 1;
            }
            Ok::<_, wasmtime::Error>(())
        })?;
        samples.push(taken / f64::from(times));
    }
    Ok(Summary::of(samples))
}
