// Runs one of the TypeScript entries in bin/ or worker/: bundles it (some 100 ms) and imports the result.
// Packages stay outside the bundle. A bundle is named by its content, so that several processes may do this at once.
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

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
const result = await build({
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
for (const { path: file, contents } of result.outputFiles) {
  if (existsSync(file)) continue;
  writeFileSync(`${file}.${process.pid}`, contents);
  renameSync(`${file}.${process.pid}`, file);
}
const file = result.outputFiles.find((output) => path.basename(output.path).startsWith(`${name}-`)).path;
process.env.ROLLCALL_ROOT ??= root;
process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], file, ...args];
await import(pathToFileURL(file).href);
