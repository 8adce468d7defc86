//! `wasi-crypto keys init`, `rotate`, `revoke`, `rekey` and `import`.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use wasi_crypto_keys::{KeyEncryptionKey, MAX_KEY_LEN, ManagedKey, Selector};
use zeroize::Zeroizing;

use super::store::{Missing, StoreArgs, explained, is_standard_input, read_key, standard_input};
use super::when::When;
use super::{KeyArgs, Printed};
use crate::audit;
use crate::exit::Failure;

/// Makes a key-encryption key, in a new file, and a key store, if --keys names one.
///
/// With a file that there is, makes a key store that is sealed under the key in it.
#[derive(Args)]
pub struct Init {
    #[command(flatten)]
    store: StoreArgs,
}

/// Gives a managed key a new version, at random; older versions stay until they are revoked.
///
/// The new version is for the algorithm of the versions that open. It can be exported if all versions that are not revoked
/// open and can be.
#[derive(Args)]
pub struct Rotate {
    #[command(flatten)]
    key: KeyArgs,

    /// The algorithm that the key is for. Needed where no version opens that would prove it.
    #[arg(short, long, value_name = "NAME")]
    algorithm: Option<String>,

    /// When the new version expires: 2031-12-31 (its end, UTC), 2031-12-31T12:00:00Z, 90days (from now), or seconds since
    /// 1970.
    #[arg(long, value_name = "TIME", value_parser = When::parse)]
    expires: Option<When>,
}

/// Revokes versions of a managed key: they are not given out any more, and their key material is overwritten.
#[derive(Args)]
pub struct Revoke {
    #[command(flatten)]
    key: KeyArgs,

    /// Which version: its number, `latest` or `all`.
    #[arg(value_name = "VERSION", value_parser = version)]
    version: Selector,
}

/// Seals all keys under another key-encryption key. If it is interrupted, run it again.
#[derive(Args)]
pub struct Rekey {
    #[command(flatten)]
    store: StoreArgs,

    /// The file with the new key-encryption key, `-` for standard input.
    #[arg(long, value_name = "FILE")]
    new_key_encryption_key: PathBuf,
}

/// Stores a key that there is, as version 1 of a new managed key.
#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    store: StoreArgs,

    /// The algorithm that the key is for; `wasi-crypto algorithms` lists them.
    #[arg(short, long)]
    algorithm: String,

    /// The namespace that the key goes to.
    #[arg(long, value_name = "NAME")]
    namespace: String,

    /// When it expires: 2031-12-31 (its end, UTC), 2031-12-31T12:00:00Z, 90days (from now), or seconds since 1970.
    #[arg(long, value_name = "TIME", value_parser = When::parse)]
    expires: Option<When>,

    /// Permits guests to export it, where `run` allows that.
    #[arg(long)]
    exportable: bool,

    /// The file with the key's bytes, `-` for standard input. Wipe it afterwards.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Initialized {
    key_encryption_key: String,
    key_encryption_key_made: bool,
    keys: Option<String>,
}

#[derive(Serialize)]
struct Changed {
    namespace: String,
    id: String,
    version: u64,
    expires: Option<When>,
}

#[derive(Serialize)]
struct Revoked {
    namespace: String,
    id: String,
    revoked: String,
}

#[derive(Serialize)]
struct Rekeyed {
    key_encryption_key: String,
    versions: u64,
}

impl Init {
    pub fn execute(self) -> Result<Printed, Failure> {
        let file = self.store.key_file()?;
        audit::check_apart(file, "the key-encryption key")?;
        let made = !file.exists();
        if !made && !self.store.is_named() {
            return Err(Failure::Host(format!(
                "{} exists already, and is left as it is; name another file for a new key-encryption key, or name a key store \
                 with --keys to make one that is sealed under the key in it",
                file.display()
            )));
        }
        let key = if made {
            let key = KeyEncryptionKey::generate().map_err(explained)?;
            key.write_new(file).map_err(explained)?;
            key
        } else {
            read_key(file)?
        };
        let mut lines = Vec::new();
        if made {
            lines.push(format!(
                "{}: a new key-encryption key, {}; keep a copy apart from the key store, which is worth nothing without",
                file.display(),
                key.id()
            ));
        }
        let keys = self.store.is_named().then(|| self.store.shown());
        if let Some(keys) = &keys {
            self.store.make_under(key.clone())?;
            lines.push(format!(
                "{keys}: a key store, sealed under the key-encryption key {}",
                key.id()
            ));
        }
        let initialized = Initialized {
            key_encryption_key: key.id().to_string(),
            key_encryption_key_made: made,
            keys,
        };
        Printed::new(lines.join("\n"), &initialized)
    }
}

