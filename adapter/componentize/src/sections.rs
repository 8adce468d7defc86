//! Sections that are lists, and entries added to them.

use wasm_encoder::{Encode, RawSection, SectionId};

/// A section whose entries stay as they are, byte by byte, and to which others are added.
#[derive(Clone, Default)]
pub struct List {
    count: u32,
    entries: Vec<u8>,
}

impl List {
    /// The list that is the content of a section.
    pub fn of(content: &[u8]) -> wasmparser::Result<Self> {
        let mut reader = wasmparser::BinaryReader::new(content, 0);
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
    pub fn write(&self, id: SectionId, module: &mut wasm_encoder::Module) {
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
