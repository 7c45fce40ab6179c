// Builds the widget, the desk's script and the style sheets into src/belowline/static.
//
// The results are committed, so that nobody needs Node to install or to run Belowline. Each begins
// with the hash of everything it was made from; hatch_build.py computes the same hash in Python and
// refuses a stale bundle.

import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "src", "belowline", "static");

// Browsers of the last two years and a little more.
const target = ["es2022", "chrome118", "firefox119", "safari17"];

/** Every file that decides what the bundle is, as sorted paths below widget/ with "/" between. */
async function sources() {
  const below = await readdir(path.join(here, "src"), { recursive: true, withFileTypes: true });
  const files = below
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(here, path.join(entry.parentPath, entry.name)));
  return [...files, "build.mjs", "package-lock.json", "tsconfig.json"]
    .map((file) => file.split(path.sep).join("/"))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** SHA-256 over each file's path, a zero byte, its length in bytes, a zero byte, and its bytes. */
async function hash() {
  const digest = createHash("sha256");
  for (const file of await sources()) {
    const bytes = await readFile(path.join(here, file));
    digest.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return digest.digest("hex");
}

/** A style sheet imported by a script becomes its minified text, for shadow roots. */
const cssAsText = {
  name: "css-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async (file) => ({
      contents: await minifiedCss(file.path),
      loader: "text",
    }));
  },
};

async function minifiedCss(file) {
  const css = await readFile(file, "utf8");
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target });
  return code.trim();
}

async function script(name) {
  const built = await esbuild.build({
    entryPoints: [path.join(here, "src", `${name}.ts`)],
    bundle: true,
    format: "esm",
    minify: true,
    target,
    charset: "utf8",
    legalComments: "none",
    write: false,
    plugins: [cssAsText],
    logLevel: "warning",
  });
  return built.outputFiles[0].text.trim();
}

const made = {
  "widget.js": await script("embed"),
  "desk.js": await script("desk"),
  "campaign.js": await script("campaign"),
  "account.js": await script("account"),
  "alerts.js": await script("alerts"),
  "push.js": await script("push"),
};
for (const name of ["discussion.css", "page.css", "desk.css", "office.css", "charts.css"]) {
  made[name] = await minifiedCss(path.join(here, "src", name));
}

const first = `/* belowline widget sha256:${await hash()} */\n`;
for (const [name, text] of Object.entries(made)) {
  await writeFile(path.join(out, name), `${first}${text}\n`);
  console.log(`${name}  ${(text.length / 1024).toFixed(1)} KB`);
}
