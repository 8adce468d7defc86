//! Signals, on a system that has none: nothing ends the command but the command.

use wasi_crypto_keys::KeyStore;

/// Ends the process whose output nobody reads any more.
pub fn broken_pipe() -> ! {
    std::process::exit(1)
}

/// Gives the store as it is.
pub fn closing(store: Box<dyn KeyStore>) -> Box<dyn KeyStore> {
    store
}
