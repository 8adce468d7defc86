"""strobe.vec: STROBE 1.0.2 sessions, made with the plain implementation below, which strobe-rs's KAT files check.

How the interface maps to STROBE: the option `context` is the protocol name, a key is KEY, absorb is AD, squeeze,
squeeze-tag and squeeze-key are PRF, encrypt is send_ENC and a send_MAC of 16 bytes, decrypt is recv_ENC and recv_MAC, ratchet is RATCHET
of as many bytes as the security level has.
"""

from vec import Vectors, b, text, upstream_json

I, A, C, T, M = 1, 2, 4, 8, 16
ROTATIONS = ((0, 36, 3, 41, 18), (1, 44, 10, 45, 2), (62, 6, 43, 15, 61), (28, 55, 25, 21, 56), (27, 20, 39, 8, 14))
MASK = (1 << 64) - 1


def round_constants():
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


CONSTANTS = round_constants()


def rotate(lane, bits):
    return (lane << bits | lane >> (64 - bits)) & MASK if bits else lane


def keccak_f(state):
    """FIPS 202, section 3.3, on 200 bytes."""
    a = [[int.from_bytes(state[8 * (x + 5 * y):8 * (x + 5 * y) + 8], "little") for y in range(5)] for x in range(5)]
    for constant in CONSTANTS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[(x - 1) % 5] ^ rotate(c[(x + 1) % 5], 1) for x in range(5)]
        moved = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                moved[y][(2 * x + 3 * y) % 5] = rotate(a[x][y] ^ d[x], ROTATIONS[x][y])
        a = [[moved[x][y] ^ (~moved[(x + 1) % 5][y] & moved[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        a[0][0] ^= constant
    return bytearray(b"".join(a[x][y].to_bytes(8, "little") for y in range(5) for x in range(5)))


class Strobe:
    def __init__(self, protocol, bits):
        self.rate = 200 - bits // 4 - 2
        self.state = keccak_f(bytes([1, self.rate + 2, 1, 0, 1, 96]) + b"STROBEv1.0.2" + bytes(182))
        self.position, self.begin, self.receiver = 0, 0, None
        self.operate(A | M, protocol)

    def operate(self, flags, data):
        """One operation; what it gives back is empty for those that only take."""
        kind = flags & ~M
        if flags & T:
            self.receiver = flags & I if self.receiver is None else self.receiver
            flags ^= self.receiver
        begin, self.begin = self.begin, self.position + 1
        self.duplex(bytes([begin, flags]), False, False)
        if flags & C and self.position:
            self.run()
        before, after = kind in (I | A | C, A | C, C, I | A | C | T, I | C | T), kind in (A | C | T, C | T)
        return self.duplex(data, before, after)

    def duplex(self, data, before, after):
        out = bytearray()
        for byte in data:
            old = self.state[self.position]
            self.state[self.position] = new = byte if before else old ^ byte
            out.append(old ^ byte if before else new if after else byte)
            self.position += 1
            if self.position == self.rate:
                self.run()
        return bytes(out)

    def run(self):
        self.state[self.position] ^= self.begin
        self.state[self.position + 1] ^= 4
        self.state[self.rate + 1] ^= 0x80
        self.state, self.position, self.begin = keccak_f(self.state), 0, 0

    def key(self, key):
        self.operate(A | C, key)

    def ad(self, data):
        self.operate(A, data)

    def prf(self, length):
        return self.operate(I | A | C, bytes(length))

    def encrypt(self, plaintext):
        return self.operate(A | C | T, plaintext) + self.operate(C | T, bytes(16))

    def decrypt(self, sealed):
        plaintext = self.operate(I | A | C | T, sealed[:-16])
        assert not any(self.operate(I | C | T, sealed[-16:]))
        return plaintext

    def ratchet(self, length):
        self.operate(C, bytes(length))


def check():
    names = {"AD": A, "KEY": A | C, "PRF": I | A | C, "send_CLR": A | T, "recv_CLR": I | A | T, "send_ENC": A | C | T,
             "recv_ENC": I | A | C | T, "send_MAC": C | T, "recv_MAC": I | C | T, "RATCHET": C}
    for kat in ("simple", "meta", "boundary"):
        source = upstream_json("rozbb/strobe-rs", f"kat/{kat}_test_vector.json")
        strobe = Strobe(source["proto_string"].encode(), source["security"])
        for step in source["operations"]:
            if step["name"] != "init":
                data = bytes.fromhex(step["input_data"])
                strobe.operate(names[step["name"]] | (M if step["meta"] else 0), data)
            assert strobe.state.hex() == step["state_after"], (kat, step)


def sessions(vectors, bits):
    algorithm, name = f"STROBE-{bits}", f"strobe-{bits}"
    key = bytes(range(0x80, 0xA0))
    vectors.note(f"Source: STROBE 1.0.2, STROBE-{bits}; made with gen/strobe.py, which strobe-rs's KAT files check")
    for label in ("app", "x" * 200):
        context = f"option context {b(label.encode()) if len(label) > 9 else text(label)}"
        for keyed in (False, True):
            for parts in ([], [b""], [b"data", b"more data"], [b"datamore data"], [bytes(150), bytes(170), bytes(500)]):
                strobe = Strobe(label.encode(), bits)
                if keyed:
                    strobe.key(key)
                for part in parts:
                    strobe.ad(part)
                cuts = [strobe.prf(n) for n in (16, 1, 200)]
                suffix = f"{'keyed' if keyed else 'hash'}-{len(label)}-{len(parts)}-{sum(map(len, parts))}"
                vectors.case(f"{name}-{suffix}", context, f"key {algorithm} {b(key)}" if keyed else "", f"open {algorithm}",
                             *(f"absorb {b(part)}" for part in parts), *(f"squeeze = {b(cut)}" for cut in cuts))
    setup = [f"option context {text('talk')}", f"key {algorithm} {b(key)}", f"open {algorithm}"]
    for length in (0, 1, 16, 133, 134, 165, 166, 167, 500):
        message = bytes(i % 251 for i in range(length))
        strobe = Strobe(b"talk", bits)
        strobe.key(key)
        strobe.ad(b"header")
        sealed = strobe.encrypt(message)
        c, t = sealed[:-16], sealed[-16:]
        again = [*setup, f"absorb {text('header')}"]
        vectors.case(f"{name}-encrypt-{length}", *again, f"encrypt {b(message)} = {b(sealed)}", *again,
                     f"encrypt-detached {b(message)} = {b(c)} {b(t)}", *again, f"decrypt {b(sealed)} = {b(message)}", *again,
                     f"decrypt-detached {b(c)} {b(t)} = {b(message)}", *again,
                     f"decrypt-detached {b(c)} {b(bytes(16))} = !invalid_tag")
    conversation(vectors, algorithm, name, bits, key, setup)
    vectors.case(f"{name}-sizes", f"open {algorithm} = !parameters_missing", f"key {algorithm} 00*31 = !invalid_key",
                 f"key {algorithm} 00*33 = !invalid_key", f"key {algorithm} - = !invalid_key", f"generate {algorithm} = 32",
                 "option nonce 00*16", f"option context {text('talk')}", f"open {algorithm} = !unsupported_option",
                 "no-options", setup[0], f"open {algorithm}", "max-tag-len = 16", f"option-get context = {text('talk')}")


def conversation(vectors, algorithm, name, bits, key, setup):
    """Two parties take turns, ratchet, and part with a key."""
    alice, bob = Strobe(b"talk", bits), Strobe(b"talk", bits)
    script = {"sender": [], "receiver": []}
    for party in (alice, bob):
        party.key(key)
    for turn, message in enumerate((b"hello", b"hello yourself", bytes(200), b"")):
        sender, receiver = (alice, bob) if turn % 2 == 0 else (bob, alice)
        there, here = ("sender", "receiver") if turn % 2 == 0 else ("receiver", "sender")
        sealed = sender.encrypt(message)
        assert receiver.decrypt(sealed) == message
        script[there].append(f"encrypt {b(message)} = {b(sealed)}")
        script[here].append(f"decrypt {b(sealed)} = {b(message)}")
        for party in (alice, bob):
            party.ad(b"turn")
        for steps in script.values():
            steps.append(f"absorb {text('turn')}")
    for kind in ("", "-ratcheted"):
        outputs = []
        for party in (alice, bob):
            if kind:
                party.ratchet(bits // 8)
            outputs.append((party.prf(16), party.prf(16), party.prf(32), party.prf(32), party.prf(20)))
        assert outputs[0] == outputs[1]
        tag, tag_2, session_key, aes_key, rest = outputs[0]
        tail = [f"squeeze-tag = {b(tag)}", f"verify {b(tag_2)}", f"squeeze-key {algorithm} = {b(session_key)}", f"squeeze-key AES-256-GCM = {b(aes_key)}", f"squeeze = {b(rest)}"]
        for role, steps in script.items():
            steps += ["ratchet", *tail] if kind else tail
            vectors.case(f"{name}-conversation-{role}{kind}", *setup, *steps)


def main():
    check()
    vectors = Vectors("strobe.vec")
    for bits in (128, 256):
        sessions(vectors, bits)
    vectors.save()


if __name__ == "__main__":
    main()
