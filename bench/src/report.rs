//! The report: tables, JSON, a plot.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::clock::Summary;
use crate::legacy::{self, Adapted};
use crate::{ALGORITHMS, BATCHES, Case, SIZES};

const COLUMNS: [&str; 4] = ["native", "one-shot", "streaming", "pure wasm"];
const COLORS: [&str; 4] = ["#888888", "#1f77b4", "#17a2b8", "#d9822b"];

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    algorithm: &'a str,
    size: u32,
    count: u32,
    nanoseconds: Summary,
}

/// Prints the tables, and writes `report.md`, `report.json` and `report.svg` into `folder`.
pub fn write(
    cases: &[Case],
    instantiation: Summary,
    adapted: &Adapted,
    folder: &Path,
) -> std::io::Result<()> {
    let rows: Vec<Row<'_>> = cases
        .iter()
        .map(|case| Row {
            name: case.name,
            algorithm: case.algorithm,
            size: case.size,
            count: case.count,
            nanoseconds: case.summary(),
        })
        .collect();
    let tables = tables(&rows, instantiation) + &legacy::table(cases, adapted);
    eprintln!("{tables}");
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("report.md"), &tables)?;
    std::fs::write(folder.join("report.svg"), plot(&rows))?;
    let json = serde_json::json!({ "cases": rows, "instantiation": instantiation });
    std::fs::write(folder.join("report.json"), format!("{json:#}\n"))
}

fn find(rows: &[Row<'_>], name: &str, algorithm: &str, size: u32, count: u32) -> Option<Summary> {
    let found = rows.iter().find(|row| {
        (row.name, row.algorithm, row.size, row.count) == (name, algorithm, size, count)
    });
    found.map(|row| row.nanoseconds)
}

fn tables(rows: &[Row<'_>], instantiation: Summary) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "| one message | size | native | one-shot | streaming | pure wasm | one-shot, of native's speed | one-shot, × pure wasm's |\n|---|--:|--:|--:|--:|--:|--:|--:|"
    );
    for algorithm in ALGORITHMS {
        for size in SIZES {
            let [native, oneshot, streaming, pure] =
                COLUMNS.map(|name| find(rows, name, algorithm, size, 1));
            let _ = writeln!(
                text,
                "| {algorithm} | {} | {} | {} | {} | {} | {} | {} |",
                bytes(size),
                time(native),
                time(oneshot),
                time(streaming),
                time(pure),
                ratio(native, oneshot),
                ratio(pure, oneshot),
            );
        }
    }
    let _ = writeln!(
        text,
        "\n| AES-256-GCM, many messages | streamed | one-shot | `encrypt-many` | its gain on one-shot | `encrypt` | `symmetric-batch` | its gain | `encrypt-many`, all cores | its gain on one-shot |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for (count, size) in BATCHES {
        let of = |name| find(rows, name, "AES-256-GCM", size, count);
        let _ = writeln!(
            text,
            "| {count} × {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            bytes(size),
            time(of("streamed calls")),
            time(of("one-shot calls")),
            time(of("encrypt-many")),
            ratio(of("one-shot calls"), of("encrypt-many")),
            time(of("encrypt calls")),
            time(of("symmetric-batch")),
            ratio(of("encrypt calls"), of("symmetric-batch")),
            time(of("encrypt-many, all cores")),
            ratio(of("one-shot calls, wall"), of("encrypt-many, all cores")),
        );
    }
    let bare = find(rows, "bare import", "", 0, 1);
    let call = find(rows, "call on a state", "", 0, 1);
    let managed = find(rows, "managed key", "", 0, 1);
    let _ = writeln!(
        text,
        "\n| other | |\n|---|--:|\n| an import that does nothing | {} |\n| `max-tag-len` of a state | {} |\n| their ratio | {} |\n| a managed key that is in the cache | {} |\n| instantiation | {} |",
        time(bare),
        time(call),
        ratio(call, bare),
        time(managed),
        time(Some(instantiation)),
    );
    text
}

pub fn bytes(size: u32) -> String {
    match size {
        0..1024 => format!("{size} B"),
        1024..0x10_0000 => format!("{} KiB", size >> 10),
        _ => format!("{} MiB", size >> 20),
    }
}

/// A time with its spread.
pub fn time(summary: Option<Summary>) -> String {
    let Some(Summary { median, spread }) = summary else {
        return "–".to_owned();
    };
    let (value, unit) = match median {
        ..1e3 => (median, "ns"),
        ..1e6 => (median / 1e3, "µs"),
        _ => (median / 1e6, "ms"),
    };
    let digits = if value < 10.0 { 2 } else { 0 };
    format!("{value:.digits$} {unit} ±{:.0} %", spread / 2.0)
}

fn ratio(of: Option<Summary>, to: Option<Summary>) -> String {
    match (of, to) {
        (Some(of), Some(to)) => format!("{:.2}", of.median / to.median),
        _ => "–".to_owned(),
    }
}

/// Time per message, on logarithmic scales: a panel for each algorithm, a line for each way.
fn plot(rows: &[Row<'_>]) -> String {
    const WIDTH: f64 = 300.0;
    const HEIGHT: f64 = 240.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        3.0 * WIDTH,
        2.0 * HEIGHT + 30.0
    );
    for (n, algorithm) in ALGORITHMS.iter().enumerate() {
        let left = (n % 3) as f64 * WIDTH + 45.0;
        let top = (n / 3) as f64 * HEIGHT + 30.0;
        let (width, height) = (WIDTH - 65.0, HEIGHT - 60.0);
        let x = |size: u32| left + width * (f64::from(size).log2() - 6.0) / 14.0;
        // From 10 ns to 100 ms.
        let y = |ns: f64| top + height * (1.0 - (ns.log10() - 1.0) / 7.0);
        let _ = writeln!(
            svg,
            "<text x=\"{left}\" y=\"{}\" font-weight=\"bold\">{algorithm}</text>",
            top - 8.0
        );
        for (decade, label) in [(2, "100 ns"), (4, "10 µs"), (6, "1 ms")] {
            let at = y(10f64.powi(decade));
            let _ = writeln!(
                svg,
                "<path d=\"M{left} {at}H{}\" stroke=\"#dddddd\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
                left + width,
                left - 4.0,
                at + 4.0
            );
        }
        for size in SIZES {
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                x(size),
                top + height + 16.0,
                bytes(size)
            );
        }
        for (name, color) in COLUMNS.iter().zip(COLORS) {
            let points: Vec<String> = SIZES
                .iter()
                .filter_map(|&size| {
                    let summary = find(rows, name, algorithm, size, 1)?;
                    Some(format!("{:.1},{:.1}", x(size), y(summary.median)))
                })
                .collect();
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
                points.join(" ")
            );
        }
    }
    for (n, (name, color)) in COLUMNS.iter().zip(COLORS).enumerate() {
        let left = 45.0 + 120.0 * n as f64;
        let top = 2.0 * HEIGHT + 15.0;
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {top}h24\" stroke=\"{color}\" stroke-width=\"2\"/><text x=\"{}\" y=\"{}\">{name}</text>",
            left + 30.0,
            top + 4.0
        );
    }
    svg + "</svg>\n"
}
