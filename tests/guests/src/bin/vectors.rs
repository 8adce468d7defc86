//! `vectors [FILE]`: plays the vector script in a file, or on standard input, through the WIT, and prints each mismatch and the
//! number of cases.

use std::process::ExitCode;

use wasi_crypto_test_guests::common::{CryptoErrno, Options};
use wasi_crypto_test_guests::symmetric::{SymmetricKey, SymmetricState, SymmetricTag};
use wasi_crypto_test_guests::{name, options};
use wasi_crypto_vectors::{Errno, Subject, player};

fn main() -> ExitCode {
    player::main(&mut Host)
}

/// The host, through the WIT.
struct Host;

fn errno(errno: CryptoErrno) -> Errno {
    Errno::from_name(name(errno)).expect("every errno of the WIT is one of the witx modules'")
}

impl Subject for Host {
    type Key = SymmetricKey;
    type Options = Options;
    type State = SymmetricState;
    type Tag = SymmetricTag;

    fn import_key(&mut self, algorithm: &str, raw: &[u8]) -> Result<SymmetricKey, Errno> {
        SymmetricKey::import(algorithm, raw).map_err(errno)
    }

    fn generate_key(
        &mut self,
        algorithm: &str,
        options: Option<&Options>,
    ) -> Result<SymmetricKey, Errno> {
        SymmetricKey::generate(algorithm, options).map_err(errno)
    }

    fn export_key(&mut self, key: &SymmetricKey) -> Result<Vec<u8>, Errno> {
        key.export().map_err(errno)
    }

    fn open_options(&mut self) -> Result<Options, Errno> {
        options().map_err(errno)
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
        key: Option<&SymmetricKey>,
        options: Option<&Options>,
    ) -> Result<SymmetricState, Errno> {
        SymmetricState::open(algorithm, key, options).map_err(errno)
    }

    fn clone_state(&mut self, state: &mut SymmetricState) -> Result<SymmetricState, Errno> {
        SymmetricState::clone(state).map_err(errno)
    }

    fn get_option(&mut self, state: &mut SymmetricState, name: &str) -> Result<Vec<u8>, Errno> {
        state.options_get(name).map_err(errno)
    }

    fn get_option_u64(&mut self, state: &mut SymmetricState, name: &str) -> Result<u64, Errno> {
        state.options_get_u64(name).map_err(errno)
    }

    fn absorb(&mut self, state: &mut SymmetricState, data: &[u8]) -> Result<(), Errno> {
        state.absorb(data).map_err(errno)
    }

    fn squeeze(&mut self, state: &mut SymmetricState, len: u64) -> Result<Vec<u8>, Errno> {
        state.squeeze(len).map_err(errno)
    }

    fn squeeze_tag(&mut self, state: &mut SymmetricState) -> Result<SymmetricTag, Errno> {
        state.squeeze_tag().map_err(errno)
    }

    fn pull_tag(&mut self, tag: SymmetricTag) -> Result<Vec<u8>, Errno> {
        Ok(SymmetricTag::pull(tag))
    }

    fn verify_tag(&mut self, tag: &SymmetricTag, expected: &[u8]) -> Result<(), Errno> {
        tag.verify(expected).map_err(errno)
    }

    fn squeeze_key(
        &mut self,
        state: &mut SymmetricState,
        algorithm: &str,
    ) -> Result<SymmetricKey, Errno> {
        state.squeeze_key(algorithm).map_err(errno)
    }

    fn max_tag_len(&mut self, state: &mut SymmetricState) -> Result<u64, Errno> {
        state.max_tag_len().map_err(errno)
    }

    fn encrypt(&mut self, state: &mut SymmetricState, plaintext: &[u8]) -> Result<Vec<u8>, Errno> {
        state.encrypt(plaintext).map_err(errno)
    }

    fn encrypt_detached(
        &mut self,
        state: &mut SymmetricState,
        plaintext: &[u8],
    ) -> Result<(Vec<u8>, SymmetricTag), Errno> {
        state.encrypt_detached(plaintext).map_err(errno)
    }

    fn decrypt(&mut self, state: &mut SymmetricState, ciphertext: &[u8]) -> Result<Vec<u8>, Errno> {
        state.decrypt(ciphertext).map_err(errno)
    }

    fn decrypt_detached(
        &mut self,
        state: &mut SymmetricState,
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Result<Vec<u8>, Errno> {
        state.decrypt_detached(ciphertext, tag).map_err(errno)
    }

    fn ratchet(&mut self, state: &mut SymmetricState) -> Result<(), Errno> {
        state.ratchet().map_err(errno)
    }
}
