"""turboshake.vec and k12.vec, from the draft that became RFC 9861, and pycryptodome."""

import re

from Crypto.Hash import KangarooTwelve, TurboSHAKE128, TurboSHAKE256

from vec import Vectors, b, text, upstream

LONGEST = 17**5
ARTWORK = re.compile(r"(TurboSHAKE128|TurboSHAKE256|KT128|KT256)\((.*?), (\d+)\)(?:, last \d+ bytes)?:\s*`([0-9A-F\s]+)`")


def vectors_of(function):
    """(message, parameter, bytes asked for, expected end of them) as the appendix lists them."""
    source = upstream("cfrg/draft-irtf-cfrg-kangarootwelve", "draft-irtf-cfrg-kangarootwelve.xml").read_text()
    for name, arguments, length, output in ARTWORK.findall(source):
        if name == function:
            message, parameter = (value.split("=")[-1] for value in arguments.split(", "))
            yield *value(message), *value(parameter), int(length), bytes.fromhex(output)


def value(notation):
    """(notation of the vectors, length) of `ptn(n)`, `XX`^0 or bytes."""
    pattern = re.match(r"ptn\((.*) bytes\)", notation)
    if pattern:
        base, _, power = pattern[1].partition("**")
        length = int(base) ** int(power or 1)
        return f"pattern:251:{length}", length
    raw = b"" if notation.endswith("^0") else bytes.fromhex(notation.replace("`", ""))
    return b(raw), len(raw)


def squeezes(length, output):
    """The end of a long output comes after a squeeze that is not compared."""
    skipped = length - len(output)
    return [f"squeeze {skipped} = *" if skipped else "", f"squeeze = {b(output)}"]


def turboshake():
    vectors = Vectors("turboshake.vec")
    for bits, make in ((128, TurboSHAKE128), (256, TurboSHAKE256)):
        algorithm = f"TURBOSHAKE-{bits}"
        vectors.note(f"Source: RFC 9861, section 5, TurboSHAKE{bits}, as its draft-irtf-cfrg-kangarootwelve has it")
        for index, (message, size, domain, _, length, output) in enumerate(vectors_of(f"TurboSHAKE{bits}")):
            if size <= LONGEST:
                option = "" if domain == "1f" else f"option-u64 domain {int(domain, 16)}"
                vectors.case(f"turboshake-{bits}-rfc9861-{index + 1}", option, f"open {algorithm}", f"absorb {message}",
                             *squeezes(length, output))
        vectors.note("Made with pycryptodome")
        rate = 168 if bits == 128 else 136
        for size in (1, rate - 1, rate, rate + 1, 2 * rate):
            output = make.new(data=bytes(i % 251 for i in range(size)), domain=0x1F).read(100)
            vectors.case(f"turboshake-{bits}-{size}", "option-u64 domain 31", f"open {algorithm}", "option-get-u64 domain = 31",
                         f"absorb pattern:251:{size}", f"squeeze = {b(output[:33])}", f"squeeze = {b(output[33:])}",
                         "absorb 00 = !invalid_operation", "squeeze-key AES-128-GCM = *")
    vectors.save()


def kangaroo():
    vectors = Vectors("k12.vec")
    for bits in (128, 256):
        algorithm = f"KT{bits}"
        vectors.note(f"Source: RFC 9861, section 5, KT{bits}, as its draft-irtf-cfrg-kangarootwelve has it")
        for index, (message, size, custom, custom_size, length, output) in enumerate(vectors_of(algorithm)):
            if size <= LONGEST:
                option = f"option context {custom}" if custom_size else ""
                vectors.case(f"kt{bits}-rfc9861-{index + 1}", option, f"open {algorithm}", f"absorb {message}",
                             *squeezes(length, output))
    vectors.note("Made with pycryptodome, which has KT128 only: chunk boundaries, pieces, customization")
    for size in (0, 1, 167, 168, 169, 8191, 8192, 8193, 16383, 16384, 16385, 24577):
        for custom in (b"", b"My application"):
            output = KangarooTwelve.new(data=bytes(i % 251 for i in range(size)), custom=custom).read(70)
            name = f"kt128-{size}{'-context' if custom else ''}"
            vectors.case(name, f"option context {text(custom.decode())}" if custom else "", "open KT128",
                         f"absorb pattern:251:{size}" if size else "", f"squeeze = {b(output[:33])}", f"squeeze = {b(output[33:])}",
                         "absorb 00 = !invalid_operation")
    vectors.save()


if __name__ == "__main__":
    turboshake()
    kangaroo()
