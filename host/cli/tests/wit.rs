//! `wasi-crypto wit`: the binary WIT package is the one of the folder `wit`, word for word.

mod common;

use std::path::Path;

use common::Folder;
use wit_component::{DecodedWasm, WitPrinter, decode};
use wit_parser::{PackageId, Resolve};

fn print(resolve: &Resolve, package: PackageId) -> String {
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &[]).expect("WIT");
    printer.output.to_string()
}

#[test]
fn the_binary_package_is_the_one_in_wit() {
    let folder = Folder::new();
    folder.wasi_crypto(["wit", "-o", "package.wasm"]).success();
    let DecodedWasm::WitPackage(decoded, package) =
        decode(&folder.read("package.wasm")).expect("a binary package")
    else {
        panic!("it is a component, not a package");
    };
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (original, _) = resolve.push_dir(&wit).expect("the folder `wit`");
    assert_eq!(
        decoded.packages[package].name,
        resolve.packages[original].name
    );
    let printed = print(&decoded, package);
    assert_eq!(printed, print(&resolve, original));
    // Documentation comes with it.
    assert!(printed.contains("/// A key, bound to the algorithm that it was made for."));
}

#[test]
fn a_place_where_it_cannot_be_written_is_named() {
    let folder = Folder::new();
    let line = folder
        .wasi_crypto(["wit", "-o", "no/such/folder/package.wasm"])
        .failure(125);
    assert!(line.contains("no/such/folder/package.wasm"), "{line}");
}
