//! Bytes that may be secret and stay with the host for a moment.

use wasi_crypto_engine::Error;

use crate::error::Result;

/// The most memory that is kept from one use to the next.
const KEPT: usize = 1 << 20;

/// A buffer that is wiped when it is dropped or recycled.
#[derive(Default)]
pub(crate) struct Scratch {
    /// All zeros beyond `len`, so that what is used next need not be cleared again.
    bytes: Vec<u8>,
    len: usize,
}

impl Scratch {
    pub(crate) const fn empty() -> Self {
        Self {
            bytes: Vec::new(),
            len: 0,
        }
    }

    /// A buffer of `len` zeros.
    pub(crate) fn new(len: usize) -> Result<Self> {
        Self::empty().with_len(len)
    }

    pub(crate) fn copy_of(bytes: &[u8]) -> Result<Self> {
        let mut copy = Self::new(bytes.len())?;
        copy.copy_from_slice(bytes);
        Ok(copy)
    }

    /// A buffer of `len` zeros, with the memory of this one.
    pub(crate) fn with_len(mut self, len: usize) -> Result<Self> {
        self.wipe();
        if self.bytes.len() < len {
            // Nothing in it needs to move.
            self.bytes.clear();
            self.bytes
                .try_reserve_exact(len)
                .map_err(|_| Error::Overflow)?;
            self.bytes.resize(len, 0);
        }
        self.len = len;
        Ok(self)
    }

    /// The buffer, wiped, if it is worth keeping.
    pub(crate) fn recycle(mut self) -> Self {
        if self.bytes.len() > KEPT {
            return Self::empty();
        }
        self.wipe();
        self
    }

    fn wipe(&mut self) {
        // A buffer that was never filled lies nowhere, and `memset` may take a processor 60 ns to find that nothing of it
        // is to be written.
        if self.len == 0 {
            return;
        }
        self.fill(0);
        // Without this the compiler may see that nobody reads the zeros, and not write them.
        std::hint::black_box(self.bytes.as_mut_slice());
        self.len = 0;
    }
}

impl std::ops::Deref for Scratch {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl std::ops::DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recycled_buffer_holds_nothing_but_zeros() {
        let mut scratch = Scratch::new(40).unwrap();
        scratch.fill(7);
        let scratch = scratch.recycle();
        assert_eq!(&*scratch, &[]);
        assert_eq!(&*scratch.with_len(30).unwrap(), &[0; 30]);

        let mut scratch = Scratch::copy_of(&[7; 40]).unwrap().with_len(50).unwrap();
        assert_eq!(&*scratch, &[0; 50]);
        scratch.fill(7);
        assert_eq!(
            &*scratch.with_len(20).unwrap().with_len(50).unwrap(),
            &[0; 50]
        );
    }

    #[test]
    fn a_large_buffer_is_not_kept() {
        let scratch = Scratch::new(KEPT + 1).unwrap().recycle();
        assert_eq!(scratch.bytes.capacity(), 0);
    }
}
