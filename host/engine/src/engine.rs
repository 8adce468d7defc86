//! The engine: one caller's limits and policy, and the account of what it holds. What it does with algorithms is in the
//! modules of their kinds.

use std::sync::Arc;

use crate::contract::Backend;
use crate::limits::{Budget, Limits, Reservation};
use crate::options::{Category, Options};
use crate::policy::Policy;

/// One caller's access to the registry: its limits, its policy, and the account of what it holds.
///
/// A clone is the same engine: what both hold is counted together.
#[derive(Clone, Debug)]
pub struct Engine(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    backend: Backend,
    limits: Limits,
    policy: Policy,
    budget: Budget,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Backend::Native, Limits::default(), Policy::default())
    }
}

impl Engine {
    /// Makes an engine.
    pub fn new(backend: Backend, limits: Limits, policy: Policy) -> Self {
        let budget = Budget::new(limits.buffered_bytes);
        Self(Arc::new(Shared {
            backend,
            limits,
            policy,
            budget,
        }))
    }

    /// The back end in use.
    pub fn backend(&self) -> Backend {
        self.0.backend
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// The bytes held now for keys, options and buffered input, counted against [`Limits::buffered_bytes`].
    pub fn buffered_bytes(&self) -> u64 {
        self.0.budget.used()
    }

    /// An empty set of options.
    pub fn options(&self, category: Category) -> Options {
        Options::new(category, self.0.budget.clone())
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    pub(crate) fn reserve(&self) -> Reservation {
        self.0.budget.reserve()
    }
}
