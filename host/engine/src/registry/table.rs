//! The rows.

use super::Absorb::{Concatenates, Delimits};
use super::Operation::{
    Absorb as Absorbs, Decrypt, DecryptDetached, Encrypt, EncryptDetached, MaxTagLen, Ratchet,
    Squeeze, SqueezeKey, SqueezeTag,
};
use super::{Algorithm, Crates, KeyRule, Kind, NonceRule};
use crate::hash::{self, blake2b, blake3, kt, shake, tuple, turboshake};
use crate::key::PreparedKey;
use crate::options::OptionName::{
    BlockSize, Buffer, Context, Domain, Fanout, MemoryLimit, Nonce, OpsLimit, Parallelism, Phc,
    Salt, TagLen,
};
use crate::{Error, aead, drbg, kdf, mac, password, session, unauthenticated};

const fn everywhere(name: &'static str) -> Crates {
    Crates {
        native: name,
        portable: name,
    }
}

const fn native_or(native: &'static str, portable: &'static str) -> Crates {
    Crates {
        native: if cfg!(feature = "native") {
            native
        } else {
            portable
        },
        portable,
    }
}

const fn aws_lc_or(portable: &'static str) -> Crates {
    native_or("aws-lc-rs", portable)
}

/// What a row leaves out: an unkeyed hash without nonce, tag and options.
const UNKEYED: Algorithm = Algorithm {
    name: "",
    kind: Kind::Hash,
    key: KeyRule::None,
    nonce: NonceRule::None,
    tag_len: 0,
    absorb: Concatenates,
    options: &[],
    fips_approved: false,
    standard: "",
    crates: everywhere(""),
    ns_per_kib: 1000,
    operations: &[Absorbs, Squeeze],
    prepare: |_, _| Ok(PreparedKey::Raw),
    open: |_| Err(Error::InternalError),
    digest: None,
};

const SHA2: Algorithm = Algorithm {
    fips_approved: true,
    standard: "FIPS 180-4",
    crates: everywhere("sha2"),
    ..UNKEYED
};

const SHA3: Algorithm = Algorithm {
    fips_approved: true,
    standard: "FIPS 202",
    crates: everywhere("sha3"),
    ..UNKEYED
};

const XOF: Algorithm = Algorithm {
    kind: Kind::Xof,
    operations: &[Absorbs, Squeeze, SqueezeKey],
    ..UNKEYED
};

const SHAKE: Algorithm = Algorithm {
    fips_approved: true,
    standard: "FIPS 202",
    crates: everywhere("shake"),
    ..XOF
};

const CSHAKE: Algorithm = Algorithm {
    options: &[Context],
    fips_approved: true,
    standard: "SP 800-185, section 3",
    crates: everywhere("cshake"),
    ..XOF
};

const TURBOSHAKE: Algorithm = Algorithm {
    options: &[Domain],
    standard: "RFC 9861, section 2",
    crates: everywhere("keccak"),
    ..XOF
};

const KANGAROO_TWELVE: Algorithm = Algorithm {
    options: &[Context],
    standard: "RFC 9861, section 3",
    crates: everywhere("keccak"),
    ..XOF
};

const TUPLE_HASH: Algorithm = Algorithm {
    kind: Kind::TupleHash,
    absorb: Delimits,
    options: &[Context],
    fips_approved: true,
    standard: "SP 800-185, section 5",
    crates: everywhere("cshake"),
    operations: &[Absorbs, Squeeze, SqueezeTag, MaxTagLen],
    ..UNKEYED
};

const TUPLE_HASH_XOF: Algorithm = Algorithm {
    operations: &[Absorbs, Squeeze, SqueezeTag, SqueezeKey, MaxTagLen],
    ..TUPLE_HASH
};

const BLAKE2B: Algorithm = Algorithm {
    options: &[Context, Salt, Fanout],
    standard: "RFC 7693",
    crates: everywhere("blake2b_simd"),
    operations: &[Absorbs, Squeeze, SqueezeTag, MaxTagLen],
    ..UNKEYED
};

const MAC: Algorithm = Algorithm {
    kind: Kind::Mac,
    options: &[TagLen],
    fips_approved: true,
    operations: &[Absorbs, SqueezeTag, MaxTagLen],
    open: mac::open,
    ..UNKEYED
};

const HMAC: Algorithm = Algorithm {
    standard: "FIPS 198-1, RFC 2104",
    crates: everywhere("hmac"),
    ..MAC
};

const CMAC: Algorithm = Algorithm {
    tag_len: 16,
    standard: "SP 800-38B, RFC 4493",
    crates: everywhere("cmac"),
    ..MAC
};

