"""Plays test vectors: every line calls the host, and compares what comes of it with what is expected."""

from componentize_py_types import Err
from wit_world.imports.common import AlgorithmType, Options
from wit_world.imports.symmetric import SymmetricKey, SymmetricState, SymmetricTag


def selftest(text):
    """Plays all cases of a file, and gives their number. The language is documented in tests/vectors/src/parse.rs."""
    cases = 0
    player = None
    for number, line in enumerate(text.splitlines(), 1):
        step, *words = [word for word in split(line.strip(), " ") if word] or ["#"]
        if step.startswith("#"):
            continue
        if step == "case":
            case, player = " ".join(words), Player()
            cases += 1
            continue
        given, expected = words, []
        if "=" in words:
            equals = words.index("=")
            given, expected = words[:equals], words[equals + 1 :]
        got = outcome(player, step, given, expected)
        if not matches(step, expected, got):
            wanted, got = " ".join(expected), " ".join(got)
            raise AssertionError(f"{case}, line {number}, {step}: expected {wanted}, got {got}")
    return cases


class Player:
    """Does the steps of a case: one method for each, which gives bytes, a number, a pair, or nothing."""

    def __init__(self):
        self.current_key = None
        self.current_options = None
        self.selected = "main"
        self.states = {}

    def key(self, algorithm, raw, *, expected):
        self.current_key = SymmetricKey.import_(algorithm, bytes_of(raw))

    def generate(self, algorithm, *, expected):
        self.current_key = SymmetricKey.generate(algorithm, self.current_options)
        return None if is_any(expected) else len(self.current_key.export())

    def export(self, *, expected):
        return self.current_key.export()

    def no_key(self, *, expected):
        self.current_key = None

    def options(self):
        if self.current_options is None:
            self.current_options = Options.open(AlgorithmType.SYMMETRIC)
        return self.current_options

    def option(self, name, value, *, expected):
        self.options().set(name, bytes_of(value))

    def option_u64(self, name, value, *, expected):
        self.options().set_u64(name, int(value))

    def buffer(self, name, size, *, expected):
        self.options().set_guest_buffer(name, int(size))

    def no_options(self, *, expected):
        self.current_options = None

    def open(self, algorithm, *, expected):
        self.states[self.selected] = SymmetricState.open(
            algorithm, self.current_key, self.current_options
        )

    def state(self, name, *, expected):
        self.selected = name

    def clone(self, name, *, expected):
        self.states[name] = self.states[self.selected].clone()

    def option_get(self, name, *, expected):
        return self.states[self.selected].options_get(name)

    def option_get_u64(self, name, *, expected):
        return self.states[self.selected].options_get_u64(name)

    def absorb(self, data, *, expected):
        self.states[self.selected].absorb(bytes_of(data))

    def squeeze(self, length=None, *, expected):
        length = len(bytes_of(expected[0])) if length is None else int(length)
        return self.states[self.selected].squeeze(length)

    def squeeze_tag(self, *, expected):
        return SymmetricTag.pull(self.states[self.selected].squeeze_tag())

    def verify(self, tag, *, expected):
        with self.states[self.selected].squeeze_tag() as computed:
            computed.verify(bytes_of(tag))

    def squeeze_key(self, algorithm, *, expected):
        self.current_key = self.states[self.selected].squeeze_key(algorithm)
        return None if is_any(expected) else self.current_key.export()

    def max_tag_len(self, *, expected):
        return self.states[self.selected].max_tag_len()

    def encrypt(self, data, *, expected):
        return self.states[self.selected].encrypt(bytes_of(data))

    def encrypt_detached(self, data, *, expected):
        ciphertext, tag = self.states[self.selected].encrypt_detached(bytes_of(data))
        return ciphertext, SymmetricTag.pull(tag)

    def decrypt(self, data, *, expected):
        return self.states[self.selected].decrypt(bytes_of(data))

    def decrypt_detached(self, data, tag, *, expected):
        return self.states[self.selected].decrypt_detached(bytes_of(data), bytes_of(tag))

    def ratchet(self, *, expected):
        self.states[self.selected].ratchet()


def outcome(player, step, given, expected):
    """What a step gave, in words as the vectors write them: bytes in hexadecimal, `!` before an error code."""
    try:
        value = getattr(player, step.replace("-", "_"))(*given, expected=expected)
    except Err as error:
        return [f"!{error.value.name.lower()}"]
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return [str(value) if isinstance(value, int) else value.hex() or "-" for value in values]


def matches(step, expected, got):
    if any(words and words[0].startswith("!") for words in (expected, got)):
        return expected[:1] == got[:1]
    if is_any(expected):
        return True
    if step in ("generate", "max-tag-len", "option-get-u64"):
        return expected == got
    return [bytes_of(word).hex() or "-" for word in expected] == got


def is_any(expected):
    return expected in ([], ["*"])


def bytes_of(word):
    """Bytes as the vectors write them: `-`, `00ff`, `"text"`, `61*1000`, `pattern:251:1000`, joined by `+`."""
    return b"" if word == "-" else b"".join(map(part, split(word, "+")))


def part(word):
    if word.startswith("pattern:"):
        modulus, length = map(int, word.split(":")[1:])
        return (bytes(range(modulus)) * (length // modulus + 1))[:length]
    unit, *count = split(word, "*")
    once = unit.strip('"').encode() if unit.startswith('"') else bytes.fromhex(unit)
    return once * int(count[0] if count else 1)


def split(text, separator):
    """Splits where the separator is not between quotes."""
    words, quoted = [""], False
    for letter in text:
        quoted ^= letter == '"'
        if letter == separator and not quoted:
            words.append("")
        else:
            words[-1] += letter
    return words
