//! The body of an encrypted file: chunks, each encrypted on its own, in an order that cannot be changed.
//!
//! This is the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár ("Online Authenticated-Encryption and its
//! Nonce-Reuse Misuse-Resistance", CRYPTO 2015): the nonce of a chunk is its number and whether it is the last.

use std::io::Read;

use anyhow::{Context, Result, bail, ensure};

use crate::input::fill;
use crate::secret::Secret;

pub const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// Bytes of plaintext in each chunk but the last.
const CHUNK: usize = 64 * 1024;

/// 256 TiB. The chance that AES-GCM gives itself away stays below 2^-40.
const MOST_CHUNKS: u64 = 1 << 32;

/// An AEAD under the file's key, without associated data.
pub trait ChunkCipher {
    /// The ciphertext, then the tag.
    fn seal(&self, nonce: [u8; NONCE_LEN], plaintext: &[u8]) -> Result<Vec<u8>>;

    /// The plaintext, or none if it does not verify.
    fn open(&self, nonce: [u8; NONCE_LEN], ciphertext: &[u8]) -> Result<Option<Vec<u8>>>;
}

/// The chunks of a plaintext, encrypted one after the other.
pub struct Encryption<'a, C> {
    cipher: &'a C,
    pieces: Pieces<'a>,
}

impl<'a, C: ChunkCipher> Encryption<'a, C> {
    /// Of the plaintext that `input` gives.
    pub fn new(cipher: &'a C, input: &'a mut dyn Read) -> Self {
        let pieces = Pieces::new(input, CHUNK);
        Self { cipher, pieces }
    }

    /// The next chunk, encrypted, and how many bytes were read for it.
    pub fn next(&mut self) -> Result<Option<(Vec<u8>, usize)>> {
        let Some((number, piece, last)) = self.pieces.next()? else {
            return Ok(None);
        };
        ensure!(
            number < MOST_CHUNKS,
            "the file is larger than 256 TiB, the most that the format takes"
        );
        Ok(Some((
            self.cipher.seal(nonce(number, last), piece)?,
            piece.len(),
        )))
    }
}

/// The chunks of an encrypted file, decrypted one after the other. What has come before an error is authentic, but not the
/// whole.
pub struct Decryption<'a, C> {
    cipher: &'a C,
    pieces: Pieces<'a>,
}

impl<'a, C: ChunkCipher> Decryption<'a, C> {
    /// Of the chunks that `input` gives.
    pub fn new(cipher: &'a C, input: &'a mut dyn Read) -> Self {
        let pieces = Pieces::new(input, CHUNK + TAG_LEN);
        Self { cipher, pieces }
    }

    /// The plaintext of the next chunk, and how many bytes were read for it.
    pub fn next(&mut self) -> Result<Option<(Secret, usize)>> {
        let Some((number, piece, last)) = self.pieces.next()? else {
            return Ok(None);
        };
        ensure!(
            number < MOST_CHUNKS,
            "the file is larger than any that wcrypt encrypt writes"
        );
        // Only an empty file has an empty chunk.
        if piece.len() < TAG_LEN || (piece.len() == TAG_LEN && number > 0) {
            bail!("the file was cut off or extended: it ends in the middle of chunk {number}");
        }
        match self.cipher.open(nonce(number, last), piece)? {
            Some(plaintext) => Ok(Some((Secret::new(plaintext), piece.len()))),
            None => bail!(diagnosis(self.cipher, number, piece, last)?),
        }
    }
}

/// Why a chunk does not verify, as far as it can be told.
fn diagnosis(cipher: &impl ChunkCipher, number: u64, piece: &[u8], last: bool) -> Result<String> {
    let otherwise = cipher.open(nonce(number, !last), piece)?.map(Secret::new);
    Ok(match (otherwise, last) {
        (Some(_), true) => format!("the file was cut off: chunk {number} is not its last"),
        (Some(_), false) => {
            format!("something was appended to the file: chunk {number} is its last")
        }
        (None, _) => format!(
            "chunk {number} does not verify: the file was damaged, cut off or extended, or its chunks were reordered"
        ),
    })
}

