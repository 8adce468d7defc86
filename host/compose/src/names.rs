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

/// How a version that there is suits one that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Fits,
    /// It is of the same line, but older.
    Older,
    /// It is of another line.
    Other,
}

/// Judges a version by the rules of semantic versioning, as the component model applies them: what was made for 0.1.0 runs
/// with every later 0.1, what was made for 1.0.0 with every later 1.
pub fn fit(provided: Option<&Version>, wanted: Option<&Version>) -> Fit {
    let (Some(provided), Some(wanted)) = (provided, wanted) else {
        return if provided == wanted {
            Fit::Fits
        } else {
            Fit::Other
        };
    };
    if provided == wanted {
        return Fit::Fits;
    }
    let line = |version: &Version| match (version.major, version.minor) {
        (0, 0) => None,
        (0, minor) => Some((0, minor)),
        (major, _) => Some((major, 0)),
    };
    let stable = provided.pre.is_empty() && wanted.pre.is_empty();
    if !stable || line(provided).is_none() || line(provided) != line(wanted) {
        Fit::Other
    } else if provided < wanted {
        Fit::Older
    } else {
        Fit::Fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(provided: &str, wanted: &str) -> Fit {
        let parse = |version: &str| Version::parse(version).ok();
        fit(parse(provided).as_ref(), parse(wanted).as_ref())
    }

    #[test]
    fn a_later_version_of_the_same_line_fits() {
        assert_eq!(judge("0.1.0", "0.1.0"), Fit::Fits);
        assert_eq!(judge("0.1.3", "0.1.0"), Fit::Fits);
        assert_eq!(judge("1.4.0", "1.2.9"), Fit::Fits);
        assert_eq!(judge("", ""), Fit::Fits);
    }

    #[test]
    fn an_earlier_one_is_older_and_another_line_is_another() {
        assert_eq!(judge("0.1.0", "0.1.1"), Fit::Older);
        assert_eq!(judge("1.2.0", "1.10.0"), Fit::Older);
        for (provided, wanted) in [
            ("0.1.0", "0.2.0"),
            ("0.2.0", "0.1.0"),
            ("1.0.0", "2.0.0"),
            ("0.0.2", "0.0.1"),
            ("0.1.0", "0.1.0-draft"),
            ("0.1.0", ""),
            ("", "0.1.0"),
        ] {
            assert_eq!(judge(provided, wanted), Fit::Other, "{provided} {wanted}");
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
