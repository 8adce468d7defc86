//! The report: one table, and the same figures for programs.

use std::fmt::Write as _;
use std::path::Path;

use crate::{Line, SIZES, Who};

/// Prints the table, and writes `algorithms.md` and `algorithms.tsv` into `folder`.
pub(crate) fn write(lines: Vec<Line>, folder: &Path) -> std::io::Result<()> {
    let table = table(&lines);
    eprintln!("{table}");
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("algorithms.md"), table)?;
    std::fs::write(folder.join("algorithms.tsv"), figures(&lines))
}

fn figures(lines: &[Line]) -> String {
    let mut text = String::new();
    for Line { task, results } in lines {
        for (who, nanoseconds) in results {
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{who:?}\t{nanoseconds:.1}",
                task.row, task.operation, task.size
            );
        }
    }
    text
}

fn table(lines: &[Line]) -> String {
    let mut text = String::from(
        "| algorithm | operation | size | engine, native | engine, portable | aws-lc | portable crate | OpenSSL | native, of the faster library's speed | of OpenSSL's |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for line in lines {
        let of = |who| fastest(line, who);
        let library = [Who::AwsLc, Who::Crate].into_iter().filter_map(of);
        let library = library.reduce(f64::min);
        let native = of(Who::Native);
        let cells = [
            Who::Native,
            Who::Portable,
            Who::AwsLc,
            Who::Crate,
            Who::OpenSsl,
        ]
        .map(|who| of(who).map_or("–".to_owned(), |taken| shown(line.task.size, taken)));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            line.task.row,
            line.task.operation,
            bytes(line.task.size),
            cells.join(" | "),
            ratio(library, native),
            ratio(of(Who::OpenSsl), native),
        );
    }
    text
}

/// The time of one who may have several ways.
fn fastest(line: &Line, who: Who) -> Option<f64> {
    let results = line.results.iter().filter(|result| result.0 == who);
    results.map(|result| result.1).reduce(f64::min)
}

/// A time for the smallest size, where that is what matters; a speed for the others.
fn shown(size: usize, nanoseconds: f64) -> String {
    if size == SIZES[0] {
        format!("{nanoseconds:.0} ns")
    } else {
        format!("{:.0} MB/s", size as f64 * 1e3 / nanoseconds)
    }
}

fn bytes(size: usize) -> String {
    match size {
        0..1024 => format!("{size} B"),
        1024..0x10_0000 => format!("{} KiB", size >> 10),
        _ => format!("{} MiB", size >> 20),
    }
}

fn ratio(of: Option<f64>, to: Option<f64>) -> String {
    match (of, to) {
        (Some(of), Some(to)) => format!("{:.2}", of / to),
        _ => "–".to_owned(),
    }
}
