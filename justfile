# Without just installed: ./just RECIPE

set positional-arguments

guest_target := "wasm32-wasip2"
guests := "target" / guest_target / "release"
legacy_target := "wasm32-wasip1"
adapter_target := "wasm32-unknown-unknown"
assemblyscript := "0.28.20"
javascript := "@bytecodealliance/jco-transpile@0.15.0 @bytecodealliance/preview2-shim@0.26.1 playwright-core@1.65.1"

# List the recipes
default:
    @just --justfile '{{ justfile() }}' --list --unsorted

# Install what Rust needs to build for wasm
setup:
    #!/bin/sh
    set -eu
    if ! command -v rustup >/dev/null 2>&1; then
        echo "setup: rustup is missing, and targets for wasm cannot be added without it" >&2
        exit 1
    fi
    for target in {{ guest_target }} {{ legacy_target }} {{ adapter_target }}; do
        if ! rustup target list --installed | grep -qx "$target"; then
            rustup target add "$target" || {
                echo "setup: cannot add the target $target; is the network reachable?" >&2
                exit 1
            }
        fi
    done

# Build the command and wcrypt: target/release/wasi-crypto, target/wasm32-wasip2/release/wcrypt.wasm
build: setup
    cargo build --locked --release -p wasi-crypto-cli
    cargo build --locked --release --target {{ guest_target }} -p wcrypt

# Build, then hash, encrypt and decrypt real files and compare with the system's tools
run: build
    sh tests/demo.sh target/release/wasi-crypto {{ guests }}/wcrypt.wasm

# Build the guests that the tests run
guests: setup assemblyscript javascript guests-js guests-python guests-c
    cargo build --locked --release --target {{ guest_target }} -p wcrypt -p wasi-crypto-test-guests -p wasi-crypto-test-interposer
    cargo build --locked --release --target {{ guest_target }} -p wasi-crypto-sdk --examples
    cargo build --locked --release --target {{ adapter_target }} -p wasi-crypto-browser-example
    cargo build --locked --release --target {{ legacy_target }} -p wasi-crypto-legacy-guests --bins --examples

# Build the AssemblyScript client with each runtime (needs Node.js)
assemblyscript:
    #!/bin/sh
    set -eu
    out=target/assemblyscript
    asc=$out/node_modules/.bin/asc
    if [ "$(cat $out/version 2>/dev/null)" != '{{ assemblyscript }}' ]; then
        if ! command -v npm >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            apt-get update -qq && apt-get install -qq -y nodejs npm
        fi
        command -v npm >/dev/null 2>&1 || { echo "assemblyscript: npm is missing; install Node.js" >&2; exit 1; }
        mkdir -p $out
        npm install --prefix $out --no-save --no-audit --no-fund --silent 'assemblyscript@{{ assemblyscript }}'
        echo '{{ assemblyscript }}' > $out/version
    fi
    for runtime in incremental minimal stub; do
        "$asc" guest/legacy/assembly/client.ts --outFile $out/client-$runtime.wasm --runtime $runtime \
            --optimize --exportStart _start --use abort=
    done

# Install what runs components in JavaScript (needs Node.js), and a browser
javascript:
    #!/bin/sh
    set -eu
    out=target/javascript
    debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }
    if [ "$(cat $out/version 2>/dev/null)" != '{{ javascript }}' ]; then
        if ! command -v npm >/dev/null 2>&1 && debian; then
            apt-get update -qq && apt-get install -qq -y nodejs npm
        fi
        command -v npm >/dev/null 2>&1 || { echo "javascript: npm is missing; install Node.js" >&2; exit 1; }
        mkdir -p $out
        npm install --prefix $out --no-save --no-audit --no-fund --silent {{ javascript }}
        echo '{{ javascript }}' > $out/version
    fi
    if ! command -v chromium >/dev/null 2>&1 && debian; then
        apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium
    fi
    command -v chromium >/dev/null 2>&1 || { echo "javascript: chromium is missing; install it" >&2; exit 1; }

# Make the binary WIT package, ready for a registry: target/wasi-ephemeral-crypto.wasm
wit-package: setup
    cargo run --locked --release --quiet -p wasi-crypto-cli -- wit -o target/wasi-ephemeral-crypto.wasm

# Install a PostgreSQL server and PgBouncer for the tests to start, where this user may; without one, its tests say so and pass
postgresql:
    #!/bin/sh
    set -eu
    missing=
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing=postgresql
    ls /usr/sbin/pgbouncer >/dev/null 2>&1 || command -v pgbouncer >/dev/null 2>&1 || missing="$missing pgbouncer"
    if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
    fi

# Build the example in JavaScript (needs Node.js)
guests-js:
    sh examples/build.sh javascript

