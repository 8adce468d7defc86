//! Errnos by name.

/// The value of a function of the witx modules.
pub type Errno = i32;

#[allow(missing_docs)]
mod names {
    use super::Errno;

    pub const SUCCESS: Errno = 0;
    pub const GUEST_ERROR: Errno = 1;
    pub const NOT_IMPLEMENTED: Errno = 2;
    pub const UNSUPPORTED_FEATURE: Errno = 3;
    pub const PROHIBITED_OPERATION: Errno = 4;
    pub const UNSUPPORTED_ALGORITHM: Errno = 6;
    pub const UNSUPPORTED_OPTION: Errno = 7;
    pub const INVALID_KEY: Errno = 8;
    pub const INVALID_LENGTH: Errno = 9;
    pub const CLOSED: Errno = 14;
    pub const INVALID_HANDLE: Errno = 15;
    pub const OVERFLOW: Errno = 16;
    pub const TOO_MANY_HANDLES: Errno = 18;
    pub const INVALID_TAG: Errno = 21;
    pub const INVALID_OPERATION: Errno = 22;
    pub const NONCE_REQUIRED: Errno = 23;
    pub const KEY_REQUIRED: Errno = 20;
    pub const NOT_FOUND: Errno = 26;
    pub const INCOMPATIBLE_KEYS: Errno = 29;
    pub const EXPIRED: Errno = 30;
}

pub use names::*;
