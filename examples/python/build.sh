#!/bin/sh
# Makes seal.wasm of seal.py. Needs componentize-py: pip install -r requirements.txt
set -eu
cd "$(dirname "$0")"
componentize-py --wit-path wit --world seal componentize seal --output seal.wasm
