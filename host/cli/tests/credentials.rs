//! Key-encryption keys as operators have them: handed out by systemd and Kubernetes as docs/keys.md shows it, from standard
//! input, through a FIFO.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{Folder, Outcome, WASI_CRYPTO, guest};

const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707\n";

/// The block of docs/keys.md after a mark.
fn block(mark: &str) -> String {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/keys.md");
    let manual = fs::read_to_string(manual).expect("the manual");
    let (_, block) = manual
        .split_once(&format!("<!-- {mark} -->\n```"))
        .expect("the mark");
    let (_, block) = block.split_once('\n').expect("a language");
    let (block, _) = block.split_once("```").expect("an end");
    block.to_owned()
}

/// What follows a key in a unit file or a manifest, wherever it is.
fn value<'a>(block: &'a str, key: &str) -> &'a str {
    let mut lines = block
        .lines()
        .map(|line| line.trim_start().trim_start_matches("- "));
    let value = lines.find_map(|line| line.strip_prefix(key));
    value.unwrap_or_else(|| panic!("{key} in {block}")).trim()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").expect("a process").uid() == 0
}

/// A machine's files, in a folder of their own.
struct Machine {
    folder: Folder,
    /// Who runs the command, and with which group; this user where it is not root.
    user: u32,
    group: u32,
}

impl Machine {
    fn new(user: u32, group: u32) -> Self {
        let machine = Self {
            folder: Folder::new(),
            user,
            group,
        };
        set_mode(&machine.at("/"), 0o755);
        machine.make_directory("/usr/lib/vault", 0, 0, 0o755);
        let wasm = machine.at("/usr/lib/vault/vault.wasm");
        fs::copy(guest("examples/vault.wasm"), &wasm).expect("a copy");
        set_mode(&wasm, 0o644);
        machine.make_directory("/var/cache", user, group, 0o755);
        machine
    }

    /// Where a path of the machine's is.
    fn at(&self, path: &str) -> PathBuf {
        self.folder.path(path.trim_start_matches('/'))
    }

    fn make_directory(&self, path: &str, user: u32, group: u32, mode: u32) {
        let directory = self.at(path);
        fs::create_dir_all(&directory).expect("a directory");
        own(&directory, user, group);
        set_mode(&directory, mode);
    }

    fn make_key(&self, path: &str, user: u32, group: u32, mode: u32) {
        let file = self.at(path);
        let _ = fs::remove_file(&file);
        fs::write(&file, KEY).expect("a key");
        own(&file, user, group);
        set_mode(&file, mode);
    }

    /// Runs the command with these arguments, of which those that are paths are the machine's.
    fn run_as(&self, user: u32, group: u32, arguments: &[String]) -> Outcome {
        let program = fs::File::open(WASI_CRYPTO).expect("the command");
        // By a name that everybody may use, whoever may look into the folders above.
        let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
        command
            .args(
                arguments
                    .iter()
                    .map(|argument| match argument.starts_with('/') {
                        true => self.at(argument).into_os_string(),
                        false => argument.into(),
                    }),
            )
            .env("XDG_CACHE_HOME", self.at("/var/cache"))
            .current_dir("/");
        if is_root() {
            command.uid(user).gid(group);
        }
        Outcome::of(&mut command)
    }

    fn run(&self, arguments: &[String]) -> Outcome {
        self.run_as(self.user, self.group, arguments)
    }
}

