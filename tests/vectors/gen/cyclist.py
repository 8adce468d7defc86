"""Xoodyak's Cyclist mode on Xoodoo[12], from "Xoodyak, a lightweight cryptographic scheme" (ToSC 2020), sections 2 and 7.

Slow and plain: it makes and checks vectors, and protects nothing.
"""

ROUND_CONSTANTS = (0x58, 0x38, 0x3C0, 0xD0, 0x120, 0x14, 0x60, 0x2C, 0x380, 0xF0, 0x1A0, 0x12)
HASH_RATE, ABSORB_RATE, SQUEEZE_RATE, RATCHET_RATE = 16, 44, 24, 16


def rotate(word, bits):
    return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF if bits else word


def xoodoo(state):
    """The permutation of 48 bytes: planes y = 0, 1, 2 of four 32-bit lanes."""
    a = [[int.from_bytes(state[16 * y + 4 * x:16 * y + 4 * x + 4], "little") for x in range(4)] for y in range(3)]
    for constant in ROUND_CONSTANTS:
        parity = [a[0][x] ^ a[1][x] ^ a[2][x] for x in range(4)]
        effect = [rotate(parity[(x - 1) % 4], 5) ^ rotate(parity[(x - 1) % 4], 14) for x in range(4)]
        a = [[lane ^ effect[x] for x, lane in enumerate(plane)] for plane in a]
        a[1] = [a[1][(x - 1) % 4] for x in range(4)]
        a[2] = [rotate(lane, 11) for lane in a[2]]
        a[0][0] ^= constant
        a = [[a[y][x] ^ (~a[(y + 1) % 3][x] & a[(y + 2) % 3][x] & 0xFFFFFFFF) for x in range(4)] for y in range(3)]
        a[1] = [rotate(lane, 1) for lane in a[1]]
        a[2] = [rotate(a[2][(x - 2) % 4], 8) for x in range(4)]
    return bytearray(b"".join(lane.to_bytes(4, "little") for plane in a for lane in plane))


def split(data, size):
    return [data[i:i + size] for i in range(0, len(data), size)] or [b""]


class Cyclist:
    """Keyed mode with a key, hash mode without."""

    def __init__(self, key=b"", identifier=b""):
        self.state, self.up_phase, self.keyed = bytearray(48), True, bool(key)
        self.absorb_rate, self.squeeze_rate = (ABSORB_RATE, SQUEEZE_RATE) if key else (HASH_RATE, HASH_RATE)
        if key:
            self._absorb_any(key + identifier + bytes([len(identifier)]), ABSORB_RATE, 0x02)

    def absorb(self, data):
        self._absorb_any(data, self.absorb_rate, 0x03)

    def encrypt(self, plaintext):
        return self._crypt(plaintext, False)

    def decrypt(self, ciphertext):
        return self._crypt(ciphertext, True)

    def squeeze(self, length):
        return self._squeeze_any(length, 0x40)

    def squeeze_key(self, length):
        return self._squeeze_any(length, 0x20)

    def ratchet(self):
        self._absorb_any(self._squeeze_any(RATCHET_RATE, 0x10), RATCHET_RATE, 0x00)

    def _absorb_any(self, data, rate, colour):
        for block in split(data, rate):
            if not self.up_phase:
                self._up(0, 0)
            self._down(block, colour)
            colour = 0

    def _crypt(self, data, decrypting):
        colour, out = 0x80, b""
        for block in split(data, SQUEEZE_RATE):
            result = bytes(x ^ y for x, y in zip(block, self._up(len(block), colour)))
            self._down(result if decrypting else block, 0)
            colour, out = 0, out + result
        return out

    def _squeeze_any(self, length, colour):
        out = self._up(min(length, self.squeeze_rate), colour)
        while len(out) < length:
            self._down(b"", 0)
            out += self._up(min(length - len(out), self.squeeze_rate), 0)
        return out

    def _down(self, block, colour):
        self.up_phase = False
        for i, byte in enumerate(block + b"\x01"):
            self.state[i] ^= byte
        self.state[47] ^= colour if self.keyed else colour & 1

    def _up(self, length, colour):
        self.up_phase = True
        if self.keyed:
            self.state[47] ^= colour
        self.state = xoodoo(self.state)
        return bytes(self.state[:length])
