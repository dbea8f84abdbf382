import { mkdir, mkdtemp } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { rootFolder } from "../env";

/** For tests: makes a program of one source file and all that it imports of ours. @returns its path, for `node` */
export async function makeProgram(entry: string): Promise<string> {
  const root = rootFolder();
  const made = path.join(root, ".build");
  await mkdir(made, { recursive: true });
  // In the project, so that its packages are found.
  const file = path.join(await mkdtemp(path.join(made, "program-")), "program.mjs");
  await build({
    ...{ absWorkingDir: root, entryPoints: [entry], outfile: file, bundle: true },
    ...{ platform: "node", target: "node20", format: "esm", packages: "external", logLevel: "silent" },
    banner: { js: 'import { createRequire as c } from "node:module"; const require = c(import.meta.url);' },
  });
  return file;
}
