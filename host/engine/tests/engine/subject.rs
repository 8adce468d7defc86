//! The engine as the vectors' runner plays it.

use wasi_crypto_engine::{Backend, Category, Engine, Error, Key, Options, State, Tag};
use wasi_crypto_vectors::{Errno, Subject};

pub struct EngineSubject(Engine);

impl EngineSubject {
    pub fn new(backend: Backend) -> Self {
        Self(crate::fixture::engine(backend))
    }
}

/// The engine's error by its number in the witx modules, which is what vectors speak of.
fn errno(error: Error) -> Errno {
    Errno::from_code(error.errno()).expect("every error has a number of the witx modules")
}

impl Subject for EngineSubject {
    type Key = Key;
    type Options = Options;
    type State = State;
    type Tag = Tag;

    fn import_key(&mut self, algorithm: &str, raw: &[u8]) -> Result<Key, Errno> {
        self.0.import_key(algorithm, raw).map_err(errno)
    }

    fn generate_key(&mut self, algorithm: &str, options: Option<&Options>) -> Result<Key, Errno> {
        self.0.generate_key(algorithm, options).map_err(errno)
    }

    fn export_key(&mut self, key: &Key) -> Result<Vec<u8>, Errno> {
        let raw = self.0.export_key(key).map_err(errno)?;
        Ok(raw.to_vec())
    }

    fn open_options(&mut self) -> Result<Options, Errno> {
        Ok(self.0.options(Category::Symmetric))
    }

    fn set_option(&mut self, options: &mut Options, name: &str, value: &[u8]) -> Result<(), Errno> {
        options.set(name, value).map_err(errno)
    }

    fn set_option_u64(
        &mut self,
        options: &mut Options,
        name: &str,
        value: u64,
    ) -> Result<(), Errno> {
        options.set_u64(name, value).map_err(errno)
    }

    fn set_option_buffer(
        &mut self,
        options: &mut Options,
        name: &str,
        size: u64,
    ) -> Result<(), Errno> {
        options.set_guest_buffer(name, size).map_err(errno)
    }

    fn open(
        &mut self,
        algorithm: &str,
        key: Option<&Key>,
        options: Option<&Options>,
    ) -> Result<State, Errno> {
        self.0.open(algorithm, key, options).map_err(errno)
    }

    fn clone_state(&mut self, state: &mut State) -> Result<State, Errno> {
        state.try_clone().map_err(errno)
    }

    fn get_option(&mut self, state: &mut State, name: &str) -> Result<Vec<u8>, Errno> {
        state.option(name).map(<[u8]>::to_vec).map_err(errno)
    }

    fn get_option_u64(&mut self, state: &mut State, name: &str) -> Result<u64, Errno> {
        state.option_u64(name).map_err(errno)
    }

    fn absorb(&mut self, state: &mut State, data: &[u8]) -> Result<(), Errno> {
        state.absorb(data).map_err(errno)
    }

    fn squeeze(&mut self, state: &mut State, len: u64) -> Result<Vec<u8>, Errno> {
        let out = state.squeeze(len).map_err(errno)?;
        Ok(out.to_vec())
    }

    fn squeeze_tag(&mut self, state: &mut State) -> Result<Tag, Errno> {
        state.squeeze_tag().map_err(errno)
    }

    fn pull_tag(&mut self, tag: Tag) -> Result<Vec<u8>, Errno> {
        Ok(tag.as_bytes().to_vec())
    }

    fn verify_tag(&mut self, tag: &Tag, expected: &[u8]) -> Result<(), Errno> {
        tag.verify(expected).map_err(errno)
    }

    fn squeeze_key(&mut self, state: &mut State, algorithm: &str) -> Result<Key, Errno> {
        state.squeeze_key(algorithm).map_err(errno)
    }

    fn max_tag_len(&mut self, state: &mut State) -> Result<u64, Errno> {
        let len = state.max_tag_len().map_err(errno)?;
        Ok(len as u64)
    }

    fn encrypt(&mut self, state: &mut State, plaintext: &[u8]) -> Result<Vec<u8>, Errno> {
        state.encrypt(plaintext).map_err(errno)
    }

    fn encrypt_detached(
        &mut self,
        state: &mut State,
        plaintext: &[u8],
    ) -> Result<(Vec<u8>, Tag), Errno> {
        state.encrypt_detached(plaintext).map_err(errno)
    }

    fn decrypt(&mut self, state: &mut State, ciphertext: &[u8]) -> Result<Vec<u8>, Errno> {
        let plaintext = state.decrypt(ciphertext).map_err(errno)?;
        Ok(plaintext.to_vec())
    }

    fn decrypt_detached(
        &mut self,
        state: &mut State,
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Result<Vec<u8>, Errno> {
        let plaintext = state.decrypt_detached(ciphertext, tag).map_err(errno)?;
        Ok(plaintext.to_vec())
    }

    fn ratchet(&mut self, state: &mut State) -> Result<(), Errno> {
        state.ratchet().map_err(errno)
    }
}
