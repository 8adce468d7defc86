//! The functions of three witx modules, as a core module imports them.
//!
//! Each returns an errno, 0 for success. Handles, sizes, addresses and enumerations are `i32`; versions and 64-bit values
//! are `i64`. A string or a slice is an address and a length. Results go to the addresses at the end, only if the
//! errno is 0. An optional handle is the address of eight bytes: a tag (0 some, 1 none), and the handle at offset 4.

/// Declares functions of a witx module. Where there is none, on native targets, they panic.
macro_rules! witx {
    ($module:literal: $($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),* $(,)?);)*) => {$(
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)] // The witx module has as many.
        pub fn $name($($arg: $ty),*) -> i32 {
            // SAFETY: this is the signature of the witx module. The function takes addresses as numbers, and answers those
            // that it cannot use with an errno; what it writes to is up to the caller, who has to own it.
            #[cfg(target_os = "wasi")]
            #[link(wasm_import_module = $module)]
            unsafe extern "C" {
                safe fn $name($($arg: $ty),*) -> i32;
            }
            #[cfg(not(target_os = "wasi"))]
            fn $name($(_: $ty),*) -> i32 {
                panic!("there is no wasi-crypto outside of wasm")
            }
            $name($($arg),*)
        }
    )*};
}

witx! { "wasi_ephemeral_crypto_common":
    /// `algorithm_type`: 0 signatures, 1 symmetric, 2 key exchange. Writes a handle.
    fn options_open(algorithm_type: i32, out: i32);
    /// Destroys an option set.
    fn options_close(options: i32);
    /// Sets a byte string.
    fn options_set(options: i32, name: i32, name_len: i32, value: i32, value_len: i32);
    /// Sets an integer.
    fn options_set_u64(options: i32, name: i32, name_len: i32, value: i64);
    /// Lends a buffer.
    fn options_set_guest_buffer(options: i32, name: i32, name_len: i32, buffer: i32, buffer_len: i32);
    /// Writes the size of an array.
    fn array_output_len(array_output: i32, out: i32);
    /// Copies what fits of what is left of an array, and writes how much that was.
    fn array_output_pull(array_output: i32, buf: i32, buf_len: i32, out: i32);
    /// Takes an optional option set. Writes a handle.
    fn secrets_manager_open(options: i32, out: i32);
    /// Closes a secrets manager.
    fn secrets_manager_close(manager: i32);
    /// Revokes a version of a key.
    fn secrets_manager_invalidate(manager: i32, id: i32, id_len: i32, version: i64);
}

