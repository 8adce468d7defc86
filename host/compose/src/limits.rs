//! What may be composed.

use wasmparser::{FromReader, Parser, Payload, SectionLimited};

/// The most bytes that a component may have: 256 MiB.
pub const MAX_COMPONENT_SIZE: u64 = 256 << 20;

/// How deep components may be nested in each other.
pub const MAX_NESTING: usize = 100;

/// Checks that a component can be read by libraries that trust it not to be too large or too deeply nested.
///
/// Some of them read types that are nested in types without a limit, until the stack ends, and with it the process. Call this
/// before anything else reads a component of somebody else's.
///
/// # Errors
///
/// What is malformed, or which limit is exceeded: [`MAX_COMPONENT_SIZE`], [`MAX_NESTING`], or wasmparser's for types.
pub fn check(component: &[u8]) -> Result<(), String> {
    let size = component.len() as u64;
    if size > MAX_COMPONENT_SIZE {
        return Err(format!(
            "it has {size} bytes, and at most {MAX_COMPONENT_SIZE} can be composed"
        ));
    }
    let mut nested = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| error.to_string())? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => nested += 1,
            // Reading them is all: that is where wasmparser limits how deep they are nested.
            Payload::ComponentTypeSection(types) => read_all(types)?,
            Payload::CoreTypeSection(types) => read_all(types)?,
            Payload::End(_) => nested = nested.saturating_sub(1),
            _ => {}
        }
        if nested > MAX_NESTING {
            return Err(format!(
                "components are nested in each other in it, and more than {MAX_NESTING} deep, which is the limit"
            ));
        }
    }
    Ok(())
}

fn read_all<'a, T: FromReader<'a>>(section: SectionLimited<'a, T>) -> Result<(), String> {
    for item in section {
        item.map_err(|error| error.to_string())?;
    }
    Ok(())
}
