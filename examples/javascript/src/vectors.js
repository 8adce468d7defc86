// Plays test vectors: every line calls the host, and compares what comes of it with what is expected.

import { Options } from "wasi-ephemeral:crypto/common@0.1.0";
import { SymmetricKey, SymmetricState, SymmetricTag } from "wasi-ephemeral:crypto/symmetric@0.1.0";

/** Plays all cases of a file, and gives their number. The language is documented in tests/vectors/src/parse.rs. */
export function selftest(text) {
  let cases = 0;
  let name;
  let player;
  text.split("\n").forEach((line, index) => {
    const [step, ...words] = split(line.trim(), " ").filter((word) => word !== "");
    if (step === undefined || step.startsWith("#")) {
      return;
    }
    if (step === "case") {
      player?.close();
      name = words.join(" ");
      player = new Player();
      cases += 1;
      return;
    }
    const equals = words.indexOf("=");
    const given = equals < 0 ? words : words.slice(0, equals);
    const expected = equals < 0 ? [] : words.slice(equals + 1);
    const got = outcome(() => player.play(step, given, expected));
    if (!matches(step, expected, got)) {
      throw new Error(`${name}, line ${index + 1}, ${step}: expected ${expected.join(" ")}, got ${got.join(" ")}`);
    }
  });
  player?.close();
  return cases;
}

class Player {
  key;
  options;
  selected = "main";
  states = new Map();

  /** Does a step, and gives what came of it: bytes, a number, a pair, or nothing. */
  play(step, given, expected) {
    const [first, second] = given;
    switch (step) {
      case "key":
        return this.setKey(SymmetricKey.import(first, bytes(second)));
      case "generate":
        this.setKey(SymmetricKey.generate(first, this.options));
        return isAny(expected) ? undefined : BigInt(this.key.export().length);
      case "export":
        return this.key.export();
      case "no-key":
        return this.setKey(undefined);
      case "option":
        return this.openOptions().set(first, bytes(second));
      case "option-u64":
        return this.openOptions().setU64(first, BigInt(second));
      case "buffer":
        return this.openOptions().setGuestBuffer(first, BigInt(second));
      case "no-options":
        this.options?.[Symbol.dispose]();
        this.options = undefined;
        return;
      case "open":
        return this.setState(this.selected, SymmetricState.open(first, this.key, this.options));
      case "state":
        this.selected = first;
        return;
      case "clone":
        return this.setState(first, this.state.clone());
      case "option-get":
        return this.state.optionsGet(first);
      case "option-get-u64":
        return this.state.optionsGetU64(first);
      case "absorb":
        return this.state.absorb(bytes(first));
      case "squeeze":
        return this.state.squeeze(first === undefined ? BigInt(bytes(expected[0]).length) : BigInt(first));
      case "squeeze-tag":
        return SymmetricTag.pull(this.state.squeezeTag());
      case "verify": {
        const tag = this.state.squeezeTag();
        try {
          return tag.verify(bytes(first));
        } finally {
          tag[Symbol.dispose]();
        }
      }
      case "squeeze-key":
        this.setKey(this.state.squeezeKey(first));
        return isAny(expected) ? undefined : this.key.export();
      case "max-tag-len":
        return this.state.maxTagLen();
      case "encrypt":
        return this.state.encrypt(bytes(first));
      case "encrypt-detached": {
        const [ciphertext, tag] = this.state.encryptDetached(bytes(first));
        return [ciphertext, SymmetricTag.pull(tag)];
      }
      case "decrypt":
        return this.state.decrypt(bytes(first));
      case "decrypt-detached":
        return this.state.decryptDetached(bytes(first), bytes(second));
      case "ratchet":
        return this.state.ratchet();
      default:
        throw new Error(`${step} is no step`);
    }
  }

  get state() {
    return this.states.get(this.selected);
  }

  openOptions() {
    this.options ??= Options.open("symmetric");
    return this.options;
  }

  setKey(key) {
    this.key?.[Symbol.dispose]();
    this.key = key;
  }

  setState(name, state) {
    this.states.get(name)?.[Symbol.dispose]();
    this.states.set(name, state);
  }

  /** A host lends a limited number of resources; those that nobody disposes of stay until the garbage collector comes. */
  close() {
    for (const resource of [this.key, this.options, ...this.states.values()]) {
      resource?.[Symbol.dispose]();
    }
  }
}

/** What a step gave, in words as the vectors write them: bytes in hexadecimal, `!` before an error code. */
function outcome(action) {
  let value;
  try {
    value = action();
  } catch (error) {
    if (typeof error.payload !== "string") {
      throw error;
    }
    return [`!${error.payload.replaceAll("-", "_")}`];
  }
  const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values.map((value) => (typeof value === "bigint" ? value.toString() : hex(value)));
}

function matches(step, expected, got) {
  if (got[0]?.startsWith("!") || expected[0]?.startsWith("!")) {
    return got[0] === expected[0];
  }
  if (isAny(expected)) {
    return true;
  }
  const plain = ["generate", "max-tag-len", "option-get-u64"].includes(step);
  const wanted = expected.map((word) => (plain ? word : hex(bytes(word))));
  return wanted.length === got.length && wanted.every((word, index) => word === got[index]);
}

const isAny = (expected) => expected.length === 0 || expected[0] === "*";

const hex = (bytes) =>
  bytes.length === 0 ? "-" : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Bytes as the vectors write them: `-`, `00ff`, `"text"`, `61*1000`, `pattern:251:1000`, joined by `+`. */
function bytes(word) {
  if (word === "-") {
    return new Uint8Array();
  }
  return new Uint8Array(split(word, "+").flatMap(part));
}

function part(word) {
  if (word.startsWith("pattern:")) {
    const [, modulus, length] = word.split(":").map(Number);
    return Array.from({ length }, (_, index) => index % modulus);
  }
  const [unit, count = "1"] = split(word, "*");
  const once = unit.startsWith('"')
    ? Array.from(new TextEncoder().encode(unit.slice(1, -1)))
    : Array.from(unit.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  return Array.from({ length: once.length * Number(count) }, (_, index) => once[index % once.length]);
}

/** Splits where the separator is not between quotes. */
function split(text, separator) {
  const words = [""];
  let quoted = false;
  for (const letter of text) {
    quoted = quoted !== (letter === '"');
    if (letter === separator && !quoted) {
      words.push("");
    } else {
      words[words.length - 1] += letter;
    }
  }
  return words;
}
