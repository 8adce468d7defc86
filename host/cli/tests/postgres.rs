//! Managed keys in PostgreSQL: the same commands, while guests run.
#![cfg(unix)]

mod common;
#[allow(dead_code, missing_docs)]
#[path = "../../keys/tests/keys/server.rs"]
mod server;

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use common::{Folder, Outcome, guest};
use server::Server;

/// Source: printf data | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07.
const TAG: &str = "21bbc9a314d4aaecde6711d51bdda95e5f04eb117f43e59777d3c11e539f5203";

struct Host {
    folder: Folder,
    url: String,
}

impl Host {
    fn new(server: &Server) -> Self {
        let folder = Folder::new();
        std::fs::copy(guest("secrets.wasm"), folder.path("secrets.wasm")).expect("a copy");
        folder.write("raw.key", [7; 32]);
        let host = Self {
            folder,
            url: server.url(&server.database()),
        };
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

    /// Starts a guest that uses the key after `meanwhile`.
    fn run_after(&self, id: &str, meanwhile: impl FnOnce()) -> Outcome {
        let mut command = self.run(&["wait", id, "0"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("a process");
        let mut ready = [0; 11];
        let stdout = child.stdout.as_mut().expect("a pipe");
        stdout.read_exact(&mut ready).expect("a line");
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
        "mysql://user:s3cr3t@host/db",
    ] {
        let mut command = folder.command();
        command.env("WASI_CRYPTO_KEY_ENCRYPTION_KEY", "07".repeat(32));
        command.args(["keys", "list", "--keys", url]);
        let line = Outcome::of(&mut command).failure(125);
        assert!(!line.contains("s3cr3t"), "{line}");
    }
}
