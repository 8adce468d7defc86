"""xoodyak.vec and ascon.vec: KAT files of NIST's lightweight cryptography project, and sessions made with cyclist.py."""

from aeads import behaviour
from cyclist import Cyclist
from vec import Vectors, b, records, text, upstream

XOODYAK = ("usnistgov/Lightweight-Cryptography-Benchmarking", "implementations/xoodyak/crypto_aead_hash/xoodyakround3")
LENGTHS = {0, 1, 2, 15, 16, 17, 23, 24, 25, 31, 32}
HASH_LENGTHS = {0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128, 255, 256, 512, 1024}


def kat(repository, path, first="Count"):
    for record in records(upstream(repository, path), first):
        yield {name: value if name == "Count" else bytes.fromhex(value) for name, value in record.items()}


def aead_kat(vectors, algorithm, name, repository, path):
    for record in kat(repository, path):
        if not {len(record["PT"]), len(record["AD"])} <= LENGTHS or (len(record["PT"]) + len(record["AD"])) % 3 == 1:
            continue
        ciphertext, tag = record["CT"][:-16], record["CT"][-16:]
        vectors.aead(f"{name}-kat-{record['Count']}", algorithm, record["Key"], record["Nonce"], [record["AD"]],
                     record["PT"], ciphertext, tag)
        yield record


def xoodyak():
    vectors = Vectors("xoodyak.vec")
    repository, folder = XOODYAK
    vectors.note("Source: NIST LWC, Xoodyak round 3, LWC_AEAD_KAT_128_128.txt, a selection")
    for record in aead_kat(vectors, "XOODYAK-128", "aead", repository, f"{folder}/LWC_AEAD_KAT_128_128.txt"):
        session = Cyclist(record["Key"], record["Nonce"])
        session.absorb(record["AD"])
        assert session.encrypt(record["PT"]) + session.squeeze(16) == record["CT"]
    vectors.note("Source: NIST LWC, Xoodyak round 3, LWC_HASH_KAT_256.txt, a selection")
    for record in kat(repository, f"{folder}/LWC_HASH_KAT_256.txt"):
        if len(record["Msg"]) in HASH_LENGTHS:
            session = Cyclist()
            session.absorb(record["Msg"])
            assert session.squeeze(32) == record["MD"]
            vectors.case(f"hash-kat-{record['Count']}", "open XOODYAK-128", f"absorb {b(record['Msg'])}",
                         f"squeeze = {b(record['MD'])}")
    for algorithm, size in (("XOODYAK-128", 16), ("XOODYAK-160", 20)):
        sessions(vectors, algorithm, algorithm.lower(), bytes(range(0x80, 0x80 + size)))
    vectors.save()


def sessions(vectors, algorithm, name, key):
    vectors.note(f"{algorithm}: made with gen/cyclist.py, which the KAT above checks")
    for length in (None, 0, 1, 15, 16):
        nonce = None if length is None else b"sixteen byte nnc"[:length]
        for parts in ([], [b""], [b"data", b"more data"], [b"datamore data"], [bytes(44), bytes(45), bytes(200)]):
            session = Cyclist(key, nonce or b"")
            setup = [f"key {algorithm} {b(key)}", f"option nonce {b(nonce)}" if nonce is not None else "",
                     f"open {algorithm}", *(f"absorb {b(part)}" for part in parts)]
            for part in parts:
                session.absorb(part)
            label = f"{name}-nonce-{'none' if nonce is None else length}-{len(parts)}-{sum(map(len, parts))}"
            message = b"abcd" * (len(parts) * 7)
            sealed = session.encrypt(message) + session.squeeze(16)
            tail = [f"squeeze = {b(session.squeeze(16))}", f"squeeze = {b(session.squeeze(50))}"]
            vectors.case(label, *setup, f"encrypt {b(message)} = {b(sealed)}", *tail, *setup[2:],
                         f"decrypt {b(sealed)} = {b(message)}", *tail)
    long_session(vectors, algorithm, name, key)
    hash_sessions(vectors, algorithm, name)
    vectors.case(f"{name}-sizes", f"key {algorithm} 00*{len(key) - 1} = !invalid_key",
                 f"key {algorithm} 00*{len(key) + 1} = !invalid_key", f"key {algorithm} - = !invalid_key",
                 f"generate {algorithm} = {len(key)}", f"open {algorithm}", "max-tag-len = 16", "option nonce 00*17",
                 f"open {algorithm} = !invalid_nonce")