const KMAC: Algorithm = Algorithm {
    options: &[Context, TagLen],
    standard: "SP 800-185, section 4",
    crates: everywhere("cshake"),
    operations: &[Absorbs, Squeeze, SqueezeTag, SqueezeKey, MaxTagLen],
    ..MAC
};

const HKDF: Algorithm = Algorithm {
    fips_approved: true,
    standard: "RFC 5869, SP 800-56C",
    crates: everywhere("hkdf"),
    ..UNKEYED
};

const HKDF_EXTRACT: Algorithm = Algorithm {
    kind: Kind::Extract,
    operations: &[Absorbs, SqueezeKey],
    ..HKDF
};

const HKDF_EXPAND: Algorithm = Algorithm {
    kind: Kind::Expand,
    operations: &[Absorbs, Squeeze, SqueezeKey],
    ..HKDF
};

const PASSWORD_HASH: Algorithm = Algorithm {
    kind: Kind::PasswordHash,
    operations: &[Absorbs, Squeeze, SqueezeTag],
    ..UNKEYED
};

const ARGON2: Algorithm = Algorithm {
    key: KeyRule::optional(1, usize::MAX, 32),
    options: &[
        Context,
        Salt,
        Phc,
        MemoryLimit,
        OpsLimit,
        Parallelism,
        Buffer,
    ],
    standard: "RFC 9106",
    crates: everywhere("argon2"),
    ..PASSWORD_HASH
};

const PBKDF2: Algorithm = Algorithm {
    options: &[Salt, Phc, OpsLimit],
    fips_approved: true,
    standard: "RFC 8018, section 5.2, SP 800-132",
    crates: everywhere("pbkdf2"),
    ..PASSWORD_HASH
};

const AEAD: Algorithm = Algorithm {
    kind: Kind::Aead,
    tag_len: 16,
    options: &[Nonce],
    operations: &[
        Absorbs,
        MaxTagLen,
        Encrypt,
        EncryptDetached,
        Decrypt,
        DecryptDetached,
    ],
    open: aead::open,
    ..UNKEYED
};

const AES_GCM: Algorithm = Algorithm {
    nonce: NonceRule::Required(12),
    fips_approved: true,
    standard: "SP 800-38D",
    crates: aws_lc_or("aes-gcm"),
    ns_per_kib: 90,
    ..AEAD
};

const AES_GCM_SIV: Algorithm = Algorithm {
    nonce: NonceRule::Generated(12),
    standard: "RFC 8452",
    crates: aws_lc_or("aes-gcm-siv"),
    ns_per_kib: 250,
    ..AEAD
};

const AES_SIV: Algorithm = Algorithm {
    nonce: NonceRule::Any,
    absorb: Delimits,
    standard: "RFC 5297",
    crates: everywhere("aes-siv"),
    ..AEAD
};

const AEGIS: Algorithm = Algorithm {
    options: &[Nonce, TagLen],
    standard: "draft-irtf-cfrg-aegis-aead",
    crates: aead::aegis::CRATES,
    ns_per_kib: 50,
    ..AEAD
};

const AEGIS_128: Algorithm = Algorithm {
    key: KeyRule::exactly(16),
    nonce: NonceRule::Generated(16),
    ..AEGIS
};

const AEGIS_256: Algorithm = Algorithm {
    key: KeyRule::exactly(32),
    nonce: NonceRule::Generated(32),
    ..AEGIS
};

const UNAUTHENTICATED: Algorithm = Algorithm {
    options: &[Nonce],
    fips_approved: true,
    standard: "SP 800-38A",
    ..UNKEYED
};

const AES_CTR: Algorithm = Algorithm {
    kind: Kind::StreamCipher,
    nonce: NonceRule::Required(16),
    crates: everywhere("ctr"),
    operations: &[Squeeze, MaxTagLen, Encrypt, Decrypt],
    ns_per_kib: 250,
    ..UNAUTHENTICATED
};

const AES_CBC: Algorithm = Algorithm {
    kind: Kind::BlockMode,
    nonce: NonceRule::Generated(16),
    crates: everywhere("cbc"),
    operations: &[MaxTagLen, Encrypt, Decrypt],
    ..UNAUTHENTICATED
};

const SESSION: Algorithm = Algorithm {
    kind: Kind::Session,
    tag_len: 16,
    absorb: Delimits,
    operations: &[
        Absorbs,
        Squeeze,
        SqueezeTag,
        SqueezeKey,
        MaxTagLen,
        Encrypt,
        EncryptDetached,
        Decrypt,
        DecryptDetached,
        Ratchet,
    ],
    ..UNKEYED
};

