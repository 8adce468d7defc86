//! What is written down, line by line, of what a thread does.

use std::cell::RefCell;
use std::fmt::Write;

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};

/// Begins to write down.
pub fn begin() {
    // One for the whole process: those of single threads, in the tests' threads, get into each other's way.
    let _ = tracing::subscriber::set_global_default(Trail);
}

/// What this thread has told of since this was called before.
pub fn take() -> Vec<String> {
    LINES.take()
}

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Every event, whatever its target, as a line.
struct Trail;

impl Subscriber for Trail {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                write!(self.0, " {}={value:?}", field.name()).unwrap();
            }
            fn record_str(&mut self, field: &Field, value: &str) {
                write!(self.0, " {}={value}", field.name()).unwrap();
            }
        }
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        LINES.with_borrow_mut(|lines| lines.push(line.0));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
