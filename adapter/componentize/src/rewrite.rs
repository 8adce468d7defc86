//! What surrounds a module's code, rewritten for the encoder of components.
//!
//! - All witx modules are imported by one name: each name would get an adapter of its own, with its own handles.
//! - The memory is exported as `memory`, and a maximum leaves room for the adapters.
//! - The function `cabi_realloc_adapter` is added, by which the adapters get their stacks when they are first called: see
//!   [`crate::reserve`].
//! - A start function becomes an exported `_initialize`, or `_start` where there is none: before all parts of a component
//!   are there, imports cannot be called.
//!
//! - Where the module asks for the size of its memory, it gets one without the adapters' pages: see [`crate::heap`].
//!
//! Functions keep their numbers, and but for that their bytes.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, Encode, ExportKind, Function, FunctionSection, GlobalSection,
    GlobalType, ImportSection, MemorySection, MemoryType, TypeSection, ValType,
};
use wasmparser::{BinaryReader, ExternalKind, FuncType, FunctionBody, Parser, Payload, TypeRef};

use crate::features;
use crate::habits::Habits;
use crate::heap::{self, Hiding, Replacement};
use crate::imports;
use crate::reserve;
use crate::sections::{List, Output, export};
use crate::{Error, Heap, MAX_MODULE_SIZE, Options};

/// The most pages that a memory can have.
const MAX_PAGES: u64 = 1 << 16;
/// Pages that are added to a maximum: 64 MiB, for the stacks of the adapters, handles, and outputs that are kept.
const ROOM: u64 = 1024;

/// The most imports that a module may have. There are about 200 functions that it can import other than by WIT, and the
/// encoder takes time that grows with the square of this number.
const MAX_IMPORTS: u64 = 2000;
/// The most descriptions by WIT. Each library that has bindings generated brings one.
const MAX_WIT_SECTIONS: u64 = 100;

const MEMORY: &str = "memory";
const START: &str = "_start";
const INITIALIZE: &str = "_initialize";
const REALLOC: &str = "cabi_realloc_adapter";

/// A module that can be encoded.
pub struct Rewritten {
    pub bytes: Vec<u8>,
    /// Whether it exports `_start`.
    pub is_command: bool,
}

/// Rewrites a module.
pub fn rewrite(bytes: &[u8], options: Options) -> Result<Rewritten, Error> {
    within("bytes", bytes.len() as u64, MAX_MODULE_SIZE)?;
    match bytes {
        // After the magic number, a module says version 1, layer 0, and a component layer 1.
        [0, b'a', b's', b'm', _, _, 1, 0, ..] => return Err(Error::Component),
        [0, b'a', b's', b'm', ..] => {}
        _ => return Err(Error::NotWasm),
    }
    let mut input = Input::default();
    for payload in Parser::new(0).parse_all(bytes) {
        input.read(payload?)?;
    }
    input.check_memory()?;
    features::validate(bytes)?;
    input.rewrite(bytes, options)
}

/// What has to be known of a module.
#[derive(Default)]
struct Input<'a> {
    types: Vec<Option<FuncType>>,
    type_count: u32,
    imports: Vec<wasmparser::Import<'a>>,
    /// The types of the functions that it defines.
    functions: Vec<u32>,
    memories: Vec<wasmparser::MemoryType>,
    exports: Vec<wasmparser::Export<'a>>,
    start: Option<u32>,
    /// Custom sections that describe the module by WIT.
    wit_sections: u64,
    globals: u32,
    bodies: Vec<FunctionBody<'a>>,
    habits: Habits,
}

