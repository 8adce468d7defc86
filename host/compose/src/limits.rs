//! What may be composed.

use wasmparser::{Parser, Payload};

/// The most bytes that a component may have: 256 MiB.
pub const MAX_COMPONENT_SIZE: u64 = 256 << 20;

/// How deep components may be nested in each other.
pub const MAX_NESTING: usize = 100;

/// Holds that a component is within the limits; says what is beyond them.
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
