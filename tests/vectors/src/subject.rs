//! What the runner needs of an implementation.

use crate::Errno;

/// An implementation of wasi-crypto's symmetric operations, as the vectors use it.
///
/// The four associated types are whatever the implementation calls them: values, resources, handles. Where dropping
/// one is not enough to give it back, the `close_…` methods do.
pub trait Subject {
    /// A symmetric key.
    type Key;
    /// A set of options.
    type Options;
    /// A symmetric state.
    type State;
    /// A symmetric tag.
    type Tag;

    /// Imports a key.
    ///
    /// # Errors
    ///
    /// The implementation's own, as for all methods here.
    fn import_key(&mut self, algorithm: &str, raw: &[u8]) -> Result<Self::Key, Errno>;

    /// Generates a key.
    fn generate_key(
        &mut self,
        algorithm: &str,
        options: Option<&Self::Options>,
    ) -> Result<Self::Key, Errno>;

    /// Exports a key.
    fn export_key(&mut self, key: &Self::Key) -> Result<Vec<u8>, Errno>;

    /// Makes an empty set of options for symmetric algorithms.
    fn open_options(&mut self) -> Result<Self::Options, Errno>;

    /// Sets a byte-string option.
    fn set_option(
        &mut self,
        options: &mut Self::Options,
        name: &str,
        value: &[u8],
    ) -> Result<(), Errno>;

    /// Sets an integer option.
    fn set_option_u64(
        &mut self,
        options: &mut Self::Options,
        name: &str,
        value: u64,
    ) -> Result<(), Errno>;

    /// Lends a buffer of `size` bytes.
    fn set_option_buffer(
        &mut self,
        options: &mut Self::Options,
        name: &str,
        size: u64,
    ) -> Result<(), Errno>;

    /// Opens a state.
    fn open(
        &mut self,
        algorithm: &str,
        key: Option<&Self::Key>,
        options: Option<&Self::Options>,
    ) -> Result<Self::State, Errno>;

    /// Clones a state.
    fn clone_state(&mut self, state: &mut Self::State) -> Result<Self::State, Errno>;

    /// Reads a byte-string option back.
    fn get_option(&mut self, state: &mut Self::State, name: &str) -> Result<Vec<u8>, Errno>;

    /// Reads an integer option back.
    fn get_option_u64(&mut self, state: &mut Self::State, name: &str) -> Result<u64, Errno>;

    /// Absorbs.
    fn absorb(&mut self, state: &mut Self::State, data: &[u8]) -> Result<(), Errno>;

    /// Squeezes `len` bytes.
    fn squeeze(&mut self, state: &mut Self::State, len: u64) -> Result<Vec<u8>, Errno>;

    /// Squeezes a tag.
    fn squeeze_tag(&mut self, state: &mut Self::State) -> Result<Self::Tag, Errno>;

    /// Takes the bytes out of a tag.
    fn pull_tag(&mut self, tag: Self::Tag) -> Result<Vec<u8>, Errno>;

    /// Compares a tag with the bytes expected.
    fn verify_tag(&mut self, tag: &Self::Tag, expected: &[u8]) -> Result<(), Errno>;

    /// Squeezes a key for `algorithm`.
    fn squeeze_key(&mut self, state: &mut Self::State, algorithm: &str)
    -> Result<Self::Key, Errno>;

    /// The longest tag, with padding, in bytes.
    fn max_tag_len(&mut self, state: &mut Self::State) -> Result<u64, Errno>;

    /// Encrypts; the tag follows the ciphertext.
    fn encrypt(&mut self, state: &mut Self::State, plaintext: &[u8]) -> Result<Vec<u8>, Errno>;

    /// Encrypts; the tag comes apart from the ciphertext.
    fn encrypt_detached(
        &mut self,
        state: &mut Self::State,
        plaintext: &[u8],
    ) -> Result<(Vec<u8>, Self::Tag), Errno>;

    /// Decrypts a ciphertext that its tag follows.
    fn decrypt(&mut self, state: &mut Self::State, ciphertext: &[u8]) -> Result<Vec<u8>, Errno>;

    /// Decrypts a ciphertext, with its tag apart.
    fn decrypt_detached(
        &mut self,
        state: &mut Self::State,
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Result<Vec<u8>, Errno>;

    /// Ratchets.
    fn ratchet(&mut self, state: &mut Self::State) -> Result<(), Errno>;

    /// Gives a key back.
    fn close_key(&mut self, key: Self::Key) {
        drop(key);
    }

    /// Gives a set of options back.
    fn close_options(&mut self, options: Self::Options) {
        drop(options);
    }

    /// Gives a state back.
    fn close_state(&mut self, state: Self::State) {
        drop(state);
    }

    /// Gives a tag back that was not pulled.
    fn close_tag(&mut self, tag: Self::Tag) {
        drop(tag);
    }
}
