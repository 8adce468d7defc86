// A client in AssemblyScript. Its allocator takes all memory as its own when it is first used, and then what it grows by.
// What the bindings declare follows the witx layout: addresses and sizes are numbers, an optional handle is eight bytes.

@external("wasi_ephemeral_crypto_common", "options_open")
declare function options_open(algorithmType: i32, out: usize): i32;
@external("wasi_ephemeral_crypto_common", "options_set")
declare function options_set(options: i32, name: usize, nameLen: usize, value: usize, valueLen: usize): i32;
@external("wasi_ephemeral_crypto_common", "options_close")
declare function options_close(options: i32): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_key_import")
declare function symmetric_key_import(name: usize, nameLen: usize, raw: usize, rawLen: usize, out: usize): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_key_close")
declare function symmetric_key_close(key: i32): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_state_open")
declare function symmetric_state_open(name: usize, nameLen: usize, key: usize, options: usize, out: usize): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_state_absorb")
declare function symmetric_state_absorb(state: i32, data: usize, dataLen: usize): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_state_squeeze")
declare function symmetric_state_squeeze(state: i32, out: usize, outLen: usize): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_state_max_tag_len")
declare function symmetric_state_max_tag_len(state: i32, out: usize): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_state_encrypt")
declare function symmetric_state_encrypt(state: i32, out: usize, outLen: usize, data: usize, dataLen: usize, written: usize): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_state_decrypt")
declare function symmetric_state_decrypt(state: i32, out: usize, outLen: usize, data: usize, dataLen: usize, written: usize): i32;
@external("wasi_ephemeral_crypto_symmetric", "symmetric_state_close")
declare function symmetric_state_close(state: i32): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vectors: usize, count: i32, written: usize): i32;
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

class Optional {
  tag: u8;
  handle: i32;
  constructor(handle: i32) {
    this.tag = handle == 0 ? 1 : 0;
    this.handle = handle;
  }
}

class Out {
  value: i32 = 0;
}

function at(value: Uint8Array): usize {
  return value.dataStart;
}

function check(errno: i32): void {
  if (errno != 0) proc_exit(errno);
}

function bytes(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function print(text: string): void {
  const line = bytes(text + "\n");
  const vector = new StaticArray<usize>(2);
  vector[0] = at(line);
  vector[1] = line.length;
  const written = new Out();
  if (fd_write(1, changetype<usize>(vector), 1, changetype<usize>(written)) != 0) proc_exit(99);
}

function hex(value: Uint8Array): string {
  let text = "";
  for (let i = 0; i < value.length; i++) {
    const byte = value[i];
    text += (byte < 16 ? "0" : "") + byte.toString(16);
  }
  return text;
}

function open(algorithm: string, key: i32, options: i32): i32 {
  const name = bytes(algorithm);
  const optionalKey = new Optional(key);
  const optionalOptions = new Optional(options);
  const out = new Out();
  check(symmetric_state_open(at(name), name.length, changetype<usize>(optionalKey), changetype<usize>(optionalOptions), changetype<usize>(out)));
  return out.value;
}

function hash(): void {
  const state = open("SHA-256", 0, 0);
  const data = bytes("test");
  check(symmetric_state_absorb(state, at(data), data.length));
  const digest = new Uint8Array(32);
  check(symmetric_state_squeeze(state, at(digest), digest.length));
  check(symmetric_state_close(state));
  print("hash: " + hex(digest));
}

function aead(): void {
  const algorithm = bytes("AES-128-GCM");
  const zeros = new Uint8Array(16);
  const nonce = bytes("nonce");
  const out = new Out();
  check(symmetric_key_import(at(algorithm), algorithm.length, at(zeros), 16, changetype<usize>(out)));
  const key = out.value;
  check(options_open(1, changetype<usize>(out)));
  const options = out.value;
  check(options_set(options, at(nonce), nonce.length, at(zeros), 12));
  let state = open("AES-128-GCM", key, options);
  check(symmetric_state_max_tag_len(state, changetype<usize>(out)));
  const ciphertext = new Uint8Array(16 + out.value);
  check(symmetric_state_encrypt(state, at(ciphertext), ciphertext.length, at(zeros), 16, changetype<usize>(out)));
  check(symmetric_state_close(state));
  print("aead: " + hex(ciphertext));
  state = open("AES-128-GCM", key, options);
  const message = new Uint8Array(16);
  check(symmetric_state_decrypt(state, at(message), message.length, at(ciphertext), ciphertext.length, changetype<usize>(out)));
  check(symmetric_state_close(state));
  check(symmetric_key_close(key));
  check(options_close(options));
  for (let i = 0; i < 16; i++) if (message[i] != 0) proc_exit(98);
}

// Fills memory between the calls, so that the allocator takes more of it several times, and holds that nothing changes.
function churn(): void {
  const kept = new Array<Uint8Array>();
  for (let round = 0; round < 64; round++) {
    const block = new Uint8Array(8191);
    block.fill(<u8>round);
    kept.push(block);
    const state = open("SHAKE-128", 0, 0);
    const first = kept[round >> 1];
    check(symmetric_state_absorb(state, at(first), first.length));
    const out = new Uint8Array(1000);
    check(symmetric_state_squeeze(state, at(out), out.length));
    check(symmetric_state_close(state));
    for (let i = 0; i < kept.length; i++) {
      for (let j = 0; j < 8191; j++) if (kept[i][j] != <u8>i) proc_exit(97);
    }
  }
  print("churn: whole");
}

hash();
aead();
churn();
