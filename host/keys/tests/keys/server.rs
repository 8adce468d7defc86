//! A PostgreSQL server of the tests' own, which ends when they do.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Set where a missing server is a failure.
pub const REQUIRE: &str = "WASI_CRYPTO_REQUIRE_POSTGRES";

/// Serves until its pipe closes, also because whoever holds the other end was killed, and cleans up then. A server that
/// ends before is started again, unless there is a file that says not to.
const SERVE: &str = r#"
binaries=$1 directory=$2
shift 2
while [ ! -e "$directory/end" ]; do
    [ -e "$directory/down" ] ||
        "$binaries/postgres" -D "$directory/data" -k "$directory" -c max_connections=200 "$@" >>"$directory/log" 2>&1
    sleep 0.05
done &
read -r _
touch "$directory/end"
kill -INT $(head -1 "$directory/data/postmaster.pid") 2>/dev/null
wait
rm -rf "$directory"
"#;

pub struct Server {
    binaries: PathBuf,
    directory: PathBuf,
    options: Vec<String>,
    shell: Option<Child>,
    databases: AtomicU32,
}

/// Whoever the server runs as: it refuses to be root.
#[derive(Clone, Copy)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
}

impl Server {
    /// The server that tests share which do not harm it.
    pub fn shared() -> Option<&'static Server> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        SERVER.get_or_init(|| Self::start(false)).as_ref()
    }

    /// A new server, or none where none is installed, with a message that cannot be missed.
    pub fn start(fsync: bool) -> Option<Self> {
        let fsync = if fsync { "fsync=on" } else { "fsync=off" };
        Self::start_with(&[fsync, "listen_addresses="], |_| ())
    }

    /// A new server with these settings, after `prepare` has been to its directory.
    pub fn start_with(settings: &[&str], prepare: impl FnOnce(&Path)) -> Option<Self> {
        let Some(binaries) = binaries() else {
            assert!(
                !is_required(),
                "PostgreSQL is not installed, and {REQUIRE} is set"
            );
            // The harness does not show what a test prints that passes; this is for everybody to see.
            let _ = writeln!(
                std::io::stderr(),
                "\n*** NOT TESTED: no PostgreSQL server is installed (Debian: apt-get install postgresql) ***\n"
            );
            return None;
        };
        let directory = tempfile::Builder::new()
            .prefix("wasi-crypto-pg-")
            .tempdir_in("/tmp")
            .unwrap()
            .keep();
        prepare(&directory);
        let mut initdb = Command::new(binaries.join("initdb"));
        initdb
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=tests",
                "--encoding=UTF8",
            ])
            .arg("--pgdata")
            .arg(directory.join("data"))
            .stdout(Stdio::null())
            .current_dir("/");
        if let Some(user) = user() {
            let prepared = fs::read_dir(&directory).unwrap();
            let prepared = prepared.map(|entry| entry.unwrap().path());
            for path in prepared.chain([directory.clone()]) {
                chown(path, Some(user.uid), Some(user.gid)).unwrap();
            }
            initdb.uid(user.uid).gid(user.gid);
        }
        assert!(initdb.status().unwrap().success(), "initdb failed");
        let mut server = Self {
            binaries,
            directory,
            options: settings
                .iter()
                .flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()])
                .collect(),
            shell: None,
            databases: AtomicU32::new(0),
        };
        server.serve();
        server.bring_up();
        Some(server)
    }

    fn serve(&mut self) {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", SERVE, "sh"])
            .arg(&self.binaries)
            .arg(&self.directory)
            .args(&self.options)
            .stdin(Stdio::piped())
            .current_dir("/");
        if let Some(user) = user() {
            shell.uid(user.uid).gid(user.gid);
        }
        self.shell = Some(shell.spawn().unwrap());
    }

    /// Waits until the server answers, also after it was killed or brought down.
    pub fn bring_up(&self) {
        let _ = fs::remove_file(self.directory.join("down"));
        let started = Instant::now();
        while !self.try_sql("postgres", "SELECT 1") {
            let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "no server: {log}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the server as a crash of it would. It comes back by itself.
    pub fn kill(&self) {
        let killed = Command::new("kill").args(["-KILL", &self.pid()]).status();
        assert!(killed.unwrap().success());
    }

    fn pid(&self) -> String {
        let pid = fs::read_to_string(self.directory.join("data/postmaster.pid")).unwrap();
        pid.lines().next().unwrap().to_owned()
    }

    /// Ends the server as a crash of it would. It does not come back until [`Server::bring_up`].
    pub fn bring_down(&self) {
        fs::write(self.directory.join("down"), "").unwrap();
        // Those that serve connections outlive it by a moment.
        let children = children(&self.pid());
        self.kill();
        let killed = Instant::now();
        while children.iter().any(|child| child.exists()) {
            assert!(killed.elapsed() < Duration::from_secs(60), "{children:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A new, empty database: its name.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("db{number}");
        assert!(self.try_sql("postgres", &format!("CREATE DATABASE {name}")));
        name
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn url(&self, database: &str) -> String {
        let host = self.directory.to_str().unwrap();
        format!("postgres:///{database}?host={host}&user=tests")
    }

    /// Runs statements, and returns what they give, a row on each line.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let output = self.psql(database, sql).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {errors}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn try_sql(&self, database: &str, sql: &str) -> bool {
        self.psql(database, sql).output().unwrap().status.success()
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let port = self
            .options
            .iter()
            .find_map(|option| option.strip_prefix("port="));
        self.psql_at(&self.directory, port.unwrap_or("5432"), database, sql)
    }

    /// The command that runs statements by way of a socket.
    pub fn psql_at(&self, directory: &Path, port: &str, database: &str, sql: &str) -> Command {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "tests",
        ])
        .args(["-d", database, "-c", sql, "-p", port])
        .arg("-h")
        .arg(directory)
        .current_dir("/");
        psql
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut shell) = self.shell.take() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
    }
}

/// The folders under `/proc` of a process's children.
fn children(parent: &str) -> Vec<PathBuf> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let is_child = |path: &PathBuf| {
        let stat = fs::read_to_string(path.join("stat")).unwrap_or_default();
        // The name, in parentheses, can have spaces in it; then come the state and the parent.
        let after = stat.rsplit(") ").next().unwrap_or_default();
        after.split(' ').nth(1) == Some(parent)
    };
    processes
        .map(|process| process.path())
        .filter(is_child)
        .collect()
}

fn binaries() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<_> = installed
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|path| is_complete(path))
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found
        .pop()
        .or_else(|| std::env::split_paths(&path).find(|path| is_complete(path)))
}

fn is_complete(path: &Path) -> bool {
    ["initdb", "postgres", "psql"]
        .iter()
        .all(|name| path.join(name).exists())
}

/// Whether a server that is not installed is a failure.
pub fn is_required() -> bool {
    std::env::var_os(REQUIRE).is_some_and(|value| !value.is_empty())
}

/// Somebody else, for root.
pub fn user() -> Option<User> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let find = |name: &str| {
        let mut fields = users.lines().map(|line| line.split(':'));
        let mut fields = fields.find(|fields| fields.clone().next() == Some(name))?;
        let mut number = || fields.next()?.parse().ok();
        let _ = (number(), number());
        Some(User {
            uid: number()?,
            gid: number()?,
        })
    };
    find("postgres").or_else(|| find("nobody"))
}
