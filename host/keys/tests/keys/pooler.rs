//! PgBouncer before a server of the tests' own, which ends when they do.

use std::fs;
use std::io::Write;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::{self, Server};

/// Pools until its pipe closes, also because whoever holds the other end was killed.
const POOL: &str = r#"
"$1" -q "$2/pgbouncer.ini" >>"$2/log" 2>&1 &
read -r _
kill -INT $!
wait
rm -rf "$2"
"#;

/// A pooler that gives each transaction another of a few connections.
pub struct Pooler<'a> {
    server: &'a Server,
    directory: PathBuf,
    shell: Child,
}

impl<'a> Pooler<'a> {
    /// A pooler that opens so many connections for each user of each database, or none where none is installed, with a
    /// message that cannot be missed.
    pub fn start(server: &'a Server, connections: usize) -> Option<Self> {
        let Some(program) = program() else {
            assert!(
                !server::is_required(),
                "PgBouncer is not installed, and {} is set",
                server::REQUIRE
            );
            let _ = writeln!(
                std::io::stderr(),
                "\n*** NOT TESTED: PgBouncer is not installed (Debian: apt-get install pgbouncer) ***\n"
            );
            return None;
        };
        let directory = tempfile::Builder::new()
            .prefix("wasi-crypto-pool-")
            .tempdir_in("/tmp")
            .unwrap()
            .keep();
        let server_directory = server.directory().display();
        let settings = format!(
            "[databases]\n\
             * = host={server_directory} user=tests\n\
             [pgbouncer]\n\
             unix_socket_dir = {}\n\
             listen_port = 6432\n\
             auth_type = any\n\
             pool_mode = transaction\n\
             default_pool_size = {connections}\n\
             server_login_retry = 1\n\
             max_client_conn = 1000\n",
            directory.display()
        );
        fs::write(directory.join("pgbouncer.ini"), settings).unwrap();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", POOL, "sh"])
            .arg(program)
            .arg(&directory)
            .stdin(Stdio::piped())
            .current_dir("/");
        if let Some(user) = server::user() {
            for path in [directory.join("pgbouncer.ini"), directory.clone()] {
                chown(path, Some(user.uid), Some(user.gid)).unwrap();
            }
            shell.uid(user.uid).gid(user.gid);
        }
        let pooler = Self {
            server,
            directory,
            shell: shell.spawn().unwrap(),
        };
        let started = Instant::now();
        while !pooler
            .psql("postgres", "SELECT 1")
            .status()
            .unwrap()
            .success()
        {
            let log = fs::read_to_string(pooler.directory.join("log")).unwrap_or_default();
            assert!(started.elapsed() < Duration::from_secs(60), "{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(pooler)
    }

    pub fn url(&self, database: &str) -> String {
        let host = self.directory.to_str().unwrap();
        format!("postgres:///{database}?host={host}&port=6432&user=tests")
    }

    /// Runs statements on one of the pooled connections, as another application does.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let output = self.psql(database, sql).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {errors}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut psql = self.server.psql_at(&self.directory, "6432", database, sql);
        psql.stderr(Stdio::piped()).stdout(Stdio::piped());
        psql
    }
}

impl Drop for Pooler<'_> {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain([Path::new("/usr/sbin").to_path_buf()]);
    places
        .map(|place| place.join("pgbouncer"))
        .find(|program| program.exists())
}
