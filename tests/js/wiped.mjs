// Encrypts with the component of examples/browser, and looks for what it was given in the memories of its parts.
//
//   node wiped.mjs VAULT.js
//
// Prints, for the part that uses the package and the part that provides it, how many of the secrets are left in memory.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [script] = process.argv.slice(2);
const { instantiate } = await import(pathToFileURL(script));

const memories = {};
const vault = await instantiate(
  async (path) => WebAssembly.compile(await readFile(join(dirname(script), path))),
  { "wasi:random/random": { getRandomBytes: (len) => crypto.getRandomValues(new Uint8Array(Number(len))) } },
  async (module, imports) => {
    const instance = await WebAssembly.instantiate(module, imports);
    if (instance.exports.memory) {
      const provides = Object.keys(instance.exports).some((name) => name.startsWith("wasi-ephemeral:crypto/"));
      memories[provides ? "provider" : "user"] = instance.exports.memory;
    }
    return instance;
  },
);

// Longer than a block of the hash, so that no stack ever holds it.
const password = "a password that nobody else would ever think of using ".repeat(2);
const message = "the message to be kept secret, of several blocks of the cipher ".repeat(50);
const encrypted = vault.encrypt(password, new TextEncoder().encode(message));
const decrypted = new TextDecoder().decode(vault.decrypt(password, encrypted));
console.log(`decrypted: ${decrypted === message ? "same" : "different"}`);

for (const part of ["user", "provider"]) {
  const memory = Buffer.from(memories[part].buffer);
  const left = [password.slice(0, 40), message.slice(0, 40)].filter((secret) => memory.includes(secret));
  console.log(`${part}: ${left.length} left`);
}