impl Rotate {
    pub fn execute(self) -> Result<Printed, Failure> {
        let manager = self.key.store.open(Missing::Fail)?;
        let namespace = self.key.namespace_in(&manager)?;
        let expires = self.expires.map(|when| when.0);
        let rotated = manager
            .rotate_for(&namespace, &self.key.id, self.algorithm.as_deref(), expires)
            .map_err(explained)?;
        let mut text = format!("{}: version {}", rotated.id, rotated.version);
        if let Some(expires) = self.expires {
            text.push_str(&format!(", expires {expires}"));
        }
        Printed::new(text, &Changed::new(namespace, &rotated))
    }
}

impl Revoke {
    pub fn execute(self) -> Result<Printed, Failure> {
        let manager = self.key.store.open(Missing::Fail)?;
        let namespace = self.key.namespace_in(&manager)?;
        manager
            .revoke(&namespace, &self.key.id, self.version)
            .map_err(explained)?;
        let revoked = match self.version {
            Selector::Latest => "latest".to_owned(),
            Selector::All => "all".to_owned(),
            Selector::Exact(version) => version.to_string(),
        };
        let what = match self.version {
            Selector::Latest => "the latest version is revoked".to_owned(),
            Selector::All => "all versions are revoked".to_owned(),
            Selector::Exact(version) => format!("version {version} is revoked"),
        };
        let id = self.key.id.to_string();
        let text = format!("{id}: {what}");
        let revoked = Revoked {
            namespace,
            id,
            revoked,
        };
        Printed::new(text, &revoked)
    }
}

impl Rekey {
    pub fn execute(self) -> Result<Printed, Failure> {
        let file = &self.new_key_encryption_key;
        if is_standard_input(file) && self.store.reads_standard_input() {
            return Err(Failure::Usage(
                "standard input holds one of the key-encryption keys: name a file for the other"
                    .into(),
            ));
        }
        audit::check_apart(file, "the new key-encryption key")?;
        let new = read_key(file)?;
        let manager = self.store.open_also(Missing::Fail, Some(&new))?;
        let versions = manager.rekey(&new).map_err(explained)?;
        let text = format!(
            "{}: {versions} versions sealed again, under the key-encryption key {}",
            self.store.shown(),
            new.id()
        );
        let rekeyed = Rekeyed {
            key_encryption_key: new.id().to_string(),
            versions,
        };
        Printed::new(text, &rekeyed)
    }
}

impl Import {
    pub fn execute(self) -> Result<Printed, Failure> {
        if is_standard_input(&self.file) && self.store.reads_standard_input() {
            return Err(Failure::Usage(
                "standard input holds the key-encryption key: name a file with the key to import"
                    .into(),
            ));
        }
        audit::check_apart(&self.file, "the key to import,")?;
        let raw = read_raw(&self.file)?;
        let manager = self.store.open(Missing::Make)?;
        let expires = self.expires.map(|when| when.0);
        let imported = manager
            .import(
                &self.namespace,
                &self.algorithm,
                &raw,
                expires,
                self.exportable,
            )
            .map_err(explained)?;
        let text = imported.id.to_string();
        let note = self
            .expires
            .map(|expires| format!("{text} expires {expires}"));
        let printed = Printed::new(text, &Changed::new(self.namespace, &imported))?;
        Ok(Printed { note, ..printed })
    }
}

impl Changed {
    fn new(namespace: String, key: &ManagedKey) -> Self {
        Self {
            namespace,
            id: key.id.to_string(),
            version: key.version,
            expires: key.expires.map(When),
        }
    }
}

/// The bytes of a key; what is read is wiped.
fn read_raw(file: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::Unreadable(format!("cannot read {}: {error}", file.display()))
    };
    let source: Box<dyn Read> = if is_standard_input(file) {
        Box::new(standard_input().map_err(unreadable)?)
    } else {
        Box::new(std::fs::File::open(file).map_err(unreadable)?)
    };
    // Reserved at once: a buffer that grows would leave copies behind.
    let most = MAX_KEY_LEN + 1;
    let mut raw = Zeroizing::new(Vec::with_capacity(most + 64));
    let mut source = source.take(most as u64);
    source.read_to_end(&mut raw).map_err(unreadable)?;
    Ok(raw)
}

fn version(text: &str) -> Result<Selector, String> {
    match text {
        "latest" => Ok(Selector::Latest),
        "all" => Ok(Selector::All),
        _ => text
            .parse()
            .map(Selector::Exact)
            .map_err(|_| "a version is a number, `latest` or `all`".into()),
    }
}
