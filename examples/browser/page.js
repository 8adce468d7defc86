// The page: hands the chosen file to the component, and shows what comes back.

import { instantiate } from "./vault/vault.js";

// What the composed component wants of its host: randomness, of which browsers give 64 KiB at a time.
function getRandomBytes(len) {
  const bytes = new Uint8Array(Number(len));
  for (let at = 0; at < bytes.length; at += 65536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65536));
  }
  return bytes;
}

const vault = await instantiate(
  (path) => WebAssembly.compileStreaming(fetch(`vault/${path}`)),
  { "wasi:random/random": { getRandomBytes } },
);

const element = (id) => document.getElementById(id);
let chosen;

/** Does something, and shows why it failed if it did. */
async function attempt(work) {
  element("problem").textContent = "";
  try {
    await work();
  } catch (error) {
    // What a component returns as an error is in the payload.
    element("problem").textContent = String(error.payload ?? error);
  }
}

element("file").addEventListener("change", (event) =>
  attempt(async () => {
    const [file] = event.target.files;
    chosen = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
    element("sha256").textContent = vault.digest("SHA-256", chosen.bytes);
    element("blake3").textContent = vault.digest("BLAKE3", chosen.bytes);
    element("encrypt").disabled = element("decrypt").disabled = false;
  }),
);

/** Offers bytes for download. */
function offer(name, bytes) {
  const link = element("result");
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = link.textContent = name;
  link.hidden = false;
}

element("encrypt").addEventListener("click", () =>
  attempt(() => offer(`${chosen.name}.enc`, vault.encrypt(element("password").value, chosen.bytes))),
);

element("decrypt").addEventListener("click", () =>
  attempt(() => offer(`${chosen.name}.dec`, vault.decrypt(element("password").value, chosen.bytes))),
);

document.body.dataset.ready = "yes";
