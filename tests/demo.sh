#!/bin/sh
# The main job on real files: hashes them, and encrypts and decrypts them, and compares with the system's own tools.
# Usage: demo.sh WASI_CRYPTO WCRYPT.wasm
set -eu

wasi_crypto=$1
wcrypt=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Real files: the tool itself, the licence, and nothing at all.
cp "$wcrypt" "$dir/wcrypt.wasm"
cp LICENSE "$dir/LICENSE"
: > "$dir/empty"

run() {
    "$wasi_crypto" run --dir "$dir::/" --env WCRYPT_PASSWORD="correct horse" "$wcrypt" "$@"
}

echo "SHA-256, through the host:"
(run hash -a SHA-256 /wcrypt.wasm /LICENSE /empty) | tee "$dir/ours"
echo "SHA-256, by sha256sum:"
(cd / && sha256sum "$dir/wcrypt.wasm" "$dir/LICENSE" "$dir/empty" | sed "s,$dir,,") | tee "$dir/theirs"
cmp "$dir/ours" "$dir/theirs"
echo "equal"

for file in wcrypt.wasm LICENSE empty; do
    run encrypt "/$file" "/$file.enc"
    run decrypt "/$file.enc" "/$file.dec"
    cmp "$dir/$file" "$dir/$file.dec"
    echo "$file: $(wc -c <"$dir/$file") bytes, encrypted to $(wc -c <"$dir/$file.enc"), decrypted to what it was"
done

# One byte changed, and there is an error and no file. It is flipped, since any fixed value may be what is there already.
byte=$(od -An -tu1 -j5000 -N1 "$dir/LICENSE.enc")
printf "\\$(printf %03o $((byte ^ 255)))" | dd of="$dir/LICENSE.enc" bs=1 seek=5000 conv=notrunc 2>/dev/null
if run decrypt /LICENSE.enc /LICENSE.bad; then
    echo "a changed file was accepted" >&2
    exit 1
fi
if [ -e "$dir/LICENSE.bad" ]; then
    echo "a failed decryption left a file behind" >&2
    exit 1
fi
echo "LICENSE.enc with one byte changed: refused, and no file left behind"