witx! { "wasi_ephemeral_crypto_symmetric":
    /// Takes an optional option set. Writes a handle.
    fn symmetric_key_generate(algorithm: i32, algorithm_len: i32, options: i32, out: i32);
    /// Writes a handle.
    fn symmetric_key_import(algorithm: i32, algorithm_len: i32, raw: i32, raw_len: i32, out: i32);
    /// Writes the handle of an array.
    fn symmetric_key_export(key: i32, out: i32);
    /// Destroys a key.
    fn symmetric_key_close(key: i32);
    /// Takes an optional option set. Writes a handle.
    fn symmetric_key_generate_managed(manager: i32, algorithm: i32, algorithm_len: i32, options: i32, out: i32);
    /// Writes an identifier to a buffer.
    fn symmetric_key_store_managed(manager: i32, key: i32, id: i32, id_max_len: i32);
    /// Writes a version, 8 bytes.
    fn symmetric_key_replace_managed(manager: i32, old: i32, new: i32, version: i32);
    /// Writes an identifier to a buffer, its length, and a version, 8 bytes.
    fn symmetric_key_id(key: i32, id: i32, id_max_len: i32, len: i32, version: i32);
    /// Writes a handle.
    fn symmetric_key_from_id(manager: i32, id: i32, id_len: i32, version: i64, out: i32);
    /// Takes an optional key and an optional option set. Writes a handle.
    fn symmetric_state_open(algorithm: i32, algorithm_len: i32, key: i32, options: i32, out: i32);
    /// Writes a byte string to a buffer, and its length.
    fn symmetric_state_options_get(state: i32, name: i32, name_len: i32, value: i32, value_max_len: i32, out: i32);
    /// Writes an integer, 8 bytes.
    fn symmetric_state_options_get_u64(state: i32, name: i32, name_len: i32, out: i32);
    /// Writes a handle.
    fn symmetric_state_clone(state: i32, out: i32);
    /// Destroys a state.
    fn symmetric_state_close(state: i32);
    /// Absorbs a slice.
    fn symmetric_state_absorb(state: i32, data: i32, data_len: i32);
    /// Fills a buffer.
    fn symmetric_state_squeeze(state: i32, out: i32, out_len: i32);
    /// Writes the handle of a tag.
    fn symmetric_state_squeeze_tag(state: i32, out: i32);
    /// Writes the handle of a key.
    fn symmetric_state_squeeze_key(state: i32, algorithm: i32, algorithm_len: i32, out: i32);
    /// Writes a size.
    fn symmetric_state_max_tag_len(state: i32, out: i32);
    /// Fills a buffer, and writes how much of it was used.
    fn symmetric_state_encrypt(state: i32, out: i32, out_len: i32, data: i32, data_len: i32, written: i32);
    /// Fills a buffer, and writes the handle of a tag.
    fn symmetric_state_encrypt_detached(state: i32, out: i32, out_len: i32, data: i32, data_len: i32, tag: i32);
    /// Fills a buffer, and writes how much of it was used.
    fn symmetric_state_decrypt(state: i32, out: i32, out_len: i32, data: i32, data_len: i32, written: i32);
    /// Fills a buffer, and writes how much of it was used.
    fn symmetric_state_decrypt_detached(state: i32, out: i32, out_len: i32, data: i32, data_len: i32, tag: i32, tag_len: i32, written: i32);
    /// Ratchets.
    fn symmetric_state_ratchet(state: i32);
    /// Writes the length of a tag.
    fn symmetric_tag_len(tag: i32, out: i32);
    /// Copies a tag to a buffer, writes its length, and destroys the tag.
    fn symmetric_tag_pull(tag: i32, buf: i32, buf_len: i32, out: i32);
    /// Compares.
    fn symmetric_tag_verify(tag: i32, expected: i32, expected_len: i32);
    /// Destroys a tag.
    fn symmetric_tag_close(tag: i32);
}

// A batch is the address and the number of its entries. The address of the results, and how many they are, go to the
// last address. Results are 8 bytes, a size or a tag and an errno, or 2 bytes, an errno.
witx! { "wasi_ephemeral_crypto_symmetric_batch":
    /// Entries: state @0, buffer @4, length @8 and @12. Results of 2 bytes.
    fn batch_symmetric_state_squeeze(entries: i32, count: i32, results: i32);
    /// Entries: states. Results of 8 bytes.
    fn batch_symmetric_state_squeeze_tag(states: i32, count: i32, results: i32);
    /// Entries: state @0, buffer @4, length @8 and @12, data @16, length @20 and @24. Results of 8 bytes.
    fn batch_symmetric_state_encrypt(entries: i32, count: i32, results: i32);
    /// Entries as of `encrypt`. Results of 8 bytes.
    fn batch_symmetric_state_encrypt_detached(entries: i32, count: i32, results: i32);
    /// Entries as of `encrypt`. Results of 8 bytes.
    fn batch_symmetric_state_decrypt(entries: i32, count: i32, results: i32);
    /// Entries as of `encrypt`, then a tag @28, length @32 and @36. Results of 8 bytes.
    fn batch_symmetric_state_decrypt_detached(entries: i32, count: i32, results: i32);
}

witx! { "wasi_ephemeral_crypto_asymmetric_common":
    /// Not implemented by the adapter.
    fn keypair_generate(algorithm_type: i32, algorithm: i32, algorithm_len: i32, options: i32, out: i32);
}

witx! { "wasi_ephemeral_crypto_signatures":
    /// Not implemented by the adapter.
    fn signature_close(signature: i32);
}

witx! { "wasi_ephemeral_crypto_kx":
    /// Not implemented by the adapter.
    fn kx_dh(public: i32, secret: i32, out: i32);
}

witx! { "wasi_ephemeral_crypto_external_secrets":
    /// Not implemented by the adapter.
    fn external_secret_invalidate(manager: i32, id: i32, id_len: i32, version: i64);
}
