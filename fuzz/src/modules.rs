//! Modules and components, for the tools that make components of them. Whatever the bytes are, those return.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use arbitrary::{Arbitrary as _, Unstructured};
use wasi_crypto_componentize::{ADAPTER, Error, ExitCodes, Heap, Options, componentize_with};
use wasi_crypto_compose::compose_with;
use wasm_encoder::{EntityType, ImportSection, Module, TypeSection, ValType};
use wasm_mutate::WasmMutate;
use wasmparser::{ExternalKind, Parser, Payload, TypeRef, Validator};

/// A component that imports all of the package, and one that exports it.
const APP: &[u8] = include_bytes!("../seeds/compose/app.wasm");
const PROVIDER: &[u8] = include_bytes!("../seeds/compose/provider.wasm");

/// Lets the panics of libraries be: they are caught, and become errors. Each place is told once. Those of the project end
/// the process, as they do otherwise.
pub fn tolerate_libraries() {
    let end = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match info.location() {
        Some(place) if place.file().contains("/registry/src/") => tell_once(place, info),
        _ => end(info),
    }));
}

fn tell_once(place: &Location<'_>, info: &std::panic::PanicHookInfo<'_>) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.insert(place.to_string()) {
        eprintln!("a library panics: {info}");
    }
}

/// Makes a component of a module.
pub fn adapt(module: &[u8]) -> Result<Vec<u8>, Error> {
    // All choices are tried, and the same by the same input.
    let choice = module.last().copied().unwrap_or_default();
    let mut options = Options::default();
    if choice & 1 != 0 {
        options = options.exit_codes(ExitCodes::Exact);
    }
    if choice & 2 != 0 {
        options = options.heap(Heap::Contiguous { room: 1 << 20 });
    }
    let component = componentize_with(module, options)?;
    let valid = Validator::new().validate_all(&component);
    assert!(valid.is_ok(), "it is no component: {:?}", valid.err());
    Ok(component)
}

/// Composes what may be a component with a provider, and a component with what may be a provider.
pub fn compose(component: &[u8]) {
    for (component, provider) in [(component, PROVIDER), (APP, component)] {
        if let Ok(composed) = compose_with(component, provider) {
            let valid = Validator::new_with_features(wasmparser::WasmFeatures::all())
                .validate_all(&composed);
            assert!(valid.is_ok(), "it is no component: {:?}", valid.err());
        }
    }
}

/// Makes a valid module that imports what there is, and a component of it.
pub fn adapt_generated(data: &[u8]) -> arbitrary::Result<()> {
    let mut data = Unstructured::new(data);
    let mut config = wasm_smith::Config::arbitrary(&mut data)?;
    config.available_imports = Some(IMPORTS.clone());
    config.max_memories = 1;
    config.memory64_enabled = false;
    config.threads_enabled = false;
    config.custom_page_sizes_enabled = false;
    config.shared_everything_threads_enabled = false;
    config.custom_descriptors_enabled = false;
    // A memory that fills all there is leaves no room for the adapters.
    config.max_memory32_bytes = 1 << 30;
    let module = wasm_smith::Module::new(config, &mut data)?.to_bytes();
    match adapt(&module) {
        // What the generator calls its exports is up to it.
        Ok(_) | Err(Error::Export { .. }) => Ok(()),
        Err(error) => panic!("a valid module is refused: {error}"),
    }
}

/// Changes a module to another one that is valid, too, or else its bytes by `change_bytes`; gives its length.
pub fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    change_bytes: fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut mutate = WasmMutate::default();
    mutate
        .seed(seed.into())
        .fuel(1000)
        .raw_mutate_func(Some(Arc::new(move |bytes, max| {
            let len = bytes.len();
            bytes.resize(max.max(len), 0);
            let len = change_bytes(bytes, len, max);
            bytes.truncate(len);
            Ok(())
        })));
    let module = data[..size].to_vec();
    let mut mutate = || mutate.run(&module).ok()?.next()?.ok();
    // A third of all stay such as nobody would build them, and not all that are those can be read.
    if !seed.is_multiple_of(3)
        && let Ok(Some(mutated)) = catch_unwind(AssertUnwindSafe(&mut mutate))
        && mutated.len() <= max_size
    {
        data[..mutated.len()].copy_from_slice(&mutated);
        return mutated.len();
    }
    change_bytes(data, size, max_size)
}

/// A module that imports a function of each kind that there is: what the adapter exports, and some of preview 1.
static IMPORTS: LazyLock<Vec<u8>> = LazyLock::new(imports);

fn imports() -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut imports = ImportSection::new();
    for (module, name, params) in functions() {
        imports.import(module, &name, EntityType::Function(types.len()));
        types.ty().function(params, [ValType::I32]);
    }
    let mut module = Module::new();
    module.section(&types).section(&imports);
    module.finish()
}

/// Module, name and parameters of functions that give an errno.
fn functions() -> Vec<(&'static str, String, Vec<ValType>)> {
    use ValType::{I32, I64};
    let mut functions = vec![
        ("wasi_snapshot_preview1", "sched_yield".to_owned(), vec![]),
        (
            "wasi_snapshot_preview1",
            "random_get".to_owned(),
            vec![I32, I32],
        ),
        (
            "wasi_snapshot_preview1",
            "clock_time_get".to_owned(),
            vec![I32, I64, I32],
        ),
        (
            "wasi_snapshot_preview1",
            "fd_write".to_owned(),
            vec![I32, I32, I32, I32],
        ),
        (
            "wasi_snapshot_preview1",
            "args_get".to_owned(),
            vec![I32, I32],
        ),
    ];
    let mut types = Vec::new();
    let mut indices = Vec::new();
    for payload in Parser::new(0).parse_all(ADAPTER) {
        match payload.expect("the adapter is valid") {
            Payload::TypeSection(section) => {
                let section = section.into_iter_err_on_gc_types();
                types.extend(section.map(|ty| ty.expect("a type")));
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import.expect("an import").ty {
                        indices.push(ty);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                indices.extend(section.into_iter().map(|ty| ty.expect("a function")));
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.expect("an export");
                    if export.kind == ExternalKind::Func && export.name != "cabi_import_realloc" {
                        let ty = &types[indices[export.index as usize] as usize];
                        let params = ty.params().iter().map(|ty| match ty {
                            wasmparser::ValType::I64 => I64,
                            _ => I32,
                        });
                        // All modules are served by one adapter, and so any of their names will do.
                        let module = "wasi_ephemeral_crypto_symmetric";
                        functions.push((module, export.name.to_owned(), params.collect()));
                    }
                }
            }
            _ => {}
        }
    }
    functions
}
