//! `witx-vectors [FILE]`: plays the vector script in a file, or on standard input, through the witx functions, and prints each
//! mismatch and the number of cases.

use std::process::ExitCode;

use wasi_crypto_legacy_guests::lent::{address, address_mut, done, result, size};
use wasi_crypto_legacy_guests::raw;
use wasi_crypto_legacy_guests::state::{self, Optional};
use wasi_crypto_vectors::{Errno, Subject, player};

fn main() -> ExitCode {
    player::main(&mut Legacy)
}

/// The witx functions; all handles are numbers.
struct Legacy;

fn named(errno: i32) -> Errno {
    let errno = usize::try_from(errno).expect("an errno is not negative");
    Errno::ALL[errno - 1]
}

fn name(text: &str) -> (i32, i32) {
    (address(text), size(text.as_bytes()))
}

/// The length that a buffer for the result has, beyond the data: none where the state has no tags, so that the call says
/// why.
fn added(state: i32) -> usize {
    result::<u32>(|out| raw::symmetric_state_max_tag_len(state, out)).unwrap_or(0) as usize
}

impl Legacy {
    fn pull(&mut self, array: i32) -> Result<Vec<u8>, i32> {
        let len: u32 = result(|out| raw::array_output_len(array, out))?;
        let mut bytes = vec![0; len as usize];
        let at = address_mut(&mut bytes[..]);
        let pulled: u32 = result(|out| raw::array_output_pull(array, at, len as i32, out))?;
        assert_eq!(pulled, len, "an array is pulled as a whole");
        Ok(std::hint::black_box(bytes))
    }

    fn decrypt_to(&mut self, state: i32, len: usize, data: &[u8]) -> Result<Vec<u8>, i32> {
        let mut out = vec![0; len];
        let at = address_mut(&mut out[..]);
        let written: u32 = result(|written| {
            raw::symmetric_state_decrypt(state, at, len as i32, address(data), size(data), written)
        })?;
        let mut out = std::hint::black_box(out);
        out.truncate(written as usize);
        Ok(out)
    }
}

impl Subject for Legacy {
    type Key = i32;
    type Options = i32;
    type State = i32;
    type Tag = i32;

    fn import_key(&mut self, algorithm: &str, raw: &[u8]) -> Result<i32, Errno> {
        state::key(algorithm, raw).map_err(named)
    }

    fn generate_key(&mut self, algorithm: &str, options: Option<&i32>) -> Result<i32, Errno> {
        let options = Optional::new(options.copied());
        let (at, len) = name(algorithm);
        result(|out| raw::symmetric_key_generate(at, len, address(&options), out)).map_err(named)
    }

    fn export_key(&mut self, key: &i32) -> Result<Vec<u8>, Errno> {
        result(|out| raw::symmetric_key_export(*key, out))
            .and_then(|array| self.pull(array))
            .map_err(named)
    }

    fn open_options(&mut self) -> Result<i32, Errno> {
        state::options().map_err(named)
    }

    fn set_option(&mut self, options: &mut i32, name: &str, value: &[u8]) -> Result<(), Errno> {
        state::set(*options, name, value).map_err(named)
    }

    fn set_option_u64(&mut self, options: &mut i32, option: &str, value: u64) -> Result<(), Errno> {
        let (at, len) = name(option);
        done(raw::options_set_u64(*options, at, len, value.cast_signed())).map_err(named)
    }

    fn set_option_buffer(
        &mut self,
        options: &mut i32,
        option: &str,
        buffer_len: u64,
    ) -> Result<(), Errno> {
        let (at, len) = name(option);
        let Ok(buffer_len) = usize::try_from(buffer_len) else {
            return Err(Errno::Overflow);
        };
        let mut buffer = vec![1u8; buffer_len];
        let buffer_at = address_mut(&mut buffer[..]);
        done(raw::options_set_guest_buffer(
            *options,
            at,
            len,
            buffer_at,
            size(&buffer),
        ))
        .map_err(named)
    }

    fn open(
        &mut self,
        algorithm: &str,
        key: Option<&i32>,
        options: Option<&i32>,
    ) -> Result<i32, Errno> {
        state::open(algorithm, key.copied(), options.copied()).map_err(named)
    }

    fn clone_state(&mut self, state: &mut i32) -> Result<i32, Errno> {
        result(|out| raw::symmetric_state_clone(*state, out)).map_err(named)
    }

    fn get_option(&mut self, state: &mut i32, option: &str) -> Result<Vec<u8>, Errno> {
        let (at, len) = name(option);
        // Too small at first, as for a client that does not know.
        let mut value = vec![0; 1];
        loop {
            let (value_at, value_len) = (address_mut(&mut value[..]), size(&value));
            match result::<u32>(|out| {
                raw::symmetric_state_options_get(*state, at, len, value_at, value_len, out)
            }) {
                Ok(written) => {
                    let mut value = std::hint::black_box(value);
                    value.truncate(written as usize);
                    return Ok(value);
                }
                Err(errno) if named(errno) == Errno::Overflow && value.len() < 1 << 20 => {
                    value.resize(value.len() * 4, 0);
                }
                Err(errno) => return Err(named(errno)),
            }
        }
    }

