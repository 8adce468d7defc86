//! The system's OpenSSL, as its own `openssl speed` measures it. Where there is none, the report has a gap.

use std::process::Command;

use crate::Task;

/// Nanoseconds for one message, or none where OpenSSL has no such thing.
pub(crate) fn measure(task: &Task) -> Option<f64> {
    let arguments = arguments(task)?;
    let size = task.size.to_string();
    let output = Command::new("openssl")
        .args(["speed", "-mr", "-seconds", "1", "-bytes", &size])
        .args(arguments)
        .output()
        .ok()?;
    // A line `+F:22:name:bytes per second`, or with another number for MACs.
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().find(|line| line.starts_with("+F:"))?;
    let speed: f64 = line.rsplit(':').next()?.trim().parse().ok()?;
    (speed > 0.0).then(|| task.size as f64 * 1e9 / speed)
}

fn arguments(task: &Task) -> Option<Vec<&'static str>> {
    Some(match (task.row, task.operation) {
        ("SHA-256", "hash") => vec!["-evp", "sha256"],
        ("SHA-384", "hash") => vec!["-evp", "sha384"],
        ("SHA-512", "hash") => vec!["-evp", "sha512"],
        ("SHA3-256", "hash") => vec!["-evp", "sha3-256"],
        ("SHA3-384", "hash") => vec!["-evp", "sha3-384"],
        ("SHA3-512", "hash") => vec!["-evp", "sha3-512"],
        ("SHAKE-128", "hash") => vec!["-evp", "shake128"],
        ("SHAKE-256", "hash") => vec!["-evp", "shake256"],
        ("BLAKE2B-512", "hash") => vec!["-evp", "blake2b512"],
        ("HMAC/SHA-256", "authenticate") => vec!["-hmac", "sha256"],
        ("HMAC/SHA-384", "authenticate") => vec!["-hmac", "sha384"],
        ("HMAC/SHA-512", "authenticate") => vec!["-hmac", "sha512"],
        ("AES-128-CMAC", "authenticate") => vec!["-cmac", "aes-128-cbc"],
        ("AES-256-CMAC", "authenticate") => vec!["-cmac", "aes-256-cbc"],
        ("AES-128-GCM", "encrypt") => vec!["-evp", "aes-128-gcm"],
        ("AES-256-GCM", "encrypt") => vec!["-evp", "aes-256-gcm"],
        ("CHACHA20-POLY1305", "encrypt") => vec!["-evp", "chacha20-poly1305"],
        ("AES-128-CTR", "encrypt") => vec!["-evp", "aes-128-ctr"],
        ("AES-256-CTR", "encrypt") => vec!["-evp", "aes-256-ctr"],
        ("AES-128-CBC", "encrypt") => vec!["-evp", "aes-128-cbc"],
        ("AES-256-CBC", "encrypt") => vec!["-evp", "aes-256-cbc"],
        ("AES-128-CBC", "decrypt") => vec!["-decrypt", "-evp", "aes-128-cbc"],
        ("AES-256-CBC", "decrypt") => vec!["-decrypt", "-evp", "aes-256-cbc"],
        _ => return None,
    })
}
