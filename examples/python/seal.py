"""Hashes, authenticates, encrypts and decrypts files with the cryptography of the host."""

import sys
from io import BytesIO
from pathlib import Path

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import symmetric_batch, symmetric_oneshot
from wit_world.imports.symmetric import SymmetricKey, SymmetricState
from wit_world.imports.symmetric_batch import SqueezeParams
from wit_world.imports.symmetric_oneshot import Message

from vectors import selftest

USAGE = """\
usage: seal hash FILE...           SHA-256 of each file, all in one batch
       seal mac KEYFILE FILE...    HMAC/SHA-256 of each file
       seal seal KEYFILE FILE...   encrypts each FILE to FILE.sealed; the key has 32 bytes
       seal open KEYFILE FILE...   decrypts each FILE.sealed to FILE
       seal selftest FILE.vec...   plays test vectors"""

AEAD = "XCHACHA20-POLY1305"
NONCE = 24
PIECE = 65536


class Failure(Exception):
    """What the program ends with, in words for whoever called it."""


def digest(paths):
    """One state for each file, and one call of the host for all digests."""
    states = []
    for path in paths:
        state = SymmetricState.open("SHA-256", None, None)
        with open(path, "rb") as file:
            while piece := file.read(PIECE):
                state.absorb(piece)
        states.append(state)
    digests = symmetric_batch.squeeze([SqueezeParams(state, 32) for state in states])
    for path, value in successes(paths, digests):
        print(f"{value.hex()}  {path}")


def mac(key_path, paths):
    key = import_key("HMAC/SHA-256", key_path)
    for path in paths:
        tag = symmetric_oneshot.authenticate(key, Path(path).read_bytes())
        print(f"{tag.hex()}  {path}")


def seal(key_path, paths):
    """A sealed file is the nonce that the host picked, then the ciphertext; its name is authenticated."""
    key = import_key(AEAD, key_path)
    messages = [Message(None, path.encode(), Path(path).read_bytes()) for path in paths]
    sealed = symmetric_oneshot.encrypt_many(key, messages)
    # One list for all messages; those that failed have no part in it.
    nonces, ciphertexts = BytesIO(sealed.nonces), BytesIO(sealed.ciphertexts)
    for path, length in successes(paths, sealed.lengths):
        Path(f"{path}.sealed").write_bytes(nonces.read(NONCE) + ciphertexts.read(length))


def unseal(key_path, paths):
    key = import_key(AEAD, key_path)
    messages = []
    for path in paths:
        sealed = Path(f"{path}.sealed").read_bytes()
        messages.append(Message(sealed[:NONCE], path.encode(), sealed[NONCE:]))
    opened = symmetric_oneshot.decrypt_many(key, messages)
    contents = BytesIO(opened.messages)
    for path, length in successes(paths, opened.lengths):
        Path(path).write_bytes(contents.read(length))


def import_key(algorithm, path):
    try:
        return SymmetricKey.import_(algorithm, Path(path).read_bytes())
    except Err as error:
        raise Failure(f"{path}: {name(error)}") from None


def successes(paths, results):
    """The results of a batch that are values. One that failed leaves the others alone, and fails the program."""
    failures = []
    for path, result in zip(paths, results):
        if isinstance(result, Ok):
            yield path, result.value
        else:
            failures.append(f"{path}: {name(result)}")
    if failures:
        raise Failure("\n".join(failures))


def name(error):
    """The name of an error code, as in the WIT package."""
    return error.value.name.lower().replace("_", "-")


def main(arguments):
    match arguments:
        case ["hash", _, *_]:
            digest(arguments[1:])
        case ["mac", key_path, _, *_]:
            mac(key_path, arguments[2:])
        case ["seal", key_path, _, *_]:
            seal(key_path, arguments[2:])
        case ["open", key_path, _, *_]:
            unseal(key_path, arguments[2:])
        case ["selftest", _, *_]:
            for path in arguments[1:]:
                try:
                    print(f"{path}: {selftest(Path(path).read_text())} cases")
                except AssertionError as mismatch:
                    raise Failure(f"{path}: {mismatch}") from None
        case _:
            raise Failure(USAGE)


class Run(exports.Run):
    """The export wasi:cli/run: `Err` is the error of its result, and exit code 1."""

    def run(self):
        try:
            main(sys.argv[1:])
        except Failure as failure:
            print(failure, file=sys.stderr)
        except OSError as error:
            print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        except Err as error:
            print(name(error), file=sys.stderr)
        else:
            return
        raise Err(None)
