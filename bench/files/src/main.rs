//! Measures whole files through wcrypt, start-up included, beside the tools that people use; `docs/bench.md` explains it.

mod cases;
mod report;
mod run;

use std::error::Error;
use std::path::{Path, PathBuf};

use cases::Task;
use run::{Cost, Tools};

/// Everything that is measured of one command.
pub struct Series {
    /// The command's name in the report.
    pub tool: &'static str,
    pub costs: Vec<Cost>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let mut path = |what: &str| {
        args.next()
            .map(PathBuf::from)
            .ok_or(format!("{what} is missing"))
    };
    let command = path("the path of wasi-crypto")?.canonicalize()?;
    let guest = path("the path of wcrypt.wasm")?.canonicalize()?;
    let out = path("the folder for the report")?;
    let rounds: u32 = match args.next() {
        Some(rounds) => rounds.to_str().ok_or("rounds must be a number")?.parse()?,
        None => 5,
    };
    std::fs::create_dir_all(&out)?;
    let tools = Tools::new(command, guest, &out.join("files"))?;
    let tasks = cases::tasks(&tools)?;
    let measured = measure(&tools, &tasks, rounds)?;
    report::write(&out, &tasks, &measured, rounds)?;
    std::fs::remove_dir_all(tools.folder())?;
    Ok(())
}

/// Runs all commands of each task in turns, so that what disturbs the machine disturbs them all.
fn measure(tools: &Tools, tasks: &[Task], rounds: u32) -> Result<Vec<Vec<Series>>, Box<dyn Error>> {
    let mut measured = Vec::new();
    for task in tasks {
        let mut series: Vec<Series> = Vec::new();
        for command in &task.commands {
            // Once to fill caches: of the disk, and of compiled components.
            tools.run(command)?;
            series.push(Series {
                tool: command.tool,
                costs: Vec::new(),
            });
        }
        for _ in 0..rounds * task.repeat {
            for (command, series) in task.commands.iter().zip(&mut series) {
                series.costs.push(tools.run(command)?);
            }
        }
        eprintln!("{}: measured", task.name);
        measured.push(series);
    }
    Ok(measured)
}

/// Writes a file.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Box<dyn Error>> {
    std::fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()).into())
}
