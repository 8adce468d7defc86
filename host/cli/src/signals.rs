//! How the command ends by a signal: as other programs do, once the store of managed keys is closed.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, mpsc};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use wasi_crypto_keys::store::{Listener, MakeRecord, Place, Record};
use wasi_crypto_keys::{Error, KeyId, KeyStore, Quota, Result, Selector, Version};

/// The store that this process has open.
static STORE: OnceLock<Arc<Closable>> = OnceLock::new();

/// Ends the process as a signal does that nobody handles, after closing the store.
pub fn die_by(signal: i32) -> ! {
    // Nobody asks the store for anything any more.
    let _closed = STORE.get().map(|store| store.close());
    let _ = emulate_default_handler(signal);
    // There is no such signal.
    std::process::exit(128 + signal)
}

/// Ends the process as others end whose output nobody reads any more.
pub fn broken_pipe() -> ! {
    die_by(SIGPIPE)
}

/// Notes each SIGHUP, which then does not end the process.
pub struct Hangups(Arc<AtomicBool>);

impl Hangups {
    pub fn noted() -> io::Result<Self> {
        let noted = Arc::new(AtomicBool::new(false));
        flag::register(SIGHUP, Arc::clone(&noted))?;
        HANGUPS_ARE_NOTED.store(true, Ordering::Relaxed);
        Ok(Self(noted))
    }

    /// Whether there was one since this was last asked.
    pub fn taken(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }

    /// Takes it that there was one.
    pub fn again(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

static HANGUPS_ARE_NOTED: AtomicBool = AtomicBool::new(false);

/// Has a signal that ends the process close `store` first, when what it does is done. A second signal does not wait.
pub fn closing(store: Box<dyn KeyStore>) -> Box<dyn KeyStore> {
    let store = Arc::new(Closable(RwLock::new(Some(store))));
    if STORE.set(Arc::clone(&store)).is_ok() {
        // Without, a signal ends the process at once: what the store has returned is durable all the same.
        let _ = watch();
    }
    Box::new(Open(store))
}

fn watch() -> io::Result<()> {
    let hangups_are_noted = HANGUPS_ARE_NOTED.load(Ordering::Relaxed);
    let ignored = ignored();
    let ending = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| {
        // Who starts a program in the background, or with nohup, has it ignore some.
        !(ignored(*signal) || *signal == SIGHUP && hangups_are_noted)
    });
    let ending: Vec<i32> = ending.collect();
    let closing = Arc::new(AtomicBool::new(false));
    let (watching, begun) = mpsc::channel();
    // The thread comes first: where there can be none, signals keep doing what they do.
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in &ending {
                flag::register_conditional_default(*signal, Arc::clone(&closing)).ok();
            }
            let signals = Signals::new(&ending);
            if signals.is_err() {
                // Nobody is told of signals, so each ends the process at once.
                closing.store(true, Ordering::SeqCst);
            }
            drop(watching);
            if let Some(signal) = signals
                .ok()
                .and_then(|mut signals| signals.forever().next())
            {
                closing.store(true, Ordering::SeqCst);
                die_by(signal);
            }
        })?;
    // It ends by being dropped.
    let _: Result<(), _> = begun.recv();
    Ok(())
}

/// Says which signals are ignored, where the system tells (proc_pid_status(5)).
fn ignored() -> impl Fn(i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    move |signal| mask >> (signal - 1) & 1 == 1
}

/// A store that can be closed while others have it.
struct Closable(RwLock<Option<Box<dyn KeyStore>>>);

impl Closable {
    /// Closes the store, once nobody asks it for anything. Until what is returned is dropped, nobody can.
    fn close(&self) -> impl Drop + '_ {
        let mut store = self.0.write().unwrap_or_else(PoisonError::into_inner);
        drop(store.take());
        store
    }

    fn open(&self) -> RwLockReadGuard<'_, Option<Box<dyn KeyStore>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A store as the manager has it.
struct Open(Arc<Closable>);

impl Open {
    fn with<T>(&self, work: impl FnOnce(&dyn KeyStore) -> Result<T>) -> Result<T> {
        match self.0.open().as_deref() {
            Some(store) => work(store),
            None => Err(Error::Store("it is closed".into())),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        drop(self.0.close());
    }
}

impl KeyStore for Open {
    fn is_shared(&self) -> bool {
        self.with(|store| Ok(store.is_shared())).unwrap_or(true)
    }

    fn listen(&self, listener: Listener) {
        let _ = self.with(|store| {
            store.listen(listener);
            Ok(())
        });
    }

    fn header(&self) -> Result<Option<Vec<u8>>> {
        self.with(|store| store.header())
    }

    fn set_header(&self, expected: Option<&[u8]>, header: &[u8]) -> Result<bool> {
        self.with(|store| store.set_header(expected, header))
    }

    fn create(&self, record: &Record, quota: &Quota) -> Result<()> {
        self.with(|store| store.create(record, quota))
    }

    fn append(
        &self,
        namespace: &str,
        id: &KeyId,
        quota: &Quota,
        make: &MakeRecord,
    ) -> Result<Record> {
        self.with(|store| store.append(namespace, id, quota, make))
    }

    fn fetch(&self, namespace: &str, id: &KeyId, version: Selector) -> Result<Record> {
        self.with(|store| store.fetch(namespace, id, version))
    }

    fn revoke(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        now: u64,
    ) -> Result<Vec<Version>> {
        self.with(|store| store.revoke(namespace, id, version, now))
    }

    fn scan(
        &self,
        namespace: Option<&str>,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        self.with(|store| store.scan(namespace, after, limit))
    }

    fn reseal(&self, changes: &[(Record, Record)]) -> Result<u64> {
        self.with(|store| store.reseal(changes))
    }
}
