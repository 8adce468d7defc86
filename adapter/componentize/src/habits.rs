//! What a module does with memory, found in one pass over its code.
//!
//! A module that grows memory either looks at where the new pages are, or takes them to follow the old ones. Which of the
//! two it is shows in what becomes of the result of `memory.grow`, the number of the first new page: an address, or
//! nothing but a sign that there are pages. What is stored, returned or put aside without becoming an address in the same
//! function counts as the latter. To be wrong in this costs addresses, and to be wrong otherwise the module's data.

use std::collections::BTreeSet;

use wasmparser::{FunctionBody, Operator};

use crate::Error;
use crate::heap::Hiding;

/// The most blocks that may be nested in each other. Compilers nest some thousands, for a `switch` of as many cases.
pub const MAX_NESTED_BLOCKS: u64 = 50_000;

/// What a module does with memory.
#[derive(Default)]
pub struct Habits {
    asks_or_grows: bool,
    grows_blindly: bool,
    /// Instructions that were looked at.
    #[cfg(test)]
    visited: u64,
}

impl Habits {
    /// Looks at one more function. Each instruction is read once.
    pub fn see(&mut self, body: &FunctionBody<'_>) -> Result<(), Error> {
        let mut operators = body.get_operators_reader()?;
        let mut growth = Growth::default();
        let mut nested = 0;
        while !operators.eof() {
            let operator = operators.read()?;
            #[cfg(test)]
            {
                self.visited += 1;
            }
            self.asks_or_grows |= matches!(
                operator,
                Operator::MemorySize { .. } | Operator::MemoryGrow { .. }
            );
            nested = nesting(nested, &operator)?;
            growth.pass(Step::of(&operator));
        }
        self.grows_blindly |= growth.ends_blind();
        Ok(())
    }

    /// How the adapters' pages have to be hidden from such a module.
    pub fn hiding(&self) -> Hiding {
        if self.grows_blindly {
            Hiding::BehindAll
        } else if self.asks_or_grows {
            Hiding::FromSize
        } else {
            Hiding::None
        }
    }
}

/// How many blocks are open after an instruction.
fn nesting(nested: u64, operator: &Operator<'_>) -> Result<u64, Error> {
    let nested = match operator {
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::Try { .. }
        | Operator::TryTable { .. } => nested + 1,
        Operator::End | Operator::Delegate { .. } => nested.saturating_sub(1),
        _ => nested,
    };
    if nested > MAX_NESTED_BLOCKS {
        return Err(Error::Limit {
            what: "blocks nested in each other",
            found: nested,
            limit: MAX_NESTED_BLOCKS,
        });
    }
    Ok(nested)
}

/// An instruction, as far as it matters here.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Step {
    Grow,
    Set(u32),
    Tee(u32),
    Get(u32),
    Const(i32),
    Shl,
    Mul,
    #[default]
    Other,
}

impl Step {
    fn of(operator: &Operator<'_>) -> Self {
        match *operator {
            Operator::MemoryGrow { .. } => Self::Grow,
            Operator::LocalSet { local_index } => Self::Set(local_index),
            Operator::LocalTee { local_index } => Self::Tee(local_index),
            Operator::LocalGet { local_index } => Self::Get(local_index),
            Operator::I32Const { value } => Self::Const(value),
            Operator::I32Shl => Self::Shl,
            Operator::I32Mul => Self::Mul,
            _ => Self::Other,
        }
    }
}

/// Whether two instructions make an address of the number of a page.
fn make_an_address(first: Step, second: Step) -> bool {
    matches!(
        (first, second),
        (Step::Const(16), Step::Shl) | (Step::Const(0x10000), Step::Mul)
    )
}

/// How a function grows memory.
#[derive(Default)]
struct Growth {
    /// An instruction and the three that follow it.
    window: [Step; 4],
    /// Whether the result of growing is used up without becoming an address.
    is_dropped: bool,
    /// Locals that have such a result.
    put_aside: BTreeSet<u32>,
    /// Locals that become addresses.
    addresses: BTreeSet<u32>,
}

impl Growth {
    fn pass(&mut self, step: Step) {
        let [_, second, third, last] = self.window;
        let step = match (last, step) {
            // Growing by nothing is another way to ask for the size.
            (Step::Const(0), Step::Grow) => Step::Other,
            _ => step,
        };
        self.window = [second, third, last, step];
        match self.window {
            [Step::Grow, Step::Set(local), ..] => {
                self.put_aside.insert(local);
            }
            [Step::Grow, Step::Tee(local), then, and] if !make_an_address(then, and) => {
                self.put_aside.insert(local);
            }
            [Step::Grow, Step::Tee(_), ..] => {}
            [Step::Grow, then, and, _] => self.is_dropped |= !make_an_address(then, and),
            [Step::Get(local), then, and, _] if make_an_address(then, and) => {
                self.addresses.insert(local);
            }
            _ => {}
        }
    }

