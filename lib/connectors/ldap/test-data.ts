import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

// For tests: published directories, which lie beside the repository.

const beside = [4, 5].map((up) => path.resolve(import.meta.dirname, ...Array(up).fill(".."), "shared/data"));

/** A file or folder of the data, or null, said once, where it is not here. */
export function sharedData(name: string): string | null {
  const found = beside.map((folder) => path.join(folder, name)).find(existsSync);
  if (!found) process.stderr.write(`${name}: ../shared/data is not here, what needs it is skipped\n`);
  return found ?? null;
}

/** The published directory of Planet Express as one text for ldapadd, or null where the data is not here. */
export function planetExpress(): string | null {
  const folder = sharedData("ldif/data");
  if (folder === null) return null;
  const names = readdirSync(folder).filter((name) => name.endsWith(".ldif"));
  return names
    .toSorted()
    .map((name) => `${readFileSync(path.join(folder, name), "utf8").trimEnd()}\n\n`)
    .join("");
}
