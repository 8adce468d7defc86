// Whole files, by the directories that the host opens for the component (`--dir` of `wasi-crypto run`).

import { getDirectories } from "wasi:filesystem/preopens@0.2.0";

const PIECE = 65536n;

/** The pieces of a file, in order. */
export function* pieces(path) {
  const file = open(path, {}, { read: true });
  try {
    for (let offset = 0n, end = false; !end; ) {
      const [piece, last] = file.read(PIECE, offset);
      offset += BigInt(piece.length);
      end = last;
      yield piece;
    }
  } finally {
    file[Symbol.dispose]();
  }
}

/** The bytes of a file. */
export function read(path) {
  return concat(...pieces(path));
}

/** Writes a file, in place of one that is there. */
export function write(path, bytes) {
  const file = open(path, { create: true, truncate: true }, { write: true });
  try {
    for (let at = 0; at < bytes.length; ) {
      at += Number(file.write(bytes.subarray(at), BigInt(at)));
    }
  } finally {
    file[Symbol.dispose]();
  }
}

/** One array of many. */
export function concat(...arrays) {
  const all = new Uint8Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

function open(path, openFlags, flags) {
  // The directory with the longest path that leads to the file; `.` leads to whatever is relative.
  let best;
  for (const [directory, name] of getDirectories()) {
    const prefix = name === "." ? "" : name.endsWith("/") ? name : `${name}/`;
    const leads = path.startsWith(prefix) && (prefix !== "" || !path.startsWith("/"));
    if (leads && !(best && best.prefix.length >= prefix.length)) {
      best = { directory, prefix };
    }
  }
  if (!best) {
    throw new Error("in no directory that the host has opened");
  }
  return best.directory.openAt({ symlinkFollow: true }, path.slice(best.prefix.length), openFlags, flags);
}
