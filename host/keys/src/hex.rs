//! Hexadecimal digits. Neither direction branches on a secret or looks one up in a table.

use std::fmt;

/// The digit of the lower four bits of `value`.
pub(crate) fn digit(value: u8) -> char {
    let value = value & 15;
    // 39 lies between '9' + 1 and 'a'; it is added for 10 and above.
    let letter = 0u8.wrapping_sub(u8::from(value > 9)) & 39;
    char::from(b'0' + value + letter)
}

pub(crate) fn write(f: &mut impl fmt::Write, bytes: &[u8]) -> fmt::Result {
    for byte in bytes {
        f.write_char(digit(byte >> 4))?;
        f.write_char(digit(*byte))?;
    }
    Ok(())
}

/// Fills `out` from twice as many digits.
pub(crate) fn decode(digits: &[u8], out: &mut [u8]) -> Option<()> {
    if digits.len() != 2 * out.len() {
        return None;
    }
    let mut wrong = 0;
    for (pair, byte) in digits.chunks_exact(2).zip(out) {
        let (high, bad_high) = value(pair[0]);
        let (low, bad_low) = value(pair[1]);
        wrong |= bad_high | bad_low;
        *byte = high << 4 | low;
    }
    (wrong == 0).then_some(())
}

/// The value of a digit, and 0 if it is one.
fn value(digit: u8) -> (u8, u8) {
    let number = digit.wrapping_sub(b'0');
    let letter = (digit | 32).wrapping_sub(b'a');
    let is_number = 0u8.wrapping_sub(u8::from(number < 10));
    let is_letter = 0u8.wrapping_sub(u8::from(letter < 6));
    (
        number & is_number | letter.wrapping_add(10) & is_letter,
        !(is_number | is_letter),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_both_ways_and_in_capitals() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut text = String::new();
        write(&mut text, &bytes).unwrap();
        let expected: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, expected);
        for text in [text.clone(), text.to_ascii_uppercase()] {
            let mut back = vec![0; 256];
            decode(text.as_bytes(), &mut back).unwrap();
            assert_eq!(back, bytes);
        }
    }

    #[test]
    fn whatever_is_no_digit_is_refused() {
        for byte in 0..=255u8 {
            let expected = byte.is_ascii_hexdigit();
            assert_eq!(decode(&[byte, b'0'], &mut [0]).is_some(), expected);
            assert_eq!(decode(&[b'0', byte], &mut [0]).is_some(), expected);
        }
        assert!(decode(b"000", &mut [0]).is_none());
    }
}