impl<'a> Input<'a> {
    fn read(&mut self, payload: Payload<'a>) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        self.type_count += 1;
                        let function = match ty.composite_type.inner {
                            wasmparser::CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        };
                        self.types.push(function);
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    within("imports", self.imports.len() as u64 + 1, MAX_IMPORTS)?;
                    if let TypeRef::Memory(memory) = import.ty {
                        self.memories.push(memory);
                    }
                    self.imports.push(import);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(memory?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.exports.push(export?);
                }
            }
            Payload::GlobalSection(section) => self.globals = section.count(),
            Payload::CodeSectionEntry(body) => {
                self.habits.see(&body)?;
                self.bodies.push(body);
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::CustomSection(section) => {
                self.wit_sections += u64::from(section.name().starts_with("component-type"));
                within("descriptions by WIT", self.wit_sections, MAX_WIT_SECTIONS)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn check_memory(&self) -> Result<(), Error> {
        if self.memories.len() > 1 {
            return Err(Error::Memories(self.memories.len()));
        }
        let Some(memory) = self.memories.first() else {
            return Ok(());
        };
        if memory.shared {
            return Err(Error::SharedMemory);
        }
        if memory.memory64 {
            return Err(Error::Memory64);
        }
        if memory.page_size_log2.is_some_and(|bits| bits != 16) {
            return Err(Error::PageSize);
        }
        if memory.initial > MAX_PAGES - reserve::PAGES {
            return Err(Error::FullMemory(memory.initial));
        }
        Ok(())
    }

    fn export(&self, name: &str) -> Option<&wasmparser::Export<'a>> {
        self.exports.iter().find(|export| export.name == name)
    }

    /// The number of an exported function that takes and gives nothing.
    fn procedure(&self, name: &str) -> Result<Option<u32>, Error> {
        let Some(export) = self.export(name) else {
            return Ok(None);
        };
        let imported = self.imports.iter().filter_map(|import| match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => Some(ty),
            _ => None,
        });
        let ty = imported
            .chain(self.functions.iter().copied())
            .nth(export.index as usize)
            .and_then(|ty| self.types.get(ty as usize)?.as_ref());
        let is_procedure = export.kind == ExternalKind::Func
            && ty.is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty());
        if is_procedure {
            Ok(Some(export.index))
        } else {
            Err(Error::Export {
                name: name.to_owned(),
                expected: "function without parameters and results",
            })
        }
    }

    fn rewrite(&self, bytes: &[u8], options: Options) -> Result<Rewritten, Error> {
        let mut output = Output::of(bytes)?;
        output.imports = self.imports(options.exit_codes)?;

        let imported = self.imports.len() as u32;
        let mut functions = Added {
            next: imported + self.functions.len() as u32,
            next_type: self.type_count,
            next_global: self.globals,
            output: &mut output,
        };
        let takes_from = self.rewrite_memory(options.heap, &mut functions)?;
        if self.export(REALLOC).is_none() {
            // All pages' numbers are below 2^16.
            let left = functions.global(reserve::PAGES as i32);
            let ty = functions.ty(&[ValType::I32; 4], &[ValType::I32]);
            let index = functions.function(ty, &reserve::take(left, takes_from as i32));
            functions.export(REALLOC, ExportKind::Func, index);
        }
        let start = self.procedure(START)?;
        let initialize = self.procedure(INITIALIZE)?;
        let mut drop_initialize = false;
        let mut is_command = start.is_some();
        match (self.start, initialize) {
            (None, _) => {}
            (Some(first), Some(then)) => {
                let ty = functions.ty(&[], &[]);
                let index = functions.function(ty, &calls(&[first, then]));
                functions.export(INITIALIZE, ExportKind::Func, index);
                drop_initialize = true;
            }
            (Some(first), None) if start.is_some() || self.wit_sections > 0 => {
                functions.export(INITIALIZE, ExportKind::Func, first);
            }
            (Some(first), None) => {
                // All that the module does is what its start function does.
                functions.export(START, ExportKind::Func, first);
                is_command = true;
            }
        }
        output.exports = self.exports(drop_initialize, output.exports);
        Ok(Rewritten {
            bytes: output.write(bytes)?,
            is_command,
        })
    }

    fn imports(&self, exit_codes: crate::ExitCodes) -> Result<List, Error> {
        let mut section = ImportSection::new();
        for import in &self.imports {
            let module = imports::resolve(import, &self.types, exit_codes)?;
            let ty = RoundtripReencoder
                .entity_type(import.ty)
                .map_err(|error| Error::Invalid(error.to_string()))?;
            section.import(module, import.name, ty);
        }
        content(&section)
    }

    /// Writes the memory, and functions in place of the instructions that ask for its size, which come before all others
    /// that are added. Gives the page where the adapters' reserve ends.
    fn rewrite_memory(&self, heap: Heap, functions: &mut Added<'_, '_>) -> Result<u64, Error> {
        let memory = self.memories.first();
        let initial = memory.map_or(0, |memory| memory.initial);
        let maximum = memory.and_then(|memory| memory.maximum);
        let all = initial
            .saturating_add(heap.room_in_pages())
            .min(maximum.unwrap_or(MAX_PAGES))
            .min(MAX_PAGES - ROOM)
            .max(initial);
        let hiding = match heap {
            Heap::Contiguous { .. } => Hiding::BehindAll,
            Heap::Detect { .. } => self.habits.hiding(),
        };
        let own = match hiding {
            Hiding::BehindAll => all,
            Hiding::None | Hiding::FromSize => initial,
        };
        let minimum = own + reserve::PAGES;
        let mut section = MemorySection::new();
        section.memory(MemoryType {
            minimum,
            maximum: maximum.map(|pages| (pages.max(all) + ROOM).min(MAX_PAGES)),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        functions.output.memories = content(&section)?;
        if hiding == Hiding::None {
            return Ok(minimum);
        }
        // Numbers of pages are less than 2^16.
        let pages = functions.global(initial as i32);
        let grow = match hiding {
            Hiding::BehindAll => heap::grow_within(pages, all as u32),
            Hiding::None | Hiding::FromSize => {
                let own = functions.global(initial as i32);
                // The adapters' room is theirs, also if the module takes all that it may before it calls them.
                let most = maximum
                    .unwrap_or(MAX_PAGES)
                    .min(MAX_PAGES - ROOM)
                    .max(initial);
                heap::grow_anywhere(pages, own, most as u32)
            }
        };
        let replacement = Replacement {
            size: functions.next,
            grow: functions.next + 1,
        };
        functions.output.code = replacement.apply(&self.bodies)?;
        let ty = functions.ty(&[], &[ValType::I32]);
        functions.function(ty, &heap::size(pages));
        let ty = functions.ty(&[ValType::I32], &[ValType::I32]);
        functions.function(ty, &grow);
        Ok(minimum)
    }

    /// The module's exports, with its memory as `memory` and nothing else by that name, and those that were added.
    fn exports(&self, drop_initialize: bool, added: List) -> List {
        let mut exports = added;
        for old in &self.exports {
            if old.kind == ExternalKind::Memory
                || old.name == MEMORY
                || (drop_initialize && old.name == INITIALIZE)
            {
                continue;
            }
            let kind = match old.kind {
                ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
                ExternalKind::Table => ExportKind::Table,
                ExternalKind::Memory => ExportKind::Memory,
                ExternalKind::Global => ExportKind::Global,
                ExternalKind::Tag => ExportKind::Tag,
            };
            exports.push(&export(old.name, kind, old.index));
        }
        exports.push(&export(MEMORY, ExportKind::Memory, 0));
        exports
    }
}

/// Functions, with their types and exports, and globals that are added to a module.
struct Added<'a, 'b> {
    next: u32,
    next_type: u32,
    next_global: u32,
    output: &'a mut Output<'b>,
}

impl Added<'_, '_> {
    fn ty(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let mut section = TypeSection::new();
        section
            .ty()
            .function(params.iter().copied(), results.iter().copied());
        self.output.types.push(&only_entry(&section));
        self.next_type += 1;
        self.next_type - 1
    }

    fn function(&mut self, ty: u32, body: &Function) -> u32 {
        let mut functions = FunctionSection::new();
        functions.function(ty);
        self.output.functions.push(&only_entry(&functions));
        let mut code = CodeSection::new();
        code.function(body);
        self.output.code.push(&only_entry(&code));
        self.next += 1;
        self.next - 1
    }

    /// A mutable global.
    fn global(&mut self, value: i32) -> u32 {
        let mut globals = GlobalSection::new();
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(ty, &ConstExpr::i32_const(value));
        self.output.globals.push(&only_entry(&globals));
        self.next_global += 1;
        self.next_global - 1
    }

    fn export(&mut self, name: &str, kind: ExportKind, index: u32) {
        self.output.exports.push(&export(name, kind, index));
    }
}

/// The entries of a section that the encoder made.
fn content(section: &impl Encode) -> Result<List, Error> {
    let mut bytes = Vec::new();
    section.encode(&mut bytes);
    let mut reader = BinaryReader::new(&bytes, 0);
    let len = reader.read_var_u32()?;
    Ok(List::of(reader.read_bytes(len as usize)?)?)
}

/// The one entry of a section.
fn only_entry(section: &impl Encode) -> Vec<u8> {
    let mut bytes = Vec::new();
    section.encode(&mut bytes);
    // The length, in as many bytes as it takes, and the count, in one.
    let length = bytes.iter().take_while(|byte| **byte >= 0x80).count() + 1;
    bytes.split_off(length + 1)
}

/// Holds that there are not too many of something.
fn within(what: &'static str, found: u64, limit: u64) -> Result<(), Error> {
    if found > limit {
        return Err(Error::Limit { what, found, limit });
    }
    Ok(())
}

/// Calls functions one after the other.
fn calls(functions: &[u32]) -> Function {
    let mut function = Function::new([]);
    for index in functions {
        function.instructions().call(*index);
    }
    function.instructions().end();
    function
}
