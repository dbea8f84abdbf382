import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { AppError } from "../errors";
import { marksOf } from "./file-marks.mjs";

const sources = [
  "app",
  "components",
  "lib",
  "public",
  "prisma/schema",
  "next.config.ts",
  "proxy.ts",
  "instrumentation.ts",
  "package-lock.json",
  "tsconfig.json",
];
const stampFile = path.join(".next", "rollcall-stamp");
// Of the sources when the stamp was last compared: while these are the same, nobody needs to read them all.
const marksFile = path.join(".next", "rollcall-marks");

/** What the build would be made of, as one hash. */
export async function sourceStamp(root: string): Promise<string> {
  const hash = createHash("sha256").update(process.version);
  for (const source of sources) await addTo(hash, root, source);
  return hash.digest("hex");
}

/** Is what lies in .next a whole build of the sources as they are now? */
export async function isBuildCurrent(root: string): Promise<boolean> {
  const kept = (file: string) => readFile(path.join(root, file), "utf8").catch(() => null);
  const [stamp, id, marks] = await Promise.all([
    kept(stampFile),
    kept(path.join(".next", "BUILD_ID")),
    kept(marksFile),
  ]);
  if (id === null || stamp === null) return false;
  const seen = marksOf(root, sources);
  if (marks === `${stamp} ${seen}`) return true;
  if (stamp !== (await sourceStamp(root))) return false;
  // A folder that cannot be written to is read whole each time.
  await writeFile(path.join(root, marksFile), `${stamp} ${seen}`).catch(() => undefined);
  return true;
}

/**
 * Builds the pages. The stamp is written last, so that a build that was cut off is not taken for one.
 * @throws AppError `unavailable` with the last lines of what the build said.
 */
export async function buildProduct(root: string, logFile: string): Promise<void> {
  const stamp = await sourceStamp(root);
  const next = path.join(root, "node_modules", "next", "dist", "bin", "next");
  const output = createWriteStream(logFile, { mode: 0o600 });
  const child = spawn(process.execPath, [next, "build"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  await new Promise<void>((resolve) => output.end(resolve));
  if (code !== 0) throw await buildFailed(logFile);
  await writeFile(path.join(root, stampFile), stamp);
}

async function buildFailed(logFile: string): Promise<AppError> {
  const lines = (await readFile(logFile, "utf8")).trim().split("\n");
  return new AppError("unavailable", `the pages could not be built:\n${lines.slice(-12).join("\n")}`, {
    remedy: `Read ${logFile}. After an update of the sources, run npm ci first.`,
  });
}

async function addTo(hash: ReturnType<typeof createHash>, root: string, name: string): Promise<void> {
  const full = path.join(root, name);
  const entries = await readdir(full, { withFileTypes: true }).catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (entries === null) {
    const content = await readFile(full).catch(() => null);
    if (content) hash.update(`${name}\0`).update(content);
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === "generated" || /\.test\.tsx?$/.test(entry.name)) continue;
    await addTo(hash, root, path.join(name, entry.name));
  }
}
