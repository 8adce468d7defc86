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
    cargo build --locked --release --target {{ guest_target }} -p wcrypt -p wasi-crypto-test-guests
    cargo build --locked --release --target {{ guest_target }} -p wasi-crypto-sdk --examples

# Run all tests; arguments go to cargo test
test *ARGS: guests
    cargo test --locked --workspace "$@"

# Run the engine's tests on what a guest can be built of: pure Rust, without threads
test-portable:
    cargo test --locked -p wasi-crypto-engine --no-default-features --features pure-aegis

# Fuzz the engine, each family of algorithms for so many seconds (needs a C++ compiler)
fuzz SECONDS="30":
    #!/bin/sh
    set -eu
    root=$PWD/target/cargo-fuzz-0.13.2
    [ -x "$root/bin/cargo-fuzz" ] || cargo install cargo-fuzz --version 0.13.2 --locked --quiet --root "$root"
    cd fuzz
    # Sanitizers are behind a flag of the compiler that the pinned toolchain has, too.
    for family in hash mac kdf password aead cipher session; do
        RUSTC_BOOTSTRAP=1 PATH="$root/bin:$PATH" cargo fuzz run --target-dir ../target/fuzz "$family" \
            -- -max_total_time={{ SECONDS }} -max_len=8192
    done

# Check format, lints and documentation
lint: setup
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cargo clippy --locked --target {{ guest_target }} -p wcrypt -p wasi-crypto-sdk -p wasi-crypto-test-guests -- -D warnings
    cargo clippy --locked --target {{ guest_target }} -p wasi-crypto-engine --no-default-features -- -D warnings
    cargo clippy --locked -p wasi-crypto-host --no-default-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --quiet
