"""aegis.vec: draft-irtf-cfrg-aegis-aead, Project Wycheproof, and the C library libaegis (package `pyaegis`)."""

import pyaegis

from aeads import behaviour, selection
from vec import Vectors, b, flipped, upstream_json

VARIANTS = ("128L", "128X2", "128X4", "256", "256X2", "256X4")


def drafts(vectors, variant, algorithm):
    path = f"test-vectors/aegis-{variant.lower()}-test-vectors.json"
    vectors.note(f"Source: draft-irtf-cfrg-aegis-aead, appendix A, {algorithm}")
    for entry in upstream_json("cfrg/draft-irtf-cfrg-aegis-aead", path):
        if "key" not in entry or "ct" not in entry:
            continue
        name = f"{algorithm.lower()}-{entry['name'].lower().replace(' ', '-')}"
        key, nonce, ad, ciphertext = (bytes.fromhex(entry[field]) for field in ("key", "nonce", "ad", "ct"))
        for size in (16, 32):
            tag = bytes.fromhex(entry[f"tag{8 * size}"])
            option = [f"option-u64 tag_len {size}"] if size == 32 else []
            if "msg" in entry:
                vectors.aead(f"{name}-{size}", algorithm, key, nonce, [ad], bytes.fromhex(entry["msg"]), ciphertext, tag, option)
            else:
                vectors.aead_fails(f"{name}-{size}", algorithm, key, nonce, [ad], ciphertext, tag, option)


def made(vectors, variant, algorithm):
    vectors.note(f"Made with pyaegis (libaegis, in C): {algorithm}")
    size = 16 if variant.startswith("128") else 32
    key, nonce = bytes(range(size)), bytes(range(100, 100 + size))

    def sealer(tag_size):
        def seal(ad, plaintext):
            cipher = getattr(pyaegis, f"Aegis{variant}")(tag_size=tag_size)
            ciphertext, tag = cipher.encrypt_detached(key, nonce, plaintext, ad)
            return bytes(ciphertext), bytes(tag)
        return seal

    for length in (0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1100):
        message = bytes(i % 251 for i in range(length))
        tag_size = 32 if length % 2 else 16
        vectors.aead(f"{algorithm.lower()}-{length}", algorithm, key, nonce, [message[:length // 3], message[length // 3:]],
                     message, *sealer(tag_size)(message, message), [f"option-u64 tag_len {tag_size}"])
    ciphertext, tag = sealer(32)(b"", b"")
    short = sealer(16)(b"", b"")[1]
    setup = [f"key {algorithm} {b(key)}", f"option nonce {b(nonce)}"]
    vectors.case(f"{algorithm.lower()}-tags-of-one-length-only", *setup, "option-u64 tag_len 32", f"open {algorithm}",
                 "max-tag-len = 32", f"decrypt-detached - {b(short)} = !invalid_tag", f"decrypt-detached - {b(tag)} = -",
                 f"decrypt-detached - {b(flipped(tag, 0))} = !invalid_tag", "no-options", setup[1], f"open {algorithm}",
                 "max-tag-len = 16", f"decrypt-detached - {b(tag)} = !invalid_tag", f"decrypt-detached - {b(short)} = -")
    behaviour(vectors, algorithm, key, nonce, sealer(16), True, [48 - size])


def aegis():
    vectors = Vectors("aegis.vec")
    for variant in VARIANTS:
        algorithm = f"AEGIS-{variant}"
        drafts(vectors, variant, algorithm)
        made(vectors, variant, algorithm)
    selection(vectors, "AEGIS-128L", "aegis128L_test.json", 8, 128, 128)
    selection(vectors, "AEGIS-256", "aegis256_test.json", 8, 256, 256)
    vectors.save()


if __name__ == "__main__":
    aegis()
