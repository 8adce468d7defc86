// Makes JavaScript of a component.
//
//   node transpile.mjs COMPONENT.wasm FOLDER NAME          imports WASI from jco's shim by itself
//   node transpile.mjs COMPONENT.wasm FOLDER NAME --ask    exports `instantiate`, which is given what is imported

import { transpile } from "@bytecodealliance/jco-transpile";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const [component, folder, name, ask] = process.argv.slice(2);
const { files, imports } = await transpile(component, {
  name,
  instantiation: ask ? "async" : undefined,
  wasiShim: !ask,
  emitTypescriptDeclarations: false,
});
for (const [file, content] of Object.entries(files)) {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
for (const name of imports) console.log(name);
