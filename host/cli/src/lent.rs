//! Directories that a guest is lent, and what must not be in them.
//!
//! A guest can read, replace and forge all that lies in a directory of its own: a key-encryption key, a store, an audit
//! trail. Whether a file does is decided by the directories in which its name is looked up, one after the other, links
//! followed: they are the ones in which a guest could put something else under that name. Directories are compared by what
//! they are, not by how they are called, so that mounts of one directory in several places are one.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::exit::Failure;

/// More links in one name than any system follows.
const MAX_LINKS: usize = 40;

/// A directory of the host that the guest sees as `guest`.
pub struct Lent<'a> {
    /// The flag's value.
    flag: &'a str,
    pub host: &'a Path,
    pub guest: &'a str,
}

/// A file that the guest must not reach.
#[derive(Debug)]
pub struct Secret {
    /// What it is: "the key store".
    pub what: &'static str,
    /// What names it: a flag or a variable.
    pub named_by: &'static str,
    pub path: PathBuf,
}

impl<'a> Lent<'a> {
    /// Reads `HOST` or `HOST::GUEST`.
    pub fn parse(flag: &'a str) -> Self {
        let (host, guest) = flag.split_once("::").unwrap_or((flag, flag));
        Self {
            flag,
            host: Path::new(host),
            guest,
        }
    }

    /// Checks that none of `secrets` is in the directory.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`], with both names.
    pub fn check<'b>(&self, secrets: impl IntoIterator<Item = &'b Secret>) -> Result<(), Failure> {
        // One that is not there is an error of its own.
        let Ok(reachable) = self.reachable() else {
            return Ok(());
        };
        for secret in secrets {
            let Secret {
                what,
                named_by,
                path,
            } = secret;
            if lookups(path)
                .iter()
                .any(|directory| reachable.contains(directory))
            {
                return Err(Failure::Usage(format!(
                    "{what} {} ({named_by}) is in the directory {} (--dir {}), where the guest could read and replace it; \
                     move one of them",
                    path.display(),
                    self.host.display(),
                    self.flag,
                )));
            }
        }
        Ok(())
    }

    /// Checks that this process's own memory and environment cannot be read through the directory.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`].
    pub fn check_processes(&self) -> Result<(), Failure> {
        let Ok(host) = self.host.canonicalize() else {
            return Ok(());
        };
        let mounts = mounts();
        let holds = |mount: &&Mount| {
            mount.is_of_processes
                && (mount.point.starts_with(&host) || host.starts_with(&mount.point))
        };
        match mounts.iter().find(holds) {
            Some(mount) => Err(Failure::Usage(format!(
                "the directory {} (--dir {}) has {} in it, where the guest could read the memory and the environment of \
                 this process, with keys in both; lend a directory without",
                self.host.display(),
                self.flag,
                mount.point.display(),
            ))),
            None => Ok(()),
        }
    }

    /// The directory, and what is mounted below it.
    fn reachable(&self) -> io::Result<HashSet<Identity>> {
        let host = self.host.canonicalize()?;
        let mut reachable = HashSet::from([identity(&host)?]);
        let below = mounts()
            .into_iter()
            .filter(|mount| mount.point.starts_with(&host));
        reachable.extend(below.filter_map(|mount| identity(&mount.point).ok()));
        Ok(reachable)
    }
}

/// Tells directories and files apart.
#[cfg(unix)]
pub type Identity = (u64, u64);
#[cfg(not(unix))]
pub type Identity = PathBuf;

/// What a name leads to.
#[cfg(unix)]
pub fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// What a name leads to.
#[cfg(not(unix))]
pub fn identity(path: &Path) -> io::Result<Identity> {
    path.canonicalize()
}

/// The directories in which the system looks up the parts of a name, as far as they exist.
fn lookups(path: &Path) -> Vec<Identity> {
    let Ok(path) = std::path::absolute(path) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut here = PathBuf::new();
    // Of what is left of the name, the last part comes first.
    let mut parts = reversed(&path);
    let mut links = 0;
    while let Some(part) = parts.pop() {
        match part {
            Part::Root(root) => here = root,
            // Nobody can put anything else there.
            Part::Up => {
                here.pop();
            }
            Part::Name(name) => {
                found.extend(identity(&here));
                let next = here.join(name);
                match next.read_link() {
                    Ok(target) if links < MAX_LINKS => {
                        links += 1;
                        parts.extend(reversed(&target));
                    }
                    _ => here = next,
                }
            }
        }
    }
    found
}

enum Part {
    Root(PathBuf),
    Up,
    Name(OsString),
}

fn reversed(path: &Path) -> Vec<Part> {
    let mut root = PathBuf::new();
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => root.push(component),
            Component::CurDir => {}
            Component::ParentDir => parts.push(Part::Up),
            Component::Normal(name) => parts.push(Part::Name(name.to_owned())),
        }
    }
    parts.reverse();
    if !root.as_os_str().is_empty() {
        parts.push(Part::Root(root));
    }
    parts
}

struct Mount {
    point: PathBuf,
    /// Whether it is `/proc`, wherever that is mounted.
    is_of_processes: bool,
}

/// What is mounted, where the system tells (proc_pid_mountinfo(5)).
fn mounts() -> Vec<Mount> {
    let table = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    let lines = table.split(|byte| *byte == b'\n');
    lines.filter_map(mount).collect()
}

/// One line: `36 35 98:0 /root /point options fields - type source options`.
fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let point = fields.nth(4)?;
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    Some(Mount {
        point: unescaped(point),
        is_of_processes: kind == b"proc",
    })
}

/// Blanks and the like are written as `\040`.
fn unescaped(point: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(point.len());
    let mut rest = point;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after
            .get(..3)
            .filter(|_| first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    path(bytes)
}

#[cfg(unix)]
fn path(bytes: Vec<u8>) -> PathBuf {
    let name: OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    name.into()
}

#[cfg(not(unix))]
fn path(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
