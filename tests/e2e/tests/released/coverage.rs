//! The programs use all of the package as it was, and of the witx modules what there was of them; and the package has all
//! of that still.

use std::collections::BTreeSet;
use std::path::Path;

use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;
use wasmtime::{Engine, Module};
use wit_parser::Resolve;

use crate::fixture;

/// The witx modules that the adapter had nothing behind.
const STUBS: [&str; 5] = [
    "asymmetric_common",
    "signatures",
    "signatures_batch",
    "kx",
    "external_secrets",
];

fn files(folder: &str) -> impl Iterator<Item = (String, Vec<u8>)> {
    let entries = std::fs::read_dir(fixture(folder)).expect("a folder");
    entries.filter_map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()?
            .to_str()?
            .strip_suffix(".wasm")?
            .to_owned();
        Some((name, std::fs::read(path).expect("a program")))
    })
}

/// The functions in those instances that are interfaces of the package.
fn functions<'a>(
    engine: &Engine,
    instances: impl Iterator<Item = (&'a str, ComponentItem)>,
) -> BTreeSet<(String, String)> {
    let mut functions = BTreeSet::new();
    for (interface, item) in instances {
        if let ComponentItem::ComponentInstance(instance) = item
            && interface.starts_with("wasi-ephemeral:crypto/")
        {
            let items = instance.exports(engine);
            let of_instance =
                items.filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)));
            functions.extend(of_instance.map(|(name, _)| (interface.to_owned(), name.to_owned())));
        }
    }
    functions
}

#[test]
fn every_function_of_the_package_is_imported_by_a_component_and_still_there() {
    let engine = Engine::default();
    let (mut imported, mut exported) = (BTreeSet::new(), BTreeSet::new());
    for (name, bytes) in files("components") {
        let component = Component::new(&engine, bytes).expect("a component");
        let ty = component.component_type();
        if name == "interposer" {
            let exports = ty.exports(&engine);
            exported = functions(&engine, exports.map(|(name, item)| (name, item.ty)));
        } else {
            let imports = ty.imports(&engine);
            imported.extend(functions(
                &engine,
                imports.map(|(name, item)| (name, item.ty)),
            ));
        }
    }
    // The interposer exports all of the package.
    assert_eq!(exported.len(), 45);
    assert_eq!(imported, exported);
    let gone: Vec<_> = imported.difference(&of_today()).cloned().collect();
    assert!(gone.is_empty(), "{gone:?}");
}

/// The functions of the package as it is now.
fn of_today() -> BTreeSet<(String, String)> {
    let mut resolve = Resolve::new();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_dir(wit).expect("the package");
    let interfaces = resolve.packages[package].interfaces.values();
    let functions = interfaces.flat_map(|id| {
        let interface = resolve.id_of(*id).expect("a name");
        let functions = resolve.interfaces[*id].functions.keys();
        functions.map(move |name| (interface.clone(), name.clone()))
    });
    functions.collect()
}

#[test]
fn every_function_of_the_witx_modules_is_imported_by_a_core_module() {
    let engine = Engine::default();
    let (mut imported, mut all) = (BTreeSet::new(), BTreeSet::new());
    for (name, bytes) in files("modules") {
        let module = Module::new(&engine, bytes).expect("a module");
        let functions = module.imports().filter_map(|import| {
            let witx = import.module().strip_prefix("wasi_ephemeral_crypto_")?;
            let function = import.name();
            // What one generator of bindings makes of a name ending in `u64`.
            let function = function.replace("_u_64", "_u64");
            (!STUBS.contains(&witx)).then(|| (witx.to_owned(), function))
        });
        if name == "every-import" {
            all = functions.collect();
        } else {
            imported.extend(functions);
        }
    }
    assert_eq!(all.len(), 44);
    assert_eq!(imported, all);
}
