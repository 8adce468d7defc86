//! The audit trail: one event for each operation, at the target [`AUDIT_TARGET`].

use crate::{Error, KeyId, Version};

/// The target of the audit trail's events.
///
/// Each has the fields `namespace`, `operation`, `id` and `version` (where there is one), and `outcome`: `ok`, or what an
/// operator is told of the failure. What is wrong with the store is at the level ERROR, other failures are at WARN, the rest
/// at INFO. No field has key material in it.
pub const AUDIT_TARGET: &str = "wasi_crypto::audit";

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

pub(crate) fn record(operation: Operation, subject: Subject<'_>, failure: Option<&Error>) {
    let id = subject.id.as_ref().map(tracing::field::display);
    match failure {
        None => tracing::info!(
            target: AUDIT_TARGET,
            namespace = subject.namespace,
            operation = operation.as_str(),
            id,
            version = subject.version,
            outcome = "ok",
        ),
        Some(error) if error.errno() == wasi_crypto_engine::Error::InternalError => {
            tracing::error!(
                target: AUDIT_TARGET,
                namespace = subject.namespace,
                operation = operation.as_str(),
                id,
                version = subject.version,
                outcome = %error,
            );
        }
        Some(error) => tracing::warn!(
            target: AUDIT_TARGET,
            namespace = subject.namespace,
            operation = operation.as_str(),
            id,
            version = subject.version,
            outcome = %error,
        ),
    }
}
