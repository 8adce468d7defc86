//! `wcrypt hash --check` beside coreutils: the same lines on standard output, and the same exit status, case by case.

#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::{Command, Output, Stdio};

use common::Folder;

/// A list to check, and the flags to check it with.
struct Case {
    name: &'static str,
    flags: &'static [&'static str],
    lists: Vec<Vec<u8>>,
}

/// The folder that the lists are about.
fn folder() -> Folder {
    let folder = Folder::new();
    for (name, content) in [
        ("a", "1"),
        ("b", "2"),
        (" b", "3"),
        ("two words", "4"),
        ("*star", "5"),
        ("new\nline", "6"),
        ("cr\rx", "7"),
        ("back\\slash", "8"),
        ("a)", "9"),
        ("ü", "10"),
        ("#c", "11"),
        ("-a", "12"),
    ] {
        folder.write(name, content);
    }
    folder.write("large", vec![7; 300_000]);
    fs::create_dir(folder.path("directory")).expect("a folder");
    fs::write(folder.path("directory").join("file"), "13").expect("a file");
    symlink("a", folder.path("link")).expect("a link");
    symlink("nowhere", folder.path("dangling")).expect("a link");
    folder
}

/// The digests of the files, in hexadecimal, by a tool of coreutils.
fn digest(folder: &Folder, tool: &str, name: &str) -> String {
    let file = fs::File::open(folder.path(name)).expect("a file");
    let output = coreutils(folder, tool).stdin(file).output();
    let printed = output.expect("coreutils").stdout;
    let printed = String::from_utf8(printed).expect("text");
    printed.split(' ').next().expect("a digest").to_owned()
}

/// # Panics
///
/// Without coreutils there is nothing to compare with, and nobody should believe that there was.
fn coreutils(folder: &Folder, tool: &str) -> Command {
    let found = Command::new(tool).arg("--version").output();
    assert!(
        found.is_ok_and(|output| output.status.success()),
        "{tool} is missing: install GNU coreutils, which this test compares with"
    );
    let mut command = Command::new(tool);
    command.env("LC_ALL", "C").current_dir(folder.path("."));
    command
}

