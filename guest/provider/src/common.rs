//! The interface `common`.

use wasi_crypto_engine::Category;

use crate::Provider;
use crate::bindings::exports::wasi_ephemeral::crypto::common::{
    self, AlgorithmType, Guest, GuestOptions,
};
use crate::held::{Held, Result, check_input, engine};

/// The resource `options`.
pub(crate) type Options = Held<wasi_crypto_engine::Options>;

impl Guest for Provider {
    type Options = Options;
}

impl GuestOptions for Options {
    fn open(algorithm_type: AlgorithmType) -> Result<common::Options> {
        let category = match algorithm_type {
            AlgorithmType::Signatures => Category::Signatures,
            AlgorithmType::Symmetric => Category::Symmetric,
            AlgorithmType::KeyExchange => Category::KeyExchange,
        };
        let options = engine().options(category);
        Ok(common::Options::new(Held::new(options)?))
    }

    fn set(&self, name: String, value: Vec<u8>) -> Result<()> {
        check_input(value.len())?;
        Ok(self.get()?.set(&name, &value)?)
    }

    fn set_u64(&self, name: String, value: u64) -> Result<()> {
        Ok(self.get()?.set_u64(&name, value)?)
    }

    fn set_guest_buffer(&self, name: String, size: u64) -> Result<()> {
        Ok(self.get()?.set_guest_buffer(&name, size)?)
    }
}
