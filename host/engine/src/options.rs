//! Options: what callers may set before they open a state.

use std::sync::Arc;

use crate::limits::Budget;
use crate::secret::SecretBuffer;
use crate::{Error, Result};

/// The category of algorithms that a set of options is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Signatures; no such algorithm is in the registry.
    Signatures,
    /// Symmetric algorithms.
    Symmetric,
    /// Key exchange; no such algorithm is in the registry.
    KeyExchange,
}

/// Every option that some algorithm knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionName {
    /// Customization, personalization, derivation context, associated data of a password hash, protocol label. Bytes.
    Context,
    /// Salt. Bytes.
    Salt,
    /// Nonce. Bytes.
    Nonce,
    /// A stored password hash in the PHC string format. Bytes.
    Phc,
    /// Memory that a password hash fills, in bytes. Integer.
    MemoryLimit,
    /// Passes (Argon2), N (scrypt), iterations (PBKDF2). Integer.
    OpsLimit,
    /// Lanes of a password hash. Integer.
    Parallelism,
    /// r of scrypt. Integer.
    BlockSize,
    /// The fanout in BLAKE2's parameter block. Integer.
    Fanout,
    /// Length of a tag in bytes. Integer.
    TagLen,
    /// The domain separation byte D of TurboSHAKE. Integer.
    Domain,
    /// When a managed key expires, in seconds of UNIX time. Integer.
    Expiration,
    /// Memory that the caller lends to a password hash, in bytes. Buffer.
    Buffer,
}

/// Which setter an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionType {
    /// [`Options::set`].
    Bytes,
    /// [`Options::set_u64`].
    Integer,
    /// [`Options::set_guest_buffer`].
    Buffer,
}

struct Row(OptionName, OptionType, &'static [&'static str]);

/// Every option with its type and its names; the first is the one to show, the others are aliases.
const NAMES: [Row; 13] = [
    Row(OptionName::Context, OptionType::Bytes, &["context"]),
    Row(OptionName::Salt, OptionType::Bytes, &["salt"]),
    Row(OptionName::Nonce, OptionType::Bytes, &["nonce"]),
    Row(OptionName::Phc, OptionType::Bytes, &["phc"]),
    Row(
        OptionName::MemoryLimit,
        OptionType::Integer,
        &["memory_limit"],
    ),
    Row(
        OptionName::OpsLimit,
        OptionType::Integer,
        &["ops_limit", "opslimit"],
    ),
    Row(
        OptionName::Parallelism,
        OptionType::Integer,
        &["parallelism", "threads"],
    ),
    Row(OptionName::BlockSize, OptionType::Integer, &["block_size"]),
    Row(OptionName::Fanout, OptionType::Integer, &["fanout"]),
    Row(OptionName::TagLen, OptionType::Integer, &["tag_len"]),
    Row(OptionName::Domain, OptionType::Integer, &["domain"]),
    Row(OptionName::Expiration, OptionType::Integer, &["expiration"]),
    Row(
        OptionName::Buffer,
        OptionType::Buffer,
        &["buffer", "memory"],
    ),
];

impl OptionName {
    /// Finds an option by its name or an alias.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedOption`] for a name that no algorithm knows.
    pub fn find(name: &str) -> Result<Self> {
        NAMES
            .iter()
            .find(|row| row.2.contains(&name))
            .map(|row| row.0)
            .ok_or(Error::UnsupportedOption)
    }

    /// The option's first name.
    pub fn as_str(self) -> &'static str {
        self.row().2[0]
    }

    /// The setter that the option takes.
    pub fn option_type(self) -> OptionType {
        self.row().1
    }

    fn row(self) -> &'static Row {
        // The table is in the order of the cases, which a test holds.
        &NAMES[self as usize]
    }
}

/// A set of options for one category of algorithms.
///
/// A clone shares nothing with its original that either could change.
#[derive(Clone, Debug)]
pub struct Options {
    category: Category,
    /// Nothing is allocated until something is set.
    entries: Option<Arc<Vec<(OptionName, Value)>>>,
    account: Budget,
}

#[derive(Clone, Debug)]
enum Value {
    Bytes(Arc<SecretBuffer>),
    Integer(u64),
}

impl Options {
    pub(crate) fn new(category: Category, account: Budget) -> Self {
        Self {
            category,
            entries: None,
            account,
        }
    }

