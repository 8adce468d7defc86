"""aes-gcm.vec, aes-gcm-siv.vec, chacha20-poly1305.vec, xchacha20-poly1305.vec and aes-siv.vec.

NIST CAVP and RFC vectors in the package `cryptography-vectors`, and selections of Project Wycheproof; `pycryptodome`
makes the few that belong to none.
"""

from Crypto.Cipher import AES, ChaCha20_Poly1305

from vec import Vectors, b, flipped, package_file, records, text, wycheproof

SUNSCREEN = (b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
             b"would be it.")


def from_file(path, first, names):
    """(key, nonce, ads, plaintext, ciphertext, tag, record) of each record."""
    for record in records(package_file("cryptography_vectors", path), first):
        values = [record.get(name, "") for name in names]
        if all(not value.startswith('"') for value in values):
            yield *(bytes.fromhex(value) for value in values), record


def selection(vectors, algorithm, file, keep, key_size=None, nonce_size=None):
    name = algorithm.lower()
    vectors.note(f"Source: Project Wycheproof, {file}, a selection")
    for group, test in wycheproof(file, keep, lambda group, test: key_size in (None, group["keySize"])):
        case = f"{name}-wycheproof-{test['tcId']}"
        if nonce_size is not None and group["ivSize"] != nonce_size:
            vectors.case(case, f"key {algorithm} {b(test['key'])}", f"option nonce {b(test['iv'])}",
                         f"open {algorithm} = !invalid_nonce")
        elif test["result"] == "invalid":
            vectors.aead_fails(case, algorithm, test["key"], test["iv"], [test["aad"]], test["ct"], test["tag"])
        else:
            vectors.aead(case, algorithm, test["key"], test["iv"], [test["aad"]], test["msg"], test["ct"], test["tag"])


def behaviour(vectors, algorithm, key, nonce, seal, generated, bad_keys=()):
    """What an AEAD state allows once, twice and never. `seal(ad, plaintext)` gives ciphertext and tag."""
    name, size = algorithm.lower(), len(nonce)
    ciphertext, tag = seal(b"header", b"message")
    longer, longer_tag = seal(b"header and more", b"")
    sealed, setup = b(ciphertext + tag), [f"key {algorithm} {b(key)}", f"option nonce {b(nonce)}", f"open {algorithm}"]
    vectors.note(f"{algorithm}: one message, and what the interface allows with it")
    vectors.case(f"{name}-encrypts-once", *setup, f"option-get nonce = {b(nonce)}", f"max-tag-len = {len(tag)}",
                 f"absorb {text('hea')}", "absorb -", f"absorb {text('der')}",
                 f"encrypt {text('message')} = {sealed}", f"encrypt {text('message')} = !nonce_required",
                 f"encrypt-detached {text('message')} = !nonce_required")
    vectors.case(f"{name}-decrypts-again-and-again-but-then-never-encrypts", *setup, f"absorb {text('header')}",
                 f"decrypt {sealed} = {text('message')}", f"decrypt {b(flipped(ciphertext + tag, 0))} = !invalid_tag",
                 f"decrypt-detached {b(ciphertext)} {b(tag)} = {text('message')}",
                 f"decrypt-detached {b(ciphertext)} {b(tag[:-1])} = !invalid_tag",
                 f"decrypt-detached {b(ciphertext)} {b(tag[:8])} = !invalid_tag",
                 f"decrypt-detached {b(ciphertext)} - = !invalid_tag",
                 f"decrypt-detached {b(ciphertext)} {b(tag)}00 = !invalid_tag",
                 f"decrypt {sealed} = {text('message')}", f"encrypt {text('message')} = !nonce_required",
                 "encrypt-detached - = !nonce_required")
    vectors.case(f"{name}-clone-decrypts-but-never-encrypts", *setup, f"absorb {text('header')}", "clone fork",
                 f"encrypt-detached {text('message')} = {b(ciphertext)} {b(tag)}", "state fork",
                 f"encrypt {text('message')} = !nonce_required", f"decrypt {sealed} = {text('message')}",
                 f"option-get nonce = {b(nonce)}")
    vectors.case(f"{name}-clone-absorbs-apart", *setup, f"absorb {text('header')}", "clone fork", "state fork",
                 f"absorb {text(' and more')}", f"decrypt-detached - {b(longer_tag)} = -", "state main",
                 f"encrypt {text('message')} = {sealed}")
    vectors.case(f"{name}-wrong-associated-data", *setup, f"absorb {text('headex')}", f"decrypt {sealed} = !invalid_tag")
    keys = sorted({len(key) - 1, len(key) + 1, 0, *bad_keys})
    vectors.case(f"{name}-sizes", *(f"key {algorithm} {'-' if n == 0 else f'00*{n}'} = !invalid_key" for n in keys),
                 f"open {algorithm} = !key_required", f"generate {algorithm} = {len(key)}",
                 f"open {algorithm}{'' if generated else ' = !nonce_required'}",
                 *(step for n in (size - 1, size + 1, 0)
                   for step in (f"option nonce {'-' if n == 0 else f'00*{n}'}", f"open {algorithm} = !invalid_nonce")))
    vectors.case(f"{name}-has-no-squeeze-and-no-ratchet", *setup, "squeeze 16 = !invalid_operation",
                 "squeeze-tag = !invalid_operation", "ratchet = !invalid_operation",
                 f"squeeze-key {algorithm} = !invalid_operation", "option-get salt = !unsupported_option")
    vectors.case(f"{name}-takes-no-key-or-option-of-others", setup[0], "open SHA-256 = !key_not_supported",
                 "open HMAC/SHA-256 = !invalid_key", "option-u64 domain 1", f"option nonce {b(nonce)}",
                 f"open {algorithm} = !unsupported_option")


