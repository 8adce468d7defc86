"""cshake.vec, tuplehash.vec and kmac.vec.

NIST's example values for SP 800-185 and Project Wycheproof; `pycryptodome` makes the rest, and agrees with all.
"""

import importlib

from Crypto.Hash import KMAC128, KMAC256, TupleHash128, TupleHash256, cSHAKE128, cSHAKE256

from vec import Vectors, b, flipped, text, wycheproof

E = bytes.fromhex
DATA_4, DATA_200 = bytes(range(4)), bytes(range(200))
TAGGED = b"My Tagged Application"
KMAC_KEY = bytes(range(0x40, 0x60))
TUPLE_2 = [E("000102"), E("101112131415")]
TUPLE_3 = [*TUPLE_2, bytes(range(0x20, 0x29))]


def context(value):
    return f"option context {b(value)}" if value is not None else ""


def cshake():
    vectors = Vectors("cshake.vec")
    for bits, make, samples in (
        (128, cSHAKE128, ["c1c36925b6409a04f1b504fcbca9d82b4017277cb5ed2b2065fc1d3814d5aaf5",
                          "c5221d50e4f822d96a2e8881a961420f294b7b24fe3d2094baed2c6524cc166b"]),
        (256, cSHAKE256, ["d008828e2b80ac9d2218ffee1d070c48b8e4c87bff32c9699d5b6896eee0edd1"
                          "64020e2be0560858d9c00c037e34a96937c561a74c412bb4c746469527281c8c",
                          "07dc27b11e51fbac75bc7b3c1d983e8b4b85fb1defaf218912ac864302730917"
                          "27f42b17ed1df63e8ec118f04b23633c1dfb1574c8fb55cb45da8e25afb092bb"]),
    ):
        algorithm = f"CSHAKE-{bits}"
        vectors.note(f"Source: NIST, cSHAKE samples for SP 800-185 (cSHAKE{bits}, samples 1 and 2: Email Signature)")
        for index, (message, output) in enumerate(zip((DATA_4, DATA_200), map(E, samples))):
            assert make.new(data=message, custom=b"Email Signature").read(len(output)) == output
            vectors.case(f"cshake-{bits}-sample-{index + 1}", f"option context {text('Email Signature')}", f"open {algorithm}",
                         f"absorb {b(message)}", f"squeeze = {b(output[:9])}", f"squeeze = {b(output[9:])}")
        vectors.note("Made with pycryptodome; without customization it is SHAKE")
        rate = 168 if bits == 128 else 136
        for length in (0, 1, rate - 1, rate, rate + 1, 1000):
            for custom in (None, b"", b"x", bytes(range(rate - 5)), bytes(rate), bytes(500)):
                if custom is not None and length not in (0, rate, 1000):
                    continue
                message = bytes(i % 251 for i in range(length))
                name = "none" if custom is None else len(custom)
                output = make.new(data=message, custom=custom or b"").read(40)
                vectors.case(f"cshake-{bits}-{length}-context-{name}", context(custom), f"open {algorithm}",
                             f"absorb {b(message)}", f"squeeze = {b(output)}")
    vectors.save()


