"""hkdf.vec, argon2.vec, scrypt.vec and pbkdf2.vec.

RFC 5869, RFC 9106, RFC 7914 and Project Wycheproof; PHC strings from the reference implementation of Argon2 (package
`argon2-cffi`) and from Python's hashlib.
"""

import base64
import hashlib
import hmac

import argon2.low_level as argon2

from vec import Vectors, b, package_file, records, text, wycheproof

KIB = 1024


def hkdf():
    vectors = Vectors("hkdf.vec")
    vectors.note("Source: RFC 5869, appendix A.1 to A.3")
    for record in records(package_file("cryptography_vectors", "KDF/rfc-5869-HKDF-SHA256.txt"), "COUNT"):
        ikm, salt, info, prk, okm = (bytes.fromhex(record[name]) for name in ("IKM", "salt", "info", "PRK", "OKM"))
        hkdf_case(vectors, f"sha-256-rfc5869-a{record['COUNT']}", "SHA-256", ikm, salt, info, prk, okm)
    for bits in (256, 512):
        file, algorithm = f"hkdf_sha{bits}_test.json", f"SHA-{bits}"
        vectors.note(f"Source: Project Wycheproof, {file}, a selection; each PRK was made with Python's hmac")
        for group, test in wycheproof(file, 5, lambda group, test: group["keySize"] == 128 or len(test["okm"]) < 4000):
            name = f"sha-{bits}-wycheproof-{test['tcId']}"
            prk = hmac.digest(test["salt"] or bytes(bits // 8), test["ikm"], f"sha{bits}")
            if test["result"] == "invalid":
                vectors.case(name, f"key HKDF-EXPAND/{algorithm} {b(prk)}", f"open HKDF-EXPAND/{algorithm}",
                             f"absorb {b(test['info'])}", f"squeeze {test['size']} = !invalid_length")
            else:
                hkdf_case(vectors, name, algorithm, test["ikm"], test["salt"], test["info"], prk, test["okm"])
        hkdf_behaviour(vectors, bits)
    vectors.save()


def hkdf_case(vectors, name, algorithm, ikm, salt, info, prk, okm):
    vectors.case(name, f"key HKDF-EXTRACT/{algorithm} {b(ikm)}", f"open HKDF-EXTRACT/{algorithm}", f"absorb {b(salt)}",
                 f"squeeze-key HKDF-EXPAND/{algorithm} = {b(prk)}", f"open HKDF-EXPAND/{algorithm}",
                 f"absorb {b(info)}", f"squeeze = {b(okm)}")


def hkdf_behaviour(vectors, bits):
    size, algorithm = bits // 8, f"SHA-{bits}"
    extract, expand = f"HKDF-EXTRACT/{algorithm}", f"HKDF-EXPAND/{algorithm}"
    prk = bytes(range(size))
    blocks, last = b"", b""
    for counter in range(1, 256):
        last = hmac.digest(prk, last + b"app" + bytes([counter]), f"sha{bits}")
        blocks += last
    vectors.note(f"HKDF with {algorithm}, made with Python's hmac")
    vectors.case(f"sha-{bits}-expand-repeats-itself-and-ends-at-255-blocks", f"key {expand} {b(prk)}", f"open {expand}",
                 f"absorb {text('a')}", f"absorb {text('pp')}", f"squeeze = {b(blocks[:size + 1])}",
                 f"squeeze = {b(blocks[:16])}", "squeeze = -", f"squeeze {255 * size + 1} = !invalid_length",
                 f"squeeze {255 * size} = *", f"squeeze-key AES-256-GCM = {b(blocks[:32])}",
                 f"squeeze-key {expand} = {b(blocks[:size])}")
    vectors.case(f"sha-{bits}-extract-salt-concatenates", f"key {extract} {text('input')}", f"open {extract}",
                 f"absorb {text('sa')}", "clone fork", f"absorb {text('lt')}",
                 f"squeeze-key {expand} = {b(hmac.digest(b'salt', b'input', f'sha{bits}'))}", "state fork",
                 f"squeeze-key {expand} = {b(hmac.digest(b'sa', b'input', f'sha{bits}'))}")
    other = f"HKDF-EXPAND/SHA-{768 - bits}"
    vectors.case(f"sha-{bits}-errors", f"open {extract} = !key_required", f"open {expand} = !key_required",
                 f"key {expand} 00*{size - 1} = !invalid_key", f"key {extract} 00", f"open {expand} = !invalid_key",
                 f"open {extract}", "squeeze-key AES-256-GCM = !incompatible_keys",
                 f"squeeze-key {other} = !incompatible_keys", f"squeeze-key {extract} = !incompatible_keys",
                 "squeeze 32 = !invalid_operation", "squeeze-tag = !invalid_operation",
                 "encrypt 00 = !invalid_operation", f"generate {extract} = {size}", f"generate {expand} = {size}")


def argon2_options(salt, memory, passes, lanes, ad=b""):
    return [f"option salt {b(salt)}", f"option-u64 memory_limit {memory * KIB}", f"option-u64 ops_limit {passes}",
            f"option-u64 parallelism {lanes}", f"option context {b(ad)}" if ad else ""]


def argon2_vectors():
    vectors = Vectors("argon2.vec")
    for letter, kind in (("ID", argon2.Type.ID), ("I", argon2.Type.I), ("D", argon2.Type.D)):
        algorithm, name = f"ARGON2-{letter}-13", f"argon2{letter.lower()}"
        vectors.note(f"Source: RFC 9106, section 5 (first case), and the package cryptography-vectors, {name}.txt")
        for record in records(package_file("cryptography_vectors", f"KDF/{name}.txt"), "COUNT"):
            memory, passes, lanes = (int(record[field]) for field in ("memcost", "iter", "lanes"))
            if memory > 64 * KIB:
                continue
            secret = record.get("secret", "")
            vectors.case(f"{name}-{record['COUNT']}", f"key {algorithm} {b(secret)}" if secret else "",
                         *argon2_options(bytes.fromhex(record["salt"]), memory, passes, lanes,
                                         bytes.fromhex(record.get("ad", ""))),
                         f"open {algorithm}", f"absorb {b(record['pass'])}", f"squeeze = {b(record['output'])}")
        argon2_strings(vectors, algorithm, name, kind)
    vectors.note("RFC 9106, section 5.3, by the options' other names, and the password in pieces")
    vectors.case("argon2id-aliases", "key ARGON2-ID-13 03*8", "option salt 02*16", "buffer memory 32768",
                 "option-u64 opslimit 3", "option-u64 threads 4", "option context 04*12", "open ARGON2-ID-13",
                 "absorb 01*31", "absorb 01",
                 "squeeze = 0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
                 "squeeze = 0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")
    default = argon2.hash_secret(b"password", b"somesalt", 2, 19 * KIB, 1, 32, argon2.Type.ID).decode()
    vectors.note("The defaults: 19 MiB, 2 passes, 1 lane. Made with the package argon2-cffi")
    vectors.case("argon2id-defaults", f"option salt {text('somesalt')}", "open ARGON2-ID-13",
                 f"option-get-u64 memory_limit = {19 * KIB * KIB}", "option-get-u64 ops_limit = 2",
                 "option-get-u64 parallelism = 1", f"option-get salt = {text('somesalt')}",
                 "option-get context = !option_not_set", "option-get nonce = !unsupported_option",
                 f"absorb {text('password')}", f"squeeze-tag = {text(default)}")
    vectors.save()


def argon2_strings(vectors, algorithm, name, kind):
    vectors.note("Made with the package argon2-cffi, which is the reference implementation in C: PHC strings")
    for index, (password, salt, memory, passes, lanes, size) in enumerate([
        ("password", b"somesalt", 64, 1, 1, 32),
        ("password", b"differentsaltof 32 bytes, or so.", 256, 3, 4, 32),
        ("", bytes(range(16)), 8, 2, 1, 32),
        ("correct horse battery staple", b"sixteen bytes ok", 100, 2, 3, 16),
        ("πάντα ῥεῖ", b"8 bytes!", 4096, 1, 2, 64),
    ]):
        phc = argon2.hash_secret(password.encode(), salt, passes, memory, lanes, size, kind).decode()
        absorb = f"absorb {text(password)}" if password else "absorb -"
        if size == 32:
            vectors.case(f"{name}-string-{index}", *argon2_options(salt, memory, passes, lanes), f"open {algorithm}",
                         absorb, f"squeeze-tag = {text(phc)}", f"squeeze-tag = {text(phc)}", f"verify {text(phc)}")
        vectors.case(f"{name}-stored-{index}", f"option phc {text(phc)}", f"open {algorithm}", absorb,
                     f"verify {text(phc)}", f"absorb {text('!')}", f"verify {text(phc)} = !invalid_tag")
    other = "ARGON2-I-13" if algorithm == "ARGON2-ID-13" else "ARGON2-ID-13"
    vectors.case(f"{name}-string-of-another-algorithm", f"option phc {text(phc)}", f"open {other} = !incompatible_keys")


def phc_bytes(value):
    return base64.b64encode(value).decode().rstrip("=")


def scrypt():
    vectors = Vectors("scrypt.vec")
    vectors.note("Source: RFC 7914, section 12 (the first three)")
    for record in records(package_file("cryptography_vectors", "KDF/scrypt.txt"), "COUNT"):
        n, r, p = (int(record[name]) for name in "Nrp")
        if n > 1 << 14:
            continue
        password, salt = record["PASSWORD"], record["SALT"]
        output = bytes.fromhex(record["DERIVED_KEY"])
        options = [f"option salt {text(salt) if salt else '-'}", f"option-u64 ops_limit {n}",
                   f"option-u64 block_size {r}", f"option-u64 parallelism {p}"]
        vectors.case(f"rfc7914-{record['COUNT']}", *options, "open SCRYPT",
                     f"absorb {text(password) if password else '-'}", f"squeeze = {b(output)}",
                     f"squeeze = {b(output[:32])}")
    vectors.note("Made with Python's hashlib (OpenSSL): PHC strings, ln = log2 N")
    for index, (password, salt, log_n, r, p) in enumerate([
        ("password", b"sixteen bytes ok", 10, 8, 1), ("", b"8 bytes!", 4, 1, 2), ("πάντα ῥεῖ", bytes(range(16)), 12, 4, 3),
    ]):
        derived = hashlib.scrypt(password.encode(), salt=salt, n=1 << log_n, r=r, p=p, dklen=32)
        phc = f"$scrypt$ln={log_n},r={r},p={p}${phc_bytes(salt)}${phc_bytes(derived)}"
        absorb = f"absorb {text(password)}" if password else "absorb -"
        vectors.case(f"string-{index}", f"option salt {b(salt)}", f"option-u64 ops_limit {1 << log_n}",
                     f"option-u64 block_size {r}", f"option-u64 parallelism {p}", "open SCRYPT", absorb,
                     f"squeeze = {b(derived)}", f"squeeze-tag = {text(phc)}", f"verify {text(phc)}")
        vectors.case(f"stored-{index}", f"option phc {text(phc)}", "open SCRYPT", absorb, f"verify {text(phc)}",
                     f"absorb {text('!')}", f"verify {text(phc)} = !invalid_tag")
    vectors.case("takes-no-key", "key SCRYPT 00*32 = !key_not_supported", "generate SCRYPT = !unsupported_feature")
    vectors.save()


def pbkdf2():
    vectors = Vectors("pbkdf2.vec")
    for bits in (256, 512):
        algorithm, file = f"PBKDF2/SHA-{bits}", f"pbkdf2_hmacsha{bits}_test.json"
        vectors.note(f"Source: Project Wycheproof, {file}, a selection"
                     + (" (with RFC 7914, section 11)" if bits == 256 else ""))
        for group, test in wycheproof(file, 8, lambda group, test: test["iterationCount"] <= 100_000):
            vectors.case(f"sha-{bits}-wycheproof-{test['tcId']}", f"option salt {b(test['salt'])}",
                         f"option-u64 ops_limit {test['iterationCount']}", f"open {algorithm}",
                         f"absorb {b(test['password'])}", f"squeeze = {b(test['dk'])}")
        vectors.note("Made with Python's hashlib (OpenSSL): PHC strings")
        for index, (password, salt, rounds) in enumerate([("password", b"sixteen bytes ok", 1000), ("", b"8 bytes!", 1)]):
            derived = hashlib.pbkdf2_hmac(f"sha{bits}", password.encode(), salt, rounds, 32)
            phc = f"$pbkdf2-sha{bits}$i={rounds},l=32${phc_bytes(salt)}${phc_bytes(derived)}"
            absorb = f"absorb {text(password)}" if password else "absorb -"
            vectors.case(f"sha-{bits}-string-{index}", f"option salt {b(salt)}", f"option-u64 ops_limit {rounds}",
                         f"open {algorithm}", absorb, f"squeeze = {b(derived)}", f"squeeze-tag = {text(phc)}",
                         f"verify {text(phc)}")
            vectors.case(f"sha-{bits}-stored-{index}", f"option phc {text(phc)}", f"open {algorithm}", absorb,
                         f"verify {text(phc)}", f"absorb {text('!')}", f"verify {text(phc)} = !invalid_tag")
    vectors.save()


if __name__ == "__main__":
    hkdf()
    argon2_vectors()
    scrypt()
    pbkdf2()
