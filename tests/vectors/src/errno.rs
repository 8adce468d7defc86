//! The error codes of the witx module, by name and by number.

use std::fmt;

macro_rules! errnos {
    ($($variant:ident = $code:literal $name:literal),+ $(,)?) => {
        /// A wasi-crypto error code: `crypto_errno` without `success`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Errno {
            $(#[doc = concat!("`", $name, "`, errno ", stringify!($code), ".")] $variant = $code,)+
        }

        impl Errno {
            /// All error codes, in the order of their numbers.
            pub const ALL: &'static [Errno] = &[$(Errno::$variant),+];

            /// The name in the witx module, such as `invalid_tag`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Errno::$variant => $name,)+
                }
            }
        }
    };
}

errnos! {
    GuestError = 1 "guest_error",
    NotImplemented = 2 "not_implemented",
    UnsupportedFeature = 3 "unsupported_feature",
    ProhibitedOperation = 4 "prohibited_operation",
    UnsupportedEncoding = 5 "unsupported_encoding",
    UnsupportedAlgorithm = 6 "unsupported_algorithm",
    UnsupportedOption = 7 "unsupported_option",
    InvalidKey = 8 "invalid_key",
    InvalidLength = 9 "invalid_length",
    VerificationFailed = 10 "verification_failed",
    RngError = 11 "rng_error",
    AlgorithmFailure = 12 "algorithm_failure",
    InvalidSignature = 13 "invalid_signature",
    Closed = 14 "closed",
    InvalidHandle = 15 "invalid_handle",
    Overflow = 16 "overflow",
    InternalError = 17 "internal_error",
    TooManyHandles = 18 "too_many_handles",
    KeyNotSupported = 19 "key_not_supported",
    KeyRequired = 20 "key_required",
    InvalidTag = 21 "invalid_tag",
    InvalidOperation = 22 "invalid_operation",
    NonceRequired = 23 "nonce_required",
    InvalidNonce = 24 "invalid_nonce",
    OptionNotSet = 25 "option_not_set",
    NotFound = 26 "not_found",
    ParametersMissing = 27 "parameters_missing",
    InProgress = 28 "in_progress",
    IncompatibleKeys = 29 "incompatible_keys",
    Expired = 30 "expired",
}

impl Errno {
    /// The number in the witx module, 1 to 30.
    pub fn code(self) -> u16 {
        self as u16
    }

    /// The error code with this number; `None` for 0 (success) and above 30.
    pub fn from_code(code: u16) -> Option<Errno> {
        Errno::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// The error code with this name. WIT spells names with hyphens; both spellings are taken.
    pub fn from_name(name: &str) -> Option<Errno> {
        let name = name.replace('-', "_");
        Errno::ALL
            .iter()
            .copied()
            .find(|errno| errno.name() == name)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::error::Error for Errno {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_errno_is_found_by_its_name_and_by_its_number() {
        assert_eq!(Errno::ALL.len(), 30);
        for (index, errno) in Errno::ALL.iter().copied().enumerate() {
            assert_eq!(usize::from(errno.code()), index + 1);
            assert_eq!(Errno::from_code(errno.code()), Some(errno));
            assert_eq!(Errno::from_name(errno.name()), Some(errno));
            assert_eq!(
                Errno::from_name(&errno.name().replace('_', "-")),
                Some(errno)
            );
        }
    }

    #[test]
    fn success_and_unassigned_numbers_are_no_errno() {
        assert_eq!(Errno::from_code(0), None);
        assert_eq!(Errno::from_code(31), None);
        assert_eq!(Errno::from_name("success"), None);
    }
}
