//! The functions of the WIT package, as the canonical ABI lowers them.
//!
//! What does not fit into one number is written to memory at `ret`; [`crate::landing`] reads it.

// SAFETY: names and signatures are those that `wit-component` derives from the WIT, and it refuses an adapter with others.
// The host checks all handles and addresses, and writes to memory only at `ret`, in the adapter's first page, and where
// `cabi_import_realloc` told it to.
#[link(wasm_import_module = "wasi-ephemeral:crypto/common@0.1.0")]
unsafe extern "C" {
    #[link_name = "[static]options.open"]
    pub safe fn options_open(algorithm_type: u32, ret: u32);
    #[link_name = "[method]options.set"]
    pub safe fn options_set(options: u32, name: u32, name_len: u32, value: u32, len: u32, ret: u32);
    #[link_name = "[method]options.set-u64"]
    pub safe fn options_set_u64(options: u32, name: u32, name_len: u32, value: u64, ret: u32);
    #[link_name = "[method]options.set-guest-buffer"]
    pub safe fn options_set_guest_buffer(
        options: u32,
        name: u32,
        name_len: u32,
        size: u64,
        ret: u32,
    );
    #[link_name = "[resource-drop]options"]
    pub safe fn options_drop(options: u32);
}

// SAFETY: as above.
#[link(wasm_import_module = "wasi-ephemeral:crypto/symmetric@0.1.0")]
unsafe extern "C" {
    #[link_name = "[static]symmetric-key.generate"]
    pub safe fn key_generate(name: u32, name_len: u32, some: u32, options: u32, ret: u32);
    #[link_name = "[static]symmetric-key.import"]
    pub safe fn key_import(name: u32, name_len: u32, raw: u32, len: u32, ret: u32);
    #[link_name = "[method]symmetric-key.export"]
    pub safe fn key_export(key: u32, ret: u32);
    #[link_name = "[resource-drop]symmetric-key"]
    pub safe fn key_drop(key: u32);

    #[link_name = "[static]symmetric-state.open"]
    pub safe fn state_open(
        name: u32,
        name_len: u32,
        some_key: u32,
        key: u32,
        some_options: u32,
        options: u32,
        ret: u32,
    );
    #[link_name = "[method]symmetric-state.options-get"]
    pub safe fn state_options_get(state: u32, name: u32, name_len: u32, ret: u32);
    #[link_name = "[method]symmetric-state.options-get-u64"]
    pub safe fn state_options_get_u64(state: u32, name: u32, name_len: u32, ret: u32);
    #[link_name = "[method]symmetric-state.clone"]
    pub safe fn state_clone(state: u32, ret: u32);
    #[link_name = "[method]symmetric-state.absorb"]
    pub safe fn state_absorb(state: u32, data: u32, len: u32, ret: u32);
    #[link_name = "[method]symmetric-state.squeeze"]
    pub safe fn state_squeeze(state: u32, len: u64, ret: u32);
    #[link_name = "[method]symmetric-state.squeeze-tag"]
    pub safe fn state_squeeze_tag(state: u32, ret: u32);
    #[link_name = "[method]symmetric-state.squeeze-key"]
    pub safe fn state_squeeze_key(state: u32, name: u32, name_len: u32, ret: u32);
    #[link_name = "[method]symmetric-state.max-tag-len"]
    pub safe fn state_max_tag_len(state: u32, ret: u32);
    #[link_name = "[method]symmetric-state.encrypt"]
    pub safe fn state_encrypt(state: u32, data: u32, len: u32, ret: u32);
    #[link_name = "[method]symmetric-state.encrypt-detached"]
    pub safe fn state_encrypt_detached(state: u32, data: u32, len: u32, ret: u32);
    #[link_name = "[method]symmetric-state.decrypt"]
    pub safe fn state_decrypt(state: u32, data: u32, len: u32, ret: u32);
    #[link_name = "[method]symmetric-state.decrypt-detached"]
    pub safe fn state_decrypt_detached(
        state: u32,
        data: u32,
        len: u32,
        tag: u32,
        tag_len: u32,
        ret: u32,
    );
    #[link_name = "[method]symmetric-state.ratchet"]
    pub safe fn state_ratchet(state: u32, ret: u32);
    #[link_name = "[resource-drop]symmetric-state"]
    pub safe fn state_drop(state: u32);

    #[link_name = "[method]symmetric-tag.len"]
    pub safe fn tag_len(tag: u32) -> u64;
    #[link_name = "[static]symmetric-tag.pull"]
    pub safe fn tag_pull(tag: u32, ret: u32);
    #[link_name = "[method]symmetric-tag.verify"]
    pub safe fn tag_verify(tag: u32, expected: u32, len: u32, ret: u32);
    #[link_name = "[resource-drop]symmetric-tag"]
    pub safe fn tag_drop(tag: u32);
}

// SAFETY: as above.
#[link(wasm_import_module = "wasi-ephemeral:crypto/symmetric-batch@0.1.0")]
unsafe extern "C" {
    #[link_name = "squeeze"]
    pub safe fn batch_squeeze(entries: u32, count: u32, ret: u32);
    #[link_name = "squeeze-tag"]
    pub safe fn batch_squeeze_tag(states: u32, count: u32, ret: u32);
    #[link_name = "encrypt"]
    pub safe fn batch_encrypt(entries: u32, count: u32, ret: u32);
    #[link_name = "encrypt-detached"]
    pub safe fn batch_encrypt_detached(entries: u32, count: u32, ret: u32);
    #[link_name = "decrypt"]
    pub safe fn batch_decrypt(entries: u32, count: u32, ret: u32);
    #[link_name = "decrypt-detached"]
    pub safe fn batch_decrypt_detached(entries: u32, count: u32, ret: u32);
}

// SAFETY: as above.
#[link(wasm_import_module = "wasi-ephemeral:crypto/secrets@0.1.0")]
unsafe extern "C" {
    #[link_name = "[static]secrets-manager.open"]
    pub safe fn manager_open(some: u32, options: u32, ret: u32);
    #[link_name = "[method]secrets-manager.generate-symmetric-key"]
    pub safe fn manager_generate_key(
        manager: u32,
        name: u32,
        name_len: u32,
        some: u32,
        options: u32,
        ret: u32,
    );
    #[link_name = "[method]secrets-manager.store-symmetric-key"]
    pub safe fn manager_store_key(manager: u32, key: u32, ret: u32);
    #[link_name = "[method]secrets-manager.replace-symmetric-key"]
    pub safe fn manager_replace_key(manager: u32, old: u32, new: u32, ret: u32);
    #[link_name = "[method]secrets-manager.symmetric-key-from-id"]
    pub safe fn manager_key_from_id(
        manager: u32,
        id: u32,
        id_len: u32,
        selector: u32,
        version: u64,
        ret: u32,
    );
    #[link_name = "[method]secrets-manager.invalidate"]
    pub safe fn manager_invalidate(
        manager: u32,
        id: u32,
        id_len: u32,
        selector: u32,
        version: u64,
        ret: u32,
    );
    #[link_name = "[resource-drop]secrets-manager"]
    pub safe fn manager_drop(manager: u32);
    #[link_name = "symmetric-key-id"]
    pub safe fn key_id(key: u32, ret: u32);
}
