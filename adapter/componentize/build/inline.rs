//! Puts the object's functions in the place of their calls.
//!
//! The linker cannot do it, and the adapter calls them a hundred times where it is called once. Each is a few instructions
//! on what was pushed for it.

use std::collections::BTreeMap;

use wasm_encoder::{CodeSection, Module, RawSection};
use wasmparser::{
    BinaryReaderError, FunctionBody, KnownCustom, Name, Operator, Parser, Payload, TypeRef,
};

use crate::splice::splice;

/// Inlines the functions with these names.
pub fn inline<'a>(
    module: &[u8],
    names: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<u8>, BinaryReaderError> {
    let names: Vec<&str> = names.into_iter().collect();
    let mut imported = 0;
    let mut bodies = Vec::new();
    let mut wanted = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    for map in section {
                        let Name::Function(map) = map? else { continue };
                        for naming in map {
                            let naming = naming?;
                            if names.contains(&naming.name) {
                                wanted.push(naming.index);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let mut inlined = BTreeMap::new();
    for function in wanted {
        let body = function.checked_sub(imported);
        if let Some(body) = body.and_then(|index| bodies.get(index as usize))
            && let Some(instructions) = instructions(body)?
        {
            inlined.insert(function, instructions);
        }
    }
    let mut code = CodeSection::new();
    for body in &bodies {
        code.raw(&splice(body, |operator| match operator {
            Operator::Call { function_index } => inlined.get(function_index),
            _ => None,
        })?);
    }
    rebuild(module, &code)
}

/// The instructions of a function that first pushes its parameters and then does not look at them again.
fn instructions<'a>(body: &FunctionBody<'a>) -> Result<Option<&'a [u8]>, BinaryReaderError> {
    if body.get_locals_reader()?.get_count() != 0 {
        return Ok(None);
    }
    let mut operators = body.get_operators_reader()?;
    let mut pushed = 0;
    let mut begin = operators.original_position();
    let mut end = begin;
    let mut has_begun = false;
    while !operators.eof() {
        end = operators.original_position();
        match operators.read()? {
            Operator::LocalGet { local_index } if !has_begun && local_index == pushed => {
                pushed += 1;
                begin = operators.original_position();
            }
            Operator::LocalGet { .. } | Operator::Return | Operator::Block { .. } => {
                return Ok(None);
            }
            _ => has_begun = true,
        }
    }
    let start = body.range().start;
    let range = (begin - start) as usize..(end - start) as usize;
    Ok(body.as_bytes().get(range))
}

/// The module with other code.
fn rebuild(module: &[u8], code: &CodeSection) -> Result<Vec<u8>, BinaryReaderError> {
    let mut rebuilt = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::CodeSectionStart { .. } = payload {
            rebuilt.section(code);
        } else if let Some((id, range)) = payload.as_section() {
            let data = &module[range.start as usize..range.end as usize];
            rebuilt.section(&RawSection { id, data });
        }
    }
    Ok(rebuilt.finish())
}
