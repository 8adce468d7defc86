"""aes-ctr.vec and aes-cbc.vec: NIST SP 800-38A, CAVP, RFC 3686 and Project Wycheproof, completed with pycryptodome."""

from Crypto.Cipher import AES

from vec import Vectors, b, package_file, records, wycheproof

# NIST SP 800-38A, appendix F: the message and keys of all modes.
MESSAGE = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
KEYS = {128: bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"),
        256: bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")}
CTR = {128: "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
            "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
       256: "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
            "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"}
CBC = {128: "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
            "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
       256: "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
            "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"}


def ctr_stream(key, block, length):
    return AES.new(key, AES.MODE_CTR, nonce=b"", initial_value=block).encrypt(bytes(length))


def xor(data, stream):
    return bytes(x ^ y for x, y in zip(data, stream))


def ctr_case(vectors, name, algorithm, key, block, message, cuts=()):
    """One message in pieces, which are encrypted, decrypted, and given as key stream."""
    stream = ctr_stream(key, block, len(message))
    ends = [0, *cuts, len(message)]
    parts = [(message[i:j], stream[i:j]) for i, j in zip(ends, ends[1:])]
    opened = f"open {algorithm}"
    vectors.case(name, f"key {algorithm} {b(key)}", f"option nonce {b(block)}", opened,
                 *(f"encrypt {b(part)} = {b(xor(part, keys))}" for part, keys in parts), opened,
                 *(f"decrypt {b(xor(part, keys))} = {b(part)}" for part, keys in parts), opened,
                 *(f"squeeze = {b(keys)}" for _, keys in parts))
    return xor(message, stream)


def ctr():
    vectors = Vectors("aes-ctr.vec")
    for bits, key in KEYS.items():
        algorithm, name = f"AES-{bits}-CTR", f"aes-{bits}-ctr"
        vectors.note(f"Source: NIST SP 800-38A, appendix F.5, CTR-AES{bits}")
        block = bytes(range(0xF0, 0x100))
        assert ctr_case(vectors, f"{name}-sp800-38a", algorithm, key, block, MESSAGE).hex() == CTR[bits]
        ctr_case(vectors, f"{name}-sp800-38a-blocks", algorithm, key, block, MESSAGE, (16, 32, 48))
        ctr_case(vectors, f"{name}-sp800-38a-pieces", algorithm, key, block, MESSAGE, (0, 1, 15, 18, 33, 33, 63))
        vectors.note("Source: RFC 3686, section 6")
        for record in records(package_file("cryptography_vectors", f"ciphers/AES/CTR/aes-{bits}-ctr.txt"), "COUNT"):
            k, iv, pt, ct = (bytes.fromhex(record[field]) for field in ("KEY", "IV", "PLAINTEXT", "CIPHERTEXT"))
            assert ctr_case(vectors, f"{name}-rfc3686-{record['COUNT']}", algorithm, k, iv, pt) == ct
        vectors.note("Made with pycryptodome: the counter is 128 bits, and wraps")
        for index, start in enumerate((b"\xff" * 16, bytes(8) + b"\xff" * 8, bytes(12) + b"\xff" * 4, bytes(16))):
            ctr_case(vectors, f"{name}-wrap-{index}", algorithm, key, start, bytes(i % 251 for i in range(100)), (7, 64))
        ctr_case(vectors, f"{name}-1100", algorithm, key, bytes(range(16)), bytes(i % 251 for i in range(1100)), (100, 101, 1009))
        stream = ctr_stream(key, block, 48)
        vectors.case(f"{name}-one-stream", f"key {algorithm} {b(key)}", f"option nonce {b(block)}", f"open {algorithm}",
                     "max-tag-len = 0", f"option-get nonce = {b(block)}", f"squeeze = {b(stream[:5])}",
                     f"encrypt {b(MESSAGE[:11])} = {b(xor(MESSAGE, stream[5:16]))}", "encrypt - = -",
                     f"decrypt {b(MESSAGE[:32])} = {b(xor(MESSAGE, stream[16:]))}", "clone other = !unsupported_feature",
                     "encrypt-detached 00 = !invalid_operation", "decrypt-detached 00 - = !invalid_operation",
                     "squeeze-tag = !invalid_operation", "absorb 00 = !invalid_operation", "ratchet = !invalid_operation")
        sizes(vectors, algorithm, name, bits, False)
    vectors.save()


def sizes(vectors, algorithm, name, bits, generated):
    vectors.case(f"{name}-sizes", f"key {algorithm} 00*{bits // 8 - 1} = !invalid_key", f"key {algorithm} 00*24 = !invalid_key",
                 f"key {algorithm} - = !invalid_key", f"open {algorithm} = !key_required", f"generate {algorithm} = {bits // 8}",
                 f"open {algorithm}{'' if generated else ' = !nonce_required'}", "option nonce 00*15",
                 f"open {algorithm} = !invalid_nonce", "option nonce 00*17", f"open {algorithm} = !invalid_nonce",
                 "option nonce 00*12", f"open {algorithm} = !invalid_nonce", "option nonce -", f"open {algorithm} = !invalid_nonce")


def cbc_encrypt(key, iv, message):
    pad = 16 - len(message) % 16
    return AES.new(key, AES.MODE_CBC, iv=iv).encrypt(message + bytes([pad]) * pad)


def cbc_case(vectors, name, algorithm, key, iv, message, ciphertext):
    vectors.case(name, f"key {algorithm} {b(key)}", f"option nonce {b(iv)}", f"open {algorithm}",
                 f"encrypt {b(message)} = {b(ciphertext)}", f"open {algorithm}", f"decrypt {b(ciphertext)} = {b(message)}")


def cbc():
    vectors = Vectors("aes-cbc.vec")
    for bits, key in KEYS.items():
        algorithm, name, iv = f"AES-{bits}-CBC", f"aes-{bits}-cbc", bytes(range(16))
        vectors.note(f"Source: NIST SP 800-38A, appendix F.2, CBC-AES{bits}; the block of padding made with pycryptodome")
        ciphertext = cbc_encrypt(key, iv, MESSAGE)
        assert ciphertext[:64].hex() == CBC[bits]
        cbc_case(vectors, f"{name}-sp800-38a", algorithm, key, iv, MESSAGE, ciphertext)
        vectors.note(f"Source: NIST CAVP, CBCMMT{bits}.rsp; the block of padding made with pycryptodome")
        seen = set()
        for record in records(package_file("cryptography_vectors", f"ciphers/AES/CBC/CBCMMT{bits}.rsp"), "COUNT"):
            k, i, pt, ct = (bytes.fromhex(record[field]) for field in ("KEY", "IV", "PLAINTEXT", "CIPHERTEXT"))
            if len(pt) not in seen:
                seen.add(len(pt))
                assert cbc_encrypt(k, i, pt)[:len(pt)] == ct
                cbc_case(vectors, f"{name}-cavp-{len(pt)}", algorithm, k, i, pt, cbc_encrypt(k, i, pt))
        vectors.note("Source: Project Wycheproof, aes_cbc_pkcs5_test.json, a selection")
        for group, test in wycheproof("aes_cbc_pkcs5_test.json", 24, lambda group, test: group["keySize"] == bits):
            case = f"{name}-wycheproof-{test['tcId']}"
            if test["result"] == "invalid":
                vectors.case(case, f"key {algorithm} {b(test['key'])}", f"option nonce {b(test['iv'])}", f"open {algorithm}",
                             f"decrypt {b(test['ct'])} = !invalid_tag")
            else:
                cbc_case(vectors, case, algorithm, test["key"], test["iv"], test["msg"], test["ct"])
        vectors.note("SP 800-38A, appendix F.2, as the interface has it")
        sealed = b(ciphertext)
        setup = [f"key {algorithm} {b(key)}", f"option nonce {b(iv)}", f"open {algorithm}"]
        vectors.case(f"{name}-encrypts-once", *setup, "max-tag-len = 16", f"option-get nonce = {b(iv)}",
                     f"encrypt {b(MESSAGE)} = {sealed}", f"encrypt {b(MESSAGE)} = !nonce_required")
        vectors.case(f"{name}-decrypts-again-and-again-but-then-never-encrypts", *setup, f"decrypt {sealed} = {b(MESSAGE)}",
                     f"decrypt {sealed} = {b(MESSAGE)}", "encrypt 00 = !nonce_required")
        vectors.case(f"{name}-clone-decrypts-but-never-encrypts", *setup, "clone fork", "state fork",
                     "encrypt 00 = !nonce_required", f"decrypt {sealed} = {b(MESSAGE)}", "state main",
                     f"encrypt {b(MESSAGE)} = {sealed}")
        vectors.case(f"{name}-has-no-tag-squeeze-or-ratchet", *setup, "encrypt-detached 00 = !invalid_operation",
                     "decrypt-detached 00*16 - = !invalid_operation", "squeeze-tag = !invalid_operation",
                     "absorb 00 = !invalid_operation", "ratchet = !invalid_operation", "squeeze 16 = !invalid_operation")
        sizes(vectors, algorithm, name, bits, True)
    vectors.save()


if __name__ == "__main__":
    ctr()
    cbc()
