"""blake2b.vec and blake3.vec: the BLAKE2 KAT, the BLAKE3 test vectors, RFC 7693, and Python's hashlib."""

import hashlib

from vec import Vectors, b, text, upstream_json

LENGTHS = {0, 1, 2, 3, 15, 16, 63, 64, 65, 111, 112, 127, 128, 129, 191, 192, 254, 255}


def blake2b():
    vectors = Vectors("blake2b.vec")
    vectors.note("Source: RFC 7693, appendix A")
    abc = ("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
           "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")
    assert hashlib.blake2b(b"abc").hexdigest() == abc
    vectors.hash("rfc7693-abc", "BLAKE2B-512", b"abc", bytes.fromhex(abc))
    vectors.note("Source: the BLAKE2 KAT, blake2-kat.json, blake2b unkeyed and keyed")
    for entry in upstream_json("BLAKE2/BLAKE2", "testvectors/blake2-kat.json"):
        length = len(entry["in"]) // 2
        if entry["hash"] != "blake2b" or length not in LENGTHS:
            continue
        keyed = f"-keyed-{len(entry['key']) // 2}" if entry["key"] else ""
        vectors.case(f"kat{keyed}-{length}", f"key BLAKE2B-512 {b(entry['key'])}" if keyed else "", "open BLAKE2B-512",
                     f"absorb {b(entry['in'])}", f"squeeze = {entry['out']}")
    vectors.note("Made with Python's hashlib, which is the reference implementation: sizes, keys, salt, personalization")
    for size in (64, 32):
        algorithm = f"BLAKE2B-{8 * size}"
        name = algorithm.lower()
        for length in (0, 1, 3, 64, 127, 128, 129, 256, 1000):
            python_case(vectors, f"{name}-{length}", algorithm, size, bytes(i % 251 for i in range(length)))
        for length in (1, 16, 31, 32, 63, 64):
            python_case(vectors, f"{name}-key-{length}", algorithm, size, b"message", key=bytes(range(length)))
        for length in (1, 8, 15, 16):
            python_case(vectors, f"{name}-context-{length}", algorithm, size, b"message", person=b"personalization!"[:length])
            python_case(vectors, f"{name}-salt-{length}", algorithm, size, b"message", salt=b"salt and vinegar"[:length])
            python_case(vectors, f"{name}-all-{length}", algorithm, size, bytes(300), key=b"k" * 3 * length,
                        person=bytes(range(length)), salt=bytes(range(100, 100 + length)))
        python_case(vectors, f"{name}-context-that-is-empty", algorithm, size, b"message", person=b"")
        for fanout in (1, 2, 16, 255):
            python_case(vectors, f"{name}-fanout-{fanout}", algorithm, size, b"message", fanout=fanout)
        python_case(vectors, f"{name}-fanout-with-context", algorithm, size, b"message", person=b"My application", fanout=16)
        behaviour(vectors, algorithm, name, size)
    vectors.save()


def python_case(vectors, name, algorithm, size, message, key=b"", person=None, salt=None, fanout=None):
    if fanout is None:
        expected = hashlib.blake2b(message, digest_size=size, key=key, person=person or b"", salt=salt or b"").digest()
    else:
        expected = hashlib.blake2b(message, digest_size=size, person=person or b"", fanout=fanout, depth=1).digest()
    vectors.case(name, f"key {algorithm} {b(key)}" if key else "",
                 f"option context {b(person)}" if person is not None else "", f"option salt {b(salt)}" if salt else "",
                 f"option-u64 fanout {fanout}" if fanout else "", f"open {algorithm}", f"absorb {b(message)}",
                 f"squeeze = {b(expected)}")


def behaviour(vectors, algorithm, name, size):
    def digest(message, **options):
        return b(hashlib.blake2b(message, digest_size=size, **options).digest())

    vectors.case(f"{name}-digest-is-not-the-end", f"key {algorithm} {text('a key')}", f"option context {text('app')}",
                 f"option salt {text('salt')}", f"open {algorithm}", f"option-get context = {text('app')}",
                 f"option-get salt = {text('salt')}", f"absorb {text('ab')}", "clone fork",
                 f"squeeze = {digest(b'ab', key=b'a key', person=b'app', salt=b'salt')}", f"absorb {text('c')}",
                 f"squeeze = {digest(b'abc', key=b'a key', person=b'app', salt=b'salt')}", "state fork",
                 f"squeeze = {digest(b'ab', key=b'a key', person=b'app', salt=b'salt')}")
    vectors.case(f"{name}-truncates-but-never-extends", f"open {algorithm}", f"absorb {text('abc')}",
                 f"squeeze = {digest(b'abc')[:20]}", f"squeeze {size + 1} = !invalid_length", f"squeeze = {digest(b'abc')}")
    vectors.case(f"{name}-sizes", f"key {algorithm} 00*65 = !invalid_key", "option context 00*17",
                 f"open {algorithm} = !invalid_length", "no-options", "option salt 00*17",
                 f"open {algorithm} = !invalid_length")


def blake3():
    vectors = Vectors("blake3.vec")
    source = upstream_json("BLAKE3-team/BLAKE3", "test_vectors/test_vectors.json")
    key, context = source["key"], source["context_string"]
    vectors.note("Source: the BLAKE3 test vectors, test_vectors.json; outputs in two or three pieces")
    for index, entry in enumerate(source["cases"]):
        length = entry["input_len"]
        absorb = f"absorb pattern:251:{length}" if length else "absorb -"
        for mode, setup in (("hash", ""), ("keyed_hash", f"key BLAKE3 {text(key)}"),
                            ("derive_key", f"option context {text(context)}")):
            output, cut = entry[mode], 2 * (7 * index % 100)
            vectors.case(f"{mode.replace('_', '-')}-{length}", setup, "open BLAKE3", absorb,
                         f"squeeze = {output[:cut] or '-'}", f"squeeze = {output[cut:]}")
    empty = source["cases"][0]
    vectors.note("The same vectors, as the interface combines them")
    vectors.case("moves-on", f"key BLAKE3 {text(key)}", "open BLAKE3", "absorb -", "clone fork",
                 f"squeeze = {empty['keyed_hash'][:64]}", "state fork", f"squeeze = {empty['keyed_hash'][:128]}",
                 "absorb 00 = !invalid_operation")
    vectors.case("squeezes-a-key", f"option context {text(context)}", "open BLAKE3",
                 f"squeeze-key AES-256-GCM = {empty['derive_key'][:64]}",
                 f"squeeze-key AES-128-GCM = {empty['derive_key'][64:96]}")
    vectors.case("errors", "key BLAKE3 00*31 = !invalid_key", "key BLAKE3 00*33 = !invalid_key", "key BLAKE3 - = !invalid_key",
                 "option context ff", "open BLAKE3 = !unsupported_encoding", f"option context {text(context)}",
                 "key BLAKE3 00*32", "open BLAKE3 = !unsupported_option", "no-options", "generate BLAKE3 = 32", "open BLAKE3")
    vectors.save()


if __name__ == "__main__":
    blake2b()
    blake3()
