//! Every part of the SDK once, checked against the examples of the standards.
//!
//! Build it with `cargo build -p wasi-crypto-sdk --example tour --target wasm32-wasip2` and run the component on a host
//! that provides the package: it fails if anything is not as it should be.

#![allow(clippy::print_stdout, reason = "it talks to whoever runs it")]

use std::io::{self, Write};

use wasi_crypto_sdk::{
    Aead, CryptoErrno, Hash, Hkdf, Key, Mac, Message, Options, PasswordHash, Result, Session,
    State, TupleHash, Xof, batch,
};

/// A part of the SDK, and what tries it.
type Station = (&'static str, fn() -> Result<()>);

fn main() -> Result<()> {
    let stations: [Station; 11] = [
        ("hash", hash),
        ("extendable output", xof),
        ("tuple hash", tuple_hash),
        ("mac", mac),
        ("key derivation", hkdf),
        ("aead", aead),
        ("many messages", many),
        ("session", session),
        ("password", password),
        ("errors", errors),
        ("batch", batches),
    ];
    for (name, station) in stations {
        station()?;
        println!("{name}: ok");
    }
    #[cfg(feature = "rustcrypto")]
    {
        rustcrypto();
        println!("rustcrypto: ok");
    }
    Ok(())
}

fn hash() -> Result<()> {
    // FIPS 180-4, the example of one block.
    let abc = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(Hash::digest("SHA-256", "abc", 32)?, abc);
    assert_eq!(Hash::digest("sha-256", "abc", 8)?, abc[..8]);

    let mut hash = Hash::new("SHA-256")?;
    hash.update("a")?;
    let mut fork = hash.try_clone()?;
    hash.update("bc")?;
    fork.update("something else")?;
    assert_eq!(hash.finalize(32)?, abc);
    assert_eq!(hash.finalize(32)?, abc);
    assert_ne!(fork.finalize(32)?, abc);

    let mut hash = Hash::new("SHA-256")?;
    io::copy(&mut &b"abc"[..], &mut hash).expect("a slice can be read");
    assert_eq!(hash.finalize(32)?, abc);
    Ok(())
}

fn xof() -> Result<()> {
    // FIPS 202, the empty message.
    let empty = hex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");
    assert_eq!(Xof::digest("SHAKE-128", "", 32)?, empty);
    let mut xof = Xof::new("SHAKE-128")?;
    assert_eq!(xof.squeeze(10)?, empty[..10]);
    assert_eq!(xof.squeeze(22)?, empty[10..]);

    let keyed = Key::generate("BLAKE3")?;
    let mut one = Xof::keyed(&keyed)?;
    one.update("purpose")?;
    assert_eq!(one.squeeze(48)?, keyed.derive("purpose", 48)?);
    Ok(())
}

fn tuple_hash() -> Result<()> {
    // SP 800-185, TupleHash samples 1 and 2.
    let tuple = [hex("000102"), hex("101112131415")];
    let sample1 = hex("c5d8786c1afb9b82111ab34b65b2c0048fa64e6d48e263264ce1707d3ffc8ed1");
    assert_eq!(TupleHash::digest("TupleHash128", &tuple, 32)?, sample1);

    let options = Options::new().context("My Tuple App");
    let mut hash = TupleHash::with_options("TupleHash128", &options)?;
    for element in &tuple {
        hash.element(element)?;
    }
    let sample2 = hex("75cdb20ff4db1154e841d758e24160c54bae86eb8c13e7f5f40eb35588e96dfb");
    assert_eq!(hash.squeeze(32)?, sample2);
    Ok(())
}

fn mac() -> Result<()> {
    // RFC 4231, test case 2.
    let tag = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    let key = Key::import("HMAC/SHA-256", "Jefe")?;
    assert_eq!(key.authenticate("what do ya want for nothing?")?, tag);
    key.verify("what do ya want for nothing?", &tag)?;
    assert!(
        key.verify("what do ya want?", &tag)
            .unwrap_err()
            .is_mismatch()
    );

    let mut mac = Mac::new(&key)?;
    mac.update("what do ya want ")?;
    mac.write_all(b"for nothing?").expect("a MAC takes all");
    assert_eq!(mac.sign()?, tag);
    mac.verify(&tag)?;
    assert!(mac.verify("").unwrap_err().is_mismatch());

    let options = Options::new().tag_len(16);
    let mut mac = Mac::with_options(&key, &options)?;
    mac.update("what do ya want for nothing?")?;
    assert_eq!(mac.sign()?, tag[..16]);
    assert_eq!(key.export()?, b"Jefe");
    Ok(())
}

fn hkdf() -> Result<()> {
    // RFC 5869, test case 1.
    let (salt, info) = (
        hex("000102030405060708090a0b0c"),
        hex("f0f1f2f3f4f5f6f7f8f9"),
    );
    let prk = hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    let okm =
        hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    let hkdf = Hkdf::extract("SHA-256", &salt, [0x0b; 22])?;
    assert_eq!(hkdf.prk().export()?, prk);
    assert_eq!(hkdf.expand(&info, 42)?, okm);
    assert_eq!(Hkdf::from_prk("SHA-256", &prk)?.expand(&info, 42)?, okm);

    let key = hkdf.expand_key(&info, "AES-256-GCM")?;
    assert_eq!(key.export()?, okm[..32]);
    Ok(())
}

fn aead() -> Result<()> {
    // RFC 8439, section 2.8.2.
    let key: Vec<u8> = (0x80..0xa0).collect();
    let nonce = hex("070000004041424344454647");
    let ad = hex("50515253c0c1c2c3c4c5c6c7");
    let message = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the \
                   future, sunscreen would be it.";
    let aead = Aead::import("CHACHA20-POLY1305", key)?;
    let sealed = aead.seal_with_nonce(&nonce, message, &ad)?;
    let (ciphertext, tag) = sealed.split_at(message.len());
    assert_eq!(ciphertext[..8], hex("d31a8d34648e60db"));
    assert_eq!(tag, hex("1ae10b594f09e26a7e902ecbd0600691"));
    assert_eq!(aead.open(&nonce, &sealed, &ad)?, message.as_bytes());
    assert!(aead.open(&nonce, &sealed, "").unwrap_err().is_mismatch());

    let detached = aead.seal_detached(&nonce, message, &ad)?;
    assert_eq!(detached, (ciphertext.to_vec(), tag.to_vec()));
    assert_eq!(
        aead.open_detached(&nonce, ciphertext, tag, &ad)?,
        message.as_bytes()
    );
    assert!(
        aead.open_detached(&nonce, ciphertext, &tag[..8], &ad)
            .unwrap_err()
            .is_mismatch()
    );

    let refused = aead.seal("short nonces are the caller's", "").unwrap_err();
    assert_eq!(refused.errno(), CryptoErrno::NonceRequired);
    let aead = Aead::generate("XCHACHA20-POLY1305")?;
    let (one, other) = (aead.seal(message, "")?, aead.seal(message, "")?);
    assert_ne!(one.nonce, other.nonce);
    assert_eq!(
        aead.open(&one.nonce, &one.ciphertext, "")?,
        message.as_bytes()
    );

    let aead = Aead::generate("AES-256-SIV")?;
    let sealed = aead.seal(message, "header")?;
    assert_eq!(
        aead.open(&sealed.nonce, &sealed.ciphertext, "header")?,
        message.as_bytes()
    );
    Ok(())
}

fn many() -> Result<()> {
    let aead = Aead::generate("AES-256-GCM-SIV")?;
    let texts = ["one", "two", "", "four"];
    let messages = texts.map(|text| Message {
        nonce: None,
        associated_data: b"header",
        data: text.as_bytes(),
    });
    let sealed = aead.seal_many(&messages)?;
    let sealed = sealed.iter().collect::<Result<Vec<_>>>()?;
    let mut again: Vec<_> = sealed
        .iter()
        .map(|sealed| Message {
            nonce: Some(sealed.nonce),
            associated_data: b"header",
            data: sealed.ciphertext,
        })
        .collect();
    again[1].associated_data = b"another";
    let opened = aead.open_many(&again)?;
    for (i, (opened, text)) in opened.iter().zip(texts).enumerate() {
        match opened {
            Ok(data) => assert_eq!(data, text.as_bytes()),
            Err(error) => assert!(i == 1 && error.is_mismatch()),
        }
    }
    Ok(())
}

fn session() -> Result<()> {
    let key = Key::generate("XOODYAK-128")?;
    let mut here = Session::with_nonce(&key, [7; 16])?;
    let mut there = Session::with_nonce(&key, [7; 16])?;
    for side in [&mut here, &mut there] {
        side.absorb("both know this")?;
    }
    let ciphertext = here.encrypt("hello")?;
    assert_eq!(there.decrypt(&ciphertext)?, b"hello");
    for side in [&mut here, &mut there] {
        side.ratchet()?;
    }
    assert_eq!(here.squeeze(16)?, there.squeeze(16)?);
    let (next_here, next_there) = (
        here.next_key("XOODYAK-128")?,
        there.next_key("XOODYAK-128")?,
    );
    assert_eq!(next_here.export()?, next_there.export()?);
    Ok(())
}

fn password() -> Result<()> {
    let cheap = Options::new()
        .memory_limit(64 << 10)
        .ops_limit(1)
        .parallelism(1);
    let argon2 = PasswordHash::with_options("ARGON2-ID-13", cheap);
    let stored = argon2.hash("correct horse")?;
    assert!(
        stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
        "{stored}"
    );
    assert_ne!(argon2.hash("correct horse")?, stored);
    argon2.verify("correct horse", &stored)?;
    assert!(
        argon2
            .verify("battery staple", &stored)
            .unwrap_err()
            .is_mismatch()
    );

    let key = argon2.derive_key("correct horse", "0123456789abcdef", 32)?;
    assert_eq!(
        argon2.derive_key("correct horse", "0123456789abcdef", 32)?,
        key
    );
    assert_ne!(
        argon2.derive_key("correct horse", "fedcba9876543210", 32)?,
        key
    );
    Ok(())
}

fn errors() -> Result<()> {
    let error = Key::import("AES-256-GCM", "short").unwrap_err();
    assert_eq!(error.errno(), CryptoErrno::InvalidKey);
    assert!(error.to_string().starts_with("AES-256-GCM: "), "{error}");

    let error = State::open("SHA-256", None, &Options::new().bytes("colour", "red")).unwrap_err();
    assert_eq!(error.errno(), CryptoErrno::UnsupportedOption);
    assert_eq!(error.subject(), Some("option colour"));

    let error = Hash::new("SHA-257").unwrap_err();
    assert_eq!(error.errno(), CryptoErrno::UnsupportedAlgorithm);
    Ok(())
}

fn batches() -> Result<()> {
    let mut hashes = Vec::new();
    for text in ["one", "two", "three"] {
        let mut hash = Hash::new("SHA-256")?;
        hash.update(text)?;
        hashes.push(hash);
    }
    let digests = batch::squeeze(hashes.iter().map(|hash| (hash, 32)))?;
    assert_eq!(digests.len(), 3);
    for (digest, text) in digests.into_iter().zip(["one", "two", "three"]) {
        assert_eq!(digest?, Hash::digest("SHA-256", text, 32)?);
    }

    let key = Key::generate("HMAC/SHA-512")?;
    let macs = [Mac::new(&key)?, Mac::new(&key)?];
    for tag in batch::squeeze_tag(&macs)? {
        tag?.verify(key.authenticate("")?)?;
    }

    let key = Key::generate("AES-128-GCM")?;
    let state = |nonce: u8| {
        State::open(
            "AES-128-GCM",
            Some(&key),
            &Options::new().nonce([nonce; 12]),
        )
    };
    let sealed = batch::encrypt([(&state(1)?, "first"), (&state(2)?, "second")])?
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    let opened = batch::decrypt([(&state(1)?, &sealed[0]), (&state(3)?, &sealed[1])])?;
    assert_eq!(opened[0].as_deref(), Ok(&b"first"[..]));
    assert!(opened[1].as_ref().unwrap_err().is_mismatch());

    let (ciphertext, tag) = batch::encrypt_detached([(&state(4)?, "third")])?.remove(0)?;
    let tag = tag.into_bytes();
    let opened = batch::decrypt_detached([(&state(4)?, &ciphertext, &tag)])?;
    assert_eq!(opened[0].as_deref(), Ok(&b"third"[..]));
    assert!(batch::squeeze::<State>([])?.is_empty());
    Ok(())
}

#[cfg(feature = "rustcrypto")]
fn rustcrypto() {
    use wasi_crypto_sdk::rustcrypto::aead::{Aead, AeadInOut, KeyInit, Payload};
    use wasi_crypto_sdk::rustcrypto::digest::{Digest, Mac};
    use wasi_crypto_sdk::rustcrypto::{Aes256Gcm, HmacSha256, Sha256, Sha512_256};

    // Code that knows nothing of hosts.
    fn twice<D: Digest + Clone>(data: &[u8]) -> Vec<u8> {
        let hash = D::new().chain_update(data);
        [hash.clone().finalize(), hash.finalize()].concat()
    }
    let once = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(
        twice::<Sha256>(b"abc"),
        [once.clone(), once.clone()].concat()
    );
    // FIPS 180-4, the example of one block.
    let other = hex("53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
    assert_eq!(Sha512_256::digest("abc")[..], other);
    let mut hash = Sha256::new_with_prefix("abc");
    assert_eq!(hash.finalize_reset()[..], once);
    Digest::update(&mut hash, "abc");
    assert_eq!(hash.finalize()[..], once);

    let tag = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    let mut mac = <HmacSha256 as KeyInit>::new_from_slice(b"Jefe").expect("HMAC takes any key");
    mac.update(b"what do ya want for nothing?");
    mac.clone().verify_slice(&tag).expect("the tag of RFC 4231");
    assert_eq!(mac.finalize_reset().into_bytes()[..], tag);
    assert!(mac.verify_slice(&tag).is_err());

    let cipher = Aes256Gcm::new(&[7; 32].into());
    let nonce = [9; 12].into();
    let payload = |msg| Payload {
        msg,
        aad: b"header",
    };
    let sealed = cipher
        .encrypt(&nonce, payload(b"message"))
        .expect("it encrypts");
    assert_eq!(
        cipher
            .decrypt(&nonce, payload(&sealed))
            .expect("it decrypts"),
        b"message"
    );
    assert!(cipher.decrypt(&nonce, sealed.as_slice()).is_err());
    let mut buffer = *b"message";
    let tag = cipher
        .encrypt_inout_detached(&nonce, b"header", buffer.as_mut_slice().into())
        .expect("it encrypts in place");
    assert_eq!([&buffer[..], &tag].concat(), sealed);
    cipher
        .decrypt_inout_detached(&nonce, b"header", buffer.as_mut_slice().into(), &tag)
        .expect("it decrypts in place");
    assert_eq!(&buffer, b"message");
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("hexadecimal digits"))
        .collect()
}