    /// Whether it anywhere does not look at where new pages are.
    fn ends_blind(mut self) -> bool {
        for _ in 0..self.window.len() {
            self.pass(Step::Other);
        }
        self.is_dropped || !self.put_aside.is_subset(&self.addresses)
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{BlockType, Function, Instruction as I, ValType};
    use wasmparser::BinaryReader;

    use super::*;

    /// What is made of a function with one local, and how many instructions were looked at.
    fn seen(write: impl FnOnce(&mut Function)) -> (Result<Hiding, Error>, u64) {
        let mut function = Function::new([(1, ValType::I32)]);
        write(&mut function);
        function.instructions().end();
        let bytes = function.into_raw_body();
        let body = FunctionBody::new(BinaryReader::new(&bytes, 0));
        let mut habits = Habits::default();
        let result = habits.see(&body).map(|()| habits.hiding());
        (result, habits.visited)
    }

    fn hiding(instructions: &[I<'_>]) -> Hiding {
        let (hiding, _) = seen(|code| {
            for instruction in instructions {
                code.instruction(instruction);
            }
        });
        hiding.expect("a function")
    }

    #[test]
    fn each_instruction_is_visited_once_however_often_memory_grows() {
        for times in [1, 1000, 2000, 4000] {
            let (hiding, visited) = seen(|code| {
                for _ in 0..times {
                    code.instructions().i32_const(1).memory_grow(0).local_set(0);
                }
            });
            assert_eq!(hiding.expect("a function"), Hiding::BehindAll);
            assert_eq!(visited, 3 * times + 1);
        }
    }

    #[test]
    fn a_result_that_becomes_an_address_at_once_or_later_is_looked_at() {
        let grow = [I::I32Const(1), I::MemoryGrow(0)];
        let shift = [I::I32Const(16), I::I32Shl, I::Drop];
        let multiply = [I::I32Const(0x10000), I::I32Mul, I::Drop];
        for address in [&shift, &multiply] {
            assert_eq!(hiding(&[&grow[..], address].concat()), Hiding::FromSize);
            for kept in [
                [I::LocalTee(0)].as_slice(),
                &[I::LocalSet(0), I::LocalGet(0)],
                &[I::LocalSet(0), I::Nop, I::Nop, I::LocalGet(0)],
                &[I::LocalTee(0), I::Drop, I::LocalGet(0)],
            ] {
                let all = [&grow[..], kept, address].concat();
                assert_eq!(hiding(&all), Hiding::FromSize, "{all:?}");
            }
            // Another order in the code: the loop comes back to it.
            let before = [&[I::LocalGet(0)][..], address, &grow, &[I::LocalSet(0)]].concat();
            assert_eq!(hiding(&before), Hiding::FromSize);
        }
    }

    #[test]
    fn a_result_that_is_dropped_or_put_aside_is_not() {
        let grow = [I::I32Const(1), I::MemoryGrow(0)];
        for then in [
            [I::Drop].as_slice(),
            &[I::LocalSet(0)],
            &[I::LocalTee(0), I::Drop],
            &[I::I32Const(16), I::I32Mul, I::Drop],
            &[I::I32Const(15), I::I32Shl, I::Drop],
            &[I::LocalSet(0), I::LocalGet(1), I::I32Const(16), I::I32Shl],
            &[
                I::LocalSet(0),
                I::LocalGet(0),
                I::Nop,
                I::I32Const(16),
                I::I32Shl,
            ],
        ] {
            let all = [&grow[..], then].concat();
            assert_eq!(hiding(&all), Hiding::BehindAll, "{all:?}");
        }
        assert_eq!(hiding(&grow), Hiding::BehindAll);
    }

    #[test]
    fn to_grow_by_nothing_is_to_ask_for_the_size() {
        let asked = [I::I32Const(0), I::MemoryGrow(0), I::Drop];
        assert_eq!(hiding(&asked), Hiding::FromSize);
        assert_eq!(hiding(&[I::MemorySize(0), I::Drop]), Hiding::FromSize);
        assert_eq!(hiding(&[]), Hiding::None);
    }

    #[test]
    fn blocks_can_be_nested_as_deep_as_the_limit_says() {
        let nested = |depth: u64| {
            let (hiding, _) = seen(|code| {
                for _ in 0..depth {
                    code.instructions().block(BlockType::Empty);
                }
                for _ in 0..depth {
                    code.instructions().end();
                }
            });
            hiding
        };
        assert_eq!(nested(MAX_NESTED_BLOCKS).expect("within"), Hiding::None);
        let error = nested(MAX_NESTED_BLOCKS + 1).expect_err("beyond");
        let text = error.to_string();
        assert!(text.contains("50001 blocks nested"), "{text}");
        assert!(text.contains("50000"), "{text}");
        // Side by side they are not nested.
        let (hiding, _) = seen(|code| {
            for _ in 0..=MAX_NESTED_BLOCKS {
                code.instructions().block(BlockType::Empty).end();
            }
        });
        assert_eq!(hiding.expect("not nested"), Hiding::None);
    }
}
