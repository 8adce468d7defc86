//! Runs the command as a user would.

// Each test file uses a part of this.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

#[allow(unused_imports)]
pub use wasi_crypto_test_harness::{Outcome, built, guest};

/// The command under test.
pub const WASI_CRYPTO: &str = env!("CARGO_BIN_EXE_wasi-crypto");

/// A folder that is gone after the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder in a certain place.
    pub fn within(place: &Path) -> Self {
        Self(tempfile::tempdir_in(place).expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file to write");
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("a file to read")
    }

    /// The names of all files in the folder.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder to read");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// A device to write to: `null` or `full`. For root it is one of the folder's own, so that a command at fault cannot
    /// replace the machine's; nobody else can do that.
    #[cfg(target_os = "linux")]
    pub fn device(&self, name: &str) -> String {
        use std::os::unix::fs::FileTypeExt;

        let own = self.path(name);
        let minor = match name {
            "null" => "3",
            "full" => "7",
            _ => panic!("no device {name} is known"),
        };
        let made = Command::new("mknod")
            .arg(&own)
            .args(["c", "1", minor])
            .output();
        let path = match made {
            Ok(output) if output.status.success() => own,
            _ => Path::new("/dev").join(name),
        };
        let metadata = std::fs::metadata(&path).expect("a device");
        assert!(
            metadata.file_type().is_char_device(),
            "{} is no device",
            path.display()
        );
        path.display().to_string()
    }

    /// `wasi-crypto`, to be run in the folder.
    pub fn command(&self) -> Command {
        let mut command = Command::new(WASI_CRYPTO);
        command
            .current_dir(self.0.path())
            .env("XDG_CACHE_HOME", target().join("tmp/cache"));
        command
    }

    /// Runs `wasi-crypto` with these arguments.
    pub fn wasi_crypto<S: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Outcome {
        Outcome::of(self.command().args(args))
    }

    /// A folder with a store of managed keys and their key-encryption key in `host`, guests beside it, and nothing in `data`.
    pub fn with_store() -> Self {
        let folder = Self::new();
        for name in ["host", "data"] {
            std::fs::create_dir(folder.path(name)).expect("a folder");
        }
        for (name, path) in [
            ("secrets.wasm", "secrets.wasm"),
            ("vault.wasm", "examples/vault.wasm"),
            ("wcrypt.wasm", "wcrypt.wasm"),
        ] {
            std::fs::copy(guest(path), folder.path(name)).expect("a copy");
        }
        let init = ["keys", "init", "--key-encryption-key", "host/kek.hex"];
        folder.wasi_crypto(init).success();
        let init = [&init[..], &["--keys", "host/keys.redb"]].concat();
        folder.wasi_crypto(init).success();
        folder
    }

    /// `wasi-crypto`, with the store of [`Folder::with_store`] in its environment.
    pub fn exported(&self) -> Command {
        let key = String::from_utf8(self.read("host/kek.hex")).expect("text");
        let mut command = self.command();
        command
            .env("WASI_CRYPTO_KEYS", "host/keys.redb")
            .env("WASI_CRYPTO_KEY_ENCRYPTION_KEY", key.trim());
        command
    }

    /// Runs `wasi-crypto` with these arguments, and the store in its environment.
    pub fn with_exported(&self, args: &[&str]) -> Outcome {
        Outcome::of(self.exported().args(args))
    }

    /// Imports a MAC's key into the namespace `tests`, and gives its identifier.
    pub fn imported_key(&self) -> String {
        self.write("host/raw.key", [7; 32]);
        let import = ["keys", "import", "-a", "HMAC/SHA-256", "--namespace"];
        let args = [&import[..], &["tests", "host/raw.key"]].concat();
        self.with_exported(&args).success().trim().to_owned()
    }

    /// Runs a guest that has the store open, with flags, and waits for a line before it uses the key.
    pub fn waiting(&self, flags: &[&str], id: &str) -> Child {
        let mut command = self.exported();
        command.args(["run", "--namespace", "tests"]).args(flags);
        command.args(["secrets.wasm", "wait", id, "0"]);
        ready(command)
    }

    /// Runs `wcrypt` with these arguments; it sees the folder.
    pub fn wcrypt(&self, args: &[&str]) -> Outcome {
        Outcome::of(self.wcrypt_command().args(args))
    }

    /// `wcrypt`, with a password in its environment.
    pub fn wcrypt_command(&self) -> Command {
        let mut command = self.command();
        command
            .env("WCRYPT_PASSWORD", "correct horse")
            .args([
                "run",
                "--max-memory",
                "64",
                "--dir",
                ".",
                "--env",
                "WCRYPT_PASSWORD",
            ])
            .arg(guest("wcrypt.wasm"));
        command
    }
}

/// Starts a guest that says when it is ready.
pub fn ready(mut command: Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("a process");
    let mut line = [0; 11];
    let stdout = child.stdout.as_mut().expect("a pipe");
    stdout.read_exact(&mut line).expect("a line");
    assert_eq!(&line, b"ready: yes\n");
    child
}

/// Gives a waiting guest its line, and waits for its end.
pub fn go_on(mut child: Child) -> Output {
    let mut input = child.stdin.take().expect("a pipe");
    writeln!(input).expect("its input");
    drop(input);
    child.wait_with_output().expect("its end")
}

/// The target folder.
pub fn target() -> &'static Path {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().expect("cargo's folder for tests is in it")
}
