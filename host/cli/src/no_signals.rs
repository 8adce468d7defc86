//! Signals, on a system that has none: nothing ends the command but the command.

use std::io;

use wasi_crypto_keys::KeyStore;

/// Ends the process whose output nobody reads any more.
pub fn broken_pipe() -> ! {
    std::process::exit(1)
}

/// Notes each SIGHUP, of which there is none.
pub struct Hangups;

impl Hangups {
    pub fn noted() -> io::Result<Self> {
        Ok(Self)
    }

    pub fn taken(&self) -> bool {
        false
    }

    pub fn again(&self) {}
}

/// Gives the store as it is.
pub fn closing(store: Box<dyn KeyStore>) -> Box<dyn KeyStore> {
    store
}
