//! Hexadecimal, as it is given and printed.

use std::fmt::Write;

/// A byte string. (Under its own name, `clap` would take it for an option that is repeated.)
pub type Bytes = Vec<u8>;

/// Lower-case hexadecimal.
pub fn encode(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The bytes that `text` stands for, or what is wrong with it. The text itself, which may be a key, is not in the message.
pub fn decode(text: &str) -> Result<Bytes, String> {
    if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_hexdigit()) {
        return Err(format!("character {} is not a hexadecimal digit", at + 1));
    }
    if !text.len().is_multiple_of(2) {
        return Err(format!(
            "{} hexadecimal digits are not whole bytes: two make one",
            text.len()
        ));
    }
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
    let pairs = text.as_bytes().chunks_exact(2);
    Ok(pairs
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_the_way_there_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)).unwrap(), all);
        assert_eq!(encode(&[0x00, 0x0f, 0xf0, 0xff]), "000ff0ff");
        assert_eq!(decode("C0fFee").unwrap(), [0xc0, 0xff, 0xee]);
        assert_eq!(decode("").unwrap(), []);
    }

    #[test]
    fn half_bytes_and_other_characters_are_refused_without_repeating_them() {
        assert!(
            decode("abc")
                .unwrap_err()
                .starts_with("3 hexadecimal digits")
        );
        assert_eq!(
            decode("12g4").unwrap_err(),
            "character 3 is not a hexadecimal digit"
        );
        assert_eq!(
            decode("é1").unwrap_err(),
            "character 1 is not a hexadecimal digit"
        );
        assert!(decode("0x12").is_err());
    }
}
