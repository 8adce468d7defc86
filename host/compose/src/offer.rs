//! What a provider has, found by the names that components import.

use std::collections::BTreeMap;

use semver::Version;
use wac_graph::types::ItemKind;

use crate::Error;
use crate::names::{Interface, Line};

/// An interface that a provider exports.
#[derive(Debug)]
pub struct Export {
    /// The name of the export.
    pub name: String,
    pub kind: ItemKind,
}

/// The interfaces that a provider exports.
#[derive(Debug, Default)]
pub struct Offer {
    exact: BTreeMap<(String, Option<Version>), Export>,
    /// Of each line, the newest version.
    newest: BTreeMap<(String, Line), Version>,
}

impl Offer {
    /// Adds an export, if it is an interface of the package.
    pub fn add(&mut self, name: String, kind: ItemKind) {
        let Some(interface) = Interface::parse(&name) else {
            return;
        };
        let short = interface.name.to_owned();
        let version = interface.version;
        if let Some(version) = &version
            && let Some(line) = Line::of(version)
        {
            let newest = self.newest.entry((short.clone(), line));
            let newest = newest.or_insert_with(|| version.clone());
            *newest = version.clone().max(newest.clone());
        }
        self.exact.insert((short, version), Export { name, kind });
    }

    pub fn is_empty(&self) -> bool {
        self.exact.is_empty()
    }

    /// The export that an import is to be looked for in: the one of the same version, or the newest that is compatible with
    /// it, as hosts link it. Whether it has everything that is imported, types say.
    ///
    /// # Errors
    ///
    /// If there is no interface of that name, or none of a compatible version.
    pub fn find(&self, import: &str) -> Result<&Export, Error> {
        let missing = || Error::Missing(import.to_owned());
        let wanted = Interface::parse(import).ok_or_else(missing)?;
        let key = (wanted.name.to_owned(), wanted.version);
        if let Some(export) = self.exact.get(&key) {
            return Ok(export);
        }
        let (name, version) = key;
        if let Some(line) = version.as_ref().and_then(Line::of)
            && let Some(newest) = self.newest.get(&(name.clone(), line))
            && let Some(export) = self.exact.get(&(name.clone(), Some(newest.clone())))
        {
            return Ok(export);
        }
        let first = (name.clone(), None);
        let (_, other) = self.exact.range(first..).next().ok_or_else(missing)?;
        match Interface::parse(&other.name) {
            Some(provided) if provided.name == name => Err(Error::OtherVersion {
                import: import.to_owned(),
                provided: provided.shown_version(),
            }),
            _ => Err(missing()),
        }
    }
}
