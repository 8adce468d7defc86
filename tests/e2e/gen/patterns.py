"""Prints the constants of tests/patterns.rs, made with other people's implementations of the algorithms.

It needs Python 3.11 and its packages `argon2-cffi`, `blake3`, `cryptography` (48 or later) and `pycryptodome`.
"""

import hashlib
import hmac
import pathlib
import sys

import argon2.low_level
import blake3
from Crypto.Hash import cSHAKE256
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

# The vectors' model of Xoodyak, which NIST's known answers check.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "vectors" / "gen"))
from cyclist import Cyclist

COUNTING = bytes(range(32))
MESSAGE = b"datamore_data"


def constant(name, value, source):
    print(f"/// Source: {source}.")
    print(f'const {name}: &str =\n    "{value if isinstance(value, str) else value.hex()}";')


def tuple_hash_xof_256(elements, length):
    """SP 800-185, section 5.3.1; the encodings are those of section 2.3, for lengths below 256 bits."""
    encoded = b"".join(b"\x01" + bytes([8 * len(element)]) + element for element in elements)
    return cSHAKE256._new(encoded + b"\x00\x01", b"", b"TupleHash").read(length)


constant("SHAKE_128", hashlib.shake_128(MESSAGE).digest(64), "hashlib of Python")
constant("HMAC_SHA_512", hmac.digest(b"key", MESSAGE, "sha512"), "hmac of Python")
constant("TUPLE_HASH_XOF_256", tuple_hash_xof_256([b"value 1", b"value 2", b"value 3"], 64),
         "the cSHAKE256 of pycryptodome, with the encodings of SP 800-185")

prk = hmac.digest(b"salt", b"key", "sha512")
constant("PRK", prk, "hmac of Python: RFC 5869, section 2.2, is one HMAC")
constant("SUBKEY", HKDFExpand(hashes.SHA512(), 32, b"info").derive(prk), "HKDFExpand of Python's cryptography")

stream = blake3.blake3(b"context", key=COUNTING).digest(length=64)
constant("BLAKE3_SUBKEY_1", stream[:32], "blake3 of PyPI")
constant("BLAKE3_SUBKEY_2", stream[32:], "blake3 of PyPI")

constant("BLAKE2B_512", hashlib.blake2b(b"data", person=b"My application", fanout=16).digest(), "hashlib of Python")

constant("ARGON2_STRING",
         argon2.low_level.hash_secret(b"password", b"sixteen byte slt", time_cost=5, memory_cost=1_000_000_000 // 1024,
                                      parallelism=8, hash_len=32, type=argon2.low_level.Type.ID).decode(),
         "argon2-cffi, which is the reference implementation in C")

constant("AES_256_GCM", AESGCM(COUNTING).encrypt(b"twelve bytes", b"test", b"additional data"),
         "AESGCM of Python's cryptography, which is OpenSSL")
constant("AES_256_GCM_SIV", AESGCMSIV(COUNTING).encrypt(b"twelve bytes", b"test", b"additional data"),
         "AESGCMSIV of Python's cryptography, which is OpenSSL")

session = Cyclist(COUNTING[:16])
session.absorb(b"data")
source = "gen/cyclist.py of the vectors, which NIST's known answers check; XKCP's reference code gives the same"
constant("SESSION_CIPHERTEXT", session.encrypt(b"abcd") + session.squeeze(16), source)
session.absorb(b"more data")
constant("SESSION_OUT", session.squeeze(16), source)
constant("SESSION_OUT2", session.squeeze(16), source)
session.ratchet()
session.absorb(b"more data")
constant("SESSION_NEXT_KEY", session.squeeze_key(16), source)

constant("BATCH_1", AESGCM(COUNTING).encrypt(b"nonce number", b"message", None), "AESGCM of Python's cryptography")
constant("BATCH_2", AESGCM(b"\x42" * 32).encrypt(b"number nonce", b"a longer message", None),
         "AESGCM of Python's cryptography")
