//! Bytes that are wiped when they are no longer needed.

use std::collections::TryReserveError;
use std::ops::{Deref, DerefMut};

use zeroize::optimization_barrier;

/// Bytes that are wiped when they are no longer needed, and when they move because there are more of them.
///
/// They are wiped in bulk. `Zeroizing` makes one volatile store for each byte, which takes longer than to decrypt it.
#[derive(Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes over bytes, whose allocation has to be the only one that they have been in.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// `len` bytes that are zero.
    pub fn zeroed(len: usize) -> Self {
        Self(vec![0; len])
    }

    /// No bytes yet, and room for so many.
    pub fn with_room(room: usize) -> Result<Self, TryReserveError> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(room)?;
        Ok(Self(bytes))
    }

    /// The bytes as a vector, for what takes no other. It must not outgrow its room: where it was is not wiped then.
    pub fn vec(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    /// Changes the length to `len`; new bytes are zero. Where there is no room for them, the bytes move to where there is,
    /// and are wiped where they were.
    pub fn try_resize(&mut self, len: usize) -> Result<(), TryReserveError> {
        if len > self.0.capacity() {
            let mut moved = Self::with_room(len)?;
            moved.0.extend_from_slice(&self.0);
            *self = moved;
        }
        self.0.resize(len, 0);
        Ok(())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // What lies beyond the length may have been bytes before.
        self.0.resize(self.0.capacity(), 0);
        self.0.fill(0);
        // Without this the compiler may see that nobody reads the zeros, and not write them.
        optimization_barrier(self.0.as_slice());
    }
}

impl Deref for Secret {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Secret {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::left_behind::{SECRETS, left_behind};

    #[test]
    fn nothing_is_left_when_a_secret_is_dropped_grows_or_gets_shorter() {
        let left = left_behind(|| {
            let mut secret = Secret::new(SECRETS[..1000].to_vec());
            secret.try_resize(5000).unwrap();
            assert!(secret.starts_with(&SECRETS[..1000]));
            assert_eq!(secret[1000..], [0; 4000]);
            // What is beyond the length is wiped, too.
            secret.try_resize(10).unwrap();
        });
        assert_eq!(left, 0);
    }
}
