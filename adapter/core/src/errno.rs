//! The errnos that the adapter gives of its own accord; all others come from the host.

/// A witx errno other than `success`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub u32);

pub type Result<T> = core::result::Result<T, Errno>;

impl Errno {
    pub const GUEST_ERROR: Errno = Errno(1);
    pub const NOT_IMPLEMENTED: Errno = Errno(2);
    pub const UNSUPPORTED_FEATURE: Errno = Errno(3);
    pub const UNSUPPORTED_ALGORITHM: Errno = Errno(6);
    pub const UNSUPPORTED_OPTION: Errno = Errno(7);
    pub const INVALID_LENGTH: Errno = Errno(9);
    pub const CLOSED: Errno = Errno(14);
    pub const INVALID_HANDLE: Errno = Errno(15);
    pub const OVERFLOW: Errno = Errno(16);
    pub const TOO_MANY_HANDLES: Errno = Errno(18);
    pub const INVALID_OPERATION: Errno = Errno(22);
    pub const NOT_FOUND: Errno = Errno(26);

    /// The errno for a case of the WIT enumeration, which has no `success`.
    pub fn from_case(case: u32) -> Self {
        Self(case + 1)
    }
}
