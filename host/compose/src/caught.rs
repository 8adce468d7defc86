//! Panics of the libraries that read what others have made.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does `work`; gives the message of a panic in it as an error.
///
/// What a panic leaves behind half done must be of no use to anybody afterwards.
pub fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| message(&*payload))
}

/// The message of a panic, on one line.
fn message(payload: &(dyn Any + Send)) -> String {
    let message = match payload.downcast_ref::<String>() {
        Some(message) => message,
        None => *payload.downcast_ref::<&str>().unwrap_or(&"no message"),
    };
    let lines: Vec<&str> = message.lines().map(str::trim).collect();
    lines.join(" ")
}