    fn get_option_u64(&mut self, state: &mut i32, option: &str) -> Result<u64, Errno> {
        let (at, len) = name(option);
        result(|out| raw::symmetric_state_options_get_u64(*state, at, len, out)).map_err(named)
    }

    fn absorb(&mut self, state: &mut i32, data: &[u8]) -> Result<(), Errno> {
        state::absorb(*state, data).map_err(named)
    }

    fn squeeze(&mut self, state: &mut i32, len: u64) -> Result<Vec<u8>, Errno> {
        let Ok(len) = i32::try_from(len) else {
            return Err(Errno::Overflow);
        };
        let mut out = vec![0; len as usize];
        let at = address_mut(&mut out[..]);
        done(raw::symmetric_state_squeeze(*state, at, len)).map_err(named)?;
        Ok(std::hint::black_box(out))
    }

    fn squeeze_tag(&mut self, state: &mut i32) -> Result<i32, Errno> {
        result(|out| raw::symmetric_state_squeeze_tag(*state, out)).map_err(named)
    }

    fn pull_tag(&mut self, tag: i32) -> Result<Vec<u8>, Errno> {
        let len: u32 = result(|out| raw::symmetric_tag_len(tag, out)).map_err(named)?;
        let mut bytes = vec![0; len as usize];
        let at = address_mut(&mut bytes[..]);
        let pulled: u32 =
            result(|out| raw::symmetric_tag_pull(tag, at, len as i32, out)).map_err(named)?;
        assert_eq!(pulled, len, "a tag has one length");
        Ok(std::hint::black_box(bytes))
    }

    fn verify_tag(&mut self, tag: &i32, expected: &[u8]) -> Result<(), Errno> {
        done(raw::symmetric_tag_verify(
            *tag,
            address(expected),
            size(expected),
        ))
        .map_err(named)
    }

    fn squeeze_key(&mut self, state: &mut i32, algorithm: &str) -> Result<i32, Errno> {
        let (at, len) = name(algorithm);
        result(|out| raw::symmetric_state_squeeze_key(*state, at, len, out)).map_err(named)
    }

    fn max_tag_len(&mut self, state: &mut i32) -> Result<u64, Errno> {
        result::<u32>(|out| raw::symmetric_state_max_tag_len(*state, out))
            .map(u64::from)
            .map_err(named)
    }

    fn encrypt(&mut self, state: &mut i32, plaintext: &[u8]) -> Result<Vec<u8>, Errno> {
        let mut out = vec![0; plaintext.len() + added(*state)];
        let (at, len) = (address_mut(&mut out[..]), size(&out));
        let written: u32 = result(|written| {
            let (data, data_len) = (address(plaintext), size(plaintext));
            raw::symmetric_state_encrypt(*state, at, len, data, data_len, written)
        })
        .map_err(named)?;
        let mut out = std::hint::black_box(out);
        out.truncate(written as usize);
        Ok(out)
    }

    fn encrypt_detached(
        &mut self,
        state: &mut i32,
        plaintext: &[u8],
    ) -> Result<(Vec<u8>, i32), Errno> {
        let mut out = vec![0; plaintext.len()];
        let (at, len) = (address_mut(&mut out[..]), size(&out));
        let tag = result(|tag| {
            let (data, data_len) = (address(plaintext), size(plaintext));
            raw::symmetric_state_encrypt_detached(*state, at, len, data, data_len, tag)
        })
        .map_err(named)?;
        Ok((std::hint::black_box(out), tag))
    }

    fn decrypt(&mut self, state: &mut i32, ciphertext: &[u8]) -> Result<Vec<u8>, Errno> {
        let least = ciphertext.len().saturating_sub(added(*state));
        self.decrypt_to(*state, least, ciphertext)
            .or_else(|errno| {
                // Padding can be shorter than it is at most.
                if named(errno) == Errno::Overflow {
                    self.decrypt_to(*state, ciphertext.len(), ciphertext)
                } else {
                    Err(errno)
                }
            })
            .map_err(named)
    }

    fn decrypt_detached(
        &mut self,
        state: &mut i32,
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Result<Vec<u8>, Errno> {
        let mut out = vec![0; ciphertext.len()];
        let (at, len) = (address_mut(&mut out[..]), size(&out));
        let written: u32 = result(|written| {
            let (data, data_len) = (address(ciphertext), size(ciphertext));
            let (tag, tag_len) = (address(tag), size(tag));
            raw::symmetric_state_decrypt_detached(
                *state, at, len, data, data_len, tag, tag_len, written,
            )
        })
        .map_err(named)?;
        assert_eq!(written, len as u32, "what is detached changes no length");
        Ok(std::hint::black_box(out))
    }

    fn ratchet(&mut self, state: &mut i32) -> Result<(), Errno> {
        done(raw::symmetric_state_ratchet(*state)).map_err(named)
    }

    fn close_key(&mut self, key: i32) {
        done(raw::symmetric_key_close(key)).expect("an open key");
    }

    fn close_options(&mut self, options: i32) {
        done(raw::options_close(options)).expect("open options");
    }

    fn close_state(&mut self, state: i32) {
        state::close(state);
    }

    fn close_tag(&mut self, tag: i32) {
        done(raw::symmetric_tag_close(tag)).expect("an open tag");
    }
}
