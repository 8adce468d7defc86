//! Compiled components are kept from one run to the next.

mod common;

use std::path::{Path, PathBuf};

use common::{Folder, Outcome, guest};

/// Runs wcrypt with its cache in `cache`.
fn version(folder: &Folder, cache: &Path, flags: &[&str]) -> Outcome {
    let mut command = folder.command();
    command.env("XDG_CACHE_HOME", cache).arg("run").args(flags);
    Outcome::of(command.arg(guest("wcrypt.wasm")).arg("--version"))
}

/// The compiled components in `cache`.
fn compiled(cache: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(cache) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => compiled(&path),
            false => vec![path],
        })
        // The others count how often these are used.
        .filter(|path| path.extension().is_none())
        .collect()
}

#[test]
fn a_component_is_compiled_once() {
    let folder = Folder::new();
    let cache = folder.path("cache");
    let first = version(&folder, &cache, &[]).success();
    let kept = compiled(&cache);
    assert_eq!(kept.len(), 1, "{kept:?}");
    let written = std::fs::metadata(&kept[0]).unwrap().modified().unwrap();
    assert_eq!(version(&folder, &cache, &[]).success(), first);
    assert_eq!(compiled(&cache), kept);
    let unchanged = std::fs::metadata(&kept[0]).unwrap().modified().unwrap();
    assert_eq!(unchanged, written);
}

#[test]
fn nothing_is_kept_when_nothing_is_to_be() {
    let folder = Folder::new();
    let cache = folder.path("cache");
    version(&folder, &cache, &["--no-cache"]).success();
    assert_eq!(compiled(&cache), Vec::<PathBuf>::new());
}

#[test]
fn a_damaged_cache_is_not_used() {
    let folder = Folder::new();
    let cache = folder.path("cache");
    let first = version(&folder, &cache, &[]).success();
    for path in compiled(&cache) {
        std::fs::write(path, "not what a compiler would write").unwrap();
    }
    assert_eq!(version(&folder, &cache, &[]).success(), first);
}

#[test]
fn without_a_cache_everything_works() {
    let folder = Folder::new();
    let file = folder.write("a file", "and no folder");
    version(&folder, &file, &[]).success();
}
