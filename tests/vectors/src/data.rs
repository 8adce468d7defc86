//! The vectors' text, embedded.

/// All vector files, those that end in `.vec` in the folder `data`: name, text.
pub fn files() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/files.rs"))
}
