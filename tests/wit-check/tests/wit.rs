//! The package in `wit/` is a contract and a reference manual: it has to be valid, complete and
//! in one format. `UPDATE_WIT=1 cargo test -p wasi-crypto-wit-check` rewrites the files in that format.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use wit_component::WitPrinter;
use wit_parser::{
    Docs, Function, PackageId, Resolve, Type, TypeDefKind, TypeOwner, WorldItem, WorldKey,
};

/// The file that holds the worlds and the package's own documentation. Every other file holds the
/// one interface that it is named after.
const WORLDS: &str = "world";

/// The members of the witx enumeration `crypto_errno`, by number, as the module
/// `wasi_ephemeral_crypto_symmetric` lists them.
const WITX_ERRNO: [&str; 31] = [
    "success",
    "guest_error",
    "not_implemented",
    "unsupported_feature",
    "prohibited_operation",
    "unsupported_encoding",
    "unsupported_algorithm",
    "unsupported_option",
    "invalid_key",
    "invalid_length",
    "verification_failed",
    "rng_error",
    "algorithm_failure",
    "invalid_signature",
    "closed",
    "invalid_handle",
    "overflow",
    "internal_error",
    "too_many_handles",
    "key_not_supported",
    "key_required",
    "invalid_tag",
    "invalid_operation",
    "nonce_required",
    "invalid_nonce",
    "option_not_set",
    "not_found",
    "parameters_missing",
    "in_progress",
    "incompatible_keys",
    "expired",
];

struct Wit {
    dir: PathBuf,
    resolve: Resolve,
    package: PackageId,
}

impl Wit {
    fn load() -> Self {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(&dir).unwrap_or_else(|e| panic!("{e:?}"));
        Self {
            dir,
            resolve,
            package,
        }
    }

    /// The interfaces that a world imports and exports, in order.
    fn world(&self, name: &str) -> (Vec<&str>, Vec<&str>) {
        let id = self.resolve.packages[self.package].worlds[name];
        let world = &self.resolve.worlds[id];
        (
            self.interface_names(&world.imports),
            self.interface_names(&world.exports),
        )
    }

    fn interface_names<'a>(
        &'a self,
        items: impl IntoIterator<Item = (&'a WorldKey, &'a WorldItem)>,
    ) -> Vec<&'a str> {
        items
            .into_iter()
            .map(|(key, _)| match key {
                WorldKey::Interface(id) => self.resolve.interfaces[*id].name.as_deref().unwrap(),
                WorldKey::Name(name) => name,
            })
            .collect()
    }

    fn errno_cases(&self) -> Vec<(&str, &Docs)> {
        let common = self.resolve.packages[self.package].interfaces["common"];
        let errno = self.resolve.interfaces[common].types["crypto-errno"];
        match &self.resolve.types[errno].kind {
            TypeDefKind::Enum(errno) => errno
                .cases
                .iter()
                .map(|case| (case.name.as_str(), &case.docs))
                .collect(),
            other => panic!("crypto-errno is {}", other.as_str()),
        }
    }

    fn functions(&self) -> impl Iterator<Item = (String, &Function)> {
        let package = &self.resolve.packages[self.package];
        package.interfaces.iter().flat_map(|(interface, id)| {
            let functions = &self.resolve.interfaces[*id].functions;
            functions
                .iter()
                .map(move |(name, function)| (format!("{interface}: {name}"), function))
        })
    }

    /// Everything in the package that can carry documentation, with a name to find it by.
    fn documented_items(&self) -> Vec<(String, &Docs)> {
        let package = &self.resolve.packages[self.package];
        let mut items = vec![("package".to_owned(), &package.docs)];
        for (name, id) in &package.worlds {
            items.push((format!("world {name}"), &self.resolve.worlds[*id].docs));
        }
        for (interface, id) in &package.interfaces {
            let owner = TypeOwner::Interface(*id);
            let id = &self.resolve.interfaces[*id];
            items.push((format!("interface {interface}"), &id.docs));
            for (name, ty) in &id.types {
                let ty = &self.resolve.types[*ty];
                if let TypeDefKind::Type(Type::Id(used)) = ty.kind
                    && self.resolve.types[used].owner != owner
                {
                    continue; // `use`: documented where it is defined
                }
                let name = format!("{interface}: {name}");
                let members: Vec<(&str, &Docs)> = match &ty.kind {
                    TypeDefKind::Resource | TypeDefKind::Type(_) => Vec::new(),
                    TypeDefKind::Record(record) => {
                        let fields = record.fields.iter();
                        fields.map(|f| (f.name.as_str(), &f.docs)).collect()
                    }
                    TypeDefKind::Enum(cases) => {
                        let cases = cases.cases.iter();
                        cases.map(|c| (c.name.as_str(), &c.docs)).collect()
                    }
                    TypeDefKind::Variant(variant) => {
                        let cases = variant.cases.iter();
                        cases.map(|c| (c.name.as_str(), &c.docs)).collect()
                    }
                    other => panic!("{name}: a check for {} is missing", other.as_str()),
                };
                let members = members.into_iter();
                items.extend(members.map(|(member, docs)| (format!("{name}.{member}"), docs)));
                items.push((name, &ty.docs));
            }
        }
        let functions = self.functions();
        items.extend(functions.map(|(name, function)| (name, &function.docs)));
        items
    }

    /// One file of the package, as the printer prints it.
    fn print_file(&self, stem: &str) -> String {
        let mut resolve = self.resolve.clone();
        let package = &mut resolve.packages[self.package];
        package.interfaces.retain(|name, _| name == stem);
        if stem != WORLDS {
            package.worlds.clear();
            package.docs = Docs::default();
        }
        let mut printer = WitPrinter::default();
        printer.print(&resolve, self.package, &[]).unwrap();
        let text = printer.output.to_string();
        format!("{}\n", text.trim_end())
    }
}

