//! Holds that the built module is one that wit-component can use as an adapter, and that it is complete.
//!
//! Some of what is checked here would otherwise go wrong only when a component runs: without its names, for example, the
//! adapter has no stack.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{
    ExternalKind, FuncType, KnownCustom, Name, Operator, Parser, Payload, TypeRef, ValType,
    Validator,
};

use crate::object;
use crate::witx;

/// What is wrong with the module.
type Problem = String;

/// Where the adapter may import functions from.
const PACKAGE: &str = "wasi-ephemeral:crypto/";

#[derive(Default)]
struct Found {
    types: Vec<FuncType>,
    functions: Vec<u32>,
    exports: BTreeMap<String, u32>,
    globals: usize,
    global_names: BTreeSet<String>,
    memories: usize,
}

pub fn check(module: &[u8]) -> Result<(), Problem> {
    Validator::new()
        .validate_all(module)
        .map_err(|error| format!("it is not valid: {error}"))?;
    let mut found = Found::default();
    for payload in Parser::new(0).parse_all(module) {
        read(payload.map_err(|error| error.to_string())?, &mut found)
            .map_err(|error| error.to_string())??;
    }
    found.check_globals()?;
    found.check_exports()
}

fn read(
    payload: Payload<'_>,
    found: &mut Found,
) -> Result<Result<(), Problem>, wasmparser::BinaryReaderError> {
    match payload {
        Payload::TypeSection(types) => {
            for ty in types.into_iter_err_on_gc_types() {
                found.types.push(ty?);
            }
        }
        Payload::ImportSection(imports) => {
            for import in imports.into_imports() {
                let import = import?;
                match import.ty {
                    TypeRef::Func(ty) if import.module.starts_with(PACKAGE) => {
                        found.functions.push(ty);
                    }
                    TypeRef::Memory(_) if (import.module, import.name) == ("env", "memory") => {
                        found.memories += 1;
                    }
                    _ => {
                        let (module, name) = (import.module, import.name);
                        return Ok(Err(format!("it imports `{name}` from `{module}`")));
                    }
                }
            }
        }
        Payload::FunctionSection(functions) => {
            for ty in functions {
                found.functions.push(ty?);
            }
        }
        Payload::GlobalSection(globals) => {
            for global in globals {
                let ty = global?.ty;
                // Immutable ones are addresses that the linker exports, and nobody uses.
                found.globals += usize::from(ty.mutable);
            }
        }
        Payload::ExportSection(exports) => {
            for export in exports {
                let export = export?;
                if export.kind == ExternalKind::Func {
                    found.exports.insert(export.name.to_owned(), export.index);
                }
            }
        }
        Payload::CustomSection(section) => {
            if let KnownCustom::Name(names) = section.as_known() {
                for names in names {
                    if let Name::Global(names) = names? {
                        for naming in names {
                            found.global_names.insert(naming?.name.to_owned());
                        }
                    }
                }
            }
        }
        // The linker writes an empty table. It is left out of components as long as nothing uses it.
        Payload::TableSection(_) => {}
        Payload::CodeSectionEntry(body) => {
            for operator in body.get_operators_reader()? {
                if matches!(operator?, Operator::CallIndirect { .. }) {
                    return Ok(Err("it calls through a table".to_owned()));
                }
            }
        }
        Payload::Version { .. } | Payload::CodeSectionStart { .. } | Payload::End(_) => {}
        other => {
            let section = other.as_section().map_or(u8::MAX, |(id, _)| id);
            return Ok(Err(format!(
                "it has a section that an adapter cannot have, of number {section}: static data?"
            )));
        }
    }
    Ok(Ok(()))
}

impl Found {
    fn check_globals(&self) -> Result<(), Problem> {
        if self.memories != 1 {
            return Err("it does not import a memory".to_owned());
        }
        for global in object::GLOBALS {
            if !self.global_names.contains(global) {
                return Err(format!("it has no global by the name of `{global}`"));
            }
        }
        let stack = usize::from(self.global_names.contains("__stack_pointer"));
        if self.globals != object::GLOBALS.len() + stack {
            return Err(format!(
                "{} of its globals are mutable, and not all of them known",
                self.globals
            ));
        }
        Ok(())
    }

    fn check_exports(&self) -> Result<(), Problem> {
        self.check_export("cabi_import_realloc", "iiii")?;
        for (_, name, params) in witx::FUNCTIONS {
            self.check_export(name, params)?;
        }
        let known = |name: &&String| {
            name.as_str() == "cabi_import_realloc"
                || witx::FUNCTIONS
                    .iter()
                    .any(|(_, function, _)| function == name)
        };
        match self.exports.keys().find(|name| !known(name)) {
            Some(name) => Err(format!("it exports `{name}`, which no witx module has")),
            None => Ok(()),
        }
    }

    fn check_export(&self, name: &str, params: &str) -> Result<(), Problem> {
        let function = self
            .exports
            .get(name)
            .ok_or_else(|| format!("it does not export `{name}`"))?;
        let ty = &self.types[self.functions[*function as usize] as usize];
        let params = params.chars().map(|param| match param {
            'I' => ValType::I64,
            _ => ValType::I32,
        });
        if *ty != FuncType::new(params, [ValType::I32]) {
            return Err(format!("`{name}` has the wrong signature: {ty}"));
        }
        Ok(())
    }
}
