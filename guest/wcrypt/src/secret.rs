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
