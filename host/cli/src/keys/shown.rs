//! `wasi-crypto keys list` and `show`.

use clap::Args;
use serde::Serialize;
use wasi_crypto_keys::{KeyId, KeyInfo, KeyState, Manager};

use super::store::{Missing, StoreArgs, explained};
use super::when::When;
use super::{KeyArgs, Printed};
use crate::exit::Failure;
use crate::table::columns;

/// Lists managed keys.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    store: StoreArgs,

    /// Lists the keys of this namespace alone.
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,

    /// Lists keys of which all versions are revoked, too.
    #[arg(long)]
    revoked: bool,
}

/// Shows the versions of a managed key.
#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    key: KeyArgs,
}

impl List {
    pub fn execute(self) -> Result<Printed, Failure> {
        let manager = self.store.open(Missing::Fail)?;
        let mut keys: Vec<ShownKey> = Vec::new();
        for info in manager.list(self.namespace.as_deref()) {
            let info = info.map_err(explained)?;
            match keys.last_mut() {
                Some(last) if last.is_of(&info) => last.add(&info),
                _ => keys.push(ShownKey::new(&info)),
            }
        }
        keys.retain(|key| self.revoked || !key.is_revoked());
        let header = [
            "NAMESPACE",
            "ID",
            "ALGORITHM",
            "VERSIONS",
            "LATEST",
            "STATE",
            "EXPIRES",
        ];
        let rows = keys.iter().map(ShownKey::cells).collect::<Vec<_>>();
        Printed::new(columns(header, &rows), &keys)
    }
}

impl Show {
    pub fn execute(self) -> Result<Printed, Failure> {
        let manager = self.key.store.open(Missing::Fail)?;
        let namespace = self.key.namespace_in(&manager)?;
        let shown = manager.show(&namespace, &self.key.id).map_err(explained)?;
        let mut versions = shown.iter();
        let Some(first) = versions.next() else {
            return Err(explained(wasi_crypto_keys::Error::NotFound));
        };
        let mut key = ShownKey::new(first);
        versions.for_each(|info| key.add(info));
        let header = [
            "VERSION",
            "STATE",
            "CREATED",
            "EXPIRES",
            "REVOKED",
            "EXPORTABLE",
            "SEALED UNDER",
        ];
        let rows = key.versions.iter().map(ShownVersion::cells);
        let table = columns(header, &rows.collect::<Vec<_>>());
        let text = format!(
            "{} in the namespace {}, for {}\n{table}",
            key.id,
            key.namespace.escape_debug(),
            key.shown_algorithm()
        );
        let text = if key.is_proven() {
            text
        } else {
            format!(
                "{text}\n{UNPROVEN} only the store says so: the version was revoked or does not open"
            )
        };
        Printed::new(text, &key)
    }
}

/// The namespace that a key is in. Identifiers are drawn at random, so that one in two namespaces is somebody's doing.
pub fn find(manager: &Manager, id: &KeyId) -> Result<String, Failure> {
    let mut found: Option<String> = None;
    for info in manager.list(None) {
        let info = info.map_err(explained)?;
        if info.id != *id || found.as_ref() == Some(&info.namespace) {
            continue;
        }
        if let Some(other) = found {
            return Err(Failure::Refused(format!(
                "{id} is in the namespaces {} and {}; say with --namespace which one is meant",
                other.escape_debug(),
                info.namespace.escape_debug()
            )));
        }
        found = Some(info.namespace);
    }
    found.ok_or_else(|| explained(wasi_crypto_keys::Error::NotFound))
}

/// Follows what only the store says.
const UNPROVEN: char = '?';

#[derive(Serialize)]
struct ShownKey {
    namespace: String,
    id: String,
    /// That of the newest version that opens, if there is one.
    algorithm: String,
    algorithm_is_proven: bool,
    versions: Vec<ShownVersion>,
}

#[derive(Serialize)]
struct ShownVersion {
    version: u64,
    state: &'static str,
    /// Whether the version opens, so that what is said of it is no claim of the store's.
    is_proven: bool,
    created: When,
    expires: Option<When>,
    revoked: Option<When>,
    exportable: bool,
    key_encryption_key: String,
}

impl ShownKey {
    fn new(info: &KeyInfo) -> Self {
        Self {
            namespace: info.namespace.clone(),
            id: info.id.to_string(),
            algorithm: info.algorithm.clone(),
            algorithm_is_proven: info.is_proven(),
            versions: vec![ShownVersion::new(info)],
        }
    }

    fn add(&mut self, info: &KeyInfo) {
        if info.is_proven() || !self.algorithm_is_proven {
            self.algorithm.clone_from(&info.algorithm);
            self.algorithm_is_proven = info.is_proven();
        }
        self.versions.push(ShownVersion::new(info));
    }

    fn is_proven(&self) -> bool {
        self.algorithm_is_proven && self.versions.iter().all(|version| version.is_proven)
    }

    fn shown_algorithm(&self) -> String {
        let name = self.algorithm.escape_debug().to_string();
        marked(name, self.algorithm_is_proven)
    }

    fn is_of(&self, info: &KeyInfo) -> bool {
        self.namespace == info.namespace && self.id == info.id.to_string()
    }

    fn is_revoked(&self) -> bool {
        let revoked = KeyState::Revoked.as_str();
        self.versions.iter().all(|version| version.state == revoked)
    }

    fn cells(&self) -> [String; 7] {
        // There is no key without a version.
        let latest = self.versions.last();
        let of_latest = |cell: fn(&ShownVersion) -> String| latest.map(cell).unwrap_or_default();
        [
            self.namespace.escape_debug().to_string(),
            self.id.clone(),
            self.shown_algorithm(),
            self.versions.len().to_string(),
            of_latest(|latest| latest.version.to_string()),
            of_latest(|latest| latest.state.to_owned()),
            of_latest(|latest| latest.claim(time(latest.expires))),
        ]
    }
}

impl ShownVersion {
    fn new(info: &KeyInfo) -> Self {
        Self {
            version: info.version,
            state: info.state.as_str(),
            is_proven: info.is_proven(),
            created: When(info.created),
            expires: info.expires.map(When),
            revoked: info.revoked.map(When),
            exportable: info.exportable,
            key_encryption_key: info.kek.to_string(),
        }
    }

    fn cells(&self) -> [String; 7] {
        [
            self.version.to_string(),
            self.state.to_owned(),
            self.claim(self.created.to_string()),
            self.claim(time(self.expires)),
            // Nothing ever proves this one.
            time(self.revoked),
            self.claim(if self.exportable { "yes" } else { "no" }.to_owned()),
            self.claim(self.key_encryption_key.clone()),
        ]
    }

    fn claim(&self, text: String) -> String {
        marked(text, self.is_proven)
    }
}

fn marked(mut text: String, is_proven: bool) -> String {
    if !is_proven {
        text.push(UNPROVEN);
    }
    text
}

fn time(when: Option<When>) -> String {
    when.map_or_else(|| "-".to_owned(), |when| when.to_string())
}
