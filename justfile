# Without just installed: ./just RECIPE

set positional-arguments

guest_target := "wasm32-wasip2"
guests := "target" / guest_target / "release"

# List the recipes
default:
    @just --justfile '{{ justfile() }}' --list --unsorted

# Install what Rust needs to build for wasm
setup:
    #!/bin/sh
    set -eu
    if ! command -v rustup >/dev/null 2>&1; then
        echo "setup: rustup is missing, and the target {{ guest_target }} cannot be added without it" >&2
        exit 1
    fi
    if ! rustup target list --installed | grep -qx '{{ guest_target }}'; then
        rustup target add '{{ guest_target }}' || {
            echo "setup: cannot add the target {{ guest_target }}; is the network reachable?" >&2
            exit 1
        }
    fi

# Build the command and wcrypt: target/release/wasi-crypto, target/wasm32-wasip2/release/wcrypt.wasm
build: setup
    cargo build --locked --release -p wasi-crypto-cli
    cargo build --locked --release --target {{ guest_target }} -p wcrypt

# Build, then hash, encrypt and decrypt real files and compare with the system's tools
run: build
    sh tests/demo.sh target/release/wasi-crypto {{ guests }}/wcrypt.wasm

# Build the guests that the tests run
guests: setup
    cargo build --locked --release --target {{ guest_target }} -p wcrypt

# Run all tests; arguments go to cargo test
test *ARGS: guests
    cargo test --locked --workspace "$@"

# Check format, lints and documentation
lint: setup
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cargo clippy --locked --target {{ guest_target }} -p wcrypt -p wasi-crypto-sdk -- -D warnings
    cargo clippy --locked --target {{ guest_target }} -p wasi-crypto-engine --no-default-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --quiet
