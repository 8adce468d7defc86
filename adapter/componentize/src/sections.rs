//! The sections of a module, and entries added to those that are lists.

use wasm_encoder::{Encode, Module, RawSection, SectionId};
use wasmparser::BinaryReader;

use crate::Error;

/// Bytes before the first section: magic number and version.
const HEADER: usize = 8;

/// A section whose entries stay as they are, byte by byte, and to which others are added.
#[derive(Clone, Default)]
pub struct List {
    count: u32,
    entries: Vec<u8>,
}

impl List {
    /// The list that is the content of a section.
    pub fn of(content: &[u8]) -> wasmparser::Result<Self> {
        let mut reader = BinaryReader::new(content, 0);
        let count = reader.read_var_u32()?;
        let entries = reader.read_bytes(reader.bytes_remaining())?.to_vec();
        Ok(Self { count, entries })
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: &[u8]) {
        self.count += 1;
        self.entries.extend_from_slice(entry);
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Writes it as a section.
    pub fn write(&self, id: SectionId, module: &mut Module) {
        let mut data = Vec::with_capacity(self.entries.len() + 5);
        self.count.encode(&mut data);
        data.extend_from_slice(&self.entries);
        module.section(&RawSection {
            id: id.into(),
            data: &data,
        });
    }
}

/// An export, as an entry of its section.
pub fn export(name: &str, kind: wasm_encoder::ExportKind, index: u32) -> Vec<u8> {
    let mut entry = Vec::new();
    name.encode(&mut entry);
    kind.encode(&mut entry);
    index.encode(&mut entry);
    entry
}

/// The sections of a module, of which those that change are lists.
pub struct Output<'a> {
    pub types: List,
    pub imports: List,
    pub functions: List,
    pub memories: List,
    pub globals: List,
    pub exports: List,
    pub code: List,
    /// All others but the start, in their order.
    others: Vec<(u8, &'a [u8])>,
}

impl<'a> Output<'a> {
    /// The sections of a module; those that are written anew are empty.
    pub fn of(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut output = Self {
            types: List::default(),
            imports: List::default(),
            functions: List::default(),
            memories: List::default(),
            globals: List::default(),
            exports: List::default(),
            code: List::default(),
            others: Vec::new(),
        };
        for section in sections(bytes)? {
            let (id, content) = section;
            match id {
                1 => output.types = List::of(content)?,
                3 => output.functions = List::of(content)?,
                6 => output.globals = List::of(content)?,
                10 => output.code = List::of(content)?,
                // Imports, memories, exports and the start are written anew.
                2 | 5 | 7 | 8 => {}
                _ => output.others.push(section),
            }
        }
        Ok(output)
    }

    /// Writes a module with the sections in the order that they must have. A custom section follows the one that it
    /// followed before.
    pub fn write(&self, original: &[u8]) -> Result<Vec<u8>, Error> {
        let mut module = Module::new();
        let mut written = 0;
        for (id, content) in sections(original)? {
            if id == 0 {
                module.section(&RawSection { id, data: content });
                continue;
            }
            self.write_until(order(id), &mut written, &mut module);
        }
        self.write_until(u8::MAX, &mut written, &mut module);
        Ok(module.finish())
    }

    fn write_until(&self, last: u8, written: &mut u8, module: &mut Module) {
        // Tags and the count of data segments stand out of the numbers' order.
        for id in [1, 2, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11] {
            if order(id) <= *written || order(id) > last {
                continue;
            }
            let changed = match id {
                1 => Some((SectionId::Type, &self.types)),
                2 => Some((SectionId::Import, &self.imports)),
                3 => Some((SectionId::Function, &self.functions)),
                5 => Some((SectionId::Memory, &self.memories)),
                6 => Some((SectionId::Global, &self.globals)),
                7 => Some((SectionId::Export, &self.exports)),
                10 => Some((SectionId::Code, &self.code)),
                _ => None,
            };
            if let Some((id, list)) = changed {
                if !list.is_empty() {
                    list.write(id, module);
                }
            } else if let Some((id, data)) = self.others.iter().find(|other| other.0 == id) {
                module.section(&RawSection { id: *id, data });
            }
        }
        *written = (*written).max(last);
    }
}

/// The place of a section among the others.
fn order(id: u8) -> u8 {
    match id {
        // tags, between memories and globals
        13 => 11,
        // the count of data segments, before the code
        12 => 19,
        id => id * 2,
    }
}

/// The sections of a module: their numbers and contents.
fn sections(bytes: &[u8]) -> Result<Vec<(u8, &[u8])>, Error> {
    let mut sections = Vec::new();
    let mut reader = BinaryReader::new(bytes, 0);
    reader.read_bytes(HEADER)?;
    while !reader.eof() {
        let id = reader.read_u8()?;
        let len = reader.read_var_u32()?;
        sections.push((id, reader.read_bytes(len as usize)?));
    }
    Ok(sections)
}