const XOODYAK: Algorithm = Algorithm {
    nonce: NonceRule::Optional { max: 16 },
    options: &[Nonce],
    standard: "Xoodyak, NIST LWC finalist, 2021",
    crates: native_or("permutation-xoodoo", "xoodyak"),
    open: session::xoodyak::open,
    ns_per_kib: 5000,
    ..SESSION
};

const STROBE: Algorithm = Algorithm {
    key: KeyRule::optional(32, 32, 32),
    options: &[Context],
    standard: "STROBE protocol framework 1.0.2",
    crates: everywhere("strobe-rs"),
    ..SESSION
};

/// Every algorithm.
pub static ALGORITHMS: &[Algorithm] = &[
    Algorithm {
        name: "SHA-256",
        open: hash::open::<sha2::Sha256>,
        digest: hash::digest::<sha2::Sha256>(),
        ..SHA2
    },
    Algorithm {
        name: "SHA-384",
        open: hash::open::<sha2::Sha384>,
        digest: hash::digest::<sha2::Sha384>(),
        ..SHA2
    },
    Algorithm {
        name: "SHA-512",
        open: hash::open::<sha2::Sha512>,
        digest: hash::digest::<sha2::Sha512>(),
        ..SHA2
    },
    Algorithm {
        name: "SHA-512/256",
        open: hash::open::<sha2::Sha512_256>,
        digest: hash::digest::<sha2::Sha512_256>(),
        ..SHA2
    },
    Algorithm {
        name: "SHA3-256",
        open: hash::open::<sha3::Sha3_256>,
        digest: hash::digest::<sha3::Sha3_256>(),
        ..SHA3
    },
    Algorithm {
        name: "SHA3-384",
        open: hash::open::<sha3::Sha3_384>,
        digest: hash::digest::<sha3::Sha3_384>(),
        ..SHA3
    },
    Algorithm {
        name: "SHA3-512",
        open: hash::open::<sha3::Sha3_512>,
        digest: hash::digest::<sha3::Sha3_512>(),
        ..SHA3
    },
    Algorithm {
        name: "SHAKE-128",
        open: shake::open::<::shake::Shake128>,
        ..SHAKE
    },
    Algorithm {
        name: "SHAKE-256",
        open: shake::open::<::shake::Shake256>,
        ..SHAKE
    },
    Algorithm {
        name: "CSHAKE-128",
        open: shake::open_customized::<cshake::CShake128>,
        ..CSHAKE
    },
    Algorithm {
        name: "CSHAKE-256",
        open: shake::open_customized::<cshake::CShake256>,
        ..CSHAKE
    },
    Algorithm {
        name: "TURBOSHAKE-128",
        open: turboshake::open::<168>,
        ..TURBOSHAKE
    },
    Algorithm {
        name: "TURBOSHAKE-256",
        open: turboshake::open::<136>,
        ..TURBOSHAKE
    },
    Algorithm {
        name: "KT128",
        open: kt::open::<168>,
        ..KANGAROO_TWELVE
    },
    Algorithm {
        name: "KT256",
        open: kt::open::<136>,
        ..KANGAROO_TWELVE
    },
    Algorithm {
        name: "TupleHash128",
        tag_len: 32,
        open: tuple::open::<168>,
        ..TUPLE_HASH
    },
    Algorithm {
        name: "TupleHash256",
        tag_len: 64,
        open: tuple::open::<136>,
        ..TUPLE_HASH
    },
    Algorithm {
        name: "TupleHashXOF128",
        tag_len: 32,
        open: tuple::open_xof::<168>,
        ..TUPLE_HASH_XOF
    },
    Algorithm {
        name: "TupleHashXOF256",
        tag_len: 64,
        open: tuple::open_xof::<136>,
        ..TUPLE_HASH_XOF
    },
    Algorithm {
        name: "BLAKE2B-512",
        key: KeyRule::optional(0, 64, 64),
        tag_len: 64,
        open: blake2b::open::<64>,
        ..BLAKE2B
    },
    Algorithm {
        name: "BLAKE2B-256",
        key: KeyRule::optional(0, 64, 32),
        tag_len: 32,
        open: blake2b::open::<32>,
        ..BLAKE2B
    },
    Algorithm {
        name: "BLAKE3",
        key: KeyRule::optional(32, 32, 32),
        tag_len: 32,
        options: &[Context],
        standard: "the BLAKE3 paper, 2021",
        crates: everywhere("blake3"),
        operations: &[Absorbs, Squeeze, SqueezeTag, SqueezeKey, MaxTagLen],
        open: blake3::open,
        digest: blake3::DIGEST,
        ns_per_kib: 250,
        ..XOF
    },
    Algorithm {
        name: "ASCON-HASH",
        standard: "SP 800-232, section 5.1",
        fips_approved: true,
        crates: everywhere("ascon-hash256"),
        open: hash::open::<ascon_hash256::AsconHash256>,
        digest: hash::digest::<ascon_hash256::AsconHash256>(),
        ..UNKEYED
    },
    Algorithm {
        name: "HMAC/SHA-256",
        key: KeyRule::at_least(0, 32),
        tag_len: 32,
        prepare: mac::prepare::<hmac::Hmac<sha2::Sha256>>,
        ..HMAC
    },
    Algorithm {
        name: "HMAC/SHA-384",
        key: KeyRule::at_least(0, 48),
        tag_len: 48,
        prepare: mac::prepare::<hmac::Hmac<sha2::Sha384>>,
        ..HMAC
    },
    Algorithm {
        name: "HMAC/SHA-512",
        key: KeyRule::at_least(0, 64),
        tag_len: 64,
        prepare: mac::prepare::<hmac::Hmac<sha2::Sha512>>,
        ..HMAC
    },
    Algorithm {
        name: "AES-128-CMAC",
        key: KeyRule::exactly(16),
        prepare: mac::prepare::<cmac::Cmac<aes::Aes128>>,
        ..CMAC
    },
    Algorithm {
        name: "AES-256-CMAC",
        key: KeyRule::exactly(32),
        prepare: mac::prepare::<cmac::Cmac<aes::Aes256>>,
        ..CMAC
    },
    Algorithm {
        name: "KMAC-128",
        key: KeyRule::at_least(1, 32),
        tag_len: 32,
        open: mac::kmac::open::<168>,
        ..KMAC
    },
    Algorithm {
        name: "KMAC-256",
        key: KeyRule::at_least(1, 64),
        tag_len: 64,
        open: mac::kmac::open::<136>,
        ..KMAC
    },
    Algorithm {
        name: "HKDF-EXTRACT/SHA-256",
        key: KeyRule::at_least(0, 32),
        open: kdf::open_extract::<kdf::Sha256>,
        ..HKDF_EXTRACT
    },
    Algorithm {
        name: "HKDF-EXTRACT/SHA-512",
        key: KeyRule::at_least(0, 64),
        open: kdf::open_extract::<kdf::Sha512>,
        ..HKDF_EXTRACT
    },
    Algorithm {
        name: "HKDF-EXPAND/SHA-256",
        key: KeyRule::at_least(32, 32),
        open: kdf::open_expand::<kdf::Sha256>,
        ..HKDF_EXPAND
    },
    Algorithm {
        name: "HKDF-EXPAND/SHA-512",
        key: KeyRule::at_least(64, 64),
        open: kdf::open_expand::<kdf::Sha512>,
        ..HKDF_EXPAND
    },
    Algorithm {
        name: "ARGON2-ID-13",
        open: password::argon2::open::<{ password::argon2::ID }>,
        ..ARGON2
    },
    Algorithm {
        name: "ARGON2-I-13",
        open: password::argon2::open::<{ password::argon2::I }>,
        ..ARGON2
    },
    Algorithm {
        name: "ARGON2-D-13",
        open: password::argon2::open::<{ password::argon2::D }>,
        ..ARGON2
    },
    Algorithm {
        name: "SCRYPT",
        options: &[Salt, Phc, OpsLimit, BlockSize, Parallelism],
        standard: "RFC 7914",
        crates: everywhere("scrypt"),
        open: password::scrypt::open,
        ..PASSWORD_HASH
    },
    Algorithm {
        name: "PBKDF2/SHA-256",
        open: password::pbkdf2::open::<password::pbkdf2::Sha256>,
        ..PBKDF2
    },
    Algorithm {
        name: "PBKDF2/SHA-512",
        open: password::pbkdf2::open::<password::pbkdf2::Sha512>,
        ..PBKDF2
    },
    Algorithm {
        name: "AES-128-GCM",
        key: KeyRule::exactly(16),
        prepare: aead::prepare::<aead::Aes128Gcm>,
        ..AES_GCM
    },
    Algorithm {
        name: "AES-256-GCM",
        key: KeyRule::exactly(32),
        prepare: aead::prepare::<aead::Aes256Gcm>,
        ..AES_GCM
    },
    Algorithm {
        name: "CHACHA20-POLY1305",
        key: KeyRule::exactly(32),
        nonce: NonceRule::Required(12),
        standard: "RFC 8439",
        crates: aws_lc_or("chacha20poly1305"),
        prepare: aead::prepare::<aead::ChaCha20Poly1305>,
        ns_per_kib: 550,
        ..AEAD
    },
    Algorithm {
        name: "XCHACHA20-POLY1305",
        key: KeyRule::exactly(32),
        nonce: NonceRule::Generated(24),
        standard: "draft-irtf-cfrg-xchacha-03",
        crates: aws_lc_or("chacha20poly1305"),
        prepare: aead::prepare::<aead::XChaCha20Poly1305>,
        ns_per_kib: 550,
        ..AEAD
    },
    Algorithm {
        name: "AES-128-GCM-SIV",
        key: KeyRule::exactly(16),
        prepare: aead::prepare::<aead::Aes128GcmSiv>,
        ..AES_GCM_SIV
    },
    Algorithm {
        name: "AES-256-GCM-SIV",
        key: KeyRule::exactly(32),
        prepare: aead::prepare::<aead::Aes256GcmSiv>,
        ..AES_GCM_SIV
    },
    Algorithm {
        name: "AES-128-SIV",
        key: KeyRule::exactly(32),
        open: aead::siv::open::<aes_siv::siv::Aes128Siv>,
        ..AES_SIV
    },
    Algorithm {
        name: "AES-256-SIV",
        key: KeyRule::exactly(64),
        open: aead::siv::open::<aes_siv::siv::Aes256Siv>,
        ..AES_SIV
    },
    Algorithm {
        name: "AEGIS-128L",
        prepare: aead::aegis::prepare::<aead::aegis::Aegis128L>,
        ..AEGIS_128
    },
    Algorithm {
        name: "AEGIS-128X2",
        prepare: aead::aegis::prepare::<aead::aegis::Aegis128X2>,
        ..AEGIS_128
    },
    Algorithm {
        name: "AEGIS-128X4",
        prepare: aead::aegis::prepare::<aead::aegis::Aegis128X4>,
        ..AEGIS_128
    },
    Algorithm {
        name: "AEGIS-256",
        prepare: aead::aegis::prepare::<aead::aegis::Aegis256>,
        ..AEGIS_256
    },
    Algorithm {
        name: "AEGIS-256X2",
        prepare: aead::aegis::prepare::<aead::aegis::Aegis256X2>,
        ..AEGIS_256
    },
    Algorithm {
        name: "AEGIS-256X4",
        prepare: aead::aegis::prepare::<aead::aegis::Aegis256X4>,
        ..AEGIS_256
    },
    Algorithm {
        name: "ASCON-AEAD",
        key: KeyRule::exactly(16),
        nonce: NonceRule::Generated(16),
        fips_approved: true,
        standard: "SP 800-232, section 4",
        crates: everywhere("ascon-aead"),
        prepare: aead::prepare_portable::<ascon_aead::AsconAead128>,
        ns_per_kib: 5000,
        ..AEAD
    },
    Algorithm {
        name: "AES-128-CTR",
        key: KeyRule::exactly(16),
        open: unauthenticated::ctr::open::<aes::Aes128>,
        ..AES_CTR
    },
    Algorithm {
        name: "AES-256-CTR",
        key: KeyRule::exactly(32),
        open: unauthenticated::ctr::open::<aes::Aes256>,
        ..AES_CTR
    },
    Algorithm {
        name: "AES-128-CBC",
        key: KeyRule::exactly(16),
        open: unauthenticated::cbc::open::<aes::Aes128>,
        ..AES_CBC
    },
    Algorithm {
        name: "AES-256-CBC",
        key: KeyRule::exactly(32),
        open: unauthenticated::cbc::open::<aes::Aes256>,
        ..AES_CBC
    },
    Algorithm {
        name: "XOODYAK-128",
        key: KeyRule::optional(16, 16, 16),
        ..XOODYAK
    },
    Algorithm {
        name: "XOODYAK-160",
        key: KeyRule::optional(20, 20, 20),
        ..XOODYAK
    },
    Algorithm {
        name: "STROBE-128",
        open: session::strobe::open::<128>,
        ..STROBE
    },
    Algorithm {
        name: "STROBE-256",
        open: session::strobe::open::<256>,
        ..STROBE
    },
    Algorithm {
        name: "HMAC-DRBG/SHA-256",
        kind: Kind::Generator,
        key: KeyRule::at_least(32, 48),
        absorb: Delimits,
        fips_approved: true,
        standard: "SP 800-90A, section 10.1.2",
        crates: everywhere("hmac"),
        open: drbg::open,
        ..UNKEYED
    },
];
