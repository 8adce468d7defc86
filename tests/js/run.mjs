// Runs a transpiled command with its arguments; it sees the current folder.
//
//   node run.mjs COMMAND.js [ARGS…]

import { _setArgs } from "@bytecodealliance/preview2-shim/cli";
import { _setPreopens, types } from "@bytecodealliance/preview2-shim/filesystem";
import { pathToFileURL } from "node:url";

// WASI's libc asks for all that a folder allows whenever it opens a file to write, and the shim refuses that.
const { openAt } = types.Descriptor.prototype;
types.Descriptor.prototype.openAt = function (pathFlags, path, openFlags, flags) {
  return openAt.call(this, pathFlags, path, openFlags, { ...flags, mutateDirectory: false });
};

const [command, ...args] = process.argv.slice(2);
_setArgs(["command", ...args]);
_setPreopens({ ".": process.cwd() });
const { run } = await import(pathToFileURL(command));
try {
  run.run();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
