import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";

/**
 * What tells in some 30 ms whether any file under `names` was written since: a hash of each file's path, size and time
 * of change, which nothing but the system's clock can set. No two contents are compared: another mark says "look", not
 * "changed". Names that are not there count as such.
 */
export function marksOf(root, names) {
  const hash = createHash("sha256").update(process.version);
  for (const name of names) add(hash, root, name);
  return hash.digest("hex");
}

function add(hash, root, name) {
  const full = path.join(root, name);
  const found = statSync(full, { bigint: true, throwIfNoEntry: false });
  if (!found) {
    hash.update(`${name}\0missing\0`);
  } else if (found.isDirectory()) {
    for (const entry of readdirSync(full).sort()) add(hash, root, path.join(name, entry));
  } else {
    hash.update(`${name}\0${found.size}\0${found.ctimeNs}\0`);
  }
}