def tuples():
    vectors = Vectors("tuplehash.vec")
    samples = {
        (128, False): ["c5d8786c1afb9b82111ab34b65b2c0048fa64e6d48e263264ce1707d3ffc8ed1",
                       "75cdb20ff4db1154e841d758e24160c54bae86eb8c13e7f5f40eb35588e96dfb",
                       "e60f202c89a2631eda8d4c588ca5fd07f39e5151998deccf973adb3804bb6e84"],
        (256, False): ["cfb7058caca5e668f81a12a20a2195ce97a925f1dba3e7449a56f82201ec6073"
                       "11ac2696b1ab5ea2352df1423bde7bd4bb78c9aed1a853c78672f9eb23bbe194",
                       "147c2191d5ed7efd98dbd96d7ab5a11692576f5fe2a5065f3e33de6bba9f3aa1"
                       "c4e9a068a289c61c95aab30aee1e410b0b607de3620e24a4e3bf9852a1d4367e",
                       "45000be63f9b6bfd89f54717670f69a9bc763591a4f05c50d68891a744bcc6e7"
                       "d6d5b5e82c018da999ed35b0bb49c9678e526abd8e85c13ed254021db9e790ce"],
        (128, True): ["2f103cd7c32320353495c68de1a8129245c6325f6f2a3d608d92179c96e68488",
                      "3fc8ad69453128292859a18b6c67d7ad85f01b32815e22ce839c49ec374e9b9a",
                      "900fe16cad098d28e74d632ed852f99daab7f7df4d99e775657885b4bf76d6f8"],
        (256, True): ["03ded4610ed6450a1e3f8bc44951d14fbc384ab0efe57b000df6b6df5aae7cd5"
                      "68e77377daf13f37ec75cf5fc598b6841d51dd207c991cd45d210ba60ac52eb9",
                      "6483cb3c9952eb20e830af4785851fc597ee3bf93bb7602c0ef6a65d741aeca7"
                      "e63c3b128981aa05c6d27438c79d2754bb1b7191f125d6620fca12ce658b2442",
                      "0c59b11464f2336c34663ed51b2b950bec743610856f36c28d1d088d8a244628"
                      "4dd09830a6a178dc752376199fae935d86cfdee5913d4922dfd369b66a53c897"],
    }
    for (bits, xof), expected in samples.items():
        algorithm, size = f"TupleHash{'XOF' if xof else ''}{bits}", bits // 4
        name = algorithm.lower()
        vectors.note(f"Source: NIST, TupleHash samples for SP 800-185, {algorithm}")
        for index, (parts, custom) in enumerate([(TUPLE_2, None), (TUPLE_2, b"My Tuple App"), (TUPLE_3, b"My Tuple App")]):
            output = E(expected[index])
            assert output == tuple_hash(bits, xof, parts, custom or b"", size), (algorithm, index)
            vectors.case(f"{name}-sample-{index + 1}", f"option context {text(custom.decode())}" if custom else "",
                         f"open {algorithm}", *(f"absorb {b(part)}" for part in parts), f"squeeze = {b(output)}")
        made = "an own encoding of SP 800-185, section 5.3.1, on pycryptodome's cSHAKE" if xof else "pycryptodome"
        vectors.note(f"Made with {made}")
        for index, (parts, custom) in enumerate([
            ([], b""), ([b""], b""), ([b"", b""], b""), ([b"abc"], b""), ([b"a", b"bc"], b""), ([b"ab", b"c"], b""),
            ([b"value 1", b"value 2", b"value 3"], b""), ([bytes(31), bytes(32), bytes(8192)], b"long"),
            ([bytes([i]) for i in range(100)], bytes(200)), ([bytes(i % 251 for i in range(70_000))], b""),
        ]):
            for length in (size, 16, 100) if index in (4, 6) else (size,):
                output = tuple_hash(bits, xof, parts, custom, length)
                vectors.case(f"{name}-made-{index}-{length}", context(custom or None), f"open {algorithm}",
                             *(f"absorb {b(part)}" for part in parts), f"squeeze = {b(output)}")
        tuple_behaviour(vectors, algorithm, bits, xof)
    vectors.save()


def tuple_hash(bits, xof, parts, custom, length):
    if not xof:
        made = (TupleHash128 if bits == 128 else TupleHash256).new(digest_bytes=length, custom=custom)
        for part in parts:
            made.update(part)
        return made.digest()
    encoded = b"".join(left_encode(8 * len(part)) + part for part in parts) + right_encode(0)
    return cshake_with_name(bits, b"TupleHash", custom, encoded, length)


def left_encode(value):
    raw = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    return bytes([len(raw)]) + raw


