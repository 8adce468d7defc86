//! What a module may import.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{ExternalKind, FuncType, Import, Parser, Payload, TypeRef};

use crate::{ADAPTER, ADAPTER_NAME, Error, ExitCodes, exit};

/// The witx modules, after [`ADAPTER_NAME`] and an underscore.
const WITX_MODULES: [&str; 8] = [
    "common",
    "symmetric",
    "symmetric_batch",
    "asymmetric_common",
    "signatures",
    "signatures_batch",
    "kx",
    "external_secrets",
];

/// The name of the module to import from instead.
///
/// # Errors
///
/// If nobody can give what is imported.
pub fn resolve<'a>(
    import: &Import<'a>,
    types: &[Option<FuncType>],
    exit_codes: ExitCodes,
) -> Result<&'a str, Error> {
    let ty = match import.ty {
        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => ty,
        TypeRef::Table(_) => return Err(wrong_kind(import, "table")),
        TypeRef::Memory(_) => return Err(wrong_kind(import, "memory")),
        TypeRef::Global(_) => return Err(wrong_kind(import, "global")),
        TypeRef::Tag(_) => return Err(wrong_kind(import, "tag")),
    };
    let found = types.get(ty as usize).and_then(Option::as_ref);
    if let Some(witx) = import.module.strip_prefix("wasi_ephemeral_crypto_") {
        if !WITX_MODULES.contains(&witx) {
            return Err(unknown(import, "is no module of wasi-crypto"));
        }
        static FUNCTIONS: LazyLock<BTreeMap<String, FuncType>> =
            LazyLock::new(|| exported_functions(ADAPTER));
        check(import, found, &FUNCTIONS, "is no function of wasi-crypto")?;
        return Ok(ADAPTER_NAME);
    }
    if import.module == WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME {
        static FUNCTIONS: LazyLock<BTreeMap<String, FuncType>> =
            LazyLock::new(|| exported_functions(WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER));
        check(
            import,
            found,
            &FUNCTIONS,
            "is no function of WASI preview 1",
        )?;
        let exits = import.name == exit::PROC_EXIT && exit_codes == ExitCodes::Exact;
        return Ok(if exits { exit::NAME } else { import.module });
    }
    match import.module {
        "wasi_unstable" => Err(unknown(
            import,
            "is WASI from before preview 1; build it with a newer toolchain",
        )),
        // Imports by WIT have a description embedded in the module, which the encoder knows how to read.
        module if module.contains(':') || module.starts_with(['$', '[']) => Ok(import.module),
        _ => Err(unknown(
            import,
            "neither WASI preview 1 nor wasi-crypto has",
        )),
    }
}

fn check(
    import: &Import<'_>,
    found: Option<&FuncType>,
    known: &BTreeMap<String, FuncType>,
    reason: &'static str,
) -> Result<(), Error> {
    let expected = known
        .get(import.name)
        .ok_or_else(|| unknown(import, reason))?;
    match found {
        Some(found) if found == expected => Ok(()),
        _ => Err(Error::Signature {
            module: import.module.to_owned(),
            name: import.name.to_owned(),
            found: found.map_or_else(|| "something else".to_owned(), ToString::to_string),
            expected: expected.to_string(),
        }),
    }
}

fn wrong_kind(import: &Import<'_>, kind: &'static str) -> Error {
    Error::ImportKind {
        kind,
        module: import.module.to_owned(),
        name: import.name.to_owned(),
    }
}

fn unknown(import: &Import<'_>, reason: &'static str) -> Error {
    Error::UnknownImport {
        module: import.module.to_owned(),
        name: import.name.to_owned(),
        reason,
    }
}

/// The functions that an adapter exports. Adapters are built and checked before they get here: one that cannot be read
/// has none.
fn exported_functions(adapter: &[u8]) -> BTreeMap<String, FuncType> {
    read_exported_functions(adapter).unwrap_or_default()
}

fn read_exported_functions(adapter: &[u8]) -> wasmparser::Result<BTreeMap<String, FuncType>> {
    let mut types = Vec::new();
    let mut functions = Vec::new();
    let mut exported = BTreeMap::new();
    for payload in Parser::new(0).parse_all(adapter) {
        match payload? {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    types.push(ty?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import?.ty {
                        functions.push(ty);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    functions.push(ty?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let ty = functions
                        .get(export.index as usize)
                        .and_then(|ty| types.get(*ty as usize));
                    if let (ExternalKind::Func, Some(ty)) = (export.kind, ty) {
                        exported.insert(export.name.to_owned(), ty.clone());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(exported)
}
