//! What commands write whole is there whole or not at all, and `-` is standard input and output.

#![cfg(unix)]

mod common;

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{Folder, Outcome, WASI_CRYPTO, built, guest};

/// A core module that can be adapted.
const MODULE: &str = r#"(module
    (import "wasi_ephemeral_crypto_common" "options_open" (func (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")))"#;

/// An output that is quickly made.
fn package(folder: &Folder) -> Vec<u8> {
    folder.wasi_crypto(["wit", "-o", "expected.wasm"]).success();
    let package = folder.read("expected.wasm");
    fs::remove_file(folder.path("expected.wasm")).expect("a file to remove");
    assert!(package.len() > 10_000);
    package
}

fn module(folder: &Folder) -> Vec<u8> {
    let module = wat::parse_str(MODULE).expect("a module");
    folder.write("module.wasm", &module);
    module
}

/// Runs the command with these bytes on its standard input; standard output is not text.
fn piped(folder: &Folder, args: &[&str], input: &[u8]) -> Output {
    let mut child = folder
        .command()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        // It may not read all of it, or any.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().expect("an end")
    })
}

#[track_caller]
fn stdout(output: Output) -> Vec<u8> {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    output.stdout
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a file of ours");
}

fn fifo(folder: &Folder, name: &str) {
    let made = Command::new("mkfifo").arg(folder.path(name)).status();
    assert!(made.expect("mkfifo").success());
}

/// Runs a line of shell in the folder, with the command as `$0`.
fn shell(folder: &Folder, line: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", line, WASI_CRYPTO]);
    shell
        .current_dir(folder.path("."))
        .output()
        .expect("a shell")
}

#[test]
fn a_dash_is_standard_output() {
    let folder = Folder::new();
    assert_eq!(
        stdout(piped(&folder, &["wit", "-o", "-"], b"")),
        package(&folder)
    );
    let module = module(&folder);
    folder
        .wasi_crypto(["adapt", "module.wasm", "-o", "adapted.wasm"])
        .success();
    folder
        .wasi_crypto(["compose", "module.wasm", "-o", "composed.wasm"])
        .success();
    let before = folder.files();
    // And standard input.
    for (command, expected) in [("adapt", "adapted.wasm"), ("compose", "composed.wasm")] {
        let expected = folder.read(expected);
        for (file, input) in [("module.wasm", &b""[..]), ("-", &module)] {
            let printed = stdout(piped(&folder, &[command, file, "-o", "-"], input));
            assert!(printed == expected, "{command} {file}");
        }
    }
    assert_eq!(folder.files(), before);
}

#[test]
fn a_provider_comes_from_standard_input_too_but_not_together_with_the_component() {
    let folder = Folder::new();
    let interposer = guest("wasi_crypto_test_interposer.wasm");
    folder
        .wasi_crypto([
            Path::new("compose"),
            &interposer,
            Path::new("-o"),
            Path::new("audited.wasm"),
        ])
        .success();
    module(&folder);
    let compose = ["compose", "module.wasm", "-o", "-", "--provider"];
    let audited = folder.read("audited.wasm");
    let named = stdout(piped(
        &folder,
        &[&compose[..], &["audited.wasm"]].concat(),
        b"",
    ));
    let given = stdout(piped(&folder, &[&compose[..], &["-"]].concat(), &audited));
    assert!(named == given);
    let both = ["compose", "-", "--provider", "-", "-o", "out.wasm"];
    let line = folder.wasi_crypto(both).failure(2);
    assert!(line.contains("standard input"), "{line}");
}

#[test]
fn what_is_wrong_with_standard_input_names_it() {
    let folder = Folder::new();
    for command in ["adapt", "compose"] {
        let output = piped(&folder, &[command, "-", "-o", "out.wasm"], b"no wasm");
        let line = Outcome::from(output).failure(126);
        assert!(line.contains("standard input"), "{line}");
    }
    assert!(folder.files().is_empty());
}

#[test]
fn an_input_can_be_a_fifo() {
    let folder = Folder::new();
    let module = module(&folder);
    fifo(&folder, "fifo");
    let feed = |bytes: &[u8], args: &[&str]| {
        std::thread::scope(|scope| {
            // Opening waits for the reader.
            scope.spawn(|| fs::write(folder.path("fifo"), bytes).expect("a reader"));
            folder.wasi_crypto(args).success()
        })
    };
    feed(&module, &["adapt", "fifo", "-o", "adapted.wasm"]);
    feed(&module, &["compose", "fifo", "-o", "composed.wasm"]);
    assert!(folder.read("adapted.wasm").starts_with(b"\0asm"));
    assert!(folder.read("composed.wasm").starts_with(b"\0asm"));
    let text = "0123456789abcdef".repeat(4);
    let init = [
        "keys",
        "init",
        "--keys",
        "store",
        "--key-encryption-key",
        "fifo",
    ];
    feed(text.as_bytes(), &init);
    assert!(folder.path("store").exists());
}

#[test]
fn an_output_that_is_there_keeps_its_mode() {
    let folder = Folder::new();
    let package = package(&folder);
    for bits in [0o600, 0o640, 0o644, 0o755, 0o200] {
        let out = folder.write("out", "what was there");
        set_mode(&out, bits);
        folder.wasi_crypto(["wit", "-o", "out"]).success();
        assert_eq!(mode(&out), bits, "{bits:o}");
        set_mode(&out, 0o600);
        assert!(folder.read("out") == package);
    }
    assert_eq!(folder.files(), ["out"]);
}

#[test]
fn a_new_output_gets_the_mode_that_the_umask_leaves() {
    let folder = Folder::new();
    for (umask, expected) in [("022", 0o644), ("077", 0o600), ("007", 0o660)] {
        let name = format!("out-{umask}");
        let output = shell(
            &folder,
            &format!(r#"umask {umask}; exec "$0" wit -o {name}"#),
        );
        assert!(output.status.success(), "{output:?}");
        assert_eq!(mode(&folder.path(&name)), expected);
    }
}

#[test]
fn links_stay_and_what_they_lead_to_is_replaced() {
    let folder = Folder::new();
    let package = package(&folder);
    fs::create_dir(folder.path("far")).expect("a folder");
    folder.write("far/file", "what was there");
    set_mode(&folder.path("far/file"), 0o640);
    // Of each link, the text is seen from where the link is.
    symlink("file", folder.path("far/near")).expect("a link");
    symlink("far/near", folder.path("link")).expect("a link");
    symlink(folder.path("far/new"), folder.path("dangling")).expect("a link");
    for (link, file) in [("link", "far/file"), ("dangling", "far/new")] {
        folder.wasi_crypto(["wit", "-o", link]).success();
        assert!(folder.read(file) == package, "{link}");
        let link = fs::symlink_metadata(folder.path(link)).expect("a link");
        assert!(link.is_symlink());
    }
    assert_eq!(mode(&folder.path("far/file")), 0o640);
    let mut names: Vec<_> = fs::read_dir(folder.path("far"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["file", "near", "new"]);
    symlink("loop", folder.path("loop")).expect("a link");
    let line = folder.wasi_crypto(["wit", "-o", "loop"]).failure(125);
    assert!(line.contains("loop") && line.contains("links"), "{line}");
}

#[cfg(target_os = "linux")]
#[test]
fn devices_and_fifos_are_written_through() {
    let folder = Folder::new();
    let package = package(&folder);
    fifo(&folder, "fifo");
    let read = std::thread::scope(|scope| {
        let reader = scope.spawn(|| fs::read(folder.path("fifo")).expect("a writer"));
        folder.wasi_crypto(["wit", "-o", "fifo"]).success();
        reader.join().expect("a reader")
    });
    assert!(read == package);
    let is_fifo = |name| {
        let metadata = fs::symlink_metadata(folder.path(name));
        metadata.expect("a FIFO").file_type().is_fifo()
    };
    assert!(is_fifo("fifo"));
    let devices = Folder::new();
    let (null, full) = (devices.device("null"), devices.device("full"));
    symlink(&null, folder.path("null")).expect("a link");
    folder.wasi_crypto(["wit", "-o", "null"]).success();
    for out in [&full, "-"] {
        let mut command = folder.command();
        command.args(["wit", "-o", out]).stdout(
            File::options()
                .write(true)
                .open(&full)
                .expect("a full device"),
        );
        let line = Outcome::of(&mut command).failure(125);
        assert!(line.contains("No space left"), "{line}");
    }
    for device in [&null, &full] {
        let metadata = fs::symlink_metadata(device).expect("a device");
        assert!(metadata.file_type().is_char_device());
    }
    assert_eq!(folder.files(), ["fifo", "null"]);
}

#[test]
fn what_a_shell_has_opened_to_append_to_is_appended_to() {
    let folder = Folder::new();
    let package = package(&folder);
    for out in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        folder.write("out", "before");
        let output = shell(
            &folder,
            &format!(r#""$0" wit -o {out} >> out && printf after >> out"#),
        );
        assert!(output.status.success(), "{output:?}");
        assert!(
            folder.read("out") == [b"before", &package[..], b"after"].concat(),
            "{out}"
        );
    }
    // Another file that is open: by its number, not by its name.
    folder.write("out", "before");
    let output = shell(&folder, r#""$0" wit -o /dev/fd/3 3> out && rm out"#);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn the_input_can_be_the_output() {
    let folder = Folder::new();
    let module = module(&folder);
    for command in ["adapt", "compose"] {
        folder
            .wasi_crypto([command, "module.wasm", "-o", "expected.wasm"])
            .success();
        let expected = folder.read("expected.wasm");
        symlink("module.wasm", folder.path("link")).expect("a link");
        for out in ["module.wasm", "./module.wasm", "link"] {
            folder.write("module.wasm", &module);
            folder
                .wasi_crypto([command, "module.wasm", "-o", out])
                .success();
            assert!(folder.read("module.wasm") == expected, "{command} {out}");
        }
        fs::remove_file(folder.path("link")).expect("a link");
        folder.write("module.wasm", &module);
    }
}

#[test]
fn a_full_disk_leaves_the_old_output() {
    let folder = Folder::new();
    module(&folder);
    // Where the limit is reached there is a signal, or with that ignored an error. A block has 512 bytes, or 1024.
    for (signal, killed) in [("", true), ("trap '' XFSZ; ", false)] {
        for command in ["wit", "adapt module.wasm", "compose module.wasm"] {
            folder.write("out", "what was there");
            let line = format!(r#"{signal}ulimit -c 0; ulimit -f 2; exec "$0" {command} -o out"#);
            let output = shell(&folder, &line);
            assert_eq!(output.status.code().is_none(), killed, "{output:?}");
            assert!(!output.status.success(), "{output:?}");
            assert_eq!(folder.read("out"), b"what was there", "{command}");
            if !killed {
                let line = Outcome::from(output).failure(125);
                assert!(line.contains("cannot write out"), "{line}");
                assert_eq!(folder.files(), ["module.wasm", "out"]);
            }
            // The signal leaves a beginning under another name.
            if let Some(name) = temporary(&folder) {
                fs::remove_file(folder.path(&name)).expect("a file to remove");
            }
        }
    }
}

#[test]
fn a_kill_leaves_the_old_output_or_the_new_one() {
    let folder = Folder::new();
    let module = module(&folder);
    folder
        .wasi_crypto(["compose", "module.wasm", "-o", "expected.wasm"])
        .success();
    let expected = folder.read("expected.wasm");
    let rounds = if std::env::var_os("WASI_CRYPTO_TEST_ALL").is_some() {
        400
    } else {
        40
    };
    let mut beginnings = 0;
    for round in 0..rounds {
        // The input is the output.
        folder.write("out.wasm", &module);
        let mut child = folder
            .command()
            .args(["compose", "out.wasm", "-o", "out.wasm"])
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        if round % 2 == 0 {
            // While it writes, or right after its end.
            while temporary(&folder).is_none() && child.try_wait().expect("a child").is_none() {
                std::hint::spin_loop();
            }
        } else {
            // At any moment.
            std::thread::sleep(std::time::Duration::from_millis(round % 41 * 5));
        }
        child.kill().expect("a child");
        child.wait().expect("an end");
        let out = folder.read("out.wasm");
        let whole = out == module || out == expected;
        assert!(whole, "after {round}: {} bytes", out.len());
        if let Some(name) = temporary(&folder) {
            beginnings += 1;
            fs::remove_file(folder.path(&name)).expect("a file to remove");
        }
    }
    eprintln!("{beginnings} of {rounds} were killed while they wrote");
}

/// The name of a file that a command has left behind.
fn temporary(folder: &Folder) -> Option<String> {
    let mut files = folder.files().into_iter();
    files.find(|name| name.starts_with(".wasi-crypto-"))
}

/// The command as a user who may not write everywhere: this one, unless it is root.
fn unprivileged(folder: &Folder) -> Command {
    let own = fs::metadata(folder.path(".")).expect("a folder");
    let mut command = if own.uid() == 0 {
        // By a descriptor: others may have no way to the command where it is.
        let mut command = Command::new("sh");
        let script = "exec 9<\"$0\"; exec setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/9 \"$@\"";
        command.args(["-c", script, WASI_CRYPTO]);
        command
    } else {
        Command::new(WASI_CRYPTO)
    };
    command.current_dir(folder.path("."));
    command
}

#[test]
fn an_output_that_must_not_be_written_is_not_replaced() {
    let folder = Folder::within(Path::new("/tmp"));
    set_mode(&folder.path("."), 0o777);
    let out = folder.write("out", "what was there");
    set_mode(&out, 0o444);
    let line = Outcome::of(unprivileged(&folder).args(["wit", "-o", "out"])).failure(125);
    assert!(
        line.contains("cannot write out: Permission denied"),
        "{line}"
    );
    // It could be written, but nothing can be put beside it.
    set_mode(&out, 0o666);
    set_mode(&folder.path("."), 0o555);
    let line = Outcome::of(unprivileged(&folder).args(["wit", "-o", "out"])).failure(125);
    assert!(
        line.contains("Permission denied") && line.contains("-o -"),
        "{line}"
    );
    set_mode(&folder.path("."), 0o755);
    assert_eq!(folder.read("out"), b"what was there");
    assert_eq!(folder.files(), ["out"]);
}

#[test]
fn folders_and_names_of_folders_are_no_outputs() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder")).expect("a folder");
    for out in ["folder", "folder/", "new/", "."] {
        let line = folder.wasi_crypto(["wit", "-o", out]).failure(125);
        assert!(
            line.contains("cannot write") && line.contains("directory"),
            "{line}"
        );
    }
    assert_eq!(folder.files(), ["folder"]);
}

#[test]
fn the_longest_name_that_the_file_system_has_is_written() {
    let folder = Folder::new();
    let name = "n".repeat(255);
    folder.wasi_crypto(["wit", "-o", &name]).success();
    assert_eq!(folder.files(), [name]);
}

#[test]
fn a_terminal_gets_no_binary() {
    let folder = Folder::new();
    // `script` gives the command a terminal.
    let mut script = Command::new("script");
    let line = format!("{WASI_CRYPTO} wit -o -");
    script
        .args(["-qec", &line, "/dev/null"])
        .stdin(Stdio::null());
    let Ok(output) = script.current_dir(folder.path(".")).output() else {
        eprintln!("there is no `script` here to make a terminal with: nothing was tested");
        return;
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{printed}");
    assert!(printed.contains("terminal"), "{printed}");
}

#[test]
fn a_module_of_the_field_passes_through_pipes() {
    let folder = Folder::new();
    let module = fs::read(built("wasm32-wasip1/release/witx-vectors.wasm")).expect("a module");
    let adapted = stdout(piped(&folder, &["adapt", "-", "-o", "-"], &module));
    let composed = stdout(piped(&folder, &["compose", "-", "-o", "-"], &adapted));
    folder.write("composed.wasm", composed);
    let mut command = folder.command();
    command.args(["run", "composed.wasm"]).stdin(Stdio::null());
    let printed = Outcome::of(&mut command).success();
    assert!(printed.contains("cases: 0"), "{printed}");
}

#[test]
fn no_key_goes_to_standard_output() {
    let folder = Folder::new();
    for more in [&[][..], &["--keys", "store"]] {
        let init = [&["keys", "init", "--key-encryption-key", "-"], more].concat();
        Outcome::from(piped(&folder, &init, b"")).failure(2);
        assert!(folder.files().is_empty());
    }
}
