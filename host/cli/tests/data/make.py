"""Makes the expected values of the tests beside this folder, with implementations that are not ours.

pip install cryptography argon2-cffi pycryptodome
"""

from pathlib import Path

from argon2.low_level import Type, hash_secret
from Crypto.Hash import cSHAKE256
from Crypto.Hash.cSHAKE128 import _right_encode
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

here = Path(__file__).parent

key = bytes.fromhex("00112233445566778899aabbccddeeff")
nonce = bytes(range(12))
sealed = AESGCM(key).encrypt(nonce, b"attack at dawn", b"\xca\xfe")
(here / "sealed.hex").write_text(sealed.hex() + "\n")

stored = hash_secret(b"correct horse", bytes(range(16)), 2, 256, 1, 32, Type.ID)
(here / "argon2-cffi.phc").write_text(stored.decode() + "\n")


def encode_string(string):
    bits = len(string) * 8
    count = max(1, (bits.bit_length() + 7) // 8)
    return bytes([count]) + bits.to_bytes(count, "big") + string


# TupleHashXOF256 is cSHAKE256 with the function name "TupleHash", over the encoded elements and right_encode(0).
xof = cSHAKE256._new(b"", b"", b"TupleHash")
xof.update(encode_string(b"a" * 3_000_000) + _right_encode(0))
(here / "tuple.hex").write_text(xof.read(32).hex() + "\n")
