//! The libraries, called directly, as somebody would who has nothing else to do: with prepared keys and room for results.

use std::hint::black_box;

use aes_gcm::aead::{AeadInOut, KeyInit, inout::InOutBuf};
use aws_lc_rs::cipher::{self, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::cipher::{DecryptionContext, StreamingDecryptingKey, StreamingEncryptingKey};
use aws_lc_rs::{aead, cmac as lc_cmac, digest as lc_digest, hmac as lc_hmac, iv::FixedLength};
use digest::{Digest, ExtendableOutput, Mac, Update, XofReader};

use crate::{Contender, Task, Who, Work};

/// The libraries that can do what the task is, in each of their forms.
pub(crate) fn contenders(task: &Task) -> Vec<Contender> {
    let data = || vec![0x5a; task.size];
    // Opening a state of ours is no business of theirs: they do the same for both.
    let operation = task.operation.rsplit(": ").next().unwrap_or_default();
    let aws = aws_lc(task.row, operation, data());
    let portable = portable(task.row, operation, data());
    let aws = aws.into_iter().map(|work| Contender::new(Who::AwsLc, work));
    let portable = portable.map(|work| Contender::new(Who::Crate, work));
    aws.chain(portable).collect()
}

fn aws_lc(row: &str, operation: &str, data: Vec<u8>) -> Vec<Work> {
    let one = match (row, operation) {
        ("SHA-256", "hash") => lc_hash(&lc_digest::SHA256, data),
        ("SHA-384", "hash") => lc_hash(&lc_digest::SHA384, data),
        ("SHA-512", "hash") => lc_hash(&lc_digest::SHA512, data),
        ("SHA-512/256", "hash") => lc_hash(&lc_digest::SHA512_256, data),
        ("SHA3-256", "hash") => lc_hash(&lc_digest::SHA3_256, data),
        ("SHA3-384", "hash") => lc_hash(&lc_digest::SHA3_384, data),
        ("SHA3-512", "hash") => lc_hash(&lc_digest::SHA3_512, data),
        ("HMAC/SHA-256", "authenticate") => lc_mac(lc_hmac::HMAC_SHA256, data),
        ("HMAC/SHA-384", "authenticate") => lc_mac(lc_hmac::HMAC_SHA384, data),
        ("HMAC/SHA-512", "authenticate") => lc_mac(lc_hmac::HMAC_SHA512, data),
        ("AES-128-CMAC", "authenticate") => lc_cmac(lc_cmac::AES_128, 16, data),
        ("AES-256-CMAC", "authenticate") => lc_cmac(lc_cmac::AES_256, 32, data),
        ("AES-128-GCM", _) => lc_aead(&aead::AES_128_GCM, operation, data),
        ("AES-256-GCM", _) => lc_aead(&aead::AES_256_GCM, operation, data),
        ("AES-128-GCM-SIV", _) => lc_aead(&aead::AES_128_GCM_SIV, operation, data),
        ("AES-256-GCM-SIV", _) => lc_aead(&aead::AES_256_GCM_SIV, operation, data),
        ("CHACHA20-POLY1305", _) => lc_aead(&aead::CHACHA20_POLY1305, operation, data),
        // Both of its interfaces: one has a schedule and works in place, the other needs neither.
        ("AES-128-CTR", _) => {
            return vec![
                lc_ctr(&cipher::AES_128, data.clone()),
                lc_ctr_stream(&cipher::AES_128, data),
            ];
        }
        ("AES-256-CTR", _) => {
            return vec![
                lc_ctr(&cipher::AES_256, data.clone()),
                lc_ctr_stream(&cipher::AES_256, data),
            ];
        }
        ("AES-128-CBC", "encrypt") => {
            return vec![
                lc_cbc(&cipher::AES_128, data.clone()),
                lc_cbc_stream(&cipher::AES_128, data),
            ];
        }
        ("AES-256-CBC", "encrypt") => {
            return vec![
                lc_cbc(&cipher::AES_256, data.clone()),
                lc_cbc_stream(&cipher::AES_256, data),
            ];
        }
        ("AES-128-CBC", "decrypt") => lc_cbc_open(&cipher::AES_128, data),
        ("AES-256-CBC", "decrypt") => lc_cbc_open(&cipher::AES_256, data),
        ("PBKDF2/SHA-256", _) => lc_pbkdf2(aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA256, data),
        ("PBKDF2/SHA-512", _) => lc_pbkdf2(aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA512, data),
        _ => return Vec::new(),
    };
    vec![one]
}

fn portable(row: &str, operation: &str, data: Vec<u8>) -> Option<Work> {
    Some(match (row, operation) {
        ("SHA-256", "hash") => hash::<sha2::Sha256>(data),
        ("SHA-384", "hash") => hash::<sha2::Sha384>(data),
        ("SHA-512", "hash") => hash::<sha2::Sha512>(data),
        ("SHA-512/256", "hash") => hash::<sha2::Sha512_256>(data),
        ("SHA3-256", "hash") => hash::<sha3::Sha3_256>(data),
        ("SHA3-384", "hash") => hash::<sha3::Sha3_384>(data),
        ("SHA3-512", "hash") => hash::<sha3::Sha3_512>(data),
        ("ASCON-HASH", "hash") => hash::<ascon_hash256::AsconHash256>(data),
        ("SHAKE-128", "hash") => xof::<shake::Shake128>(data),
        ("SHAKE-256", "hash") => xof::<shake::Shake256>(data),
        ("CSHAKE-128", "hash") => xof::<cshake::CShake128>(data),
        ("CSHAKE-256", "hash") => xof::<cshake::CShake256>(data),
        ("BLAKE2B-512" | "BLAKE2B-256", "hash") => Box::new(move || {
            black_box(blake2b_simd::blake2b(black_box(&data)));
        }),
        ("BLAKE3", "hash") => Box::new(move || {
            black_box(blake3::hash(black_box(&data)));
        }),
        ("HMAC/SHA-256", _) => mac::<hmac::Hmac<sha2::Sha256>>(32, data),
        ("HMAC/SHA-384", _) => mac::<hmac::Hmac<sha2::Sha384>>(48, data),
        ("HMAC/SHA-512", _) => mac::<hmac::Hmac<sha2::Sha512>>(64, data),
        ("AES-128-CMAC", _) => mac::<cmac::Cmac<aes::Aes128>>(16, data),
        ("AES-256-CMAC", _) => mac::<cmac::Cmac<aes::Aes256>>(32, data),
        ("AES-128-GCM", _) => aead_crate::<aes_gcm::Aes128Gcm>(operation, data),
        ("AES-256-GCM", _) => aead_crate::<aes_gcm::Aes256Gcm>(operation, data),
        ("AES-128-GCM-SIV", _) => aead_crate::<aes_gcm_siv::Aes128GcmSiv>(operation, data),
        ("AES-256-GCM-SIV", _) => aead_crate::<aes_gcm_siv::Aes256GcmSiv>(operation, data),
        ("CHACHA20-POLY1305", _) => {
            aead_crate::<chacha20poly1305::ChaCha20Poly1305>(operation, data)
        }
        ("XCHACHA20-POLY1305", _) => {
            aead_crate::<chacha20poly1305::XChaCha20Poly1305>(operation, data)
        }
        ("ASCON-AEAD", _) => aead_crate::<ascon_aead::AsconAead128>(operation, data),
        ("AES-128-SIV", "encrypt") => siv::<aes_siv::siv::Aes128Siv>(32, data),
        ("AES-256-SIV", "encrypt") => siv::<aes_siv::siv::Aes256Siv>(64, data),
        ("AES-128-CTR", _) => ctr_crate::<aes::Aes128>(16, data),
        ("AES-256-CTR", _) => ctr_crate::<aes::Aes256>(32, data),
        ("AES-128-CBC", "encrypt") => cbc_crate::<aes::Aes128>(16, data),
        ("AES-256-CBC", "encrypt") => cbc_crate::<aes::Aes256>(32, data),
        ("AES-128-CBC", "decrypt") => cbc_open_crate::<aes::Aes128>(16, data),
        ("AES-256-CBC", "decrypt") => cbc_open_crate::<aes::Aes256>(32, data),
        ("AEGIS-128L", "encrypt") => Box::new({
            let mut out = vec![0; data.len()];
            move || {
                out.copy_from_slice(black_box(&data));
                let cipher = aegis::aegis128l::Aegis128L::<16>::new(&[7; 16], &[9; 16]);
                black_box(cipher.encrypt_in_place(&mut out, &[]));
                black_box(&out);
            }
        }),
        ("PBKDF2/SHA-256", _) => pbkdf2_crate::<hmac::Hmac<sha2::Sha256>>(data),
        ("PBKDF2/SHA-512", _) => pbkdf2_crate::<hmac::Hmac<sha2::Sha512>>(data),
        _ => return None,
    })
}

const FITS: &str = "lengths that the library takes";

fn lc_hash(algorithm: &'static lc_digest::Algorithm, data: Vec<u8>) -> Work {
    Box::new(move || {
        black_box(lc_digest::digest(algorithm, black_box(&data)));
    })
}

fn lc_mac(algorithm: lc_hmac::Algorithm, data: Vec<u8>) -> Work {
    let key = lc_hmac::Key::new(algorithm, &[7; 32]);
    Box::new(move || {
        black_box(lc_hmac::sign(&key, black_box(&data)));
    })
}

fn lc_cmac(algorithm: lc_cmac::Algorithm, len: usize, data: Vec<u8>) -> Work {
    let key = lc_cmac::Key::new(algorithm, &vec![7; len]).expect(FITS);
    Box::new(move || {
        black_box(lc_cmac::sign(&key, black_box(&data)).expect(FITS));
    })
}

fn lc_aead(algorithm: &'static aead::Algorithm, operation: &str, data: Vec<u8>) -> Work {
    let key = aead::UnboundKey::new(algorithm, &vec![7; algorithm.key_len()]).expect(FITS);
    let key = aead::LessSafeKey::new(key);
    let nonce = || aead::Nonce::assume_unique_for_key([9; 12]);
    let seal = move |key: &aead::LessSafeKey, data: &[u8], out: &mut [u8], tag: &mut [u8]| {
        key.seal_out_of_place_scatter(nonce(), aead::Aad::empty(), data, out, &[], tag)
            .expect(FITS);
    };
    let mut out = vec![0; data.len()];
    let mut tag = [0; 16];
    if operation == "encrypt" {
        return Box::new(move || {
            seal(&key, black_box(&data), &mut out, &mut tag);
            black_box((&out, &tag));
        });
    }
    let mut sealed = vec![0; data.len()];
    seal(&key, &data, &mut sealed, &mut tag);
    Box::new(move || {
        key.open_separate_gather(
            nonce(),
            aead::Aad::empty(),
            black_box(&sealed),
            &tag,
            &mut out,
        )
        .expect(FITS);
        black_box(&out);
    })
}

fn lc_key(algorithm: &'static cipher::Algorithm) -> UnboundCipherKey {
    let key = [7; 32];
    let len = if *algorithm == cipher::AES_128 {
        16
    } else {
        32
    };
    UnboundCipherKey::new(algorithm, &key[..len]).expect(FITS)
}

fn lc_iv() -> EncryptionContext {
    EncryptionContext::Iv128(FixedLength::from([9; 16]))
}

// This form works in place: what is not to be overwritten is copied first, as all others leave their input alone.
fn lc_ctr(algorithm: &'static cipher::Algorithm, data: Vec<u8>) -> Work {
    let key = EncryptingKey::ctr(lc_key(algorithm)).expect(FITS);
    let mut out = vec![0; data.len()];
    Box::new(move || {
        out.copy_from_slice(black_box(&data));
        key.less_safe_encrypt(&mut out, lc_iv()).expect(FITS);
        black_box(&out);
    })
}

fn lc_ctr_stream(algorithm: &'static cipher::Algorithm, data: Vec<u8>) -> Work {
    let mut out = vec![0; data.len()];
    Box::new(move || {
        let mut key =
            StreamingEncryptingKey::less_safe_ctr(lc_key(algorithm), lc_iv()).expect(FITS);
        key.less_safe_update(black_box(&data), &mut out)
            .expect(FITS);
        black_box(&out);
    })
}

fn lc_cbc(algorithm: &'static cipher::Algorithm, data: Vec<u8>) -> Work {
    let key = EncryptingKey::cbc(lc_key(algorithm)).expect(FITS);
    let mut out = vec![16; data.len() + 16];
    Box::new(move || {
        out[..data.len()].copy_from_slice(black_box(&data));
        key.less_safe_encrypt(&mut out, lc_iv()).expect(FITS);
        black_box(&out);
    })
}

fn lc_cbc_stream(algorithm: &'static cipher::Algorithm, data: Vec<u8>) -> Work {
    let mut out = vec![0; data.len() + 16];
    Box::new(move || {
        let mut key =
            StreamingEncryptingKey::less_safe_cbc_pkcs7(lc_key(algorithm), lc_iv()).expect(FITS);
        let written = key
            .less_safe_update(black_box(&data), &mut out)
            .expect(FITS)
            .written()
            .len();
        key.finish(&mut out[written..]).expect(FITS);
        black_box(&out);
    })
}

fn lc_cbc_open(algorithm: &'static cipher::Algorithm, data: Vec<u8>) -> Work {
    let mut sealed = vec![0; data.len() + 16];
    let mut key =
        StreamingEncryptingKey::less_safe_cbc_pkcs7(lc_key(algorithm), lc_iv()).expect(FITS);
    let written = key
        .less_safe_update(&data, &mut sealed)
        .expect(FITS)
        .written()
        .len();
    key.finish(&mut sealed[written..]).expect(FITS);
    let mut out = vec![0; data.len() + 32];
    Box::new(move || {
        let context = DecryptionContext::Iv128(FixedLength::from([9; 16]));
        let mut key = StreamingDecryptingKey::cbc_pkcs7(lc_key(algorithm), context).expect(FITS);
        let written = key
            .update(black_box(&sealed), &mut out)
            .expect(FITS)
            .written()
            .len();
        key.finish(&mut out[written..]).expect(FITS);
        black_box(&out);
    })
}

fn lc_pbkdf2(algorithm: aws_lc_rs::pbkdf2::Algorithm, data: Vec<u8>) -> Work {
    let iterations = std::num::NonZeroU32::new(1000).expect("not 0");
    Box::new(move || {
        let mut out = [0; 32];
        aws_lc_rs::pbkdf2::derive(algorithm, iterations, &[3; 16], &data, &mut out);
        black_box(&out);
    })
}

fn hash<D: Digest>(data: Vec<u8>) -> Work {
    Box::new(move || {
        black_box(D::digest(black_box(&data)));
    })
}

fn xof<X: ExtendableOutput + Update + Default>(data: Vec<u8>) -> Work {
    let mut out = [0; 32];
    Box::new(move || {
        let mut xof = X::default();
        xof.update(black_box(&data));
        xof.finalize_xof().read(&mut out);
        black_box(&out);
    })
}

fn mac<M: Mac + digest::KeyInit + Clone + 'static>(len: usize, data: Vec<u8>) -> Work {
    let key = <M as digest::KeyInit>::new_from_slice(&vec![7; len]).expect(FITS);
    Box::new(move || {
        black_box(key.clone().chain_update(black_box(&data)).finalize());
    })
}

