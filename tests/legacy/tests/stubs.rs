//! The functions of witx modules that the adapter has nothing behind: asymmetric cryptography and secrets.

use std::fmt::Write as _;

use wasi_crypto_componentize::ADAPTER;
use wasi_crypto_legacy_tests::text::run;
use wasmtime::{Engine, ExternType, Module, ValType};

/// What the functions' names begin with, and their module.
const MODULES: [(&str, &str); 7] = [
    ("keypair_", "asymmetric_common"),
    ("publickey_", "asymmetric_common"),
    ("secretkey_", "asymmetric_common"),
    ("signature_", "signatures"),
    ("batch_signature_", "signatures_batch"),
    ("kx_", "kx"),
    ("external_secret_", "external_secrets"),
];

/// For each function its module, its name, and its parameters.
fn functions() -> Vec<(&'static str, String, Vec<ValType>)> {
    let adapter = Module::new(&Engine::default(), ADAPTER).expect("the adapter is a module");
    let function = |export: wasmtime::ExportType<'_>| {
        let (_, module) = MODULES
            .iter()
            .find(|(prefix, _)| export.name().starts_with(prefix))?;
        match export.ty() {
            ExternType::Func(ty) => {
                Some((*module, export.name().to_owned(), ty.params().collect()))
            }
            _ => None,
        }
    };
    adapter.exports().filter_map(function).collect()
}

#[test]
fn all_functions_of_other_modules_are_not_implemented_and_write_nothing() {
    let functions = functions();
    // asymmetric_common has 20, signatures 11, signatures_batch 2, kx 3, and external_secrets 6.
    assert_eq!(functions.len(), 42);
    let mut imports = String::new();
    let mut calls = String::new();
    // Good addresses, which would be written to; and such as lie outside of memory.
    for good in [true, false] {
        for (module, name, params) in &functions {
            if good {
                let types: String = params.iter().map(|ty| format!("{ty} ")).collect();
                let _ = writeln!(
                    imports,
                    r#"(import "wasi_ephemeral_crypto_{module}" "{name}" (func ${name} (param {types}) (result i32)))"#
                );
            }
            let values: String = (0..params.len())
                .map(|at| if good { 1024 * at as i32 } else { -1 })
                .zip(params)
                .map(|(value, ty)| format!("({ty}.const {value})"))
                .collect();
            let _ = writeln!(
                calls,
                "(if (i32.ne (call ${name} {values}) (i32.const 2)) (then unreachable))"
            );
        }
    }
    let text = format!(
        r#"(module {imports} (memory (export "memory") 1)
        (func (export "_start") (local $at i32)
            (memory.fill (i32.const 0) (i32.const 0x5a) (i32.const 0x10000))
            {calls}
            (loop $next
                (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x5a)) (then unreachable))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $at) (i32.const 0x10000))))))"#
    );
    run(&text).success();
}
