//! The interfaces `common` and `symmetric`.

use crate::Interposer;
use crate::audit::{Result, admit, count};
use crate::bindings::exports::wasi_ephemeral::crypto::{common, symmetric};
use crate::bindings::wasi_ephemeral::crypto as inner;

pub(crate) struct Options(pub(crate) inner::common::Options);
pub(crate) struct Key(pub(crate) inner::symmetric::SymmetricKey);
pub(crate) struct State(pub(crate) inner::symmetric::SymmetricState);
pub(crate) struct Tag(pub(crate) inner::symmetric::SymmetricTag);

impl common::Guest for Interposer {
    type Options = Options;
}

impl common::GuestOptions for Options {
    fn open(algorithm_type: common::AlgorithmType) -> Result<common::Options> {
        use inner::common::AlgorithmType;

        count();
        let algorithm_type = match algorithm_type {
            common::AlgorithmType::Signatures => AlgorithmType::Signatures,
            common::AlgorithmType::Symmetric => AlgorithmType::Symmetric,
            common::AlgorithmType::KeyExchange => AlgorithmType::KeyExchange,
        };
        let options = inner::common::Options::open(algorithm_type)?;
        Ok(common::Options::new(Options(options)))
    }

    fn set(&self, name: String, value: Vec<u8>) -> Result<()> {
        count();
        Ok(self.0.set(&name, &value)?)
    }

    fn set_u64(&self, name: String, value: u64) -> Result<()> {
        count();
        Ok(self.0.set_u64(&name, value)?)
    }

    fn set_guest_buffer(&self, name: String, size: u64) -> Result<()> {
        count();
        Ok(self.0.set_guest_buffer(&name, size)?)
    }
}

impl symmetric::Guest for Interposer {
    type SymmetricKey = Key;
    type SymmetricState = State;
    type SymmetricTag = Tag;
}

impl symmetric::GuestSymmetricKey for Key {
    fn generate(
        algorithm: String,
        options: Option<symmetric::OptionsBorrow<'_>>,
    ) -> Result<symmetric::SymmetricKey> {
        admit("generate", &algorithm)?;
        let options = options.as_ref().map(|options| &options.get::<Options>().0);
        let key = inner::symmetric::SymmetricKey::generate(&algorithm, options)?;
        Ok(symmetric::SymmetricKey::new(Key(key)))
    }

    fn import(algorithm: String, raw: Vec<u8>) -> Result<symmetric::SymmetricKey> {
        admit("import", &algorithm)?;
        let key = inner::symmetric::SymmetricKey::import(&algorithm, &raw)?;
        Ok(symmetric::SymmetricKey::new(Key(key)))
    }

    fn export(&self) -> Result<Vec<u8>> {
        count();
        Ok(self.0.export()?)
    }
}

impl symmetric::GuestSymmetricState for State {
    fn open(
        algorithm: String,
        key: Option<symmetric::SymmetricKeyBorrow<'_>>,
        options: Option<symmetric::OptionsBorrow<'_>>,
    ) -> Result<symmetric::SymmetricState> {
        admit("open", &algorithm)?;
        let key = key.as_ref().map(|key| &key.get::<Key>().0);
        let options = options.as_ref().map(|options| &options.get::<Options>().0);
        let state = inner::symmetric::SymmetricState::open(&algorithm, key, options)?;
        Ok(symmetric::SymmetricState::new(State(state)))
    }

    fn options_get(&self, name: String) -> Result<Vec<u8>> {
        count();
        Ok(self.0.options_get(&name)?)
    }

    fn options_get_u64(&self, name: String) -> Result<u64> {
        count();
        Ok(self.0.options_get_u64(&name)?)
    }

    fn clone(&self) -> Result<symmetric::SymmetricState> {
        count();
        let copy = inner::symmetric::SymmetricState::clone(&self.0)?;
        Ok(symmetric::SymmetricState::new(State(copy)))
    }

    fn absorb(&self, data: Vec<u8>) -> Result<()> {
        count();
        Ok(self.0.absorb(&data)?)
    }

    fn squeeze(&self, len: u64) -> Result<Vec<u8>> {
        count();
        Ok(self.0.squeeze(len)?)
    }

    fn squeeze_tag(&self) -> Result<symmetric::SymmetricTag> {
        count();
        Ok(symmetric::SymmetricTag::new(Tag(self.0.squeeze_tag()?)))
    }

    fn squeeze_key(&self, algorithm: String) -> Result<symmetric::SymmetricKey> {
        admit("squeeze-key", &algorithm)?;
        let key = self.0.squeeze_key(&algorithm)?;
        Ok(symmetric::SymmetricKey::new(Key(key)))
    }

    fn max_tag_len(&self) -> Result<u64> {
        count();
        Ok(self.0.max_tag_len()?)
    }

    fn encrypt(&self, data: Vec<u8>) -> Result<Vec<u8>> {
        count();
        Ok(self.0.encrypt(&data)?)
    }

    fn encrypt_detached(&self, data: Vec<u8>) -> Result<(Vec<u8>, symmetric::SymmetricTag)> {
        count();
        let (ciphertext, tag) = self.0.encrypt_detached(&data)?;
        Ok((ciphertext, symmetric::SymmetricTag::new(Tag(tag))))
    }

    fn decrypt(&self, data: Vec<u8>) -> Result<Vec<u8>> {
        count();
        Ok(self.0.decrypt(&data)?)
    }

    fn decrypt_detached(&self, data: Vec<u8>, raw_tag: Vec<u8>) -> Result<Vec<u8>> {
        count();
        Ok(self.0.decrypt_detached(&data, &raw_tag)?)
    }

    fn ratchet(&self) -> Result<()> {
        count();
        Ok(self.0.ratchet()?)
    }
}

impl symmetric::GuestSymmetricTag for Tag {
    fn len(&self) -> u64 {
        count();
        self.0.len()
    }

    fn pull(tag: symmetric::SymmetricTag) -> Vec<u8> {
        count();
        inner::symmetric::SymmetricTag::pull(tag.into_inner::<Tag>().0)
    }

    fn verify(&self, expected_raw_tag: Vec<u8>) -> Result<()> {
        count();
        Ok(self.0.verify(&expected_raw_tag)?)
    }
}