fn aead_crate<A: AeadInOut + KeyInit + 'static>(operation: &str, data: Vec<u8>) -> Work {
    let key = A::new(&Default::default());
    let nonce = Default::default();
    let mut out = vec![0; data.len()];
    let seal = move |key: &A, data: &[u8], out: &mut [u8]| {
        let buffer = InOutBuf::new(data, out).expect(FITS);
        key.encrypt_inout_detached(&nonce, &[], buffer).expect(FITS)
    };
    if operation == "encrypt" {
        return Box::new(move || {
            black_box(seal(&key, black_box(&data), &mut out));
        });
    }
    let mut sealed = vec![0; data.len()];
    let tag = seal(&key, &data, &mut sealed);
    Box::new(move || {
        let buffer = InOutBuf::new(black_box(&sealed), &mut out).expect(FITS);
        key.decrypt_inout_detached(&Default::default(), &[], buffer, &tag)
            .expect(FITS);
        black_box(&out);
    })
}

trait Siv: KeyInit + 'static {
    fn seal(&mut self, nonce: &[u8], data: &[u8], out: &mut [u8]) -> aes_siv::Tag;
}

macro_rules! siv {
    ($($name:ty),*) => {$(
        impl Siv for $name {
            fn seal(&mut self, nonce: &[u8], data: &[u8], out: &mut [u8]) -> aes_siv::Tag {
                let buffer = InOutBuf::new(data, out).expect(FITS);
                self.encrypt_inout_detached([nonce], buffer).expect(FITS)
            }
        }
    )*};
}

