//! `wasi-crypto algorithms`

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use wasi_crypto_engine::registry::{ALGORITHMS, Absorb, Algorithm, KeyRule, NonceRule};

use crate::exit::{self, Failure};
use crate::table::columns;

/// Lists the algorithms.
#[derive(Args)]
pub struct Algorithms {
    /// Prints JSON, with everything that the registry knows.
    #[arg(long)]
    json: bool,
}

impl Algorithms {
    pub fn execute(self) -> Result<ExitCode, Failure> {
        let rows: Vec<Row> = ALGORITHMS.iter().map(Row::new).collect();
        let text = if self.json {
            serde_json::to_string_pretty(&rows).map_err(|error| Failure::Host(error.to_string()))?
        } else {
            table(&rows)
        };
        exit::print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A row of the registry, in words.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    kind: &'static str,
    key: Key,
    nonce: Nonce,
    tag_bytes: usize,
    absorbs: &'static str,
    operations: Vec<&'static str>,
    options: Vec<&'static str>,
    native: &'static str,
    portable: &'static str,
    fips_approved: bool,
    standard: &'static str,
}

#[derive(Serialize)]
struct Key {
    rule: &'static str,
    min_bytes: Option<usize>,
    /// None for keys of any length.
    max_bytes: Option<usize>,
    generated_bytes: Option<usize>,
}

#[derive(Serialize)]
struct Nonce {
    rule: &'static str,
    bytes: Option<usize>,
}

impl Row {
    fn new(algorithm: &'static Algorithm) -> Self {
        Self {
            name: algorithm.name,
            kind: algorithm.kind.as_str(),
            key: Key::new(algorithm.key),
            nonce: Nonce::new(algorithm.nonce),
            tag_bytes: algorithm.tag_len,
            absorbs: match algorithm.absorb {
                Absorb::Concatenates => "concatenate",
                Absorb::Delimits => "delimit",
            },
            operations: algorithm
                .operations()
                .iter()
                .map(|operation| operation.as_str())
                .collect(),
            options: algorithm
                .options
                .iter()
                .map(|option| option.as_str())
                .collect(),
            native: algorithm.crates.native,
            portable: algorithm.crates.portable,
            fips_approved: algorithm.fips_approved,
            standard: algorithm.standard,
        }
    }

    fn cells(&self) -> [String; 7] {
        [
            self.name.to_string(),
            self.kind.to_string(),
            self.key.cell(),
            self.nonce.cell(),
            match self.tag_bytes {
                0 => "-".to_string(),
                bytes => bytes.to_string(),
            },
            if self.fips_approved { "yes" } else { "-" }.to_string(),
            self.standard.to_string(),
        ]
    }
}

impl Key {
    fn new(rule: KeyRule) -> Self {
        let (name, sizes) = match rule {
            KeyRule::Optional { min, max, .. } => ("optional", Some((min, max))),
            KeyRule::Required { min, max, .. } => ("required", Some((min, max))),
            _ => ("none", None),
        };
        Self {
            rule: name,
            min_bytes: sizes.map(|(min, _)| min),
            max_bytes: sizes.map(|(_, max)| max).filter(|max| *max != usize::MAX),
            generated_bytes: rule.generated(),
        }
    }

    fn cell(&self) -> String {
        let sizes = match (self.min_bytes, self.max_bytes) {
            (None, _) => return "-".to_string(),
            (Some(min), Some(max)) if min == max => min.to_string(),
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(0 | 1), None) => "any".to_string(),
            (Some(min), None) => format!("{min} or more"),
        };
        match self.rule {
            "optional" => format!("{sizes}, optional"),
            _ => sizes,
        }
    }
}

impl Nonce {
    fn new(rule: NonceRule) -> Self {
        let (rule, bytes) = match rule {
            NonceRule::Required(bytes) => ("required", Some(bytes)),
            NonceRule::Generated(bytes) => ("generated if absent", Some(bytes)),
            NonceRule::Any => ("any, optional", None),
            NonceRule::Optional { max } => ("optional, at most", Some(max)),
            _ => ("none", None),
        };
        Self { rule, bytes }
    }

    fn cell(&self) -> String {
        match (self.bytes, self.rule) {
            (None, "none") => "-".to_string(),
            (None, rule) => rule.to_string(),
            (Some(bytes), rule) => format!("{bytes}, {rule}").replace("at most", "or fewer"),
        }
    }
}

fn table(rows: &[Row]) -> String {
    let header = [
        "ALGORITHM",
        "KIND",
        "KEY",
        "NONCE",
        "TAG",
        "FIPS",
        "STANDARD",
    ];
    let cells: Vec<_> = rows.iter().map(Row::cells).collect();
    let mut text = vec![columns(header, &cells)];
    text.push(String::new());
    text.push("Sizes are in bytes. FIPS: NIST has approved the algorithm; this implementation is not validated.".into());
    text.join("\n")
}
