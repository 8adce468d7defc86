//! The component that is measured: each case is prepared first, and then run some times in a row.

mod bindings;
mod calls;
mod pure;
mod single;

use std::cell::RefCell;

/// A case that is ready to run once more.
type Case = Box<dyn FnMut()>;

thread_local! {
    static CASE: RefCell<Case> = RefCell::new(Box::new(|| ()));
}

/// What a case is about: an algorithm, the size of each message, and how many there are.
pub(crate) struct Subject {
    pub(crate) algorithm: String,
    pub(crate) data: Vec<u8>,
    pub(crate) count: usize,
}

pub(crate) struct Implementation;

impl bindings::Guest for Implementation {
    fn prepare(name: String, algorithm: String, size: u32, count: u32) -> Result<(), String> {
        let subject = Subject {
            algorithm,
            data: vec![7; size as usize],
            count: count as usize,
        };
        let case = if name == "pure wasm" {
            pure::case(subject)
        } else {
            single::case(&name, &subject).or_else(|| calls::case(&name, subject))
        };
        let case = case.ok_or_else(|| format!("there is no case `{name}`"))?;
        CASE.with_borrow_mut(|current| *current = case);
        Ok(())
    }

    fn run(times: u32) {
        CASE.with_borrow_mut(|case| {
            for _ in 0..times {
                case();
            }
        });
    }
}