siv!(aes_siv::siv::Aes128Siv, aes_siv::siv::Aes256Siv);

fn siv<S: Siv>(len: usize, data: Vec<u8>) -> Work {
    let mut key = S::new_from_slice(&vec![7; len]).expect(FITS);
    let mut out = vec![0; data.len()];
    Box::new(move || {
        black_box(key.seal(&[9; 16], black_box(&data), &mut out));
    })
}

fn ctr_crate<C>(len: usize, data: Vec<u8>) -> Work
where
    C: aes::cipher::BlockCipherEncrypt
        + aes::cipher::BlockSizeUser<BlockSize = aes::cipher::consts::U16>
        + aes::cipher::KeyInit
        + 'static,
{
    use aes::cipher::{KeyIvInit, StreamCipher};
    let key = vec![7; len];
    let mut out = vec![0; data.len()];
    Box::new(move || {
        let mut stream = ctr::Ctr128BE::<C>::new_from_slices(&key, &[9; 16]).expect(FITS);
        stream.apply_keystream_b2b(black_box(&data), &mut out);
        black_box(&out);
    })
}

fn cbc_crate<C>(len: usize, data: Vec<u8>) -> Work
where
    C: aes::cipher::BlockCipherEncrypt + aes::cipher::KeyInit + 'static,
    cbc::Encryptor<C>: aes::cipher::KeyIvInit + aes::cipher::BlockModeEncrypt,
{
    use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
    let key = vec![7; len];
    let mut out = vec![0; data.len() + 16];
    Box::new(move || {
        let mode = cbc::Encryptor::<C>::new_from_slices(&key, &[9; 16]).expect(FITS);
        mode.encrypt_padded_b2b::<Pkcs7>(black_box(&data), &mut out)
            .expect(FITS);
        black_box(&out);
    })
}