/// The number of the chunk in 11 bytes, big-endian; then 1 for the last chunk, 0 for the others.
fn nonce(number: u64, last: bool) -> [u8; NONCE_LEN] {
    let mut nonce = [0; NONCE_LEN];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = last.into();
    nonce
}

/// Cuts an input into pieces of `len` bytes, and knows the last when it gets there. There is at least one.
struct Pieces<'a> {
    input: &'a mut dyn Read,
    /// A piece and the byte that follows it, which says that another one does.
    buffer: Secret,
    len: usize,
    /// The number of the next piece, if there is one.
    next: Option<u64>,
}

impl<'a> Pieces<'a> {
    fn new(input: &'a mut dyn Read, len: usize) -> Self {
        let buffer = Secret::zeroed(len + 1);
        Self {
            input,
            buffer,
            len,
            next: Some(0),
        }
    }

    /// The next piece, with its number, and whether it is the last.
    fn next(&mut self) -> Result<Option<(u64, &[u8], bool)>> {
        let Some(number) = self.next else {
            return Ok(None);
        };
        let kept = if number == 0 {
            0
        } else {
            self.buffer[0] = self.buffer[self.len];
            1
        };
        let filled =
            kept + fill(self.input, &mut self.buffer[kept..]).context("cannot read the input")?;
        let last = filled <= self.len;
        self.next = (!last).then_some(number + 1);
        Ok(Some((number, &self.buffer[..filled.min(self.len)], last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes_gcm::aead::{Aead, KeyInit};

    impl ChunkCipher for aes_gcm::Aes256Gcm {
        fn seal(&self, nonce: [u8; NONCE_LEN], plaintext: &[u8]) -> Result<Vec<u8>> {
            Ok(Aead::encrypt(self, &nonce.into(), plaintext).unwrap())
        }

        fn open(&self, nonce: [u8; NONCE_LEN], ciphertext: &[u8]) -> Result<Option<Vec<u8>>> {
            Ok(Aead::decrypt(self, &nonce.into(), ciphertext).ok())
        }
    }

    const SEALED: usize = CHUNK + TAG_LEN;

    fn cipher() -> aes_gcm::Aes256Gcm {
        aes_gcm::Aes256Gcm::new(&[7; 32].into())
    }

    fn message(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i / 251 + i) as u8).collect()
    }

    fn encrypted(message: &[u8]) -> Vec<u8> {
        encrypted_and_counted(message).0
    }

    /// The ciphertext, and how many bytes were read for it.
    fn encrypted_and_counted(mut message: &[u8]) -> (Vec<u8>, usize) {
        let cipher = cipher();
        let mut chunks = Encryption::new(&cipher, &mut message);
        let (mut out, mut read) = (Vec::new(), 0);
        while let Some((chunk, n)) = chunks.next().unwrap() {
            out.extend(chunk);
            read += n;
        }
        (out, read)
    }

    fn decrypted(mut ciphertext: &[u8]) -> Result<Vec<u8>> {
        let (cipher, len) = (cipher(), ciphertext.len());
        let mut chunks = Decryption::new(&cipher, &mut ciphertext);
        let (mut out, mut read) = (Vec::new(), 0);
        while let Some((plaintext, n)) = chunks.next()? {
            out.extend_from_slice(&plaintext);
            read += n;
        }
        assert_eq!(read, len);
        Ok(out)
    }

    fn refusal(ciphertext: &[u8]) -> String {
        decrypted(ciphertext).unwrap_err().to_string()
    }

    #[test]
    fn messages_of_all_lengths_around_the_chunk_survive() {
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5] {
            let ciphertext = encrypted(&message(len));
            let chunks = len.div_ceil(CHUNK).max(1);
            assert_eq!(ciphertext.len(), len + chunks * TAG_LEN);
            assert_eq!(decrypted(&ciphertext).unwrap(), message(len), "{len}");
        }
    }

    #[test]
    fn progress_adds_up_to_the_input() {
        let (_, read) = encrypted_and_counted(&message(2 * CHUNK + 9));
        assert_eq!(read, 2 * CHUNK + 9);
    }

    #[test]
    fn each_chunk_is_under_its_number_and_whether_it_is_the_last() {
        let ciphertext = encrypted(&message(CHUNK + 3));
        let open = |nonce: [u8; 12], data: &[u8]| cipher().open(nonce, data).unwrap();
        let first = open([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &ciphertext[..SEALED]);
        let second = open([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1], &ciphertext[SEALED..]);
        assert_eq!(first.unwrap(), message(CHUNK + 3)[..CHUNK]);
        assert_eq!(second.unwrap(), message(CHUNK + 3)[CHUNK..]);
        assert_eq!(
            nonce(0x0102_0304_0506_0708, false)[..],
            [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0]
        );
    }

    #[test]
    fn a_file_cut_off_anywhere_is_refused() {
        let ciphertext = encrypted(&message(2 * CHUNK + 100));
        for len in [
            0,
            1,
            TAG_LEN,
            SEALED - 1,
            SEALED + 1,
            SEALED + TAG_LEN,
            2 * SEALED + 1,
            ciphertext.len() - 1,
        ] {
            decrypted(&ciphertext[..len]).unwrap_err();
        }
        for chunks in [1, 2] {
            let why = refusal(&ciphertext[..chunks * SEALED]);
            assert_eq!(
                why,
                format!("the file was cut off: chunk {} is not its last", chunks - 1)
            );
        }
    }

    #[test]
    fn a_file_with_something_appended_is_refused() {
        for len in [0, 100, CHUNK, CHUNK + 100] {
            let ciphertext = encrypted(&message(len));
            for more in [&b"x"[..], &[0; TAG_LEN], &[0; SEALED], &ciphertext] {
                decrypted(&[&ciphertext, more].concat()).unwrap_err();
            }
        }
        let full = encrypted(&message(CHUNK));
        let why = refusal(&[&full[..], b"x"].concat());
        assert_eq!(
            why,
            "something was appended to the file: chunk 0 is its last"
        );
    }

    #[test]
    fn an_empty_last_chunk_after_others_is_refused() {
        let cipher = cipher();
        let first = cipher.seal(nonce(0, false), &message(CHUNK)).unwrap();
        let empty = cipher.seal(nonce(1, true), b"").unwrap();
        assert!(refusal(&[first, empty].concat()).contains("chunk 1"));
    }

    #[test]
    fn reordered_repeated_and_missing_chunks_are_refused() {
        let ciphertext = encrypted(&message(3 * CHUNK + 1));
        let chunks: Vec<_> = ciphertext.chunks(SEALED).collect();
        let [a, b, c, d] = chunks[..] else {
            panic!("{} chunks", chunks.len())
        };
        assert!(decrypted(&[a, b, c, d].concat()).is_ok());
        for order in [
            &[b, a, c, d][..],
            &[a, a, b, c, d],
            &[a, c, d],
            &[b, c, d],
            &[a, b, d],
        ] {
            assert!(refusal(&order.concat()).contains("does not verify"));
        }
    }

    #[test]
    fn a_flipped_bit_is_detected_in_each_part_of_each_chunk() {
        let ciphertext = encrypted(&message(CHUNK + 50));
        for at in [
            0,
            CHUNK - 1,
            CHUNK,
            SEALED - 1,
            SEALED,
            SEALED + 49,
            ciphertext.len() - 1,
        ] {
            let mut damaged = ciphertext.clone();
            damaged[at] ^= 0x10;
            assert!(refusal(&damaged).contains(&format!("chunk {} does not verify", at / SEALED)));
        }
    }

    #[test]
    fn nothing_is_left_of_the_plaintext() {
        use crate::left_behind::{SECRETS, left_behind};
        let ciphertext = encrypted(&SECRETS);
        let cipher = cipher();
        let left = left_behind(|| {
            let mut plaintext = &SECRETS[..];
            let mut chunks = Encryption::new(&cipher, &mut plaintext);
            while chunks.next().unwrap().is_some() {}
            let mut ciphertext = &*ciphertext;
            let mut chunks = Decryption::new(&cipher, &mut ciphertext);
            while chunks.next().unwrap().is_some() {}
        });
        assert_eq!(left, 0);
    }
}
