//! Vectors whose lengths guests decide: where there is no memory for one, the guest gets an errno.

use wasi_crypto_engine::{Error, Result as EngineResult};

use crate::error::Result;

/// An empty vector with room for `len` elements.
pub(crate) fn room<T>(len: usize) -> EngineResult<Vec<T>> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(len).map_err(|_| Error::Overflow)?;
    Ok(vector)
}

/// A copy of `bytes`.
pub(crate) fn copy_of(bytes: &[u8]) -> EngineResult<Vec<u8>> {
    let mut copy = room(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// Appends `bytes`.
pub(crate) fn append(vector: &mut Vec<u8>, bytes: &[u8]) -> EngineResult<()> {
    let reserved = vector.try_reserve(bytes.len());
    reserved.map_err(|_| Error::Overflow)?;
    vector.extend_from_slice(bytes);
    Ok(())
}

/// Collects what an iterator gives. It is not asked for anything before there is room for as much as it says it has.
pub(crate) trait Collect: Iterator + Sized {
    fn collected(self) -> EngineResult<Vec<Self::Item>> {
        let mut all = room(self.size_hint().0)?;
        for item in self {
            if all.len() == all.capacity() {
                all.try_reserve(1).map_err(|_| Error::Overflow)?;
            }
            all.push(item);
        }
        Ok(all)
    }

    /// As [`Collect::collected`], up to the first error.
    fn try_collected<T>(self) -> Result<Vec<T>>
    where
        Self: Iterator<Item = Result<T>>,
    {
        let mut all = room(self.size_hint().0)?;
        for item in self {
            let item = item?;
            if all.len() == all.capacity() {
                all.try_reserve(1).map_err(|_| Error::Overflow)?;
            }
            all.push(item);
        }
        Ok(all)
    }
}

impl<I: Iterator> Collect for I {}