# Build the example in Python (needs Python 3)
guests-python:
    sh examples/build.sh python

# Build the example in C (needs Python 3, which installs Zig's compiler)
guests-c:
    sh examples/build.sh c

# Run all tests; arguments go to cargo test
test *ARGS: guests postgresql
    cargo test --locked --workspace "$@"

# Run all tests, then what takes too long for `test`: higher counts, the portable back end, and a while of fuzzing (needs a C++ compiler)
test-all: guests postgresql
    WASI_CRYPTO_TEST_ALL=1 cargo test --locked --workspace
    @just --justfile '{{ justfile() }}' test-portable
    @just --justfile '{{ justfile() }}' fuzz 10

# Run the engine's tests on what a guest can be built of: pure Rust, without threads
test-portable:
    cargo test --locked -p wasi-crypto-engine --no-default-features --features pure-aegis

# Fuzz the engine, and what makes components of modules; each target for so many seconds (needs a C++ compiler)
fuzz SECONDS="30":
    #!/bin/sh
    set -eu
    root=$PWD/target/cargo-fuzz-0.13.2
    [ -x "$root/bin/cargo-fuzz" ] || cargo install cargo-fuzz --version 0.13.2 --locked --quiet --root "$root"
    cd fuzz
    # Sanitizers are behind a flag of the compiler that the pinned toolchain has, too.
    fuzz() {
        target=$1
        shift
        mkdir -p "corpus/$target"
        RUSTC_BOOTSTRAP=1 PATH="$root/bin:$PATH" cargo fuzz run --target-dir ../target/fuzz "$target" \
            "corpus/$target" "$@" -max_total_time={{ SECONDS }} -timeout=60
    }
    for family in hash mac kdf password aead cipher session; do
        fuzz $family -- -max_len=8192
    done
    for target in componentize componentize-mutated; do
        fuzz $target seeds/modules -- -max_len=65536
    done
    fuzz componentize-generated -- -max_len=8192 -len_control=0
    fuzz compose seeds/compose seeds/modules -- -max_len=65536

# Measure calls from a component beside native code and pure wasm, and whole files; the reports go to target/bench
bench ROUNDS="31": setup
    cargo build --locked --release --target {{ guest_target }} -p wasi-crypto-bench-guest
    cargo build --locked --release --target {{ legacy_target }} -p wasi-crypto-bench-legacy
    cargo build --locked --release -p wasi-crypto-bench
    target/release/wasi-crypto-bench {{ guests }}/wasi_crypto_bench_guest.wasm \
        target/{{ legacy_target }}/release/wasi_crypto_bench_legacy.wasm target/bench {{ ROUNDS }}
    @just --justfile '{{ justfile() }}' bench-files

# Measure whole files through wcrypt beside sha256sum, b3sum, openssl and age; the report goes to target/bench
bench-files ROUNDS="5": build file-tools
    cargo build --locked --release -p wasi-crypto-bench-files
    target/release/wasi-crypto-bench-files target/release/wasi-crypto {{ guests }}/wcrypt.wasm target/bench {{ ROUNDS }}

# Measure every algorithm of the engine beside aws-lc, the portable crates and openssl; the report goes to target/bench
bench-algorithms ROUNDS="9":
    cargo build --locked --release -p wasi-crypto-bench-algorithms
    target/release/wasi-crypto-bench-algorithms target/bench {{ ROUNDS }}

# Install what whole files are measured beside, where this user may; what is missing is left out of the report
file-tools:
    #!/bin/sh
    set -eu
    missing=
    for tool in age b3sum openssl; do
        command -v $tool >/dev/null 2>&1 || missing="$missing $tool"
    done
    if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing
    fi

# Measure managed keys: cached fetches, and durable generation beside the syncs of the disk that it waits for
bench-keys: postgresql
    cargo run --locked --release -p wasi-crypto-keys --example bench

# Check format, lints and documentation
lint: setup
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cargo clippy --locked --target {{ guest_target }} -p wcrypt -p wasi-crypto-sdk -p wasi-crypto-test-guests -p wasi-crypto-test-interposer -p wasi-crypto-provider -p wasi-crypto-browser-example -- -D warnings
    cargo clippy --locked --target {{ legacy_target }} -p wasi-crypto-legacy-guests -p wasi-crypto-bench-legacy --all-targets -- -D warnings
    cargo clippy --locked --target {{ adapter_target }} -p wasi-crypto-adapter -- -D warnings
    cargo clippy --locked --target {{ guest_target }} -p wasi-crypto-engine --no-default-features -- -D warnings
    cargo clippy --locked -p wasi-crypto-host --no-default-features -- -D warnings
    cargo clippy --locked -p wasi-crypto-keys --no-default-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --quiet
