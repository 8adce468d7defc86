//! Calls of a core module through the adapter, beside the same calls of a component.

use std::fmt::Write as _;
use std::path::Path;

use wasi_crypto_componentize::{ADAPTER, componentize};
use wasmtime::Result;

use crate::clock::{Clock, Summary};
use crate::guest::Program;
use crate::report::{bytes, time};
use crate::{Case, Runner, SIZES};

/// What is measured: what both guests call it, the name of the core module's case, the algorithm, and how many calls of
/// the host it takes a component.
const CALLS: [(&str, &str, &str, u32); 8] = [
    ("absorb", "legacy absorb", "SHA-256", 1),
    ("squeeze", "legacy squeeze", "SHA-256", 1),
    ("open and close", "legacy open and close", "SHA-256", 2),
    ("tag", "legacy tag", "HMAC/SHA-256", 2),
    ("decrypt", "legacy decrypt", "AES-256-GCM", 1),
    ("streaming", "legacy streaming", "SHA-256", 4),
    ("streaming", "legacy streaming", "HMAC/SHA-256", 5),
    ("streaming", "legacy streaming", "AES-256-GCM", 7),
];

/// A core module that was made a component.
pub struct Adapted {
    program: Program,
    /// Bytes of the module, and of the component.
    sizes: (usize, usize),
}

impl Adapted {
    pub fn load(file: &Path) -> std::result::Result<Self, Box<dyn std::error::Error>> {
        let module = std::fs::read(file)?;
        let component = componentize(&module)?;
        Ok(Self {
            program: Program::new(&component)?,
            sizes: (module.len(), component.len()),
        })
    }
}

/// The sizes that a case is run for.
fn sizes(name: &str) -> &'static [u32] {
    match name {
        "open and close" | "tag" => &[0],
        "squeeze" => &[32],
        "absorb" => &[0, SIZES[0], SIZES[1], SIZES[2], SIZES[3]],
        _ => &SIZES,
    }
}

/// The cases; those of the component that are among the others anyway are not repeated.
pub fn cases(component: &Program, adapted: &Adapted) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (call, legacy, algorithm, _) in CALLS {
        for &size in sizes(call) {
            let mut add = |name, program: &Program| -> Result<()> {
                let mut guest = program.instantiate(1)?;
                guest.prepare(call, algorithm, size, 1)?;
                cases.push(Case {
                    name,
                    algorithm,
                    size,
                    count: 1,
                    clock: Clock::Processor,
                    runner: Runner::Guest(Box::new(guest)),
                    times: 1,
                    samples: Vec::new(),
                });
                Ok(())
            };
            if call != "streaming" {
                add(call, component)?;
            }
            add(legacy, &adapted.program)?;
        }
    }
    Ok(cases)
}

/// What the adapter costs.
pub fn table(cases: &[Case], adapted: &Adapted) -> String {
    let find = |name: &str, algorithm: &str, size: u32| -> Option<Summary> {
        let found = cases
            .iter()
            .find(|case| (case.name, case.algorithm, case.size) == (name, algorithm, size));
        found.map(Case::summary)
    };
    let mut text = String::from(
        "\n| core module, through the adapter | size | calls | component | core module | more for each call |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for (call, legacy, algorithm, count) in CALLS {
        for &size in sizes(call) {
            let (direct, through) = (find(call, algorithm, size), find(legacy, algorithm, size));
            let more = match (direct, through) {
                (Some(direct), Some(through)) => {
                    let more = (through.median - direct.median) / f64::from(count);
                    format!("{more:.0} ns")
                }
                _ => "–".to_owned(),
            };
            let _ = writeln!(
                text,
                "| {call}, {algorithm} | {} | {count} | {} | {} | {more} |",
                bytes(size),
                time(direct),
                time(through),
            );
        }
    }
    let (module, component) = adapted.sizes;
    let _ = writeln!(
        text,
        "\n| size | |\n|---|--:|\n| the adapter | {} bytes |\n| what it and that for preview 1 add to this core module | {} bytes |",
        ADAPTER.len(),
        component - module,
    );
    text
}
