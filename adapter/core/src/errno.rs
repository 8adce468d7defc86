//! The errnos that the adapter gives of its own accord; all others come from the host.

use core::num::NonZero;

/// A witx errno other than `success`. As it is never 0, a result of nothing takes one register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(NonZero<u32>);

pub type Result<T> = core::result::Result<T, Errno>;

impl Errno {
    pub const GUEST_ERROR: Errno = Errno::from_case(0);
    pub const NOT_IMPLEMENTED: Errno = Errno::from_case(1);
    pub const UNSUPPORTED_FEATURE: Errno = Errno::from_case(2);
    pub const UNSUPPORTED_ALGORITHM: Errno = Errno::from_case(5);
    pub const UNSUPPORTED_OPTION: Errno = Errno::from_case(6);
    pub const INVALID_LENGTH: Errno = Errno::from_case(8);
    pub const CLOSED: Errno = Errno::from_case(13);
    pub const INVALID_HANDLE: Errno = Errno::from_case(14);
    pub const OVERFLOW: Errno = Errno::from_case(15);
    pub const TOO_MANY_HANDLES: Errno = Errno::from_case(17);
    pub const INVALID_OPERATION: Errno = Errno::from_case(21);
    pub const NOT_FOUND: Errno = Errno::from_case(25);

    /// The errno for a case of the WIT enumeration, which has no `success`.
    pub const fn from_case(case: u32) -> Self {
        Self(NonZero::<u32>::MIN.saturating_add(case))
    }

    /// As the witx modules have it.
    pub const fn number(self) -> u32 {
        self.0.get()
    }
}
