//! What Project Wycheproof calls algorithms, and what the registry does.

/// The algorithm that a file of tests says it is about.
///
/// # Panics
///
/// When the file says nothing.
pub(super) fn algorithm(json: &str) -> &str {
    json.split_once("\"algorithm\"")
        .and_then(|(_, rest)| rest.split('"').nth(1))
        .unwrap_or_else(|| panic!("a file of tests that names no algorithm"))
}

/// The registry's name of `algorithm` with keys of `key_bits`, whether or not the registry has it: named as its rows are.
pub(super) fn registered(algorithm: &str, key_bits: usize) -> String {
    // Two halves of a key.
    if algorithm == "AEAD-AES-SIV-CMAC" {
        return format!("AES-{}-SIV", key_bits / 2);
    }
    if algorithm == "ASCON-AEAD128" {
        return "ASCON-AEAD".to_owned();
    }
    if let Some(mode) = algorithm.strip_prefix("AES-") {
        let mode = mode.strip_suffix("-PKCS5").unwrap_or(mode);
        return format!("AES-{key_bits}-{mode}");
    }
    if let Some(hash) = algorithm.strip_prefix("HMAC") {
        return format!("HMAC/{}", hyphenated(hash, "SHA"));
    }
    if let Some(hash) = algorithm.strip_prefix("PBKDF2-HMAC") {
        return format!("PBKDF2/{}", hyphenated(hash, "SHA"));
    }
    hyphenated(&hyphenated(algorithm, "KMAC"), "AEGIS")
}

/// `name` with a hyphen between `prefix` and the number that follows; a version, as in SHA3-256, stays.
fn hyphenated(name: &str, prefix: &str) -> String {
    match name.strip_prefix(prefix) {
        Some(number) if number.starts_with(|digit: char| digit.is_ascii_digit()) => {
            let version = number.split_once('-').is_some();
            let hyphen = if version { "" } else { "-" };
            format!("{prefix}{hyphen}{number}")
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_in_the_registry() {
        for (algorithm, key_bits, expected) in [
            ("AES-GCM", 128, "AES-128-GCM"),
            ("AES-GCM-SIV", 256, "AES-256-GCM-SIV"),
            ("AES-CBC-PKCS5", 192, "AES-192-CBC"),
            ("AEAD-AES-SIV-CMAC", 512, "AES-256-SIV"),
            ("AEGIS128L", 128, "AEGIS-128L"),
            ("HMACSHA512/256", 8, "HMAC/SHA-512/256"),
            ("HMACSHA3-256", 8, "HMAC/SHA3-256"),
            ("HMACSHA1", 8, "HMAC/SHA-1"),
            ("KMAC128", 8, "KMAC-128"),
            ("PBKDF2-HMACSHA256", 8, "PBKDF2/SHA-256"),
            ("XCHACHA20-POLY1305", 256, "XCHACHA20-POLY1305"),
        ] {
            assert_eq!(registered(algorithm, key_bits), expected);
        }
    }
}
