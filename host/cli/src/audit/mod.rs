//! What is written to standard error beside a guest's own lines: the audit trail of managed keys, and faults of their store.

use clap::ValueEnum;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, layer};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use wasi_crypto_keys::AUDIT_TARGET;

/// How the audit trail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Audit {
    /// A line of text for each event.
    Plain,
    /// A JSON object on a line for each event.
    Json,
}

impl Audit {
    /// Begins to write the audit trail, if one is asked for; else, what is wrong with the store of keys.
    pub fn start(audit: Option<Self>) {
        let stderr = || layer().with_writer(std::io::stderr).with_ansi(false);
        let trail = Targets::new()
            .with_target(AUDIT_TARGET, Level::INFO)
            .with_target("wasi_crypto_keys", Level::WARN);
        // It fails where there is a subscriber already, which is never.
        let _ = match audit {
            Some(Self::Plain) => {
                let lines = stderr().with_filter(trail);
                tracing_subscriber::registry().with(lines).try_init()
            }
            Some(Self::Json) => {
                let lines = stderr().json().flatten_event(true).with_filter(trail);
                tracing_subscriber::registry().with(lines).try_init()
            }
            None => {
                let errors = filter_fn(|event| {
                    *event.level() == Level::ERROR
                        || (*event.level() == Level::WARN
                            && event.target().starts_with("wasi_crypto_keys"))
                });
                let lines = stderr().event_format(Line).with_filter(errors);
                tracing_subscriber::registry().with(lines).try_init()
            }
        };
    }
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
