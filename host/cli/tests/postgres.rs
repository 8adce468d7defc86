//! Managed keys in PostgreSQL: the same commands, while guests run.
#![cfg(unix)]

mod common;
#[allow(dead_code, missing_docs)]
#[path = "../../keys/tests/keys/pooler.rs"]
mod pooler;
#[allow(dead_code, missing_docs)]
#[path = "../../keys/tests/keys/server.rs"]
mod server;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{Folder, Outcome, guest};
use pooler::Pooler;
use server::Server;

/// Source: printf data | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07.
const TAG: &str = "21bbc9a314d4aaecde6711d51bdda95e5f04eb117f43e59777d3c11e539f5203";

struct Host {
    folder: Folder,
    url: String,
}

impl Host {
    fn new(server: &Server) -> Self {
        Self::at(server.url(&server.database()))
    }

    fn at(url: String) -> Self {
        let folder = Folder::new();
        std::fs::copy(guest("secrets.wasm"), folder.path("secrets.wasm")).expect("a copy");
        folder.write("raw.key", [7; 32]);
        let host = Self { folder, url };
        host.keys(&["init", "--keys", &host.url]).success();
        host
    }

    fn keys(&self, args: &[&str]) -> Outcome {
        let mut command = self.folder.command();
        command.env("WASI_CRYPTO_KEYS", &self.url).arg("keys");
        Outcome::of(command.args(args).args(["--key-encryption-key", "kek.hex"]))
    }

    fn run(&self, args: &[&str]) -> Command {
        let mut command = self.folder.command();
        command
            .args(["run", "--keys", &self.url])
            .args(["--key-encryption-key", "kek.hex"])
            .args(["--namespace", "tests", "secrets.wasm"])
            .args(args);
        command
    }

