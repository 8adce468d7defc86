//! Pages that the adapters have from the beginning.
//!
//! The encoder of components gives each adapter its stack when it is first called, by the function `cabi_realloc_adapter`,
//! and does not look at whether there was one. So there always is: memory begins with some pages more than the module
//! has, behind those. That is not when the component is instantiated that the adapters take them, so that a module sees
//! nothing of it; and a limit on memory that leaves no room for them keeps the component from being instantiated, rather
//! than stopping it at some call.

use wasm_encoder::{BlockType, Function, ValType};

/// How many pages those are: a stack for each of the two adapters, and what the one for preview 1 keeps.
pub const PAGES: u64 = 3;

const PAGE_SIZE: i32 = 1 << 16;

/// `cabi_realloc_adapter`: gives pages of the reserve, which ends at the page `end` and of which the global `left` counts what
/// is left, and then fresh ones; there is nothing it could give back. It traps when there are none, since its callers do
/// not look.
pub fn take(left: u32, end: i32) -> Function {
    const LEN: u32 = 3;
    const PAGES: u32 = 4;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(LEN)
        .i32_const(PAGE_SIZE - 1)
        .i32_add()
        .i32_const(16)
        .i32_shr_u()
        .local_tee(PAGES)
        .global_get(left)
        .i32_le_u()
        .if_(BlockType::Empty)
        .i32_const(end)
        .global_get(left)
        .i32_sub()
        .i32_const(16)
        .i32_shl()
        .global_get(left)
        .local_get(PAGES)
        .i32_sub()
        .global_set(left)
        .return_()
        .end();
    code.local_get(PAGES)
        .memory_grow(0)
        .local_tee(PAGES)
        .i32_const(-1)
        .i32_eq()
        .if_(BlockType::Empty)
        .unreachable()
        .end()
        .local_get(PAGES)
        .i32_const(16)
        .i32_shl()
        .end();
    function
}
