import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";

const keptForMs = 86_400_000;

/**
 * Removes the bundles that no entry names any more, but for those of the last day: a program that runs may still load a
 * part of its own. What cannot be read or removed stays.
 */
export function removeOldBundles(folder, nowMs) {
  const names = readdirSync(folder);
  const named = new Set(names.flatMap((name) => (name.endsWith(".json") ? filesIn(path.join(folder, name)) : [])));
  for (const name of names) {
    if (named.has(name) || !/-[A-Z0-9]{8}\.js$/.test(name)) continue;
    const file = path.join(folder, name);
    const written = statSync(file, { throwIfNoEntry: false });
    if (written && nowMs - written.mtimeMs > keptForMs) rmSync(file, { force: true });
  }
}

function filesIn(listFile) {
  try {
    return JSON.parse(readFileSync(listFile, "utf8")).files;
  } catch {
    return [];
  }
}