def long_session(vectors, algorithm, name, key):
    """The usage pattern of the source documents, twice around, from both ends."""
    session, alice, bob = Cyclist(key), [], []
    for turn in range(2):
        session.absorb(b"data")
        ciphertext = session.encrypt(b"abcd")
        tag = session.squeeze(16)
        session.absorb(b"more data")
        out, out2 = session.squeeze(16), session.squeeze(100)
        session.ratchet()
        mac = session.squeeze(16)
        session.absorb(b"")
        detached = session.encrypt(bytes(100))
        detached_tag = session.squeeze(16)
        both = [f"absorb {text('more data')}", f"squeeze = {b(out)}", f"squeeze = {b(out2)}", "ratchet"]
        sealed = b(ciphertext + tag)
        alice += [f"absorb {text('data')}", f"encrypt {text('abcd')} = {sealed}", *both, f"squeeze-tag = {b(mac)}",
                  "absorb -", f"encrypt-detached {b(bytes(100))} = {b(detached)} {b(detached_tag)}"]
        bob += [f"absorb {text('data')}", f"decrypt {sealed} = {text('abcd')}", *both, f"verify {b(mac)}", "absorb -",
                f"decrypt-detached {b(detached)} {b(detached_tag)} = {b(bytes(100))}"]
    fork = "clone fork"
    session.absorb(b"derive")
    session_key = session.squeeze_key(len(key))
    aes_key = session.squeeze_key(32)
    derive = [f"absorb {text('derive')}", f"squeeze-key {algorithm} = {b(session_key)}", f"squeeze-key AES-256-GCM = {b(aes_key)}",
              f"squeeze = {b(session.squeeze(5))}"]
    setup = [f"key {algorithm} {b(key)}", f"open {algorithm}"]
    vectors.case(f"{name}-session-sender", *setup, *alice, *derive)
    vectors.case(f"{name}-session-receiver", *setup, *bob, fork, *derive, "state fork", *derive)
    resumed = Cyclist(session_key)
    resumed.absorb(b"resumed")
    vectors.case(f"{name}-session-resumed-with-the-key", *setup, *alice, *derive[:2], f"open {algorithm}",
                 f"absorb {text('resumed')}", f"squeeze = {b(resumed.squeeze(32))}")
    session = Cyclist(key)
    sealed = session.encrypt(b"abcd") + session.squeeze(16)
    bad = bytes([sealed[0] ^ 1]) + sealed[1:]
    vectors.case(f"{name}-forgery", *setup, "clone fork", f"decrypt {b(bad)} = !invalid_tag", "state fork",
                 f"encrypt {text('abcd')} = !nonce_required", f"decrypt {b(sealed)} = {text('abcd')}")


def hash_sessions(vectors, algorithm, name):
    session = Cyclist()
    start = session.squeeze(32)
    session.absorb(b"value 1")
    session.absorb(b"value 2")
    first = session.squeeze(40)
    session.absorb(b"")
    second = session.squeeze(7)
    vectors.case(f"{name}-hash-session", f"open {algorithm}", f"squeeze = {b(start)}", f"absorb {text('value 1')}", "clone fork",
                 f"absorb {text('value 2')}", f"squeeze = {b(first)}", "absorb -", f"squeeze = {b(second)}", "state fork",
                 f"absorb {text('value 2')}", f"squeeze = {b(first)}", "encrypt 00 = !invalid_operation",
                 "decrypt 00*17 = !invalid_operation", "encrypt-detached 00 = !invalid_operation",
                 "decrypt-detached 00 00*16 = !invalid_operation", "ratchet = !invalid_operation")


