//! What encrypting and decrypting many messages gives: all of it in one buffer.

use std::fmt;
use std::ops::Range;

use crate::bindings::wasi_ephemeral::crypto::symmetric_oneshot as raw;
use crate::hidden::Hidden;
use crate::{CryptoErrno, Error, Message, Result};

/// The parts of a buffer that the entries of a list have, or why they have none.
struct Parts(Vec<std::result::Result<Range<usize>, CryptoErrno>>);

impl Parts {
    fn new(lengths: Vec<std::result::Result<u64, CryptoErrno>>) -> Self {
        let mut end = 0;
        let parts = lengths.into_iter().map(|length| {
            let start = end;
            end = usize::saturating_add(end, length? as usize);
            Ok(start..end)
        });
        Self(parts.collect())
    }

    fn iter<'a>(
        &'a self,
        bytes: &'a [u8],
        algorithm: &'a str,
    ) -> impl ExactSizeIterator<Item = Result<&'a [u8]>> {
        self.0.iter().map(move |part| {
            let bytes = match part {
                Ok(part) => bytes.get(part.clone()).ok_or(CryptoErrno::InternalError),
                Err(errno) => Err(*errno),
            };
            bytes.map_err(Error::about(algorithm))
        })
    }
}

/// A ciphertext of many: as [`Sealed`](crate::Sealed), borrowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealedMessage<'a> {
    /// The nonce that the host made up. Empty if one was given, or if the algorithm does without.
    pub nonce: &'a [u8],
    /// The ciphertext, followed by the tag. The nonce is not part of it.
    pub ciphertext: &'a [u8],
}

impl fmt::Debug for SealedMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedMessage")
            .field("nonce", &Hidden(self.nonce))
            .field("ciphertext", &Hidden(self.ciphertext))
            .finish()
    }
}

/// What [`Aead::seal_many`](crate::Aead::seal_many) gives: a ciphertext for each message, or why there is none.
pub struct SealedMessages {
    algorithm: Box<str>,
    parts: Parts,
    ciphertexts: Vec<u8>,
    nonces: Vec<u8>,
    /// Which messages came without a nonce.
    without_nonce: Vec<bool>,
}

impl SealedMessages {
    pub(crate) fn new(
        algorithm: &str,
        messages: &[Message<'_>],
        sealed: raw::SealedMessages,
    ) -> Self {
        Self {
            algorithm: algorithm.into(),
            parts: Parts::new(sealed.lengths),
            ciphertexts: sealed.ciphertexts,
            without_nonce: if sealed.nonces.is_empty() {
                Vec::new()
            } else {
                messages
                    .iter()
                    .map(|message| message.nonce.is_none())
                    .collect()
            },
            nonces: sealed.nonces,
        }
    }

    /// The ciphertexts, in the order of the messages.
    pub fn iter(&self) -> impl Iterator<Item = Result<SealedMessage<'_>>> {
        let generated = |at: usize| self.without_nonce.get(at).copied().unwrap_or(false);
        let parts = self.parts.0.iter().enumerate();
        let nonces = parts.filter(|(at, part)| part.is_ok() && generated(*at));
        let nonce_len = self.nonces.len() / nonces.count().max(1);
        let mut nonces = self.nonces.chunks(nonce_len.max(1));
        let ciphertexts = self.parts.iter(&self.ciphertexts, &self.algorithm);
        ciphertexts.enumerate().map(move |(at, ciphertext)| {
            let ciphertext = ciphertext?;
            let nonce = match generated(at) {
                true => nonces.next().unwrap_or_default(),
                false => &[],
            };
            Ok(SealedMessage { nonce, ciphertext })
        })
    }
}

/// What [`Aead::open_many`](crate::Aead::open_many) gives: a message for each ciphertext, or why there is none.
pub struct OpenedMessages {
    algorithm: Box<str>,
    parts: Parts,
    messages: Vec<u8>,
}

impl OpenedMessages {
    pub(crate) fn new(algorithm: &str, opened: raw::OpenedMessages) -> Self {
        Self {
            algorithm: algorithm.into(),
            parts: Parts::new(opened.lengths),
            messages: opened.messages,
        }
    }

    /// The messages, in the order of the ciphertexts.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Result<&[u8]>> {
        self.parts.iter(&self.messages, &self.algorithm)
    }
}

impl fmt::Debug for SealedMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedMessages")
            .field("algorithm", &self.algorithm)
            .field("messages", &self.parts.0.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for OpenedMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedMessages")
            .field("algorithm", &self.algorithm)
            .field("messages", &self.parts.0.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, PasswordHash, Sealed};

    #[test]
    fn debug_output_shows_no_content() {
        const MARKER: &[u8] = b"marker";
        let message = Message {
            nonce: Some(MARKER),
            associated_data: MARKER,
            data: MARKER,
        };
        let sealed = raw::SealedMessages {
            lengths: vec![Ok(6)],
            ciphertexts: MARKER.to_vec(),
            nonces: MARKER.to_vec(),
        };
        let opened = raw::OpenedMessages {
            lengths: vec![Ok(6)],
            messages: MARKER.to_vec(),
        };
        let one = Sealed {
            nonce: MARKER.to_vec(),
            ciphertext: MARKER.to_vec(),
        };
        let borrowed = SealedMessage {
            nonce: MARKER,
            ciphertext: MARKER,
        };
        let options = Options::new().nonce(MARKER).salt(MARKER).phc("marker");
        let values: [&dyn fmt::Debug; 7] = [
            &message,
            &SealedMessages::new("AES-256-GCM", &[message], sealed),
            &OpenedMessages::new("AES-256-GCM", opened),
            &one,
            &borrowed,
            &options,
            &PasswordHash::with_options("ARGON2-ID-13", options.clone()),
        ];
        for value in values {
            for shown in [format!("{value:?}"), format!("{value:#?}")] {
                let bytes: String = shown.split_whitespace().collect();
                assert!(!bytes.contains("marker"), "{shown}");
                assert!(!bytes.contains("109,97"), "{shown}");
                assert!(!bytes.to_lowercase().contains("6d61"), "{shown}");
            }
        }
    }
}
