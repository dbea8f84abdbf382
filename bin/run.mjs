// Runs one of the TypeScript entries in bin/ or worker/: bundles it, unless no source was written since, and imports the
// result. Packages stay outside the bundle. A bundle is named by its content, so that several processes may do this at
// once.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { marksOf } from "../lib/operations/file-marks.mjs";
import { removeOldBundles } from "../lib/operations/old-bundles.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const entries = {
  start: "bin/start.ts",
  rollcall: "bin/rollcall.ts",
  test: "bin/test.ts",
  bench: "bench/run.ts",
  worker: "worker/main.ts",
};
const [name, ...args] = process.argv.slice(2);
const entry = Object.hasOwn(entries, name) ? entries[name] : null;
if (!entry) {
  process.stderr.write(`bin/run.mjs: there is no entry "${name}"; there are: ${Object.keys(entries).join(", ")}\n`);
  process.exit(2);
}

const folder = path.join(root, ".build");
const kept = path.join(folder, `${name}.json`);
const sources = ["app", "bench", "bin", "components", "lib", "worker", "package-lock.json", "tsconfig.json"];
const marks = marksOf(root, sources);
const file = path.join(folder, bundled() ?? (await bundle()));
process.env.ROLLCALL_ROOT ??= root;
process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], file, ...args];
await import(pathToFileURL(file).href);

/** The bundle that was made of these sources, when all its parts are there. */
function bundled() {
  try {
    const last = JSON.parse(readFileSync(kept, "utf8"));
    return last.marks === marks && last.files.every((one) => existsSync(path.join(folder, one))) ? last.files[0] : null;
  } catch {
    return null;
  }
}

async function bundle() {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: entry },
    bundle: true,
    // What is imported later is a file of its own, so that it is loaded later too.
    splitting: true,
    outdir: folder,
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    sourcemap: "inline",
    write: false,
    logLevel: "warning",
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  mkdirSync(folder, { recursive: true });
  for (const { path: file, contents } of outputFiles) if (!existsSync(file)) replace(file, contents);
  const own = (file) => file.startsWith(`${name}-`);
  const files = outputFiles.map((output) => path.basename(output.path)).sort((a, b) => own(b) - own(a));
  replace(kept, JSON.stringify({ marks, files }));
  if (name === "start") removeOldBundles(folder, Date.now());
  return files[0];
}

// Whole or not at all, whoever else writes it too.
function replace(file, contents) {
  writeFileSync(`${file}.${process.pid}`, contents);
  renameSync(`${file}.${process.pid}`, file);
}
