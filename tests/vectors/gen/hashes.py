"""sha2.vec, sha3.vec and shake.vec, from NIST's CAVP files in the package `cryptography-vectors`."""

import hashlib

from vec import Vectors, b, package_file, records, text

PACKAGE = "cryptography_vectors"
SHORT = {0, 1, 2, 3, 4, 8, 16, 31, 32, 48, 54, 55, 56, 63, 64}
MILLION_A = {
    "SHA-256": "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    "SHA-384": "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985",
    "SHA-512": "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
               "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
    "SHA3-256": "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1",
    "SHA3-384": "eee9e24d78c1855337983451df97c8ad9eedf256c6334f8e948d252d5e0e76847aa0774ddb90a842190d2c558b4b8340",
    "SHA3-512": "3c3a876da14034ab60627c077bb98f7e120a2a5370212dffb3385a18d4f38859"
                "ed311d0a9d5141ce9cc5c66ee689b266a8aa18ace8282a0e0db596c90b0a7b87",
}


def messages(file):
    """The (message, digest) pairs of a CAVP file; a length of zero has a placeholder for its message."""
    for record in records(package_file(PACKAGE, file), "Len"):
        length = int(record["Len"]) // 8
        yield bytes.fromhex(record["Msg"])[:length], bytes.fromhex(record.get("MD") or record["Output"])


def cavp(vectors, algorithm, folder, stem, boundaries):
    tag = algorithm.lower().replace("/", "-")
    vectors.note(f"Source: NIST CAVP, {stem}ShortMsg.rsp and {stem}LongMsg.rsp (byte-oriented)")
    for message, digest in messages(f"hashes/{folder}/{stem}ShortMsg.rsp"):
        if len(message) in SHORT | boundaries:
            vectors.hash(f"{tag}-cavp-short-{len(message)}", algorithm, message, digest)
    for index, (message, digest) in enumerate(messages(f"hashes/{folder}/{stem}LongMsg.rsp")):
        if index in (0, 1, 3, 7):
            vectors.hash(f"{tag}-cavp-long-{len(message)}", algorithm, message, digest)


def behaviour(vectors, algorithm, digest_of):
    """Truncation, absorbing on after a digest, clones, and what a hash does not do."""
    tag = algorithm.lower().replace("/", "-")
    abc, ab, size = digest_of(b"abc"), digest_of(b"ab"), len(digest_of(b""))
    vectors.note(f"{algorithm}: digests of the same and of derived messages, as the interface combines them")
    vectors.case(
        f"{tag}-digest-is-not-the-end", f"open {algorithm}", f"squeeze = {b(digest_of(b''))}",
        f"absorb {text('ab')}", f"squeeze = {b(ab)}", f"squeeze = {b(ab)}", "absorb -", "clone fork",
        f"absorb {text('c')}", f"squeeze = {b(abc)}", "state fork", f"squeeze = {b(ab)}",
        f"absorb {text('c')}", f"squeeze = {b(abc)}")
    vectors.case(
        f"{tag}-truncates-but-never-extends", f"open {algorithm}", f"absorb {text('abc')}",
        f"squeeze = {b(abc[:16])}", f"squeeze = {b(abc[:1])}", "squeeze = -", f"squeeze {size + 1} = !invalid_length",
        f"squeeze = {b(abc)}")
    vectors.case(
        f"{tag}-has-no-key-tag-or-cipher", f"key {algorithm} 00*32 = !key_not_supported",
        f"generate {algorithm} = !unsupported_feature", f"open {algorithm}", "squeeze-tag = !invalid_operation",
        "encrypt 00 = !invalid_operation", "decrypt 00 = !invalid_operation", "ratchet = !invalid_operation",
        "squeeze-key AES-128-GCM = !invalid_operation")


def fixed(file, rows):
    vectors = Vectors(file)
    for algorithm, folder, stem, python_name, boundaries in rows:
        cavp(vectors, algorithm, folder, stem, boundaries)
        if algorithm in MILLION_A:
            vectors.note("Source: NIST, example values for FIPS 180-4 and FIPS 202: one million letters a")
            assert hashlib.new(python_name, b"a" * 1_000_000).hexdigest() == MILLION_A[algorithm]
            name = algorithm.lower()
            vectors.case(f"{name}-million-a", f"open {algorithm}", "absorb 61*1000000", f"squeeze = {MILLION_A[algorithm]}")
            vectors.case(f"{name}-million-a-in-pieces", f"open {algorithm}", "absorb 61", "absorb 61*126",
                         "absorb 61*136001", "absorb 61*863872", f"squeeze = {MILLION_A[algorithm]}")
        behaviour(vectors, algorithm, lambda message: hashlib.new(python_name, message).digest())
    vectors.save()


def shake():
    vectors = Vectors("shake.vec")
    for bits, boundaries in ((128, {135, 136, 166, 167, 168, 169, 335, 336}), (256, {134, 135, 136, 137, 271, 272})):
        algorithm = f"SHAKE-{bits}"
        cavp(vectors, algorithm, "SHAKE", f"SHAKE{bits}", boundaries)
        vectors.note(f"Source: NIST CAVP, SHAKE{bits}VariableOut.rsp")
        seen = set()
        for record in records(package_file(PACKAGE, f"hashes/SHAKE/SHAKE{bits}VariableOut.rsp"), "COUNT"):
            length = int(record["Outputlen"]) // 8
            if length not in seen and (length < 40 or length % 8 == 0):
                seen.add(length)
                output = bytes.fromhex(record["Output"])
                cut = len(output) // 3
                vectors.case(f"shake-{bits}-cavp-out-{length}", f"open {algorithm}", f"absorb {b(record['Msg'])}",
                             f"squeeze = {b(output[:cut])}", f"squeeze = {b(output[cut:])}")
        shake_of = getattr(hashlib, f"shake_{bits}")
        tail = shake_of(b"abc").digest(100_032)
        vectors.note("Made with Python's hashlib (OpenSSL): a long output, in pieces, and its end")
        vectors.case(f"shake-{bits}-long-output", f"open {algorithm}", f"absorb {text('abc')}",
                     f"squeeze = {b(tail[:7])}", "squeeze = -", "squeeze 99993 = *", f"squeeze = {b(tail[-32:])}")
        vectors.case(f"shake-{bits}-moves-on-and-then-takes-no-more-input", f"open {algorithm}",
                     f"absorb {text('a')}", f"absorb {text('bc')}", "clone fork", f"squeeze = {b(tail[:32])}",
                     "clone later", f"squeeze = {b(tail[32:64])}", f"absorb {text('d')} = !invalid_operation",
                     "state later", f"squeeze = {b(tail[32:64])}", "state fork", f"absorb {text('d')}",
                     f"squeeze = {b(shake_of(b'abcd').digest(32))}")
    vectors.save()


if __name__ == "__main__":
    fixed("sha2.vec", [
        ("SHA-256", "SHA2", "SHA256", "sha256", set()),
        ("SHA-384", "SHA2", "SHA384", "sha384", {111, 112, 127, 128}),
        ("SHA-512", "SHA2", "SHA512", "sha512", {111, 112, 127, 128}),
        ("SHA-512/256", "SHA2", "SHA512_256", "sha512_256", {111, 112, 127, 128}),
    ])
    fixed("sha3.vec", [
        ("SHA3-256", "SHA3", "SHA3_256", "sha3_256", {134, 135, 136}),
        ("SHA3-384", "SHA3", "SHA3_384", "sha3_384", {102, 103, 104}),
        ("SHA3-512", "SHA3", "SHA3_512", "sha3_512", {70, 71, 72}),
    ])
    shake()
