#!/bin/sh
# Builds the examples that are not written in Rust, each in a copy under target/languages, with the tools that it pins.
# Usage: sh examples/build.sh javascript|python|c
set -eu
cd "$(dirname "$0")/.."

example=$1
source=$PWD/examples/$example
root=$PWD/target/languages
work=$root/$example
export CARGO_INSTALL_ROOT="$root/tools" PIP_CACHE_DIR="$root/pip-cache" ZIG_GLOBAL_CACHE_DIR="$root/zig-cache"
export PATH="$root/tools/bin:$root/venv/bin:$PATH"

# Debian's package of a tool that is not there.
need() {
    command=$1
    shift
    eval "$command" >/dev/null 2>&1 && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && apt-get install -qq -y "$@" >&2
    fi
    eval "$command" >/dev/null 2>&1 || {
        echo "examples/$example: install Debian's $*, or what is the same elsewhere" >&2
        exit 1
    }
}

# Installs what an example's requirements.txt pins, unless it is there.
pip_install() {
    need 'python3 -c "import ensurepip"' python3 python3-venv
    [ -x "$root/venv/bin/pip" ] || python3 -m venv "$root/venv"
    "$root/venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
}

case $example in
c) result=seal.core.wasm ;;
javascript | python) result=seal.wasm ;;
*)
    echo "usage: sh examples/build.sh javascript|python|c" >&2
    exit 2
    ;;
esac

if [ -e "$work/$result" ] &&
    [ -z "$(find "$source" wit examples/build.sh -newer "$work/$result")" ]; then
    exit 0
fi

# The copy has the files that symbolic links lead to.
mkdir -p "$work"
rm -rf "$work/wit"
cp -rL "$source/." "$work"
cd "$work"

case $example in
javascript)
    need 'npm --version' nodejs npm
    cmp -s "$source/package-lock.json" node_modules/.installed || {
        npm install --no-audit --no-fund --silent
        cp "$source/package-lock.json" node_modules/.installed
    }
    npm run build --silent
    ;;
python)
    pip_install
    ./build.sh
    ;;
c)
    pip_install
    # The generator has little to do, so that it is not worth optimizing.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_TARGET_DIR="$root/tools/build" \
        cargo install --quiet --locked wit-bindgen-cli@0.61.1 --no-default-features --features c
    rm -rf "$root/tools/build"
    ./build.sh
    ;;
esac
