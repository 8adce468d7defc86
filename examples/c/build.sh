#!/bin/sh
# Makes seal.core.wasm of the sources; `wasi-crypto adapt seal.core.wasm -o seal.wasm` makes a component of it. Needs
# wit-bindgen (cargo install wit-bindgen-cli) and a compiler for wasm32-wasi, which Zig brings (pip install -r requirements.txt).
set -eu
cd "$(dirname "$0")"
wit-bindgen c wit --world seal --out-dir gen
${CC:-python3 -m ziglang cc} -target wasm32-wasi -Os -Wall -Wextra -Werror -Isrc -Igen -o seal.core.wasm \
    src/*.c gen/seal.c gen/seal_component_type.o
