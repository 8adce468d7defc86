use std::time::Instant;
use wasi_crypto_engine::*;
fn main() {
    let e = Engine::default();
    let big = vec![1u8; 1 << 20];
    for (name, key) in [
        ("XOODYAK-128", 16usize),
        ("STROBE-128", 32),
        ("AES-256-SIV", 64),
        ("AES-256-CTR", 32),
        ("AES-256-CBC", 32),
        ("AEGIS-128L", 16),
        ("AEGIS-128X4", 16),
        ("ASCON-AEAD", 16),
        ("AES-256-GCM", 32),
    ] {
        let k = e.import_key(name, &vec![1; key]).unwrap();
        let mut o = e.options(Category::Symmetric);
        match name {
            "STROBE-128" => o.set("context", b"x").unwrap(),
            "AES-256-GCM" => o.set("nonce", &[1; 12]).unwrap(),
            "AES-256-CTR" => o.set("nonce", &[1; 16]).unwrap(),
            _ => {}
        }
        let t = Instant::now();
        let mut n = 0;
        let mut out = vec![0; (1 << 20) + 16];
        while t.elapsed().as_millis() < 200 {
            let mut s = e.open(name, Some(&k), Some(&o)).unwrap();
            let l = s.ciphertext_len(big.len()).unwrap();
            s.encrypt_into(&big, &mut out[..l]).unwrap();
            n += 1;
        }
        println!(
            "{name} {:.3} GB/s",
            n as f64 * (1 << 20) as f64 / t.elapsed().as_secs_f64() / 1e9
        );
        let t = Instant::now();
        for _ in 0..20000 {
            let mut s = e.open(name, Some(&k), Some(&o)).unwrap();
            let _ = s.encrypt(&big[..64]);
        }
        println!(
            "   64B open+encrypt {:.0} ns",
            t.elapsed().as_nanos() as f64 / 20000.
        );
    }
    for name in [
        "SHA-256",
        "SHA3-256",
        "SHAKE-128",
        "TURBOSHAKE-128",
        "KT128",
        "TupleHash128",
        "BLAKE2B-512",
        "BLAKE3",
        "ASCON-HASH",
    ] {
        let t = Instant::now();
        let mut n = 0;
        while t.elapsed().as_millis() < 200 {
            let mut s = e.open(name, None, None).unwrap();
            s.absorb(&big).unwrap();
            s.squeeze(32).unwrap();
            n += 1;
        }
        println!(
            "{name} {:.3} GB/s",
            n as f64 * (1 << 20) as f64 / t.elapsed().as_secs_f64() / 1e9
        );
        let t = Instant::now();
        for _ in 0..20000 {
            let mut s = e.open(name, None, None).unwrap();
            s.absorb(&big[..64]).unwrap();
            s.squeeze(32).unwrap();
        }
        println!("   64B {:.0} ns", t.elapsed().as_nanos() as f64 / 20000.);
    }
    for n in ["SHA-256", "HMAC-DRBG/SHA-256", "nope"] {
        let t = Instant::now();
        for _ in 0..100000 {
            let _ = std::hint::black_box(registry::find(std::hint::black_box(n)));
        }
        println!("find {n} {:.0} ns", t.elapsed().as_nanos() as f64 / 100000.);
    }
    for (n, opt) in [
        ("SCRYPT", None),
        ("PBKDF2/SHA-256", None),
        ("PBKDF2/SHA-512", None),
        ("ARGON2-ID-13", None::<u64>),
    ] {
        let _ = opt;
        let t = Instant::now();
        let mut s = e.open(n, None, None).unwrap();
        s.absorb(b"x").unwrap();
        s.squeeze_tag().unwrap();
        println!("{n} {:?} work {}", t.elapsed(), s.password_work());
    }
}
