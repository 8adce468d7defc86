"""hmac.vec and cmac.vec: RFC 4231, NIST SP 800-38B examples and a selection of Project Wycheproof."""

import hmac as python_hmac

from vec import Vectors, b, package_file, records, text, wycheproof

CASE_5 = {  # RFC 4231, section 4.6: output truncated to 128 bits
    "256": "a3b6167473100ee06e0c796c2955552b",
    "384": "3abf34c3503b2a23a46efc619baef897",
    "512": "415fad6271580a531d4179bc891d87a6",
}


def selection(vectors, algorithm, file, key_size=None):
    """Whole tags go in as they are; truncated ones become `tag_len`, which takes 8 bytes and more."""
    vectors.note(f"Source: Project Wycheproof, {file}, a selection")
    for group, test in wycheproof(file, 4, lambda group, test: key_size in (None, group["keySize"])):
        name, key, tag = f"{algorithm.lower().replace('/', '-')}-wycheproof-{test['tcId']}", test["key"], test["tag"]
        option = f"option-u64 tag_len {len(tag)}"
        if test["result"] == "invalid":
            vectors.case(name, f"key {algorithm} {b(key)}", option, f"open {algorithm}", f"absorb {b(test['msg'])}",
                         f"verify {b(tag)} = !invalid_tag")
        else:
            vectors.mac(name, algorithm, key, test["msg"], tag, full=0)


def hmac():
    vectors = Vectors("hmac.vec")
    for bits in ("256", "384", "512"):
        algorithm = f"HMAC/SHA-{bits}"
        vectors.note(f"Source: RFC 4231, section 4, HMAC-SHA-{bits}")
        numbers = iter((1, 2, 3, 4, 6, 7))
        for record in records(package_file("cryptography_vectors", f"HMAC/rfc-4231-sha{bits}.txt"), "Len"):
            key, message, tag = (bytes.fromhex(record[name]) for name in ("Key", "Msg", "MD"))
            vectors.mac(f"hmac-sha-{bits}-rfc4231-case-{next(numbers)}", algorithm, key, message, tag)
        assert python_hmac.digest(b"\x0c" * 20, b"Test With Truncation", f"sha{bits}").hex().startswith(CASE_5[bits])
        vectors.mac(f"hmac-sha-{bits}-rfc4231-case-5", algorithm, b"\x0c" * 20, b"Test With Truncation",
                    bytes.fromhex(CASE_5[bits]), full=int(bits) // 8)
        case_2 = next(r for r in records(package_file("cryptography_vectors", f"HMAC/rfc-4231-sha{bits}.txt"), "Len")
                      if r["Key"] == b"Jefe".hex())["MD"]
        vectors.note("RFC 4231, section 4.3 (case 2), as the interface takes it apart")
        vectors.case(
            f"hmac-sha-{bits}-tag-is-not-the-end", f"key {algorithm} {text('Jefe')}", f"open {algorithm}",
            f"absorb {text('what do ya want ')}", "squeeze-tag = *", "clone fork", f"absorb {text('for nothing?')}",
            f"verify {case_2}", f"squeeze-tag = {case_2}", "state fork", f"verify {case_2} = !invalid_tag",
            f"absorb {text('for nothing?')}", f"verify {case_2}", f"verify {case_2[:-2]} = !invalid_tag",
            f"verify {case_2}00 = !invalid_tag", "verify - = !invalid_tag")
        vectors.case(
            f"hmac-sha-{bits}-errors", f"open {algorithm} = !key_required", f"key {algorithm} 00*32",
            f"open {algorithm}", "encrypt 00 = !invalid_operation", "ratchet = !invalid_operation",
            "squeeze-key AES-128-GCM = !invalid_operation", "open SHA-256 = !key_not_supported",
            "open AES-256-CMAC = !invalid_key", "option-u64 domain 1", f"open {algorithm} = !unsupported_option",
            "no-options", f"generate {algorithm} = {int(bits) // 8}", f"open {algorithm}")
        selection(vectors, algorithm, f"hmac_sha{bits}_test.json")
    vectors.save()


def cmac():
    vectors = Vectors("cmac.vec")
    for bits in (128, 256):
        algorithm = f"AES-{bits}-CMAC"
        vectors.note(f"Source: NIST SP 800-38B, appendix D examples, AES-{bits}"
                     + (" (as in RFC 4493, section 4)" if bits == 128 else ""))
        path = package_file("cryptography_vectors", f"CMAC/nist-800-38b-aes{bits}.txt")
        for index, record in enumerate(records(path, "KEY")):
            key, message, tag = (bytes.fromhex(record[name]) for name in ("KEY", "MESSAGE", "OUTPUT"))
            vectors.mac(f"aes-{bits}-cmac-sp800-38b-{index + 1}", algorithm, key, message, tag)
        vectors.case(f"aes-{bits}-cmac-errors", f"key {algorithm} 00*{bits // 8 - 1} = !invalid_key",
                     f"key {algorithm} 00*24 = !invalid_key", f"key {algorithm} - = !invalid_key",
                     f"open {algorithm} = !key_required", f"generate {algorithm} = {bits // 8}", f"open {algorithm}",
                     "encrypt 00 = !invalid_operation")
        selection(vectors, algorithm, "aes_cmac_test.json", bits)
    vectors.save()


if __name__ == "__main__":
    hmac()
    cmac()
