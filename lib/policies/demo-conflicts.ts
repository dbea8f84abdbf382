import { readFile } from "node:fs/promises";
import path from "node:path";
import { db } from "../db/client";
import { rootFolder } from "../env";
import type { PolicySource } from "./read-policy-files";

const key = "policies.demo";
const none = /^conflicts: \[\]$/m;

/** From now on the policies that come with Rollcall are loaded with a separation of duties of the demonstration's. */
export async function wantDemoConflicts(): Promise<void> {
  const value = { conflicts: true };
  await db().setting.upsert({ where: { key }, create: { key, value }, update: { value } });
}

/** The same files, with the demonstration's conflict where that is wanted; an installation's own are left alone. */
export async function withDemoConflicts(source: PolicySource): Promise<PolicySource> {
  if (source.source !== "default" || !(await db().setting.findUnique({ where: { key } }))) return source;
  const conflicts = await readFile(path.join(rootFolder(), "lib", "policies", "demo", "conflicts.yaml"), "utf8");
  const files = source.files.map((file) => ({ ...file, text: file.text.replace(none, () => conflicts.trimEnd()) }));
  return { ...source, files };
}
