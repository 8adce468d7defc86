//! What `bindgen!` makes of the WIT package.

wasmtime::component::bindgen!({
    path: "wit",
    world: "imports-with-secrets",
    imports: { default: trappable },
    trappable_error_type: {
        "wasi-ephemeral:crypto/common.crypto-errno" => crate::CryptoError,
    },
    with: {
        "wasi-ephemeral:crypto/common.options": crate::Options,
        "wasi-ephemeral:crypto/symmetric.symmetric-key": crate::SymmetricKey,
        "wasi-ephemeral:crypto/symmetric.symmetric-state": crate::SymmetricState,
        "wasi-ephemeral:crypto/symmetric.symmetric-tag": crate::SymmetricTag,
        "wasi-ephemeral:crypto/secrets.secrets-manager": crate::SecretsManager,
    },
});