    /// Starts a guest that waits for a line before it uses the key.
    fn waiting(&self, id: &str) -> Child {
        let mut command = self.run(&["wait", id, "0"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("a process");
        let mut ready = [0; 11];
        let stdout = child.stdout.as_mut().expect("a pipe");
        stdout.read_exact(&mut ready).expect("a line");
        child
    }

    /// Starts a guest that uses the key after `meanwhile`.
    fn run_after(&self, id: &str, meanwhile: impl FnOnce()) -> Outcome {
        let mut child = self.waiting(id);
        meanwhile();
        let mut input = child.stdin.take().expect("a pipe");
        writeln!(input).expect("its input");
        drop(input);
        Outcome::from(child.wait_with_output().expect("its end"))
    }
}

#[test]
fn commands_work_while_guests_run_and_lost_servers_are_errnos() {
    let Some(server) = Server::start(false) else {
        return;
    };
    let host = Host::new(&server);
    let import = [
        "import",
        "-a",
        "HMAC/SHA-256",
        "--namespace",
        "tests",
        "raw.key",
    ];
    let id = host.keys(&import).success();
    let id = id.trim();

    let used = host.run_after(id, || {
        assert!(host.keys(&["list"]).success().contains(id));
    });
    assert_eq!(used.success(), format!("version: 1\ntag: {TAG}\n"));
    let used = host.run_after(id, || {
        host.keys(&["rotate", id]).success();
    });
    assert!(used.success().starts_with("version: 2\n"));
    let used = host.run_after(id, || {
        host.keys(&["revoke", id, "latest"]).success();
    });
    assert_eq!(used.stderr, "use: not-found\n".replace("use", "wait"));

    let used = host.run_after(id, || server.bring_down());
    assert_eq!(used.code, 1, "{used:?}");
    assert!(used.stderr.contains("wait: internal-error"), "{used:?}");
    let told = |line: &str| line.starts_with("wasi-crypto: managed keys:") && line.contains(id);
    assert!(used.stderr.lines().any(told), "{used:?}");
    let line = host.keys(&["list"]).failure(125);
    assert!(line.contains("the key store failed"), "{line}");
    server.bring_up();
    let used = Outcome::of(&mut host.run(&["use", id, "1"]));
    assert_eq!(used.success(), format!("version: 1\ntag: {TAG}\n"));
}

#[test]
fn a_host_behind_a_pooler_that_is_told_nothing_says_so_once() {
    let Some(server) = Server::start(false) else {
        return;
    };
    let Some(pooler) = Pooler::start(&server, 1) else {
        return;
    };
    let direct = Host::new(&server);
    let pooled_database = server.database();
    let pooled = Host::at(pooler.url(&pooled_database));
    let import = ["import", "-a", "HMAC/SHA-256", "--namespace", "tests"];
    let id = |host: &Host| {
        let printed = host.keys(&[&import[..], &["raw.key"]].concat()).success();
        printed.trim().to_owned()
    };
    // Started earlier, it is found out later if it does not hear.
    let hearing = direct.waiting(&id(&direct));
    let mut deaf = pooled.waiting(&id(&pooled));
    let mut stderr = BufReader::new(deaf.stderr.take().expect("a pipe"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert!(
        line.contains("behind a pooler in transaction mode"),
        "{line}"
    );
    // One connection is all there is, and what could be taken back was.
    let listening = "SELECT count(*) FROM pg_listening_channels()";
    assert_eq!(pooler.sql(&pooled_database, listening), "0");
    if std::env::var_os("WASI_CRYPTO_TEST_ALL").is_some_and(|all| !all.is_empty()) {
        // Longer than it takes until it tries again, and hears nothing again.
        std::thread::sleep(Duration::from_secs(90));
    }
    for (mut child, rest) in [(hearing, None), (deaf, Some(stderr))] {
        let mut input = child.stdin.take().expect("a pipe");
        writeln!(input).expect("its input");
        drop(input);
        let outcome = Outcome::from(child.wait_with_output().expect("its end"));
        assert_eq!(outcome.stderr, "");
        assert!(outcome.success().contains(TAG));
        let mut more = String::new();
        if let Some(mut rest) = rest {
            rest.read_to_string(&mut more).expect("its end");
        }
        assert_eq!(more, "");
    }
}

#[test]
fn a_mistyped_database_is_not_begun() {
    let Some(server) = Server::start(false) else {
        return;
    };
    let host = Host::new(&server);
    let other = server.database();
    let line = host
        .keys(&["list", "--keys", &server.url(&other)])
        .failure(127);
    assert!(
        line.contains("no managed keys were ever stored there; check its name"),
        "{line}"
    );
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'wasi_crypto'";
    assert_eq!(server.sql(&other, schemas).trim(), "0");
}

#[test]
fn no_output_has_the_password_of_a_url() {
    let folder = Folder::new();
    for url in [
        "postgres://user:s3cr3t@127.0.0.1:1/db?sslmode=disable",
        "postgres://127.0.0.1:1/db?sslmode=disable&user=user&password=s3cr3t",
        "postgres://user:s3cr3t@[bad/db",
        "postgres://user:s3c@r3t@127.0.0.1/db",
        "postgres:user:s3cr3t@localhost/db",
        "POSTGRES://user:s3cr3t@localhost/db",
        "host=localhost user=user password=s3cr3t",
        "mysql://user:s3cr3t@host/db",
        "user:s3cr3t@host/db",
    ] {
        // A server that is not there is waited for, which is once too often already.
        let both = !url.contains("127.0.0.1:1");
        for in_environment in [false, true].into_iter().take(1 + usize::from(both)) {
            let mut command = folder.command();
            command.env("WASI_CRYPTO_KEY_ENCRYPTION_KEY", "07".repeat(32));
            // What makes a store where there is none, and might make a file.
            let import = [
                "keys",
                "import",
                "-a",
                "AES-128-GCM",
                "--namespace",
                "n",
                "raw.key",
            ];
            folder.write("raw.key", [7; 16]);
            command.args(import);
            if in_environment {
                command.env("WASI_CRYPTO_KEYS", url);
            } else {
                command.args(["--keys", url]);
            }
            let line = Outcome::of(&mut command).failure(125);
            assert!(!line.contains("s3cr3t") && !line.contains("r3t"), "{line}");
            assert_eq!(folder.files(), ["raw.key"], "{url}");
        }
    }
}

#[test]
fn a_bare_scheme_is_the_database_that_the_environment_names() {
    let Some(server) = Server::start(false) else {
        return;
    };
    let host = Host::new(&server);
    let database = host.url.split(['/', '?']).nth(3).expect("a name");
    let mut command = host.folder.command();
    command
        .env("PGHOST", server.directory())
        .env("PGUSER", "tests")
        .env("PGDATABASE", database)
        .args(["keys", "list", "--keys", "postgres:"])
        .args(["--key-encryption-key", "kek.hex"]);
    Outcome::of(&mut command).success();
    assert!(!host.folder.files().contains(&"postgres:".to_owned()));
}
