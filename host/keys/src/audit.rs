//! The audit trail: one event for each operation, at the target [`AUDIT_TARGET`], and for an [`AuditSink`].

use std::io;

use crate::manager::Inner;
use crate::{Error, KeyId, Result, Version};

/// The target of the audit trail's events.
///
/// Each has the fields `namespace`, `operation`, `id` and `version` (where there is one), and `outcome`: `ok`, or what an
/// operator is told of the failure. What is wrong with the store is at the level ERROR, other failures are at WARN, the rest
/// at INFO. No field has key material in it.
///
/// An event is lost where no subscriber takes it. An [`AuditSink`] is for those who need to know that none is.
pub const AUDIT_TARGET: &str = "wasi_crypto::audit";

/// One event of the audit trail: an operation that has ended.
///
/// Nothing in it is key material.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AuditEvent<'a> {
    /// The operation: `create`, `replace`, `fetch`, `revoke`, `import`, `rotate` or `rekey`.
    pub operation: &'static str,
    /// The namespace of the key. `rekey` has none: it is about all of them.
    pub namespace: Option<&'a str>,
    /// The identifier of the key, if it is known.
    pub id: Option<KeyId>,
    /// The version, if it is known.
    pub version: Option<Version>,
    /// Why the operation failed; none if it did not.
    pub failure: Option<&'a Error>,
}

/// Keeps the audit trail, and returns whether an event was kept.
///
/// [`ManagerBuilder::audit`](crate::ManagerBuilder::audit) takes one.
pub trait AuditSink: Send + Sync {
    /// Writes an event down, before the result of its operation is given out.
    ///
    /// A revocation of several versions is one event for each.
    ///
    /// # Errors
    ///
    /// When the event is not written down. The operation is [`Error::Audit`] then: a key that was to be fetched is not
    /// given out. A change of the store was made already, and stays.
    fn record(&self, event: &AuditEvent<'_>) -> io::Result<()>;
}

/// An operation that the audit trail tells of.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Create,
    Replace,
    Fetch,
    Revoke,
    Import,
    Rotate,
    Rekey,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Fetch => "fetch",
            Self::Revoke => "revoke",
            Self::Import => "import",
            Self::Rotate => "rotate",
            Self::Rekey => "rekey",
        }
    }
}

/// What an operation was done to, as far as it is known.
#[derive(Clone, Copy, Default)]
pub(crate) struct Subject<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) id: Option<KeyId>,
    pub(crate) version: Option<Version>,
}

/// Writes an operation down.
///
/// # Errors
///
/// [`Error::Audit`], when the manager's sink has not kept the event.
pub(crate) fn record(
    inner: &Inner,
    operation: Operation,
    subject: Subject<'_>,
    failure: Option<&Error>,
) -> Result<()> {
    trace(operation, subject, failure);
    let Some(sink) = &inner.audit else {
        return Ok(());
    };
    let event = AuditEvent {
        operation: operation.as_str(),
        namespace: Some(subject.namespace).filter(|name| !name.is_empty()),
        id: subject.id,
        version: subject.version,
        failure,
    };
    sink.record(&event).map_err(|error| {
        let error = Error::Audit(error.to_string());
        tracing::error!(operation = event.operation, "{}", error.to_string());
        error
    })
}

fn trace(operation: Operation, subject: Subject<'_>, failure: Option<&Error>) {
    let id = subject.id.as_ref().map(tracing::field::display);
    // Text, which subscribers escape: a store's own words, of which a failure has some, may have line breaks in them.
    let outcome = failure.map(ToString::to_string);
    let outcome = outcome.as_deref().unwrap_or("ok");
    match failure {
        None => tracing::info!(
            target: AUDIT_TARGET,
            namespace = subject.namespace,
            operation = operation.as_str(),
            id,
            version = subject.version,
            outcome,
        ),
        Some(error) if error.errno() == wasi_crypto_engine::Error::InternalError => {
            tracing::error!(
                target: AUDIT_TARGET,
                namespace = subject.namespace,
                operation = operation.as_str(),
                id,
                version = subject.version,
                outcome,
            );
        }
        Some(_) => tracing::warn!(
            target: AUDIT_TARGET,
            namespace = subject.namespace,
            operation = operation.as_str(),
            id,
            version = subject.version,
            outcome,
        ),
    }
}
