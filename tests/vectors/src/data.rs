//! The vectors' text, embedded.

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../data/", $name)))),*]
    };
}

/// All vector files: name, text.
pub fn files() -> &'static [(&'static str, &'static str)] {
    embed![
        "aegis.vec",
        "aes-cbc.vec",
        "aes-ctr.vec",
        "aes-gcm-siv.vec",
        "aes-gcm.vec",
        "aes-siv.vec",
        "argon2.vec",
        "ascon.vec",
        "blake2b.vec",
        "blake3.vec",
        "chacha20-poly1305.vec",
        "cmac.vec",
        "cshake.vec",
        "hkdf.vec",
        "hmac-drbg.vec",
        "hmac.vec",
        "k12.vec",
        "kmac.vec",
        "pbkdf2.vec",
        "scrypt.vec",
        "sha2.vec",
        "sha3.vec",
        "shake.vec",
        "strobe.vec",
        "tuplehash.vec",
        "turboshake.vec",
        "xchacha20-poly1305.vec",
        "xoodyak.vec",
    ]
}