def ascon():
    vectors = Vectors("ascon.vec")
    vectors.note("Source: the SP 800-232 KAT in ascon-c, asconaead128, LWC_AEAD_KAT_128_128.txt, a selection")
    path = "crypto_aead/asconaead128/LWC_AEAD_KAT_128_128.txt"
    for record in aead_kat(vectors, "ASCON-AEAD", "aead", "ascon/ascon-c", path):
        assert b"".join(ascon_seal(record["Key"], record["Nonce"], record["AD"], record["PT"])) == record["CT"]
    vectors.note("Source: the SP 800-232 KAT in ascon-c, asconhash256, LWC_HASH_KAT_128_256.txt, a selection")
    digests = {}
    for record in kat("ascon/ascon-c", "crypto_hash/asconhash256/LWC_HASH_KAT_128_256.txt"):
        digests[record["Msg"]] = record["MD"]
        if len(record["Msg"]) in HASH_LENGTHS:
            vectors.hash(f"hash-kat-{record['Count']}", "ASCON-HASH", record["Msg"], record["MD"])
    key, nonce = bytes(range(16)), bytes(range(100, 116))
    behaviour(vectors, "ASCON-AEAD", key, nonce, lambda ad, plaintext: ascon_seal(key, nonce, ad, plaintext), True, [32])
    two, three = bytes(range(2)), bytes(range(3))
    vectors.note("The same KAT, as the interface combines it")
    vectors.case("hash-digest-is-not-the-end", "open ASCON-HASH", f"absorb {b(two)}", f"squeeze = {b(digests[two])}",
                 "clone fork", f"absorb {b(three[2:])}", f"squeeze = {b(digests[three])}",
                 f"squeeze = {b(digests[three][:9])}", "squeeze 33 = !invalid_length", "state fork",
                 f"squeeze = {b(digests[two])}")
    vectors.save()


def ascon_seal(key, nonce, ad, plaintext):
    """Ascon-AEAD128, SP 800-232, section 4; the KAT above checks it."""
    words = lambda data: [int.from_bytes(data[i:i + 8], "little") for i in range(0, len(data), 8)]
    blocks = lambda data: [words((data + b"\x01").ljust(16 * (len(data) // 16 + 1), b"\x00")[i:i + 16])
                           for i in range(0, len(data) + 1, 16)]
    k = words(key)
    s = ascon_permutation([0x00001000808C0001, *k, *words(nonce)], 12)
    s[3], s[4] = s[3] ^ k[0], s[4] ^ k[1]
    for block in blocks(ad) if ad else []:
        s[0], s[1] = s[0] ^ block[0], s[1] ^ block[1]
        s = ascon_permutation(s, 8)
    s[4] ^= 1 << 63
    out = b""
    for index, block in enumerate(blocks(plaintext)):
        if index:
            s = ascon_permutation(s, 8)
        s[0], s[1] = s[0] ^ block[0], s[1] ^ block[1]
        out += s[0].to_bytes(8, "little") + s[1].to_bytes(8, "little")
    s[2], s[3] = s[2] ^ k[0], s[3] ^ k[1]
    s = ascon_permutation(s, 12)
    tag = (s[3] ^ k[0]).to_bytes(8, "little") + (s[4] ^ k[1]).to_bytes(8, "little")
    return out[:len(plaintext)], tag


def ascon_permutation(s, rounds):
    mask = (1 << 64) - 1
    right = lambda word, bits: (word >> bits | word << (64 - bits)) & mask
    for i in range(12 - rounds, 12):
        s = [s[0] ^ s[4], s[1], s[2] ^ (0xF0 - 0x0F * i) ^ s[1], s[3], s[4] ^ s[3]]
        s = [s[x] ^ (~s[(x + 1) % 5] & s[(x + 2) % 5] & mask) for x in range(5)]
        s = [s[0] ^ s[4], s[1] ^ s[0], s[2] ^ mask, s[3] ^ s[2], s[4]]
        s = [word ^ right(word, m) ^ right(word, n)
             for word, (m, n) in zip(s, ((19, 28), (61, 39), (1, 6), (10, 17), (7, 41)))]
    return s


if __name__ == "__main__":
    xoodyak()
    ascon()
