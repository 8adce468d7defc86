//! What is measured, and what it should take.

use std::error::Error;
use std::fs;

use crate::run::{Measured, Tools};

/// Bytes of the large file.
const LARGE: usize = 1 << 30;
/// Bytes of the small file.
const SMALL: usize = 1 << 10;
/// How many tiny files there are.
const MANY: usize = 20_000;
/// Bytes of each tiny file.
const TINY: usize = 200;

/// What a task is measured by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    Cpu,
    Wall,
}

/// What the first command, wcrypt's, should take at most.
pub struct Target {
    /// Times what this tool takes.
    pub times: f64,
    pub tool: &'static str,
    pub by: By,
}

/// Something that several commands do.
pub struct Task {
    pub name: &'static str,
    pub commands: Vec<Measured>,
    pub target: Option<Target>,
    /// How often it is run for each round.
    pub repeat: u32,
}

/// Makes the files, and names all tasks. Tools that are not installed are left out, and a note says so.
pub fn tasks(tools: &Tools) -> Result<Vec<Task>, Box<dyn Error>> {
    tools.make("large", LARGE, 1)?;
    tools.make("small", SMALL, 2)?;
    fs::create_dir(tools.folder().join("many"))?;
    let many: Vec<String> = (0..MANY).map(|index| format!("many/{index:05}")).collect();
    for (index, name) in many.iter().enumerate() {
        tools.make(name, TINY, index as u64 + 3)?;
    }
    // Encrypted by each tool for itself.
    for name in ["large", "small"] {
        tools.run(&wcrypt(["encrypt", name, &format!("{name}.wcrypt")]))?;
    }
    let recipient = if tools.has("age-keygen") {
        Some(age_files(tools)?)
    } else {
        None
    };
    let mut tasks = list(&many, recipient.as_deref().unwrap_or_default());
    for task in &mut tasks {
        task.commands.retain(|command| {
            let there = command.program.is_none_or(|program| tools.has(program));
            if !there {
                eprintln!(
                    "{}: {} is not installed, and is left out",
                    task.name, command.tool
                );
            }
            there
        });
    }
    Ok(tasks)
}

