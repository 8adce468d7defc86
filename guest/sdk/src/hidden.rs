//! Bytes that `Debug` does not show.

use std::fmt;

/// Shows how many bytes there are, and none of them: they may be secret, or somebody else's.
pub(crate) struct Hidden<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
