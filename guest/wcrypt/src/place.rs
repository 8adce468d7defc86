//! What a path leads to, as far as the standard library does not say it.

use std::path::{Component, Path, PathBuf};

/// Whether two paths lead to the same file: by whatever names and links, if the file system says which file it is;
/// otherwise by the spelling of the paths.
pub fn same(one: &Path, other: &Path) -> bool {
    let known = system::identity(one).zip(system::identity(other));
    known.is_some_and(|(one, other)| one == other) || spelled_out(one) == spelled_out(other)
}

/// Whether the path leads to a device.
pub fn is_device(path: &Path) -> bool {
    system::is_device(path)
}

/// Whether the path is one of those under which Unix shows a process what it has open. They lead out of every directory
/// that a guest can be given.
pub fn names_a_descriptor(path: &Path) -> bool {
    let names = ["/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr"];
    let of_a_process =
        || path.starts_with("/proc") && path.iter().nth(3).is_some_and(|name| name == "fd");
    names.iter().any(|name| path.starts_with(name)) || of_a_process()
}

/// The path without `.` and `..`, from the root if it starts there.
fn spelled_out(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(plain.components().next_back(), Some(Component::Normal(_))) =>
            {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(target_os = "wasi")]
pub use system::at;

#[cfg(target_os = "wasi")]
mod system {
    use std::cell::OnceCell;
    use std::path::Path;

    use wasip2::filesystem::preopens::get_directories;
    use wasip2::filesystem::types::{Descriptor, DescriptorType, PathFlags};

    /// The host's hash of what distinguishes the file from all others.
    pub fn identity(path: &Path) -> Option<(u64, u64)> {
        at(path, |directory, path| {
            let hash = directory
                .metadata_hash_at(PathFlags::SYMLINK_FOLLOW, path)
                .ok()?;
            Some((hash.lower, hash.upper))
        })?
    }

    pub fn is_device(path: &Path) -> bool {
        at(path, |directory, path| {
            let stat = directory.stat_at(PathFlags::SYMLINK_FOLLOW, path);
            stat.is_ok_and(|stat| {
                matches!(
                    stat.type_,
                    DescriptorType::BlockDevice | DescriptorType::CharacterDevice
                )
            })
        })
        .unwrap_or(false)
    }

    /// Asks the directory that the standard library would look for the path in, if there is one.
    pub fn at<T>(path: &Path, ask: impl FnOnce(&Descriptor, &str) -> T) -> Option<T> {
        thread_local! {
            static GRANTED: OnceCell<Vec<(Descriptor, String)>> = const { OnceCell::new() };
        }
        GRANTED.with(|granted| {
            let granted = granted.get_or_init(get_directories);
            let names = granted.iter().map(|(_, name)| name.as_str());
            let (index, rest) = super::responsible(names, path.to_str()?)?;
            Some(ask(&granted.get(index)?.0, rest))
        })
    }
}

#[cfg(unix)]
mod system {
    use std::fs;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    use std::path::Path;

    pub fn identity(path: &Path) -> Option<(u64, u64)> {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.dev(), metadata.ino()))
    }

    pub fn is_device(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|metadata| {
            let kind = metadata.file_type();
            kind.is_block_device() || kind.is_char_device()
        })
    }
}

#[cfg(not(any(target_os = "wasi", unix)))]
mod system {
    use std::fs;
    use std::path::{Path, PathBuf};

    pub fn identity(path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }

    pub fn is_device(_path: &Path) -> bool {
        false
    }
}

/// The granted directory that is responsible for a path, by its position, and the rest of the path: the one with the
/// longest name that the path begins with, of several the last, as in wasi-libc.
#[cfg(any(target_os = "wasi", test))]
fn responsible<'a, 'p>(
    granted: impl Iterator<Item = &'a str>,
    path: &'p str,
) -> Option<(usize, &'p str)> {
    let from_here = from_here(path);
    let rests = granted.enumerate().filter_map(|(index, name)| {
        let name = from_here_name(name);
        let rest = from_here.strip_prefix(name)?;
        let whole = name.is_empty() || rest.is_empty() || rest.starts_with('/');
        whole.then(|| (name.len(), index, rest.trim_start_matches('/')))
    });
    let (_, index, rest) = rests.max_by_key(|(len, index, _)| (*len, *index))?;
    Some((index, if rest.is_empty() { "." } else { rest }))
}

/// A path without what says nothing of where it leads from here, or from the root.
#[cfg(any(target_os = "wasi", test))]
fn from_here(path: &str) -> &str {
    let mut path = path;
    while let Some(rest) = path.strip_prefix('/').or_else(|| path.strip_prefix("./")) {
        path = rest;
    }
    if path == "." { "" } else { path }
}

/// As [`from_here`], without slashes at the end.
#[cfg(any(target_os = "wasi", test))]
fn from_here_name(name: &str) -> &str {
    from_here(name).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_recognized_in_other_spellings() {
        for (one, other) in [
            ("a", "./a"),
            ("d/../a", "a"),
            ("/d/./a", "/d/a"),
            ("../a", "./../a"),
        ] {
            assert!(same(one.as_ref(), other.as_ref()), "{one} {other}");
        }
        for (one, other) in [("a", "b"), ("a", "../a"), ("a", "/a"), ("../a", "../../a")] {
            assert!(!same(one.as_ref(), other.as_ref()), "{one} {other}");
        }
    }

    #[test]
    fn the_directory_with_the_longest_name_is_responsible() {
        let granted = ["/data", ".", "/data/in/", "/data"];
        for (path, index, rest) in [
            ("file", 1, "file"),
            ("./file", 1, "file"),
            ("/data/file", 3, "file"),
            ("/data/in/file", 2, "file"),
            ("/data//in", 3, "in"),
            ("/data/in", 2, "."),
            ("/database", 1, "database"),
        ] {
            assert_eq!(
                responsible(granted.into_iter(), path),
                Some((index, rest)),
                "{path}"
            );
        }
        assert_eq!(responsible(["/data"].into_iter(), "/etc"), None);
    }

    #[test]
    fn what_a_process_has_open_has_names_of_its_own() {
        for path in ["/dev/fd/63", "/dev/stdin", "/proc/self/fd/0"] {
            assert!(names_a_descriptor(path.as_ref()), "{path}");
        }
        for path in ["dev/fd/63", "/dev/null", "/dev/fdx", "/proc/cpuinfo"] {
            assert!(!names_a_descriptor(path.as_ref()), "{path}");
        }
    }
}
