//! `witx-client`: uses wasi-crypto through the crate wasi-crypto-guest, as programs in the field do, and prints what comes out.

#[cfg(not(target_os = "wasi"))]
fn main() {
    panic!("there is no wasi-crypto outside of wasm");
}

#[cfg(target_os = "wasi")]
fn main() -> Result<(), wasi_crypto_guest::prelude::WasiCryptoError> {
    client::hash()?;
    client::mac()?;
    client::hkdf()?;
    client::aead()?;
    client::session()
}

#[cfg(target_os = "wasi")]
mod client {
    use std::io::Write as _;

    use wasi_crypto_guest::prelude::*;

    type Result = std::result::Result<(), WasiCryptoError>;

    fn say(label: &str, bytes: impl AsRef<[u8]>) {
        let hex: String = bytes
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        writeln!(std::io::stdout(), "{label}: {hex}").expect("standard output takes a line");
    }

    pub fn hash() -> Result {
        say("hash", Hash::hash("SHA-256", b"test", 32, None)?);
        let mut hash = Hash::unkeyed("SHA-256")?;
        hash.absorb(b"te")?;
        hash.absorb(b"st")?;
        say("hash in parts", hash.squeeze(32)?);
        match Hash::unkeyed("SHA-257") {
            Err(WasiCryptoError::UnsupportedAlgorithm) => Ok(()),
            other => panic!("an unknown algorithm gives {other:?}"),
        }
    }

    pub fn mac() -> Result {
        let key = AuthKey::from_raw("HMAC/SHA-256", b"key")?;
        let tag = Auth::auth(b"The quick brown fox jumps over the lazy dog", &key)?;
        say("mac", &tag);
        Auth::auth_verify(b"The quick brown fox jumps over the lazy dog", &key, &tag)?;
        match Auth::auth_verify(b"The quick brown cat", &key, &tag) {
            Err(WasiCryptoError::InvalidTag) => {}
            other => panic!("another message gives {other:?}"),
        }
        let key = AuthKey::generate("HMAC/SHA-512")?;
        let tag = Auth::auth("test", &key)?;
        Auth::auth_verify("test", &key, tag)
    }

    /// RFC 5869, appendix A.1.
    pub fn hkdf() -> Result {
        let key = HkdfKey::from_raw("HKDF-EXTRACT/SHA-256", [0x0b; 22])?;
        let salt: Vec<u8> = (0..13).collect();
        let info: Vec<u8> = (0xf0..0xfa).collect();
        let hkdf = Hkdf::new("HKDF-EXPAND/SHA-256", &key, Some(&salt))?;
        say("hkdf", hkdf.expand(info, 42)?);
        let key = HkdfKey::generate("HKDF-EXTRACT/SHA-512")?;
        let derived = Hkdf::new("HKDF-EXPAND/SHA-512", &key, Some(b"salt"))?.expand("info", 100)?;
        assert_eq!(derived.len(), 100);
        Ok(())
    }

    pub fn aead() -> Result {
        let key = AeadKey::from_raw("AES-128-GCM", [0; 16])?;
        let ciphertext = Aead::new(&key, Some(&[0; 12]), None)?.encrypt([0; 16])?;
        say("aead", &ciphertext);
        assert_eq!(
            Aead::new(&key, Some(&[0; 12]), None)?.decrypt(&ciphertext)?,
            [0; 16]
        );

        let key = AeadKey::generate("AES-256-GCM-SIV")?;
        let mut state = SymmetricState::new("AES-256-GCM-SIV", Some(&key), None)?;
        let nonce = state.options_get("nonce")?;
        let mut ciphertext = [0; 4];
        let tag = state.encrypt_detached(&mut ciphertext, b"test")?;
        let mut options = SymmetricOptions::new();
        options.set("nonce", nonce)?;
        let mut state = SymmetricState::new("AES-256-GCM-SIV", Some(&key), Some(&options))?;
        let mut message = [0; 4];
        state.decrypt_detached(&mut message, ciphertext, &tag)?;
        assert_eq!(&message, b"test");
        assert_eq!(key.raw()?.len(), 32);
        match Aead::new(&AeadKey::generate("AES-128-GCM")?, None, None) {
            Err(WasiCryptoError::NonceRequired) => Ok(()),
            other => panic!("no nonce gives {other:?}"),
        }
    }

    pub fn session() -> Result {
        let key = SymmetricKey::from_raw("XOODYAK-128", [7; 16])?;
        let mut options = SymmetricOptions::new();
        options.set("nonce", [1; 12])?;
        let mut one = SymmetricState::new("XOODYAK-128", Some(&key), Some(&options))?;
        let mut other = SymmetricState::new("XOODYAK-128", Some(&key), Some(&options))?;
        one.absorb(b"data")?;
        other.absorb(b"data")?;
        let ciphertext = one.encrypt(b"abcd")?;
        assert_eq!(other.decrypt(&ciphertext)?, b"abcd");
        one.ratchet()?;
        other.ratchet()?;
        assert_eq!(one.squeeze(16)?, other.squeeze(16)?);
        assert_eq!(one.squeeze_tag()?, other.squeeze_tag()?);
        let next = one.squeeze_key("XOODYAK-128")?;
        assert_eq!(next.raw()?, other.squeeze_key("XOODYAK-128")?.raw()?);
        say("session", [1]);
        Ok(())
    }
}
