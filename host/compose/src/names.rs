//! Names and versions of the package's interfaces.

use semver::Version;

/// What the names of the package's interfaces begin with.
const PACKAGE: &str = "wasi-ephemeral:crypto/";

/// An interface of the package, as a component imports or exports it.
#[derive(Clone, Debug)]
pub struct Interface<'a> {
    /// The name within the package.
    pub name: &'a str,
    /// Without one, it is compatible with nothing but itself.
    pub version: Option<Version>,
}

impl<'a> Interface<'a> {
    /// Takes a name apart, if it is one of the package's.
    pub fn parse(name: &'a str) -> Option<Self> {
        let rest = name.strip_prefix(PACKAGE)?;
        let (name, version) = match rest.split_once('@') {
            Some((name, version)) => (name, Version::parse(version).ok()),
            None => (rest, None),
        };
        Some(Self { name, version })
    }

    /// The version, to be shown.
    pub fn shown_version(&self) -> String {
        self.version
            .as_ref()
            .map_or_else(|| "without a number".to_owned(), Version::to_string)
    }
}

/// The name of a function or type of an interface, as WIT has it.
pub fn shown(item: &str) -> String {
    let unmarked = item.split_once(']').map_or(item, |(_, name)| name);
    unmarked.to_owned()
}

/// The line of versions that are compatible with each other by the rules of semantic versioning, as the component model
/// applies them: 0.1 for 0.1.0 and every later 0.1, 1 for 1.0.0 and every later 1. Versions before 0.1 and such as are no
/// releases are compatible with nothing but themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line(u64, u64);

impl Line {
    /// The line of a version, if it is on one.
    pub fn of(version: &Version) -> Option<Self> {
        if !version.pre.is_empty() {
            return None;
        }
        match (version.major, version.minor) {
            (0, 0) => None,
            (0, minor) => Some(Self(0, minor)),
            (major, _) => Some(Self(major, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(version: &str) -> Option<Line> {
        Line::of(&Version::parse(version).expect("a version"))
    }

    #[test]
    fn versions_that_are_compatible_are_of_one_line() {
        assert_eq!(line("0.1.0"), line("0.1.3"));
        assert_eq!(line("1.4.0"), line("1.2.9"));
        assert_ne!(line("0.1.0"), line("0.2.0"));
        assert_ne!(line("1.0.0"), line("2.0.0"));
        assert_ne!(line("0.1.0"), line("1.0.0"));
    }

    #[test]
    fn drafts_and_the_first_versions_are_of_none() {
        for version in ["0.0.1", "0.0.2", "0.1.0-draft", "1.0.0-rc.1"] {
            assert_eq!(line(version), None, "{version}");
        }
    }

    #[test]
    fn only_interfaces_of_the_package_have_such_a_name() {
        let interface = Interface::parse("wasi-ephemeral:crypto/symmetric-batch@0.1.0");
        let interface = interface.expect("an interface of the package");
        assert_eq!(interface.name, "symmetric-batch");
        assert_eq!(interface.shown_version(), "0.1.0");
        for other in [
            "wasi:random/random@0.2.0",
            "wasi-ephemeral:cryptography/symmetric@0.1.0",
            "run",
        ] {
            assert!(Interface::parse(other).is_none(), "{other}");
        }
    }
}
