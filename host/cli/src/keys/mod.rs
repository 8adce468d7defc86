//! `wasi-crypto keys`

mod change;
mod location;
mod shown;
mod store;
mod when;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use wasi_crypto_keys::{KeyId, Manager};

use crate::audit::{AuditArgs, Who};
use crate::exit::Failure;

pub use store::{Missing, StoreArgs};

/// Looks after managed keys. No command prints a key.
///
/// A file is open to one process at a time: while a host runs with it, these commands say so and do nothing.
#[derive(Args)]
pub struct Keys {
    #[command(subcommand)]
    command: KeysCommand,

    /// Prints JSON.
    #[arg(long, global = true)]
    json: bool,

    #[command(flatten)]
    audit: AuditArgs,
}

#[derive(Subcommand)]
enum KeysCommand {
    Init(change::Init),
    List(shown::List),
    Show(shown::Show),
    Rotate(change::Rotate),
    Revoke(change::Revoke),
    Rekey(change::Rekey),
    Import(change::Import),
}

/// A key in a store.
#[derive(Args)]
struct KeyArgs {
    #[command(flatten)]
    store: StoreArgs,

    /// The key's identifier, in hexadecimal digits.
    #[arg(value_name = "ID", value_parser = key_id)]
    id: KeyId,

    /// The namespace of the key; without, all are searched.
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
}

impl KeyArgs {
    fn namespace_in(&self, manager: &Manager) -> Result<String, Failure> {
        match &self.namespace {
            Some(namespace) => Ok(namespace.clone()),
            None => shown::find(manager, &self.id),
        }
    }
}

impl Keys {
    pub fn execute(self) -> Result<ExitCode, Failure> {
        self.audit.start(Who::operator())?;
        let printed = match self.command {
            KeysCommand::Init(command) => command.execute(),
            KeysCommand::List(command) => command.execute(),
            KeysCommand::Show(command) => command.execute(),
            KeysCommand::Rotate(command) => command.execute(),
            KeysCommand::Revoke(command) => command.execute(),
            KeysCommand::Rekey(command) => command.execute(),
            KeysCommand::Import(command) => command.execute(),
        }?;
        let text = if self.json {
            printed.json
        } else {
            printed.text
        };
        crate::exit::print(&text)?;
        if let Some(note) = printed.note {
            crate::exit::complain(&note);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a command prints, either way.
struct Printed {
    text: String,
    json: String,
    /// What is said on standard error, where `text` is for programs to read.
    note: Option<String>,
}

impl Printed {
    fn new(text: String, value: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_string_pretty(value);
        let json = json.map_err(|error| Failure::Host(error.to_string()))?;
        Ok(Self {
            text,
            json: printable(&json),
            note: None,
        })
    }
}

/// The same JSON, without characters that steer a terminal. They can only be in its strings.
fn printable(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for char in json.chars() {
        if char != '\n' && char.escape_debug().len() > 2 {
            for unit in char.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(char);
        }
    }
    out
}

fn key_id(text: &str) -> Result<KeyId, String> {
    KeyId::parse(text).map_err(|_| "an identifier has 32 hexadecimal digits".into())
}