fn cbc_open_crate<C>(len: usize, data: Vec<u8>) -> Work
where
    C: aes::cipher::BlockCipherEncrypt
        + aes::cipher::BlockCipherDecrypt
        + aes::cipher::KeyInit
        + 'static,
    cbc::Encryptor<C>: aes::cipher::KeyIvInit + aes::cipher::BlockModeEncrypt,
    cbc::Decryptor<C>: aes::cipher::KeyIvInit + aes::cipher::BlockModeDecrypt,
{
    use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
    let key = vec![7; len];
    let mode = cbc::Encryptor::<C>::new_from_slices(&key, &[9; 16]).expect(FITS);
    let mut sealed = vec![0; data.len() + 16];
    mode.encrypt_padded_b2b::<Pkcs7>(&data, &mut sealed)
        .expect(FITS);
    let mut out = vec![0; sealed.len()];
    Box::new(move || {
        let mode = cbc::Decryptor::<C>::new_from_slices(&key, &[9; 16]).expect(FITS);
        mode.decrypt_padded_b2b::<Pkcs7>(black_box(&sealed), &mut out)
            .expect(FITS);
        black_box(&out);
    })
}

fn pbkdf2_crate<P>(data: Vec<u8>) -> Work
where
    P: digest::KeyInit + Update + digest::FixedOutput + Clone + 'static,
{
    let mut out = [0; 32];
    Box::new(move || {
        pbkdf2::pbkdf2::<P>(&data, &[3; 16], 1000, &mut out).expect(FITS);
        black_box(&out);
    })
}
