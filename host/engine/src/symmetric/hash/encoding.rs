//! The encodings of SP 800-185, section 2.3.

use digest::Update;

/// `encode_string`, section 2.3.2.
pub(crate) fn encode_string(out: &mut impl Update, string: &[u8]) {
    out.update(Encoded::bits(string.len()).left());
    out.update(string);
}

/// `bytepad` of an encoded string, section 2.3.3.
pub(crate) fn bytepad_string(out: &mut impl Update, string: &[u8], width: usize) {
    const ZEROS: [u8; 64] = [0; 64];
    let mut written = 0;
    for part in [
        Encoded::new(width as u128).left(),
        Encoded::bits(string.len()).left(),
        string,
    ] {
        out.update(part);
        written += part.len() % width;
    }
    let mut missing = written.next_multiple_of(width) - written;
    while missing > 0 {
        let count = missing.min(ZEROS.len());
        out.update(&ZEROS[..count]);
        missing -= count;
    }
}

/// `right_encode` of a length in bits, section 2.3.1.
pub(crate) fn right_encode_bits(out: &mut impl Update, len: usize) {
    out.update(Encoded::bits(len).right());
}

/// An integer in the encodings of section 2.3.1: as few bytes as it needs, at least one, most significant first, with
/// their count before (left) or after (right) them.
struct Encoded {
    // The value ends before the last byte.
    bytes: [u8; 18],
    first: usize,
}

impl Encoded {
    /// The bits of `len` bytes.
    fn bits(len: usize) -> Self {
        Self::new(len as u128 * 8)
    }

    fn new(value: u128) -> Self {
        let mut bytes = [0; 18];
        bytes[1..17].copy_from_slice(&value.to_be_bytes());
        let zeros = (value.leading_zeros() / 8).min(15) as usize;
        let count = (16 - zeros) as u8;
        bytes[zeros] = count;
        bytes[17] = count;
        Self {
            bytes,
            first: zeros + 1,
        }
    }

    fn left(&self) -> &[u8] {
        &self.bytes[self.first - 1..17]
    }

    fn right(&self) -> &[u8] {
        &self.bytes[self.first..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_encoded_in_as_few_bytes_as_they_need() {
        for (value, left, right) in [
            (0, &[1, 0][..], &[0, 1][..]),
            (255, &[1, 255], &[255, 1]),
            (256, &[2, 1, 0], &[1, 0, 2]),
            (65_536, &[3, 1, 0, 0], &[1, 0, 0, 3]),
        ] {
            assert_eq!(Encoded::new(value).left(), left);
            assert_eq!(Encoded::new(value).right(), right);
        }
        assert_eq!(Encoded::new(u128::MAX).left()[0], 16);
        assert_eq!(Encoded::new(u128::MAX).left().len(), 17);
    }

    #[test]
    fn a_padded_string_fills_whole_blocks() {
        struct Counter(usize);
        impl Update for Counter {
            fn update(&mut self, data: &[u8]) {
                self.0 += data.len();
            }
        }
        for len in 0..600 {
            let mut counter = Counter(0);
            bytepad_string(&mut counter, &vec![1; len], 168);
            assert_eq!(counter.0 % 168, 0, "{len}");
            assert!(counter.0 > len && counter.0 - len <= 168 + 5, "{len}");
        }
    }
}
