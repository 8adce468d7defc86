"""hmac-drbg.vec: NIST CAVP DRBG vectors, and SP 800-90A, section 10.1.2, written out on Python's hmac to check them.

The key of the interface is entropy input, nonce and personalization string, one after the other: that is the seed
material. An absorb is a reseed with entropy input and additional input.
"""

import hmac

from vec import Vectors, b, records, upstream

ALGORITHM = "HMAC-DRBG/SHA-256"
FOLDER = "misc/nist-testvector"


class Drbg:
    def __init__(self, seed):
        self.key, self.value = bytes(32), b"\x01" * 32
        self.update(seed)

    def mac(self, data):
        return hmac.digest(self.key, data, "sha256")

    def update(self, data=b""):
        for separator in (b"\x00", b"\x01")[:2 if data else 1]:
            self.key = self.mac(self.value + separator + data)
            self.value = self.mac(self.value)

    def generate(self, length):
        out = b""
        while len(out) < length:
            self.value = self.mac(self.value)
            out += self.value
        self.update()
        return out[:length]


def cavp(vectors, label, folder, keep):
    """Only requests without additional input of their own: the interface has no place for it."""
    taken = {}
    for record in records(upstream("patrickfav/dice", f"{FOLDER}/{folder}/HMAC_DRBG.rsp"), "COUNT"):
        if record.get("section") != "SHA-256" or record["AdditionalInputLen"] != "0":
            continue
        kind = (record["PersonalizationStringLen"], "EntropyInputReseed" in record)
        taken[kind] = taken.get(kind, 0) + 1
        if taken[kind] > keep or record["PredictionResistance"] != "False":
            continue
        seed = bytes.fromhex(record["EntropyInput"] + record["Nonce"] + record["PersonalizationString"])
        reseed = bytes.fromhex(record.get("EntropyInputReseed", ""))
        expected = bytes.fromhex(record["ReturnedBits"])
        drbg = Drbg(seed)
        if reseed:
            drbg.update(reseed)
        first, second = drbg.generate(len(expected)), drbg.generate(len(expected))
        assert second == expected, record
        vectors.case(f"cavp-{label}-{kind[0]}-{record['COUNT']}", f"key {ALGORITHM} {b(seed)}",
                     f"open {ALGORITHM}", f"absorb {b(reseed)}" if reseed else "", f"squeeze {len(first)} = *",
                     f"squeeze = {b(expected)}")


def made(vectors):
    vectors.note("Made with gen/drbg.py, which agrees with the vectors above")
    seed = bytes(range(32))
    drbg, steps = Drbg(seed), []
    for index, length in enumerate((1, 32, 33, 0, 64, 100, 31)):
        if index in (2, 5):
            fresh = bytes(range(index, index + 32 + index))
            drbg.update(fresh)
            steps.append(f"absorb {b(fresh)}")
        steps.append(f"squeeze = {b(drbg.generate(length))}" if length else "")
    vectors.case("requests-and-reseeds", f"key {ALGORITHM} {b(seed)}", f"open {ALGORITHM}", *steps)
    drbg = Drbg(seed)
    large = drbg.generate(65_536)
    after = drbg.generate(32)
    vectors.case("largest-request", f"key {ALGORITHM} {b(seed)}", f"open {ALGORITHM}", f"squeeze {len(large)} = *",
                 f"squeeze = {b(after)}", "clone other = !unsupported_feature")
    vectors.case("errors", f"key {ALGORITHM} 00*31 = !invalid_key", f"key {ALGORITHM} - = !invalid_key",
                 f"open {ALGORITHM} = !key_required", f"generate {ALGORITHM}", f"open {ALGORITHM}",
                 "squeeze-tag = !invalid_operation", "encrypt 00 = !invalid_operation", "ratchet = !invalid_operation")


def main():
    vectors = Vectors("hmac-drbg.vec")
    vectors.note("Source: NIST CAVP, DRBG test vectors, HMAC_DRBG.rsp, SHA-256 without reseeding")
    cavp(vectors, "no-reseed", "drbgvectors_no_reseed", 15)
    vectors.note("Source: NIST CAVP, DRBG test vectors, HMAC_DRBG.rsp, SHA-256 with reseeding, no prediction resistance")
    cavp(vectors, "reseed", "drbgvectors_pr_true", 15)
    made(vectors)
    vectors.save()


if __name__ == "__main__":
    main()
