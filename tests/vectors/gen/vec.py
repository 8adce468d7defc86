"""What the generator scripts share: reading upstream files and writing .vec files.

Each script writes the files that its first line names, the same bytes each time: `UPSTREAM=… python3 hashes.py`.

The scripts need the Python packages `cryptography-vectors`, `pycryptodome`, `argon2-cffi` and `pyaegis`. Files of public repositories are read below the directory that UPSTREAM names, each repository checked
out as UPSTREAM/owner+name.
"""

import json
import os
import pathlib

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"


def upstream(repository, path):
    """A file of a public repository."""
    return pathlib.Path(os.environ["UPSTREAM"]) / repository.replace("/", "+") / path


def upstream_json(repository, path):
    return json.loads(upstream(repository, path).read_text())


def package_file(package, path):
    """A file of an installed Python package."""
    return pathlib.Path(__import__(package).__file__).parent / path


def records(path, first):
    """The records of a `Name = value` file, each a dict that begins at the name `first`.

    `[Name = value]` headings above records are part of each of them, and so is `[name]`, as `section`.
    """
    heading, record = {}, None
    for line in path.read_text().splitlines():
        line = line.strip()
        section = line.startswith("[")
        name, separator, value = line.strip("[]").partition("=")
        name, value = name.strip(), value.strip()
        if line.startswith("#"):
            continue
        if section:
            if record:
                yield record
                record = None
            heading = {**heading, name: value} if separator else {"section": name}
        elif separator or line == "FAIL":
            if name == first:
                if record:
                    yield record
                record = dict(heading)
            if record is not None:
                record[name] = value
    if record:
        yield record


def b(value):
    """A byte string in the notation of the vectors; runs and counters are written short."""
    if isinstance(value, str):
        value = bytes.fromhex(value)
    if not value:
        return "-"
    if len(value) > 12:
        if len(set(value)) == 1:
            return f"{value[:1].hex()}*{len(value)}"
        for modulus in (256, 251):
            if value == bytes(i % modulus for i in range(len(value))):
                return f"pattern:{modulus}:{len(value)}"
    return value.hex()


def text(value):
    """A byte string that is readable text."""
    assert '"' not in value
    return f'"{value}"'


def flipped(value, position=-1):
    """The byte string with one bit changed."""
    out = bytearray(value)
    out[position] ^= 1
    return bytes(out)


class Vectors:
    """A .vec file in the making."""

    def __init__(self, name):
        self.name, self.lines, self.names = name, [], set()

    def note(self, *lines):
        if self.lines and self.lines[-1]:
            self.lines.append("")
        self.lines += [f"# {line}".rstrip() for line in lines]

    def case(self, name, *steps):
        assert name not in self.names, name
        self.names.add(name)
        self.lines += ["", f"case {name}", *(step for step in steps if step)]

    def hash(self, name, algorithm, message, digest):
        self.case(name, f"open {algorithm}", f"absorb {b(message)}", f"squeeze = {b(digest)}")

    def mac(self, name, algorithm, key, message, tag, full=None):
        """`full` is the length of the untruncated tag where `tag` is a truncation."""
        key_line = f"key {algorithm} {b(key)}"
        option = "" if full in (None, len(tag)) else f"option-u64 tag_len {len(tag)}"
        self.case(name, key_line, option, f"open {algorithm}", f"absorb {b(message)}", f"squeeze-tag = {b(tag)}",
                  f"verify {b(tag)}", f"verify {b(flipped(tag))} = !invalid_tag")

    def aead(self, name, algorithm, key, nonce, ads, plaintext, ciphertext, tag, options=()):
        """Both directions; attached and detached forms take turns."""
        begin = [*options, f"option nonce {b(nonce)}" if nonce is not None else ""]
        opened = [f"open {algorithm}", *(f"absorb {b(ad)}" for ad in ads)]
        p, c, t, sealed = b(plaintext), b(ciphertext), b(tag), ciphertext + tag
        if len(self.names) % 2:
            steps = [*opened, f"encrypt-detached {p} = {c} {t}", *opened, f"decrypt-detached {c} {t} = {p}",
                     f"decrypt-detached {c} {b(flipped(tag))} = !invalid_tag"]
        else:
            bad = b(flipped(sealed, 0))
            steps = [*opened, f"encrypt {p} = {b(sealed)}", *opened, f"decrypt {b(sealed)} = {p}",
                     f"decrypt {bad} = !invalid_tag"]
        self.case(name, f"key {algorithm} {b(key)}", *begin, *steps)

    def aead_fails(self, name, algorithm, key, nonce, ads, ciphertext, tag, options=()):
        self.case(name, f"key {algorithm} {b(key)}", *options, f"option nonce {b(nonce)}", f"open {algorithm}",
                  *(f"absorb {b(ad)}" for ad in ads), f"decrypt {b(ciphertext + tag)} = !invalid_tag",
                  f"decrypt-detached {b(ciphertext)} {b(tag)} = !invalid_tag")

    def save(self):
        path = DATA / self.name
        path.write_text("\n".join(self.lines).rstrip("\n") + "\n")
        print(f"{self.name}: {len(self.names)} cases, {path.stat().st_size} bytes")


def wycheproof(file, keep, select=lambda group, test: True):
    """Tests of a Project Wycheproof file: of each group and set of flags, at most `keep` valid and `keep` invalid ones.

    Yields (group, test), with every hexadecimal field as bytes.
    """
    taken = {}
    for group in upstream_json("C2SP/wycheproof", f"testvectors_v1/{file}")["testGroups"]:
        for test in group["tests"]:
            if not select(group, test):
                continue
            sizes = tuple(sorted((k, v) for k, v in group.items() if k.endswith("Size")))
            kind = (sizes, tuple(test.get("flags", ())), test["result"])
            taken[kind] = taken.get(kind, 0) + 1
            if taken[kind] <= keep:
                fields = ("key", "iv", "aad", "msg", "ct", "tag", "ikm", "salt", "info", "okm", "password", "dk")
                yield group, {k: bytes.fromhex(v) if k in fields else v for k, v in test.items()}
