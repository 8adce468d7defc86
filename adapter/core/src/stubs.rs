//! The functions of the witx modules that the WIT package has nothing for. Real clients link them, and fall back when
//! they answer `not_implemented`.

use crate::errno::Errno;

macro_rules! not_implemented {
    ($($name:ident($($arg:ident: $ty:ty),*);)*) => {
        exports! {
            $(fn $name($($arg: $ty),*) {
                $(let _ = $arg;)*
                Err(Errno::NOT_IMPLEMENTED)
            })*
        }
    };
}

// wasi_ephemeral_crypto_asymmetric_common
not_implemented! {
    keypair_generate(kind: u32, name: u32, name_len: u32, options: u32, out: u32);
    keypair_import(kind: u32, name: u32, name_len: u32, raw: u32, len: u32, encoding: u32, out: u32);
    keypair_generate_managed(manager: u32, kind: u32, name: u32, name_len: u32, options: u32, out: u32);
    keypair_store_managed(manager: u32, pair: u32, id: u32, id_max_len: u32);
    keypair_replace_managed(manager: u32, old: u32, new: u32, version: u32);
    keypair_id(pair: u32, id: u32, id_max_len: u32, len: u32, version: u32);
    keypair_from_id(manager: u32, id: u32, id_len: u32, version: u64, out: u32);
    keypair_from_pk_and_sk(public: u32, secret: u32, out: u32);
    keypair_export(pair: u32, encoding: u32, out: u32);
    keypair_publickey(pair: u32, out: u32);
    keypair_secretkey(pair: u32, out: u32);
    keypair_close(pair: u32);
    publickey_import(kind: u32, name: u32, name_len: u32, raw: u32, len: u32, encoding: u32, out: u32);
    publickey_export(public: u32, encoding: u32, out: u32);
    publickey_verify(public: u32);
    publickey_from_secretkey(secret: u32, out: u32);
    publickey_close(public: u32);
    secretkey_import(kind: u32, name: u32, name_len: u32, raw: u32, len: u32, encoding: u32, out: u32);
    secretkey_export(secret: u32, encoding: u32, out: u32);
    secretkey_close(secret: u32);
}

// wasi_ephemeral_crypto_signatures
not_implemented! {
    signature_export(signature: u32, encoding: u32, out: u32);
    signature_import(name: u32, name_len: u32, raw: u32, len: u32, encoding: u32, out: u32);
    signature_state_open(pair: u32, out: u32);
    signature_state_update(state: u32, data: u32, len: u32);
    signature_state_sign(state: u32, out: u32);
    signature_state_close(state: u32);
    signature_verification_state_open(public: u32, out: u32);
    signature_verification_state_update(state: u32, data: u32, len: u32);
    signature_verification_state_verify(state: u32, signature: u32);
    signature_verification_state_close(state: u32);
    signature_close(signature: u32);
}

// wasi_ephemeral_crypto_signatures_batch
not_implemented! {
    batch_signature_state_sign(states: u32, count: u32, results: u32);
    batch_signature_state_verify(states: u32, count: u32, results: u32);
}

// wasi_ephemeral_crypto_kx
not_implemented! {
    kx_dh(public: u32, secret: u32, out: u32);
    kx_encapsulate(public: u32, out: u32, encapsulated: u32);
    kx_decapsulate(secret: u32, encapsulated: u32, len: u32, out: u32);
}

// wasi_ephemeral_crypto_external_secrets
not_implemented! {
    external_secret_store(manager: u32, secret: u32, len: u32, expiration: u64, id: u32, id_max_len: u32);
    external_secret_replace(manager: u32, secret: u32, len: u32, expiration: u64, id: u32, id_len: u32, version: u32);
    external_secret_from_id(manager: u32, id: u32, id_len: u32, version: u64, out: u32);
    external_secret_invalidate(manager: u32, id: u32, id_len: u32, version: u64);
    external_secret_encapsulate(manager: u32, secret: u32, len: u32, expiration: u64, out: u32);
    external_secret_decapsulate(manager: u32, secret: u32, len: u32, out: u32);
}