fn list(many: &[String], recipient: &str) -> Vec<Task> {
    let with_many = |start: &[&str]| {
        let start = start.iter().map(|arg| arg.to_string());
        start.chain(many.iter().cloned()).collect::<Vec<_>>()
    };
    vec![
        Task {
            name: "hash 1 GiB",
            commands: vec![
                wcrypt(["hash", "-a", "SHA-256", "large"]),
                other("sha256sum", "sha256sum", ["large"]),
                other("openssl", "openssl", ["dgst", "-sha256", "large"]),
            ],
            target: Some(Target {
                times: 0.5,
                tool: "sha256sum",
                by: By::Cpu,
            }),
            repeat: 1,
        },
        Task {
            name: "hash 1 GiB with BLAKE3",
            commands: vec![
                wcrypt(["hash", "-a", "BLAKE3", "large"]),
                other("b3sum", "b3sum", ["large"]),
                other("b3sum, 1 thread", "b3sum", ["--num-threads=1", "large"]),
            ],
            target: None,
            repeat: 1,
        },
        Task {
            name: "encrypt 1 GiB to standard output",
            commands: vec![
                wcrypt(["encrypt", "large", "-"]),
                other("age", "age", ["-r", recipient, "large"]),
                other(
                    "openssl, not authenticated",
                    "openssl",
                    openssl_enc("large"),
                ),
            ],
            target: Some(Target {
                times: 1.0,
                tool: "age",
                by: By::Cpu,
            }),
            repeat: 1,
        },
        Task {
            name: "decrypt 1 GiB to standard output",
            commands: vec![
                wcrypt(["decrypt", "large.wcrypt", "-"]),
                other("age", "age", ["-d", "-i", "key", "large.age"]),
            ],
            target: Some(Target {
                times: 1.0,
                tool: "age",
                by: By::Cpu,
            }),
            repeat: 1,
        },
        Task {
            name: "decrypt 1 GiB into a file",
            commands: vec![
                wcrypt(["decrypt", "large.wcrypt", "out.wcrypt"]),
                other(
                    "age",
                    "age",
                    ["-d", "-i", "key", "-o", "out.age", "large.age"],
                ),
            ],
            target: Some(Target {
                times: 1.6,
                tool: "age",
                by: By::Cpu,
            }),
            repeat: 1,
        },
        Task {
            name: "hash 1 KiB",
            commands: vec![
                wcrypt(["hash", "-a", "SHA-256", "small"]),
                other("sha256sum", "sha256sum", ["small"]),
                other("openssl", "openssl", ["dgst", "-sha256", "small"]),
            ],
            target: Some(Target {
                times: 10.0,
                tool: "sha256sum",
                by: By::Wall,
            }),
            repeat: 20,
        },
        Task {
            name: "hash 1 KiB with BLAKE3",
            commands: vec![
                wcrypt(["hash", "-a", "BLAKE3", "small"]),
                other("b3sum", "b3sum", ["small"]),
            ],
            target: None,
            repeat: 20,
        },
        Task {
            name: "encrypt 1 KiB to standard output",
            commands: vec![
                wcrypt(["encrypt", "small", "-"]),
                other("age", "age", ["-r", recipient, "small"]),
                other(
                    "openssl, not authenticated",
                    "openssl",
                    openssl_enc("small"),
                ),
            ],
            target: None,
            repeat: 5,
        },
        Task {
            name: "decrypt 1 KiB into a file",
            commands: vec![
                wcrypt(["decrypt", "small.wcrypt", "out.wcrypt"]),
                other(
                    "age",
                    "age",
                    ["-d", "-i", "key", "-o", "out.age", "small.age"],
                ),
            ],
            target: None,
            repeat: 5,
        },
        Task {
            name: "hash 20 000 files of 200 bytes",
            commands: vec![
                Measured {
                    tool: "wcrypt",
                    program: None,
                    args: with_many(&["hash", "-a", "SHA-256"]),
                },
                Measured {
                    tool: "sha256sum",
                    program: Some("sha256sum"),
                    args: with_many(&[]),
                },
            ],
            target: Some(Target {
                times: 4.0,
                tool: "sha256sum",
                by: By::Wall,
            }),
            repeat: 2,
        },
    ]
}

/// Has age encrypt the files, to a key: it asks for passwords on a terminal. Returns the key's recipient.
fn age_files(tools: &Tools) -> Result<String, Box<dyn Error>> {
    tools.run(&other("age-keygen", "age-keygen", ["-o", "key"]))?;
    let key = fs::read_to_string(tools.folder().join("key"))?;
    let recipient = key
        .lines()
        .find_map(|line| line.strip_prefix("# public key: "))
        .ok_or("age-keygen has printed no recipient")?;
    for name in ["large", "small"] {
        let encrypted = format!("{name}.age");
        tools.run(&other(
            "age",
            "age",
            ["-r", recipient, "-o", &encrypted, name],
        ))?;
    }
    Ok(recipient.to_owned())
}

fn openssl_enc(name: &str) -> [&str; 7] {
    let password = "env:WCRYPT_PASSWORD";
    [
        "enc",
        "-aes-256-ctr",
        "-pbkdf2",
        "-pass",
        password,
        "-in",
        name,
    ]
}

fn wcrypt<const N: usize>(args: [&str; N]) -> Measured {
    Measured {
        tool: "wcrypt",
        program: None,
        args: args.map(str::to_owned).to_vec(),
    }
}

fn other<const N: usize>(tool: &'static str, program: &'static str, args: [&str; N]) -> Measured {
    Measured {
        tool,
        program: Some(program),
        args: args.map(str::to_owned).to_vec(),
    }
}
