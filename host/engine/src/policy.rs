//! What an embedder allows.

use std::collections::BTreeSet;

use crate::{Algorithm, Error, Result, registry};

/// Which algorithms callers may use, and whether they may export keys.
///
/// The default allows every algorithm and the export of keys that are not managed.
#[derive(Clone, Debug)]
pub struct Policy {
    allowed: Option<BTreeSet<&'static str>>,
    export: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allowed: None,
            export: true,
        }
    }
}

impl Policy {
    /// Allows only the algorithms named.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`] if a name is not in the registry, so that a misspelt list does not go unnoticed.
    pub fn allow_only<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut allowed = BTreeSet::new();
        for name in names {
            allowed.insert(registry::find(name)?.name);
        }
        self.allowed = Some(allowed);
        Ok(self)
    }

    /// Allows only algorithms that NIST has approved for use in FIPS 140 modules.
    ///
    /// This says something of the algorithms, not of this implementation, which is not a validated module.
    pub fn allow_only_fips_approved(mut self) -> Self {
        let approved = registry::ALGORITHMS.iter().filter(|row| row.fips_approved);
        self.allowed = Some(approved.map(|row| row.name).collect());
        self
    }

    /// Says whether callers may export keys; they may by default.
    pub fn export_keys(mut self, allowed: bool) -> Self {
        self.export = allowed;
        self
    }

    /// Says whether callers may use `algorithm`.
    pub fn allows(&self, algorithm: &Algorithm) -> bool {
        self.allowed
            .as_ref()
            .is_none_or(|names| names.contains(algorithm.name))
    }

    pub(crate) fn find(&self, name: &str) -> Result<&'static Algorithm> {
        let algorithm = registry::find(name)?;
        self.check(algorithm)?;
        Ok(algorithm)
    }

    pub(crate) fn check(&self, algorithm: &Algorithm) -> Result<()> {
        if self.allows(algorithm) {
            Ok(())
        } else {
            Err(Error::UnsupportedAlgorithm)
        }
    }

    pub(crate) fn check_export(&self) -> Result<()> {
        if self.export {
            Ok(())
        } else {
            Err(Error::ProhibitedOperation)
        }
    }
}
