//! What has been built before the tests.

use std::path::PathBuf;

/// How deep in the target folder a test is: in `deps` of a profile, of a target.
const DEPTH: usize = 4;

/// A file in the target folder.
///
/// # Panics
///
/// If it has not been built.
pub fn built(file: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this program has a file");
    let mut paths = test.ancestors().skip(1).take(DEPTH);
    let found = paths.find_map(|folder| {
        let path = folder.join(file);
        path.exists().then_some(path)
    });
    found.unwrap_or_else(|| {
        panic!(
            "{file} is missing in the target folder that {} is in: run ./just test, which builds the guests first",
            test.display()
        )
    })
}

/// A component that `just guests` has built.
///
/// # Panics
///
/// If it has not been built.
pub fn guest(file: &str) -> PathBuf {
    built(&format!("wasm32-wasip2/release/{file}"))
}
