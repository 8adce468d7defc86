//! Instructions of a function replaced by others, with all other bytes as they were.
//!
//! The build script uses this, too.

use wasmparser::{BinaryReaderError, FunctionBody, Operator};

/// Replaces those instructions that `replacement` has others for.
pub fn splice<B: AsRef<[u8]>>(
    body: &FunctionBody<'_>,
    replacement: impl Fn(&Operator<'_>) -> Option<B>,
) -> Result<Vec<u8>, BinaryReaderError> {
    let bytes = body.as_bytes();
    // In the body, for a position in the module.
    let within = |position| (position - body.range().start) as usize;
    let mut written = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let at = within(operators.original_position());
        if let Some(others) = replacement(&operators.read()?) {
            written.extend_from_slice(&bytes[copied..at]);
            written.extend_from_slice(others.as_ref());
            copied = within(operators.original_position());
        }
    }
    written.extend_from_slice(&bytes[copied..]);
    Ok(written)
}