/// Lists that are well formed, odd and wrong.
fn cases(folder: &Folder) -> Vec<Case> {
    let a = digest(folder, "sha256sum", "a");
    let b = digest(folder, "sha256sum", "b");
    let upper = a.to_uppercase();
    let of = |name| digest(folder, "sha256sum", name);
    let one = |name, text: String| Case {
        name,
        flags: &["--warn"],
        lists: vec![text.into_bytes()],
    };
    let flagged = |name, flags, text: String| Case {
        name,
        flags,
        lists: vec![text.into_bytes()],
    };
    let several = |name, texts: Vec<String>| Case {
        name,
        flags: &["--warn"],
        lists: texts.into_iter().map(String::into_bytes).collect(),
    };
    let mixed = format!("{a}  a\n{a}  b\n{a}  none\nbad\n");
    vec![
        one("text", format!("{a}  a\n{b}  b\n")),
        one("binary", format!("{a} *a\n{b} *b\n")),
        one("text and binary", format!("{a} *a\n{b}  b\n")),
        one("one blank", format!("{a} a\n{b} b\n")),
        one("one blank, then two", format!("{a} a\n{}  b\n", of(" b"))),
        one("two blanks, then one", format!("{a}  a\n{b} b\n")),
        one(
            "one blank and a star",
            format!("{a} a\n{} *star\n", of("*star")),
        ),
        several(
            "the form of the first list is that of all",
            vec![format!("{a} a\n"), format!("{a}  a\n")],
        ),
        several(
            "and the other way round",
            vec![format!("{a}  a\n"), format!("{a} a\n")],
        ),
        several(
            "one list is bad, and one is not there",
            vec!["bad\n".into(), format!("{a}  a\n")],
        ),
        one("a tab", format!("{a}\ta\n")),
        one("a tab and a blank", format!("{a}\t a\n")),
        one("blanks before", format!(" \t {a}  a\n")),
        one("upper case", format!("{upper}  a\nSHA256 (a) = {upper}\n")),
        one("tagged", format!("SHA256 (a) = {a}\nSHA256 (b) = {b}\n")),
        one("tagged, without blanks", format!("SHA256(a)={a}\n")),
        one(
            "tagged, with more blanks",
            format!("\tSHA256 (a)\t = \t{a}\n"),
        ),
        one("tagged, with two blanks", format!("SHA256  (a) = {a}\n")),
        one("tagged, with a tab", format!("SHA256\t(a) = {a}\n")),
        one(
            "tagged, with a blank behind",
            format!("SHA256 (a) = {a} \n"),
        ),
        one(
            "tagged, names with parentheses",
            format!("SHA256 (a)) = {}\nSHA256 (a) (b) = {a}\n", of("a)")),
        ),
        one("tagged, without a name", format!("SHA256 () = {a}\n")),
        one(
            "tagged, without a digest",
            "SHA256 (a) = \nSHA256 (a)\nSHA256 (a) =\nSHA256\nSHA256 (\n".into(),
        ),
        one("tagged, in lower case", format!("sha256 (a) = {a}\n")),
        one(
            "another tag",
            format!("MD5 (a) = 0123\nSHA512 (a) = {a}\nSHA256 (a) = {a}\n"),
        ),
        one(
            "another tag that begins alike",
            format!("SHA256x (a) = {a}\nSHA256/2 (a) = {a}\nSHA2567 (a) = {a}\n"),
        ),
        one("tagged and not", format!("SHA256 (a) = {a}\n{b}  b\n")),
        one(
            "digests of other lengths",
            format!(
                "{a}0  a\n0{a}  a\n{}  a\nSHA256 (a) = {a}0\nSHA256 (a) = {}\n",
                &a[1..],
                &a[2..]
            ),
        ),
        one(
            "not hexadecimal",
            format!("g{}  a\nSHA256 (a) = g{}\n", &a[1..], &a[1..]),
        ),
        one(
            "a line feed in the name",
            format!("\\{}  new\\nline\n", of("new\nline")),
        ),
        one(
            "a line feed, tagged",
            format!("\\SHA256 (new\\nline) = {}\n", of("new\nline")),
        ),
        one(
            "a carriage return in the name",
            format!("\\{}  cr\\rx\n", of("cr\rx")),
        ),
        one(
            "a carriage return as it is",
            format!("{}  cr\rx\n", of("cr\rx")),
        ),
        one(
            "a backslash in the name",
            format!("\\{}  back\\\\slash\n", of("back\\slash")),
        ),
        one(
            "a backslash as it is",
            format!("{}  back\\slash\n", of("back\\slash")),
        ),
        one("marked without need", format!("\\{a}  a\n \\{a}  a\n")),
        one(
            "bad escapes",
            format!("\\{a}  a\\x\n\\{a}  a\\\n\\\\{a}  a\n\\ {a}  a\n\\SHA256 (a\\) = {a}\n"),
        ),
        one(
            "names with a line feed that fail",
            format!("\\{a}  new\\nline\n\\{a}  no\\nne\n"),
        ),
        one(
            "line ends of DOS",
            format!("{a}  a\r\n\r\nSHA256 (b) = {b}\r\n"),
        ),
        one("line ends of DOS, twice", format!("{a}  a\r\r\n")),
        one("a carriage return only", "\r\n".into()),
        one("comments", format!("# {a}  a\n#\n{a}  a\n # no comment\n")),
        one(
            "a name that begins like a comment",
            format!("{}  #c\n", of("#c")),
        ),
        one(
            "names with blanks",
            format!("{}  two words\n{}   b\n", of("two words"), of(" b")),
        ),
        one("a name with blanks behind", format!("{a}  a \n")),
        one(
            "a star",
            format!("{} **star\n{}  *star\n", of("*star"), of("*star")),
        ),
        one("a name like an option", format!("{}  -a\n", of("-a"))),
        one("a name in another script", format!("{}  ü\n", of("ü"))),
        one("no line end", format!("{a}  a")),
        one("empty lines", format!("\n\n{a}  a\n\n")),
        one("nothing", String::new()),
        one("line ends only", "\n\n\n".into()),
        one("no name", format!("{a}\n{a} \n")),
        one("a blank as the name", format!("{a}  \n{a}  a\n")),
        one("a star as the name", format!("{a} *\n")),
        one("only a digest and a name", format!("{a}a\n")),
        one("a large file", format!("{}  large\n", of("large"))),
        one("a wrong digest", format!("{a}  b\n{b}  b\n")),
        one("missing", format!("{a}  none\n{a}  a\n")),
        one("a folder", format!("{a}  directory\n{a}  a\n")),
        one(
            "in a folder",
            format!("{}  directory/file\n{a}  ./a\n", of("directory/file")),
        ),
        one("a file for a folder", format!("{a}  a/x\n")),
        one("links", format!("{a}  link\n{a}  dangling\n")),
        one("itself", format!("{a}  list-0\n")),
        one("the same twice", format!("{a}  a\n{a}  a\n")),
        one("a long name", format!("{a}  {}\n", "x".repeat(5000))),
        one(
            "a very long line",
            format!("{a}  {}\n{a}  a\n", "x".repeat(200_000)),
        ),
        flagged("quiet", &["--quiet"], format!("{a}  a\n")),
        flagged("quiet, with faults", &["--quiet"], mixed.clone()),
        flagged("status", &["--status"], format!("{a}  a\n")),
        flagged("status, with faults", &["--status"], mixed.clone()),
        flagged("status, nothing well formed", &["--status"], "bad\n".into()),
        flagged("no flags", &[], mixed.clone()),
        flagged("strict", &["--strict"], format!("{a}  a\n")),
        flagged(
            "strict, with a bad line",
            &["--strict"],
            format!("{a}  a\nbad\n"),
        ),
        flagged("not strict, with a bad line", &[], format!("{a}  a\nbad\n")),
        flagged(
            "strict and status",
            &["--strict", "--status"],
            format!("{a}  a\nbad\n"),
        ),
        flagged(
            "ignore missing",
            &["--ignore-missing"],
            format!("{a}  none\n{a}  a\n"),
        ),
        flagged(
            "ignore missing, a link to nowhere",
            &["--ignore-missing"],
            format!("{a}  dangling\n{a}  a\n"),
        ),
        flagged(
            "ignore missing, all missing",
            &["--ignore-missing"],
            format!("{a}  none\n"),
        ),
        flagged(
            "ignore missing, wrong",
            &["--ignore-missing"],
            format!("{a}  none\n{a}  b\n"),
        ),
        flagged(
            "ignore missing, a folder",
            &["--ignore-missing"],
            format!("{a}  directory\n{a}  a\n"),
        ),
        flagged(
            "ignore missing, a file for a folder",
            &["--ignore-missing"],
            format!("{a}  a/x\n{a}  a\n"),
        ),
        flagged(
            "ignore missing, quietly",
            &["--ignore-missing", "--quiet"],
            mixed.clone(),
        ),
        flagged("quiet, then warn", &["--quiet", "--warn"], mixed.clone()),
        flagged("warn, then status", &["--warn", "--status"], mixed.clone()),
        flagged(
            "status, then quiet",
            &["--status", "--quiet"],
            mixed.clone(),
        ),
        flagged("status, then warn", &["--status", "-w"], mixed),
    ]
}

