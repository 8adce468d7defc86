//! Password hashing uses more than one core when it is asked for more than one lane.

// Linux tells what each thread has worked; the native back end is the one with threads.
#![cfg(all(target_os = "linux", feature = "native"))]

use std::collections::BTreeMap;

use wasi_crypto_engine::{Category, Engine};

/// The processor time of each thread of this process, in clock ticks.
fn ticks() -> BTreeMap<String, u64> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("the threads of this process");
    tasks
        .map(|task| {
            let task = task.expect("a thread").path();
            let stat = std::fs::read_to_string(task.join("stat")).unwrap_or_default();
            // The name of the thread, in parentheses, may contain anything; then comes the third field.
            let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
            let mut fields = fields.split_whitespace().skip(11);
            let mut next = || fields.next().and_then(|field| field.parse::<u64>().ok());
            let worked = next().unwrap_or(0) + next().unwrap_or(0);
            (task.display().to_string(), worked)
        })
        .collect()
}

/// How many threads work while one password is hashed.
fn working_threads(lanes: u64) -> usize {
    let engine = Engine::default();
    let mut options = engine.options(Category::Symmetric);
    options.set_u64("memory_limit", 128 << 20).expect("memory");
    options.set_u64("ops_limit", 12).expect("passes");
    options.set_u64("parallelism", lanes).expect("lanes");
    let mut state = engine
        .open("ARGON2-ID-13", None, Some(&options))
        .expect("a state");
    state.absorb(b"password").expect("a password");
    let before = ticks();
    let during = std::thread::spawn(move || {
        state.squeeze(32).expect("a hash");
        ticks()
    });
    let after = during.join().expect("no panic");
    let worked = after.iter().filter(|(thread, ticks)| {
        let before = before.get(*thread).copied().unwrap_or(0);
        // A tenth of a second: more than a thread needs to begin and end.
        **ticks >= before + 10
    });
    worked.count()
}

#[test]
fn two_lanes_are_filled_by_two_threads() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(working_threads(1), 1);
    if cores >= 2 {
        assert!(working_threads(4) >= 2);
    }
}
