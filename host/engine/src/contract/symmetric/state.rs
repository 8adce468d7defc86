//! What a family implements for its states.

use super::{Algorithm, Tag};
use crate::{Error, Result};

/// What a family of algorithms implements.
///
/// [`State`](crate::State) has checked that the algorithm's row lists the operation, and every length that the row determines; a
/// method keeps its default when no row of the family lists its operation.
pub(crate) trait StateImpl: Send + Sync {
    fn absorb(&mut self, _data: &[u8]) -> Result<()> {
        Err(Error::InvalidOperation)
    }

    /// The longest output that `squeeze` has, where it has an end.
    fn squeeze_limit(&self) -> Option<usize> {
        None
    }

    fn squeeze(&mut self, _out: &mut [u8]) -> Result<()> {
        Err(Error::InvalidOperation)
    }

    fn squeeze_tag(&mut self) -> Result<Tag> {
        Err(Error::InvalidOperation)
    }

    /// Whether `squeeze-key` may make a key of `target`.
    fn check_target(&self, _target: &'static Algorithm) -> Result<()> {
        Ok(())
    }

    /// Fills `out` with what becomes a key.
    fn squeeze_key(&mut self, out: &mut [u8]) -> Result<()> {
        self.squeeze(out)
    }

    /// Bytes of a detached tag.
    fn tag_len(&self) -> usize {
        0
    }

    /// The most that encryption adds to a message.
    fn expansion(&self) -> usize {
        self.tag_len()
    }

    /// The exact length of the ciphertext, tag included, of a message of `len` bytes.
    fn ciphertext_len(&self, len: usize) -> Result<usize> {
        len.checked_add(self.tag_len()).ok_or(Error::Overflow)
    }

    /// Finds out whether encrypting would fail, for any reason but the length of the message.
    fn check_encrypt(&self) -> Result<()> {
        Ok(())
    }

    /// Encrypts into `out`, of [`StateImpl::ciphertext_len`] bytes.
    fn encrypt(&mut self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let (out, tag) = out
            .split_at_mut_checked(data.len())
            .ok_or(Error::InternalError)?;
        self.encrypt_detached(data, out, tag)
    }

    /// Says that a decryption was tried that did not get as far as [`StateImpl::decrypt`]: as after any other failure, a nonce
    /// that its sender may have used must not encrypt.
    fn decrypts(&mut self) {}

    /// The longest message that a ciphertext of `len` bytes, tag included, can hold.
    fn message_len(&self, len: usize) -> Result<usize> {
        len.checked_sub(self.tag_len()).ok_or(Error::InvalidTag)
    }

    /// Decrypts into `out`, of [`StateImpl::message_len`] bytes; says how long the message is. A failure leaves zeros in
    /// `out`.
    fn decrypt(&mut self, data: &[u8], out: &mut [u8]) -> Result<usize> {
        let (data, tag) = data
            .split_at_checked(out.len())
            .ok_or(Error::InternalError)?;
        self.decrypt_detached(data, tag, out)?;
        Ok(out.len())
    }

    /// `out` is as long as `data`, `tag` has [`StateImpl::tag_len`] bytes.
    fn encrypt_detached(&mut self, _data: &[u8], _out: &mut [u8], _tag: &mut [u8]) -> Result<()> {
        Err(Error::InvalidOperation)
    }

    /// `out` is as long as `data`; `tag` has [`StateImpl::tag_len`] bytes. A failure leaves zeros in `out`.
    fn decrypt_detached(&mut self, _data: &[u8], _tag: &[u8], _out: &mut [u8]) -> Result<()> {
        Err(Error::InvalidOperation)
    }

    fn ratchet(&mut self) -> Result<()> {
        Err(Error::InvalidOperation)
    }

    /// The work of squeezing `len` bytes, where options decide it, as a share of what the limits allow for one squeeze.
    fn password_work(&self, _len: u64) -> f64 {
        0.0
    }

    /// Bytes of buffered input that an operation with an output of `len` bytes processes again, as often as it does.
    fn repeated_bytes(&self, _len: u64) -> u64 {
        0
    }

    /// Bytes that a tag is made from, where it is not a tag of fixed cost: the output of a password hash.
    fn tag_output(&self) -> u64 {
        0
    }

    /// The memory that squeezing fills, in bytes, where options decide it.
    fn password_memory(&self) -> u64 {
        0
    }

    /// A deep copy, which never repeats its original's key stream.
    fn try_clone(&self) -> Result<Box<dyn StateImpl>>;
}