/// Makes a file somebody's, where this user may.
fn own(path: &Path, user: u32, group: u32) {
    if is_root() {
        chown(path, Some(user), Some(group)).expect("an owner");
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

/// What the guest prints that has made a key.
fn is_id(printed: &str) -> bool {
    let id = printed.trim();
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[test]
fn a_service_gets_its_key_from_systemd_as_the_manual_shows() {
    const SERVICE: u32 = 4711;
    let unit = block("unit");
    let name = value(&unit, "User=");
    let (credential, source) = value(&unit, "LoadCredential=")
        .split_once(':')
        .expect("a name and a file");
    assert!(source.starts_with('/'));
    let state = format!("/var/lib/{}", value(&unit, "StateDirectory="));
    let credentials = format!("/run/credentials/{name}.service");
    let command = value(&unit, "ExecStart=")
        .replace("%S", "/var/lib")
        .replace("%d", &credentials);
    let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
    let (program, arguments) = words.split_first().expect("a program");
    assert!(program.ends_with("/wasi-crypto"));

    let machine = Machine::new(SERVICE, SERVICE);
    machine.make_directory(&state, SERVICE, SERVICE, 0o755);
    // Both are root's, and an access control list lets the service's user in; the group of a file that has one shows what
    // the list allows at the most. Here, it is the user's own group that lets it in.
    machine.make_directory(&credentials, 0, SERVICE, 0o750);
    let key = format!("{credentials}/{credential}");
    let mode = if is_root() { 0o440 } else { 0o400 };
    machine.make_key(&key, 0, SERVICE, mode);
    assert!(is_id(&machine.run(arguments).success()));
    let store = fs::metadata(machine.at(&format!("{state}/keys.redb"))).expect("a store");
    assert_eq!(store.mode() & 0o777, 0o600);

    let refused = |user: u32, mode: u32, expected: &str| {
        machine.make_key(&key, user, SERVICE, mode);
        let line = machine.run(arguments).failure(125);
        assert!(
            line.contains(expected) && line.contains(credential),
            "{line}"
        );
    };
    refused(0, 0o444, "other users can read it (mode 444)");
    refused(0, 0o460, "other users can write to it (mode 460)");
    refused(SERVICE, 0o440, "other users can read it (mode 440)");
    if is_root() {
        assert_eq!(store.uid(), SERVICE);
        refused(4800, 0o440, "it belongs to user 4800");
        machine.make_key(&key, SERVICE, SERVICE, 0o400);
        assert!(is_id(&machine.run(arguments).success()));
        // Without User=, the service is root's.
        machine.make_key(&key, 0, SERVICE, 0o440);
        assert!(is_id(&machine.run_as(0, 0, arguments).success()));
        machine.make_key(&key, SERVICE, SERVICE, 0o400);
        let line = machine.run_as(0, 0, arguments).failure(125);
        assert!(line.contains("it belongs to user 4711"), "{line}");
    }
}

#[test]
fn a_pod_gets_its_key_from_kubernetes_as_the_manual_shows() {
    let pod = block("pod");
    let number = |key: &str| value(&pod, key).parse().expect("a number");
    let (user, group): (u32, u32) = (number("runAsUser:"), number("fsGroup:"));
    let mode = u32::from_str_radix(value(&pod, "defaultMode:"), 8).expect("a mode");
    let arguments = value(&pod, "args:").trim_matches(['[', ']']);
    let arguments: Vec<String> = arguments.split(", ").map(str::to_owned).collect();
    let mounted: Vec<&str> = pod.split("mountPath: ").skip(1).collect();
    let mounted: Vec<&str> = mounted
        .iter()
        .filter_map(|rest| rest.lines().next())
        .collect();
    let [secret, data] = mounted[..] else {
        panic!("{mounted:?}");
    };

    // The group is one of several that the process has; here, it is the only one.
    let machine = Machine::new(user, group);
    machine.make_directory(data, 0, group, 0o2775);
    machine.make_directory(secret, 0, group, 0o3777);
    let revision = format!("{secret}/..2026_11_26_02_17_00.1234567890");
    machine.make_directory(&revision, 0, group, 0o2755);
    symlink(
        "..2026_11_26_02_17_00.1234567890",
        machine.at(&format!("{secret}/..data")),
    )
    .expect("a link");
    symlink("..data/kek.hex", machine.at(&format!("{secret}/kek.hex"))).expect("a link");
    let key = format!("{revision}/kek.hex");
    // With fsGroup, the kubelet lets the group read all of a volume that is only read.
    let with_group = |mode: u32| if is_root() { mode | 0o440 } else { mode };
    machine.make_key(&key, 0, group, with_group(mode));
    assert!(is_id(&machine.run(&arguments).success()));
    if is_root() {
        // Releases of Kubernetes differ in what they give to the owner.
        machine.make_key(&key, 0, group, 0o640);
        assert!(is_id(&machine.run(&arguments).success()));
    }
    machine.make_key(&key, 0, group, with_group(0o644));
    let line = machine.run(&arguments).failure(125);
    assert!(
        line.contains("other users can read it (mode 644)"),
        "{line}"
    );
}

#[test]
fn a_key_of_roots_is_taken_in_a_user_namespace_that_does_not_know_root() {
    const USER: u32 = 4711;
    /// Runs a command as this user, whom the namespace knows alone.
    const SCRIPT: &str = "exec 9<\"$0\"; exec setpriv --reuid 4711 --regid 4711 --clear-groups \
                          unshare --user --map-current-user /proc/self/fd/9 \"$@\"";
    if !is_root() {
        // Nobody else can make files that are somebody else's; the rule itself is tested where it is.
        return;
    }
    let machine = Machine::new(USER, USER);
    machine.make_directory("/data", USER, USER, 0o700);
    machine.make_key("/raw.key", USER, USER, 0o600);
    let inside = |program: &str, arguments: &[String]| {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, program]).args(arguments);
        Outcome::of(command.current_dir("/"))
    };
    let probe = inside("/bin/true", &[]);
    if probe.code != 0 {
        let _ = writeln!(
            std::io::stderr(),
            "\n*** NOT TESTED: user namespaces, which cannot be made here: {} ***\n",
            probe.stderr.trim()
        );
        return;
    }
    let import = |mode: u32, owner: u32| {
        machine.make_key("/kek.hex", owner, USER, mode);
        let mut arguments: Vec<String> = "keys import -a HMAC/SHA-256 --namespace n"
            .split(' ')
            .map(str::to_owned)
            .collect();
        for (flag, path) in [
            ("--keys", "/data/keys.redb"),
            ("--key-encryption-key", "/kek.hex"),
            ("", "/raw.key"),
        ] {
            arguments.extend((!flag.is_empty()).then(|| flag.to_owned()));
            arguments.push(machine.at(path).to_str().expect("text").to_owned());
        }
        inside(WASI_CRYPTO, &arguments)
    };
    assert!(is_id(&import(0o440, 0).success()));
    assert!(is_id(&import(0o600, USER).success()));
    let line = import(0o444, 0).failure(125);
    assert!(line.contains("other users can read it"), "{line}");
    let line = import(0o440, USER).failure(125);
    assert!(line.contains("other users can read it"), "{line}");
}

/// A folder with a store, the key that it is sealed under, and another key.
fn folder() -> Folder {
    let folder = Folder::new();
    for (name, digit) in [("kek.hex", "07"), ("other.hex", "08")] {
        let path = folder.write(name, digit.repeat(32));
        set_mode(&path, 0o600);
    }
    folder.write("raw.key", [7; 32]);
    let import = "keys import -a AES-256-GCM --namespace n --keys keys.redb --key-encryption-key kek.hex raw.key";
    folder.wasi_crypto(import.split(' ')).success();
    folder
}

/// Runs the command with this on its standard input.
fn run(folder: &Folder, command: &str, input: &str) -> Outcome {
    let mut child = folder
        .command()
        .args(command.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // Not everybody reads it.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes());
    Outcome::from(child.wait_with_output().expect("its end"))
}

#[cfg(target_os = "linux")]
#[test]
fn no_guest_reads_a_key_that_is_standard_input_by_another_name() {
    let folder = Folder::with_store();
    for name in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let key = std::fs::File::open(folder.path("host/kek.hex")).expect("a key");
        let mut command = folder.command();
        command
            .args([
                "run",
                "--keys",
                "host/keys.redb",
                "--key-encryption-key",
                name,
            ])
            .args(["wcrypt.wasm", "hash", "-a", "SHA-256", "-"])
            .stdin(key);
        let hash = Outcome::of(&mut command).success();
        // Of nothing.
        assert!(
            hash.starts_with("e3b0c44298fc1c149afbf4c8996fb924"),
            "{name}: {hash}"
        );
    }
}

#[test]
fn standard_input_gives_a_key_once() {
    let folder = folder();
    let list = "keys list --keys keys.redb --key-encryption-key -";
    assert!(run(&folder, list, KEY).success().contains("AES-256-GCM"));
    for wrong in ["", "07", &format!("{KEY}{KEY}")] {
        let line = run(&folder, list, wrong).failure(125);
        assert!(line.contains("standard input: expected are 64"), "{line}");
    }
    let rekey = "keys rekey --keys keys.redb --new-key-encryption-key";
    for (command, expected) in [
        (format!("{list} --key-encryption-key -"), "given twice"),
        (
            format!("{rekey} - --key-encryption-key -"),
            "one of the key-encryption keys",
        ),
        (
            "keys import -a AES-256-GCM --namespace n --keys keys.redb --key-encryption-key - -"
                .into(),
            "name a file with the key to import",
        ),
        (
            "keys init --key-encryption-key -".into(),
            "name a file with --key-encryption-key",
        ),
        (
            "keys init --keys new.redb --key-encryption-key -".into(),
            "name a file with --key-encryption-key",
        ),
    ] {
        let line = run(&folder, &command, KEY).failure(2);
        assert!(line.contains(expected), "{line}");
    }
    assert!(
        !folder
            .files()
            .iter()
            .any(|name| name == "-" || name.starts_with("new"))
    );
    let other = "08".repeat(32);
    run(
        &folder,
        &format!("{rekey} - --key-encryption-key kek.hex"),
        &other,
    )
    .success();
    run(&folder, list, &other).success();
}

#[test]
fn a_fifo_gives_a_key() {
    let folder = folder();
    let list = "keys list --keys keys.redb --key-encryption-key key.fifo";
    let made = Command::new("mkfifo").arg(folder.path("key.fifo")).status();
    assert!(made.expect("mkfifo").success());
    let with_mode = |mode: u32| {
        let fifo = folder.path("key.fifo");
        set_mode(&fifo, mode);
        std::thread::scope(|scope| {
            // Whoever is refused does not read it.
            scope.spawn(|| {
                fs::OpenOptions::new()
                    .write(true)
                    .open(fifo)
                    .map(|mut fifo| fifo.write_all(KEY.as_bytes()))
            });
            folder.wasi_crypto(list.split(' '))
        })
    };
    with_mode(0o600).success();
    with_mode(0o644).success();
    let line = with_mode(0o662).failure(125);
    assert!(
        line.contains("other users can write to it (mode 662)"),
        "{line}"
    );

    let bash = Command::new("bash").args(["-c", ":"]).output();
    if bash.is_ok_and(|bash| bash.status.success()) {
        let mut command = Command::new("bash");
        let script = r#""$0" keys list --keys keys.redb --key-encryption-key <(cat kek.hex)"#;
        command
            .args(["-c", script, WASI_CRYPTO])
            .current_dir(folder.path("."));
        Outcome::of(&mut command).success();
    }
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let folder = folder();
    let with = |keys: &str, key: &str, command: &str| {
        let mut wasi_crypto = folder.command();
        wasi_crypto
            .env("WASI_CRYPTO_KEYS", keys)
            .env("WASI_CRYPTO_KEY_ENCRYPTION_KEY", key)
            .args(command.split(' '));
        Outcome::of(&mut wasi_crypto)
    };
    let line = with("", KEY, "keys list").failure(125);
    assert!(line.contains("no key store is named"), "{line}");
    let line = with("keys.redb", "", "keys list").failure(125);
    assert!(line.contains("no key-encryption key is given"), "{line}");
    with("keys.redb", KEY, "keys list").success();
    with(
        "nowhere.redb",
        "",
        "keys list --keys keys.redb --key-encryption-key kek.hex",
    )
    .success();
    let secrets = guest("secrets.wasm");
    let without = with("", "", &format!("run {} none", secrets.display())).success();
    assert_eq!(
        without,
        "open: unsupported-feature\nid: unsupported-feature\n"
    );
    let line = with("keys.redb", KEY, "keys list --keys=").failure(125);
    assert!(
        line.contains("--keys names no place for keys: it is empty"),
        "{line}"
    );
}

#[test]
fn a_variable_that_is_not_text_is_an_error() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder();
    let bytes = std::ffi::OsStr::from_bytes(b"keys\xff.redb");
    for (name, other, value) in [
        ("WASI_CRYPTO_KEYS", "WASI_CRYPTO_KEY_ENCRYPTION_KEY", KEY),
        (
            "WASI_CRYPTO_KEY_ENCRYPTION_KEY",
            "WASI_CRYPTO_KEYS",
            "keys.redb",
        ),
    ] {
        let mut command = folder.command();
        command.env(name, bytes).env(other, value);
        let line = Outcome::of(command.args(["keys", "list"])).failure(125);
        assert!(line.contains(&format!("{name} is not UTF-8")), "{line}");
    }
}
