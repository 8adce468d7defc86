//! Processes that tests need: forked ones, and ones that can start no thread.

// Forking cannot be had without.
#![allow(unsafe_code)]
#![cfg(target_os = "linux")]

use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use rustix::process::{Pid, Resource, Rlimit, Signal, WaitOptions};

/// How long a child may take: far more than it needs on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// Tells the second run of a test from its first.
const LIMITED: &str = "WASI_CRYPTO_TEST_WITHOUT_THREADS";

/// The user and group that own nothing.
const NOBODY: u32 = 65534;

/// Held while a process is forked and lives, and while a program is copied and started: a fork inherits the descriptor that
/// a copy is written by, and a program that somebody can write to is not run.
static PROCESSES: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    PROCESSES.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe extern "C" {
    fn fork() -> i32;
    fn _exit(status: i32) -> !;
}

/// Runs `child` in a fork of this process, and returns whether it ended in time and without a panic.
///
/// The fork has only the calling thread, as in a server that forks its workers.
///
/// # Panics
///
/// When the system forks nothing.
pub fn succeeds_in_a_fork(child: impl FnOnce()) -> bool {
    let _alone = alone();
    // SAFETY: the child runs on a copy of this thread alone. What other threads held locked at this moment stays locked in
    // it; the C library sees to its own locks, the allocator's included, and a child that waits for others is killed below.
    let process = unsafe { fork() };
    assert!(process >= 0, "the system forked nothing");
    if process == 0 {
        let end = catch_unwind(AssertUnwindSafe(child));
        // SAFETY: it ends the process at once, so that nothing runs twice that waits for the end of this one.
        unsafe { _exit(i32::from(end.is_err())) };
    }
    ended_well(Pid::from_raw(process).expect("a process"))
}

fn ended_well(process: Pid) -> bool {
    let begin = Instant::now();
    loop {
        let status = rustix::process::waitpid(Some(process), WaitOptions::NOHANG);
        if let Some((_, status)) = status.expect("a child") {
            return status.exit_status() == Some(0);
        }
        if begin.elapsed() > PATIENCE {
            let _ = rustix::process::kill_process(process, Signal::KILL);
            let _ = rustix::process::waitpid(Some(process), WaitOptions::empty());
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Runs `test`, which is all that the test of that full name does, in a process that can start no thread.
///
/// # Panics
///
/// When it fails there, or when such a process cannot be had.
pub fn without_threads(name: &str, test: impl FnOnce()) {
    if std::env::var_os(LIMITED).is_some() {
        let none = Rlimit {
            current: Some(1),
            maximum: Some(1),
        };
        rustix::process::setrlimit(Resource::Nproc, none).expect("a limit of threads");
        assert!(thread::Builder::new().spawn(|| ()).is_err());
        return test();
    }
    // The limit does not hold for root, and others may have no way to the program where it is.
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("test");
    let mut command = Command::new(&program);
    let alone = alone();
    std::fs::copy(std::env::current_exe().expect("this program"), &program).expect("a copy");
    if rustix::process::getuid().is_root() {
        open_to_all(folder.path());
        command.uid(NOBODY).gid(NOBODY).current_dir(folder.path());
    }
    command
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(LIMITED, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = started(&mut command).expect("a process");
    drop(alone);
    let output = child.wait_with_output().expect("its output");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{}: {said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Starts a program that was just copied. Another test may have forked a process of its own meanwhile, which has the copy
/// open until it runs its program.
fn started(command: &mut Command) -> io::Result<Child> {
    let begin = Instant::now();
    loop {
        match command.spawn() {
            Err(error)
                if error.kind() == io::ErrorKind::ExecutableFileBusy
                    && begin.elapsed() < PATIENCE =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

fn open_to_all(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder, mode).expect("permissions");
}
