//! The report: a table to read, and all figures as JSON.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::cases::{By, Target, Task};
use crate::{Series, write as write_file};

/// What a command took, in seconds: medians.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Medians {
    cpu: f64,
    wall: f64,
}

#[derive(Serialize)]
struct Row<'a> {
    task: &'a str,
    tool: &'a str,
    #[serde(flatten)]
    took: Medians,
    /// What wcrypt took, divided by that.
    wcrypt_cpu: f64,
    wcrypt_wall: f64,
    /// What it may be at most, and whether it is processor time that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_met: Option<bool>,
}

/// Writes `files.md` and `files.json`, and prints the table.
pub fn write(
    out: &Path,
    tasks: &[Task],
    measured: &[Vec<Series>],
    rounds: u32,
) -> Result<(), Box<dyn Error>> {
    let rows = rows(tasks, measured);
    let table = table(&rows, tasks, rounds)?;
    print(&table)?;
    write_file(&out.join("files.md"), &table)?;
    write_file(&out.join("files.json"), serde_json::to_vec_pretty(&rows)?)
}

fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    std::io::stdout().write_all(text.as_bytes())
}

fn rows<'a>(tasks: &'a [Task], measured: &'a [Vec<Series>]) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for (task, series) in tasks.iter().zip(measured) {
        let Some(ours) = series.first().map(medians) else {
            continue;
        };
        for series in series {
            let took = medians(series);
            let target = task
                .target
                .as_ref()
                .filter(|target| target.tool == series.tool);
            let (wcrypt_cpu, wcrypt_wall) = (ours.cpu / took.cpu, ours.wall / took.wall);
            rows.push(Row {
                task: task.name,
                tool: series.tool,
                took,
                wcrypt_cpu,
                wcrypt_wall,
                target: target.map(|target| target.times),
                target_met: target.map(|target| match target.by {
                    By::Cpu => wcrypt_cpu <= target.times,
                    By::Wall => wcrypt_wall <= target.times,
                }),
            });
        }
    }
    rows
}

fn table(rows: &[Row<'_>], tasks: &[Task], rounds: u32) -> Result<String, std::fmt::Error> {
    let mut table = format!("Medians of {rounds} rounds.\n\n");
    table += "| whole files, start-up included | | CPU | wall | wcrypt's CPU | wcrypt's wall | at most |\n";
    table += "|---|---|--:|--:|--:|--:|---|\n";
    let mut last = "";
    for row in rows {
        let name = if row.task == last { "" } else { row.task };
        last = row.task;
        write!(
            table,
            "| {name} | {} | {} | {} ",
            row.tool,
            time(row.took.cpu),
            time(row.took.wall)
        )?;
        if row.tool == "wcrypt" {
            table += "| | | |\n";
            continue;
        }
        write!(
            table,
            "| × {:.2} | × {:.2} | ",
            row.wcrypt_cpu, row.wcrypt_wall
        )?;
        let target = tasks.iter().find(|task| task.name == row.task);
        match (target.and_then(|task| task.target.as_ref()), row.target_met) {
            (Some(Target { times, by, .. }), Some(met)) => {
                let by = if *by == By::Cpu { "CPU" } else { "wall" };
                let met = if met { "met" } else { "missed" };
                writeln!(table, "{by} × {times}: {met} |")?;
            }
            _ => table += "|\n",
        }
    }
    Ok(table)
}

fn medians(series: &Series) -> Medians {
    Medians {
        cpu: median(series.costs.iter().map(|cost| cost.cpu).collect()),
        wall: median(series.costs.iter().map(|cost| cost.wall).collect()),
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

fn time(seconds: f64) -> String {
    if seconds < 0.1 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{seconds:.2} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Cost;

    fn series(tool: &'static str, cpu: f64, wall: f64) -> Series {
        Series {
            tool,
            costs: vec![Cost { cpu, wall }],
        }
    }

    #[test]
    fn a_target_is_met_by_what_it_is_measured_by() {
        let task = |by| Task {
            name: "task",
            commands: Vec::new(),
            target: Some(Target {
                times: 2.0,
                tool: "other",
                by,
            }),
            repeat: 1,
        };
        let measured = [vec![series("wcrypt", 3.0, 1.0), series("other", 1.0, 1.0)]];
        for (by, met) in [(By::Cpu, "CPU × 2: missed"), (By::Wall, "wall × 2: met")] {
            let tasks = [task(by)];
            let rows = rows(&tasks, &measured);
            assert!(table(&rows, &tasks, 1).unwrap().contains(met), "{met}");
        }
    }

    #[test]
    fn an_outlier_does_not_move_the_median() {
        assert_eq!(median(vec![1.0, 1000.0, 2.0]), 2.0);
    }
}
