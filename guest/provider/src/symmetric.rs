//! The interface `symmetric`.

use wasi_crypto_engine::{Key, State, Tag};

use crate::Provider;
use crate::bindings::exports::wasi_ephemeral::crypto::common::OptionsBorrow;
use crate::bindings::exports::wasi_ephemeral::crypto::symmetric::{
    Guest, GuestSymmetricKey, GuestSymmetricState, GuestSymmetricTag, SymmetricKey,
    SymmetricKeyBorrow, SymmetricState, SymmetricTag,
};
use crate::common::Options;
use crate::held::{Held, Result, check_input, check_room, engine, unwrapped};

/// The resource `symmetric-key`.
pub(crate) type HeldKey = Held<Key>;
/// The resource `symmetric-state`.
pub(crate) type HeldState = Held<State>;
/// The resource `symmetric-tag`.
pub(crate) type HeldTag = Held<Tag>;

impl Guest for Provider {
    type SymmetricKey = HeldKey;
    type SymmetricState = HeldState;
    type SymmetricTag = HeldTag;
}

impl GuestSymmetricKey for HeldKey {
    fn generate(algorithm: String, options: Option<OptionsBorrow<'_>>) -> Result<SymmetricKey> {
        let options = options
            .as_ref()
            .map(|options| options.get::<Options>().get())
            .transpose()?;
        let key = engine().generate_key(&algorithm, options.as_deref())?;
        Ok(SymmetricKey::new(Held::new(key)?))
    }

    fn import(algorithm: String, raw: Vec<u8>) -> Result<SymmetricKey> {
        check_input(raw.len())?;
        let key = engine().import_key(&algorithm, &raw)?;
        Ok(SymmetricKey::new(Held::new(key)?))
    }

    fn export(&self) -> Result<Vec<u8>> {
        let raw = engine().export_key(&*self.get()?)?;
        Ok(unwrapped(raw))
    }
}

impl GuestSymmetricState for HeldState {
    fn open(
        algorithm: String,
        key: Option<SymmetricKeyBorrow<'_>>,
        options: Option<OptionsBorrow<'_>>,
    ) -> Result<SymmetricState> {
        let key = key
            .as_ref()
            .map(|key| key.get::<HeldKey>().get())
            .transpose()?;
        let options = options
            .as_ref()
            .map(|options| options.get::<Options>().get())
            .transpose()?;
        let state = engine().open(&algorithm, key.as_deref(), options.as_deref())?;
        Ok(SymmetricState::new(Held::new(state)?))
    }

    fn options_get(&self, name: String) -> Result<Vec<u8>> {
        Ok(self.get()?.option(&name)?.to_vec())
    }

    fn options_get_u64(&self, name: String) -> Result<u64> {
        Ok(self.get()?.option_u64(&name)?)
    }

    fn clone(&self) -> Result<SymmetricState> {
        let copy = self.get()?.try_clone()?;
        Ok(SymmetricState::new(Held::new(copy)?))
    }

    fn absorb(&self, data: Vec<u8>) -> Result<()> {
        check_input(data.len())?;
        Ok(self.get()?.absorb(&data)?)
    }

    fn squeeze(&self, len: u64) -> Result<Vec<u8>> {
        Ok(unwrapped(self.get()?.squeeze(len)?))
    }

    fn squeeze_tag(&self) -> Result<SymmetricTag> {
        check_room(1)?;
        hold_tag(self.get()?.squeeze_tag()?)
    }

    fn squeeze_key(&self, algorithm: String) -> Result<SymmetricKey> {
        check_room(1)?;
        let key = self.get()?.squeeze_key(&algorithm)?;
        Ok(SymmetricKey::new(Held::new(key)?))
    }

    fn max_tag_len(&self) -> Result<u64> {
        Ok(self.get()?.max_tag_len()? as u64)
    }

    fn encrypt(&self, data: Vec<u8>) -> Result<Vec<u8>> {
        check_input(data.len())?;
        Ok(self.get()?.encrypt(&data)?)
    }

    fn encrypt_detached(&self, data: Vec<u8>) -> Result<(Vec<u8>, SymmetricTag)> {
        check_input(data.len())?;
        check_room(1)?;
        let (ciphertext, tag) = self.get()?.encrypt_detached(&data)?;
        Ok((ciphertext, hold_tag(tag)?))
    }

    fn decrypt(&self, data: Vec<u8>) -> Result<Vec<u8>> {
        check_input(data.len())?;
        Ok(unwrapped(self.get()?.decrypt(&data)?))
    }

    fn decrypt_detached(&self, data: Vec<u8>, raw_tag: Vec<u8>) -> Result<Vec<u8>> {
        check_input(data.len())?;
        Ok(unwrapped(self.get()?.decrypt_detached(&data, &raw_tag)?))
    }

    fn ratchet(&self) -> Result<()> {
        Ok(self.get()?.ratchet()?)
    }
}

impl GuestSymmetricTag for HeldTag {
    fn len(&self) -> u64 {
        self.get().map_or(0, |tag| tag.len() as u64)
    }

    fn pull(tag: SymmetricTag) -> Vec<u8> {
        let tag: HeldTag = tag.into_inner();
        let bytes = tag.get().map(|tag| tag.as_bytes().to_vec());
        bytes.unwrap_or_default()
    }

    fn verify(&self, expected_raw_tag: Vec<u8>) -> Result<()> {
        Ok(self.get()?.verify(&expected_raw_tag)?)
    }
}

/// A handle to a tag.
pub(crate) fn hold_tag(tag: Tag) -> Result<SymmetricTag> {
    Ok(SymmetricTag::new(Held::new(tag)?))
}