def sealer(mode, key, nonce):
    def seal(ad, plaintext):
        cipher = AES.new(key, mode, nonce=nonce) if mode else ChaCha20_Poly1305.new(key=key, nonce=nonce)
        cipher.update(ad)
        return cipher.encrypt_and_digest(plaintext)
    return seal


def gcm():
    vectors = Vectors("aes-gcm.vec")
    for bits in (128, 256):
        algorithm = f"AES-{bits}-GCM"
        vectors.note(f"Source: NIST CAVP, gcmEncryptExtIV{bits}.rsp, Taglen = 128")
        taken = {}
        names = ("Key", "IV", "AAD", "PT", "CT", "Tag")
        for key, iv, aad, pt, ct, tag, record in from_file(f"ciphers/AES/GCM/gcmEncryptExtIV{bits}.rsp", "Count", names):
            kind = (len(iv), len(pt), len(aad))
            taken[kind] = taken.get(kind, 0) + 1
            if len(tag) != 16 or taken[kind] > 2:
                continue
            name = f"aes-{bits}-gcm-cavp-{len(iv)}-{len(pt)}-{len(aad)}-{record['Count']}"
            if len(iv) == 12:
                vectors.aead(name, algorithm, key, iv, [aad] if aad else [], pt, ct, tag)
            elif taken[kind] == 1 and not (pt or aad):
                vectors.case(name, f"key {algorithm} {b(key)}", f"option nonce {b(iv)}", f"open {algorithm} = !invalid_nonce")
        vectors.note(f"Source: NIST CAVP, gcmDecrypt{bits}.rsp, IVlen = 96; truncated tags are refused")
        taken = {}
        for key, iv, aad, _, ct, tag, record in from_file(f"ciphers/AES/GCM/gcmDecrypt{bits}.rsp", "Count", names):
            kind = (len(ct), len(aad), len(tag))
            if len(iv) != 12 or (len(tag) == 16) != ("FAIL" in record) or taken.get(kind) or len(tag) in (13, 14):
                continue
            taken[kind] = True
            if len(tag) == 16 or (len(ct) == 13 and len(aad) == 16):
                vectors.case(f"aes-{bits}-gcm-cavp-fail-{len(ct)}-{len(aad)}-{len(tag)}", f"key {algorithm} {b(key)}",
                             f"option nonce {b(iv)}", f"open {algorithm}", f"absorb {b(aad)}",
                             f"decrypt-detached {b(ct)} {b(tag)} = !invalid_tag")
        key, nonce = bytes(range(bits // 8)), bytes(range(100, 112))
        seal = sealer(AES.MODE_GCM, key, nonce)
        large = bytes(i % 251 for i in range(1100))
        vectors.note("Made with pycryptodome: a message of many blocks")
        vectors.aead(f"aes-{bits}-gcm-1100", algorithm, key, nonce, [large[:100], large[100:701]], large,
                     *seal(large[:701], large))
        behaviour(vectors, algorithm, key, nonce, seal, False, [24, 16 + 32 - bits // 8])
        selection(vectors, algorithm, "aes_gcm_test.json", 3, bits, 96)
    vectors.save()


def gcm_siv():
    vectors = Vectors("aes-gcm-siv.vec")
    taken = {128: 0, 256: 0}
    vectors.note("Source: RFC 8452, appendix C.1 to C.3")
    names = ("Key", "IV", "AAD", "Plaintext", "Ciphertext", "Tag")
    first = {}
    for key, iv, aad, pt, ct, tag, record in from_file("ciphers/AES/GCM-SIV/openssl.txt", "COUNT", names):
        bits = 8 * len(key)
        taken[bits] += 1
        first.setdefault(bits, (key, iv))
        vectors.aead(f"aes-{bits}-gcm-siv-rfc8452-{taken[bits]}", f"AES-{bits}-GCM-SIV", key, iv, [aad] if aad else [], pt, ct, tag)
    for bits in (128, 256):
        algorithm = f"AES-{bits}-GCM-SIV"
        selection(vectors, algorithm, "aes_gcm_siv_test.json", 12, bits, 96)
        key, nonce = bytes(range(bits // 8)), bytes(range(100, 112))
        behaviour(vectors, algorithm, key, nonce, lambda ad, pt: gcm_siv_seal(key, nonce, ad, pt), True, [24, 16 + 32 - bits // 8])
    vectors.save()


def gcm_siv_seal(key, nonce, ad, plaintext):
    """RFC 8452, sections 3 to 5, on pycryptodome's AES; `check_gcm_siv` holds it against appendix C."""
    ecb = AES.new(key, AES.MODE_ECB).encrypt
    derived = b"".join(ecb(i.to_bytes(4, "little") + nonce)[:8] for i in range(2 + len(key) // 8))
    auth, ecb = derived[:16], AES.new(derived[16:], AES.MODE_ECB).encrypt
    pad = lambda data: data + bytes(-len(data) % 16)
    blocks = pad(ad) + pad(plaintext) + (8 * len(ad)).to_bytes(8, "little") + (8 * len(plaintext)).to_bytes(8, "little")
    h, s = int.from_bytes(auth, "little"), 0
    for i in range(0, len(blocks), 16):
        s = polyval_dot(s ^ int.from_bytes(blocks[i:i + 16], "little"), h)
    mixed = bytearray(x ^ y for x, y in zip(s.to_bytes(16, "little"), nonce + bytes(4)))
    mixed[15] &= 0x7F
    tag = ecb(bytes(mixed))
    counter = int.from_bytes(tag[:4], "little")
    rest = tag[4:15] + bytes([tag[15] | 0x80])
    stream = b"".join(ecb(((counter + i) % 2**32).to_bytes(4, "little") + rest) for i in range(len(plaintext) // 16 + 1))
    return bytes(x ^ y for x, y in zip(plaintext, stream)), tag


def polyval_dot(a, c):
    """a · c · x^-128 in POLYVAL's field, x^128 + x^127 + x^126 + x^121 + 1."""
    product = 0
    for bit in range(128):
        if c >> bit & 1:
            product ^= a << bit
    for _ in range(128):
        if product & 1:
            product ^= 1 | 1 << 121 | 1 << 126 | 1 << 127 | 1 << 128
        product >>= 1
    return product


def check_gcm_siv():
    names = ("Key", "IV", "AAD", "Plaintext", "Ciphertext", "Tag")
    for key, iv, aad, pt, ct, tag, _ in from_file("ciphers/AES/GCM-SIV/openssl.txt", "COUNT", names):
        assert gcm_siv_seal(key, iv, aad, pt) == (ct, tag)


def chacha():
    for algorithm, size, nonces in (("CHACHA20-POLY1305", 12, [bytes([7, 0, 0, 0, *range(0x40, 0x48)])]),
                                    ("XCHACHA20-POLY1305", 24, [bytes(range(0x40, 0x58))])):
        name = algorithm.lower()
        vectors = Vectors(f"{name}.vec")
        vectors.note("Source: RFC 8439, section 2.8.2" if size == 12 else "Source: draft-irtf-cfrg-xchacha-03, appendix A.3.1")
        key, ad = bytes(range(0x80, 0xA0)), bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
        seal = sealer(None, key, nonces[0])
        ciphertext, tag = seal(ad, SUNSCREEN)
        assert tag.hex() == ("1ae10b594f09e26a7e902ecbd0600691" if size == 12 else "c0875924c1c7987947deafd8780acf49")
        vectors.aead(f"{name}-standard", algorithm, key, nonces[0], [ad], SUNSCREEN, ciphertext, tag)
        vectors.aead(f"{name}-standard-detached", algorithm, key, nonces[0], [ad], SUNSCREEN, ciphertext, tag)
        if size == 12:
            vectors.note("Source: RFC 8439, appendix A.5")
            for key, iv, aad, pt, ct, tag, record in from_file("ciphers/ChaCha20Poly1305/openssl.txt", "COUNT",
                                                               ("Key", "IV", "AAD", "Plaintext", "Ciphertext", "Tag")):
                if record["COUNT"] == "1":
                    vectors.aead(f"{name}-rfc8439-a5", algorithm, key, iv, [aad], pt, ct, tag)
        large = bytes(i % 251 for i in range(1100))
        vectors.note("Made with pycryptodome: a message of many blocks")
        vectors.aead(f"{name}-1100", algorithm, bytes(range(0x80, 0xA0)), nonces[0], [large[:100], large[100:701]], large,
                     *seal(large[:701], large))
        behaviour(vectors, algorithm, bytes(range(0x80, 0xA0)), nonces[0], seal, size == 24, [16])
        selection(vectors, algorithm, f"{name.replace('-', '_')}_test.json", 16, 256, 8 * size)
        vectors.save()


def siv():
    vectors = Vectors("aes-siv.vec")
    vectors.note("Source: RFC 5297, appendix A.1 and A.2; the others as in OpenSSL's tests")
    seen = 0
    for key, aad, aad2, aad3, pt, ct, tag, record in from_file(
            "ciphers/AES/SIV/openssl.txt", "COUNT", ("Key", "AAD", "AAD2", "AAD3", "Plaintext", "Ciphertext", "Tag")):
        bits, seen = 4 * len(key), seen + 1
        if bits != 192:
            siv_case(vectors, f"aes-{bits}-siv-{seen}", bits, key, None, [ad for ad in (aad, aad2, aad3) if ad], pt, ct, tag)
    for bits in (128, 256):
        vectors.note("Source: Project Wycheproof, aes_siv_cmac_test.json (associated data, no nonce), a selection")
        for group, test in wycheproof("aes_siv_cmac_test.json", 14, lambda group, test: group["keySize"] == 2 * bits):
            name, tag, ct = f"aes-{bits}-siv-wycheproof-daead-{test['tcId']}", test["ct"][:16], test["ct"][16:]
            if test["result"] == "invalid":
                siv_fails(vectors, name, bits, test["key"], None, [test["aad"]], ct, tag)
            else:
                siv_case(vectors, name, bits, test["key"], None, [test["aad"]], test["msg"], ct, tag)
        vectors.note("Source: Project Wycheproof, aead_aes_siv_cmac_test.json (with a nonce), a selection")
        for group, test in wycheproof("aead_aes_siv_cmac_test.json", 3, lambda group, test: group["keySize"] == 2 * bits):
            name = f"aes-{bits}-siv-wycheproof-aead-{test['tcId']}"
            if test["result"] == "invalid":
                siv_fails(vectors, name, bits, test["key"], test["iv"], [test["aad"]], test["ct"], test["tag"])
            else:
                siv_case(vectors, name, bits, test["key"], test["iv"], [test["aad"]], test["msg"], test["ct"], test["tag"])
        siv_behaviour(vectors, bits)
    vectors.save()


def siv_seal(key, nonce, ads, plaintext):
    cipher = AES.new(key, AES.MODE_SIV, nonce=nonce) if nonce else AES.new(key, AES.MODE_SIV)
    for ad in ads:
        cipher.update(ad)
    return cipher.encrypt_and_digest(plaintext)


def siv_case(vectors, name, bits, key, nonce, ads, plaintext, ciphertext, tag):
    """pycryptodome agrees; the tag comes last here, although RFC 5297 puts it first."""
    assert siv_seal(key, nonce, ads, plaintext) == (ciphertext, tag), name
    vectors.aead(name, f"AES-{bits}-SIV", key, nonce, ads, plaintext, ciphertext, tag)


def siv_fails(vectors, name, bits, key, nonce, ads, ciphertext, tag):
    algorithm = f"AES-{bits}-SIV"
    vectors.case(name, f"key {algorithm} {b(key)}", f"option nonce {b(nonce)}" if nonce else "", f"open {algorithm}",
                 *(f"absorb {b(ad)}" for ad in ads), f"decrypt {b(ciphertext + tag)} = !invalid_tag")


def siv_behaviour(vectors, bits):
    algorithm, key, nonce = f"AES-{bits}-SIV", bytes(range(bits // 4)), b"any nonce"
    vectors.note("Made with pycryptodome: each absorb is one string of associated data, the nonce the last")
    for index, ads in enumerate([[], [b""], [b"", b""], [b"ab", b"c"], [b"a", b"bc"], [b"abc"],
                                 [bytes([i]) * i for i in range(12)]]):
        for n in (None, nonce):
            suffix = "-nonce" if n else ""
            siv_case(vectors, f"aes-{bits}-siv-strings-{index}{suffix}", bits, key, n, ads, b"message",
                     *siv_seal(key, n, ads, b"message"))
    vectors.case(f"aes-{bits}-siv-sizes", *(f"key {algorithm} 00*{n} = !invalid_key" for n in (bits // 8, 48, bits // 4 + 1)),
                 f"key {algorithm} - = !invalid_key", f"open {algorithm} = !key_required",
                 f"generate {algorithm} = {bits // 4}", f"open {algorithm}", "max-tag-len = 16",
                 "squeeze 16 = !invalid_operation", "ratchet = !invalid_operation")


if __name__ == "__main__":
    check_gcm_siv()
    gcm()
    gcm_siv()
    chacha()
    siv()
