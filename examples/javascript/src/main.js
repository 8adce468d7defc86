// Hashes, authenticates, encrypts and decrypts files with the cryptography of the host.

import { getArguments } from "wasi:cli/environment@0.2.0";
import { SymmetricKey, SymmetricState } from "wasi-ephemeral:crypto/symmetric@0.1.0";
import * as batch from "wasi-ephemeral:crypto/symmetric-batch@0.1.0";
import * as oneshot from "wasi-ephemeral:crypto/symmetric-oneshot@0.1.0";

import { concat, pieces, read, write } from "./files.js";
import { selftest } from "./vectors.js";

const USAGE = `usage: seal hash FILE...           SHA-256 of each file, all in one batch
       seal mac KEYFILE FILE...    HMAC/SHA-256 of each file
       seal seal KEYFILE FILE...   encrypts each FILE to FILE.sealed; the key has 32 bytes
       seal open KEYFILE FILE...   decrypts each FILE.sealed to FILE
       seal selftest FILE.vec...   plays test vectors`;

const AEAD = "XCHACHA20-POLY1305";
const NONCE = 24;

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** One state for each file, and one call of the host for all digests. */
function hash(paths) {
  const states = paths.map((path) =>
    attempt(path, () => {
      const state = SymmetricState.open("SHA-256", undefined, undefined);
      for (const piece of pieces(path)) {
        state.absorb(piece);
      }
      return state;
    }),
  );
  const digests = batch.squeeze(states.map((state) => ({ state, len: 32n })));
  each(paths, digests, (path, digest) => console.log(`${hex(digest)}  ${path}`));
}

function mac(keyPath, paths) {
  const key = importKey("HMAC/SHA-256", keyPath);
  for (const path of paths) {
    const tag = attempt(path, () => oneshot.authenticate(key, read(path)));
    console.log(`${hex(tag)}  ${path}`);
  }
}

/** A sealed file is the nonce that the host picked, then the ciphertext; its name is authenticated. */
function seal(keyPath, paths) {
  const key = importKey(AEAD, keyPath);
  const messages = paths.map((path) => ({
    nonce: undefined,
    associatedData: utf8(path),
    data: attempt(path, () => read(path)),
  }));
  const { lengths, nonces, ciphertexts } = oneshot.encryptMany(key, messages);
  const nonce = taker(nonces);
  const ciphertext = taker(ciphertexts);
  each(paths, lengths, (path, length) => {
    write(`${path}.sealed`, concat(nonce(NONCE), ciphertext(length)));
  });
}

function open(keyPath, paths) {
  const key = importKey(AEAD, keyPath);
  const messages = paths.map((path) => {
    const sealed = attempt(`${path}.sealed`, () => read(`${path}.sealed`));
    return {
      nonce: sealed.subarray(0, NONCE),
      associatedData: utf8(path),
      data: sealed.subarray(NONCE),
    };
  });
  const opened = oneshot.decryptMany(key, messages);
  const message = taker(opened.messages);
  each(paths, opened.lengths, (path, length) => write(path, message(length)));
}

/** Takes what belongs to one message after the other off the list that a batch gives for all. */
function taker(list) {
  let at = 0;
  return (length) => {
    const from = at;
    at += Number(length);
    return list.subarray(from, at);
  };
}

function importKey(algorithm, path) {
  return attempt(path, () => SymmetricKey.import(algorithm, read(path)));
}

/** Does something with each result of a batch. One that failed leaves the others alone, and fails the program. */
function each(paths, results, action) {
  const failures = [];
  results.forEach((result, index) => {
    const path = paths[index];
    if (result.tag === "ok") {
      attempt(path, () => action(path, result.val));
    } else {
      failures.push(`${path}: ${result.val}`);
    }
  });
  if (failures.length > 0) {
    throw new Error(failures.join("\n"));
  }
}

/** Says which file an error is about. What imports throw has the error code of its `result` as its payload. */
function attempt(path, action) {
  try {
    return action();
  } catch (error) {
    throw new Error(`${path}: ${error.payload ?? error.message}`);
  }
}

function main([command, ...operands]) {
  const [keyPath, ...paths] = operands;
  if (command === "hash" && operands.length > 0) {
    hash(operands);
  } else if (command === "mac" && paths.length > 0) {
    mac(keyPath, paths);
  } else if (command === "seal" && paths.length > 0) {
    seal(keyPath, paths);
  } else if (command === "open" && paths.length > 0) {
    open(keyPath, paths);
  } else if (command === "selftest" && operands.length > 0) {
    for (const path of operands) {
      const text = new TextDecoder().decode(attempt(path, () => read(path)));
      console.log(`${path}: ${attempt(path, () => selftest(text))} cases`);
    }
  } else {
    throw new Error(USAGE);
  }
}

// The export wasi:cli/run: what is thrown becomes the error of its result, and exit code 1.
export const run = {
  run() {
    try {
      main(getArguments().slice(1));
    } catch (error) {
      console.error(error.payload ?? error.message);
      throw error;
    }
  },
};
