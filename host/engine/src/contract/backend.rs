//! The two back ends, and who computes on them.

/// Which implementation computes an algorithm that has two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// The fastest there is for the machine, C and assembly included. Without the crate's feature `native` this is the
    /// portable back end.
    Native,
    /// Pure Rust.
    Portable,
}

/// The crates that compute an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crates {
    /// On the native back end.
    pub native: &'static str,
    /// On the portable back end.
    pub portable: &'static str,
}

impl Crates {
    /// The same crate on both back ends.
    pub(crate) const fn everywhere(name: &'static str) -> Self {
        Self {
            native: name,
            portable: name,
        }
    }

    /// Two crates, of which a build without the native back end has only the portable one.
    pub(crate) const fn native_or(native: &'static str, portable: &'static str) -> Self {
        Self {
            native: if cfg!(feature = "native") {
                native
            } else {
                portable
            },
            portable,
        }
    }

    /// aws-lc on the native back end.
    pub(crate) const fn aws_lc_or(portable: &'static str) -> Self {
        Self::native_or("aws-lc-rs", portable)
    }
}