def right_encode(value):
    raw = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    return raw + bytes([len(raw)])


def cshake_with_name(bits, name, custom, data, length):
    """cSHAKE with a function name, which pycryptodome offers to its own modules only."""
    module = importlib.import_module(f"Crypto.Hash.cSHAKE{bits}")
    return module._new(data, custom, name).read(length)


def tuple_behaviour(vectors, algorithm, bits, xof):
    name = algorithm.lower()
    two = tuple_hash(bits, xof, [b"a", b"b"], b"", 64)
    one = tuple_hash(bits, xof, [b"a"], b"", 64)
    setup = [f"open {algorithm}", f"absorb {text('a')}", "clone fork", f"absorb {text('b')}"]
    if xof:
        vectors.case(f"{name}-moves-on", *setup, f"squeeze = {b(two[:20])}", f"squeeze = {b(two[20:])}",
                     "absorb 00 = !invalid_operation", "state fork", f"squeeze = {b(one)}")
        vectors.case(f"{name}-squeezes-a-key", *setup, f"squeeze-key AES-128-GCM = {b(two[:16])}",
                     f"squeeze = {b(two[16:])}")
    else:
        shorter = tuple_hash(bits, xof, [b"a", b"b"], b"", 20)
        tag = tuple_hash(bits, xof, [b"a", b"b"], b"", bits // 4)
        vectors.case(f"{name}-repeats-itself-and-binds-the-length", *setup, f"squeeze = {b(two)}", f"squeeze = {b(two)}",
                     f"squeeze = {b(shorter)}", "state fork", f"squeeze = {b(one)}", f"absorb {text('b')}",
                     f"squeeze = {b(two)}")
        vectors.case(f"{name}-tag", *setup, f"squeeze-tag = {b(tag)}", f"verify {b(tag)}",
                     f"verify {b(flipped(tag))} = !invalid_tag")
    vectors.case(f"{name}-takes-no-key", f"key {algorithm} 00*32 = !key_not_supported")


def kmac():
    vectors = Vectors("kmac.vec")
    samples = {  # SP 800-185 samples 1 to 3 (KMAC128) and 4 to 6 (KMAC256): MAC, then XOF
        128: ([DATA_4, DATA_4, DATA_200], [None, TAGGED, TAGGED],
              ["e5780b0d3ea6f7d3a429c5706aa43a00fadbd7d49628839e3187243f456ee14e",
               "3b1fba963cd8b0b59e8c1a6d71888b7143651af8ba0a7070c0979e2811324aa5",
               "1f5b4e6cca02209e0dcb5ca635b89a15e271ecc760071dfd805faa38f9729230"],
              ["cd83740bbd92ccc8cf032b1481a0f4460e7ca9dd12b08a0c4031178bacd6ec35",
               "31a44527b4ed9f5c6101d11de6d26f0620aa5c341def41299657fe9df1a3b16c",
               "47026c7cd793084aa0283c253ef658490c0db61438b8326fe9bddf281b83ae0f"]),
        256: ([DATA_4, DATA_200, DATA_200], [TAGGED, None, TAGGED],
              ["20c570c31346f703c9ac36c61c03cb64c3970d0cfc787e9b79599d273a68d2f7"
               "f69d4cc3de9d104a351689f27cf6f5951f0103f33f4f24871024d9c27773a8dd",
               "75358cf39e41494e949707927cee0af20a3ff553904c86b08f21cc414bcfd691"
               "589d27cf5e15369cbbff8b9a4c2eb17800855d0235ff635da82533ec6b759b69",
               "b58618f71f92e1d56c1b8c55ddd7cd188b97b4ca4d99831eb2699a837da2e4d9"
               "70fbacfde50033aea585f1a2708510c32d07880801bd182898fe476876fc8965"],
              ["1755133f1534752aad0748f2c706fb5c784512cab835cd15676b16c0c6647fa9"
               "6faa7af634a0bf8ff6df39374fa00fad9a39e322a7c92065a64eb1fb0801eb2b",
               "ff7b171f1e8a2b24683eed37830ee797538ba8dc563f6da1e667391a75edc02c"
               "a633079f81ce12a25f45615ec89972031d18337331d24ceb8f8ca8e6a19fd98b",
               "d5be731c954ed7732846bb59dbe3a8e30f83e77a4bff4459f2f1c2b4ecebb8ce"
               "67ba01c62e8ab8578d2d499bd1bb276768781190020a306a97de281dcc30305d"]),
    }
    for bits, (messages, customs, tags, outputs) in samples.items():
        algorithm, make, size = f"KMAC-{bits}", (KMAC128, KMAC256)[bits == 256], bits // 4
        vectors.note(f"Source: NIST, KMAC and KMACXOF samples for SP 800-185, KMAC{bits}")
        for index, (message, custom, tag, output) in enumerate(zip(messages, customs, map(E, tags), map(E, outputs))):
            assert make.new(key=KMAC_KEY, data=message, mac_len=size, custom=custom or b"").digest() == tag, (bits, index)
            assert kmac_xof(bits, KMAC_KEY, message, custom or b"", size) == output, (bits, index)
            setup = [f"key {algorithm} {b(KMAC_KEY)}", f"option context {text(custom.decode())}" if custom else "",
                     f"open {algorithm}", f"absorb {b(message)}"]
            vectors.case(f"kmac-{bits}-sample-{index + 1}", *setup, f"squeeze-tag = {b(tag)}", f"verify {b(tag)}",
                         f"verify {b(flipped(tag))} = !invalid_tag")
            vectors.case(f"kmac-{bits}-xof-sample-{index + 1}", *setup, f"squeeze = {b(output[:5])}", f"squeeze = {b(output[5:])}")
        vectors.note(f"Source: Project Wycheproof, kmac{bits}_no_customization_test.json, a selection; tags of all lengths "
                     "through tag_len, which is part of the input")
        for group, test in wycheproof(f"kmac{bits}_no_customization_test.json", 3):
            name, tag = f"kmac-{bits}-wycheproof-{test['tcId']}", test["tag"]
            setup = [f"key {algorithm} {b(test['key'])}", f"option-u64 tag_len {len(tag)}", f"open {algorithm}",
                     f"absorb {b(test['msg'])}"]
            if len(tag) > size:
                continue
            if test["result"] == "invalid":
                vectors.case(name, *setup, f"verify {b(tag)} = !invalid_tag")
            else:
                vectors.case(name, *setup, f"squeeze-tag = {b(tag)}", f"verify {b(tag)}")
        vectors.note("Made with pycryptodome and an own encoding of SP 800-185, section 4.3.1")
        rate = 168 if bits == 128 else 136
        for length in (16, 31, 32, rate - 3, rate, 200):
            key, message = bytes(i % 251 for i in range(length)), b"message"
            tag = make.new(key=key, data=message, mac_len=size, custom=b"c").digest() if length >= bits // 8 else None
            output = kmac_xof(bits, key, message, b"c", 40)
            vectors.case(
                f"kmac-{bits}-key-{length}", f"key {algorithm} {b(key)}", f"option context {text('c')}", f"open {algorithm}",
                f"absorb {text('mess')}", f"absorb {text('age')}", f"squeeze-tag = {b(tag)}" if tag else "",
                f"squeeze = {b(output)}", "squeeze-tag = !invalid_operation", "absorb 00 = !invalid_operation")
    vectors.save()


def kmac_xof(bits, key, message, custom, length):
    rate = 168 if bits == 128 else 136
    padded = left_encode(rate) + left_encode(8 * len(key)) + key
    padded += bytes(-len(padded) % rate)
    return cshake_with_name(bits, b"KMAC", custom, padded + message + right_encode(0), length)


if __name__ == "__main__":
    cshake()
    tuples()
    kmac()
