// Decrypts what the page of examples/browser has encrypted, with Node's own cryptography.
//
//   node decrypt.mjs ENCRYPTED PASSWORD DECRYPTED

import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const [encrypted, password, decrypted] = process.argv.slice(2);
const bytes = readFileSync(encrypted);
const [salt, ciphertext, tag] = [bytes.subarray(0, 16), bytes.subarray(16, -16), bytes.subarray(-16)];
const key = pbkdf2Sync(password, salt, 600_000, 32, "sha256");
const decipher = createDecipheriv("aes-256-gcm", key, Buffer.alloc(12));
decipher.setAuthTag(tag);
writeFileSync(decrypted, Buffer.concat([decipher.update(ciphertext), decipher.final()]));
