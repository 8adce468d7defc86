//! What can stand in the way of opening the embedded store, each with a sentence of its own.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use redb::{Database, TableDefinition};
use wasi_crypto_keys::Error;

use crate::file::{directory, open, wait_for};
use crate::server;
use crate::worker;

/// Why the store cannot be opened.
fn why(path: &Path) -> String {
    open(path).err().unwrap().to_string()
}

#[test]
fn whoever_has_the_file_is_told_by_each_of_its_names() {
    let directory = directory();
    let home = directory.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::create_dir(directory.path().join("elsewhere")).unwrap();
    let path = worker::store(&home);
    let link = directory.path().join("elsewhere/link.db");
    let second = directory.path().join("second.db");
    symlink("../home/keys.db", &link).unwrap();
    symlink(&link, &second).unwrap();
    symlink("home", directory.path().join("house")).unwrap();
    let mut holder = worker::spawn("hold", &home);
    wait_for(&home.join("held"));
    let pid = format!("process {} ", holder.id());
    let house = directory.path().join("house/keys.db");
    for name in [&path, &link, &second, &house] {
        let line = why(name);
        assert!(line.contains(&pid), "{line}");
        assert!(line.contains(name.to_str().unwrap()), "{line}");
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    // And the other way round: whoever came by a link is found by the file's own name.
    let manager = open(&second).unwrap();
    let own = format!("process {} ", std::process::id());
    assert!(why(&path).contains(&own));
    drop(manager);
    let mut names: Vec<_> = fs::read_dir(directory.path().join("elsewhere"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["link.db"]);
}

#[test]
fn a_link_that_leads_nowhere_is_not_a_new_store() {
    let directory = directory();
    let path = worker::store(directory.path());
    symlink("gone.db", &path).unwrap();
    let line = why(&path);
    assert!(
        line.contains("symbolic link") && line.contains("gone.db"),
        "{line}"
    );
    let names = || fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(names(), 1);
    fs::remove_file(&path).unwrap();
    symlink("keys.db", &path).unwrap();
    assert!(why(&path).contains("too many symbolic links"));
    assert_eq!(names(), 1);
}

#[test]
fn what_is_no_regular_file_is_told_and_left_alone() {
    let directory = directory();
    let path = directory.path().join("keys");
    fs::create_dir(&path).unwrap();
    for name in [path.clone(), directory.path().join("keys/")] {
        let line = why(&name);
        assert!(
            line.contains("it is a directory: name a file in it"),
            "{line}"
        );
    }
    let socket = directory.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    for name in [&socket, Path::new("/dev/null")] {
        let line = why(name);
        assert!(line.contains("no regular file"), "{line}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    assert!(!Path::new("/dev/null.lock").exists());
}

#[test]
fn a_directory_that_there_is_not_is_told() {
    let directory = directory();
    let line = why(&directory.path().join("no/such/keys.db"));
    assert!(
        line.contains("no/such: there is no such directory: make it"),
        "{line}"
    );
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let line = why(&file.join("keys.db"));
    assert!(line.contains("no directory: check its name"), "{line}");
}

#[test]
fn a_file_of_another_format_is_told_from_a_damaged_one_and_left_alone() {
    let directory = directory();
    let path = worker::store(directory.path());
    drop(open(&path).unwrap());
    let whole = fs::read(&path).unwrap();
    let mut newer = whole.clone();
    (newer[64], newer[192]) = (4, 4);
    let mut older = whole.clone();
    (older[64], older[192]) = (2, 2);
    let other = "no key store but in another format";
    for (content, expected) in [
        (&b"SQLite format 3\0and so on"[..], other),
        (b"text\n", other),
        (b"x", other),
        (&[0; 100_000], other),
        (b"", "keys.db: it is empty"),
        (b"redb", "keys.db: it is cut short"),
        (&whole[..200], "keys.db: it is cut short"),
        (&whole[..whole.len() / 2], "the key store is damaged"),
        (&newer, "use the newer wasi-crypto"),
        (&older, "in version 2 of its format"),
    ] {
        fs::write(&path, content).unwrap();
        let line = why(&path);
        assert!(
            line.contains(expected) && line.contains("keys.db"),
            "{line}"
        );
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[test]
fn another_programs_database_is_told_and_not_made_a_store() {
    const TABLE: TableDefinition<'_, &str, u64> = TableDefinition::new("counts");
    let directory = directory();
    let path = worker::store(directory.path());
    {
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction
            .open_table(TABLE)
            .unwrap()
            .insert("a", 1)
            .unwrap();
        transaction.commit().unwrap();
    }
    for _ in 0..2 {
        let error = open(&path).err().unwrap();
        assert!(matches!(error, Error::Store(_)), "{error}");
        let line = error.to_string();
        assert!(
            line.contains("keys.db: it is another program's database"),
            "{line}"
        );
    }
    let database = Database::open(&path).unwrap();
    let transaction = redb::ReadableDatabase::begin_read(&database).unwrap();
    assert_eq!(transaction.list_tables().unwrap().count(), 1);
}

/// Somebody whom permissions hold for: this user, unless that is root.
fn as_anybody(mut command: Command) -> Command {
    if server::user().is_some() {
        command.uid(65534).gid(65534);
    }
    command
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_directory_that_this_user_may_not_write_to_is_told() {
    let directory = directory();
    set_mode(directory.path(), 0o555);
    let path = worker::store(directory.path());
    let line = worker::told(&path, as_anybody);
    assert!(
        line.contains("may not make files in the directory"),
        "{line}"
    );
    assert!(!line.contains("keys.db"), "{line}");
    set_mode(directory.path(), 0o755);
    drop(open(&path).unwrap());
    set_mode(directory.path(), 0o555);
    // There is a lock and a store; whose they are is what matters now.
    set_mode(&directory.path().join("keys.db.lock"), 0o000);
    let line = worker::told(&path, as_anybody);
    assert!(
        line.contains("keys.db.lock: this user may not read and write it"),
        "{line}"
    );
    set_mode(&directory.path().join("keys.db.lock"), 0o666);
    set_mode(&path, 0o000);
    let line = worker::told(&path, as_anybody);
    assert!(
        line.contains("keys.db: this user may not read and write it"),
        "{line}"
    );
    set_mode(&path, 0o600);
    if server::user().is_some() {
        chown(&path, Some(65534), Some(65534)).unwrap();
    }
    // That is all it takes to use a store that there is.
    assert_eq!(worker::told(&path, as_anybody), "");
    set_mode(directory.path(), 0o755);
}

/// Runs a command after a script that mounts something where nobody else sees it.
fn after(script: &'static str, directory: &Path) -> impl FnOnce(Command) -> Command {
    move |command| {
        let mut unshare = Command::new("unshare");
        unshare
            .args(unsharing())
            .args(["sh", "-c"])
            .arg(format!("set -e; directory=$1; shift; {script}; \"$@\""))
            .arg("sh")
            .arg(directory)
            .arg(std::env::current_exe().unwrap())
            .args(command.get_args())
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
        unshare
    }
}

/// What gives a command mounts of its own: root may, and elsewhere everybody in a user namespace.
fn unsharing() -> &'static [&'static str] {
    match server::user() {
        Some(_) => &["--mount"],
        None => &["--user", "--map-root-user", "--mount"],
    }
}

/// Whether file systems can be mounted here, with a message that cannot be missed where they cannot.
fn can_mount() -> bool {
    let directory = directory();
    let mut unshare = Command::new("unshare");
    unshare
        .args(unsharing())
        .args(["mount", "-t", "tmpfs", "tmpfs"])
        .arg(directory.path())
        .stderr(Stdio::null());
    let can = unshare.status().is_ok_and(|status| status.success());
    if !can {
        let _ = writeln!(
            std::io::stderr(),
            "\n*** NOT TESTED: read-only and full file systems, which this user may not mount ***\n"
        );
    }
    can
}

#[test]
fn a_read_only_file_system_is_told() {
    const READ_ONLY: &str =
        "mount --bind \"$directory\" \"$directory\"; mount -o remount,bind,ro \"$directory\"";
    if !can_mount() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = worker::store(directory.path());
    let sentence = "it is on a read-only file system";
    let line = worker::told(&path, after(READ_ONLY, directory.path()));
    assert!(line.contains(sentence), "{line}");
    drop(open(&path).unwrap());
    let line = worker::told(&path, after(READ_ONLY, directory.path()));
    assert!(line.contains(sentence), "{line}");
    open(&path).unwrap();
}

#[test]
fn a_full_disk_is_told_and_nothing_is_left_on_it() {
    const FULL: &str = "mount -t tmpfs -o size=8k tmpfs \"$directory\"; trap 'ls \"$directory\" >\"$directory.left\"' EXIT";
    if !can_mount() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let disk = home.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let line = worker::told(worker::store(&disk), after(FULL, &disk));
    assert!(
        line.contains("keys.db: the disk is full: free some space"),
        "{line}"
    );
    let left = fs::read_to_string(home.path().join("disk.left")).unwrap();
    assert_eq!(left, "keys.db.lock\n");
}
