//! `associated SEED ALGORITHM…`: seals messages with empty associated data and with none on every path that the SDK has, and
//! compares. An algorithm is given as `NAME,key bytes,nonce bytes,concatenate|delimit`.
//!
//! It uses the SDK, unlike the other guests: that the SDK's forms agree is what it is about.

use std::process::ExitCode;

use wasi_crypto_sdk::{Aead, Key, Message, Options, Result, State, batch};
use wasi_crypto_test_guests::say;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let seed = args.next().and_then(|seed| seed.parse().ok());
    let Some(seed) = seed else {
        eprintln!("usage: associated SEED ALGORITHM…");
        return ExitCode::from(2);
    };
    let mut tried = 0;
    for row in args {
        match Row::parse(&row) {
            Some(mut row) => {
                row.random = Random(seed);
                row.compare()
                    .unwrap_or_else(|error| panic!("{}: {error}", row.name));
                tried += 1;
            }
            None => {
                eprintln!("{row} is no algorithm");
                return ExitCode::from(2);
            }
        }
    }
    say("tried", tried);
    ExitCode::SUCCESS
}

/// A small generator (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as usize % end
    }

    fn bytes(&mut self, longest: usize) -> Vec<u8> {
        let len = self.below(longest + 1);
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}

struct Row {
    name: String,
    key: Key,
    nonce: Vec<u8>,
    concatenates: bool,
    random: Random,
}

impl Row {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(',');
        let name = parts.next()?.to_owned();
        let key: u8 = parts.next()?.parse().ok()?;
        let nonce: u8 = parts.next()?.parse().ok()?;
        let concatenates = match parts.next()? {
            "concatenate" => true,
            "delimit" => false,
            _ => return None,
        };
        let raw: Vec<u8> = (0..key).collect();
        Some(Self {
            key: Key::import(&name, &raw).unwrap_or_else(|error| panic!("{name}: {error}")),
            nonce: vec![3; nonce.into()],
            name,
            concatenates,
            random: Random(0),
        })
    }

    /// A state that has absorbed each of `parts`.
    fn state(&self, parts: &[&[u8]]) -> Result<State> {
        let options = Options::new().nonce(self.nonce.as_slice());
        let state = State::open(&self.name, Some(&self.key), &options)?;
        for part in parts {
            state.absorb(part)?;
        }
        Ok(state)
    }

    /// What states make of a message: in a call and in a batch, with the tag behind it and apart.
    fn streaming(&self, parts: &[&[u8]], data: &[u8]) -> Result<Vec<u8>> {
        let sealed = self.state(parts)?.encrypt(data)?;
        let (mut ciphertext, tag) = self.state(parts)?.encrypt_detached(data)?;
        ciphertext.extend(tag.into_bytes());
        self.same(&sealed, &ciphertext);
        let state = self.state(parts)?;
        let encrypted = batch::encrypt([(&state, data)])?.remove(0)?;
        self.same(&sealed, &encrypted);
        let state = self.state(parts)?;
        let (mut ciphertext, tag) = batch::encrypt_detached([(&state, data)])?.remove(0)?;
        ciphertext.extend(tag.into_bytes());
        self.same(&sealed, &ciphertext);
        let state = self.state(parts)?;
        self.same(data, &batch::decrypt([(&state, &sealed)])?.remove(0)?);
        Ok(sealed)
    }

    /// What the functions for whole messages make of it, each opened by all others.
    fn whole(&self, associated_data: &[u8], data: &[u8]) -> Result<Vec<u8>> {
        let aead = Aead::import(&self.name, self.key.export()?)?;
        let nonce = &self.nonce;
        let message = |data| Message {
            nonce: Some(nonce.as_slice()),
            associated_data,
            data,
        };
        let sealed = aead.seal_with_nonce(nonce, data, associated_data)?;
        self.same(&sealed, &aead.seal_message(message(data))?.ciphertext);
        let many = aead.seal_many(&[message(data), message(data)])?;
        for one in many.iter() {
            self.same(&sealed, one?.ciphertext);
        }
        let (ciphertext, tag) = aead.seal_detached(nonce, data, associated_data)?;
        self.same(&sealed, &[&ciphertext[..], &tag].concat());

        self.same(data, &aead.open(nonce, &sealed, associated_data)?);
        self.same(data, &aead.open_message(message(&sealed))?);
        for one in aead.open_many(&[message(&sealed)])?.iter() {
            self.same(data, one?);
        }
        let opened = aead.open_detached(nonce, &ciphertext, &tag, associated_data)?;
        self.same(data, &opened);
        Ok(sealed)
    }

    fn compare(&mut self) -> Result<()> {
        for _ in 0..8 {
            let data = self.random.bytes(100);
            let some = self.random.bytes(60);
            let none = self.streaming(&[], &data)?;
            let empty = self.streaming(&[b""], &data)?;
            let two = self.streaming(&[b"", b""], &data)?;
            let whole = self.whole(b"", &data)?;
            // The functions for whole messages absorb once, also where there is nothing to absorb.
            self.same(&empty, &whole);
            self.alike(&none, &empty);
            self.alike(&empty, &two);
            let whole = self.whole(&some, &data)?;
            self.same(&whole, &self.streaming(&[&some], &data)?);
            // Empty absorbs among others, wherever they are.
            let cut = self.random.below(some.len() + 1);
            let (start, end) = some.split_at(cut);
            let pieces: [&[&[u8]]; 4] = [
                &[b"", &some],
                &[&some, b""],
                &[start, b"", end],
                &[b"", start, b"", end, b""],
            ];
            for pieces in pieces {
                self.alike(&whole, &self.streaming(pieces, &data)?);
            }
        }
        Ok(())
    }

    /// Holds that these are equal where absorbs concatenate, and differ where each is an element.
    #[track_caller]
    fn alike(&self, one: &[u8], other: &[u8]) {
        assert_eq!(one == other, self.concatenates, "{}: {one:x?}", self.name);
    }

    #[track_caller]
    fn same(&self, one: &[u8], other: &[u8]) {
        assert_eq!(one, other, "{}", self.name);
    }
}
