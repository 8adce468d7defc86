//! What a module sees of its memory.
//!
//! The adapters live in it, in pages that they take with `memory.grow`. To the module's allocator that is as if somebody else
//! had taken them, and not all allocators can do with that:
//!
//! - Some take what `memory.size` says as the end of their own memory when they are first used, such as that of wasi-libc
//!   until 2023. If the host was called before, pages of the adapters are in it.
//! - Some grow memory without looking at where the new pages are, and take them to follow the old ones: those of
//!   AssemblyScript, TinyGo, Go and Emscripten, and most that are written by hand.
//!
//! So a module gets functions of its own in place of the two instructions, where it has them, which hide the adapters'
//! pages. For the second kind, they must not lie between the module's: memory begins large enough for all that the module
//! will be given, and the adapters come behind it.

use wasm_encoder::{BlockType, Encode, Function, Instruction, InstructionSink};
use wasmparser::{FunctionBody, Operator};

use crate::sections::List;
use crate::splice::splice;

/// How the adapters' pages are hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hiding {
    /// They need not be: the module never asks how large its memory is, nor makes it larger.
    None,
    /// They are no part of the size that the module sees, nor of what it may grow to; it looks for itself where pages are
    /// that it grows by.
    FromSize,
    /// They lie behind the last page that the module can have.
    BehindAll,
}

/// The functions in place of `memory.size` and `memory.grow`, by their numbers.
#[derive(Clone, Copy)]
pub struct Replacement {
    pub size: u32,
    pub grow: u32,
}

impl Replacement {
    /// The module's code with calls of them, and nothing else changed.
    pub fn apply(self, bodies: &[FunctionBody<'_>]) -> wasmparser::Result<List> {
        let call = |function| {
            let mut bytes = Vec::new();
            Instruction::Call(function).encode(&mut bytes);
            bytes
        };
        let (size, grow) = (call(self.size), call(self.grow));
        let mut code = List::default();
        for body in bodies {
            let body = splice(body, |operator| match operator {
                Operator::MemorySize { .. } => Some(&size),
                Operator::MemoryGrow { .. } => Some(&grow),
                _ => None,
            })?;
            let mut entry = Vec::new();
            body.as_slice().encode(&mut entry);
            code.push(&entry);
        }
        Ok(code)
    }
}

/// In place of `memory.size`. `pages` is the global that counts the module's pages.
pub fn size(pages: u32) -> Function {
    let mut function = Function::new([]);
    function.instructions().global_get(pages).end();
    function
}

/// In place of `memory.grow`, where new pages can be anywhere: then the module's memory ends behind them. The global `own`
/// counts the pages that are the module's own, of which it gets `most`.
pub fn grow_anywhere(pages: u32, own: u32, most: u32) -> Function {
    const DELTA: u32 = 0;
    const BEFORE: u32 = 1;
    let mut function = Function::new([(1, wasm_encoder::ValType::I32)]);
    let mut code = function.instructions();
    // Growing by nothing is another way to ask for the size.
    code.local_get(DELTA)
        .i32_eqz()
        .if_(BlockType::Empty)
        .global_get(pages)
        .return_()
        .end();
    refuse_beyond(&mut code, DELTA, own, most);
    code.local_get(DELTA)
        .memory_grow(0)
        .local_tee(BEFORE)
        .i32_const(-1)
        .i32_ne()
        .if_(BlockType::Empty)
        .local_get(BEFORE)
        .local_get(DELTA)
        .i32_add()
        .global_set(pages)
        .global_get(own)
        .local_get(DELTA)
        .i32_add()
        .global_set(own)
        .end()
        .local_get(BEFORE)
        .end();
    function
}

/// Returns -1 if `delta` more pages than `own` are more than `most`.
fn refuse_beyond(code: &mut InstructionSink<'_>, delta: u32, own: u32, most: u32) {
    code.local_get(delta)
        .i32_const(most.cast_signed())
        .global_get(own)
        .i32_sub()
        .i32_gt_u()
        .if_(BlockType::Empty)
        .i32_const(-1)
        .return_()
        .end();
}

/// In place of `memory.grow`, where the module's pages are there from the beginning, `all` of them.
pub fn grow_within(pages: u32, all: u32) -> Function {
    const DELTA: u32 = 0;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    refuse_beyond(&mut code, DELTA, pages, all);
    code.global_get(pages)
        .global_get(pages)
        .local_get(DELTA)
        .i32_add()
        .global_set(pages)
        .end();
    function
}