fn wcrypt(folder: &Folder, algorithm: Option<&str>, args: &[&str]) -> Command {
    let mut command = folder.wcrypt_command();
    command.arg("hash");
    if let Some(algorithm) = algorithm {
        command.args(["-a", algorithm]);
    }
    command.args(args);
    command
}

/// Undoes what releases of coreutils do differently: of names that are shown, some escape a backslash or a carriage return,
/// and some only a line feed.
fn plain(stdout: &[u8]) -> String {
    let text = std::ffi::OsStr::from_bytes(stdout)
        .to_string_lossy()
        .into_owned();
    let line = |line: &str| match line.strip_prefix('\\') {
        Some(rest) => rest.replace("\\\\", "\\").replace("\\r", "\r"),
        None => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn compare(name: &str, ours: Output, theirs: Output) -> Option<String> {
    // WASI knows success and failure, and coreutils' failure is 1.
    let same =
        ours.status.code() == theirs.status.code() && plain(&ours.stdout) == plain(&theirs.stdout);
    (!same).then(|| format!("{name}:\n ours: {ours:?}\n theirs: {theirs:?}"))
}

fn compare_all(folder: &Folder, tool: &str, algorithm: &str, cases: &[Case]) {
    let mut different = Vec::new();
    for case in cases {
        let mut args = vec!["--check"];
        args.extend(case.flags);
        let names: Vec<String> = (0..case.lists.len())
            .map(|index| format!("list-{index}"))
            .collect();
        for (name, list) in names.iter().zip(&case.lists) {
            folder.write(name, list);
        }
        args.extend(names.iter().map(String::as_str));
        let ours = wcrypt(folder, Some(algorithm), &args)
            .output()
            .expect("wcrypt");
        let theirs = coreutils(folder, tool)
            .args(&args)
            .output()
            .expect("coreutils");
        if !case.flags.contains(&"--status") {
            // The same is said on standard error, each in its own words where the system has some.
            let said = |output: &Output| {
                String::from_utf8_lossy(&output.stderr)
                    .matches("WARNING")
                    .count()
            };
            assert_eq!(
                said(&ours),
                said(&theirs),
                "{}: {ours:?} {theirs:?}",
                case.name
            );
        }
        different.extend(compare(case.name, ours, theirs));
    }
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different.join("\n")
    );
}

#[test]
fn checking_prints_and_ends_as_sha256sum() {
    let folder = folder();
    let cases = cases(&folder);
    assert!(cases.len() > 80);
    compare_all(&folder, "sha256sum", "SHA-256", &cases);
}

#[test]
fn other_hashes_are_checked_like_coreutils_do() {
    let folder = folder();
    for (tool, algorithm, tag) in [
        ("sha384sum", "SHA-384", "SHA384"),
        ("sha512sum", "sha-512", "SHA512"),
        ("b2sum", "BLAKE2B-512", "BLAKE2b"),
    ] {
        let a = digest(&folder, tool, "a");
        let list = format!("{a}  a\n{tag} (a) = {a}\n{a}  b\n{a}0  a\n");
        let case = Case {
            name: tool,
            flags: &["--warn"],
            lists: vec![list.into_bytes()],
        };
        compare_all(&folder, tool, algorithm, &[case]);
    }
}

#[test]
fn a_list_can_be_standard_input_and_a_file_on_it() {
    let folder = folder();
    let a = digest(&folder, "sha256sum", "a");
    folder.write("list", format!("{a}  a\n"));
    folder.write("dash", format!("{a}  -\n{a}  a\n"));
    let open = |name| Stdio::from(fs::File::open(folder.path(name)).expect("a file"));
    let mut different = Vec::new();
    for (args, input) in [
        (&["--check"][..], "list"),
        (&["--check", "-"], "list"),
        (&["-c", "-", "list"], "list"),
        // The list cannot be on itself, but another file can.
        (&["--check", "-w"], "dash"),
        (&["--check", "dash"], "a"),
        (&["--check", "nowhere", "list"], "a"),
        (&["--check", "directory", "list"], "a"),
    ] {
        let ours = wcrypt(&folder, Some("SHA-256"), args)
            .stdin(open(input))
            .output();
        let theirs = coreutils(&folder, "sha256sum")
            .args(args)
            .stdin(open(input))
            .output();
        different.extend(compare(
            &args.join(" "),
            ours.expect("wcrypt"),
            theirs.expect("coreutils"),
        ));
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn what_one_tool_prints_the_other_checks() {
    let folder = folder();
    let names = [
        "a",
        " b",
        "*star",
        "new\nline",
        "cr\rx",
        "back\\slash",
        "a)",
        "ü",
        "./-a",
    ];
    for (tool, algorithm) in [("sha256sum", "SHA-256"), ("b2sum", "BLAKE2B-512")] {
        for form in [&[][..], &["--tag"]] {
            let args = [form, &names].concat();
            let ours = wcrypt(&folder, Some(algorithm), &args)
                .output()
                .expect("wcrypt");
            let theirs = coreutils(&folder, tool)
                .args(&args)
                .output()
                .expect("coreutils");
            // Byte by byte.
            assert_eq!(
                String::from_utf8_lossy(&ours.stdout),
                String::from_utf8_lossy(&theirs.stdout)
            );
            assert!(
                ours.status.success() && theirs.status.success(),
                "{ours:?} {theirs:?}"
            );
            folder.write("list", &ours.stdout);
            let ours = wcrypt(&folder, Some(algorithm), &["--check", "list"])
                .output()
                .expect("wcrypt");
            let theirs = coreutils(&folder, tool)
                .args(["--check", "list"])
                .output()
                .expect("coreutils");
            assert!(
                ours.status.success() && theirs.status.success(),
                "{ours:?} {theirs:?}"
            );
            assert_eq!(compare(tool, ours, theirs), None);
        }
    }
}

#[test]
fn hashes_that_coreutils_do_not_have_are_checked_too() {
    let folder = folder();
    for (algorithm, args) in [
        ("BLAKE3", &["-a", "BLAKE3"][..]),
        ("SHA3-256", &["-a", "sha3-256"]),
        ("SHAKE-128", &["-a", "SHAKE-128", "-l", "100"]),
        ("TupleHash128", &["-a", "TupleHash128"]),
    ] {
        for form in [&[][..], &["--tag"]] {
            let hashed = folder
                .wcrypt(&[&["hash"], args, form, &["a", "b"]].concat())
                .success();
            folder.write("list", &hashed);
            let check = [&["hash"], args, &["--check", "list"]].concat();
            assert_eq!(
                folder.wcrypt(&check).success(),
                "a: OK\nb: OK\n",
                "{algorithm}"
            );
            // A shorter digest is none of this algorithm's.
            folder.write(
                "list",
                hashed
                    .lines()
                    .next()
                    .expect("a line")
                    .trim_end_matches(|c| c != ' '),
            );
            assert_eq!(folder.wcrypt(&check).code, 1);
        }
    }
}

#[test]
fn without_an_algorithm_the_tags_name_it() {
    let folder = folder();
    let mut list = String::new();
    for algorithm in [
        "SHA-256",
        "BLAKE2B-512",
        "BLAKE2B-256",
        "BLAKE3",
        "SHA-512/256",
    ] {
        list += &folder
            .wcrypt(&["hash", "-a", algorithm, "--tag", "a"])
            .success();
    }
    folder.write("list", &list);
    let checked = folder
        .wcrypt(&["hash", "--check", "--strict", "list"])
        .success();
    assert_eq!(checked, "a: OK\n".repeat(5));
    let untagged = folder.wcrypt(&["hash", "-a", "SHA-256", "a"]).success();
    folder.write(
        "list",
        untagged + "SHA257 (a) = 00\nHMAC/SHA-256 (a) = 00\nARGON2-ID-13 (a) = 00\n",
    );
    let line = folder.wcrypt(&["hash", "--check", "list"]).failure(1);
    assert!(
        line.contains("no properly formatted") && line.contains("--algorithm"),
        "{line}"
    );
    // Nothing but lists says which.
    folder.wcrypt(&["hash", "a"]).failure(1);
}

#[test]
fn a_list_whose_names_end_with_zero_bytes_is_not_believed() {
    // sha256sum checks the first name, says OK, and leaves the others unchecked.
    let folder = folder();
    let a = digest(&folder, "sha256sum", "a");
    folder.write("list", format!("{a}  a\0{a}  b\0"));
    let line = folder
        .wcrypt(&["hash", "-a", "SHA-256", "--check", "list"])
        .failure(1);
    assert!(line.contains("no properly formatted"), "{line}");
}

#[test]
fn flags_of_checking_are_refused_without_it_as_by_sha256sum() {
    let folder = folder();
    let mut different = Vec::new();
    for args in [
        &["--quiet", "a"][..],
        &["--status", "a"],
        &["--strict", "a"],
        &["--warn", "a"],
        &["--ignore-missing", "a"],
        &["--tag", "--check", "a"],
    ] {
        let ours = wcrypt(&folder, Some("SHA-256"), args)
            .output()
            .expect("wcrypt");
        let theirs = coreutils(&folder, "sha256sum")
            .args(args)
            .output()
            .expect("coreutils");
        assert_eq!(theirs.status.code(), Some(1));
        different.extend(compare(&args.join(" "), ours, theirs));
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    folder.write("list", "  a\n");
    folder
        .wcrypt(&["hash", "-a", "SHA-256", "-l", "0", "-c", "list"])
        .failure(1);
    folder
        .wcrypt(&["hash", "-a", "SHA-256", "-l", "33", "-c", "list"])
        .failure(1);
}

#[test]
fn what_the_component_cannot_see_does_not_pass_for_missing() {
    let folder = folder();
    let a = digest(&folder, "sha256sum", "a");
    let check = [
        "hash",
        "-a",
        "SHA-256",
        "--check",
        "--ignore-missing",
        "list",
    ];
    let path = folder.path("a");
    for name in [path.to_str().expect("text"), "../none", "/none"] {
        folder.write("list", format!("{a}  {name}\n{a}  a\n"));
        let outcome = folder.wcrypt(&check);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert_eq!(
            outcome.stdout,
            format!("{name}: FAILED open or read\na: OK\n")
        );
    }
    folder.write(
        "list",
        format!("{a}  none/none\n{a}  directory/none\n{a}  a\n"),
    );
    assert_eq!(folder.wcrypt(&check).success(), "a: OK\n");
}
