//! Strings of stored passwords that are not in the form that the host verifies.

/// What a stored string is, where it is in another library's form or has something that hosts do not support; to follow "the
/// stored string is".
pub fn peculiarity(stored: &str) -> Option<String> {
    foreign(stored)
        .map(str::to_owned)
        .or_else(|| unsupported(stored))
}

/// The form of another library.
fn foreign(stored: &str) -> Option<&'static str> {
    const DJANGO: [&str; 10] = [
        "pbkdf2_sha256",
        "pbkdf2_sha1",
        "scrypt",
        "bcrypt_sha256",
        "bcrypt",
        "md5",
        "sha1",
        "unsalted_md5",
        "unsalted_sha1",
        "crypt",
    ];
    const CRYPT: [&str; 11] = [
        "2a", "2b", "2x", "2y", "1", "5", "6", "7", "y", "gy", "apr1",
    ];
    let (first, rest) = stored.split_once('$').unwrap_or((stored, ""));
    if first == "argon2" && rest.starts_with("argon2") {
        return Some(
            "Django's; what it begins with at its first dollar sign, without the word before, can be verified",
        );
    }
    if DJANGO.contains(&first) {
        return Some("Django's, which has a form of its own; have Django verify it");
    }
    if ["pbkdf2:", "scrypt:"]
        .iter()
        .any(|word| first.starts_with(word))
    {
        return Some("werkzeug's, which has a form of its own; have werkzeug verify it");
    }
    if first.starts_with('{') {
        return Some(
            "an LDAP directory's, which has a form of its own; have the directory verify it",
        );
    }
    if !first.is_empty() {
        return None;
    }
    let (function, rest) = rest.split_once('$').unwrap_or((rest, ""));
    if matches!(function, "2a" | "2b" | "2x" | "2y" | "bcrypt-sha256") {
        return Some(
            "bcrypt's, which no host offers; hash the password anew when its owner gives it",
        );
    }
    if CRYPT.contains(&function) {
        return Some(
            "that of the system's crypt, which no host offers; hash the password anew when its owner gives it",
        );
    }
    let rounds = rest.split('$').next().unwrap_or_default();
    if function.starts_with("pbkdf2")
        && !rounds.is_empty()
        && rounds.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some("passlib's, whose PBKDF2 has a form of its own; have passlib verify it");
    }
    None
}

/// What is not supported in a string that is otherwise in the right form.
fn unsupported(stored: &str) -> Option<String> {
    let mut fields = stored.strip_prefix('$')?.rsplit('$');
    let (hash, salt) = (fields.next()?, fields.next()?);
    // Four characters are three bytes.
    let bytes = |base64: &str| base64.len() * 3 / 4;
    let params = fields.next().unwrap_or_default();
    if params.split(',').any(|param| param.starts_with("keyid=")) {
        return Some("one with the identifier of a key (keyid), which is not supported".to_owned());
    }
    if stored.starts_with("$argon2") && bytes(salt) < 8 {
        let len = bytes(salt);
        return Some(format!(
            "one with a salt of {len} bytes, and Argon2 takes no less than 8"
        ));
    }
    if bytes(hash) < 10 {
        let len = bytes(hash);
        return Some(format!(
            "one with a hash of {len} bytes, and less than 10 are not supported"
        ));
    }
    if salt.ends_with('=') || hash.ends_with('=') {
        return Some(
            "one with padding in its Base64 (=), which the PHC format does not have".to_owned(),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_other_libraries_are_named() {
        for (name, stored) in [
            (
                "Django",
                "pbkdf2_sha256$1000000$somesaltsomesaltsomesalt$Zm9FGLZKW+bAkJmlL+ESDELI717T2GZPZ1PG+OqNexQ=",
            ),
            (
                "Django",
                "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHRzb21lc2FsdHNvbWVzYWx0$MIyVuWweGjgRxrdB9lYtsJN//xCpXfvoAVD7PiBeF8Y",
            ),
            (
                "Django",
                "scrypt$16384$somesaltsomesaltsomesalt$8$5$9DnX6sGLU4+ExJdD04fJ97NTEGQ5oHX7eGB/HSyrBe5nagw2HnLGBE1Xjwd3PHhoIiHjRlvXwEZSftxPKsI9pA==",
            ),
            (
                "passlib",
                "$pbkdf2-sha256$10$c29tZXNhbHQxNmJ5dGVzIQ$ozte.whUH4vBqBZYiUXFpjFwR8IN2z90aCLqO1MD8HQ",
            ),
            (
                "werkzeug",
                "scrypt:32768:8:1$FlzCJ4IghS7GfKPu$6994b4420c4251926bfe7d9aea86d9aba4ea0d85c96e83e78d8b4c510c20e9e5",
            ),
            (
                "werkzeug",
                "pbkdf2:sha256:10$PBAh0Bitd94s5aTF$666936e2ef9c7e2cce9870999420850f9bcda745328b56a7dc14442bee0b145b",
            ),
            (
                "bcrypt",
                "$2y$12$QjSH496pcT5CEbzjD/vtVeH03tfHKFy36d4J0Ltp3lRtee9HDxY3K",
            ),
            (
                "crypt",
                "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO",
            ),
            ("LDAP", "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"),
        ] {
            let peculiarity = peculiarity(stored).expect(stored);
            assert!(peculiarity.contains(name), "{stored}: {peculiarity}");
        }
    }

    #[test]
    fn what_is_not_supported_is_named() {
        for (name, stored) in [
            (
                "salt of 4 bytes",
                "$argon2id$v=19$m=64,t=1,p=1$Zm91cg$OLK6NbjQr6NDq1CydJ+2CTpy6FF2G9xLBhkZbutNPA8",
            ),
            (
                "hash of 9 bytes",
                "$scrypt$ln=4,r=8,p=1$c29tZXNhbHQxNmJ5dGVzIQ$Meab5x995VM3",
            ),
            (
                "keyid",
                "$argon2id$v=19$m=64,t=1,p=1,keyid=AAAA$c29tZXNhbHQ$OLK6NbjQr6NDq1CydJ+2CTpy6FF2G9xLBhkZbutNPA8",
            ),
            (
                "padding",
                "$scrypt$ln=4,r=8,p=1$c29tZXNhbHQxNmJ5dGVzIQ==$Meab5x995VM3YzH6sm2NAuLdIV6bhX0skDu9xFI5oU8",
            ),
        ] {
            let peculiarity = peculiarity(stored).expect(stored);
            assert!(peculiarity.contains(name), "{stored}: {peculiarity}");
        }
    }

    #[test]
    fn nothing_is_said_of_an_ordinary_string() {
        for stored in [
            "$argon2id$v=19$m=64,t=1,p=2$c29tZXNhbHQxNmJ5dGVzIQ$OLK6NbjQr6NDq1CydJ+2CTpy6FF2G9xLBhkZbutNPA8",
            "$scrypt$ln=4,r=4,p=2$Zm91cg$k16HEE1xIEUGOaTTA6EjhPMw/U0J6z6ojodk3dCpVLk",
            "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
            "something else",
            "",
        ] {
            assert_eq!(peculiarity(stored), None, "{stored}");
        }
    }
}
