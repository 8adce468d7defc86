//! Password hashes that would never end, or fill all memory.

use wasi_crypto_test_guests::common::Options;
use wasi_crypto_test_guests::symmetric::SymmetricState;
use wasi_crypto_test_guests::{Result, Routine, options, say_result};

pub const ROUTINES: &[Routine] = &[
    ("argon2-costs", argon2_costs),
    ("scrypt-costs", scrypt_costs),
    ("pbkdf2-costs", pbkdf2_costs),
    ("stored-costs", stored_costs),
    ("malformed-strings", malformed_strings),
];

const GIB: u64 = 1 << 30;

/// Opens with options, and hashes a password if that succeeds.
fn hash(algorithm: &str, set: &[(&str, u64)]) -> Result<Vec<u8>> {
    let options = options()?;
    for (name, value) in set {
        options.set_u64(name, *value)?;
    }
    hash_with(algorithm, &options, 16)
}

fn hash_with(algorithm: &str, options: &Options, len: u64) -> Result<Vec<u8>> {
    let state = SymmetricState::open(algorithm, None, Some(options))?;
    state.absorb(b"password")?;
    state.squeeze(len)
}

fn argon2_costs() -> Result<()> {
    for (label, set) in [
        ("4 GiB", &[("memory_limit", 4 * GIB)][..]),
        ("all memory", &[("memory_limit", u64::MAX)]),
        ("no memory", &[("memory_limit", 0)]),
        ("2^32 - 1 passes", &[("ops_limit", u32::MAX.into())]),
        ("2^64 - 1 passes", &[("ops_limit", u64::MAX)]),
        ("no pass", &[("ops_limit", 0)]),
        ("2^24 lanes", &[("parallelism", 1 << 24)]),
        ("2^64 - 1 lanes", &[("parallelism", u64::MAX)]),
        ("no lane", &[("parallelism", 0)]),
        (
            "2^13 lanes",
            &[
                ("memory_limit", 64 << 20),
                ("ops_limit", 1),
                ("parallelism", 1 << 13),
            ],
        ),
        (
            "memory times passes",
            &[("memory_limit", GIB), ("ops_limit", 9)],
        ),
    ] {
        say_result(label, &hash("ARGON2-ID-13", set));
    }
    for (label, size) in [("4 GiB lent", 4 * GIB), ("all memory lent", u64::MAX)] {
        let options = options()?;
        let lent = options.set_guest_buffer("buffer", size);
        say_result(
            label,
            &lent.and_then(|()| hash_with("ARGON2-ID-13", &options, 16)),
        );
    }
    let options = options()?;
    options.set_guest_buffer("buffer", (1 << 20) - 1)?;
    options.set_u64("memory_limit", 1 << 20)?;
    say_result("more than lent", &hash_with("ARGON2-ID-13", &options, 16));
    options.set_guest_buffer("buffer", 1 << 20)?;
    say_result("as much as lent", &hash_with("ARGON2-ID-13", &options, 16));
    say_result("too long", &hash_with("ARGON2-ID-13", &options, 4 * GIB));
    say_result("too short", &hash_with("ARGON2-ID-13", &options, 3));
    Ok(())
}

fn scrypt_costs() -> Result<()> {
    for (label, set) in [
        ("N = 2^40", &[("ops_limit", 1 << 40)][..]),
        ("N = 2^63", &[("ops_limit", 1 << 63)]),
        ("N = 3", &[("ops_limit", 3)]),
        ("N = 0", &[("ops_limit", 0)]),
        ("r = 2^32", &[("block_size", 1 << 32)]),
        ("r = 0", &[("block_size", 0), ("ops_limit", 2)]),
        ("p = 2^32", &[("parallelism", 1 << 32)]),
        ("p = 0", &[("parallelism", 0), ("ops_limit", 2)]),
        ("N = 16", &[("ops_limit", 16)]),
    ] {
        say_result(label, &hash("SCRYPT", set));
    }
    Ok(())
}

fn pbkdf2_costs() -> Result<()> {
    for (label, iterations) in [
        ("2^32 - 1 iterations", u32::MAX.into()),
        ("2^64 - 1 iterations", u64::MAX),
        ("no iteration", 0),
        ("1 iteration", 1),
    ] {
        say_result(label, &hash("PBKDF2/SHA-256", &[("ops_limit", iterations)]));
    }
    let options = options()?;
    options.set_u64("ops_limit", 1_000_000)?;
    say_result(
        "10^6 iterations for 16 MiB",
        &hash_with("PBKDF2/SHA-256", &options, 16 << 20),
    );
    Ok(())
}

fn verify(algorithm: &str, stored: &str) -> Result<()> {
    let options = options()?;
    options.set("phc", stored.as_bytes())?;
    let state = SymmetricState::open(algorithm, None, Some(&options))?;
    state.absorb(b"password")?;
    state.squeeze_tag()?.verify(stored.as_bytes())
}

/// Costs that come in a stored string, which may be anybody's.
fn stored_costs() -> Result<()> {
    let end = "c2l4dGVlbiBieXRlIHNsdA$8PE39gRFyd4zb6fT33XX4CS04R+Ql5uL2Mqro5N9wkA";
    for (label, algorithm, parameters) in [
        (
            "memory",
            "ARGON2-ID-13",
            "argon2id$v=19$m=4294967295,t=1,p=1",
        ),
        (
            "passes",
            "ARGON2-ID-13",
            "argon2id$v=19$m=8,t=4294967295,p=1",
        ),
        ("lanes", "ARGON2-ID-13", "argon2id$v=19$m=8,t=1,p=16777216"),
        ("N", "SCRYPT", "scrypt$ln=63,r=8,p=1"),
        ("N overflows", "SCRYPT", "scrypt$ln=64,r=8,p=1"),
        ("r", "SCRYPT", "scrypt$ln=4,r=4294967295,p=1"),
        (
            "iterations",
            "PBKDF2/SHA-256",
            "pbkdf2-sha256$i=4294967295,l=32",
        ),
        (
            "another password",
            "ARGON2-ID-13",
            "argon2id$v=19$m=8,t=1,p=1",
        ),
        (
            "another algorithm",
            "ARGON2-I-13",
            "argon2id$v=19$m=8,t=1,p=1",
        ),
    ] {
        say_result(label, &verify(algorithm, &format!("${parameters}${end}")));
    }
    Ok(())
}

fn malformed_strings() -> Result<()> {
    for stored in [
        "$",
        "$argon2id",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ",
        "$argon2id$v=19$m=8,t=1,p=1$$",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$!!!!",
        "$argon2id$v=19$m=-8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=99$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        "no string of this kind",
    ] {
        say_result(stored, &verify("ARGON2-ID-13", stored));
    }
    say_result("empty", &verify("ARGON2-ID-13", ""));
    say_result(
        "very long",
        &verify("ARGON2-ID-13", &"$argon2id".repeat(1 << 20)),
    );
    Ok(())
}
