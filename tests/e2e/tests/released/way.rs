//! The ways to run a program.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use wasi_crypto_componentize::componentize;
use wasi_crypto_compose::{compose, compose_with};
use wasi_crypto_test_harness::{Linking, Outcome, Run, compile};
use wasmtime::component::Component;

use crate::fixture;

/// How a program gets its cryptography.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the host, which writes results into guest memory.
    Direct,
    /// From the host, which has results copied.
    Reading,
    /// From the host, which has all copied.
    Copying,
    /// From the host, which runs it asynchronously.
    Asynchronous,
    /// From the provider component.
    Composed,
    /// From the provider component, through an interposer of that time.
    Interposed,
}

impl Way {
    /// Those with a host that can keep keys.
    pub const ON_THE_HOST: [Self; 4] = [
        Self::Direct,
        Self::Reading,
        Self::Copying,
        Self::Asynchronous,
    ];

    /// Whether keys can be kept.
    pub fn keeps_keys(self) -> bool {
        !matches!(self, Self::Composed | Self::Interposed)
    }

    fn linking(self) -> Linking {
        match self {
            Self::Direct | Self::Asynchronous => Linking::Direct,
            Self::Reading => Linking::Reading,
            Self::Copying => Linking::Copying,
            Self::Composed | Self::Interposed => Linking::Composed,
        }
    }

    /// What is added to a component before it is compiled.
    fn prepare(self, component: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Direct | Self::Reading | Self::Copying | Self::Asynchronous => component,
            Self::Composed => compose(&component).expect("the provider fits"),
            Self::Interposed => {
                let interposer = read("components/interposer.wasm");
                let provider = compose(&interposer).expect("the provider fits the interposer");
                compose_with(&component, &provider).expect("the interposer fits")
            }
        }
    }

    /// The program, compiled. All ways that add nothing share it.
    fn compiled(self, program: &str) -> Component {
        type Programs = BTreeMap<(String, Option<Way>), Arc<OnceLock<Component>>>;
        static COMPILED: Mutex<Programs> = Mutex::new(BTreeMap::new());

        let added = (!Self::ON_THE_HOST.contains(&self)).then_some(self);
        let entry = {
            let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (program.to_owned(), added);
            compiled.entry(key).or_default().clone()
        };
        let component = entry.get_or_init(|| {
            let mut bytes = read(&format!("{program}.wasm"));
            if program.starts_with("modules/") {
                bytes = componentize(&bytes).unwrap_or_else(|error| panic!("{program}: {error}"));
            }
            compile(program, &self.prepare(bytes))
        });
        component.clone()
    }

    /// Prepares a run of a program, given as its file without its ending, by a name.
    pub fn run(self, program: &str, name: &str) -> Run {
        Run::of(name, self.compiled(program), self.linking())
    }

    /// Runs a program to its end.
    pub fn finish(self, run: Run) -> Outcome {
        if self != Self::Asynchronous {
            return run.finish();
        }
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(run.finish_asynchronously())
    }
}

fn read(file: &str) -> Vec<u8> {
    std::fs::read(fixture(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}
