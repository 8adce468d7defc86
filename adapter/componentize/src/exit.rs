//! Exit codes.
//!
//! The adapter for preview 1 knows two: success and failure. WASI 0.2.12 has a function for others, `exit-with-code`. Where
//! the host is known to have it, this adapter takes the place of the other one for `proc_exit`.

use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    Module, TypeSection, ValType,
};
use wit_component::StringEncoding;
use wit_parser::Resolve;

/// The name of the adapter.
pub const NAME: &str = "wasi_crypto_exit";
/// Its function.
pub const PROC_EXIT: &str = "proc_exit";

const WIT: &str = "
package wasi:cli@0.2.12;

interface exit {
    exit: func(status: result);
    exit-with-code: func(status-code: u8);
}

world exits {
    import exit;
}
";

/// Makes the adapter.
pub fn adapter() -> anyhow::Result<Vec<u8>> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], []);
    let mut imports = ImportSection::new();
    imports.import(
        "wasi:cli/exit@0.2.12",
        "exit-with-code",
        EntityType::Function(0),
    );
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export(PROC_EXIT, ExportKind::Func, 1);
    let mut body = Function::new([]);
    body.instructions()
        .local_get(0)
        // As a process does, it keeps the lowest byte.
        .i32_const(0xff)
        .i32_and()
        .call(0)
        .unreachable()
        .end();
    let mut code = CodeSection::new();
    code.function(&body);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&exports)
        .section(&code);
    let mut bytes = module.finish();

    let mut resolve = Resolve::default();
    let package = resolve.push_str("exit.wit", WIT)?;
    let world = resolve.select_world(&[package], None)?;
    wit_component::embed_component_metadata(
        &mut bytes,
        &resolve,
        world,
        StringEncoding::UTF8,
        false,
    )?;
    Ok(bytes)
}
