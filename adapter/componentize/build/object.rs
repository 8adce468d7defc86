//! The object file that the adapter is linked with.
//!
//! It defines what Rust has no words for: two mutable globals, and accesses to memory at any address. wit-component finds
//! the global `allocation_state` by its name; with it, an adapter gets its stack at its first call rather than when it is
//! instantiated, before allocators of the guest have looked at how much memory there is. It has to be found used, for
//! which reading it and forgetting the value is enough.

use wasm_encoder::{
    ConstExpr, CustomSection, EntityType, FunctionSection, GlobalSection, GlobalType,
    ImportSection, LinkingSection, MemoryType, Module, RawSection, SectionId, SymbolTable,
    TypeSection, ValType,
};

/// The globals. Each is a mutable `i32` and begins as 0.
pub const GLOBALS: [&str; 2] = ["allocation_state", "adapter_page"];

const ALLOCATION_STATE: u8 = 0;
const ADAPTER_PAGE: u8 = 1;

const R_WASM_GLOBAL_INDEX_LEB: u8 = 7;

/// A part of a function.
enum Part {
    Code(&'static [u8]),
    /// An instruction on a global.
    Global(u8, u8),
}

const LOCAL_0: Part = Part::Code(&[0x20, 0]);
const LOCAL_1: Part = Part::Code(&[0x20, 1]);
const LOCAL_2: Part = Part::Code(&[0x20, 2]);
const DROP: Part = Part::Code(&[0x1a]);
const MEMORY_COPY: Part = Part::Code(&[0xfc, 10, 0, 0]);
const MEMORY_FILL: Part = Part::Code(&[0xfc, 11, 0]);
// Accesses that promise no alignment, at offset 0.
const I32_LOAD: Part = Part::Code(&[0x28, 0, 0]);
const I64_LOAD: Part = Part::Code(&[0x29, 0, 0]);
const I32_LOAD8_U: Part = Part::Code(&[0x2d, 0, 0]);
const I32_STORE: Part = Part::Code(&[0x36, 0, 0]);
const I32_STORE16: Part = Part::Code(&[0x3b, 0, 0]);
const I64_STORE: Part = Part::Code(&[0x37, 0, 0]);

const fn global_get(global: u8) -> Part {
    Part::Global(0x23, global)
}

const fn global_set(global: u8) -> Part {
    Part::Global(0x24, global)
}

struct Function {
    name: &'static str,
    params: &'static [ValType],
    results: &'static [ValType],
    body: &'static [Part],
}

const FUNCTIONS: &[Function] = {
    use ValType::{I32, I64};
    &[
        Function {
            name: "adapter_state",
            params: &[],
            results: &[I32],
            body: &[global_get(ADAPTER_PAGE)],
        },
        Function {
            name: "adapter_set_state",
            params: &[I32],
            results: &[],
            body: &[
                global_get(ALLOCATION_STATE),
                DROP,
                LOCAL_0,
                global_set(ADAPTER_PAGE),
            ],
        },
        Function {
            name: "adapter_copy",
            params: &[I32, I32, I32],
            results: &[],
            body: &[LOCAL_0, LOCAL_1, LOCAL_2, MEMORY_COPY],
        },
        Function {
            name: "adapter_fill",
            params: &[I32, I32, I32],
            results: &[],
            body: &[LOCAL_0, LOCAL_1, LOCAL_2, MEMORY_FILL],
        },
        Function {
            name: "adapter_load8",
            params: &[I32],
            results: &[I32],
            body: &[LOCAL_0, I32_LOAD8_U],
        },
        Function {
            name: "adapter_load32",
            params: &[I32],
            results: &[I32],
            body: &[LOCAL_0, I32_LOAD],
        },
        Function {
            name: "adapter_load64",
            params: &[I32],
            results: &[I64],
            body: &[LOCAL_0, I64_LOAD],
        },
        Function {
            name: "adapter_store16",
            params: &[I32, I32],
            results: &[],
            body: &[LOCAL_0, LOCAL_1, I32_STORE16],
        },
        Function {
            name: "adapter_store32",
            params: &[I32, I32],
            results: &[],
            body: &[LOCAL_0, LOCAL_1, I32_STORE],
        },
        Function {
            name: "adapter_store64",
            params: &[I32, I64],
            results: &[],
            body: &[LOCAL_0, LOCAL_1, I64_STORE],
        },
    ]
};

/// The names of functions that need not be called, but can take the place of their calls.
pub fn inlined() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

/// Writes the object file.
pub fn encode() -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut functions = FunctionSection::new();
    let mut symbols = SymbolTable::new();
    for (index, global) in (0..).zip(GLOBALS) {
        symbols.global(0, index, Some(global));
    }
    for (index, function) in (0..).zip(FUNCTIONS) {
        types.ty().function(
            function.params.iter().copied(),
            function.results.iter().copied(),
        );
        functions.function(index);
        symbols.function(0, index, Some(function.name));
    }
    let memory = EntityType::Memory(MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut imports = ImportSection::new();
    imports.import("env", "__linear_memory", memory);
    let mut globals = GlobalSection::new();
    for _ in GLOBALS {
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(ty, &ConstExpr::i32_const(0));
    }
    let (code, relocations) = code();
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);

    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&globals)
        .section(&RawSection {
            id: SectionId::Code.into(),
            data: &code,
        })
        .section(&linking)
        .section(&CustomSection {
            name: "reloc.CODE".into(),
            data: relocations.into(),
        });
    module.finish()
}

/// The code section's content, and the list of the places in it where a global's number stands.
fn code() -> (Vec<u8>, Vec<u8>) {
    let mut code = vec![short(FUNCTIONS.len())];
    let mut places = Vec::new();
    for function in FUNCTIONS {
        let mut body = vec![0]; // no locals
        for part in function.body {
            match part {
                Part::Code(bytes) => body.extend_from_slice(bytes),
                Part::Global(instruction, global) => {
                    body.push(*instruction);
                    // The linker writes numbers of five bytes.
                    places.push((code.len() + 1 + body.len(), *global));
                    body.extend([0x80 | global, 0x80, 0x80, 0x80, 0]);
                }
            }
        }
        body.push(0x0b);
        code.push(short(body.len()));
        code.extend(body);
    }
    // The code section is the fifth of the file.
    let mut relocations = vec![4, short(places.len())];
    for (place, symbol) in places {
        relocations.extend([R_WASM_GLOBAL_INDEX_LEB, short(place), symbol]);
    }
    (code, relocations)
}

/// A number that LEB128 writes as one byte.
fn short(number: usize) -> u8 {
    assert!(number < 0x80, "the object has outgrown its encoding");
    number as u8
}
