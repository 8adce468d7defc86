//! What others hold of this component, and what they may.

use std::cell::{RefCell, RefMut};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasi_crypto_engine::{
    Backend, CallCost, CallLimits, Engine, Error, Limits, Policy, Result as EngineResult,
    translate_error,
};

use crate::bindings::exports::wasi_ephemeral::crypto::common::CryptoErrno;

/// What a function of the WIT returns.
pub(crate) type Result<T> = std::result::Result<T, CryptoErrno>;

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(Backend::Portable, Limits::default(), Policy::default()));
static CALLS: LazyLock<CallLimits> = LazyLock::new(CallLimits::default);
static OPEN: AtomicUsize = AtomicUsize::new(0);

impl From<Error> for CryptoErrno {
    fn from(error: Error) -> Self {
        translate_error!(error, CryptoErrno)
    }
}

/// The engine that computes.
pub(crate) fn engine() -> &'static Engine {
    &ENGINE
}

/// Refuses an input that is larger than one call may bring.
pub(crate) fn check_input(bytes: usize) -> Result<()> {
    Ok(CALLS.check_input(bytes)?)
}

/// Refuses an operation whose results, that many handles, would have no place.
pub(crate) fn check_room(handles: usize) -> Result<()> {
    Ok(CALLS.check_room(OPEN.load(Ordering::Relaxed), handles)?)
}

/// Refuses a batch that costs too much; `add` adds an entry to the cost.
pub(crate) fn check_batch<E>(
    entries: &[E],
    add: impl Fn(&mut CallCost, &E) -> Result<()>,
) -> Result<()> {
    CALLS.check_entries(entries.len())?;
    let mut cost = CallCost::default();
    for entry in entries {
        cost.add_entry();
        add(&mut cost, entry)?;
    }
    Ok(cost.check(&CALLS, ENGINE.limits())?)
}

/// An object that others have a handle to, counted as long as it is there.
pub(crate) struct Held<T>(RefCell<T>);

impl<T> Held<T> {
    /// Holds an object, when there is room for it.
    pub(crate) fn new(object: T) -> Result<Self> {
        check_room(1)?;
        OPEN.fetch_add(1, Ordering::Relaxed);
        Ok(Self(RefCell::new(object)))
    }

    /// The object. Nothing here calls others while it is borrowed, so that it is always to be had.
    pub(crate) fn get(&self) -> EngineResult<RefMut<'_, T>> {
        self.0.try_borrow_mut().map_err(|_| Error::InternalError)
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Hands bytes over to the component model, which copies them to where they are wanted.
pub(crate) fn unwrapped(mut bytes: impl std::ops::DerefMut<Target = Vec<u8>>) -> Vec<u8> {
    std::mem::take(&mut *bytes)
}
