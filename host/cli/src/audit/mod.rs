//! The audit trail of managed keys: in a file, or on standard error beside a guest's own lines.

mod file;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clap::{Args, ValueEnum};
use serde::Serialize;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, layer};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use wasi_crypto_keys::{AUDIT_TARGET, AuditSink};

use crate::exit::Failure;
use file::AuditFile;

/// Where the audit trail goes.
#[derive(Args)]
pub struct AuditArgs {
    /// Writes who did what to which managed key to standard error, in this format. The guest can write there, too.
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    audit: Option<Format>,

    /// Appends who did what to which managed key to this file, a JSON object on a line for each event.
    ///
    /// An operation that cannot be written there fails. After a SIGHUP the file is opened anew.
    #[arg(long, global = true, value_name = "FILE")]
    audit_file: Option<PathBuf>,
}

/// How the audit trail is written to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line of text for each event.
    Plain,
    /// A JSON object on a line for each event.
    Json,
}

/// Who does something to managed keys.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Who {
    /// Whoever runs `wasi-crypto keys`, as the system knows them; environment variables are not asked.
    Operator {
        user: Option<String>,
        #[cfg(unix)]
        uid: u32,
    },
    /// A guest.
    Guest {
        namespace: String,
        /// The SHA-256 of the component's file.
        component: String,
    },
}

impl Who {
    /// The user whose process this is.
    pub fn operator() -> Self {
        Self::Operator {
            user: whoami::username().ok(),
            #[cfg(unix)]
            uid: rustix::process::geteuid().as_raw(),
        }
    }
}

/// What the audit trail is kept by in this process, as its standard error is one, too.
static SINK: OnceLock<Arc<AuditFile>> = OnceLock::new();

/// What keeps the audit trail, once [`AuditArgs::start`] was called with a file.
pub fn sink() -> Option<Arc<dyn AuditSink>> {
    let file = Arc::clone(SINK.get()?);
    Some(file)
}

/// Checks that `file`, which is `what`, is another one than the audit trail is appended to.
pub fn check_apart(file: &Path, what: &str) -> Result<(), Failure> {
    match SINK.get() {
        Some(audit) if audit.is(file) => {
            audit.withdraw();
            Err(Failure::Usage(format!(
                "--audit-file names {what} {}, which events would destroy; name another file",
                file.display()
            )))
        }
        _ => Ok(()),
    }
}

impl AuditArgs {
    /// The flag that was given, if one was.
    pub fn given(&self) -> Option<&'static str> {
        let file = self.audit_file.as_ref().map(|_| "--audit-file");
        file.or(self.audit.map(|_| "--audit"))
    }

    /// The file that the audit trail goes to.
    pub fn file(&self) -> Option<&PathBuf> {
        self.audit_file.as_ref()
    }

    /// Begins to write the audit trail, and to tell on standard error what is wrong with the store of keys: in an
    /// operator's command, that is no error that the command ends with.
    pub fn start(&self, who: Who) -> Result<(), Failure> {
        let command_fails = matches!(who, Who::Operator { .. });
        self.trace(command_fails);
        if let Some(path) = &self.audit_file {
            // There is one already where this is called twice, which is never.
            let _ = SINK.set(Arc::new(AuditFile::open(path, who)?));
        }
        Ok(())
    }

    fn trace(&self, command_fails: bool) {
        let stderr = || {
            let lines = layer().with_writer(|| Stderr).with_ansi(false);
            // They would be told on standard error, of which there is none then.
            lines.log_internal_errors(false)
        };
        let trail = Targets::new()
            .with_target(AUDIT_TARGET, Level::INFO)
            .with_target("wasi_crypto_keys", Level::WARN);
        // It fails where there is a subscriber already, which is never.
        let _ = match self.audit {
            Some(Format::Plain) => {
                let lines = stderr().with_filter(trail);
                tracing_subscriber::registry().with(lines).try_init()
            }
            Some(Format::Json) => {
                let lines = stderr().json().flatten_event(true).with_filter(trail);
                tracing_subscriber::registry().with(lines).try_init()
            }
            None => {
                let errors = filter_fn(move |event| {
                    let of_store = event.target().starts_with("wasi_crypto_keys");
                    match *event.level() {
                        Level::ERROR => !command_fails,
                        Level::WARN => of_store,
                        _ => false,
                    }
                });
                let lines = stderr().event_format(Line).with_filter(errors);
                tracing_subscriber::registry().with(lines).try_init()
            }
        };
    }
}

/// Standard error, with names in it that a terminal does not obey.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let lines = text.split_inclusive('\n');
        let escaped = lines.map(|line| match line.strip_suffix('\n') {
            Some(line) => escaped(line) + "\n",
            None => escaped(line),
        });
        io::stderr().write_all(escaped.collect::<String>().as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Escapes, as in JSON's strings, what JSON leaves as it is and what some take for the end of a line or for a command.
fn escaped(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            escaped.push_str(&format!("\\u{:04x}", c as u32));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// An event as any other line of the command.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        write!(writer, "wasi-crypto: managed keys: ")?;
        context
            .field_format()
            .format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}