/// The error names that the list under "Errors:" has, in order.
fn listed_errors(docs: &Docs) -> Vec<&str> {
    let text = docs.contents.as_deref().unwrap_or_default();
    text.lines()
        .skip_while(|line| *line != "Errors:")
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with("- ") || line.starts_with("  "))
        .filter_map(|line| line.strip_prefix("- `")?.split_once("`: "))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn the_package_encodes_to_a_valid_binary() {
    let wit = Wit::load();
    let name = wit.resolve.packages[wit.package].name.to_string();
    assert_eq!(name, "wasi-ephemeral:crypto@0.1.0");
    let binary = wit_component::encode(&wit.resolve, wit.package, false).unwrap();
    wasmparser::validate(&binary).unwrap();
}

#[test]
fn the_worlds_have_exactly_their_imports_and_exports() {
    let wit = Wit::load();
    let core = [
        "common",
        "symmetric",
        "symmetric-batch",
        "symmetric-oneshot",
    ];
    let all = [&core[..], &["secrets"]].concat();
    let worlds = &wit.resolve.packages[wit.package].worlds;
    let names: Vec<_> = worlds.keys().map(String::as_str).collect();
    assert_eq!(names, ["imports", "imports-with-secrets", "provider"]);
    assert_eq!(wit.world("imports"), (core.to_vec(), Vec::new()));
    assert_eq!(wit.world("imports-with-secrets"), (all.clone(), Vec::new()));
    assert_eq!(wit.world("provider"), (Vec::new(), all));
}

#[test]
fn every_item_is_documented() {
    let wit = Wit::load();
    let items = wit.documented_items();
    let bare: Vec<_> = items
        .iter()
        .filter(|(_, docs)| {
            let text = docs.contents.as_deref().unwrap_or_default();
            text.trim().is_empty()
        })
        .map(|(name, _)| name)
        .collect();
    assert!(bare.is_empty(), "without documentation: {bare:#?}");
}

#[test]
fn functions_list_the_errors_that_they_return() {
    let wit = Wit::load();
    let known: BTreeSet<_> = wit
        .errno_cases()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for (name, function) in wit.functions() {
        let fallible = match function.result {
            Some(Type::Id(id)) => matches!(wit.resolve.types[id].kind, TypeDefKind::Result(_)),
            _ => false,
        };
        let listed = listed_errors(&function.docs);
        assert_eq!(fallible, !listed.is_empty(), "{name}: list of errors");
        let distinct: BTreeSet<_> = listed.iter().copied().collect();
        assert_eq!(distinct.len(), listed.len(), "{name}: {listed:?}");
        let unknown: Vec<_> = distinct.difference(&known).collect();
        assert!(unknown.is_empty(), "{name}: no such errors: {unknown:?}");
    }
}

#[test]
fn crypto_errno_has_the_numbers_of_the_witx_enumeration() {
    let wit = Wit::load();
    let cases = wit.errno_cases();
    let names: Vec<_> = cases
        .iter()
        .map(|(name, _)| name.replace('-', "_"))
        .collect();
    assert_eq!(WITX_ERRNO[0], "success", "stands for ok");
    assert_eq!(names, WITX_ERRNO[1..]);
    for (index, (name, docs)) in cases.iter().enumerate() {
        let text = docs.contents.as_deref().unwrap_or_default();
        let words: Vec<_> = text.split_whitespace().collect();
        let number = format!("Witx errno {}.", index + 1);
        assert!(words.join(" ").ends_with(&number), "{name}: {number}");
    }
}

#[test]
fn every_file_is_formatted_as_the_printer_prints_it() {
    let wit = Wit::load();
    let files: BTreeSet<_> = fs::read_dir(&wit.dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let interfaces = wit.resolve.packages[wit.package].interfaces.keys();
    let stems: Vec<_> = interfaces.map(String::as_str).chain([WORLDS]).collect();
    let expected: BTreeSet<_> = stems.iter().map(|stem| format!("{stem}.wit")).collect();
    assert_eq!(files, expected, "one file per interface, and the worlds");

    let update = env::var_os("UPDATE_WIT").is_some_and(|value| value == "1");
    for stem in stems {
        let path = wit.dir.join(format!("{stem}.wit"));
        let actual = fs::read_to_string(&path).unwrap();
        let printed = wit.print_file(stem);
        if update && actual != printed {
            // Renamed into place, since the other tests read the package at the same time.
            let new = path.with_extension("new");
            fs::write(&new, &printed).unwrap();
            fs::rename(&new, &path).unwrap();
            continue;
        }
        let line = actual.lines().zip(printed.lines());
        let line = 1 + line
            .take_while(|(actual, printed)| actual == printed)
            .count();
        assert!(
            actual == printed,
            "{stem}.wit differs from line {line} on; UPDATE_WIT=1 rewrites it"
        );
    }
}
