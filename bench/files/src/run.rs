//! Runs a command, and tells what it took.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// What wcrypt gets as a password.
const PASSWORD: &str = "correct horse battery staple";

/// What running a command took, in seconds.
#[derive(Clone, Copy)]
pub struct Cost {
    /// On processors, in the process and those that it waited for.
    pub cpu: f64,
    /// From its start to its end.
    pub wall: f64,
}

/// A command that is measured.
pub struct Measured {
    /// Its name in the report.
    pub tool: &'static str,
    /// The program; none is wcrypt.
    pub program: Option<&'static str>,
    pub args: Vec<String>,
}

/// The commands, and the folder that they run in.
pub struct Tools {
    command: PathBuf,
    guest: PathBuf,
    folder: PathBuf,
}

impl Tools {
    pub fn new(command: PathBuf, guest: PathBuf, folder: &Path) -> Result<Self, Box<dyn Error>> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        Ok(Self {
            command,
            guest,
            folder: folder.canonicalize()?,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a program is there.
    pub fn has(&self, program: &str) -> bool {
        let mut command = Command::new(program);
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok()
    }

    /// Runs a command to its end.
    pub fn run(&self, measured: &Measured) -> Result<Cost, Box<dyn Error>> {
        let mut command = match measured.program {
            Some(program) => Command::new(program),
            None => {
                let mut command = Command::new(&self.command);
                command
                    .args(["run", "--dir", ".", "--env", "WCRYPT_PASSWORD"])
                    .arg(&self.guest);
                command
            }
        };
        command
            .current_dir(&self.folder)
            .env("WCRYPT_PASSWORD", PASSWORD)
            .args(&measured.args)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let (cpu, start) = (children()?, Instant::now());
        let status = command
            .status()
            .map_err(|error| format!("{}: {error}", measured.tool))?;
        let cost = Cost {
            cpu: children()? - cpu,
            wall: start.elapsed().as_secs_f64(),
        };
        if !status.success() {
            return Err(format!("{} {:?} failed", measured.tool, measured.args.first()).into());
        }
        Ok(cost)
    }

    /// Makes a file of `len` bytes that look random.
    pub fn make(&self, name: &str, len: usize, seed: u64) -> Result<(), Box<dyn Error>> {
        let mut file = File::create(self.folder.join(name))?;
        let mut state = seed | 1;
        let mut block = Vec::with_capacity(1 << 20);
        let mut left = len;
        while left > 0 {
            block.clear();
            while block.len() < left.min(1 << 20) {
                // Xorshift, by George Marsaglia: nobody compresses it, and that is all it takes.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                block.extend_from_slice(&state.to_le_bytes());
            }
            block.truncate(left.min(1 << 20));
            file.write_all(&block)?;
            left -= block.len();
        }
        Ok(())
    }
}

/// The seconds that all children so far have spent on processors.
fn children() -> Result<f64, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds =
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(microseconds as f64 / 1e6)
}
