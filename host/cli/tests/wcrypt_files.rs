//! The files of wcrypt: what it writes to, what it refuses, and what it leaves behind however it ends.
#![cfg(unix)]

mod common;

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, Outcome};
use rustix::process::{Pid, Signal};

/// The least work for a password.
const CHEAP: [&str; 6] = ["--memory-kib", "64", "--passes", "1", "--parallelism", "1"];

const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// Of encrypted files, as FORMAT.md has them.
const HEADER: usize = 96;
const CHUNK: usize = 65_536;

/// Bytes that do not repeat soon.
fn content(len: usize) -> Vec<u8> {
    (0..len as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

/// Writes `plain` and its encrypted forms: `enc` under the password, `sealed` under the key.
fn prepare(folder: &Folder, len: usize) {
    folder.write("plain", content(len));
    let mut args = vec!["encrypt"];
    args.extend(CHEAP);
    args.extend(["plain", "enc"]);
    folder.wcrypt(&args).success();
    if len < 1 << 20 {
        folder.wcrypt(&seal("plain", "sealed")).success();
    }
}

fn seal<'a>(input: &'a str, output: &'a str) -> Vec<&'a str> {
    let nonce = "000000000000000000000000";
    let keyed = ["-a", "AES-256-GCM", "--key-hex", KEY, "--nonce-hex", nonce];
    let mut args = vec!["seal"];
    args.extend(keyed);
    args.extend([input, output]);
    args
}

fn open<'a>(input: &'a str, output: &'a str) -> Vec<&'a str> {
    let mut args = seal(input, output);
    args[0] = "open";
    args
}

/// The commands that write to `out`; each can be run where [`prepare`] has been.
fn writers(out: &str) -> [Vec<&str>; 4] {
    let mut encrypt = vec!["encrypt"];
    encrypt.extend(CHEAP);
    encrypt.extend(["plain", out]);
    [
        encrypt,
        vec!["decrypt", "enc", out],
        seal("plain", out),
        open("sealed", out),
    ]
}

/// Shell code, in which `"$@"` is wcrypt with `args`; it sees the folder, and /dev.
fn shell(folder: &Folder, script: &str, args: &[&str]) -> Command {
    let wcrypt = folder.wcrypt_command();
    let mut command = Command::new("sh");
    command
        .current_dir(folder.path("."))
        .args(["-c", script, "sh"])
        .arg(wcrypt.get_program())
        .args(["run", "--dir", "/dev"])
        .args(wcrypt.get_args().skip(1))
        .args(args);
    for (name, value) in wcrypt.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
}

/// A device, by the name that the guest has for it.
#[cfg(target_os = "linux")]
fn device(folder: &Folder, name: &str) -> String {
    let path = folder.device(name);
    let within = Path::new(&path).strip_prefix(folder.path(""));
    within.map_or(path.clone(), |name| name.display().to_string())
}

fn mkfifo(folder: &Folder, name: &str) {
    let status = Command::new("mkfifo").arg(folder.path(name)).status();
    assert!(status.expect("mkfifo").success());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o7777
}

#[test]
fn a_file_that_is_there_keeps_mode_and_links() {
    let folder = Folder::new();
    prepare(&folder, 100);
    let secret = folder.write("secret", vec![b'x'; 1000]);
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    fs::hard_link(&secret, folder.path("hard")).unwrap();
    symlink("secret", folder.path("symbolic")).unwrap();
    let inode = fs::metadata(&secret).unwrap().ino();
    for out in ["secret", "hard", "symbolic"] {
        for args in writers(out) {
            folder.write("hard", vec![b'x'; 1000]);
            folder.wcrypt(&args).success();
            assert_ne!(folder.read("secret").len(), 1000, "{args:?}");
            let metadata = fs::metadata(&secret).unwrap();
            assert_eq!((metadata.ino(), metadata.nlink()), (inode, 2), "{args:?}");
            assert_eq!(mode(&secret), 0o600, "{args:?}");
            let link = fs::symlink_metadata(folder.path("symbolic")).unwrap();
            assert!(link.is_symlink(), "{args:?}");
        }
    }
    assert_eq!(folder.read("secret"), content(100));
}

#[test]
fn a_new_file_has_the_mode_that_the_umask_gives() {
    let folder = Folder::new();
    prepare(&folder, 100);
    for args in writers("new") {
        for (umask, expected) in [("077", 0o600), ("027", 0o640)] {
            let script = format!("umask {umask}; exec \"$@\"");
            Outcome::of(&mut shell(&folder, &script, &args)).success();
            assert_eq!(mode(&folder.path("new")), expected, "{args:?}");
            fs::remove_file(folder.path("new")).unwrap();
        }
    }
}

#[test]
fn a_file_that_must_not_be_written_to_is_not_replaced() {
    let folder = Folder::new();
    prepare(&folder, 100);
    let out = folder.write("out", "what was there");
    fs::set_permissions(&out, Permissions::from_mode(0o444)).unwrap();
    // The superuser may write to it. Another user has to be able to run the command, and to write beside the file.
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let prefix = if root {
        fs::set_permissions(folder.path("."), Permissions::from_mode(0o777)).unwrap();
        "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all"
    } else {
        ""
    };
    let reachable = format!("{prefix} test -x \"$1\" && {prefix} test -r {}", guest());
    if !shell(&folder, &reachable, &[]).status().unwrap().success() {
        eprintln!("not tested: no other user can run the command where it is");
        return;
    }
    for args in writers("out") {
        let outcome = Outcome::of(&mut shell(&folder, &format!("exec {prefix} \"$@\""), &args));
        assert!(outcome.stderr.contains("Permission denied"), "{outcome:?}");
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert_eq!(folder.read("out"), b"what was there");
    }
}

fn guest() -> String {
    common::guest("wcrypt.wasm").display().to_string()
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_through() {
    let folder = Folder::new();
    prepare(&folder, 100);
    let null = device(&folder, "null");
    for args in writers(&null) {
        Outcome::of(&mut shell(&folder, "exec \"$@\"", &args)).success();
    }
    let kind = fs::metadata(folder.path(&null)).unwrap().file_type();
    assert!(kind.is_char_device());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error_that_says_what_is_incomplete() {
    let folder = Folder::new();
    prepare(&folder, 3 * CHUNK);
    let full = device(&folder, "full");
    for args in writers(&full) {
        let line = Outcome::of(&mut shell(&folder, "exec \"$@\"", &args)).failure(1);
        assert!(line.contains("full is incomplete"), "{line}");
        assert!(line.contains("No space left"), "{line}");
    }
    for args in writers("-") {
        let script = "exec \"$@\" > /dev/full";
        let outcome = Outcome::of(&mut shell(&folder, script, &args));
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.stderr.contains("standard output"), "{outcome:?}");
    }
}

#[test]
fn a_file_that_may_not_grow_is_left_with_a_prefix_and_an_error() {
    let folder = Folder::new();
    prepare(&folder, 10 * CHUNK);
    for args in writers("out") {
        // In blocks of 512 or 1024 bytes, whichever the shell takes: more than one chunk, less than the file.
        let script = "trap '' XFSZ; ulimit -f 300; exec \"$@\"";
        let line = Outcome::of(&mut shell(&folder, script, &args)).failure(1);
        assert!(line.contains("out is incomplete"), "{line}");
        let out = folder.read("out");
        assert!(!out.is_empty() && out.len() < 10 * CHUNK, "{}", out.len());
        if args[0] == "decrypt" || args[0] == "open" {
            assert!(folder.read("plain").starts_with(&out));
        }
        fs::remove_file(folder.path("out")).unwrap();
    }
}

#[test]
fn pipes_are_refused_by_name_before_anybody_waits() {
    let folder = Folder::new();
    prepare(&folder, 100);
    mkfifo(&folder, "pipe");
    let mut readers = vec![
        vec!["encrypt", "pipe", "out"],
        vec!["decrypt", "pipe", "out"],
        seal("pipe", "out"),
        open("pipe", "out"),
        vec!["hash", "-a", "SHA-256", "pipe"],
        vec!["mac", "-a", "HMAC/SHA-256", "--key-hex", KEY, "pipe"],
        vec!["mac", "-a", "HMAC/SHA-256", "--key-file", "pipe", "plain"],
    ];
    readers.extend(writers("pipe"));
    let before = folder.files();
    for args in readers {
        // Without the time-out, a test that fails would wait for ever.
        let script = "exec timeout 60 \"$@\"";
        let line = Outcome::of(&mut shell(&folder, script, &args)).failure(1);
        assert!(line.contains("pipe is a pipe"), "{line}");
        assert!(line.contains("use -"), "{line}");
    }
    assert_eq!(folder.files(), before);
}

#[test]
fn names_of_what_a_process_has_open_are_refused_with_what_to_do() {
    let folder = Folder::new();
    prepare(&folder, 100);
    let reading = [
        vec!["hash", "-a", "SHA-256", "/dev/fd/0"],
        vec!["decrypt", "/dev/stdin", "out"],
        vec![
            "derive",
            "-a",
            "HKDF/SHA-256",
            "--key-file",
            "/dev/fd/0",
            "-l",
            "9",
        ],
    ];
    for args in reading {
        let script = "exec \"$@\" < enc";
        let line = Outcome::of(&mut shell(&folder, script, &args)).failure(1);
        assert!(line.contains("use - and redirect standard input"), "{line}");
    }
    for out in ["/dev/fd/1", "/dev/stdout", "/proc/self/fd/1"] {
        for args in writers(out) {
            let line = Outcome::of(&mut shell(&folder, "exec \"$@\"", &args)).failure(1);
            assert!(
                line.contains("use - and redirect standard output"),
                "{line}"
            );
        }
    }
}

#[test]
fn a_link_to_nothing_and_a_directory_are_refused() {
    let folder = Folder::new();
    prepare(&folder, 100);
    symlink("elsewhere", folder.path("dangling")).unwrap();
    fs::create_dir(folder.path("directory")).unwrap();
    let before = folder.files();
    for (out, why) in [("dangling", "symbolic link"), ("directory", "directory")] {
        for args in writers(out) {
            let line = folder.wcrypt(&args).failure(1);
            assert!(line.contains(why), "{line}");
        }
    }
    assert_eq!(folder.files(), before);
}

#[test]
fn a_name_can_be_as_long_as_the_file_system_has_it() {
    let folder = Folder::new();
    prepare(&folder, 100);
    for len in [233, 234, 255] {
        let name = "n".repeat(len);
        for args in writers(&name) {
            folder.wcrypt(&args).success();
            fs::remove_file(folder.path(&name)).unwrap();
        }
    }
}

#[test]
fn an_output_that_is_the_input_is_refused_by_any_name() {
    let folder = Folder::new();
    prepare(&folder, 3 * CHUNK);
    for input in ["plain", "enc", "sealed"] {
        let before = folder.read(input);
        fs::hard_link(folder.path(input), folder.path("hard")).unwrap();
        symlink(input, folder.path("symbolic")).unwrap();
        let again = folder.path(input).display().to_string();
        let parent = folder.path(input).parent().expect("a folder").to_owned();
        let granted_again = format!("/again/{input}");
        for out in [
            input,
            &format!("./{input}"),
            "hard",
            "symbolic",
            &granted_again,
            &again,
        ] {
            for mut args in writers(out) {
                let at = args.len() - 2;
                args[at] = input;
                let mut command = folder.command();
                command
                    .env("WCRYPT_PASSWORD", "correct horse")
                    .args(["run", "--dir", ".", "--dir", ".::/again", "--dir"])
                    .arg(&parent)
                    .args(["--env", "WCRYPT_PASSWORD"])
                    .arg(guest())
                    .args(&args);
                let outcome = Outcome::of(&mut command);
                assert_eq!(outcome.code, 1, "{args:?}: {outcome:?}");
                assert!(folder.read(input) == before, "{args:?}");
                // Of what no such file was, decrypt says that first.
                if args[0] != "decrypt" || input == "enc" {
                    assert!(
                        outcome.stderr.contains("both input and output"),
                        "{args:?}: {outcome:?}"
                    );
                }
            }
        }
        fs::remove_file(folder.path("hard")).unwrap();
        fs::remove_file(folder.path("symbolic")).unwrap();
    }
}

/// Runs `args` with `input` coming from a pipe.
fn piped(folder: &Folder, args: &[&str], input: &[u8]) -> Outcome {
    let mut command = folder.wcrypt_command();
    command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    // Who refuses does not read to the end.
    let _ = pipe.write_all(input);
    drop(pipe);
    Outcome::from(child.wait_with_output().expect("an end"))
}

#[test]
fn what_comes_from_a_pipe_is_verified_before_the_output_is_touched() {
    let folder = Folder::new();
    for len in [0, 100, 3 * CHUNK, 6 << 20] {
        prepare(&folder, len);
        let ciphertext = folder.read("enc");
        let before = folder.files();
        folder.write("out", "what was there");
        for damaged in [
            &ciphertext[..ciphertext.len() - 1],
            &[&*ciphertext, b"x"].concat(),
        ] {
            piped(&folder, &["decrypt", "-", "out"], damaged).failure(1);
            assert_eq!(folder.read("out"), b"what was there");
        }
        piped(&folder, &["decrypt", "-", "out"], &ciphertext).success();
        assert!(folder.read("out") == content(len), "{len}");
        fs::remove_file(folder.path("out")).unwrap();
        assert_eq!(folder.files(), before, "{len}");
    }
}

#[test]
fn a_damaged_file_leaves_the_output_as_it_was() {
    let folder = Folder::new();
    prepare(&folder, 5 * CHUNK);
    let out = folder.write("out", "what was there");
    let touched = fs::metadata(&out).unwrap().modified().unwrap();
    let mut damaged = folder.read("enc");
    *damaged.last_mut().unwrap() ^= 1;
    folder.write("enc", &damaged);
    let mut damaged = folder.read("sealed");
    *damaged.last_mut().unwrap() ^= 1;
    folder.write("sealed", &damaged);
    for args in [vec!["decrypt", "enc", "out"], open("sealed", "out")] {
        let line = folder.wcrypt(&args).failure(1);
        assert!(!line.contains("incomplete"), "{line}");
        assert_eq!(folder.read("out"), b"what was there");
        assert_eq!(fs::metadata(&out).unwrap().modified().unwrap(), touched);
    }
}

/// A process of wcrypt in the folder.
fn start(folder: &Folder, args: &[&str], input: Option<&Path>) -> Child {
    let mut command = folder.wcrypt_command();
    command
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if let Some(input) = input {
        command.stdin(File::open(input).expect("the input"));
    }
    command.spawn().expect("the command starts")
}

#[test]
fn standard_input_may_be_the_file_that_is_written() {
    let folder = Folder::new();
    // In memory, and too much for that.
    for len in [3 * CHUNK + 5, (5 << 20) + 7] {
        folder.write("same", content(len));
        let mut args = vec!["encrypt"];
        args.extend(CHEAP);
        args.extend(["-", "same"]);
        Outcome::of(&mut shell(&folder, "exec \"$@\" < same", &args)).success();
        Outcome::of(&mut shell(
            &folder,
            "exec \"$@\" < same",
            &["decrypt", "-", "same"],
        ))
        .success();
        assert!(folder.read("same") == content(len), "{len}");
        assert_eq!(folder.files(), ["same"]);
    }
}

fn send(child: &Child, signal: Signal) {
    let process = Pid::from_child(child);
    rustix::process::kill_process(process, signal).expect("a process to send a signal to");
}

fn len(path: &Path) -> usize {
    fs::metadata(path).map_or(0, |file| file.len() as usize)
}

/// Waits until `path` has more than `least` bytes, or the process has ended.
fn wait_for(child: &mut Child, path: &Path, least: usize) -> Option<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().expect("a process") {
            return Some(status);
        }
        if len(path) > least {
            return None;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_file_that_changes_after_it_was_verified_is_an_error_and_leaves_a_prefix() {
    let folder = Folder::new();
    let size = 64 << 20;
    prepare(&folder, size);
    let ciphertext = folder.read("enc");
    let out = folder.path("out");
    for _ in 0..100 {
        let mut child = start(&folder, &["decrypt", "enc", "out"], None);
        let ended = wait_for(&mut child, &out, 0);
        if ended.is_none() {
            send(&child, Signal::STOP);
        }
        if ended.is_some() || len(&out) > size / 2 {
            // It was faster than we; then it is another one's turn.
            if ended.is_none() {
                send(&child, Signal::CONT);
            }
            assert!(child.wait().unwrap().success());
            fs::remove_file(&out).unwrap();
            continue;
        }
        // The change is in the last chunk, in place: all that is written before it is right.
        let mut changed = ciphertext.clone();
        *changed.last_mut().unwrap() ^= 1;
        fs::OpenOptions::new()
            .write(true)
            .open(folder.path("enc"))
            .and_then(|mut file| file.write_all(&changed))
            .unwrap();
        send(&child, Signal::CONT);
        let mut message = String::new();
        let mut stderr = child.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut message).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{message}");
        assert!(message.contains("out is incomplete"), "{message}");
        assert!(message.contains("enc has changed"), "{message}");
        let written = folder.read("out");
        assert!(written.len() < size && content(size).starts_with(&written));
        return;
    }
    panic!("decrypting was always faster than this test");
}

#[test]
fn a_kill_at_any_moment_leaves_nothing_but_a_prefix() {
    let folder = Folder::new();
    let size = 6 << 20;
    prepare(&folder, size);
    let plaintext = folder.read("plain");
    let out = folder.path("out");
    let from_a_pipe: (&[&str], Option<PathBuf>) =
        (&["decrypt", "-", "out"], Some(folder.path("enc")));
    let from_a_file: (&[&str], _) = (&["decrypt", "enc", "out"], None);
    let mut prefixes = 0;
    for (args, input) in [from_a_file, from_a_pipe] {
        let started = Instant::now();
        assert!(
            start(&folder, args, input.as_deref())
                .wait()
                .unwrap()
                .success()
        );
        let whole = started.elapsed();
        let moments = 25;
        for moment in 0..moments {
            fs::remove_file(&out).ok();
            let mut child = start(&folder, args, input.as_deref());
            // Half of the moments are anywhere; the others, while it writes.
            if moment % 2 == 0 {
                let after = whole * moment / moments;
                std::thread::sleep(after.min(Duration::from_secs(60)));
            } else {
                wait_for(&mut child, &out, size * moment as usize / moments as usize);
            }
            // It may have ended meanwhile; until it is waited for, the number is its own.
            child.kill().unwrap();
            child.wait().unwrap();
            for name in folder.files() {
                match name.as_str() {
                    "plain" | "enc" => {}
                    "out" => assert!(plaintext.starts_with(&folder.read("out"))),
                    // A file that was about to lose its name.
                    other => assert_eq!(len(&folder.path(other)), 0, "{other}"),
                }
            }
            prefixes += u32::from((1..size).contains(&len(&out)));
        }
    }
    assert!(prefixes > 0, "none was killed while it wrote");
}

#[test]
fn a_key_comes_from_standard_input() {
    let folder = Folder::new();
    folder.write("message", "what do ya want for nothing?");
    folder.write("empty", "");
    // RFC 4231, test case 2.
    let tag = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let mac = ["mac", "-a", "HMAC/SHA-256", "--key-file", "-"];
    let printed = piped(&folder, &[&mac[..], &["message"]].concat(), b"Jefe").success();
    assert!(printed.starts_with(tag), "{printed}");
    let sealing = [
        "-a",
        "AES-256-GCM",
        "--key-file",
        "-",
        "--nonce-hex",
        "000000000000000000000000",
    ];
    let run = |command: &str, names: [&str; 2]| {
        let args = [&[command][..], &sealing, &names].concat();
        piped(&folder, &args, &[7; 32])
    };
    run("seal", ["message", "sealed"]).success();
    run("open", ["sealed", "opened"]).success();
    assert_eq!(folder.read("opened"), folder.read("message"));
    let derive = [
        "derive",
        "-a",
        "HKDF/SHA-256",
        "--key-file",
        "-",
        "-l",
        "42",
    ];
    piped(&folder, &derive, &[0x0b; 22]).success();

    for args in [
        &mac[..],
        &[&mac[..], &["message", "-"]].concat(),
        &[&["seal"][..], &sealing, &["-", "out"]].concat(),
        &[&["open"][..], &sealing, &["-", "out"]].concat(),
    ] {
        let line = piped(&folder, args, b"Jefe").failure(1);
        assert!(line.contains("standard input holds the data"), "{line}");
    }
    assert!(!folder.path("out").exists());
}

#[test]
fn the_host_decides_how_long_a_key_has_to_be() {
    let folder = Folder::new();
    folder.write("message", "");
    folder.write("empty", "");
    let seal = [
        "seal",
        "-a",
        "AES-256-GCM",
        "--key-file",
        "empty",
        "message",
        "out",
    ];
    let line = folder.wcrypt(&seal).failure(1);
    assert!(line.contains("a key of 0 bytes was not accepted"), "{line}");
}

#[test]
fn damage_is_found_wherever_it_is_before_a_file_appears() {
    let folder = Folder::new();
    prepare(&folder, 2 * CHUNK + 100);
    let ciphertext = folder.read("enc");
    for at in [HEADER, HEADER + CHUNK + 20, ciphertext.len() - 1] {
        let mut damaged = ciphertext.clone();
        damaged[at] ^= 1;
        folder.write("bad", &damaged);
        let before = folder.files();
        folder.wcrypt(&["decrypt", "bad", "out"]).failure(1);
        assert_eq!(folder.files(), before);
    }
}
