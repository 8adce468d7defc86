// Drives the page of examples/browser in headless Chromium, as a visitor would.
//
//   node browser.mjs SITE FILE PASSWORD ENCRYPTED CHROMIUM
//
// SITE is a folder with index.html. Prints the digests that the page shows, writes what it offers after "Encrypt" to
// ENCRYPTED, has the page decrypt that again, and prints whether the file came back and which addresses were asked for.

import { createServer } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const [site, file, password, encrypted, executablePath] = process.argv.slice(2);

const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const path = join(site, normalize(pathname === "/" ? "/index.html" : pathname));
  try {
    const content = await readFile(path);
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const profile = await mkdtemp(join(tmpdir(), "chromium-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await context.newPage();
  const elsewhere = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("blob:")) {
      elsewhere.push(request.url());
    }
  });
  page.on("pageerror", (error) => console.error(`the page fails: ${error}`));
  page.on("console", (message) => console.error(`the page says: ${message.text()}`));

  await page.goto(origin);
  await page.waitForSelector("body[data-ready]");
  await page.setInputFiles("#file", file);
  await page.waitForSelector("#encrypt:enabled");
  console.log(`SHA-256: ${await page.textContent("#sha256")}`);
  console.log(`BLAKE3: ${await page.textContent("#blake3")}`);

  // The bytes behind the link that the page offers.
  const offered = async (button) => {
    await page.click(button);
    await page.waitForFunction(
      (suffix) => document.getElementById("result").download.endsWith(suffix) ||
        document.getElementById("problem").textContent,
      button === "#encrypt" ? ".enc" : ".dec",
    );
    const problem = await page.textContent("#problem");
    if (problem) throw new Error(problem);
    const bytes = await page.evaluate(async () => {
      const response = await fetch(document.getElementById("result").href);
      return Array.from(new Uint8Array(await response.arrayBuffer()));
    });
    return Buffer.from(bytes);
  };
  await page.fill("#password", password);
  await writeFile(encrypted, await offered("#encrypt"));

  const before = await page.textContent("#sha256");
  await page.setInputFiles("#file", encrypted);
  await page.waitForFunction(
    (digest) => document.getElementById("sha256").textContent !== digest,
    before,
  );
  const decrypted = await offered("#decrypt");
  console.log(`decrypted: ${decrypted.equals(await readFile(file)) ? "same" : "different"}`);

  await page.fill("#password", `${password}?`);
  await page.click("#decrypt");
  await page.waitForFunction(() => document.getElementById("problem").textContent);
  console.log(`another password: ${await page.textContent("#problem")}`);
  console.log(`asked elsewhere: ${elsewhere.length}`);
} finally {
  await context.close();
  server.close();
  await rm(profile, { recursive: true, force: true });
}