    /// Sets a byte-string option; setting it again overwrites.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedOption`] for a name that no algorithm knows or an option of another type;
    /// [`Error::Overflow`] when the value does not fit into what the engine lends.
    pub fn set(&mut self, name: &str, value: &[u8]) -> Result<()> {
        let name = Self::check(name, OptionType::Bytes)?;
        self.put_bytes(name, value)
    }

    /// Sets an integer option; setting it again overwrites.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedOption`] for a name that no algorithm knows or an option of another type.
    pub fn set_u64(&mut self, name: &str, value: u64) -> Result<()> {
        let name = Self::check(name, OptionType::Integer)?;
        self.put_integer(name, value);
        Ok(())
    }

    /// Allows a memory-hard function to use `size` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedOption`] for a name that no algorithm knows or an option of another type.
    pub fn set_guest_buffer(&mut self, name: &str, size: u64) -> Result<()> {
        let name = Self::check(name, OptionType::Buffer)?;
        self.put_integer(name, size);
        Ok(())
    }

    fn check(name: &str, expected: OptionType) -> Result<OptionName> {
        let name = OptionName::find(name)?;
        if name.option_type() == expected {
            Ok(name)
        } else {
            Err(Error::UnsupportedOption)
        }
    }

    /// The category that the set was made for.
    pub fn category(&self) -> Category {
        self.category
    }

    /// Whether nothing has been set.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = OptionName> {
        self.entries().iter().map(|(name, _)| *name)
    }

    pub(crate) fn bytes(&self, name: OptionName) -> Option<&[u8]> {
        match self.value(name) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn integer(&self, name: OptionName) -> Option<u64> {
        match self.value(name) {
            Some(Value::Integer(value)) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn put_bytes(&mut self, name: OptionName, value: &[u8]) -> Result<()> {
        let value = SecretBuffer::copy_of(value, self.account.reserve())?;
        self.put(name, Value::Bytes(Arc::new(value)));
        Ok(())
    }

    pub(crate) fn put_integer(&mut self, name: OptionName, value: u64) {
        self.put(name, Value::Integer(value));
    }

    fn entries(&self) -> &[(OptionName, Value)] {
        self.entries.as_deref().map_or(&[], Vec::as_slice)
    }

    fn value(&self, name: OptionName) -> Option<&Value> {
        self.entries()
            .iter()
            .find(|(set, _)| *set == name)
            .map(|(_, value)| value)
    }

    fn put(&mut self, name: OptionName, value: Value) {
        let entries = Arc::make_mut(self.entries.get_or_insert_default());
        match entries.iter_mut().find(|(set, _)| *set == name) {
            Some(entry) => entry.1 = value,
            None => entries.push((name, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options::new(Category::Symmetric, Budget::new(1000))
    }

    #[test]
    fn the_table_of_names_is_in_the_order_of_the_cases() {
        for (index, row) in NAMES.iter().enumerate() {
            assert_eq!(row.0 as usize, index);
        }
    }

    #[test]
    fn aliases_mean_the_same_option() {
        let mut options = options();
        options.set_u64("opslimit", 5).unwrap();
        assert_eq!(options.integer(OptionName::OpsLimit), Some(5));
        options.set_u64("threads", 2).unwrap();
        assert_eq!(options.integer(OptionName::Parallelism), Some(2));
        options.set_guest_buffer("memory", 9).unwrap();
        assert_eq!(options.integer(OptionName::Buffer), Some(9));
    }

    #[test]
    fn a_wrong_setter_or_an_unknown_name_is_an_unsupported_option() {
        let mut options = options();
        for name in ["parallelism", "buffer", "colour", "", "NONCE"] {
            assert_eq!(options.set(name, b"x"), Err(Error::UnsupportedOption));
        }
        for name in ["nonce", "buffer", "colour"] {
            assert_eq!(options.set_u64(name, 1), Err(Error::UnsupportedOption));
        }
        for name in ["nonce", "memory_limit", "colour"] {
            assert_eq!(
                options.set_guest_buffer(name, 1),
                Err(Error::UnsupportedOption)
            );
        }
    }

    #[test]
    fn a_clone_does_not_see_later_changes() {
        let mut original = options();
        original.set("nonce", b"first").unwrap();
        let copy = original.clone();
        original.set("nonce", b"second").unwrap();
        assert_eq!(copy.bytes(OptionName::Nonce), Some(&b"first"[..]));
        assert_eq!(original.bytes(OptionName::Nonce), Some(&b"second"[..]));
    }
}
